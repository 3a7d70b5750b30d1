"""What the ribbon and its tables show: the grade at each draw, the episodes, the draws after that moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from interpretation.episodes import GradePoint, episodes, grade_at, grades
from interpretation.record.date_alone import DateAlone
from interpretation.record.records import Case
from patients.charts.below.strip import strip
from patients.charts.data import ChartData, chart_data
from patients.charts.reading.ranges import spans
from patients.charts.ribbon import LATER, Ribbon, inrs_of, ribbon
from patients.report.as_of import text_of
from patients.report.panel import Panel, case_for, in_zone
from patients.values.display import Units
from patients.words import grade_word


@dataclass(frozen=True)
class RibbonRow:
    """One draw in the table behind the ribbon."""

    point: GradePoint
    inrs: str
    href: str
    current: bool


def ribbon_context(page: Panel, now: datetime, view: str, page_of: Callable[[str], str]) -> dict:
    """`page_of` is the address of the patient page for a moment written as text."""
    patient, as_of, known_at = page.patient, page.as_of, page.known_at
    zone = patient.clinic.zone

    def href(at: datetime) -> str:
        # Without an hour it may stand anywhere in its day: that day is over then.
        return page_of(f"{at:%Y-%m-%d}" if isinstance(at, DateAlone) else text_of(at, zone))

    # What was known then has nothing after it; what was collected by then has later draws.
    is_past = (now - as_of).total_seconds() > 60
    whole = page.case if known_at or not is_past else case_for(patient, now)
    case = replace(whole, as_of=in_zone(as_of, zone))
    found = grades(case)
    units = Units(patient.clinic.display_units)
    last = found.points[-1:]
    # The days of the chart, by the verdict of the page.
    data = chart_data(case, page.report.dissociation, units)
    made = _ribbons(whole, data, found.points, view, href)
    return {
        "ribbon": made.get("all"),
        "strips": [strip(key, one, grade_word) for key, one in made.items()],
        "rows": [RibbonRow(p, inrs_of(p), href(p.at), p in last) for p in reversed(found.points)],
        "left_out": found.left_out,
        "episodes": episodes(found.points, case)[::-1],
        "as_of": case.as_of,
        "known": known_at is not None,
        "is_past": is_past,
    }


def _ribbons(whole: Case, data: ChartData, points, view: str, href) -> dict[str, Ribbon]:
    """One for each range of days; none where the chart has nothing to draw either."""
    if not data.drawn:
        return {}
    moments = {d.taken_at: d.id for d in sorted(whole.draws, key=lambda d: (d.taken_at, d.id))}
    later = [(at, draw) for at, draw in moments.items() if at > data.as_of]
    graded = [grade_at(whole, at, draw) for at, draw in later[: LATER[view]]]
    more = len(later) - len(graded)
    return {key: ribbon(points, graded, more, span, href) for key, span in spans(data).items()}
