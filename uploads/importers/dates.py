"""Dates and times as laboratories write them. Their order is decided by the whole file, never guessed."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

from interpretation.record.date_alone import DateAlone
from interpretation.words import NO_HOUR, plural
from interpretation.words import day as day_in_words
from patients.values.dates import month_number, why_impossible

from .records import WRITING, FileRefused, UnknownName, Unmapped

ISO, DAY_FIRST, MONTH_FIRST = "year-month-day", "day/month/year", "month/day/year"
EXAMPLE = "2025-02-28"
# As in the forms: a year outside is a slip or stands for "unknown"; the first and last fit no other zone.
YEARS = range(1850, 2200)
# From 1927 to 2100, as a workbook counts days.
SERIALS = (10_000, 73_415)
_DAY_ZERO, _TO_1904 = datetime(1899, 12, 30), 1462
Cell = tuple[int, str]
_CLOCK = (
    r"(?:[T ,]\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_DATE = re.compile(
    r"(?P<a>\d{1,4})(?:[-/ ]|\. ?)(?P<b>\d{1,2}|[^\W\d_]{3,9})(?:[-/ ]|\. ?)(?P<c>\d{1,4})" + _CLOCK
)
_NO_YEAR = re.compile(r"\d{1,2}(?:[-/ ]|\. ?)(?:\d{1,2}|(?P<name>[^\W\d_]{3,9}))\.?")
_COMPACT = re.compile(
    r"(?P<a>\d{4})(?P<b>\d\d)(?P<c>\d\d)"
    r"(?:[T ]?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?P<half>)(?P<zone>Z|[+-]\d{4})?)?"
)


POINTS = re.compile(r"[0-9]{1,2}\. ?[0-9]{1,2}\. ?[0-9]{4}")
# A day as a spreadsheet counts it, where a text file has kept the number.
_SERIAL = re.compile(r"[0-9]{5}(?:[.,][0-9]+)?")
# So many days that can be read two ways to each one that tells the order are too many to be chance.
_TOO_FEW = 4


class Day(str):
    """The text of a cell that holds a day or time: a spreadsheet has read it."""

    __slots__ = ()


def written(at: datetime) -> str:
    """ "2025-02-28 08:30"; of a date alone no hour."""
    return f"{at:%Y-%m-%d}" if isinstance(at, DateAlone) else f"{at:%Y-%m-%d %H:%M}"


def dates_alone(count: int) -> list[str]:
    """The note of a file in which so many times of collection have no hour."""
    words = plural(count, "time is", "times are")
    return [f"{count:,} collection {words} a date alone: kept as “{NO_HOUR}”."] if count else []


class UnclearDate(ValueError):
    """A date that cannot be read for a reason of its own; the message is for the person."""


class _Seen:
    """What the dates of a file tell about their order."""

    def __init__(self) -> None:
        self.first: dict[str, Cell] = {}
        self.sure: set[tuple] = set()
        self.ambiguous: set[tuple] = set()
        self.two_ways: Cell | None = None
        # Points between the numbers are written by those who write the day first.
        self.points: Cell | None = None
        self.others = False
        self.typed: Cell | None = None
        self.typed_over_12 = False

    def add(self, row: int, text: str) -> None:
        if isinstance(text, Day):
            self.typed = self.typed or (row, text)
            self.typed_over_12 = self.typed_over_12 or int(text[8:10] or 0) > 12
            return
        numbers = _numbers(text)
        if numbers is None:
            self.others = self.others or is_time(text)
        elif (order := _order(*numbers[:2])) in (DAY_FIRST, MONTH_FIRST):
            self.first.setdefault(order, (row, text))
            self.sure.add(numbers)
        elif order == "either" and POINTS.match(text):
            self.points = self.points or (row, text)
        elif order == "either":
            self.two_ways = self.two_ways or (row, text)
            self.ambiguous.add(numbers)

    @property
    def swapped(self) -> bool:
        """Whether a spreadsheet has read days up to 12 as months, and left the others as they were."""
        either = self.two_ways or self.points
        return bool(self.typed and self.first and not self.typed_over_12 and not either)


def order_of(cells: Iterable[Cell], said: str = "") -> str:
    """The order in which the file writes its dates. `cells`: row number and text. `said`: the order of this
    sender, where a person has said so."""
    seen = _Seen()
    for row, text in cells:
        seen.add(row, text)
    if seen.swapped:
        raise FileRefused(_swapped(seen))
    return _said(seen, said) if said else _decided(seen)


def _decided(seen: _Seen) -> str:
    first = dict(seen.first)
    if seen.points:
        first.setdefault(DAY_FIRST, seen.points)
    if len(first) == 2:
        (row, one), (other, two) = first[DAY_FIRST], first[MONTH_FIRST]
        raise _asked(
            f"Dates are written in two orders: row {row} has {one}, row {other} has {two}. "
            f"Write all dates as {EXAMPLE}, or say once how this sender writes them.",
            one,
            len(seen.sure),
        )
    if seen.first and len(seen.ambiguous) > _TOO_FEW * len(seen.sure):
        row, text = next(iter(seen.first.values()))
        raise _asked(
            f"Only row {row} ({text}) tells the order of day and month; all the others, such as row "
            f"{seen.two_ways[0]} ({seen.two_ways[1]}), can be read two ways. Say once how this sender writes "
            f"dates, or write all dates as {EXAMPLE}.",
            seen.two_ways[1],
            len(seen.ambiguous),
        )
    if seen.two_ways and not first and not seen.others:
        text = f"{_two_ways(seen.two_ways[1])} Or say once how this sender writes dates."
        raise _asked(text, seen.two_ways[1], len(seen.ambiguous))
    return next(iter(first), ISO)


def _said(seen: _Seen, said: str) -> str:
    """What a person has said goes before dates that can be read two ways, not against all the others."""
    if seen.first and said not in seen.first and not (seen.ambiguous or seen.points):
        row, text = next(iter(seen.first.values()))
        raise FileRefused(
            f"Dates of this sender are {said}, as was said under Senders, but row {row} has {text}. "
            "Change that under Senders, or upload this file under another sender."
        )
    return said


def _asked(words: str, text: str, count: int) -> Unmapped:
    shown = f"Dates such as {text}"
    return Unmapped(
        words, unknown=(UnknownName(WRITING, "date_order", shown, "dates", count, ((text, ""),)),)
    )


def _swapped(seen: _Seen) -> str:
    (order, (row, text)), (other, day) = next(iter(seen.first.items())), seen.typed
    return (
        f"A spreadsheet has swapped days and months: row {row} still has {text} as a text, but dates whose "
        f"day is 12 or less, such as {day} in row {other}, were read in the other order. Upload the file as "
        "it was before a spreadsheet opened it, or open it there by “Data, From Text/CSV” with the dates "
        f"as {order}."
    )


def read_date(text: str, order: str) -> date:
    return read_time(text, order).date()


@lru_cache(maxsize=4096)
def read_time(text: str, order: str) -> datetime:
    """A date alone is the clinic's day, whatever the sender's zone: a `DateAlone`. ValueError carries a
    sentence for the person."""
    found = _match(text)
    if not found:
        raise ValueError(_not_a_date(text))
    a, b, c = found["a"], found["b"], found["c"]
    try:
        year, month, day = _ordered(text, a, b, c, order)
        if year not in YEARS:
            raise UnclearDate(_wrong_year(year))
        return _with_clock(_day(text, year, month, day), found)
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


def is_serial(text: str) -> bool:
    """Whether this can be a day that a spreadsheet has saved as the number which it is there."""
    return bool(_SERIAL.fullmatch(text)) and SERIALS[0] <= int(text[:5]) < SERIALS[1]


def serial_text(text: str) -> str:
    """As `serial`. Only very old workbooks count from 1904: in a text file, days are counted from 1900."""
    return serial(text.replace(",", "."), 1900) if is_serial(text) else text


def _match(text: str) -> re.Match[str] | None:
    return _DATE.fullmatch(text) or _COMPACT.fullmatch(text)


def _numbers(text: str) -> tuple[int, int, int] | None:
    """The numbers of a date whose year stands last."""
    found = _DATE.fullmatch(text)
    if not found or len(found["a"]) > 2 or len(found["c"]) != 4 or not found["b"].isdigit():
        return None
    return int(found["a"]), int(found["b"]), int(found["c"])


def _order(first: int, second: int) -> str:
    if first > 12 and second > 12:
        return ""
    if first > 12:
        return DAY_FIRST
    if second > 12:
        return MONTH_FIRST
    return "" if first == second else "either"


def _day(text: str, year: int, month: int, day: int) -> datetime:
    if not (why := why_impossible(year, month, day)):
        return DateAlone(year, month, day)
    if _numbers(text) and not why_impossible(year, day, month):
        # As it stands in a file that writes the other order.
        swapped = f"{year}-{day:02}-{month:02}"
        raise UnclearDate(f"{_impossible(text, why)} If day and month are swapped, write {swapped}.")
    raise UnclearDate(f"{_impossible(text, why)} Correct it.")


def _impossible(text: str, why: str) -> str:
    return f"“{text[:40]}” is an impossible date: {why}."


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
    if (number := month_number(text)) is None:
        raise ValueError("")
    return number


def _with_clock(day: datetime, found) -> datetime:
    if not found["hour"]:
        return day
    hour = int(found["hour"])
    if half := (found["half"] or "").casefold()[:1]:
        if not 1 <= hour <= 12:
            raise ValueError("")
        hour = hour % 12 + (12 if half == "p" else 0)
    clock = time(hour, int(found["minute"]), int(found["second"] or 0), tzinfo=_zone(found["zone"]))
    return datetime.combine(day, clock)


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _wrong_year(year: int) -> str:
    return f"Check the year {year}: it must lie from {YEARS[0]} to {YEARS[-1]}."


def _two_ways(text: str) -> str:
    a, b, c = _DATE.fullmatch(text).group("a", "b", "c")
    if int(c) not in YEARS:
        return _wrong_year(int(c))
    one, other = (day_in_words(date(int(c), int(m), int(d))) for m, d in ((b, a), (a, b)))
    return (
        f"Dates such as {a}/{b}/{c} can be read two ways. Use {c}-{b:0>2}-{a:0>2} for {one}, "
        f"{c}-{a:0>2}-{b:0>2} for {other}."
    )


def _not_a_date(text: str) -> str:
    if (found := _NO_YEAR.fullmatch(text)) and (not found["name"] or month_number(found["name"])):
        return f"“{text}” names no year. Use a date such as {EXAMPLE}."
    day, _, clock = text.partition(" ")
    if clock and _DATE.fullmatch(day):
        return f"“{clock[:40]}” is not a time of day. Write it as 08:30."
    return _no_date(text)


def _no_date(text: str) -> str:
    return f"“{text[:40]}” is not a date. Use a date such as {EXAMPLE} or 28/02/2025."
