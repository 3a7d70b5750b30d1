"""One check for typed and uploaded results: text in, a reading in canonical units or problems out.

Never guesses: an unknown test, an unknown unit or a word where a number belongs is for a person.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from interpretation import analytes, units

REFUSE, CONFIRM, PERSON = "refuse", "confirm", "person"

# A change of ALT or AST by more than this factor within 24 h asks for the identity. [clinical.md 2.2, ED]
IDENTITY_FOLD = 20

_SIGNS = {
    "≤": "<=",
    "≥": ">=",
    "=<": "<=",
    "=>": ">=",
    "less than": "<",
    "greater than": ">",
    "more than": ">",
}
_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|[+-]?\.[0-9]+"
_VALUE = re.compile(rf"(<=|>=|=<|=>|<|>|≤|≥|less than|greater than|more than)?\s*({_NUMBER})", re.IGNORECASE)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|∞)", re.IGNORECASE)
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|−|—|\.\.|to)\s*({_NUMBER})", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """One result, canonical, beside what was typed or sent."""

    analyte: str
    value: float
    comparator: str = ""
    lower_limit: float | None = None
    upper_limit: float | None = None
    reported_value: str = ""
    reported_unit: str = ""
    reported_range: str = ""
    method: str = ""
    status: str = "final"
    verified_at: datetime | None = None


@dataclass(frozen=True)
class Problem:
    """What keeps a value from being stored. `field`: test, value, unit, lower, upper or range.

    `level`: "refuse" (never stored), "confirm" (stored once a person says it is right) or "person"
    (cannot be read: a person must look). `suggestion_unit`: the unit that was probably meant.
    """

    field: str
    code: str
    text: str
    level: str
    suggestion_unit: str | None = None


class Unreadable(ValueError):
    """Text that is no number. Carries the problem's code and level."""

    def __init__(self, text: str, code: str = "not_a_number", level: str = PERSON):
        super().__init__(text)
        self.code, self.level = code, level


def read_result(
    *,
    test: str,
    value: str,
    unit: str | None,
    lower: str = "",
    upper: str = "",
    range_text: str = "",
    decimal: str = ".",
    context: Mapping[str, float] = MappingProxyType({}),
) -> tuple[Reading | None, list[Problem]]:
    """A blank value is no result: (None, []). A reading may come with problems of level "confirm" only.

    `context` holds canonical values of the same draw; `unit` None means that none was given.
    """
    value, unit = _clean(value), _clean(unit)
    if not value:
        return None, []
    analyte, warning = analytes.find_with_warning(test)
    if analyte is None or analyte.derived:
        return None, [_unknown_test(test, analyte)]
    try:
        comparator, number = read_number(value, decimal)
        canonical = units.convert(analyte.key, number, unit)
    except Unreadable as error:
        return None, [Problem("value", error.code, f"{analyte.name}: {error}", error.level)]
    except units.UnknownUnit as error:
        return None, [Problem("unit", "unknown_unit", str(error), PERSON)]
    problems = [Problem("test", "not_quite_the_test", warning, CONFIRM)] if warning else []
    problems += _concerns(analyte.key, canonical, comparator, unit, context)
    low, high, limit_problems = _limits(analyte, lower, upper, range_text, unit, decimal)
    problems += limit_problems
    if any(problem.level != CONFIRM for problem in problems):
        return None, problems
    reported_range = _clean(range_text) or _range_words(_clean(lower), _clean(upper))
    reading = Reading(
        analyte.key, canonical, comparator, low, high, value[:40], unit[:24], reported_range[:60]
    )
    return reading, problems


def read_number(text: str, decimal: str = ".") -> tuple[str, float]:
    """The comparator ("", "<", ">", "<=", ">=") and the number of a result's text."""
    text = _clean(text)
    if _NOT_FINITE.fullmatch(text):
        raise Unreadable("this is not a number.", "not_a_number", REFUSE)
    plain = _with_point(text, decimal)
    match = _VALUE.fullmatch(plain)
    if not match:
        raise Unreadable(f"“{text[:40]}” is not a number. Enter a number such as 1.4 or <5.")
    sign, number = (match[1] or "").lower(), float(match[2])
    if not math.isfinite(number):
        raise Unreadable("this number is too large.", "not_a_number", REFUSE)
    return _SIGNS.get(sign, sign), number


def read_range(text: str, decimal: str = ".") -> tuple[float | None, float | None]:
    """The two ends of "a-b", "a to b", "<b" or ">a". An end that cannot be read is missing."""
    plain = _clean(text).strip("()[] ")
    try:
        plain = _with_point(plain, decimal)
    except Unreadable:
        return None, None
    if between := _RANGE.fullmatch(plain):
        return float(between[1]), float(between[2])
    one = _VALUE.fullmatch(plain)
    if not one or not one[1]:
        return None, None
    sign = _SIGNS.get(one[1].lower(), one[1])
    return (None, float(one[2])) if sign.startswith("<") else (float(one[2]), None)


def identity_problem(reading: Reading, near: float) -> Problem | None:
    """A question where ALT or AST moved too far from a draw less than 24 h away (`near`, canonical)."""
    low, high = sorted((reading.value, near))
    if low <= 0 or high <= low * IDENTITY_FOLD:
        return None
    name = analytes.get(reading.analyte).name
    text = f"{name} differs over {IDENTITY_FOLD}-fold from a draw within 24 hours. Is this the same patient?"
    return Problem("value", "identity", text, CONFIRM)


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())


def _with_point(text: str, decimal: str) -> str:
    """The text with a decimal point. The mark that is not the decimal one is never skipped over."""
    if decimal == ",":
        if re.search(r"[0-9]\.[0-9]", text):
            raise Unreadable(
                f"“{text[:40]}” has a point where decimals are written with a comma.", "decimal_mark"
            )
        return text.replace(",", ".")
    if re.search(r"[0-9],[0-9]", text):
        raise Unreadable(f"“{text[:40]}” has a comma. Write decimals with a point: 1.4.", "decimal_mark")
    return text


def _unknown_test(test: str, analyte) -> Problem:
    if analyte is not None:
        text = f"{analyte.name} is calculated from other results and is not stored."
        return Problem("test", "derived_test", text, PERSON)
    return Problem("test", "unknown_test", f"Test “{_clean(test)[:60]}” is not known.", PERSON)


def _concerns(key: str, value: float, comparator: str, unit: str, context) -> list[Problem]:
    return [
        Problem("value", concern.code, concern.text, concern.level, concern.suggestion_unit)
        for concern in analytes.check(key, value, comparator, unit, context)
    ]


def _limits(analyte, lower, upper, range_text, unit, decimal):
    """(lower, upper, problems), converted as the value is. An upper limit of 0 is no limit."""
    low, high = read_range(range_text, decimal) if _clean(range_text) else (None, None)
    problems = []
    try:
        low = _limit(lower, decimal, low)
    except Unreadable as error:
        problems.append(Problem("lower", "limit_unreadable", f"{analyte.name}, lower limit: {error}", PERSON))
    try:
        high = _limit(upper, decimal, high)
    except Unreadable as error:
        problems.append(Problem("upper", "limit_unreadable", f"{analyte.name}, upper limit: {error}", PERSON))
    low, high = _canonical(analyte.key, low, unit), _canonical(analyte.key, high, unit) or None
    if low is not None and high is not None and high < low:
        text = f"{analyte.name}: the upper limit is below the lower limit."
        problems.append(Problem("upper", "limits_not_in_order", text, PERSON))
    return low, high, problems


def _limit(text: str, decimal: str, default: float | None) -> float | None:
    text = _clean(text)
    if not text:
        return default
    comparator, number = read_number(text, decimal)
    if comparator or number < 0:
        raise Unreadable(f"“{text[:40]}” is not a limit. Enter a number or leave it empty.")
    return number


def _canonical(key: str, limit: float | None, unit: str) -> float | None:
    return None if limit is None else units.convert(key, limit, unit)


def _range_words(lower: str, upper: str) -> str:
    if lower and upper:
        return f"{lower}–{upper}"
    return f"≤{upper}" if upper else f"≥{lower}" if lower else ""
