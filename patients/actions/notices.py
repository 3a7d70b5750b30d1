"""Notices: raised where a record is assessed, taken and closed by people, void when their question is answered.

A patient's urgency is compared with what the latest notice said, whatever was stored in between
(`patients.follow_up.notices`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

import pghistory
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Clinic, User
from interpretation.record.records import Case
from interpretation.urgency import Urgency
from interpretation.words import inr, moment
from patients.follow_up.notices import (
    LastNotice,
    has_eased,
    is_fresh,
    is_history,
    is_news,
    is_today,
    is_worse,
)
from patients.models import Notice, Patient

from .errors import Refused, refusing

NOTE_LENGTH = Notice._meta.get_field("note").max_length
Kind = Notice.Kind
# The first key of the advisory locks under which an upload's line counts on; the second one is the upload.
HISTORY_LOCK = 0x11FD
# Patients of whom the upload that is being stored brings old results alone that were for "today".
_history: ContextVar[set[int] | None] = ContextVar("patients of whom history comes", default=None)


@dataclass(frozen=True)
class Assessed:
    """A patient as just assessed; `seen_until`: the last draw that the summary before knew of."""

    patient: Patient
    case: Case
    urgency: Urgency
    seen_until: datetime | None = None


# --- raised by the record ---


def note(*, assessed: list[Assessed], gone: Iterable[int], now: datetime) -> None:
    """Raises, repeats or eases the notices of these patients, whom the caller has locked.

    `gone`: patients who were withdrawn; their notices lapse, as do those of who has died.
    """
    died = [one.patient.pk for one in assessed if one.patient.died_on]
    ids = [one.patient.pk for one in assessed]
    latest = Notice.objects.filter(patient_id__in=[*ids, *gone]).order_by("patient", "-raised_at", "-id")
    last = {notice.patient_id: notice for notice in latest.distinct("patient")}
    _lapse([last[pk].pk for pk in (*gone, *died) if pk in last], now)
    new = [_note(one, last.get(one.patient.pk), now) for one in assessed if not one.patient.died_on]
    raised = [notice for notice in new if notice]
    Notice.objects.bulk_create(raised)
    _tell({notice.clinic_id: notice.clinic for notice in raised}.values())


@contextmanager
def noting_history(*, upload) -> Iterator[None]:
    """Within the block, which stores this upload, old results raise one line at its end, not one a patient."""
    with _noting() as found:
        yield
    if found:
        _raise_for_upload(Kind.HISTORY, upload, len(found))


@contextmanager
def noting_more_history(*, upload: int | None) -> Iterator[None]:
    """The same of an upload whose patients are assessed batch by batch, several at once: the line counts on."""
    with _noting() as found:
        yield
    if found and upload:
        with connection.cursor() as cursor:
            # Nobody else holds this lock and waits for one of ours.
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [HISTORY_LOCK, upload])
        stored = (
            Notice._meta.get_field("upload").related_model.objects.select_related("replays").get(pk=upload)
        )
        raised = Notice.objects.open().filter(kind=Kind.HISTORY, upload=stored.replays or stored)
        so_far = raised.values_list("count", flat=True).first() or 0
        _raise_for_upload(Kind.HISTORY, stored, so_far + len(found))


@contextmanager
def _noting() -> Iterator[set[int]]:
    found: set[int] = set()
    token = _history.set(found)
    try:
        yield found
    finally:
        _history.reset(token)


def raise_waiting(*, upload, tests: Iterable[str], count: int) -> None:
    """`count` results of these tests wait in an upload for a person; none: the notice goes."""
    if count:
        _raise_for_upload(Kind.WAITING, upload, count, ", ".join(sorted(tests)))
    else:
        lapse_waiting(uploads=[upload.replays_id or upload.pk])


def lapse_waiting(*, uploads: Iterable[int]) -> None:
    """What waited in these uploads was answered, undone or given up."""
    found = Notice.objects.open().filter(kind=Kind.WAITING, upload_id__in=list(uploads))
    _lapse(found.values_list("pk", flat=True), timezone.now())


# --- by people ---


def take(*, notice: Notice, by: User) -> None:
    """`by` sees to it. The second of two who take it at once is told who has it."""
    with _holding(notice, by) as held:
        if held.taken_by_id == by.pk:
            return
        if held.taken_by:
            raise Refused(f"{held.taken_by} has taken this already, on {_when(held, held.taken_at)}.")
        held.taken_by, held.taken_at = by, timezone.now()
        held.save(update_fields=["taken_by", "taken_at"])


def give_back(*, notice: Notice, by: User) -> None:
    """Nobody has it any more: it counts as untaken again, from when it was raised."""
    with _holding(notice, by) as held:
        if held.taken_by is None:
            return
        held.remark = f"Given back by {by}; {held.taken_by} had taken it on {_when(held, held.taken_at)}."[
            :300
        ]
        held.taken_by = held.taken_at = None
        held.save(update_fields=["taken_by", "taken_at", "remark"])


def close(*, notice: Notice, by: User, note: str) -> None:
    """Says what was done. Who closes an untaken one has taken it; the same again changes nothing."""
    note = " ".join(note.split())
    if not note:
        raise Refused("Say what was done.", "note")
    if len(note) > NOTE_LENGTH:
        raise Refused(f"This is longer than {NOTE_LENGTH} characters: shorten it.", "note")
    with _holding(notice, by, closing=(by.pk, note)) as held:
        if held.done_at:
            return
        now = timezone.now()
        if held.taken_by is None:
            held.taken_by, held.taken_at = by, now
        held.done_by, held.done_at, held.note = by, now, note
        held.save(update_fields=["taken_by", "taken_at", "done_by", "done_at", "note"])


@contextmanager
def _holding(notice: Notice, by: User, closing: tuple = ()) -> Iterator[Notice]:
    """The notice as it is now, locked and open. `closing`: as it was closed by the same form sent twice."""
    with pghistory.context(user=by.pk), refusing():
        held = _locked(notice.pk)
        if held.done_at and (held.done_by_id, held.note) != closing:
            raise Refused(
                f"{held.done_by} has closed this already, on {_when(held, held.done_at)}: {held.note}"
            )
        if held.lapsed_at:
            raise Refused(
                "This notice is void: its question was answered, or its patient is not here any more."
            )
        yield held


def _locked(pk: int) -> Notice:
    """Alone: after a wait for the lock PostgreSQL reads this row anew, and what is joined to it not."""
    return Notice.objects.select_for_update().get(pk=pk)


# --- one patient ---


def _note(one: Assessed, last: Notice | None, now: datetime) -> Notice | None:
    """The notice that arises, not stored; the latest one is changed here."""
    if has_eased(one.urgency) and last and last.eased_at is None:
        Notice.objects.filter(pk=last.pk).update(eased_at=now)
    if not is_fresh(one.case, one.urgency, now):
        _note_history(one)
        return None
    # A void one told nobody: a death that was recorded in error must not silence the patient.
    told = LastNotice(last.inr, last.eased_at is not None) if last and last.lapsed_at is None else None
    if not is_today(one.urgency) or not is_news(one.urgency, told):
        return None
    if last and told and last.done_at is None:
        _repeat(last.pk, one)
        return None
    patient = one.patient
    return Notice(clinic=patient.clinic, patient=patient, kind=Kind.TODAY, raised_at=now, **_found(one))


def _repeat(pk: int, one: Assessed) -> None:
    """Worse while one is open: it says so, and whoever has taken it must take it again."""
    held = _locked(pk)
    if held.taken_by:
        why = "INR then " + inr(held.inr) if is_worse(one.urgency, held.inr) else "better in between"
        held.remark = f"Worse since {held.taken_by} took it on {_when(held, held.taken_at)} ({why})."[:300]
        held.taken_by = held.taken_at = held.mailed_at = None
    held.eased_at = None
    for name, value in _found(one).items():
        setattr(held, name, value)
    held.save()
    _tell([held.clinic])


def _found(one: Assessed) -> dict:
    urgency = one.urgency
    return {
        "level": urgency.level,
        "in_short": urgency.in_short[:200],
        "reason": urgency.reasons[0].text[:300] if urgency.reasons else "",
        "inr": urgency.inr,
        "last_result_at": urgency.last_result_at,
    }


def _note_history(one: Assessed) -> None:
    """Of an upload: it brought the latest result of a patient who was for "today" by it, too old for news."""
    history, last = _history.get(), one.urgency.last_result_at
    if history is None or last is None or not is_history(one.urgency):
        return
    if one.seen_until is None or last > one.seen_until:
        history.add(one.patient.pk)


# --- one upload ---


def _raise_for_upload(kind: str, upload, count: int, tests: str = "") -> None:
    """A file that is read again keeps its line: the first reading stands for all."""
    told = {"count": count, "in_short": tests[:200]}
    root = upload.replays if upload.replays_id else upload
    if Notice.objects.open().filter(kind=kind, upload=root).update(**told):
        return
    fields = {"clinic": root.clinic, "upload": root, "kind": kind, "raised_at": timezone.now()}
    _tell([Notice.objects.create(**fields, **told).clinic])


def _lapse(ids: Iterable[int], now: datetime) -> None:
    if ids := list(ids):
        Notice.objects.open().filter(pk__in=ids).update(lapsed_at=now)


# --- in words and by e-mail ---


def _when(notice: Notice, at: datetime) -> str:
    return moment(at.astimezone(notice.clinic.zone))


def _tell(clinics: Iterable[Clinic]) -> None:
    """In the transaction that raises: there is never one without the other."""
    from patients.tasks import mail_notices

    for clinic in clinics:
        if settings.EMAIL_HOST and clinic.notice_email:
            mail_notices.defer(clinic=clinic.pk)


def mailed(*, clinic: Clinic) -> int:
    """How many untaken notices nobody was told of by e-mail; from now on they count as told."""
    rows = Notice.objects.untaken().filter(clinic=clinic, mailed_at__isnull=True)
    return rows.update(mailed_at=timezone.now())
