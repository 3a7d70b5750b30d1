"""Which days the chart shows: the verdict's window and a little before it, 24 months, or all."""

from dataclasses import replace
from datetime import datetime, timedelta

from ..data import ChartData

RANGES = ("window", "24", "all")
MONTHS_24 = timedelta(days=730)
# Shares of the days shown: room at either side, and how far behind now the last draw may lie.
BEFORE, AFTER, BEHIND = 0.09, 0.02, 0.25
LEAST = timedelta(hours=2)
HALF_WEEK = timedelta(days=3.5)

Span = tuple[datetime, datetime]


def spans(data: ChartData) -> dict[str, Span]:
    """The days of each range there is: none without a draw, no window where nothing is compared, 24 months only
    of a longer record."""
    times = data.times
    if not times:
        return {}
    first, last = times[0], times[-1]
    if first == last:
        return {"all": (first - HALF_WEEK, last + HALF_WEEK)}
    found = {"all": _span(data, first, last)}
    if first < last - MONTHS_24:
        found = {"24": _span(data, last - MONTHS_24, last)} | found
    if data.window:
        found = {"window": _span(data, data.window[0], last)} | found
    return found


def _span(data: ChartData, first: datetime, last: datetime) -> Span:
    """From a little before `first`; to now, unless the last draw lies far behind."""
    end = data.as_of if data.as_of - last <= BEHIND * (last - first) else last
    days = max(end - first, LEAST)
    return first - max(BEFORE * days, LEAST), end + AFTER * days


def usual(data: ChartData) -> str:
    """What the chart opens on."""
    return next(iter(spans(data)), "all")


def within(data: ChartData, chosen: str) -> ChartData:
    """The same data with only the draws of these days; `chosen` that is not there is the usual one."""
    found = spans(data)
    if not found:
        return data
    first, last = span = found.get(chosen) or next(iter(found.values()))
    series = {
        key: tuple(point for point in points if first <= point.at <= last)
        for key, points in data.series.items()
    }
    return replace(data, series=series, span=span)


def outside(data: ChartData, span: Span) -> bool:
    """Whether a draw lies before or after these days."""
    return any(not span[0] <= at <= span[1] for at in data.times)


def short(time: timedelta) -> str:
    """ "10 d", "18 mo", "9 y": a length for a button."""
    days = max(round(time / timedelta(days=1)), 1)
    if days < 60:
        return f"{days} d"
    return f"{round(days / 30.44)} mo" if days < 900 else f"{round(days / 365.25)} y"
