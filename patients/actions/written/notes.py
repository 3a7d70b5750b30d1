"""Free notes on a patient: written, added to, struck out; nothing is changed or deleted."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from patients.actions.errors import Refused
from patients.actions.writing import writing
from patients.models import Note, Patient

TEXT_LENGTH = Note._meta.get_field("text").max_length
REASON_LENGTH = Note._meta.get_field("struck_reason").max_length
# The same words of the same person so soon again are a form sent twice.
TWICE = timedelta(hours=1)


def write_note(*, patient: Patient, by: User, text: str, addendum_to: Note | None = None) -> Note:
    """Adds a note, or an addendum to one that is not itself an addendum. Lines are kept as typed."""
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not text:
        raise Refused("Write something first.", "text")
    if len(text) > TEXT_LENGTH:
        raise Refused(f"The note is longer than {TEXT_LENGTH} characters: shorten it.", "text")
    with writing(by=by, patient=patient):
        now = timezone.now()
        fields = {"text": text, "addendum_to": addendum_to}
        same = patient.free_notes.filter(by=by, at__gt=now - TWICE, struck_at__isnull=True, **fields).first()
        return same or Note.objects.create(patient=patient, by=by, at=now, **fields)


def strike_note(*, note: Note, by: User, reason: str) -> None:
    """Struck out and still readable. The same again changes nothing."""
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("Say why it is struck out.", "reason")
    if len(reason) > REASON_LENGTH:
        raise Refused(f"This is longer than {REASON_LENGTH} characters: shorten it.", "reason")
    with writing(by=by, patient=note.patient):
        note.refresh_from_db()
        if (note.struck_by_id, note.struck_reason) == (by.pk, reason):
            return
        if note.struck_at:
            raise Refused(f"{note.struck_by} has struck this out already: {note.struck_reason}")
        note.struck_at, note.struck_by, note.struck_reason = timezone.now(), by, reason
        note.save(update_fields=["struck_at", "struck_by", "struck_reason"])
