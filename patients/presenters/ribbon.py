"""What the ribbon and its tables show: the grade at each draw, the episodes, the draws after that moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from interpretation.episodes import GradePoint, episodes, grade_at, grades
from interpretation.record.date_alone import DateAlone
from interpretation.record.records import Case
from patients.charts.axes import time_span
from patients.charts.data import chart_data
from patients.charts.ribbon import LATER, Ribbon, inrs_of, ribbon
from patients.models import Patient
from patients.report.as_of import text_of
from patients.report.panel import case_for, in_zone, panel
from patients.values.display import Units


@dataclass(frozen=True)
class RibbonRow:
    """One draw in the table behind the ribbon."""

    point: GradePoint
    inrs: str
    href: str
    current: bool


def ribbon_context(
    patient: Patient,
    as_of: datetime,
    now: datetime,
    known_at: datetime | None,
    view: str,
    page_of: Callable[[str], str],
) -> dict:
    """`page_of` is the address of the patient page for a moment written as text."""
    zone = patient.clinic.zone

    def href(at: datetime) -> str:
        # Without an hour it may stand anywhere in its day: that day is over then.
        return page_of(f"{at:%Y-%m-%d}" if isinstance(at, DateAlone) else text_of(at, zone))

    # What was known then has nothing after it; what was collected by then has later draws.
    whole = panel(patient, as_of, known_at).case if known_at else case_for(patient, now)
    case = replace(whole, as_of=in_zone(as_of, zone))
    found = grades(case)
    units = Units(patient.clinic.display_units)
    last = found.points[-1:]
    return {
        "ribbon": _ribbon(whole, case, found.points, units, view, href),
        "rows": [RibbonRow(p, inrs_of(p), href(p.at), p in last) for p in reversed(found.points)],
        "left_out": found.left_out,
        "episodes": episodes(found.points, case)[::-1],
        "as_of": case.as_of,
        "known": known_at is not None,
        "is_past": (now - as_of).total_seconds() > 60,
    }


def _ribbon(whole: Case, case: Case, points, units: Units, view: str, href) -> Ribbon | None:
    """None where the chart has nothing to draw either."""
    data = chart_data(case, None, units)
    if not data.drawn:
        return None
    moments = {d.taken_at: d.id for d in sorted(whole.draws, key=lambda d: (d.taken_at, d.id))}
    later = [(at, draw) for at, draw in moments.items() if at > case.as_of]
    shown = later[: LATER[view]]
    graded = [grade_at(whole, at, draw) for at, draw in shown]
    return ribbon(points, graded, len(later) - len(shown), time_span(data), href)
