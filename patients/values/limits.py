"""The limits that a laboratory sends with a result: read, converted, and checked as values are."""

import re
from dataclasses import dataclass

from interpretation.record import analytes, units
from interpretation.record.analytes import Analyte
from interpretation.record.units import unit_label
from patients.values.number_text import CONFIRM, PERSON, UnreadableNumber, read_number, read_range, ungrouped

# A limit further than this from the usual one, which another unit brings this near, is in that other unit.
FAR, NEAR = 5, 2
# A value so many times its limit, or less than one such part of it, is hardly in the unit of the limit.
TIMES_LIMIT, PART_OF_LIMIT = 20, 0.1
_FOR_ADULTS = re.compile(r"\s*[(\[](?:adults?|erwachsene)[)\]]$", re.IGNORECASE)


@dataclass(frozen=True)
class ValueProblem:
    """What keeps a value from being stored. `field`: test, value, unit, lower, upper or range.

    `level`: "refuse" (never stored), "confirm" (stored once a person says it is right) or "person"
    (cannot be read: a person must look). `suggestion_unit`: the unit that was probably meant.
    """

    field: str
    code: str
    text: str
    level: str
    suggestion_unit: str | None = None


@dataclass(frozen=True)
class ReadLimits:
    """As written, and how numbers are written here."""

    lower: str
    upper: str
    range_text: str
    decimal: str = "."
    thousands: str = ""

    @property
    def shown(self) -> str:
        if self.range_text:
            return self.range_text
        if self.lower and self.upper:
            return f"{self.lower}–{self.upper}"
        return f"≤{self.upper}" if self.upper else f"≥{self.lower}" if self.lower else ""


def read_limits(
    analyte: Analyte, written: ReadLimits, unit: str, value: float
) -> tuple[float | None, float | None, list[ValueProblem]]:
    """Lower and upper limit in canonical units, and problems. An upper limit of 0 is no limit. `value`: the
    canonical value beside them."""
    low, high, problems = _of_range(analyte, written, unit)
    try:
        low = _limit(analyte, written.lower, written, unit, low)
    except UnreadableNumber as error:
        problems.append(
            ValueProblem("lower", "limit_unreadable", f"{analyte.name}, lower limit: {error}", PERSON)
        )
    try:
        high = _limit(analyte, written.upper, written, unit, high) or None
    except UnreadableNumber as error:
        problems.append(
            ValueProblem("upper", "limit_unreadable", f"{analyte.name}, upper limit: {error}", PERSON)
        )
    if low is not None and high is not None and high < low:
        text = f"{analyte.name}: the upper limit is below the lower limit."
        problems.append(ValueProblem("upper", "limits_not_in_order", text, PERSON))
    elif misfit := _misfit(analyte, low, high, unit, value):
        return None, None, [*problems, misfit]
    return low, high, problems


def own_unit(analyte: Analyte, text: str) -> tuple[str, str]:
    """ "300 U/L" -> ("300", "U/L"), where this is a unit of the analyte; else the text and ""."""
    for found in re.finditer(r"(?<=[0-9)\s])\s*(?=[^\s0-9.,])", text):
        number, unit = text[: found.start()].rstrip(), text[found.end() :]
        if any(sign.isdigit() for sign in number) and _is_unit(analyte, unit):
            return number, unit
    return text, ""


def _is_unit(analyte: Analyte, text: str) -> bool:
    return any(sign.isalpha() or sign == "%" for sign in text) and analyte.factor(text) is not None


def _of_range(analyte: Analyte, written: ReadLimits, unit: str) -> tuple[float | None, float | None, list]:
    """Of a range in one text, which may bear a unit of its own."""
    text = _FOR_ADULTS.sub("", written.range_text.strip())
    bare = text.strip("()[] ") if text.startswith(("(", "[")) else text
    ends, own = own_unit(analyte, bare)
    found = read_range(ends, written.decimal, written.thousands)
    low, high = (None if end is None else units.convert(analyte.key, end, own or unit) for end in found)
    given = written.lower or written.upper
    if found != (None, None) or given or not any(sign.isdigit() for sign in text):
        return low, high or None, []
    sentence = (
        f"{analyte.name}: the range “{text[:40]}” cannot be read and is left out: the usual limits are used. "
        "Write it as 7-40."
    )
    return None, None, [ValueProblem("range", "range_unread", sentence, CONFIRM)]


def _limit(
    analyte: Analyte, text: str, written: ReadLimits, unit: str, default: float | None
) -> float | None:
    if not text:
        return default
    number_text, own = own_unit(analyte, text)
    comparator, number = read_number(ungrouped(number_text, written.thousands), written.decimal)
    if comparator or number < 0:
        raise UnreadableNumber(f"“{text[:40]}” is not a limit. Enter a number or leave it empty.")
    return units.convert(analyte.key, number, own or unit)


def _misfit(
    analyte: Analyte, low: float | None, high: float | None, unit: str, value: float
) -> ValueProblem | None:
    """A question where the limits can hardly be in the unit of the value, or are none that a test has."""
    limit, field = (high, "upper") if high else (low, "lower")
    # What the lower limit of an enzyme is differs widely, and nothing hangs on it.
    if not limit or (field == "lower" and analyte.group == "enzymes"):
        return None
    likely = _likely_unit(analyte, limit, field, unit)
    odd = _implausible(analyte, low, high, unit)
    if not likely and not odd:
        return None
    both = likely if likely and _fits(analyte, value, limit, unit, likely) else None
    words = f"{analyte.name}: {_misfit_words(analyte, limit, unit, likely, both)}"
    # Beside a unit that is not the usual one stands a range in the usual one: the value is in no doubt.
    if likely and not both and odd != "refuse" and analyte.factor(unit) != 1:
        text = f"{words} The limits are left out, the usual ones are used."
        return ValueProblem(field, "limit_left_out", text, CONFIRM)
    text = f"{words} If the value is right as it is, confirm it: the limits are left out."
    return ValueProblem(field, "limit_misfit", text, CONFIRM, both)


def _misfit_words(analyte: Analyte, limit: float, unit: str, likely: str, both: str | None) -> str:
    """`likely`: the unit that the limit fits; `both`: the one that the value fits with it."""
    label = unit_label(unit) or "this test"
    shown = f"{limit / analyte.factor(unit):.6g}"
    if both:
        return f"value and limit {shown} fit {unit_label(both)}, not {label}. Correct the unit."
    if likely:
        return f"the limit {shown} does not fit {label}. Range in {unit_label(likely)}? Correct the range."
    return f"the limit {shown} {unit_label(unit)}".rstrip() + " is none of this test. Correct the range."


def _fits(analyte: Analyte, value: float, limit: float, unit: str, likely: str) -> bool:
    """Whether the value may be in the unit of its limit too."""
    near = PART_OF_LIMIT <= value / limit <= TIMES_LIMIT
    return near and not analytes.check(analyte.key, value / analyte.factor(unit) * analyte.factor(likely))


def _likely_unit(analyte: Analyte, limit: float, field: str, unit: str) -> str:
    """The unit in which this limit would be a usual one, "" where it is that in its own."""
    usual = _usual(analyte, field)
    if not usual or _distance(limit, usual) <= FAR:
        return ""
    number = limit / analyte.factor(unit)
    names = dict.fromkeys((*analyte.choices, *analyte.units))
    return next((name for name in names if _distance(number * analyte.factor(name), usual) <= NEAR), "")


def _usual(analyte: Analyte, field: str) -> list[float]:
    ends = [(low, high)[field == "upper"] for low, high in analyte.typical.values()]
    more = analyte.healthy_upper.values() if field == "upper" else ()
    return [end for end in (*ends, *more) if end]


def _distance(limit: float, usual: list[float]) -> float:
    return min(max(limit / end, end / limit) for end in usual)


def _implausible(analyte: Analyte, low: float | None, high: float | None, unit: str) -> str:
    """What is asked of a value is asked of its limits: the level of the worst concern, "" where none is. A
    lower limit may be as low as it likes."""
    found = [] if high is None else analytes.check(analyte.key, high, unit=unit)
    found += [] if low is None else analytes.check(analyte.key, low, "<", unit)
    return max((concern.level for concern in found), default="")
