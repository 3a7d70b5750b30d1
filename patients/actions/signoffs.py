"""Signing off: the report of this moment, frozen with who, when, why and the knowledge behind it."""

import json

from django.utils import timezone

from accounts.models import User
from interpretation.report import as_json
from patients.models import Patient, SignOff
from patients.review.rules import rules_of
from patients.review.signatures import behind
from patients.review.signing import Present, present_for

from .errors import Refused, Stale
from .writing import writing

NOTE_LENGTH = SignOff._meta.get_field("note").max_length


def sign_off(*, patient: Patient, by: User, note: str, seen: str) -> SignOff:
    """Freezes the report that the person saw; `seen` is the fingerprint of the page they read.

    Raises Stale when the record, the knowledge or the overrule has changed since; the same person, report
    and note again add nothing.
    """
    note = note.strip()
    if len(note) > NOTE_LENGTH:
        raise Refused(f"The note is longer than {NOTE_LENGTH} characters: shorten it.", "note")
    with writing(by=by, patient=patient):
        now = timezone.now()
        present = present_for(patient, now)
        last = patient.sign_offs.first()
        if last and (last.by_id, last.note, last.fingerprint) == (by.pk, note, present.fingerprint):
            return last
        if seen != present.fingerprint:
            raise Stale()
        if present.partial and not note:
            sentence = f"This report is partial ({present.partial}): say in the note what you decided."
            raise Refused(sentence, "note")
        return SignOff.objects.create(
            patient=patient, note=note, by=by, at=now, as_of=now, **_frozen(present)
        )


def _frozen(present: Present) -> dict:
    found = present.report.dissociation
    known = behind(present.report)
    return {
        "report": json.dumps(as_json(present.report), ensure_ascii=False),
        "basis": present.basis,
        "fingerprint": present.fingerprint,
        "knowledge_version": present.report.knowledge_version,
        "grade": found.grade,
        "rules": list(rules_of(found)),
        "entries": known.entries,
        "entries_signed": known.signed,
        "partial": present.partial,
        "overrule": present.overrule if present.overrule_holds else None,
    }
