"""A patient on one sheet of A4: what a clinician carries to the bedside or files with a letter.

Everything that could grow is cut to what a sheet holds, and says how much it left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Clinic
from interpretation.causes import Cause
from interpretation.knowledge import sources_text
from interpretation.monitoring import Checklist
from interpretation.record.records import Report
from patients.charts import ChartData, chart_data, chart_table, stacked_figure
from patients.charts.reading.ranges import usual, within
from patients.charts.svg import svg
from patients.charts.table import COLUMNS
from patients.follow_up.standing import Standing, standing_for
from patients.presenters.causes import causes_card
from patients.presenters.chart import usual_scale, words_of_chart
from patients.presenters.events import events_card
from patients.presenters.follow_up import follow_up_card
from patients.presenters.header import header_card
from patients.presenters.screen.notes import notes_card
from patients.presenters.signing import signing_card
from patients.presenters.verdict import verdict_card
from patients.report.panel import Panel
from patients.review.signatures import behind
from patients.values.display import Units
from patients.words import publications

# Height of the chart, in its own pixels.
HEIGHT = 290
DRAWS, CAUSES, FINDINGS, NAMES, CAPS, TAGS = 5, 4, 2, 4, 2, 8
ORDERS, ASKED, EVENTS = 2, 5, 5
CONCERNS, NOTES = 2, 2


@dataclass(frozen=True)
class Cut:
    """The first of a list, and how many more there are."""

    shown: list
    more: int

    @classmethod
    def to(cls, items, number: int) -> "Cut":
        items = list(items)
        return cls(items[:number], max(0, len(items) - number))


@dataclass(frozen=True)
class CausesOnPaper:
    """`first`: each with the findings that the sheet has room for; `more` has as much but no room."""

    first: tuple[tuple[Cause, Cut], ...]
    more: int
    quiet: int
    excluded: Cut
    open: int
    count: int


def summary_context(page: Panel) -> dict:
    """Times are the clinic's."""
    patient, report = page.patient, page.report
    data = chart_data(page.case, report.dissociation, Units(patient.clinic.display_units))
    header, causes, checklist = header_card(page), _causes(page), report.monitoring
    standing = standing_for(patient, page.as_of)
    follow_up = follow_up_card(page, standing)
    return {
        "patient": patient,
        "report": report,
        "behind": behind(report),
        "as_of": page.case.as_of,
        "header": header,
        "tags": Cut.to([*header.diagnosis_tags, *header.alert_tags], TAGS),
        "verdict": verdict_card(report),
        "to_do": _to_do(report),
        "events": Cut.to(_events(page), EVENTS),
        "caps": Cut.to(report.dissociation.caps, CAPS),
        "follow_up": follow_up,
        **_written(standing),
        "signing": signing_card(page, standing.overrule, follow_up.left_out is not None),
        "drawing": _drawing(data, patient.clinic),
        "columns": [(key, data.units[key]) for key in COLUMNS],
        "draws": Cut.to(_judged(data), DRAWS),
        "causes": causes,
        "checklist": checklist,
        **_tests(checklist),
        "sources": in_short(_sources(report, causes)),
    }


def _drawing(data: ChartData, clinic: Clinic) -> str:
    """What the patient's page opens on, on its scale."""
    if not data.drawn:
        return ""
    figure = stacked_figure(within(data, usual(data)), usual_scale(data, clinic), height=HEIGHT)
    return svg(figure, words_of_chart(data))


@dataclass(frozen=True)
class ToDo:
    """What the report calls for: the foremost sentences, and the tests to ask for."""

    orders: Cut
    asked: Cut


def _to_do(report: Report) -> ToDo:
    act = report.urgency.act if report.urgency else ""
    said = [one.text for one in report.statements if one.section == "now"]
    # The heading says that one already.
    orders = [text for text in said if not (act and text.startswith(act))]
    asked = [request.test for request in report.requests.first] if report.requests else []
    return ToDo(Cut.to(orders, ORDERS), Cut.to(asked, ASKED))


def _tests(checklist: Checklist | None) -> dict[str, list]:
    """A row for each test that needs somebody; the others are only named."""
    every = [*checklist.items, *checklist.optional] if checklist else []
    fine = [item for item in every if item.state == "up_to_date"]
    return {"tests": [item for item in every if item not in fine], "fine": [item.name for item in fine]}


def _events(page: Panel) -> list:
    card = events_card(page)
    return [*card.first, *card.more]


def _judged(data: ChartData) -> list:
    """The draws that say something of enzymes or INR: a platelet count each day would push them off."""
    return [row for row in chart_table(data) if any(row.cells[: COLUMNS.index("INR") + 1])]


def _written(standing: Standing) -> dict:
    card = notes_card(standing)
    notes = [thread.note for thread in card.threads if thread.note.struck_at is None]
    return {"concerns": Cut.to(card.standing, CONCERNS), "notes": Cut.to(notes, NOTES)}


def _causes(page: Panel) -> CausesOnPaper:
    card = causes_card(page)
    first = [line.cause for line in card.first]
    # What a person called contributing comes before what still waits.
    first.sort(key=lambda cause: cause.verdict != "contributing")
    return CausesOnPaper(
        first=tuple((cause, Cut.to(cause.evidence, FINDINGS)) for cause in first[:CAUSES]),
        more=max(0, len(first) - CAUSES),
        quiet=len(card.against) + len(card.rest),
        excluded=Cut.to([line.cause for line in card.excluded], NAMES),
        open=card.open,
        count=card.count,
    )


def in_short(sources: Iterable[str]) -> str:
    """ "S3, S17 · Dufour 2000": each once, without those that name no publication."""
    numbers, _, names = sources_text(sources).rpartition(" · ")
    return " · ".join(filter(None, [numbers, ", ".join(publications(names))]))


def _sources(report: Report, causes: CausesOnPaper) -> list[str]:
    """Of the sentences on the sheet, in their order."""
    verdict = report.dissociation
    said = [*verdict.reasons, *verdict.caps, *verdict.escalations]
    said += [found for _, cut in causes.first for found in cut.shown]
    ids = [id for one in said for id in getattr(one, "sources", ())]
    return list(dict.fromkeys([*ids, *(report.monitoring.sources if report.monitoring else ())]))
