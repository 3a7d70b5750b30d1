"""One draw's record as a reviewer sees it: values, events, diagnoses and a chart; nothing that the product thinks.

It is made from the case alone and never from a report, so no grade, sentence or mark can be in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.safestring import SafeString

from interpretation.record.analytes import ANALYTES, Analyte
from interpretation.record.records import Case, Draw, Event, Result
from interpretation.words import day, number, value
from patients.models import ChartItem
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES

from .drawing import drawn
from .reading import case_of

SEXES = {"F": "female", "M": "male", "X": "other sex"}
# What the question is about comes first: the table may be wider than the page.
FIRST = ("INR", "ALT", "AST", "bilirubin_total")
# The latest so many: a long stay has hundreds.
DRAWS = 40


@dataclass(frozen=True)
class ReviewSheet:
    """`columns` are (test, unit); a row is (when, laboratory, cells), the latest first."""

    number: int
    about: str
    as_of: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]
    older: int
    diagnoses: tuple[str, ...]
    events: tuple[str, ...]
    drawing: SafeString


def sheet(item: ChartItem) -> ReviewSheet:
    case = case_of(item)
    draws = [draw for draw in reversed(case.draws) if draw.results]
    there = {result.analyte for draw in draws[:DRAWS] for result in draw.results}
    columns = [ANALYTES[key] for key in dict.fromkeys((*FIRST, *ANALYTES)) if key in there]
    return ReviewSheet(
        number=item.number,
        about=_about(case),
        as_of=day(case.as_of),
        columns=tuple((column.short, column.unit_label) for column in columns),
        rows=tuple(_row(draw, columns) for draw in draws[:DRAWS]),
        older=max(0, len(draws) - DRAWS),
        diagnoses=tuple(_diagnoses(case)),
        events=tuple(_event(event, case.as_of) for event in reversed(case.events)),
        drawing=drawn(case),
    )


def _about(case: Case) -> str:
    """ "61 years, female": no name, no number of the clinic's."""
    age = case.age(case.as_of)
    years = "age not known" if age is None else f"{age} years"
    said = {"none": ", no anticoagulant (said)", "taking": ", takes an anticoagulant (said)"}
    return f"{years}, {SEXES.get(case.sex, 'sex not known')}{said.get(case.anticoagulant, '')}"


def _row(draw: Draw, columns: Iterable[Analyte]) -> tuple[str, str, tuple[str, ...]]:
    when = day(draw.taken_at) if not draw.hour_known else f"{day(draw.taken_at)} {draw.taken_at:%H:%M}"
    return when, draw.laboratory, tuple(_cell(draw.result(one.key), one) for one in columns)


def _cell(result: Result | None, analyte: Analyte) -> str:
    """ "112 (≤ 40)": the value with the laboratory's own upper limit."""
    if result is None:
        return ""
    limit = "" if result.upper_limit is None else f" (≤ {number(result.upper_limit, analyte.decimals)})"
    return value(result, analyte.decimals) + limit


def _diagnoses(case: Case) -> Iterable[str]:
    for one in case.diagnoses:
        since = f", since {day(one.noted_on)}" if one.noted_on else ""
        over = f", resolved {day(one.resolved_on)}" if _is_over(one.resolved_on, case) else ""
        yield f"{DIAGNOSIS_NAMES[one.kind]}{since}{over}"


def _is_over(on: date | None, case: Case) -> bool:
    """What lies after the sheet's day is not known on it."""
    return on is not None and on <= case.as_of.date()


def _event(event: Event, as_of: datetime) -> str:
    label = f" ({event.label})" if event.label else ""
    grade = f", grade {event.grade}" if event.grade is not None else ""
    until = f" until {day(event.ended_at)}" if event.ended_at and event.ended_at <= as_of else ""
    return f"{day(event.started_at)}{until}: {EVENT_NAMES[event.kind]}{label}{grade}"
