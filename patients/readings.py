"""One check for typed and uploaded results: text in, a reading in canonical units or problems out.

Never guesses: an unknown test, an unknown unit or a word where a number belongs is for a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from interpretation import analytes, units
from patients.written import CONFIRM, PERSON, REFUSE, Unreadable, clean, read_number, read_range, read_value

__all__ = [
    "CONFIRM",
    "PERSON",
    "REFUSE",
    "Problem",
    "Reading",
    "identity_problem",
    "read_number",
    "read_range",
    "read_result",
]

# A change of ALT or AST by more than this factor within 24 h asks for the identity. [clinical.md 2.2, ED]
IDENTITY_FOLD = 20


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
    # Why a person should look at it, though it is stored and counts; "" where nothing is odd.
    unconfirmed: str = ""


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
    value, unit = clean(value), clean(unit)
    if not value:
        return None, []
    analyte, warning = analytes.find_with_warning(test)
    if analyte is None or analyte.derived:
        return None, [_unknown_test(test, analyte)]
    try:
        written = read_value(value, decimal)
        canonical = units.convert(analyte.key, written.number, unit)
    except Unreadable as error:
        return None, [Problem("value", error.code, f"{analyte.name}: {error}", error.level)]
    except units.UnknownUnit as error:
        return None, [Problem("unit", "unknown_unit", str(error), PERSON)]
    problems = [Problem("test", "not_quite_the_test", warning, CONFIRM)] if warning else []
    problems += _concerns(analyte.key, canonical, written.comparator, unit, context)
    if not (clean(lower) or clean(upper) or clean(range_text)):
        range_text = written.range_text
    low, high, limit_problems = _limits(analyte, lower, upper, range_text, unit, decimal)
    problems += limit_problems
    if any(problem.level != CONFIRM for problem in problems):
        return None, problems
    reported_range = clean(range_text) or _range_words(clean(lower), clean(upper))
    reading = Reading(
        analyte.key, canonical, written.comparator, low, high,
        written.shown[:40], unit[:24], reported_range[:60],
    )  # fmt: skip
    return reading, problems


def identity_problem(reading: Reading, near: float) -> Problem | None:
    """A question where ALT or AST moved too far from a draw less than 24 h away (`near`, canonical)."""
    low, high = sorted((reading.value, near))
    if low <= 0 or high <= low * IDENTITY_FOLD:
        return None
    name = analytes.get(reading.analyte).name
    text = f"{name} differs over {IDENTITY_FOLD}-fold from a draw within 24 hours. Is this the same patient?"
    return Problem("value", "identity", text, CONFIRM)


def _unknown_test(test: str, analyte) -> Problem:
    if analyte is not None:
        text = f"{analyte.name} is calculated from other results and is not stored."
        return Problem("test", "derived_test", text, PERSON)
    return Problem("test", "unknown_test", f"Test “{clean(test)[:60]}” is not known.", PERSON)


def _concerns(key: str, value: float, comparator: str, unit: str, context) -> list[Problem]:
    return [
        Problem("value", concern.code, concern.text, concern.level, concern.suggestion_unit)
        for concern in analytes.check(key, value, comparator, unit, context)
    ]


def _limits(analyte, lower, upper, range_text, unit, decimal):
    """(lower, upper, problems), converted as the value is. An upper limit of 0 is no limit."""
    ends = _without_unit(clean(range_text), unit)
    low, high = read_range(ends, decimal) if ends else (None, None)
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
    text = clean(text)
    if not text:
        return default
    comparator, number = read_number(text, decimal)
    if comparator or number < 0:
        raise Unreadable(f"“{text[:40]}” is not a limit. Enter a number or leave it empty.")
    return number


def _without_unit(range_text: str, unit: str) -> str:
    """ "7-40 U/L" beside a value in U/L. A range in another unit keeps it, and is then not read."""
    bare = range_text.strip("()[] ")
    if any(sign.isalpha() or sign == "%" for sign in unit) and bare.casefold().endswith(unit.casefold()):
        return bare[: -len(unit)]
    return range_text


def _canonical(key: str, limit: float | None, unit: str) -> float | None:
    return None if limit is None else units.convert(key, limit, unit)


def _range_words(lower: str, upper: str) -> str:
    if lower and upper:
        return f"{lower}–{upper}"
    return f"≤{upper}" if upper else f"≥{lower}" if lower else ""
