"""Results that are stored and graded, and that a person should look at: why, and what can be said of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from interpretation.record.analytes import ANALYTES
from patients.models import Result
from patients.report.panel import Panel, drawn_at
from patients.values.display import Units


@dataclass(frozen=True)
class MarkedResult:
    """`others`: what else stands for the same test and minute, as (reported, shown)."""

    draw: str
    analyte: str
    method: str
    name: str
    shown: str
    at: datetime
    why: str
    others: tuple[tuple[str, str], ...]


def marked_results(panel: Panel) -> tuple[MarkedResult, ...]:
    """The latest first, as of the moment of the page."""
    draws = [d for d in panel.rows.draws if d.withdrawn_at is None and d.taken_at <= panel.as_of]
    draws.sort(key=lambda draw: (draw.taken_at, draw.id), reverse=True)
    return tuple(marked for draw in draws for marked in _of_draw(panel, draw))


def is_marked(result: Result) -> bool:
    """As `Result.is_marked`, for rows that are read without their model."""
    return bool(result.unconfirmed) and result.confirmed_at is None and result.status in Result.COUNTING


def _of_draw(panel: Panel, draw) -> Iterator[MarkedResult]:
    units = Units(panel.patient.clinic.display_units)
    results = panel.rows.results.get(draw.id, ())
    for result in results:
        if is_marked(result):
            yield MarkedResult(
                draw=str(draw.uuid),
                analyte=result.analyte,
                method=result.method,
                name=ANALYTES[result.analyte].short,
                shown=_shown(result, units),
                at=drawn_at(draw, panel.patient.clinic.zone),
                why=result.unconfirmed,
                others=tuple(_others(result, results, units)),
            )


def _others(result: Result, results, units: Units) -> Iterator[tuple[str, str]]:
    for other in results:
        same = (other.analyte, other.method) == (result.analyte, result.method)
        if same and other.status == Result.Status.SUPERSEDED:
            yield other.reported_value, _shown(other, units)


def _shown(result: Result, units: Units) -> str:
    text = units.text(result.analyte, result.value, result.comparator)
    return f"{text} {units.label(result.analyte)}".strip()
