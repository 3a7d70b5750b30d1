"""How consistently a series moves with time, and how fast: robust to one outlier, uses every draw."""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

# Up to this many draws every pair gives a slope; beyond it pairs half the series apart do (Theil's
# incomplete method), so that time grows with n and not with its square.
ALL_PAIRS = 40
# A line that decides a grade is the median of every pair, up to this many draws.
LINE_PAIRS = 200


@dataclass(frozen=True)
class Trend:
    """Consistency of the paired draws between baseline and latest; slopes per day or per 90 days.

    `enzyme_slope_pct` is the median change in percent per unit of time, `inr_slope` in INR.
    """

    n: int
    tau_enzyme: float | None
    tau_inr: float | None
    enzyme_slope_pct: float | None
    inr_slope: float | None
    per_days: int


def kendall_tau_b(points: Sequence[tuple[float, float]]) -> float | None:
    """Kendall's tau-b of value with time, from points (time, value) in any order; None if one is constant."""
    seen: list[float] = []
    score = 0
    for place, (_, value) in enumerate(sorted(points)):
        lower, not_higher = bisect_left(seen, value), bisect_right(seen, value)
        score += lower - (place - not_higher)
        seen.insert(not_higher, value)
    pairs = len(seen) * (len(seen) - 1) // 2
    tied_times = _tied([time for time, _ in points])
    # Values of one moment are not compared with each other; sorted, each pair that differs counted as a rise.
    score -= tied_times and tied_times - _tied(points)
    scale = (pairs - tied_times) * (pairs - _tied(seen))
    return score / math.sqrt(scale) if scale > 0 else None


def _tied(values: Sequence[object]) -> int:
    """How many pairs of these are equal."""
    if len(set(values)) == len(values):
        return 0
    return sum(k * (k - 1) // 2 for k in Counter(values).values() if k > 1)


def theil_sen_line(points: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The Theil-Sen line at the first and the last point: its intercept is the median of what the slope
    leaves. None without two times. [clinical.md 4.4 b]"""
    slope = theil_sen(points, LINE_PAIRS)
    if slope is None:
        return None
    first, last = points[0][0], points[-1][0]
    start = median([value - slope * (at - first) for at, value in points])
    return start, start + slope * (last - first)


def theil_sen(points: Sequence[tuple[float, float]], all_pairs: int = ALL_PAIRS) -> float | None:
    """Median slope between pairs of points (time, value), per unit of time; None without two times."""
    points = sorted(points)
    slopes = _of_all_pairs(points) if len(points) <= all_pairs else _of_pairs_half_apart(points)
    return median(slopes) if slopes else None


def _of_all_pairs(points: Sequence[tuple[float, float]]) -> list[float]:
    """Two loops in one: twice as fast here as pairs made first."""
    return [
        (v2 - v1) / (t2 - t1)
        for place, (t1, v1) in enumerate(points, 1)
        for t2, v2 in points[place:]
        if t2 > t1
    ]


def _of_pairs_half_apart(points: Sequence[tuple[float, float]]) -> list[float]:
    pairs = zip(points, points[(len(points) + 1) // 2 :], strict=False)
    return [(v2 - v1) / (t2 - t1) for (t1, v1), (t2, v2) in pairs if t2 > t1]
