"""Dates and times as laboratories write them. Their order is decided by the whole file, never guessed."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from .records import FileRefused

ISO, DAY_FIRST, MONTH_FIRST = "year-month-day", "day/month/year", "month/day/year"
EXAMPLE = "2025-02-28"
# As in the forms: a year outside is a slip or stands for "unknown"; the first and last fit no other zone.
YEARS = range(1850, 2200)
# From 1927 to 2100, as a workbook counts days.
SERIALS = (10_000, 73_415)
_DAY_ZERO, _TO_1904 = datetime(1899, 12, 30), 1462
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_CLOCK = (
    r"(?:[T ,]\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_DATE = re.compile(r"(?P<a>\d{1,4})[-/. ](?P<b>\d{1,2}|[A-Za-z]{3,9})[-/. ](?P<c>\d{1,4})" + _CLOCK)
_COMPACT = re.compile(
    r"(?P<a>\d{4})(?P<b>\d\d)(?P<c>\d\d)"
    r"(?:[T ]?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?P<half>)(?P<zone>Z|[+-]\d{4})?)?"
)


class UnclearDate(ValueError):
    """A date that cannot be read for a reason of its own; the message is for the person."""


def order_of(cells: Iterable[tuple[int, str]]) -> str:
    """The order in which the file writes its dates. `cells`: row number and text."""
    seen: dict[str, tuple[int, str]] = {}
    ambiguous, others = None, False
    for row, text in cells:
        pair = _pair(text)
        if pair is None:
            others = others or bool(_match(text))
        elif (order := _order(*pair)) in (DAY_FIRST, MONTH_FIRST):
            seen.setdefault(order, (row, text))
        elif order == "either":
            ambiguous = ambiguous or (row, text)
    if len(seen) == 2:
        (first, one), (second, other) = seen[DAY_FIRST], seen[MONTH_FIRST]
        raise FileRefused(
            f"Dates are written in two orders: row {first} has {one}, row {second} has {other}. "
            f"Write all dates as {EXAMPLE}."
        )
    if ambiguous and not seen and not others:
        raise FileRefused(_two_ways(ambiguous[1]))
    return next(iter(seen), ISO)


def read_date(text: str, order: str) -> date:
    return read_time(text, order).date()


@lru_cache(maxsize=4096)
def read_time(text: str, order: str) -> datetime:
    """A date alone is its midnight. ValueError carries a sentence for the person."""
    found = _match(text)
    if not found:
        raise ValueError(_not_a_date(text))
    a, b, c = found["a"], found["b"], found["c"]
    try:
        year, month, day = _ordered(text, a, b, c, order)
        if year not in YEARS:
            raise UnclearDate(f"Check the year {year}: it must lie from {YEARS[0]} to {YEARS[-1]}.")
        return _with_clock(datetime(year, month, day), found)
    except UnclearDate:
        raise
    except ValueError:
        raise ValueError(_not_a_date(text)) from None


@lru_cache(maxsize=4096)
def has_clock(text: str) -> bool:
    found = _match(text)
    return bool(found and found["hour"])


def is_time(text: str) -> bool:
    return bool(_match(text))


def serial(number: str, epoch: int) -> str:
    """A day that a workbook keeps as a number, as text; the number itself where it can be no such day.

    `epoch`: the year from which the workbook counts its days, 0 where that is not known. Small numbers are
    more likely a year or an age than a day before 1927.
    """
    days = float(number)
    if not epoch or not (days < 1 or SERIALS[0] <= days < SERIALS[1]) or days < 0:
        return number
    if days < 1:
        return f"{_DAY_ZERO + timedelta(seconds=round(days * 86400)):%H:%M:%S}"
    moment = _DAY_ZERO + timedelta(days=_TO_1904 if epoch == 1904 else 0, seconds=round(days * 86400))
    return f"{moment:%Y-%m-%d %H:%M:%S}".removesuffix(" 00:00:00")


def _match(text: str):
    return _DATE.fullmatch(text) or _COMPACT.fullmatch(text)


def _pair(text: str) -> tuple[int, int] | None:
    """The first two numbers of a date whose year stands last."""
    found = _DATE.fullmatch(text)
    if not found or len(found["a"]) > 2 or len(found["c"]) != 4 or not found["b"].isdigit():
        return None
    return int(found["a"]), int(found["b"])


def _order(first: int, second: int) -> str:
    if first > 12 and second > 12:
        return ""
    if first > 12:
        return DAY_FIRST
    if second > 12:
        return MONTH_FIRST
    return "" if first == second else "either"


def _ordered(text: str, a: str, b: str, c: str, order: str) -> tuple[int, int, int]:
    if len(a) == 4:
        return int(a), _month(b), int(c)
    if len(c) != 4:
        raise UnclearDate(f"“{text}” has no four-digit year. Use a date such as {EXAMPLE}.")
    if not b.isdigit():
        return int(c), _month(b), int(a)
    if order == ISO and a.lstrip("0") != b.lstrip("0"):
        if _order(int(a), int(b)) != "":
            raise UnclearDate(_two_ways(text))
        raise ValueError("")
    return (int(c), int(a), int(b)) if order == MONTH_FIRST else (int(c), int(b), int(a))


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    if text[:3].casefold() not in _MONTHS:
        raise ValueError("")
    return _MONTHS[text[:3].casefold()]


def _with_clock(day: datetime, found) -> datetime:
    if not found["hour"]:
        return day
    hour = int(found["hour"])
    if half := (found["half"] or "").casefold()[:1]:
        if not 1 <= hour <= 12:
            raise ValueError("")
        hour = hour % 12 + (12 if half == "p" else 0)
    moment = day.replace(hour=hour, minute=int(found["minute"]), second=int(found["second"] or 0))
    return moment.replace(tzinfo=_zone(found["zone"]))


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _two_ways(text: str) -> str:
    a, b, c = _DATE.fullmatch(text).group("a", "b", "c")
    return f"Dates such as {a}/{b}/{c} can be read two ways. Use {c}-{b:0>2}-{a:0>2}: year, month, day."


def _not_a_date(text: str) -> str:
    day, _, clock = text.partition(" ")
    if clock and _DATE.fullmatch(day):
        return f"“{clock[:40]}” is not a time of day. Write it as 08:30."
    return f"“{text[:40]}” is not a date. Use a date such as {EXAMPLE} or 28/02/2025."
