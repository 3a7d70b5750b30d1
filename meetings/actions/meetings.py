"""Meetings are planned, changed, called off, planned again, and begin."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Clinic, User
from accounts.permissions import Can, may
from interpretation.words import day
from meetings.attendance import usual_specialities
from meetings.models import Attendance, Meeting
from patients.actions.errors import Refused, Stale
from patients.actions.writing import change, withdraw

from .turns import holding, writing

FIELDS = ("title", "starts_at", "place", "chair", "guests", "every_weeks")


def plan_meeting(
    *,
    clinic: Clinic,
    by: User,
    title: str,
    starts_at: datetime,
    chair: User,
    attendees: Iterable[User] = (),
    place: str = "",
    guests: str = "",
    every_weeks: int | None = None,
    previous: Meeting | None = None,
) -> Meeting:
    """The chair attends without being named twice. The same meeting sent twice is planned once."""
    _check_chair(chair, clinic)
    fields = {
        "title": " ".join(title.split()),
        "starts_at": starts_at,
        "chair": chair,
        "place": place,
        "guests": guests,
        "every_weeks": every_weeks,
    }
    with writing(by=by):
        # Two clicks on one button: the second waits here and finds what the first has planned.
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        twin = Meeting.objects.current().filter(clinic=clinic, title=fields["title"], starts_at=starts_at)
        if found := twin.first():
            return found
        meeting = Meeting.objects.create(clinic=clinic, entered_by=by, previous=previous, **fields)
        _attend(meeting, {chair, *attendees})
        return meeting


def change_meeting(*, meeting: Meeting, by: User, version: int, attendees: Iterable[User], **fields) -> None:
    """Raises Stale when somebody else changed the plan after the editor opened it."""
    _check_chair(fields.get("chair", meeting.chair), meeting.clinic)
    with holding(by=by, meeting=meeting) as now:
        there = set(now.attendees.all())
        wanted = {fields.get("chair", now.chair), *attendees}
        if there != wanted and now.version != version:
            raise Stale()
        changed = change(now, version=version, fields=fields)
        if there != wanted:
            now.attendances.filter(user__in=there - wanted).delete()
            _attend(now, wanted - there)
            if not changed:
                now.version += 1
                now.save(update_fields=["version"])


def call_off(*, meeting: Meeting, by: User, reason: str) -> None:
    with holding(by=by, meeting=meeting) as now:
        if now.state != Meeting.State.PLANNED:
            raise Refused("This meeting has begun: it can be closed, not called off.")
        withdraw(now, by=by, reason=reason)


def plan_next(*, meeting: Meeting, by: User) -> Meeting:
    """The next one like this: same day of the week and hour on the clinic's clock. Planned once."""
    found = Meeting.objects.filter(previous=meeting).first()
    if found is not None and found.withdrawn_at is None:
        return found
    if not meeting.every_weeks:
        raise Refused("This meeting does not come back: set every how many weeks first.")
    return plan_meeting(
        clinic=meeting.clinic,
        by=by,
        title=meeting.title,
        starts_at=next_time(meeting),
        chair=meeting.chair,
        attendees=meeting.attendees.filter(memberships__in=meeting.clinic.memberships.current()),
        place=meeting.place,
        guests=meeting.guests,
        every_weeks=meeting.every_weeks,
        # One that was called off keeps its place in the row; the one after it stands alone.
        previous=None if found else meeting,
    )


def next_time(meeting: Meeting) -> datetime:
    """So many weeks later at the same hour of the clinic's clock, whether or not it was put forward."""
    local = meeting.starts_at.astimezone(meeting.clinic.zone).replace(tzinfo=None)
    return (local + timedelta(weeks=meeting.every_weeks)).replace(tzinfo=meeting.clinic.zone)


def start(*, meeting: Meeting, by: User, now: datetime | None = None, early: bool = False) -> None:
    """Started twice, it stays started; the first patient comes on the screen.

    Before its day only on purpose (`early`): else it is refused.
    """
    with holding(by=by, meeting=meeting) as held:
        if held.state == Meeting.State.IN_PROGRESS:
            return
        now = now or timezone.now()
        if not early and is_early(held, now):
            raise Refused(
                f"This meeting is planned for {planned_for(held)}, which is still to come.", "early"
            )
        held.state, held.started_at = Meeting.State.IN_PROGRESS, now
        first = held.items.filter(state="taken").first()
        if first is not None:
            held.showing, held.showing_since, held.step = first, now, held.step + 1
            first.shown_at = now
            first.save(update_fields=["shown_at"])
        held.save(update_fields=["state", "started_at", "showing", "showing_since", "step"])


def is_early(meeting: Meeting, now: datetime) -> bool:
    """Its day on the clinic's calendar has not come."""
    zone = meeting.clinic.zone
    return now.astimezone(zone).date() < meeting.starts_at.astimezone(zone).date()


def planned_for(meeting: Meeting) -> str:
    return day(meeting.starts_at.astimezone(meeting.clinic.zone))


def _check_chair(chair: User, clinic: Clinic) -> None:
    if not may(chair, Can.DECIDE, clinic):
        raise Refused("The chair must be a clinician of this clinic.", "chair")


def _attend(meeting: Meeting, people: set[User]) -> None:
    """Expected, for the speciality for which each sat there last."""
    usual = usual_specialities(meeting.clinic, people)
    Attendance.objects.bulk_create(
        Attendance(meeting=meeting, user=user, speciality=usual.get(user.pk, "")) for user in people
    )
