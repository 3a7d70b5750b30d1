"""The list beside the plane: one corner's patients in words and numbers, and the ways that led them there."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from interpretation import words
from patients.models import Assessment, Patient
from patients.words import short_span

from .drawing import Trail
from .marks import WORDS, kind_of
from .movements import place_of


@dataclass(frozen=True)
class ListedPatient:
    """One line; values as the verdict compares them, or as they stood at the end of a month."""

    kind: str
    grade: str
    address: str
    name: str
    mrn: str
    enzyme: str
    enzyme_from: str
    enzyme_to: str
    inr_from: str
    inr_to: str
    over: str


def listed(found: Assessment, until: datetime | None = None) -> ListedPatient:
    """Of somebody who is on the plane; `until`: `found` comes with its values then (`movements.as_then`)."""
    patient, kind = found.patient, kind_of(found.grade_rank)
    at = min(found.latest_at, until) if until else found.latest_at
    enzyme_to, inr_to = (found.enzyme_then, found.inr_then) if until else (found.enzyme_to, found.inr_to)
    # Of a value before the latest nobody has kept whether it was a bound.
    is_latest = at == found.latest_at
    enzyme, inr = (signs.partition(",")[::2] for signs in (found.enzyme_signs, found.inr_signs))
    return ListedPatient(
        kind=kind,
        grade=WORDS[kind],
        address=reverse("patients:detail", args=[patient.uuid]),
        name=name_of(patient),
        mrn=patient.mrn,
        enzyme=found.enzyme,
        enzyme_from=words.enzyme(found.enzyme_from, enzyme[0]),
        enzyme_to=words.enzyme(enzyme_to, enzyme[1] if is_latest else ""),
        inr_from=words.inr(found.inr_from, inr[0]),
        inr_to=words.inr(inr_to, inr[1] if is_latest else ""),
        over=short_span(at - found.baseline_at),
    )


def name_of(patient: Patient) -> str:
    return ", ".join(filter(None, [patient.family_name, patient.given_name]))


def trail(found: Assessment, until: datetime) -> Trail | None:
    """Through the draws kept for the sparklines up to then; None where there is one place only."""
    enzyme, inr = found.enzyme_from, found.inr_from
    ways = []
    for values in _draws(found, until):
        enzyme, inr = values.get("enzyme", enzyme), values.get("inr", inr)
        ways.append((enzyme, inr))
    ways.append((found.enzyme_then, found.inr_then))
    places = (place_of(found.enzyme_from, level, found.inr_from, ratio) for level, ratio in ways)
    steps = tuple(filter(None, places))
    return Trail(kind_of(found.grade_rank), steps) if len(set(steps)) > 1 else None


def _draws(found: Assessment, until: datetime) -> list[dict[str, float]]:
    """The values of each draw, in time order."""
    draws: dict[datetime, dict[str, float]] = {}
    for name, points in (("enzyme", found.enzyme_points), ("inr", found.inr_points)):
        for at, value in points:
            draws.setdefault(datetime.fromisoformat(at), {})[name] = value
    return [draws[at] for at in sorted(draws) if at <= until]
