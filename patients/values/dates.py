"""Days and times as people write them: year first, or day first. What can be read two ways is not guessed."""

import re
from datetime import datetime

from interpretation.record.date_alone import DateAlone
from interpretation.words import MONTHS, day

EXAMPLE = "23 Nov 2026 08:30"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_CLOCK = (
    r"(?:(?:T|,?\s+(?:at\s+)?)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::\d\d(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?(?:\s*Uhr)?)?"
)
_YEAR_FIRST = r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
_POINTS = r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})"
_NAMED = r"(?P<day>\d{1,2})\.?[\s-](?P<name>[^\W\d_]{3,9})\.?[\s-](?P<year>\d{4})"
_SLASHES = r"(?P<first>\d{1,2})[/-](?P<second>\d{1,2})[/-](?P<year>\d{4})"
_SHAPES = [
    re.compile(_WEEKDAY + shape + _CLOCK, re.IGNORECASE) for shape in (_YEAR_FIRST, _POINTS, _NAMED, _SLASHES)
]
# The first three letters, English and German.
_NUMBERS = {name[:3].casefold(): number for number, name in enumerate(MONTHS, 1)} | {
    "mär": 3,
    "mae": 3,
    "mai": 5,
    "okt": 10,
    "dez": 12,
}


class Undated(ValueError):
    """Text that is no date and time; says why, "" where it does not look like one."""


def read_moment(text: str) -> datetime:
    """The day and the time of day of a text, without a zone."""
    moment, has_clock = _read(text)
    if not has_clock:
        raise Undated(f"Enter the time of day too, such as {EXAMPLE}.")
    return moment


def read_day(text: str) -> DateAlone | None:
    """The day of a text without a time of day; None where it has one or is no date at all."""
    try:
        moment, has_clock = _read(text)
    except Undated:
        return None
    return None if has_clock else DateAlone.of(moment)


def is_dated(text: str) -> bool:
    """Whether this is a day, with or without a time of day."""
    try:
        _read(text)
    except Undated:
        return False
    return True


def impossible(text: str) -> str:
    """ "30 February 2026 does not exist.", where the text is written as a date but none; else ""."""
    try:
        _read(text)
    except Undated as error:
        return str(error)
    return ""


def _read(text: str) -> tuple[datetime, bool]:
    text = " ".join(text.split())
    found = next(filter(None, (shape.fullmatch(text) for shape in _SHAPES)), None)
    if not found:
        raise Undated("")
    parts = found.groupdict()
    number, month = _day_and_month(parts)
    moment = _day(int(parts["year"]), month, number)
    return _with_clock(moment, parts), bool(parts["hour"])


def _day_and_month(parts: dict) -> tuple[int, int]:
    if "first" in parts:
        return _of_slashes(int(parts["first"]), int(parts["second"]), int(parts["year"]))
    if "name" not in parts:
        return int(parts["day"]), int(parts["month"])
    month = _NUMBERS.get(parts["name"][:3].casefold())
    if month is None:
        raise Undated(f"“{parts['name']}” is no month.")
    return int(parts["day"]), month


def _of_slashes(first: int, second: int, year: int) -> tuple[int, int]:
    if first > 12 or first == second:
        return first, second
    if second > 12:
        return second, first
    one, other = _day(year, second, first), _day(year, first, second)
    raise Undated(f"{first:02}/{second:02}/{year} can be read two ways. Write {day(one)} or {day(other)}.")


def _day(year: int, month: int, number: int) -> datetime:
    if not 1 <= month <= 12:
        raise Undated(f"There is no month {month}.")
    try:
        return datetime(year, month, number)
    except ValueError:
        raise Undated(f"{number} {MONTHS[month - 1]} {year} does not exist.") from None


def _with_clock(moment: datetime, parts: dict) -> datetime:
    if not parts["hour"]:
        return moment
    hour, half = int(parts["hour"]), (parts["half"] or "").casefold()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return moment.replace(hour=hour, minute=int(parts["minute"]))
    except ValueError:
        raise Undated(f"{parts['hour']}:{parts['minute']} is no time of day.") from None
