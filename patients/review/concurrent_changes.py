"""What others stored while a page was open: told to whoever's signature came too late."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db.models import QuerySet

from accounts.models import User
from interpretation.knowledge import load
from interpretation.words import day
from patients import models
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES

load("causes").read_by(__name__, "cause")


@dataclass(frozen=True)
class ConcurrentChange:
    at: datetime
    by: str
    words: str


def changes_since(patient: models.Patient, opened: datetime) -> list[ConcurrentChange]:
    """Latest last. From the histories that the database writes itself, so that no way in is missed."""
    found = [*_rows(patient, opened), *_verdicts(patient, opened)]
    return sorted(set(found), key=lambda change: change.at)


def _rows(patient: models.Patient, opened: datetime) -> Iterator[ConcurrentChange]:
    rows = [(row, words) for name, owner, words in KINDS for row in _history(name, owner, patient, opened)]
    people = {row.pgh_context.metadata.get("user") for row, _ in rows if row.pgh_context} - {None}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=people)}
    zone = patient.clinic.zone
    for row, words in rows:
        by = row.pgh_context.metadata.get("user") if row.pgh_context else None
        yield ConcurrentChange(row.pgh_created_at.astimezone(zone), names.get(by, ""), words(row, zone))


def _history(name: str, owner: str, patient: models.Patient, opened: datetime) -> QuerySet:
    rows = apps.get_model("patients", name).objects.filter(**{owner: patient}, pgh_created_at__gt=opened)
    return rows.select_related("pgh_context", *(["draw"] if name == "ResultHistory" else []))


def _verdicts(patient: models.Patient, opened: datetime) -> Iterator[ConcurrentChange]:
    causes = load("causes")["cause"]
    for review in patient.reviews.filter(at__gt=opened).select_related("by"):
        name = causes.get(review.cause, {}).get("name", review.cause)
        yield ConcurrentChange(
            review.at.astimezone(patient.clinic.zone), str(review.by), f"verdict on {name}"
        )


def _draw(row, zone) -> str:
    word = "withdrawn" if row.withdrawn_at else "entered" if row.pgh_label == "insert" else "changed"
    return f"draw of {day(row.taken_at.astimezone(zone))} {word}"


def _result(row, zone) -> str:
    return f"results of the draw of {day(row.draw.taken_at.astimezone(zone))} entered or corrected"


def _overrule(row, zone) -> str:
    return "overrule ended" if row.ended_at else "grade overruled"


# History, where it names the patient, and what is said of a row.
KINDS = (
    ("DrawHistory", "patient", _draw),
    ("ResultHistory", "draw__patient", _result),
    ("DiagnosisHistory", "patient", lambda row, zone: f"diagnosis {DIAGNOSIS_NAMES.get(row.kind, row.kind)}"),
    ("EventHistory", "patient", lambda row, zone: f"event {EVENT_NAMES.get(row.kind, row.kind)}"),
    ("PatientHistory", "pgh_obj", lambda row, zone: "the patient's own details"),
    ("OverruleHistory", "patient", _overrule),
)
