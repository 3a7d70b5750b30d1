"""What one reading says that is counted, whichever version of the knowledge gave it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interpretation.record.records import Report
from interpretation.rule.grading import PATTERN
from interpretation.urgency import LEVELS

# Each means "this or worse", "this or sooner". The usual interval is no flag.
GRADES = PATTERN[::-1]
URGENCIES = LEVELS[:-1]
FLAGGED = (*GRADES, *URGENCIES)
# Readings without a grade.
UNREAD = ("not_interpretable", "not_assessable")


@dataclass(frozen=True)
class Reading:
    """`open_causes` are keys; `why` what hides the INR, else codes of reasons, where the grade is one of UNREAD."""

    at: datetime
    grade: str
    urgency: str
    open_causes: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


def reading_of(report: Report) -> Reading:
    found = report.dissociation
    return Reading(
        report.as_of,
        found.grade,
        report.urgency.level,
        tuple(cause.key for cause in report.causes if cause.verdict == "pending" and cause.recorded),
        _why(found.grade, [one.code for one in found.reasons], [one.key for one in found.confounded_by]),
    )


def reading_of_json(at: datetime, report: dict[str, Any]) -> Reading:
    """Of a version that runs in a process of its own."""
    found = report["dissociation"]
    causes = [one for one in report["causes"] if one["verdict"] == "pending" and one["recorded"]]
    return Reading(
        at,
        found["grade"],
        report["urgency"]["level"],
        tuple(one["key"] for one in causes),
        _why(
            found["grade"],
            [one["code"] for one in found["reasons"]],
            [one["key"] for one in found["confounded_by"]],
        ),
    )


def _why(grade: str, codes: list[str], kinds: list[str]) -> tuple[str, ...]:
    """What hides an INR says more than that something does."""
    return tuple(dict.fromkeys(kinds or codes)) if grade in UNREAD else ()


def reaches(reading: Reading, level: str) -> bool | None:
    """None where the reading cannot say."""
    if level in URGENCIES:
        return LEVELS.index(reading.urgency) <= LEVELS.index(level)
    if reading.grade in UNREAD:
        return None
    return reading.grade in PATTERN and PATTERN.index(reading.grade) <= PATTERN.index(level)
