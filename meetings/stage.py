"""One patient on the screen of a meeting: pieces of the patient page, and what is new since the last time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from interpretation.record.analytes import ANALYTES
from patients.models import Patient
from patients.presenters.causes import CauseLine, causes_card
from patients.presenters.chart import chart_card
from patients.presenters.header import header_card
from patients.presenters.options import Options
from patients.presenters.verdict import verdict_card
from patients.report.panel import Panel
from patients.values.display import Units

from .comparison import ThenAndNowLine, compared, lines, until
from .models import Action, AgendaItem, Discussion, Meeting
from .reading import read

# What the chart shows before the days of the verdict, at least.
BEFORE = timedelta(days=365)


@dataclass(frozen=True)
class SinceCard:
    """What is new since the last discussion; before the first one, the numbers since the baseline."""

    lines: list[ThenAndNowLine]
    discussion: Discussion | None = None
    at: datetime | None = None
    sentences: tuple[str, ...] = ()
    worse: bool = False
    baseline: datetime | None = None


@dataclass(frozen=True)
class StageCauses:
    """What a meeting judges first: causes open with something recorded, and those called contributing."""

    open: list[CauseLine]
    contributing: list[CauseLine]
    quiet: list[CauseLine]
    excluded: list[CauseLine]


def stage_context(item: AgendaItem, now: datetime) -> dict:
    """Everything about the patient of this item as of now, on the cards of the patient page."""
    page, signing = read(item.patient, now)
    address = reverse("patients:detail", args=[page.patient.uuid])
    return {
        "item": item,
        "patient": page.patient,
        "address": address,
        "today": page.case.as_of.date(),
        "header": header_card(page),
        "verdict": verdict_card(page.report),
        "signing": signing,
        "chart": chart_card(page, Options(), address, since=_charted_since(page)),
        "since": _since(page, signing.present.basis),
        "causes": _causes(page),
        "actions": outstanding_of(page.patient),
    }


def _charted_since(page: Panel) -> datetime | None:
    """A year before the days of the verdict, or three times as long as they last: on an axis of many years
    they would be a sliver."""
    baseline = page.report.dissociation.baseline_at
    if baseline is None:
        return None
    latest = max(draw.taken_at for draw in page.case.draws)
    return baseline - max(BEFORE, 3 * (latest - baseline))


def _since(page: Panel, basis: dict) -> SinceCard:
    units = Units(page.patient.clinic.display_units)
    last = latest_discussion(page.patient)
    if last is not None:
        found = compared(last.basis, basis, units)
        at = last.as_of.astimezone(page.patient.clinic.zone)
        return SinceCard(found.lines, last, at, found.sentences, found.worse)
    baseline = page.report.dissociation.baseline_at
    then = until(basis["draws"], baseline) if baseline else {}
    return SinceCard(lines(then, basis["draws"], units), baseline=baseline)


def _causes(page: Panel) -> StageCauses:
    card = causes_card(page)
    return StageCauses(
        open=[line for line in card.first if line.cause.verdict == "pending"],
        contributing=[line for line in card.first if line.cause.verdict == "contributing"],
        quiet=[*card.against, *card.rest],
        excluded=list(card.excluded),
    )


def latest_discussion(patient: Patient) -> Discussion | None:
    found = Discussion.objects.filter(patient=patient).select_related("item__meeting").defer("report")
    return found.order_by("-as_of", "-id").first()


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
