"""One patient on the screen of a meeting: pieces of the patient page, and what is new since the last time."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from interpretation.record.analytes import ANALYTES
from patients.models import Patient
from patients.presenters.causes import CauseLine, causes_card
from patients.presenters.header import header_card
from patients.presenters.verdict import verdict_card
from patients.report.panel import Panel
from patients.values.display import Units

from .beside import beside
from .comparison import ThenAndNowLine, compared, lines, until
from .models import Action, AgendaItem, Discussion, Meeting
from .reading import read
from .stage_chart import stage_chart

# Reasons of the agenda that nothing else on the stage tells.
TOLD = ("untaken", "asked", "worse", "again", "late")


@dataclass(frozen=True)
class SinceCard:
    """What is new since the last discussion; before the first one, the numbers since the baseline."""

    lines: list[ThenAndNowLine]
    discussion: Discussion | None = None
    at: datetime | None = None
    sentences: tuple[str, ...] = ()
    worse: bool = False
    baseline: datetime | None = None

    @property
    def beside(self) -> dict:
        """What stood beside the verdict then."""
        return self.discussion.beside if self.discussion else {}


@dataclass(frozen=True)
class StageCauses:
    """What a meeting judges first: causes open with something recorded, and those called contributing."""

    open: list[CauseLine]
    contributing: list[CauseLine]
    quiet: list[CauseLine]
    excluded: list[CauseLine]


def stage_context(item: AgendaItem, now: datetime, *, watching: bool = False) -> dict:
    """Everything about the patient of this item as of now; `watching`: for the room's wide, low chart."""
    page, signing = read(item.patient, now)
    since = _since(page, signing.present.basis)
    address = reverse("patients:detail", args=[page.patient.uuid])
    return {
        "item": item,
        "why": _why(item),
        "patient": page.patient,
        "address": address,
        "today": page.case.as_of.date(),
        "header": header_card(page),
        "verdict": verdict_card(page.report),
        "signing": signing,
        "chart": stage_chart(page, watching),
        "since": since,
        "beside": beside(page, item.imaging, since.beside, since.at),
        "causes": _causes(page),
        "actions": outstanding_of(page.patient),
        "concerns": list(page.patient.concerns.standing().select_related("owner")),
    }


def _why(item: AgendaItem) -> list:
    """Why it is on the agenda, without what the verdict, the question or the cards say already."""
    asked = item.question
    return [
        (kind, sentence)
        for kind, sentence in item.reasons
        if kind in TOLD and not (asked and sentence.endswith(asked))
    ]


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
        **counts_of(items),
    }


def counted_of(meeting: Meeting) -> dict:
    """One query."""
    return counts_of(list(meeting.items.filter(state=AgendaItem.State.TAKEN)))


def counts_of(items: list[AgendaItem]) -> dict:
    """How many are on the agenda, decided, and without a question."""
    return {
        "on_agenda": len(items),
        "decided": sum(1 for one in items if one.decision),
        "unasked": sum(1 for one in items if not one.question),
    }
