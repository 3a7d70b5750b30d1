"""Numbers and times as the figures hold them."""

import math
from collections.abc import Callable, Iterable
from datetime import datetime

from interpretation.words import enzyme, sign
from interpretation.words import number as written

from .data import ChartData, Point

Reader = Callable[[Point], float | None]
# What stands behind a value on each scale, and what names the scale.
TIMES = {"limit": " ×", "baseline": " × baseline", "units": ""}
TITLES = {"limit": "× upper limit, log scale", "baseline": "× baseline, log scale", "units": "U/L, log scale"}


def stamp(moment: datetime) -> str:
    """Local wall-clock time, to the minute: Plotly draws times without zone as they are."""
    return moment.strftime("%Y-%m-%dT%H:%M")


def number(value: float | None) -> float | None:
    """Four figures are more than a pixel; they keep the page small. None where nothing can be drawn."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.4g}")


def y_limit(point: Point) -> float | None:
    return point.multiple


def y_units(point: Point) -> float | None:
    return point.value


def reader(scale: str, data: ChartData | None = None, key: str = "") -> Reader:
    """The value of a point on a scale; multiples of the baseline need the series whose baseline it is."""
    if scale == "limit":
        return y_limit
    if scale != "baseline" or data is None:
        return y_units
    base = baseline_value(data, key)
    return lambda point: point.value / base if base else None


def baseline_value(data: ChartData, key: str) -> float | None:
    """The value at the baseline draw, else the first that is shown; none where that is a bound or zero."""
    points = data.points(key)
    first = next((p for p in points if data.window and p.at >= data.window[0]), None) or next(
        iter(points), None
    )
    return first.value if first and first.value > 0 and not first.comparator else None


def shown(point: Point, read: Reader, scale: str) -> str:
    """ "82", "<5", "2.1 ×": a value as it stands beside its mark, with its bound."""
    if scale == "units" or (value := read(point)) is None:
        return point.text
    return f"{sign(point.comparator)}{written(value, 1 if value >= 1 else 2)}{TIMES['limit']}"


def told(value: float, key: str, scale: str) -> str:
    """The ends of a corridor."""
    if key == "INR":
        return written(value, 1)
    return enzyme(value) if scale == "units" else written(value, 1 if value >= 1 else 2)


def log_safe(value: float | None) -> float | None:
    """Zero has no place on a logarithmic axis: the table has it."""
    return value if value is not None and value > 0 else None


def values(points: Iterable[Point], read, log: bool = False) -> list[float]:
    found = (log_safe(read(p)) if log else read(p) for p in points)
    return [value for value in found if value is not None]


def plain(text: str) -> str:
    """What a person typed, for Plotly, which reads a label as HTML and would make its links live."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
