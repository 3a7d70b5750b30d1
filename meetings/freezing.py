"""What a discussion freezes: the report of the moment at which it was held, and what was agreed."""

import json
from datetime import datetime

from interpretation.report import as_json
from patients.report.summary import place_of, slow_rise_of

from .beside import beside
from .models import Action, AgendaItem, Discussion
from .reading import read


def seen_at(item: AgendaItem) -> datetime | None:
    """When it was last on the screen or written on."""
    return max(filter(None, (item.shown_at, item.written_at)), default=None)


def frozen(item: AgendaItem, now: datetime, *, known: bool = True) -> Discussion:
    """Not stored. `known`: only what had arrived here when it was seen (the demo arrives all at once)."""
    at = min(seen_at(item) or now, now)
    page, signing = read(item.patient, at, at if known else None)
    present = signing.present
    return Discussion(
        item=item,
        clinic_id=item.patient.clinic_id,
        patient=item.patient,
        as_of=at,
        decision=item.decision,
        note=item.note,
        question=item.question,
        reasons=item.reasons,
        actions=[_action(action) for action in item.actions.select_related("owner").order_by("id")],
        beside=beside(page, item.imaging).as_json() | {"carried": _carried(item)},
        report=json.dumps(as_json(present.report), ensure_ascii=False),
        basis=present.basis,
        fingerprint=present.fingerprint,
        knowledge_version=present.report.knowledge_version,
        grade=present.report.dissociation.grade,
        grade_rank=place_of(item.patient, present.report, slow_rise_of(present.case, present.report)),
        partial=present.partial,
        overrule=present.overrule if present.overrule_holds else None,
        at=now,
    )


def _carried(item: AgendaItem) -> list[dict]:
    """What was outstanding from before this discussion."""
    standing = Action.objects.outstanding().filter(patient=item.patient).exclude(item=item)
    return [_action(action) for action in standing.select_related("owner")]


def _action(action) -> dict:
    return {
        "kind": action.kind,
        "text": action.text,
        "tests": action.tests,
        "owner": str(action.owner),
        "due_on": action.due_on.isoformat(),
        "ended_as": action.ended_as,
    }
