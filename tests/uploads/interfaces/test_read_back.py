"""Our export and read API, read by two libraries that others wrote: nothing is lost on the way."""

import io

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import Clinic
from patients.fhir import bundle_of, dumps
from patients.fhir.histories import type_of
from patients.fhir.results import observation
from patients.models import Patient, Result
from patients.values.validation import read_number
from tests.uploads.generated import add_generated
from tests.uploads.other_hands import LIBRARIES, READERS, Rewriter
from uploads import actions
from uploads.interfaces import senders
from uploads.models import TokenScope

pytestmark = pytest.mark.django_db
GENERATED = 30
SERVED = {"Condition", "MedicationStatement", "Procedure"}
each_library = pytest.mark.parametrize("rewritten", LIBRARIES.values(), ids=LIBRARIES)
each_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Every invented patient of the demo, loaded once for this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", stdout=io.StringIO())
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


@pytest.fixture
def generated(clinic) -> list[Patient]:
    return [add_generated(clinic, seed=17, number=number) for number in range(GENERATED)]


@each_library
def test_every_demo_person_comes_back_the_same(demo, rewritten, other_clinic, stranger):
    comes_back(everybody(Clinic.objects.get(code="demo")), other_clinic, stranger, rewritten)


@each_library
def test_generated_people_come_back_the_same(generated, rewritten, other_clinic, stranger):
    comes_back(generated, other_clinic, stranger, rewritten)


@each_reader
def test_what_the_read_api_gives_comes_back_the_same(generated, read, clinic, other_clinic, stranger):
    """Events that are Observations are in the export alone."""
    _, token = senders.add_sender(clinic=clinic, name="EHR", scopes=list(TokenScope))
    files = [(person.mrn, read(token, person.mrn)) for person in generated]
    store(files, other_clinic, stranger)
    compare(generated, other_clinic, SERVED)


@pytest.mark.parametrize(
    ("analyte", "unit", "code"),
    [
        ("ALT", "IU/L", "U/L"),
        ("ALT", "nkat/L", "nkat/L"),
        ("platelets", "/mm3", "/uL"),
        ("afp", "IU/mL", None),
        ("d_dimer", "ug/mL", None),
        ("ALT", "no such unit", "U/L"),
    ],
)
def test_a_unit_is_written_as_it_was_sent_beside_the_code_of_an_equal_one(
    patient, make_draw, analyte, unit, code
):
    draw = make_draw(patient, "2025-01-01T08:00", **{analyte: 7})
    draw.results.update(reported_unit=unit)
    quantity = observation(draw.results.get(), {})["valueQuantity"]
    assert quantity["unit"] == (unit if unit != "no such unit" else "U/L")
    assert quantity.get("code") == code


# --- out and in ---


def everybody(clinic: Clinic) -> list[Patient]:
    return list(Patient.objects.current().filter(clinic=clinic).order_by("mrn"))


def comes_back(people: list[Patient], clinic: Clinic, by, rewritten: Rewriter) -> None:
    now = timezone.now()
    store([(person.mrn, rewritten(dumps(bundle_of(person, now)))) for person in people], clinic, by)
    compare(people, clinic)


def store(files: list[tuple[str, bytes]], clinic: Clinic, by) -> None:
    """Into an empty clinic: each entry is new."""
    for upload in actions.store(contents=files, clinic=clinic, by=by, accept_questions=True):
        other = upload.rows.exclude(outcome="new").values_list("place", "outcome", "reason")
        assert (upload.read > 0, list(other)) == (True, []), upload.file


def compare(people: list[Patient], clinic: Clinic, kinds: set[str] | None = None) -> None:
    back = {person.mrn: person for person in everybody(clinic)}
    assert set(back) == {person.mrn for person in people}
    for person in people:
        ours, theirs = told(person, kinds), told(back[person.mrn], kinds)
        for name, rows in ours.items():
            assert theirs[name] == rows, (person.mrn, name)


# --- what a record says ---

PERSON = ("mrn", "family_name", "given_name", "sex", "birth_date", "died_on")
DRAW = ("taken_at", "hour_known", "laboratory", "note", "received_at")
RESULT = (
    "analyte", "comparator", "reported_unit", "status", "verified_at", "comment", "order_key", "unconfirmed",
)  # fmt: skip
DIAGNOSIS = ("kind", "noted_on", "resolved_on", "codes", "note")
EVENT = ("kind", "label", "started_at", "ended_at", "grade", "route", "stop_confirmed", "note")


def told(patient: Patient, kinds: set[str] | None = None) -> dict[str, list[tuple]]:
    """By table, each value, sorted. `kinds`: of events, those that are such resources."""
    results = Result.objects.filter(draw__patient=patient, status__in=Result.COUNTING)
    events = [row for row in patient.events.current() if kinds is None or type_of(row) in kinds]
    return {
        "person": [fields(patient, PERSON) + (patient.anticoagulant == "none",)],
        "draws": in_order(fields(row, DRAW) for row in patient.draws.current()),
        "results": in_order(result(row) for row in results.filter(draw__withdrawn_at=None)),
        "diagnoses": in_order(fields(row, DIAGNOSIS) for row in patient.diagnoses.current()),
        "events": in_order(fields(row, EVENT) for row in events),
    }


def result(row: Result) -> tuple:
    draw = row.draw
    place = (draw.taken_at, draw.hour_known, draw.laboratory, row.method or draw.method)
    numbers = tuple(number(one) for one in (row.value, row.lower_limit, row.upper_limit))
    return *place, *fields(row, RESULT), *numbers, read_number(row.reported_value)


def number(value: float | None) -> float | None:
    """Without the last binary digits of a unit's factor."""
    return None if value is None else float(f"{value:.9g}")


def fields(row, names: tuple[str, ...]) -> tuple:
    return tuple(getattr(row, name) for name in names)


def in_order(rows) -> list[tuple]:
    return sorted(rows, key=repr)
