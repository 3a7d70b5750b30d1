"""The patient on the screen: one position a meeting, so that every screen shows the same."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from meetings.models import AgendaItem, Meeting
from patients.actions.errors import Refused

from .turns import NOT_BEGUN, holding


def show(*, item: AgendaItem, by: User, now: datetime | None = None) -> None:
    """Brings an item on the screen. The seconds of the one that leaves it are counted; twice is once."""
    with holding(by=by, meeting=item.meeting) as meeting:
        if meeting.state != Meeting.State.IN_PROGRESS:
            raise Refused(NOT_BEGUN)
        if meeting.showing_id == item.pk:
            return
        item.refresh_from_db()
        if item.state != AgendaItem.State.TAKEN:
            raise Refused("This patient was dropped from the agenda in the meantime.")
        now = now or timezone.now()
        leave(meeting, now)
        item.shown_at = now
        item.save(update_fields=["shown_at"])
        meeting.showing, meeting.showing_since, meeting.step = item, now, meeting.step + 1
        meeting.save(update_fields=["showing", "showing_since", "step"])


def leave(meeting: Meeting, now: datetime) -> None:
    """Counts the time of the item on the screen of a meeting that the caller holds."""
    if meeting.showing_id is None:
        return
    item = AgendaItem.objects.get(pk=meeting.showing_id)
    item.seconds += max(0, round((now - meeting.showing_since).total_seconds()))
    item.shown_at = now
    item.save(update_fields=["seconds", "shown_at"])
