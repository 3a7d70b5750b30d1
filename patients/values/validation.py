"""One check for typed and uploaded results: text in, a reading in canonical units or problems out.

Never guesses: an unknown test, an unknown unit or a word where a number belongs is for a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from interpretation.record import analytes, units
from patients.values.limits import ReadLimits, ValueProblem, read_limits
from patients.values.number_text import (
    CONFIRM,
    PERSON,
    REFUSE,
    UnreadableNumber,
    WrittenNumber,
    clean,
    read_number,
    read_range,
    read_value,
)
from patients.values.remarks import MAXIMUM
from patients.values.unit_in_value import apart

__all__ = [
    "CONFIRM",
    "PERSON",
    "REFUSE",
    "ValueProblem",
    "CheckedResult",
    "identity_problem",
    "read_number",
    "read_range",
    "read_result",
]

# What a reader of workbooks puts in place of what a cell does not tell.
_CELLS = {
    "#FORMAT": "the cell shows something else than the number in it. Type what it should say into the "
    "workbook, with the format “General”, and upload that.",
    "#FORMULA": "the cell holds a formula whose result was never saved. Open the workbook where it was made, "
    "save it again, and upload that.",
}
# A change of ALT or AST by more than this factor within 24 h asks for the identity. [clinical.md 2.2, ED]
IDENTITY_FOLD = 20
# What a number is called that has a unit behind it.
_MAY_HAVE_UNIT = ("not_a_number", "decimal_mark")
# Tests whose value is higher the later the sample clots.
_CLOTTING = ("INR", "PT", "aptt")


@dataclass(frozen=True)
class CheckedResult:
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
    comment: str = ""
    # Why a person should look at it, though it is stored and counts; "" where nothing is odd.
    unconfirmed: str = ""


def read_result(
    *,
    test: str,
    value: str,
    unit: str | None,
    lower: str = "",
    upper: str = "",
    range_text: str = "",
    decimal: str = ".",
    thousands: str = "",
    context: Mapping[str, float] = MappingProxyType({}),
) -> tuple[CheckedResult | None, list[ValueProblem]]:
    """A blank value is no result: (None, []). A reading may come with problems of level "confirm" only.

    `context` holds canonical values of the same draw; `unit` None means that none was given. `thousands`: the
    mark between groups of three digits, where it is known.
    """
    value, unit = clean(value), clean(unit)
    if not value:
        return None, []
    analyte, warning = analytes.find_with_warning(test)
    if analyte is None or analyte.derived:
        return None, [_unknown_test(test, analyte)]
    try:
        written, unit, assumed = _written(analyte, value, unit, (decimal, thousands))
        canonical = units.convert(analyte.key, written.number, unit)
    except UnreadableNumber as error:
        field = "unit" if error.code == "unit_clash" else "value"
        return None, [ValueProblem(field, error.code, f"{analyte.name}: {error}", error.level)]
    except units.UnknownUnit as error:
        return None, [ValueProblem("unit", "unknown_unit", str(error), PERSON)]
    problems = [ValueProblem("test", "not_quite_the_test", warning, CONFIRM)] if warning else []
    problems += (
        [ValueProblem("value", "bound_assumed", f"{analyte.name}: {assumed}", CONFIRM)] if assumed else []
    )
    problems += _concerns(analyte.key, canonical, written.comparator, unit, context)
    sent = ReadLimits(clean(lower), clean(upper), clean(range_text), decimal, thousands)
    sent = sent if sent.shown else replace(sent, range_text=written.range_text)
    low, high, limit_problems = read_limits(analyte, sent, unit, canonical)
    problems += limit_problems
    if any(problem.level != CONFIRM for problem in problems):
        return None, problems
    reading = CheckedResult(
        analyte.key, canonical, written.comparator, low, high,
        written.shown[:40], unit[:24], sent.shown[:60], comment=assumed,
    )  # fmt: skip
    return reading, problems


def _written(
    analyte: analytes.Analyte, value: str, unit: str, marks: tuple[str, str]
) -> tuple[WrittenNumber, str, str]:
    """The value, its unit, which may stand in the value's own text, and what was assumed of it. `marks`: the
    decimal one and that between thousands."""
    if value in _CELLS:
        raise UnreadableNumber(_CELLS[value], "no_value")
    try:
        written = read_value(value, *marks)
    except UnreadableNumber as error:
        if error.code == "beyond" and analyte.key == "INR":
            bound = analytes.UNCLOTTABLE_INR
            said = f">{bound:g}, bound assumed: the laboratory sent “{value[:40]}” and no number."
            return WrittenNumber(">", bound, value), unit, said
        bare, own = apart(analyte, value) if error.code in _MAY_HAVE_UNIT else (value, "")
        if not own:
            raise
        written, unit = read_value(bare, *marks), _one_unit(analyte, unit, own)
    if written.beyond == MAXIMUM or written.beyond and analyte.key in _CLOTTING:
        return _as_bound(written, value, unit)
    return written, unit, ""


def _as_bound(written: WrittenNumber, value: str, unit: str) -> tuple[WrittenNumber, str, str]:
    """The number beside "no clot" or "> max" is what the method reached."""
    if written.comparator.startswith("<"):
        raise UnreadableNumber(f"“{value[:40]}” contradicts itself: see the laboratory’s report.")
    if written.comparator:
        return written, unit, ""
    return replace(written, comparator=">"), unit, f"“{value[:40]}” is read as above {written.number:g}."


def _one_unit(analyte: analytes.Analyte, unit: str, own: str) -> str:
    """The unit of a value that bears its `own`: both must say the same. A percent sign says what it says
    beside a fraction too, not beside a unit that the test is not measured in."""
    given = analyte.factor(unit)
    if own == "%" and (not unit or given is not None):
        return own
    if unit and given != analyte.factor(own):
        raise UnreadableNumber(
            f"the value says {own} and the unit {unit[:24]}. Correct one of them.", "unit_clash"
        )
    return own if given is None else unit


def identity_problem(reading: CheckedResult, near: float) -> ValueProblem | None:
    """A question where ALT or AST moved too far from a draw less than 24 h away (`near`, canonical)."""
    low, high = sorted((reading.value, near))
    if low <= 0 or high <= low * IDENTITY_FOLD:
        return None
    name = analytes.get(reading.analyte).name
    text = f"{name} differs over {IDENTITY_FOLD}-fold from a draw within 24 hours. Is this the same patient?"
    return ValueProblem("value", "identity", text, CONFIRM)


def _unknown_test(test: str, analyte) -> ValueProblem:
    if analyte is not None:
        text = f"{analyte.name} is calculated from other results and is not stored."
        return ValueProblem("test", "derived_test", text, PERSON)
    return ValueProblem("test", "unknown_test", f"Test “{clean(test)[:60]}” is not known.", PERSON)


def _concerns(key: str, value: float, comparator: str, unit: str, context) -> list[ValueProblem]:
    return [
        ValueProblem("value", concern.code, concern.text, concern.level, concern.suggestion_unit)
        for concern in analytes.check(key, value, comparator, unit, context)
    ]
