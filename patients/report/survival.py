"""Kaplan-Meier curves as SVG: a stepped line a group, its interval as a band behind it."""

from collections.abc import Iterator, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 628, 12, 262
YEAR = 365
Step = Sequence[float]


def curves(groups: Sequence[tuple[str, Sequence[Step]]], years: int) -> SafeString:
    """Each group as (class, steps); a step is (day, share, lower, upper), the first at day 0."""
    parts = [
        *_axes(years),
        *(_band(*group, years) for group in groups),
        *(_line(*group, years) for group in groups),
    ]
    return mark_safe("".join(parts))


def _axes(years: int) -> Iterator[str]:
    for percent in range(0, 101, 25):
        y = _y(percent / 100)
        yield format_html('<path class="grid" d="M{} {}H{}"/>', LEFT, y, RIGHT)
        yield format_html('<text x="{}" y="{}" text-anchor="end">{}%</text>', LEFT - 6, y + 4, percent)
    for year in range(years + 1):
        words = "Landmark" if year == 0 else f"{year} y"
        anchor = "start" if year == 0 else "middle"
        x = LEFT if year == 0 else _x(year * YEAR, years)
        yield format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', x, BOTTOM + 20, anchor, words)


def _line(name: str, steps: Sequence[Step], years: int) -> str:
    return format_html('<path class="{}" d="{}"/>', name, _stairs([step[:2] for step in steps], years))


def _band(name: str, steps: Sequence[Step], years: int) -> str:
    upper = _stairs([(step[0], step[3]) for step in steps], years)
    lower = _corners([(step[0], step[2]) for step in steps], years)
    back = "".join(f"L{x} {y}" for x, y in reversed(lower))
    return format_html('<path class="band {}" d="{}{}Z"/>', name, upper, back)


def _stairs(steps: Sequence[Step], years: int) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in _corners(steps, years))


def _corners(steps: Sequence[Step], years: int) -> list[tuple[float, float]]:
    """Level until the next step, the last to the end of the axis."""
    ends = [*(step[0] for step in steps[1:]), years * YEAR]
    level = [((day, share), (end, share)) for (day, share), end in zip(steps, ends, strict=True)]
    return [(_x(day, years), _y(share)) for pair in level for day, share in pair]


def _x(day: float, years: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * day / (years * YEAR), 1)


def _y(share: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)
