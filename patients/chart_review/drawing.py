"""ALT, AST and INR over time as plain lines: no windows, no corridor, no grades."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from interpretation.record.records import Case
from interpretation.words import day, number

LEFT, RIGHT = 46, 628
# (top, bottom, analytes, on a logarithmic scale)
PANELS = ((10, 130, ("ALT", "AST"), True), (156, 256, ("INR",), False))
# A long stay has hundreds of draws: their marks are small, so that the lines are seen.
MANY = 60
Point = tuple[datetime, float]


def drawn(case: Case) -> SafeString:
    """Numbers and dates of our own alone: nothing in it was typed by anybody."""
    series = {name: _points(case, name) for _, _, names, _ in PANELS for name in names}
    times = [at for points in series.values() for at, _ in points]
    if not times:
        return mark_safe("")
    span = min(times), max(times)
    parts = [part for panel in PANELS for part in _panel(panel, series, span)]
    return mark_safe("".join([*parts, *_dates(span)]))


def _points(case: Case, name: str) -> list[Point]:
    return [
        (draw.taken_at, found.value)
        for draw in case.draws
        if (found := draw.result(name)) and found.value > 0
    ]


def _panel(panel: tuple, series: dict[str, list[Point]], span: tuple[datetime, datetime]) -> Iterator[str]:
    top, bottom, names, as_log = panel
    values = [value for name in names for _, value in series[name]]
    if not values:
        return
    scale = math.log10 if as_log else float
    low, high = scale(min(values)), scale(max(values))
    for value in sorted({min(values), max(values)}):
        y = _place(scale(value), (low, high), (bottom, top))
        yield format_html('<path class="grid" d="M{} {}H{}"/>', LEFT, y, RIGHT)
        words = number(value, 0 if as_log else 1)
        yield format_html('<text x="{}" y="{}" text-anchor="end">{}</text>', LEFT - 6, y + 4, words)
    for name in names:
        places = [
            (_x(at, span), _place(scale(value), (low, high), (bottom, top))) for at, value in series[name]
        ]
        yield from _line(name, places)


def _line(name: str, places: Sequence[tuple[float, float]]) -> Iterator[str]:
    if not places:
        return
    path = "M" + "L".join(f"{x} {y}" for x, y in places)
    yield format_html('<path class="{}" d="{}"/>', name.lower(), path)
    radius = 3 if len(places) < MANY else 1
    for x, y in places:
        yield format_html('<circle class="{}" cx="{}" cy="{}" r="{}"/>', name.lower(), x, y, radius)


def _dates(span: tuple[datetime, datetime]) -> Iterator[str]:
    yield format_html('<text x="{}" y="280">{}</text>', LEFT, day(span[0]))
    if span[0] < span[1]:
        yield format_html('<text x="{}" y="280" text-anchor="end">{}</text>', RIGHT, day(span[1]))


def _x(at: datetime, span: tuple[datetime, datetime]) -> float:
    seconds = at.timestamp(), span[0].timestamp(), span[1].timestamp()
    return _place(seconds[0], seconds[1:], (LEFT, RIGHT))


def _place(value: float, scale: tuple[float, float], ends: tuple[float, float]) -> float:
    """In the middle where all are the same."""
    share = (value - scale[0]) / (scale[1] - scale[0]) if scale[1] > scale[0] else 0.5
    return round(ends[0] + (ends[1] - ends[0]) * share, 1)
