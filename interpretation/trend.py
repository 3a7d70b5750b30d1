"""How consistently a series moves with time, and how fast: robust to one outlier, uses every draw."""

import math
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

# Up to this many draws every pair gives a slope; beyond it pairs half the series apart do (Theil's
# incomplete method), so that time grows with n and not with its square.
ALL_PAIRS = 40


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
    points = sorted(points)
    n = len(points)
    seen: list[float] = []
    score = 0
    times = Counter(time for time, _ in points)
    waiting: list[float] = []
    for place, (time, value) in enumerate(points):
        # Values of one moment are not compared with each other.
        score += bisect_left(seen, value) - (len(seen) - bisect_right(seen, value))
        waiting.append(value)
        if place + 1 == n or points[place + 1][0] != time:
            for each in waiting:
                insort(seen, each)
            waiting.clear()
    pairs = n * (n - 1) // 2
    scale = (pairs - _tied(times)) * (pairs - _tied(Counter(seen)))
    return score / math.sqrt(scale) if scale > 0 else None


def _tied(counts: Counter) -> int:
    return sum(k * (k - 1) // 2 for k in counts.values() if k > 1)


def theil_sen(points: Sequence[tuple[float, float]]) -> float | None:
    """Median slope between pairs of points (time, value), per unit of time; None without two times."""
    points = sorted(points)
    if len(points) <= ALL_PAIRS:
        pairs = combinations(points, 2)
    else:
        half = (len(points) + 1) // 2
        pairs = zip(points, points[half:], strict=False)
    slopes = [(v2 - v1) / (t2 - t1) for (t1, v1), (t2, v2) in pairs if t2 > t1]
    return median(slopes) if slopes else None
