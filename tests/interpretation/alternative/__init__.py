"""A second, slow reading of the clinical rule (clinical.md 4.2 and 4.4 a to f), written from the text alone.

It exists to disagree with the product: nothing here is shared with `interpretation`. It takes a case as the
JSON of `python -m interpretation` and answers with the grade and the urgency. Where the text leaves a
choice, `notes.py` says which reading was taken.
"""

from typing import Any

from tests.interpretation.alternative.grade import grade
from tests.interpretation.alternative.record import read_record
from tests.interpretation.alternative.urgency import urgency
from tests.interpretation.alternative.vitamin_k import trials


def second_reading(case: dict[str, Any]) -> dict[str, Any]:
    """Grade, base grade, urgency and its reasons; `detail` says what they rest on."""
    record = read_record(case)
    graded = grade(record)
    found = urgency(record, graded)
    return {
        "grade": graded.worst.grade,
        "base_grade": graded.worst.base,
        "urgency": found.level,
        "reasons": found.reasons,
        "detail": {
            **graded.worst._asdict(),
            **found.detail,
            "readings": [r._asdict() for r in graded.readings],
            "trials": [(t.kind, t.dose.isoformat(), t.answer.value) for t in trials(record)],
        },
    }
