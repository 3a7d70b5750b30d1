"""The close: what was shown and decided is frozen and the meeting locked; what is said later is added."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from interpretation.words import day
from meetings.attendance import attendance_of
from meetings.freezing import frozen, seen_at
from meetings.models import Action, Addendum, AgendaItem, Discussion, Meeting, Nomination
from patients.actions.errors import Refused

from .agenda import REASON_LENGTH
from .presenting import leave
from .turns import NOT_BEGUN, holding, writing

TEXT_LENGTH = Addendum._meta.get_field("text").max_length


def close_meeting(
    *,
    meeting: Meeting,
    by: User,
    held: tuple[datetime, datetime] | None = None,
    now: datetime | None = None,
    known: bool = True,
) -> None:
    """Freezes each discussion, answers the nominations, carries over whom nobody got to, and locks all.

    `held`: from when until when people sat together; else by the clock of the page. Refused while it is not
    known who was there. Of a patient whose record was withdrawn meanwhile nothing is frozen. See `frozen` for `known`.
    """
    with holding(by=by, meeting=meeting) as locked:
        if locked.state != Meeting.State.IN_PROGRESS:
            raise Refused(NOT_BEGUN)
        now = now or timezone.now()
        _check_attendance(locked)
        locked.held_from, locked.held_until = _held(locked, held, now)
        leave(locked, now)
        items = locked.items.filter(state=AgendaItem.State.TAKEN, patient__withdrawn_at__isnull=True)
        for item in items.select_related("patient__clinic"):
            if is_discussed(item):
                _freeze(item, by, now, known)
            else:
                _carry_over(item, locked, by)
        # Last, because from here on the database refuses every change.
        locked.state, locked.closed_at, locked.closed_by = Meeting.State.CLOSED, now, by
        locked.save(update_fields=["state", "closed_at", "closed_by", "held_from", "held_until"])


def _check_attendance(meeting: Meeting) -> None:
    missing = attendance_of(meeting).missing
    if missing:
        raise Refused(f"{missing} Enter it under Attendance, then close.", "attended")


def _held(meeting: Meeting, said: tuple | None, now: datetime) -> tuple[datetime, datetime]:
    began, ended = said or (meeting.started_at, now)
    if began > ended:
        raise Refused("The end lies before the start: correct one of them.", "held_until")
    if ended > now:
        raise Refused("The end lies ahead: enter when the meeting ended.", "held_until")
    return began, ended


def likely_end(meeting: Meeting, now: datetime) -> datetime:
    """Now; of a meeting that was left open overnight, when somebody last showed or wrote something."""
    zone = meeting.clinic.zone
    if now.astimezone(zone).date() == meeting.started_at.astimezone(zone).date():
        return now
    seen = [at for item in meeting.items.all() if (at := seen_at(item))]
    return max([meeting.started_at, *seen])


def is_discussed(item: AgendaItem) -> bool:
    """Something came of it: a decision, a note, an action or a verdict given there."""
    return item.is_decided or item.written_at is not None or item.actions.exists()


def is_doubtful(item: AgendaItem) -> bool:
    """ "No change" beside a new referral: one of the two is not what was meant."""
    if item.decision != AgendaItem.Decision.NO_CHANGE:
        return False
    new = item.actions.filter(kind=Action.Kind.TRANSPLANT)
    return new.exclude(ended_as=Action.End.DROPPED).exists()


def _freeze(item: AgendaItem, by: User, now: datetime, known: bool) -> Discussion:
    discussion = frozen(item, now, known=known)
    discussion.by = by
    discussion.save(force_insert=True)
    standing = item.patient.nominations.filter(ended_at__isnull=True, at__lte=discussion.as_of)
    standing.update(ended_at=now, ended_by=by, item=item)
    return discussion


def _carry_over(item: AgendaItem, meeting: Meeting, by: User) -> None:
    """Whoever asked for this patient still waits; who was proposed by the record alone is asked for now."""
    standing = item.patient.nominations.filter(ended_at__isnull=True)
    if standing.exists():
        return
    on = meeting.starts_at.astimezone(meeting.clinic.zone)
    said = f": {item.question}" if item.question else ""
    reason = f"Not reached on {day(on)}{said}"[:REASON_LENGTH]
    carried = {"carried_from": item} if item.question else {}
    Nomination.objects.create(
        clinic_id=meeting.clinic_id, patient=item.patient, reason=reason, by=by, **carried
    )


def add_addendum(*, meeting: Meeting, by: User, text: str, item: AgendaItem | None = None) -> Addendum:
    """Only to a closed meeting; before that, its notes can be written. The same words twice are one."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused("An addendum needs words.", "text")
    if len(text) > TEXT_LENGTH:
        raise Refused(f"The addendum is longer than {TEXT_LENGTH} characters: shorten it.", "text")
    with writing(by=by):
        held = Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
        if held.state != Meeting.State.CLOSED:
            raise Refused("This meeting is not closed: write it into the note.", "text")
        last = held.addenda.filter(item=item).last()
        if last is not None and (last.by_id, last.text) == (by.pk, text):
            return last
        return Addendum.objects.create(meeting=held, item=item, text=text, by=by)
