"""The real laboratory files of MIMIC-IV, where they are present."""

import csv
import io
import json
import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from interpretation.report import as_json
from patients.models import Diagnosis, Draw, Event, Patient, Result
from patients.panel import panel
from tests.uploads.sheets import xlsx
from uploads import actions
from uploads.models import UploadRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(shared_data):
    folder = shared_data / "mimic-iv-demo"
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.csv"))]


def test_every_row_is_accounted_for_a_second_time_adds_nothing_and_undo_takes_all(
    files, clinic, data_manager
):
    """One test: storing 10,000 results takes seconds."""
    uploads = actions.store(contents=files, clinic=clinic, by=data_manager)
    assert [(u.kind, u.read, u.new, u.waiting) for u in uploads] == [
        ("patients", 57, 57, 0),
        ("diagnoses", 54, 54, 0),
        ("events", 169, 169, 0),
        # 365 LDH, which is not kept, and one platelet count of 5 K/µL, which could be 5 lakh.
        ("labs", 10236, 9870, 366),
    ]
    reasons = UploadRow.objects.filter(outcome="waiting").values_list("reason", flat=True)
    assert Counter("LDH" in reason for reason in reasons) == {True: 365, False: 1}
    assert Result.objects.filter(status="superseded").count() == 4
    assert (Diagnosis.objects.count(), Event.objects.count()) == (48, 175)

    again = actions.store(contents=files, clinic=clinic, by=data_manager)
    assert [(upload.new, upload.changed, upload.refused) for upload in again] == [(0, 0, 0)] * 4
    assert all("This file was stored on" in upload.notes for upload in again)

    actions.undo(uploads=uploads, by=data_manager)
    assert not Patient.objects.current().exists()
    assert not Result.objects.exclude(status="withdrawn").exists()


def test_the_same_data_as_a_workbook_gives_the_very_same_record_and_reports(
    files, clinic, other_clinic, data_manager
):
    """Days as days, numbers as numbers, a sheet for each kind of file."""
    by_csv = actions.store(contents=files, clinic=clinic, by=data_manager)
    book = xlsx({name.removesuffix(".csv"): as_cells(content) for name, content in files})
    by_sheet = actions.store(contents=[("all.xlsx", book)], clinic=other_clinic, by=data_manager)
    assert counts(by_sheet) == counts(by_csv)
    assert record(other_clinic) == record(clinic)
    assert reports(other_clinic) == reports(clinic) and len(reports(clinic)) == 57


def as_cells(content: bytes) -> list[list]:
    return [[as_cell(cell) for cell in row] for row in csv.reader(io.StringIO(content.decode()))]


def as_cell(text: str):
    if re.match(r"0\d", text):
        return text  # a code: 07054 is no number
    for kind in (float, datetime.fromisoformat):
        try:
            return kind(text)
        except ValueError:
            continue
    return text or None


def counts(uploads) -> list[tuple]:
    return [(u.kind, u.read, u.new, u.same, u.changed, u.refused, u.waiting) for u in uploads]


def record(clinic) -> list[list[tuple]]:
    """All that is stored, without keys. A number that was sent is compared as a number: 139.0 is 139."""
    people = Patient.objects.filter(clinic=clinic)
    of = {"patient__clinic": clinic}
    results = Result.objects.filter(draw__patient__clinic=clinic).values_list(
        "draw__patient__mrn", "draw__taken_at", "draw__laboratory", "analyte", "value", "comparator",
        "lower_limit", "upper_limit", "reported_unit", "method", "status", "status_reason",
        "reported_value", "reported_range",
    )  # fmt: skip
    return [
        sorted(
            people.values_list("mrn", "family_name", "given_name", "sex", "birth_date", "died_on"), key=str
        ),
        sorted(
            Diagnosis.objects.filter(**of).values_list("patient__mrn", "kind", "noted_on", "codes"), key=str
        ),
        sorted(
            Event.objects.filter(**of).values_list("patient__mrn", "kind", "label", "started_at", "ended_at"),
            key=str,
        ),
        sorted(((*row[:12], *map(as_numbers, row[12:])) for row in results), key=str),
    ]


def as_numbers(text: str) -> tuple:
    return tuple(
        as_cell(part) for part in text.replace("<", "< ").replace(">", "> ").replace("–", " ").split()
    )


def reports(clinic) -> list[str]:
    """Each person's report; draws are named by their place in time."""
    as_of, found = datetime(2026, 6, 1, tzinfo=UTC), []
    for patient in Patient.objects.filter(clinic=clinic).order_by("mrn"):
        draws = Draw.objects.filter(patient=patient).order_by("taken_at", "laboratory")
        text = json.dumps(as_json(panel(patient, as_of).report)).replace(str(patient.uuid), "")
        for number, draw in enumerate(draws):
            text = text.replace(str(draw.uuid), f"draw {number}")
        found.append(text)
    return found
