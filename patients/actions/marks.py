"""Marks on patients whose summary is to be written anew: by large files, and after a change of knowledge.

A mark is written under its patient's lock, as it is taken away: whoever holds the lock waits for no mark.
"""

from collections.abc import Iterable

from django.db import connection

# The highest INR of the file guesses who is most urgent.
MARK = """
INSERT INTO patients_assessmentmark (patient_id, clinic_id, upload_id, changed, inr)
SELECT p.id, p.clinic_id, %(upload)s, true, (
    SELECT max(r.value) FROM patients_draw d JOIN patients_result r ON r.draw_id = d.id
    WHERE d.patient_id = p.id AND r.upload_id = %(upload)s AND r.analyte = 'INR')
FROM patients_patient p WHERE p.id = ANY(%(ids)s)
ON CONFLICT (patient_id) DO UPDATE SET upload_id = excluded.upload_id, changed = true, failed = 0,
    inr = greatest(patients_assessmentmark.inr, excluded.inr)
"""
AGAIN = """
INSERT INTO patients_assessmentmark (patient_id, clinic_id, changed, inr)
SELECT p.id, p.clinic_id, false, a.inr_to
FROM patients_patient p LEFT JOIN patients_assessment a ON a.patient_id = p.id WHERE p.id = ANY(%(ids)s)
ON CONFLICT (patient_id) DO UPDATE SET failed = 0
"""


def mark(ids: Iterable[int], *, upload: int) -> None:
    """Their record has changed by this upload. The caller holds the patients."""
    _write(MARK, {"ids": list(ids), "upload": upload})


def mark_again(ids: Iterable[int]) -> None:
    """Their summary is as old as their record; what it was made with has changed. The caller holds them."""
    _write(AGAIN, {"ids": list(ids)})


def _write(sql: str, values: dict) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
