"""One way from a record to a score: gates, inputs, formula, grade, notes; each score adds what is its own.

A score is a function of plain numbers, registered by `@score(key)`, and an entry of scores.toml of the same
key. What an entry cannot say is added by key: `@gate` (patients it was not made for), `@refusal` (why not,
once its inputs are known), `@remarks` (sentences), `@graded` (a grade that needs more than the number),
`@anchored` (the draw it belongs to).
"""

import math
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

from interpretation.record.records import Draw
from interpretation.rule import confounders
from interpretation.scores.given import Given
from interpretation.scores.score import Score
from interpretation.scores.spec import LIMITS, SPECS, TOLERANCE, Spec, because, note
from interpretation.scores.values import Values
from interpretation.scores.words import be, name_of
from interpretation.words import day, listed, number, value

LIMITS.read_by(__name__, "old_days")

TOO_LARGE = 1e15
OLD_DAYS = LIMITS.old_days

Formula = TypeVar("Formula", bound=Callable[..., float])
Added = TypeVar("Added")
Gate = Callable[[Values, Draw | None], str]
Refusal = Callable[[Given], str]
Remarks = Callable[[Given, float], Iterable[str]]
Grade = Callable[[Given, float], str]
Anchor = Callable[[Values, Draw], Draw | None]

FORMULAS: dict[str, Callable[..., float]] = {}
GATES: dict[str, Gate] = {}
REFUSALS: dict[str, Refusal] = {}
REMARKS: dict[str, Remarks] = {}
GRADES: dict[str, Grade] = {}
ANCHORS: dict[str, Anchor] = {}


def score(key: str) -> Callable[[Formula], Formula]:
    """Registers a formula under its key of scores.toml; called, it puts its inputs within floor and cap."""

    def register(formula: Formula) -> Formula:
        limited = [given for given in SPECS[key].inputs if not (given.floor is None and given.cap is None)]

        @wraps(formula)
        def bounded(**values: Any) -> float:
            for given in limited:
                if values[given.name] is not None:
                    values[given.name] = given.bounded(values[given.name])
            return formula(**values)

        FORMULAS[key] = bounded
        return cast(Formula, bounded)

    return register


def _added(table: dict[str, Added], key: str) -> Callable[[Added], Added]:
    def register(function: Added) -> Added:
        table[key] = function
        return function

    return register


def gate(key: str) -> Callable[[Gate], Gate]:
    return _added(GATES, key)


def refusal(key: str) -> Callable[[Refusal], Refusal]:
    return _added(REFUSALS, key)


def remarks(key: str) -> Callable[[Remarks], Remarks]:
    return _added(REMARKS, key)


def graded(key: str) -> Callable[[Grade], Grade]:
    return _added(GRADES, key)


def anchored(key: str) -> Callable[[Anchor], Anchor]:
    return _added(ANCHORS, key)


def evaluate(key: str, values: Values, draw: Draw | None = None) -> Score:
    """The score at this draw, or at the latest draw that holds its key test."""
    spec = SPECS[key]
    anchor = draw or values.latest(spec.key)
    if anchor is None:
        return refused(spec, _not_for(key, values, None) or _never(spec, values))
    why = _closed(spec, values, anchor)
    if why:
        return refused(spec, why)
    if spec.uses_inr and (found := values.hard(anchor)):
        return refused(spec, _confounded(anchor, found), anchor, spec.alternative)
    if why := _not_for(key, values, anchor):
        return refused(spec, why)
    own = ANCHORS[key](values, anchor) if key in ANCHORS else anchor
    if own is None:
        return refused(spec, _no_onset(spec, values, anchor), anchor)
    given = Given(spec, values, own)
    why = given.why_not or (REFUSALS[key](given) if key in REFUSALS else "")
    if why:
        return refused(spec, why, anchor)
    return _computed(given, draw is None)


def refused(spec: Spec, why: str, draw: Draw | None = None, alternative: str = "") -> Score:
    return Score(
        key=spec.key_name,
        name=spec.name,
        reason=f"Cannot be calculated, because {why}.",
        at=draw.taken_at if draw else None,
        sources=spec.sources,
        draws=(draw.id,) if draw else (),
        alternative=alternative,
    )


def _computed(given: Given, latest: bool) -> Score:
    spec = given.spec
    raw = FORMULAS[spec.key_name](**given.used)
    if not math.isfinite(raw):
        return refused(spec, because("range"), given.draw)
    grade = GRADES[spec.key_name](given, raw) if spec.key_name in GRADES else spec.grade(raw)
    shown = value_of(spec, raw)
    own = REMARKS[spec.key_name](given, raw) if spec.key_name in REMARKS else ()
    return Score(
        key=spec.key_name,
        name=spec.name,
        value=shown,
        grade=grade,
        unit=spec.unit,
        raw=raw,
        at=given.draw.taken_at,
        inputs=given.inputs,
        notes=(*_rounding(spec, raw, shown), *given.notes, *own, *_setting(given, latest), spec.words),
        sources=spec.sources,
        draws=given.draws,
    )


# --- numbers ---


def rounded(value: float, decimals: int = 0) -> float:
    """Half-up, away from zero, with grace for what binary makes of 1.005."""
    if abs(value) >= TOO_LARGE:
        return value
    scale = 10**decimals
    return math.copysign(math.floor(abs(value) * scale + 0.5 + TOLERANCE) / scale, value)


def value_of(spec: Spec, raw: float) -> float | int:
    """The number shown: within the range of the score, rounded."""
    within = raw
    if spec.low is not None and spec.high is not None:
        within = min(max(raw, spec.low), spec.high)
    shown = rounded(within, spec.decimals)
    return shown if spec.decimals or abs(shown) >= TOO_LARGE else int(shown)


def _rounding(spec: Spec, raw: float, whole: float) -> Iterable[str]:
    shown = rounded(raw, spec.decimals)
    if spec.low is not None and spec.high is not None and not spec.low <= shown <= spec.high:
        text = number(rounded(raw, 2), 2)
        yield note("range", raw=text, low=number(spec.low), high=number(spec.high))
    elif not spec.decimals and abs(raw - whole) > TOLERANCE:
        yield note("rounded", raw=number(raw, 2))


# --- why not ---


def _no_onset(spec: Spec, values: Values, draw: Draw) -> str:
    if values.asks_limit(draw.by_analyte[spec.key], draw.taken_at):
        return because("child_limit", names=name_of(spec.key))
    return because("no_injury", enzyme=spec.key, day=day(draw.taken_at))


def _never(spec: Spec, values: Values) -> str:
    if spec.key == "INR" and values.point_of_care_at:
        return because("only_point_of_care")
    tests = [given.name for given in spec.inputs if not given.is_fact and not given.optional]
    missing = [name_of(name) for name in tests if values.latest(name) is None]
    return because("never", names=listed(missing), **be(missing))


def _not_for(key: str, values: Values, draw: Draw | None) -> str:
    return GATES[key](values, draw) if key in GATES else ""


def _closed(spec: Spec, values: Values, draw: Draw) -> str:
    """Patients and times for which the score was not made."""
    at = draw.taken_at
    if why := _wrong_age(spec, values.age(at)):
        return why
    if spec.not_in_pregnancy and (event := values.going_on("pregnancy", at)):
        return because("pregnancy", day=day(event.started_at))
    if spec.not_in_acute_injury and (found := values.acute_injury(at)):
        alt = f"{value(found[0])} U/L"
        return because("acute_injury", alt=alt, day=day(found[1].taken_at))
    if spec.chronic and not values.chronic_disease(at.date()):
        return because("no_chronic_disease")
    return ""


def _wrong_age(spec: Spec, age: int | None) -> str:
    if spec.youngest and age is not None and age < spec.youngest:
        return because("child", age=spec.youngest)
    if spec.under and age is None:
        return because("no_birth_date", age=spec.under)
    if spec.under and age is not None and age >= spec.under:
        return because("too_old", age=spec.under)
    return ""


def _confounded(draw: Draw, found: list[confounders.Confounder]) -> str:
    words = "; ".join(dict.fromkeys(c.words for c in found))
    return because("hard", day=day(draw.taken_at), inr=value(draw.by_analyte["INR"]), words=words)


def _setting(given: Given, latest: bool) -> Iterable[str]:
    """What a reader must know of the INR, the albumin, the age and the date behind any score."""
    spec, values, at = given.spec, given.values, given.draw.taken_at
    if spec.uses_inr:
        if found := values.masking(given.draw):
            yield note("masked", words="; ".join(dict.fromkeys(c.words for c in found)))
        later = values.point_of_care_at
        if latest and later and later > at:
            yield note("point_of_care", day=day(later))
    if "albumin" in given.used and (event := values.albumin_infused(at)):
        yield note("albumin_infusion", day=day(event.started_at))
    age = values.age(at)
    if spec.youngest and age is None:
        yield note("no_age")
    if latest and (values.case.as_of - at).days > OLD_DAYS:
        yield note("old")
