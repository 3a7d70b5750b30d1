"""The corridor of expected variation around the baseline draw, and the first draw beyond it.

Its width is the one-sided 95 % reference change of the knowledge data, between two laboratories the wider one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from interpretation.rule.variation import RCV, ReferenceChange

from ..data import ChartData, Point


@dataclass(frozen=True)
class Corridor:
    """On the scale of its panel. `median`: around the median, because the enzymes are quiet."""

    start: datetime
    middle: float
    low: float
    high: float
    median: bool = False
    # The first draw after the baseline that lies beyond.
    ring: Point | None = None


def corridor(
    data: ChartData, key: str, read: Callable[[Point], float | None] = lambda point: point.value
) -> Corridor | None:
    """None where nothing is compared, the baseline is a bound, or its variation is not known."""
    change = reference_change(key, data.one_series)
    if data.window is None or change is None:
        return None
    start, latest = data.window
    middle = _middle(data, key, read)
    if middle is None or middle <= 0:
        return None
    low, high = middle * (1 + change.down), middle * (1 + change.up)
    later = (point for point in data.points(key) if start < point.at <= latest)
    ring = next((point for point in later if is_beyond(point, read(point), low, high)), None)
    return Corridor(start, middle, low, high, data.quiet, ring)


def reference_change(key: str, one_series: bool) -> ReferenceChange | None:
    """Between two laboratories the wider one where it is known."""
    return (None if one_series else RCV(key, two_laboratories=True)) or RCV(key)


def is_beyond(point: Point, value: float | None, low: float, high: float) -> bool:
    """A bound is beyond only where every value that it allows is: "<20" below the corridor, never above."""
    if value is None:
        return False
    return (value < low and ">" not in point.comparator) or (value > high and "<" not in point.comparator)


def _middle(data: ChartData, key: str, read) -> float | None:
    """The baseline draw's value; with quiet enzymes the median of what was compared with the latest."""
    start, latest = data.window
    if data.quiet:
        if key == "INR" and data.inr_from is not None:
            return data.inr_from
        earlier = [read(p) for p in data.points(key) if start <= p.at < latest and not p.comparator]
        return median(found) if (found := [value for value in earlier if value is not None]) else None
    baseline = next((point for point in data.points(key) if point.at == start), None)
    return None if baseline is None or baseline.comparator else read(baseline)
