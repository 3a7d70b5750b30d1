"""Round ticks of time and of values, the same in the server's drawing and in Plotly's."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from interpretation.words import day, day_of_month

from ..words import month
from .axes import FINE_TICKS, LOG_TICKS, tick_text, ticks_between

# Steps of a time axis: hours, days, then months.
HOURS = (1, 2, 3, 6, 12)
DAYS = (1, 2, 4, 7, 14)
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
MOST = 7
Words = Callable[[datetime], str]


def time_ticks(first: datetime, last: datetime, most: int = MOST) -> list[tuple[datetime, str]]:
    """At most so many moments with their words: hours of a day, days, months or years.

    The year stands where it begins or changes, else it would fill the axis.
    """
    for step in (*(timedelta(hours=n) for n in HOURS), *(timedelta(days=n) for n in DAYS)):
        if (last - first) / step <= most:
            found = _even(first, last, step)
            if step < timedelta(days=1):
                return [(at, _clock(at)) for at in found]
            return _with_years(found, day_of_month, day)
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((n for n in MONTHS if months / n <= most), MONTHS[-1])
    found = _months(first, last, step)
    if step >= 12:
        return [(at, f"{at:%Y}") for at in found]
    return _with_years(found, lambda at: month(at).split()[0], month)


def _with_years(found: list[datetime], short: Words, long: Words) -> list[tuple[datetime, str]]:
    years = [None, *(at.year for at in found)]
    return [
        (at, short(at) if at.year == before else long(at)) for at, before in zip(found, years, strict=False)
    ]


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


def log_ticks(low: float, high: float, most: int = 8) -> list[tuple[float, str]]:
    """Round levels between two powers of ten; whole decades only where the axis is long."""
    found = ticks_between(LOG_TICKS, low, high)
    if len(found) < 3:
        found = ticks_between(FINE_TICKS, low, high)
    if len(found) > most:
        found = [tick for tick in found if f"{tick:e}".startswith("1.0")]
    return [(tick, tick_text(tick)) for tick in found]
