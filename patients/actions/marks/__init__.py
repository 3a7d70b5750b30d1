"""Marks on patients whose summary is to be written anew: by large files, and after a change of knowledge.

A mark is written under its patient's lock, as it is taken away: whoever holds the lock waits for no mark.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection

MARK = """
INSERT INTO patients_assessmentmark (patient_id, clinic_id, upload_id, changed, inr)
SELECT p.id, p.clinic_id, %(upload)s, true, brought.inr
FROM unnest(%(ids)s::bigint[], %(inrs)s::float8[]) AS brought (id, inr) JOIN patients_patient p USING (id)
WHERE p.withdrawn_at IS NULL
ON CONFLICT (patient_id) DO UPDATE SET upload_id = excluded.upload_id, changed = true, failed = 0,
    inr = greatest(patients_assessmentmark.inr, excluded.inr)
RETURNING patient_id
"""
AGAIN = """
INSERT INTO patients_assessmentmark (patient_id, clinic_id, changed, inr)
SELECT p.id, p.clinic_id, false, a.inr_to
FROM patients_patient p LEFT JOIN patients_assessment a ON a.patient_id = p.id WHERE p.id = ANY(%(ids)s)
ON CONFLICT (patient_id) DO UPDATE SET failed = 0
"""


@dataclass
class LargeUpload:
    """While it is stored or undone, whose patients are marked; the highest INR that it brought guesses who is
    urgent. `upload`: whose marks these are; None where it is taken back."""

    upload: int | None
    inrs: dict[int, float] = field(default_factory=dict)


_large: ContextVar[LargeUpload | None] = ContextVar("upload whose patients are only marked", default=None)


@contextmanager
def assess_later(*, upload: int | None) -> Iterator[None]:
    """Within the block `assess` only marks who has changed; the caller sees to it that workers hear of it."""
    token = _large.set(LargeUpload(upload))
    try:
        yield
    finally:
        _large.reset(token)


def note_inrs(found: Iterable[tuple[int, float]]) -> None:
    """Patients and INRs that are being stored."""
    if large := _large.get():
        for patient, inr in found:
            large.inrs[patient] = max(inr, large.inrs.get(patient, inr))


def mark(ids: set[int]) -> set[int]:
    """Marks these patients, whose record has changed and whom the caller holds, in a large file. Gives who is to
    be assessed at once: all where there is none, else whoever is withdrawn."""
    large, listed = _large.get(), list(ids)
    if large is None:
        return ids
    inrs = [large.inrs.pop(pk, None) for pk in listed]
    with connection.cursor() as cursor:
        cursor.execute(MARK, {"ids": listed, "inrs": inrs, "upload": large.upload})
        return ids - {pk for (pk,) in cursor.fetchall()}


def mark_again(ids: Iterable[int]) -> None:
    """Their summary is as old as their record; what it was made with has changed. The caller holds them."""
    with connection.cursor() as cursor:
        cursor.execute(AGAIN, {"ids": list(ids)})
