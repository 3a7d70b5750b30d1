"""What every action on a meeting shares: who writes, the lock, refusals."""

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory

from accounts.models import User
from meetings.models import Meeting
from patients.actions.errors import Refused, refusing

CLOSED = "This meeting is closed: what was decided stays as it is. Write an addendum instead."
CALLED_OFF = "This meeting was called off."
NOT_BEGUN = "This meeting has not begun yet: start it first."


@contextmanager
def holding(*, by: User, meeting: Meeting) -> Iterator[Meeting]:
    """One transaction in `by`'s name on an open meeting. Two people who write to one meeting take turns.

    Gives the meeting as it is now. Every write to a meeting or its items locks the meeting first.
    """
    with pghistory.context(user=by.pk), refusing():
        locked = Meeting.objects.select_for_update(no_key=True, of=("self",)).select_related("clinic")
        now = locked.get(pk=meeting.pk)
        if now.state == Meeting.State.CLOSED:
            raise Refused(CLOSED)
        if now.withdrawn_at:
            raise Refused(f"{CALLED_OFF} {now.withdrawn_reason}")
        yield now


@contextmanager
def writing(*, by: User) -> Iterator[None]:
    """One transaction in `by`'s name, for what belongs to no open meeting."""
    with pghistory.context(user=by.pk), refusing():
        yield
