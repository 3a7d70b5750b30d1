"""Sparklines that can be compared down the page: one scale for all INRs, one for all enzymes.

The box is 88 by 28. True time runs across; what lies above the scale stands at its edge, with a caret.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from interpretation.knowledge import limits

BANDS = limits("dissociation").read_by(__name__, "band_acute_failure")
LEFT, RIGHT = 4.0, 81.0
TOP, BOTTOM = 3.5, 25.5
MIDDLE = (LEFT + RIGHT) / 2


@dataclass(frozen=True)
class SparkScale:
    """From the bottom to the top of the box; `line` is the value that is marked."""

    least: float
    most: float
    line: float
    measure: Callable[[float], float]

    def height(self, value: float) -> float:
        """What lies beyond an end stands at that end."""
        low, high = self.measure(self.least), self.measure(self.most)
        held = min(max(value, self.least), self.most)
        return BOTTOM - (self.measure(held) - low) / (high - low) * (BOTTOM - TOP)


INR = SparkScale(1, 3, BANDS.band_acute_failure, float)
# 40 U/L stands for the usual upper limit; a laboratory's own is on the patient's page.
ENZYME = SparkScale(10, 1000, 40, math.log10)


@dataclass(frozen=True)
class Spark:
    """Places as SVG writes them: the points of the line, the mark of the latest value, the marked line.

    `beyond`: the latest value lies above the scale, and a caret stands for it.
    """

    points: str
    x: str
    y: str
    line: str
    beyond: bool


def spark(points: Sequence[tuple[str, float]], scale: SparkScale) -> Spark | None:
    """Of (time in ISO 8601, value) in time order; None without a value."""
    if not points:
        return None
    places = [(f"{x:.1f}", f"{scale.height(value):.1f}") for x, (_, value) in _across(points)]
    x, y = places[-1]
    return Spark(
        points=" ".join(f"{x},{y}" for x, y in places),
        x=x,
        y=y,
        line=f"{scale.height(scale.line):.1f}",
        beyond=points[-1][1] > scale.most,
    )


def _across(points: Sequence[tuple[str, float]]) -> list[tuple[float, tuple[str, float]]]:
    times = [datetime.fromisoformat(at).timestamp() for at, _ in points]
    first, length = times[0], times[-1] - times[0]
    if length <= 0:
        return [(MIDDLE, point) for point in points]
    return [
        (LEFT + (RIGHT - LEFT) * (at - first) / length, point)
        for at, point in zip(times, points, strict=True)
    ]
