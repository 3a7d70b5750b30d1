"""The record as it was known here at one moment, not only collected by then. [lessons.md 1, 16]

The database keeps every version of every row. A row counts if it was stored by that moment, in the version
of that moment: a value corrected later is the old one, a draw withdrawn later still stands. A draw that had
been received before it was stored here (`received_at`, from a later upload) counts from its receipt, in its
first version. Diagnoses and events have no receipt: they are known from when they were entered.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.apps import apps
from django.db.models import QuerySet
from pghistory.models import Event

from patients import models

Version = TypeVar("Version")


@dataclass(frozen=True)
class KnownDraws:
    """Draws known then and, of those that stand today, the ones that were not; results by draw."""

    draws: list
    not_known: list
    results: dict[int, list]


def draw_versions(patient: models.Patient) -> list[list]:
    return _versions(_history("DrawHistory").filter(patient=patient))


def result_versions(patient: models.Patient, result_fields: Iterable[str]) -> dict[int, list[list]]:
    """By draw."""
    results: dict[int, list[list]] = defaultdict(list)
    fields = ("pgh_obj_id", "pgh_created_at", *result_fields)
    rows = _history("ResultHistory").filter(draw__patient=patient).values_list(*fields, named=True)
    for each in _versions(rows):
        results[each[0].draw_id].append(each)
    return results


def row_versions(patient: models.Patient, name: str) -> list[list]:
    """`name`: "Diagnosis" or "Event"."""
    return _versions(_history(f"{name}History").filter(patient=patient))


def person_versions(patient: models.Patient) -> list:
    return list(_history("PatientHistory").filter(pgh_obj=patient).select_related("clinic"))


def known_draws(patient: models.Patient, at: datetime, result_fields: Iterable[str]) -> KnownDraws:
    versions, results = draw_versions(patient), result_versions(patient, result_fields)
    known, not_known, known_results = [], [], {}
    for each in versions:
        draw = known_version(each, at, each[0].received_at)
        if draw is not None:
            known.append(draw)
            known_results[draw.id] = known_results_of(results[draw.id], at, each[0], each[0].received_at)
        elif each[-1].withdrawn_at is None:
            not_known.append(each[-1])
    known.sort(key=lambda draw: (draw.taken_at, draw.id))
    return KnownDraws(known, not_known, known_results)


def known_diagnoses(patient: models.Patient, at: datetime) -> list:
    rows = _standing(row_versions(patient, "Diagnosis"), at)
    return sorted(rows, key=lambda row: (row.noted_on or date.max, row.id))


def known_events(patient: models.Patient, at: datetime) -> list:
    rows = _standing(row_versions(patient, "Event"), at)
    return sorted(rows, key=lambda row: (row.started_at, row.id))


def known_person(patient: models.Patient, at: datetime) -> models.Patient | Event:
    """Sex, dates of birth and death as they were recorded; who was entered later, as first entered."""
    versions = person_versions(patient)
    return (known_version(versions, at) or versions[0]) if versions else patient


def _history(name: str) -> QuerySet:
    """Every version in the order in which they were stored."""
    return apps.get_model("patients", name).objects.order_by("pgh_id")


def _versions(rows: Iterable) -> list[list]:
    """The versions of each row, rows in the order in which they were first stored."""
    found: dict[int, list] = defaultdict(list)
    for row in rows:
        found[row.pgh_obj_id].append(row)
    return list(found.values())


def known_version(
    versions: list[Version], at: datetime, received_at: datetime | None = None
) -> Version | None:
    """The version of that moment; None where the row was neither stored nor received yet."""
    stored = [version for version in versions if version.pgh_created_at <= at]
    if stored:
        return stored[-1]
    return versions[0] if received_at is not None and received_at <= at else None


def known_results_of(of_draw: list[list], at: datetime, draw, received_at: datetime | None) -> list:
    """What was stored together with the draw was received with it; what was added later came later."""
    found = [
        known_version(each, at, received_at if each[0].pgh_created_at <= draw.pgh_created_at else None)
        for each in of_draw
    ]
    return [result for result in found if result is not None]


def _standing(versions: Iterable[list], at: datetime) -> list:
    found = [known_version(each, at) for each in versions]
    return [row for row in found if row is not None and row.withdrawn_at is None]
