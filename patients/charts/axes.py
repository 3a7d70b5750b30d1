"""Axes: the days drawn, logarithmic and linear ranges, round ticks."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from .data import ChartData
from .values import number, stamp, values, y_units

FONT = 12
LOG_TICKS = [m * 10**e for e in range(-3, 6) for m in (1, 2, 5)]
FINE_TICKS = [m * 10**e for e in range(-3, 6) for m in (1, 1.5, 2, 3, 5, 7)]


def time_span(data: ChartData) -> tuple[datetime, datetime]:
    """The days drawn: all draws with a margin; a single draw stands in the middle of a week."""
    if data.span:
        return data.span
    times = [point.at for points in data.series.values() for point in points]
    if not times:
        return data.as_of - timedelta(days=7), data.as_of
    first, last = min(times), max(times)
    margin = max((last - first) * 0.04, timedelta(hours=2)) if last > first else timedelta(days=3)
    return first - margin, last + margin


def hover_format(data: ChartData) -> str:
    """Where a draw has no hour the axis says days, and each value its own hour."""
    return "%-d %b %Y" if data.has_days_alone else "%-d %b %Y, %H:%M"


def time_axis(data: ChartData, anchor: str) -> dict:
    first, last = time_span(data)
    return axis(
        type="date",
        anchor=anchor,
        range=[stamp(first), stamp(last)],
        fixedrange=False,
        hoverformat=hover_format(data),
        showspikes=True,
        spikemode="across",
        spikethickness=1,
        spikecolor="var(--ink-soft)",
        spikedash="solid",
        spikesnap="cursor",
        tickformatstops=[
            {"dtickrange": [None, 43200000], "value": "%H:%M\n%-d %b"},
            {"dtickrange": [43200000, "M1"], "value": "%-d %b\n%Y"},
            {"dtickrange": ["M1", "M12"], "value": "%b\n%Y"},
            {"dtickrange": ["M12", None], "value": "%Y"},
        ],
    )


def axis(title: str = "", **more) -> dict:
    base = {
        "gridcolor": "var(--line)",
        "linecolor": "var(--line)",
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"color": "var(--ink-soft)", "size": FONT},
    }
    if title:
        base["title"] = {"text": title, "font": {"color": "var(--ink-soft)", "size": FONT}, "standoff": 6}
    return {**base, **more}


def log_axis(found: list[float], always: float | None, title: str, **more) -> dict:
    """A logarithmic axis around the values and, if given, one value that is always shown."""
    low, high = log_range([*found, *([always] if always else [])])
    ticks = ticks_between(LOG_TICKS, low, high)
    if len(ticks) < 4:
        ticks = ticks_between(FINE_TICKS, low, high)
    # Whole decades only where the axis is long.
    if len(ticks) > 8:
        ticks = [tick for tick in ticks if f"{tick:e}".startswith("1.0")]
    return axis(
        title,
        type="log",
        range=[number(low), number(high)],
        tickvals=[number(tick) for tick in ticks],
        ticktext=[tick_text(tick) for tick in ticks],
        **more,
    )


def ticks_between(ticks: list[float], low: float, high: float) -> list[float]:
    return [tick for tick in ticks if low <= math.log10(tick) <= high]


def log_range(found: list[float]) -> tuple[float, float]:
    if not found:
        return -0.3, 1.0
    low, high = math.log10(min(found)), math.log10(max(found))
    margin = max(0.08 * (high - low), 0.12)
    return low - margin, high + margin


def tick_text(tick: float) -> str:
    return f"{tick:,.0f}".replace(",", "\u202f") if tick >= 1000 else f"{round(tick, 6):g}"


def linear_range(found: list[float], always: Iterable[float] = ()) -> tuple[float, float]:
    every = [*found, *always]
    if not every:
        return 0.0, 1.0
    low, high = min(every), max(every)
    margin = 0.1 * (high - low) or 0.1 * abs(high) or 1
    return max(low - margin, 0) if low >= 0 else low - margin, high + margin


def inr_range(data: ChartData) -> tuple[float, float]:
    found = values(data.points("INR"), y_units)
    low, high = linear_range(found, (1.0, 1.7))
    return min(low, 0.9) if found and min(found) < 1.0 else 0.9, high
