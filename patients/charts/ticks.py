"""Round ticks where a figure leaves them to Plotly: for the drawing on paper."""

import math
from datetime import datetime, timedelta

from interpretation.words import day, day_of_month

from ..words import month

# Steps of a time axis: hours, days, then months.
HOURS = (1, 2, 3, 6, 12)
DAYS = (1, 2, 4, 7, 14)
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
MOST = 7


def time_ticks(first: datetime, last: datetime, most: int = MOST) -> list[tuple[datetime, str]]:
    """At most so many moments with their words: hours of a day, days, months or years."""
    for step in (*(timedelta(hours=n) for n in HOURS), *(timedelta(days=n) for n in DAYS)):
        if (last - first) / step <= most:
            found = _even(first, last, step)
            return [(at, _clock(at) if step < timedelta(days=1) else day(at)) for at in found]
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((n for n in MONTHS if months / n <= most), MONTHS[-1])
    return [(at, month(at) if step < 12 else f"{at:%Y}") for at in _months(first, last, step)]


def _clock(at: datetime) -> str:
    return f"{at:%H:%M}" if at.hour or at.minute else day_of_month(at)


def _even(first: datetime, last: datetime, step: timedelta) -> list[datetime]:
    at, found = datetime(first.year, first.month, first.day), []
    while at <= last:
        if at >= first:
            found.append(at)
        at += step
    return found


def _months(first: datetime, last: datetime, step: int) -> list[datetime]:
    """The first days of months whose number since the year 0 the step divides: round whatever the start."""
    number = first.year * 12 + first.month - 1
    number += -number % step
    found = []
    while (at := datetime(number // 12, number % 12 + 1, 1)) <= last:
        if at >= first:
            found.append(at)
        number += step
    return found


def even_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Steps of 1, 2 or 5 times a power of ten, at most so many."""
    if high <= low:
        return []
    rough = (high - low) / max(most, 1)
    scale = 10 ** math.floor(math.log10(rough))
    step = next(n * scale for n in (1, 2, 5, 10) if n * scale >= rough * (1 - 1e-9))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    count = math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) + 1
    start = math.ceil(low / step - 1e-9)
    return [((start + i) * step, f"{(start + i) * step:.{decimals}f}") for i in range(count)]
