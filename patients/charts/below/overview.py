"""All draws in one low strip, with the days that the chart shows as a frame: SVG on the chart's margins."""

from collections.abc import Iterator
from datetime import datetime
from math import log10

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from interpretation.words import counted

from ..data import ChartData, Point
from ..labels import ACUTE
from ..reading.medians import monthly
from ..reading.ranges import Span, outside, short, spans
from ..sheet import LEFT, OVERVIEW, PLOT, RIGHT, WIDTH
from ..ticks import time_ticks

# More draws than these are drawn as monthly medians.
MANY = 120
TOP, HEIGHT = 5, 30


def has_overview(data: ChartData) -> bool:
    """Only where draws lie outside what one of the ranges shows."""
    return any(outside(data, span) for span in spans(data).values())


def overview(data: ChartData, words: str) -> SafeString:
    """Enzyme of the verdict and INR, INR 1.5 as a line, a frame for each range; the style shows that chosen."""
    found = spans(data)
    whole = found["all"]
    parts = [
        f'<rect class="ground" x="{LEFT}" y="{TOP}" width="{PLOT}" height="{HEIGHT}"/>',
        *_years(whole),
        *_curve(data, data.enzyme, whole),
        *_curve(data, "INR", whole),
        *_frames(found, whole),
        _text("all", LEFT - 6, TOP + 19, "end"),
        *_beside(data),
    ]
    return mark_safe(
        f'<svg class="overview" role="img" aria-label="{escape(words)}" viewBox="0 0 {WIDTH} {OVERVIEW}" '
        f'font-size="12" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def joined(points: tuple[Point, ...]) -> tuple[Point, ...]:
    return monthly(points) if len(points) > MANY else points


def place(at: datetime, whole: Span) -> float:
    """Pixels from the left of the sheet, within the plot."""
    share = (at - whole[0]) / (whole[1] - whole[0])
    return round(LEFT + min(max(share, 0), 1) * PLOT, 1)


def _years(whole: Span) -> Iterator[str]:
    for at, text in time_ticks(*(moment.replace(tzinfo=None) for moment in whole)):
        x = place(at.replace(tzinfo=whole[0].tzinfo), whole)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{TOP + HEIGHT}"/>'
        yield _text(text, x, OVERVIEW - 3, "middle")


def _curve(data: ChartData, key: str, whole: Span) -> Iterator[str]:
    """Each in the height of the strip, the enzyme as its logarithm; breaks where the chart's line breaks."""
    points = [point for point in joined(data.points(key)) if point.value > 0]
    if not points:
        return
    heights = [point.value if key == "INR" else log10(point.value) for point in points]
    low, high = min(heights), max(heights)
    if key == "INR":
        low, high = min(low, 1.0), max(high, ACUTE[0] + 0.2)
        y = _height(ACUTE[0], low, high)
        yield f'<line class="acute" x1="{LEFT}" x2="{LEFT + PLOT}" y1="{y}" y2="{y}"/>'
    runs: list[list[str]] = [[]]
    for point, height in zip(points, heights, strict=True):
        if point.begins:
            runs.append([])
        runs[-1].append(f"{place(point.at, whole)},{_height(height, low, high)}")
    for run in runs:
        yield f'<polyline class="{key.lower()}" points="{" ".join(run)}"/>'


def _height(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return round(TOP + 3 + (1 - share) * (HEIGHT - 6), 1)


def _frames(found: dict[str, Span], whole: Span) -> Iterator[str]:
    """At least a few pixels wide, so that ten days of nine years are seen."""
    for key, (first, last) in found.items():
        x, end = place(first, whole), place(last, whole)
        width = max(end - x, 5)
        yield (
            f'<rect class="frame" data-range="{key}" x="{min(x, end - width + 5)}" y="{TOP - 1}" '
            f'width="{width:.1f}" height="{HEIGHT + 2}"/>'
        )


def _beside(data: ChartData) -> Iterator[str]:
    """How many draws in how long, and what was done to them."""
    points = max((data.points(key) for key in (data.enzyme, "INR")), key=len)
    x = WIDTH - RIGHT + 8
    length = short(points[-1].at - points[0].at)
    yield _text(f"{counted(len(points), 'draw')}, {length}", x, TOP + 12, "start")
    if len(points) > MANY:
        yield _text("monthly medians", x, TOP + 27, "start")


def _text(text: str, x: float, y: float, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
