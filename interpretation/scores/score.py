"""What a score says: its number and grade with all it rests on, or why it cannot be calculated."""

from datetime import datetime
from typing import Any, NamedTuple


class Input(NamedTuple):
    """One value that went into a score. `used` is what the formula read, after unit, floor, cap or rule."""

    name: str
    label: str
    value: float | int | str | bool | None
    unit: str = ""
    comparator: str = ""
    taken_at: datetime | None = None
    draw: str = ""
    used: float | int | str | bool | None = None
    used_unit: str = ""


class Score(NamedTuple):
    """`reason` is "" when there is a value. `raw` is the number before rounding: it decides the grade.

    `alternative` names the score (or test) that needs no INR, where this one is withheld because of it.
    """

    key: str
    name: str
    value: float | int | None = None
    grade: str = ""
    unit: str = ""
    raw: float | None = None
    at: datetime | None = None
    inputs: tuple[Input, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    sources: tuple[str, ...] = ()
    draws: tuple[str, ...] = ()
    alternative: str = ""


def as_json(score: Score) -> dict[str, Any]:
    """`{value, grade, inputs, notes}`, or `{reason}`: times are written by whoever writes the report."""
    if score.reason:
        return {"reason": score.reason}
    return {
        "value": score.value,
        "grade": score.grade,
        "inputs": {given.name: _input(given) for given in score.inputs},
        "notes": list(score.notes),
    }


def _input(given: Input) -> dict[str, Any]:
    return {
        "value": given.value,
        "comparator": given.comparator,
        "unit": given.unit,
        "taken_at": given.taken_at,
        "draw": given.draw,
        "used": given.used,
        "used_unit": given.used_unit,
    }
