"""Where the patient of a request is in this record: found by number and birth date, read with what it holds."""

from dataclasses import replace
from typing import Any

from interpretation.record.records import Case, Draw
from patients.models import Patient
from patients.report.panel import case_for
from uploads.models import HookCard, Sender

from .cards import card_ids
from .supplied import Supplied


def patient_of(sender: Sender, supplied: Supplied) -> Patient | None:
    """None where number or birth date are another one's, or missing, or fit several."""
    born = supplied.case.birth_date
    if not supplied.numbers or born is None:
        return None
    found = Patient.objects.current().filter(clinic=sender.clinic, mrn__in=supplied.numbers, birth_date=born)
    both = list(found.select_related("clinic")[:2])
    return both[0] if len(both) == 1 else None


def with_record(supplied: Supplied, patient: Patient) -> Supplied:
    """The record's case with what came beside it; where both have a result of one minute, the record's counts."""
    own = case_for(patient, supplied.case.as_of)
    return replace(supplied, case=_joined(own, supplied.case))


def _joined(own: Case, other: Case) -> Case:
    return replace(
        own,
        draws=(*own.draws, *_new_draws(own, other)),
        diagnoses=(*own.diagnoses, *(one for one in other.diagnoses if _is_new(one, own.diagnoses))),
        events=(*own.events, *(one for one in other.events if _is_new(one, own.events))),
        died_on=own.died_on or other.died_on,
        anticoagulant=own.anticoagulant or other.anticoagulant,
    )


def _new_draws(own: Case, other: Case) -> list[Draw]:
    there = {(draw.taken_at, result.analyte) for draw in own.draws for result in draw.results}
    left = [
        replace(draw, results=tuple(one for one in draw.results if (draw.taken_at, one.analyte) not in there))
        for draw in other.draws
    ]
    return [draw for draw in left if draw.results]


def _is_new(one: Any, there: tuple[Any, ...]) -> bool:
    """Of a kind and day that the record does not have."""
    return (one.kind, _began(one)) not in {(other.kind, _began(other)) for other in there}


def _began(one: Any) -> Any:
    at = getattr(one, "started_at", None) or getattr(one, "noted_on", None)
    return at.date() if hasattr(at, "date") else at


def remember(sender: Sender, patient: Patient, answered: list[dict[str, Any]]) -> None:
    """Of whom each card was, so that what becomes of it is known to be of this patient."""
    HookCard.objects.bulk_create(
        HookCard(uuid=id, sender=sender, patient=patient) for id in card_ids(answered)
    )
