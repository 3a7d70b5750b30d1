"""Dates, numbers, spans, ages and lists in words: one place for the whole core."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from interpretation.record.date_alone import DateAlone

# In place of the hour of a draw that has none.
NO_HOUR = "time not known"
TOO_LARGE_TO_WRITE_OUT, NEAR_A_HALF = 1e15, 0.02
# Not strftime's: that follows the language of the machine. The first three letters are the short name.
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# A bound as it is written directly before its number: ">8.0", "≤5".
SIGNS = {"<": "<", ">": ">", "<=": "≤", ">=": "≥"}
HOURS_TO, DAYS_TO, DAYS_OF_MONTH, DAYS_OF_YEAR = 72, 120, 30.4375, 365.25
ATTRIBUTIONS = {
    "hepatic_supported": "a hepatic cause is supported",
    "undetermined": "cause undetermined",
    "confounded": "INR confounded",
}


class Told(Protocol):
    """What was measured: a number, or a bound where there is a comparator ("<", ">", "<=", ">=")."""

    @property
    def analyte(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def comparator(self) -> str: ...


# --- numbers ---


def number(value: float, decimals: int = 0) -> str:
    """A number as clinicians write it: half-up, real minus sign, no trailing point."""
    if abs(value) >= TOO_LARGE_TO_WRITE_OUT:
        return f"{value:.1e}"
    text = f"{value:.{decimals}f}"
    # Formatting takes the binary number, and a half to the even digit: near one, the written number counts.
    if abs(abs(value) * 10**decimals % 1 - 0.5) < NEAR_A_HALF:
        step = Decimal(1).scaleb(-decimals)
        text = f"{Decimal(repr(value)).quantize(step, rounding=ROUND_HALF_UP):f}"
    return text.replace("-", "−")


def figures(value: float, decimals: int, most: int) -> str:
    """So many decimals, and more where rounding would change the number by over 1 %: INR 1.25, CRP 0.4."""
    while decimals < most and abs(round(value, decimals) - value) > 0.01 * abs(value):
        decimals += 1
    return number(value, decimals)


def inr(value: float, comparator: str = "") -> str:
    """INR to one decimal, to two where it was reported so: "1.8", ">8.0"."""
    return sign(comparator) + number(value, 1 if abs(value * 10 - round(value * 10)) < 1e-6 else 2)


def enzyme(value: float, comparator: str = "") -> str:
    """U/L: whole, below 10 to one decimal."""
    return sign(comparator) + number(value, 0 if value >= 10 or value == int(value) else 1)


def sign(comparator: str) -> str:
    """The comparator as it stands directly before a number."""
    return SIGNS.get(comparator, "")


def value(result: Told, decimals: int = 0) -> str:
    """A result with its comparator and without its unit, as every sentence tells it: ">8.0", "<5", "62"."""
    if result.analyte == "INR":
        return inr(result.value, result.comparator)
    if result.analyte in ("ALT", "AST"):
        return enzyme(result.value, result.comparator)
    return sign(result.comparator) + number(result.value, decimals)


def percent(change: float | None) -> str:
    """ "+63 %", "−80 %", "±0 %": a change in percent."""
    if change is None:
        return ""
    text = number(change)
    return "±0 %" if text.strip("−") == "0" else f"{'' if text.startswith('−') else '+'}{text} %"


def bounded_percent(change: float | None, signs: tuple[str, str]) -> str:
    """The same between values with these comparators: "at least +400 %"; "" where it cannot be told."""
    return "" if change is None else at_least(percent(change), change, signs)


def at_least(text: str, change: float, signs: tuple[str, str]) -> str:
    """`text` of a change between values with these comparators: as it is, at least so, or "" where bounds
    do not tell it."""
    first, last = (comparator[:1] for comparator in signs)
    if not first and not last:
        return text
    outward = ("", ">"), ("", "<")
    firsts, lasts = outward if change < 0 else outward[::-1]
    return f"at least {text}" if first in firsts and last in lasts else ""


def share(fraction: float) -> str:
    """A fraction without its sign: "37 %"."""
    return f"{number(fraction * 100)} %"


# --- dates and times ---


def day_of_month(at: date) -> str:
    """ "3 May"."""
    return f"{at.day} {MONTHS[at.month - 1][:3]}"


def day(at: date) -> str:
    """ "3 May 2025"."""
    return f"{day_of_month(at)} {at.year}"


def hour(at: datetime) -> str:
    """ "07:10"; of a day alone that its hour is not known."""
    return NO_HOUR if isinstance(at, DateAlone) else f"{at:%H:%M}"


def moment(at: datetime) -> str:
    """ "3 May 2025, 07:10"; "3 May 2025, time not known"."""
    return f"{day(at)}, {hour(at)}"


def deadline(at: datetime) -> str:
    """ "3 May 2025, 07:10"; the day alone where it has no hour."""
    return day(at) if isinstance(at, DateAlone) else moment(at)


def days(first: datetime, last: datetime) -> str:
    """ "3 May to 5 Jun 2025"; hours where both lie on one day."""
    if first.date() == last.date():
        both = not isinstance(first, DateAlone) and not isinstance(last, DateAlone)
        return f"{day(last)}, {first:%H:%M} to {last:%H:%M}" if both else day(last)
    start = day_of_month(first) if first.year == last.year else day(first)
    return f"{start} to {day(last)}"


def length(time: timedelta) -> tuple[str, str]:
    """Number and unit: hours below three days, days below 120, else months."""
    hours = time.total_seconds() / 3600
    if hours < HOURS_TO:
        return number(hours), "hour"
    if hours < DAYS_TO * 24:
        return number(hours / 24), "day"
    return number(hours / 24 / DAYS_OF_MONTH), "month"


def span(time: timedelta) -> str:
    """ "54 hours", "1 day", "18 months"."""
    text, unit = length(time)
    return f"{text} {plural(text, unit)}"


def long_span(time: timedelta) -> str:
    """As `span`, from two years on in whole years: "3 years"."""
    years = int(time.days / DAYS_OF_YEAR)
    return counted(years, "year") if years >= 2 else span(time)


def beside_now(time: timedelta) -> str:
    """ "6 hours ago", "in 40 minutes", "now": so long after now, or before it where the time is negative."""
    minutes = int(abs(time).total_seconds() // 60)
    if not minutes:
        return "now"
    words = counted(minutes, "minute") if minutes < 120 else long_span(abs(time))
    return ago_or_in(words, 1 if time > timedelta(0) else -1)


def ago_or_in(words: str, side: int) -> str:
    """ "in 6 hours" above zero, else "6 hours ago"."""
    return f"in {words}" if side > 0 else f"{words} ago"


def age(born: date, at: date) -> int:
    """Completed years on the calendar day of `at`; one born on 29 February ages on 1 March."""
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def age_in_months(born: date, at: date) -> int:
    """Completed months on the calendar day of `at`."""
    return (at.year - born.year) * 12 + at.month - born.month - (at.day < born.day)


# --- lists and words ---


def listed(names: Iterable[str], last: str = " and ") -> str:
    """ "sodium, creatinine and INR"; "" where there are none."""
    *first, end = list(names) or [""]
    return f"{', '.join(first)}{last}{end}" if first else end


def plural(count: float | str, one: str, many: str = "") -> str:
    """The word for so many: "draw", "draws"."""
    return one if str(count) == "1" else many or f"{one}s"


def counted(count: int, one: str, many: str = "") -> str:
    """ "1 value", "3 values"."""
    return f"{count} {plural(count, one, many)}"


def upper_first(text: str) -> str:
    """The beginning of a sentence."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Within a sentence; "INR", "ALT" and the like stay."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
