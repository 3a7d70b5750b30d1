"""Agenda and minutes on paper. The minutes of an open meeting are a draft, those of a closed one frozen."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from patients.models import Assessment, CauseReview
from patients.presenters.worklist.rows import Row, row
from patients.report.panel import in_zone
from patients.values.display import Units
from patients.worklist.being_assessed import BEING_ASSESSED

from .beside import in_lines
from .comparison import lines, until
from .models import Action, AgendaItem, Discussion, Meeting
from .words import action_words, in_words, judged_since, verdict_words


@dataclass(frozen=True)
class AgendaEntry:
    """One patient of the agenda: the worklist's line, the last discussion, what is outstanding."""

    item: AgendaItem
    row: Row | None
    last: Discussion | None
    actions: list[Action]

    @property
    def changes(self) -> str:
        return changes_of(self.row)


def agenda(meeting: Meeting, now: datetime) -> list[AgendaEntry]:
    """Those taken, in their order; four queries whatever their number."""
    items = list(_taken(meeting))
    patients = [item.patient_id for item in items]
    summed = Assessment.objects.filter(pk__in=patients).select_related("patient")
    summed = summed.annotate(being_assessed=BEING_ASSESSED)
    rows = {one.pk: row(one, meeting.clinic, now) for one in summed}
    last = Discussion.objects.filter(patient__in=patients).defer("report", "basis")
    latest = {one.patient_id: one for one in last.order_by("patient", "-as_of", "-id").distinct("patient")}
    waiting: dict[int, list] = {}
    for action in Action.objects.outstanding().filter(patient__in=patients).select_related("owner"):
        waiting.setdefault(action.patient_id, []).append(action)
    return [
        AgendaEntry(
            item, rows.get(item.patient_id), latest.get(item.patient_id), waiting.get(item.patient_id, [])
        )
        for item in items
    ]


def _taken(meeting: Meeting) -> QuerySet[AgendaItem]:
    rows = meeting.items.filter(state=AgendaItem.State.TAKEN, patient__withdrawn_at__isnull=True)
    return rows.select_related("patient")


@dataclass(frozen=True)
class Minute:
    """What is written of one patient. `frozen` None in a draft; `numbers` compare baseline and latest."""

    item: AgendaItem
    grade: str
    sentence: str
    decision: str
    question: str
    reasons: list
    note: str
    judged: list[str]
    agreed: list[dict]
    carried: list[dict]
    numbers: list
    beside: dict[str, str]
    frozen: Discussion | None = None
    addenda: tuple = ()
    at: datetime | None = None


def minutes(meeting: Meeting) -> dict:
    """`written`: who was discussed; `left`: who was not reached."""
    build = _kept if meeting.state == Meeting.State.CLOSED else _draft
    written, left = build(meeting)
    return {
        "written": written,
        "left": left,
        "to_do": _to_do(written),
        "is_draft": meeting.state != Meeting.State.CLOSED,
        "addenda": [one for one in meeting.addenda.select_related("by") if one.item_id is None],
        "versions": sorted({one.frozen.knowledge_version for one in written if one.frozen}),
    }


def _to_do(written: list[Minute]) -> list[dict]:
    """Every action that stands, agreed now or carried over, the first due first; `number` is its minute's."""
    found = [
        {**action, "number": number, "patient": one.item.patient, "is_carried": carried}
        for number, one in enumerate(written, 1)
        for actions, carried in ((one.agreed, False), (one.carried, True))
        for action in actions
        if not action["ended_as"]
    ]
    return sorted(found, key=lambda action: action["due_on"])


def _kept(meeting: Meeting) -> tuple[list[Minute], list[AgendaItem]]:
    """Read from what was frozen: nothing is computed anew. Of whom the record was withdrawn it stays."""
    found = meeting.items.select_related("patient", "discussion__overrule__by").order_by("place", "id")
    addenda: dict[int, list] = {}
    for one in meeting.addenda.filter(item__isnull=False).select_related("by"):
        addenda.setdefault(one.item_id, []).append(one)
    units = Units(meeting.clinic.display_units)
    written, left = [], []
    for item in found:
        if hasattr(item, "discussion"):
            written.append(_of_discussion(item, item.discussion, units, tuple(addenda.get(item.pk, ()))))
        elif item.state == AgendaItem.State.TAKEN:
            left.append(item)
    return written, left


def _of_discussion(item: AgendaItem, held: Discussion, units: Units, addenda: tuple) -> Minute:
    judged = held.content.get("dissociation", {})
    return Minute(
        item=item,
        grade=judged.get("grade", held.grade),
        sentence=held.verdict,
        decision=held.decision_words,
        question=held.question,
        reasons=held.reasons,
        note=held.note,
        judged=judged_since(held.content, item.meeting.started_at),
        agreed=[in_words(action) for action in held.actions],
        carried=[in_words(action) for action in held.beside.get("carried", ())],
        numbers=numbers_of(judged.get("baseline_at"), held.basis, units),
        beside=in_lines(held.beside),
        frozen=held,
        addenda=addenda,
        at=in_zone(held.as_of, item.meeting.clinic.zone),
    )


def numbers_of(baseline_at: str | None, basis: dict, units: Units) -> list:
    """The numbers of the verdict, baseline and latest, of a frozen basis."""
    draws = basis.get("draws", {})
    then = until(draws, datetime.fromisoformat(baseline_at)) if baseline_at else {}
    return lines(then, draws, units)


def _draft(meeting: Meeting) -> tuple[list[Minute], list[AgendaItem]]:
    """As it stands now: the verdict in the words of the worklist's summary."""
    entries = {entry.item.pk: entry for entry in agenda(meeting, timezone.now())}
    acted: dict[int, list] = {}
    for action in Action.objects.filter(item__meeting=meeting).select_related("owner").order_by("id"):
        acted.setdefault(action.item_id, []).append(action)
    judged = _judged(meeting, [entry.item.patient_id for entry in entries.values()])
    written, left = [], []
    for entry in entries.values():
        item = entry.item
        # As in `actions.closing.is_discussed`, without a query for each.
        if item.is_decided or item.written_at is not None or item.pk in acted:
            written.append(_of_item(item, entry, judged.get(item.patient_id, []), acted.get(item.pk, [])))
        else:
            left.append(item)
    return written, left


def _judged(meeting: Meeting, patients: list[int]) -> dict[int, list[str]]:
    """The latest verdict on each cause that was given since the meeting began."""
    if meeting.started_at is None:
        return {}
    given = CauseReview.objects.filter(patient__in=patients, at__gte=meeting.started_at).select_related("by")
    found: dict[int, list[str]] = {}
    for one in given.order_by("patient", "cause", "-at", "-id").distinct("patient", "cause"):
        words = verdict_words(one.cause, one.verdict, one.note, str(one.by))
        found.setdefault(one.patient_id, []).append(words)
    return found


def _of_item(item: AgendaItem, entry: AgendaEntry, judged: list[str], acted: list[Action]) -> Minute:
    return Minute(
        item=item,
        grade=entry.row.grade if entry.row else "",
        sentence=changes_of(entry.row),
        decision=item.get_decision_display(),
        question=item.question,
        reasons=item.reasons,
        note=item.note,
        judged=judged,
        agreed=[_in_words(action) for action in acted],
        carried=[_in_words(action) for action in entry.actions if action.item_id != item.pk],
        numbers=[],
        # Scores and drugs are read and frozen at the close.
        beside=in_lines({"imaging": item.imaging}),
    )


def _in_words(action: Action) -> dict:
    return {
        "words": action_words(action.kind, action.text, action.tests),
        "owner": action.owner,
        "due_on": action.due_on,
        "ended_as": action.ended_as,
    }


def changes_of(line: Row | None) -> str:
    """ "ALT 112 → 34 U/L (−70 %), INR 1.2 → 1.7 (+42 %)" of the worklist's line."""
    if line is None:
        return ""
    if line.enzyme_change is None or line.inr_change is None:
        return line.reason
    enzyme, inr = line.enzyme_change, line.inr_change
    return (
        f"{line.enzyme} {enzyme.start} → {enzyme.end} U/L ({enzyme.percent}), "
        f"INR {inr.start} → {inr.end} ({inr.percent})" + (f" in {line.over}" if line.over else "")
    )
