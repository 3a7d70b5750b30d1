"""One patient on the screen of a meeting: pieces of the patient page, and what is new since the last time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse

from interpretation.analytes import ANALYTES
from patients.models import Patient
from patients.numbers import Units
from patients.panel import Panel
from patients.presenters.header import age, alert_tags, diagnosis_tags
from patients.presenters.page import SEXES, cause_groups, chart_card

from .comparison import compared, lines, until
from .models import Action, AgendaItem, Discussion, Meeting
from .reading import read

# What the chart shows before the days of the verdict, at least.
BEFORE = timedelta(days=365)


@dataclass(frozen=True)
class Chart:
    """What the chart of the stage shows: the patient page's stacked view."""

    view: str = "stacked"
    scale: str = "limit"
    panels: str = ""

    def query(self, **changes) -> str:
        return ""


def stage_context(item: AgendaItem, now: datetime) -> dict:
    """Everything about the patient of this item as of now. Times are the clinic's."""
    page, signing = read(item.patient, now)
    units = Units(page.patient.clinic.display_units)
    address = reverse("patients:detail", args=[page.patient.uuid])
    return {
        "item": item,
        "address": address,
        "signing": signing,
        "since": _since(item, page, signing.present.basis, units),
        "causes": _open_causes(page),
        "actions": outstanding_of(page.patient),
        **_who(page),
        **_charted(page, units, address),
    }


def _charted(page: Panel, units: Units, address: str) -> dict:
    """The chart. On an axis of many years the days of the verdict would be a sliver: it begins a year before
    them, or three times as long as they last, and says so."""
    baseline, times = page.report.dissociation.baseline_at, [draw.taken_at for draw in page.case.draws]
    since = baseline - max(BEFORE, 3 * (max(times) - baseline)) if baseline else None
    if since is None or since <= min(times):
        return chart_card(page, Chart(), units, address)
    draws = tuple(draw for draw in page.case.draws if draw.taken_at >= since)
    near = replace(page, case=replace(page.case, draws=draws))
    more = {"charted_from": min(draw.taken_at for draw in draws), "first_draw": min(times)}
    return chart_card(near, Chart(), units, address) | more


def _who(page: Panel) -> dict:
    patient, case = page.patient, page.case
    return {
        "patient": patient,
        "report": page.report,
        "verdict": page.report.dissociation,
        "as_of": case.as_of,
        "today": case.as_of.date(),
        "sex": SEXES.get(patient.sex, "sex not recorded"),
        "age": age(patient.birth_date, min(case.as_of.date(), case.died_on or case.as_of.date())),
        "died": case.died_on is not None and case.died_on <= case.as_of.date(),
        "diagnosis_tags": diagnosis_tags(case),
        "alert_tags": alert_tags(case),
        "latest_draw": max((draw.taken_at for draw in case.draws), default=None),
    }


def _since(item: AgendaItem, page: Panel, basis: dict, units: Units) -> dict:
    """Since the last discussion; before the first, the numbers since the baseline of the verdict."""
    last = latest_discussion(page.patient)
    if last is not None:
        found = compared(last.basis, basis, units)
        return {
            "discussion": last,
            "at": last.as_of.astimezone(page.patient.clinic.zone),
            "lines": found.lines,
            "sentences": found.sentences,
            "worse": found.worse,
        }
    baseline = page.report.dissociation.baseline_at
    then = until(basis["draws"], baseline) if baseline else {}
    return {"baseline": baseline, "lines": lines(then, basis["draws"], units)}


def latest_discussion(patient: Patient) -> Discussion | None:
    found = Discussion.objects.filter(patient=patient).select_related("item__meeting").defer("report")
    return found.order_by("-as_of", "-id").first()


def _open_causes(page: Panel) -> dict:
    """What a meeting judges first: causes open with something recorded, and those called contributing."""
    groups = cause_groups(page)
    return {
        "open": [row for row in groups["first"] if row["cause"].verdict == "pending"],
        "contributing": [row for row in groups["first"] if row["cause"].verdict == "contributing"],
        "quiet": [*groups["against"], *groups["rest"]],
        "excluded": groups["excluded"],
    }


def outstanding_of(patient: Patient) -> list[Action]:
    rows = Action.objects.outstanding().filter(patient=patient)
    return list(rows.select_related("owner", "item__meeting"))


def names_of(keys: list[str]) -> str:
    return ", ".join(ANALYTES[key].short if key in ANALYTES else key for key in keys)


def position_of(meeting: Meeting) -> dict:
    """The jump list, where the screen stands in it, and who comes before and after."""
    items = list(meeting.items.filter(state=AgendaItem.State.TAKEN).select_related("patient"))
    at = next((place for place, one in enumerate(items) if one.pk == meeting.showing_id), None)
    return {
        "items": items,
        "place": None if at is None else at + 1,
        "before": items[at - 1] if at else None,
        "after": items[at + 1] if at is not None and at + 1 < len(items) else None,
        "decided": sum(1 for one in items if one.decision),
    }
