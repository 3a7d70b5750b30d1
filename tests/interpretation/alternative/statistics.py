"""Medians, slopes and rank correlation, counted pair by pair."""

from collections.abc import Sequence
from datetime import datetime

from tests.interpretation.alternative.limits import EPS

Point = tuple[datetime, float]


def days(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() / 86400


def median(numbers: Sequence[float]) -> float:
    """Of an even number, the mean of the middle two."""
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def tau_b(points: Sequence[Point]) -> float | None:
    """Kendall's tau-b of value and time; None where one of them never changes."""
    score = times = values = 0
    for k, (at, value) in enumerate(points):
        for earlier_at, earlier in points[:k]:
            x, y = _sign(days(at, earlier_at)), _sign(value - earlier)
            score, times, values = score + x * y, times + (x != 0), values + (y != 0)
    return score / (times * values) ** 0.5 if times and values else None


def theil_sen_ends(points: Sequence[Point]) -> tuple[float, float] | None:
    """4.4 b: the line of median slope and median intercept, at the first and the last draw."""
    start = points[0][0]
    line = [(days(at, start), value) for at, value in points]
    slopes = [(y - b) / (x - a) for k, (x, y) in enumerate(line) for a, b in line[:k] if abs(x - a) > EPS]
    if not slopes:
        return None
    slope = median(slopes)
    intercept = median([y - slope * x for x, y in line])
    return intercept, intercept + slope * line[-1][0]


def _sign(x: float) -> int:
    return 0 if abs(x) <= EPS else (1 if x > 0 else -1)
