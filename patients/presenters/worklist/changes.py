"""From one value to another, with its sparkline."""

from collections.abc import Callable
from dataclasses import dataclass

from interpretation import words
from interpretation.words import number
from patients.models import Assessment
from patients.presenters.worklist.sparks import ENZYME, INR, Spark, SparkScale, spark

BOTH = ("", "")


@dataclass(frozen=True)
class Change:
    """From one value to another: "112", "34", "−70 %". `start` is "" where there is one value alone.

    `difference` "+0.5": of an INR that has changed and whose ends are no bounds.
    """

    start: str
    end: str
    percent: str
    spark: Spark | None
    difference: str = ""


def enzyme_change(found: Assessment) -> Change:
    """Of the two values that were compared."""
    signs = signs_of(found.enzyme_signs)
    ends = words.enzyme(found.enzyme_from, signs[0]), words.enzyme(found.enzyme_to, signs[1])
    percent = words.bounded_percent(found.enzyme_change_pct, signs)
    return Change(*ends, percent, spark(found.enzyme_points, ENZYME))


def inr_change(found: Assessment) -> Change:
    """Of the two values that were compared."""
    signs = signs_of(found.inr_signs)
    ends = words.inr(found.inr_from, signs[0]), words.inr(found.inr_to, signs[1])
    percent = words.bounded_percent(found.inr_change_pct, signs)
    return Change(*ends, percent, spark(found.inr_points, INR), _difference(found, signs))


def enzyme_course(found: Assessment) -> Change | None:
    """What was measured where nothing could be compared."""
    return _course(found.enzyme_points, words.enzyme, found.enzyme_signs, ENZYME)


def inr_course(found: Assessment) -> Change | None:
    """What was measured where nothing could be compared."""
    return _course(found.inr_points, words.inr, found.inr_signs, INR)


def _course(
    points: list, written: Callable[[float, str], str], stored: str, scale: SparkScale
) -> Change | None:
    if not points:
        return None
    signs = signs_of(stored)
    start = written(points[0][1], signs[0]) if len(points) > 1 else ""
    return Change(start, written(points[-1][1], signs[1]), "", spark(points, scale))


def signs_of(stored: str) -> tuple[str, str]:
    """The comparators of the first and the last value, "" where it is a number."""
    first, _, last = stored.partition(",")
    return first, last


def _difference(found: Assessment, signs: tuple[str, str]) -> str:
    if signs != BOTH:
        return ""
    change = round(found.inr_to - found.inr_from, 1)
    return f"+{number(change, 1)}" if change > 0 else number(change, 1) if change else ""
