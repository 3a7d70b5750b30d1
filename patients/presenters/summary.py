"""A patient on one sheet of A4: what a clinician carries to the bedside or files with a letter.

Everything that could grow is cut to what a sheet holds, and says how much it left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from interpretation.knowledge import sources_text
from patients.charts import ChartData, chart_data, chart_table, stacked_figure
from patients.charts.svg import svg
from patients.charts.table import COLUMNS
from patients.contacts import following_for, standing_for
from patients.numbers import Units
from patients.panel import Panel
from patients.signing import signing_for
from patients.templatetags.clinical import UNNAMED

from .header import age, alert_tags, diagnosis_tags
from .page import SEXES, cause_groups, words_of_chart

# Heights of the two panels of the chart, in its own pixels.
PANELS = (118, 108)
DRAWS, CAUSES, FINDINGS, NAMES, CAPS, TAGS = 5, 5, 2, 6, 2, 8


@dataclass(frozen=True)
class Cut:
    """The first of a list, and how many more there are."""

    shown: list
    more: int

    @classmethod
    def to(cls, items, number: int) -> "Cut":
        items = list(items)
        return cls(items[:number], max(0, len(items) - number))


def summary_context(page: Panel) -> dict:
    """Times are the clinic's."""
    patient, case, report = page.patient, page.case, page.report
    units = Units(patient.clinic.display_units)
    data = chart_data(case, report.dissociation, units)
    causes = _causes(page)
    verdict = report.dissociation
    standing = standing_for(patient, page.as_of)
    following = following_for(page, standing)
    return {
        **who(page),
        "report": report,
        "verdict": verdict,
        "as_of": case.as_of,
        "caps": Cut.to(verdict.caps, CAPS),
        "following": following,
        "signing": signing_for(page, standing.overrule, following.left_out is not None),
        "drawing": svg(stacked_figure(data, panels=PANELS), words_of_chart(data)) if data.drawn else "",
        "columns": [(key, data.units[key]) for key in COLUMNS],
        "draws": Cut.to(_judged(data), DRAWS),
        "causes": causes,
        "checklist": report.monitoring,
        "tests": [*report.monitoring.items, *report.monitoring.optional] if report.monitoring else [],
        "sources": in_short(_sources(report, causes)),
    }


def _judged(data: ChartData) -> list:
    """The draws that say something of enzymes or INR: a platelet count each day would push them off."""
    return [row for row in chart_table(data) if any(row.cells[: COLUMNS.index("INR") + 1])]


def who(page: Panel) -> dict:
    """Who the patient is, for the head of any sheet."""
    patient, case = page.patient, page.case
    on = min(case.as_of.date(), case.died_on or case.as_of.date())
    return {
        "patient": patient,
        "sex": SEXES.get(patient.sex, "not recorded"),
        "age": age(patient.birth_date, on),
        "died": case.died_on is not None and case.died_on <= case.as_of.date(),
        "tags": Cut.to([*diagnosis_tags(case), *alert_tags(case)], TAGS),
    }


def _causes(page: Panel) -> dict:
    groups = cause_groups(page)
    first = [row["cause"] for row in groups["first"]]
    # What a person called contributing comes before what still waits.
    first.sort(key=lambda cause: cause.verdict != "contributing")
    return {
        "first": [(cause, Cut.to(cause.evidence, FINDINGS)) for cause in first[:CAUSES]],
        "more": max(0, len(first) - CAUSES),
        "quiet": Cut.to([row["cause"].name for row in (*groups["against"], *groups["rest"])], NAMES),
        "excluded": Cut.to([row["cause"] for row in groups["excluded"]], NAMES),
        "open": groups["open"],
        "count": groups["count"],
    }


def in_short(sources: Iterable[str]) -> str:
    """ "S3, S17 · Dufour 2000": each once, without those that name no publication."""
    numbers, _, names = sources_text(sources).rpartition(" · ")
    named = [name for name in names.split(", ") if name not in UNNAMED]
    return " · ".join(filter(None, [numbers, ", ".join(named)]))


def _sources(report, causes: dict) -> list[str]:
    """Of the sentences on the sheet, in their order."""
    verdict = report.dissociation
    said = [*verdict.reasons, *verdict.caps, *verdict.escalations]
    said += [found for _, cut in causes["first"] for found in cut.shown]
    ids = [id for one in said for id in getattr(one, "sources", ())]
    return list(dict.fromkeys([*ids, *(report.monitoring.sources if report.monitoring else ())]))
