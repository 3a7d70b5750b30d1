"""The real laboratory files of MIMIC-IV, where they are present."""

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import connection

from accounts.models import Clinic
from interpretation.report import as_json
from patients.models import Diagnosis, Draw, Event, Patient, Result
from patients.report.panel import panel
from tests.uploads.rewritten import as_fhir, as_oru
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
    """One test: storing 10,000 results takes seconds. Their times were shifted and fit no clocks of a place:
    three of them fall into an hour that does not exist in London."""
    clinic.time_zone = "UTC"
    clinic.save()
    uploads = actions.store(contents=files, clinic=clinic, by=data_manager)
    count_rows()
    assert [(u.kind, u.read, u.new, u.waiting) for u in uploads] == [
        ("patients", 57, 57, 0),
        ("diagnoses", 54, 54, 0),
        ("events", 169, 169, 0),
        ("labs", 10236, 10236, 0),
    ]
    assert not UploadRow.objects.filter(outcome="waiting").exists()
    assert Result.objects.filter(analyte="LDH").count() == 365
    # A platelet count of 5 K/µL could be 5 lakh, but for the values before it.
    assert Result.objects.get(analyte="platelets", value=5).is_marked
    assert Result.objects.filter(status="superseded").count() == 4
    assert (Diagnosis.objects.count(), Event.objects.count()) == (48, 175)

    again = actions.store(contents=files, clinic=clinic, by=data_manager)
    assert [(upload.new, upload.changed, upload.refused) for upload in again] == [(0, 0, 0)] * 4
    assert all("This file was stored on" in upload.notes for upload in again)

    actions.undo(uploads=uploads, by=data_manager)
    assert not Patient.objects.current().exists()
    assert not Result.objects.exclude(status="withdrawn").exists()


def test_the_same_results_in_every_format_give_the_very_same_record_and_reports(files, data_manager):
    """One test: storing 10,000 results takes seconds. A workbook has days as days, numbers as numbers."""
    people, labs = (dict(files)[name].decode().splitlines() for name in ("patients.csv", "labs.csv"))
    beside = [(name, content) for name, content in files if name != "labs.csv"]
    book = xlsx({name.removesuffix(".csv"): as_cells(content) for name, content in files})
    ways = {
        "CSV": files,
        "XLSX": [("all.xlsx", book)],
        "ORU^R01": [*beside, ("labs.hl7", as_oru(people, labs))],
        "FHIR": [*beside, ("labs.json", as_fhir(people, labs))],
    }
    found = {way: stored(way, contents, data_manager) for way, contents in ways.items()}
    assert len(found["CSV"].reports) == 57
    # A workbook and HL7 cannot say midnight: there it stands for a day whose hour is not known.
    midnights = {line.split(",")[0] for line in labs if "T00:00:00," in line}
    assert len(midnights) < 12
    for way, differ in (("XLSX", midnights), ("ORU^R01", midnights), ("FHIR", set())):
        assert found[way].counts == found["CSV"].counts, way
        assert found[way].record == found["CSV"].record, way
        assert without(found[way].reports, differ) == without(found["CSV"].reports, differ), way


def without(reports: dict[str, str], left_out: set[str]) -> dict[str, str]:
    return {mrn: report for mrn, report in reports.items() if mrn not in left_out}


@dataclass
class Kept:
    counts: list[tuple]
    record: list
    # By the patient's number.
    reports: dict[str, str]


def stored(way: str, contents, by) -> Kept:
    """What a clinic of its own keeps; in FHIR no time is without a zone: the clinic's is UTC."""
    clinic = Clinic.objects.create(code=way.partition("^")[0].lower(), name=way, time_zone="UTC")
    uploads = actions.store(contents=contents, clinic=clinic, by=by)
    count_rows()
    return Kept(counts(uploads), record(clinic), reports(clinic))


def count_rows() -> None:
    """Rows of a transaction that is still open are not counted: queries of all of them would take minutes."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE patients_patient, patients_draw, patients_result, uploads_uploadrow")


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
    """Of each kind; people who come beside their results once more are not counted."""
    return sorted((u.kind.replace("record", "labs"), u.new, u.changed, u.refused, u.waiting) for u in uploads)


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
    text = re.sub("([<>])", r"\1 ", text)
    return tuple(as_cell(part) for part in re.split(r"[\s–-]+", text) if part)


def reports(clinic) -> dict[str, str]:
    """Each person's report; draws are named by their place in time."""
    as_of, found = datetime(2026, 6, 1, tzinfo=UTC), {}
    for patient in Patient.objects.filter(clinic=clinic).order_by("mrn"):
        draws = Draw.objects.filter(patient=patient).order_by("taken_at", "laboratory")
        text = json.dumps(as_json(panel(patient, as_of).report)).replace(str(patient.uuid), "")
        for number, draw in enumerate(draws):
            text = text.replace(str(draw.uuid), f"draw {number}")
        found[patient.mrn] = text
    return found
