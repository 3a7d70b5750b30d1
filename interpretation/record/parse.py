"""Cases from JSON: what `python -m interpretation` reads. Each problem is named with its place.

A whole case that cannot be read raises `CaseError`; one result that cannot (unknown test or unit, not a
number) is left out and reported, never guessed. A `taken_at` of only a date, "2025-07-01", is a draw whose hour
is not known.
"""

import math
import re
from datetime import UTC, date, datetime, time
from typing import Any

from interpretation.record import analytes, units
from interpretation.record.records import (
    ANTICOAGULANT_SAID,
    DIAGNOSIS_KINDS,
    EVENT_KINDS,
    VERDICTS,
    Case,
    Diagnosis,
    Draw,
    Event,
    Result,
    Review,
    SaidElsewhere,
)

NUMBER = re.compile(r"\s*(<=|>=|<|>|≤|≥)?\s*([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*")
COMPARATORS = {"≤": "<=", "≥": ">="}


class CaseError(ValueError):
    """The case cannot be read; the message says where and what to do."""


def case_from_json(data: object) -> tuple[Case, tuple[str, ...]]:
    """The case and the problems of results that were left out."""
    if not isinstance(data, dict):
        raise CaseError("case: expected an object with as_of and draws")
    problems: list[str] = []
    case = Case(
        id=str(data.get("id", "")),
        as_of=_moment(data.get("as_of"), "as_of", end_of_day=True),
        sex=str(data.get("sex") or ""),
        birth_date=_day(data.get("birth_date"), "birth_date"),
        died_on=_day(data.get("died_on"), "died_on"),
        draws=tuple(_draw(d, f"draws[{k}]", problems) for k, d in _items(data, "draws")),
        diagnoses=tuple(_diagnosis(d, f"diagnoses[{k}]") for k, d in _items(data, "diagnoses")),
        events=tuple(_event(e, f"events[{k}]") for k, e in _items(data, "events")),
        reviews=tuple(_review(r, f"reviews[{k}]") for k, r in _items(data, "reviews")),
        said=tuple(_said(s, f"said[{k}]") for k, s in _items(data, "said")),
        anticoagulant=_choice(data.get("anticoagulant") or "", ANTICOAGULANT_SAID, "anticoagulant"),
    )
    return case, tuple(problems)


def _items(data: dict[str, Any], key: str, place: str = "") -> list[tuple[int, dict[str, Any]]]:
    rows = data.get(key) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CaseError(f"{place}{key}: expected a list of objects")
    return list(enumerate(rows))


def _draw(data: dict[str, Any], place: str, problems: list[str]) -> Draw:
    results = [
        _result(row, f"{place}.results[{k}]", problems) for k, row in _items(data, "results", f"{place}.")
    ]
    return Draw(
        taken_at=_moment(data.get("taken_at"), f"{place}.taken_at"),
        results=tuple(result for result in results if result),
        laboratory=str(data.get("laboratory") or ""),
        method=str(data.get("method") or ""),
        id=str(data.get("id") or ""),
        hour_known=not _is_day(data.get("taken_at")) and bool(data.get("hour_known", True)),
    )


def _result(data: dict[str, Any], place: str, problems: list[str]) -> Result | None:
    """One result in canonical units, or None with a problem noted."""
    code = str(data.get("analyte", ""))
    analyte = analytes.find(code)
    if analyte is None or analyte.derived:
        problems.append(f"{place}.analyte: {code!r} is not known; the result was left out")
        return None
    comparator, value = _number(data.get("value"), str(data.get("comparator") or ""))
    if value is None:
        problems.append(f"{place}.value: {data.get('value')!r} is not a number; the result was left out")
        return None
    unit = str(data.get("unit") or "")
    if not unit and analyte.key in ("ALT", "AST"):
        problems.append(f"{place}.unit: missing; read as U/L")
        unit = analyte.unit
    try:
        return Result(
            analyte=analyte.key,
            value=units.convert(analyte.key, value, unit),
            comparator=comparator,
            lower_limit=_limit(analyte.key, data.get("lower_limit"), unit),
            upper_limit=_limit(analyte.key, data.get("upper_limit"), unit),
            method=str(data.get("method") or analytes.method_of_code(code)),
        )
    except units.UnknownUnit as error:
        problems.append(f"{place}.unit: {error}; the result was left out")
        return None


def _number(value: Any, comparator: str) -> tuple[str, float | None]:
    if isinstance(value, bool) or value is None:
        return comparator, None
    if isinstance(value, str):
        match = NUMBER.fullmatch(value)
        if not match:
            return comparator, None
        comparator = comparator or COMPARATORS.get(match[1], match[1] or "")
        value = match[2]
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return comparator, None
    return comparator, number if math.isfinite(number) and number >= 0 else None


def _limit(key: str, value: object, unit: str) -> float | None:
    _, number = _number(value, "")
    return None if number is None else units.convert(key, number, unit)


def _diagnosis(data: dict[str, Any], place: str) -> Diagnosis:
    return Diagnosis(
        kind=_choice(data.get("kind"), DIAGNOSIS_KINDS, f"{place}.kind"),
        noted_on=_day(data.get("noted_on"), f"{place}.noted_on"),
        resolved_on=_day(data.get("resolved_on"), f"{place}.resolved_on"),
        codes=tuple(map(str, data.get("codes") or ())),
    )


def _event(data: dict[str, Any], place: str) -> Event:
    ended = data.get("ended_at")
    return Event(
        kind=_choice(data.get("kind"), EVENT_KINDS, f"{place}.kind"),
        started_at=_moment(data.get("started_at"), f"{place}.started_at"),
        ended_at=None if ended is None else _moment(ended, f"{place}.ended_at"),
        label=str(data.get("label") or ""),
        grade=_grade(data.get("grade"), f"{place}.grade"),
        route=str(data.get("route") or ""),
        stop_confirmed=bool(data.get("stop_confirmed", False)),
    )


def _review(data: dict[str, Any], place: str) -> Review:
    return Review(
        cause=str(data.get("cause", "")),
        verdict=_choice(data.get("verdict"), VERDICTS, f"{place}.verdict"),
        on=_moment(data.get("on"), f"{place}.on", end_of_day=True),
        by=str(data.get("by") or ""),
        note=str(data.get("note") or ""),
    )


def _said(data: dict[str, Any], place: str) -> SaidElsewhere:
    return SaidElsewhere(
        cause=str(data.get("cause", "")),
        on=_moment(data.get("on"), f"{place}.on", end_of_day=True),
        source=str(data.get("source") or ""),
        note=str(data.get("note") or ""),
    )


def _grade(value: object, place: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 4:
        raise CaseError(f"{place}: {value!r} is not a grade from 0 to 4")
    return value


def _choice(value: Any, choices: tuple[str, ...], place: str) -> str:
    if value not in choices:
        known = ", ".join(filter(None, choices))
        raise CaseError(f"{place}: {value!r} is not known. Use one of: {known}")
    return str(value)


def _day(value: object, place: str) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise CaseError(f"{place}: {value!r} is not a date. Use 2025-07-01") from None


def _is_day(value: object) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value or "")))


def _moment(value: object, place: str, end_of_day: bool = False) -> datetime:
    """An ISO 8601 time; without a zone it is UTC, and a date alone its first (or last) moment."""
    text = str(value or "")
    try:
        if _is_day(value):
            day = date.fromisoformat(text)
            moment = datetime.combine(day, time.max if end_of_day else time.min)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        raise CaseError(f"{place}: {value!r} is not a time. Use 2025-07-01T08:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
