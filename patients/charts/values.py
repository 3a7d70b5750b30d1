"""Numbers and times as the figures hold them."""

import math
from collections.abc import Callable, Iterable
from datetime import datetime

from .data import Point


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


def reader(scale: str) -> Callable[[Point], float | None]:
    return y_limit if scale == "limit" else y_units


def log_safe(value: float | None) -> float | None:
    """Zero has no place on a logarithmic axis: the table has it."""
    return value if value is not None and value > 0 else None


def values(points: Iterable[Point], read, log: bool = False) -> list[float]:
    found = (log_safe(read(p)) if log else read(p) for p in points)
    return [value for value in found if value is not None]


def plain(text: str) -> str:
    """What a person typed, for Plotly, which reads a label as HTML and would make its links live."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
