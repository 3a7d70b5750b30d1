"""Who is on duty for a clinic's notices: added and removed, never changed."""

from datetime import datetime, timedelta

import pghistory
from django.utils import timezone

from accounts.models import Clinic, User
from accounts.permissions import Can, people_who
from patients.models import OnDuty

from .errors import Refused, refusing

# Longer is more likely a slip of the month or the year.
LONGEST = timedelta(days=31)


def add_duty(*, clinic: Clinic, user: User, starts_at: datetime, ends_at: datetime, by: User) -> OnDuty:
    """The same form sent twice adds one."""
    if ends_at <= starts_at:
        raise Refused("The end is not after the beginning.", "ends_at")
    if ends_at <= timezone.now():
        raise Refused("This duty is over already: choose a later end.", "ends_at")
    if ends_at - starts_at > LONGEST:
        raise Refused("A duty is at most 31 days long: choose an earlier end.", "ends_at")
    with pghistory.context(user=by.pk), refusing():
        if not people_who(Can.DECIDE, clinic).filter(pk=user.pk).exists():
            raise Refused(f"{user} cannot take notices in this clinic: choose another person.", "user")
        given = {"clinic": clinic, "user": user, "starts_at": starts_at, "ends_at": ends_at}
        there = OnDuty.objects.standing().filter(**given).first()
        return there or OnDuty.objects.create(by=by, at=timezone.now(), **given)


def remove_duty(*, duty: OnDuty, by: User) -> None:
    """Twice is once."""
    with pghistory.context(user=by.pk), refusing():
        found = OnDuty.objects.select_for_update(of=("self",)).get(pk=duty.pk)
        if found.removed_at is None:
            found.removed_at, found.removed_by = timezone.now(), by
            found.save(update_fields=["removed_at", "removed_by"])
