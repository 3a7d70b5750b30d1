"""What files say of an anticoagulant: a column of the patients' table, drugs of a FHIR bundle; and its undo."""

import json

import pytest
from django.utils import timezone

from patients.actions.anticoagulant import AnticoagulantSaid, say_anticoagulant
from patients.fhir import bundle_of, dumps
from patients.models import Event, Patient
from uploads import actions
from uploads.models import Upload

pytestmark = pytest.mark.django_db
HEAD = "mrn,family_name,given_name,sex,birth_date,anticoagulant,anticoagulant_since\n"


@pytest.fixture
def store(clinic, data_manager):
    def store(content, name="file.csv") -> Upload:
        contents = [(name, content.encode() if isinstance(content, str) else json.dumps(content).encode())]
        return actions.store(contents=contents, clinic=clinic, by=data_manager)[0]

    return store


def row(said="", since="", mrn="M-1") -> str:
    return f"{mrn},Okafor,Ada,F,1961-04-02,{said},{since}\n"


def said(mrn="M-1") -> tuple[str, str]:
    found = Patient.objects.select_related("anticoagulant_said_by").get(mrn=mrn)
    return found.anticoagulant, str(found.anticoagulant_said_by or "")


def reasons(upload) -> list[str]:
    return list(upload.rows.exclude(outcome__in=["new", "same"]).values_list("outcome", "column", "reason"))


def statement(status, name, **more) -> dict:
    concept = {"text": name}
    subject = {"reference": "Patient/p"}
    found = {"resourceType": "MedicationStatement", "status": status, "medicationCodeableConcept": concept}
    return found | {"subject": subject} | more


def bundle(*resources) -> dict:
    person = {"resourceType": "Patient", "id": "p", "identifier": [{"value": "M-1"}], "gender": "female"}
    person |= {"name": [{"family": "Okafor", "given": ["Ada"]}], "birthDate": "1961-04-02"}
    entries = [{"resource": one} for one in (person, *resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


# Tables


@pytest.mark.parametrize(
    ("cell", "expected"), [("none", "none"), ("No", "none"), ("", ""), ("not known", "")]
)
def test_a_table_says_it_with_its_patients(store, data_manager, cell, expected):
    upload = store(HEAD + row(cell))
    assert said() == (expected, str(data_manager) if expected else "")
    assert upload.new == 1 + bool(expected)


@pytest.mark.parametrize(
    ("cell", "kind", "label"),
    [("Warfarin", "vka", "Warfarin"), ("Apixaban 5 mg", "doac", "Apixaban 5 mg"), ("DOAC", "doac", "")],
)
def test_a_drug_is_an_event_from_its_day_on(store, data_manager, cell, kind, label):
    store(HEAD + row(cell, "2025-05-03"))
    event = Event.objects.get()
    day = event.started_at.astimezone(event.patient.clinic.zone).date()
    assert (event.kind, event.label, f"{day}") == (kind, label, "2025-05-03")
    assert said() == ("taking", str(data_manager))


def test_the_same_table_again_changes_nothing(store):
    for cell in ("none", "warfarin"):
        assert store(HEAD + row(cell, "2025-05-03")).new
        again = store(HEAD + row(cell, "2025-05-03"))
        assert (again.new, again.same) == (0, 2)
    assert Event.objects.count() == 1


def test_a_drug_without_its_day_waits(store):
    upload = store(HEAD + row("warfarin"))
    assert [(outcome, column) for outcome, column, _ in reasons(upload)] == [
        ("waiting", "anticoagulant_since")
    ]
    assert said() == ("", "")
    assert Patient.objects.count() == 1


def test_a_word_that_is_no_anticoagulant_waits(store):
    upload = store(HEAD + row("aspirin"))
    assert [(outcome, column) for outcome, column, _ in reasons(upload)] == [("waiting", "anticoagulant")]


def test_none_waits_beside_a_drug_that_nobody_stopped(store):
    store(HEAD + row("warfarin", "2025-05-03"))
    upload = store(HEAD + row("none"))
    assert [(outcome, column) for outcome, column, _ in reasons(upload)] == [("waiting", "anticoagulant")]
    assert said()[0] == "taking"


def test_a_row_of_somebody_else_says_nothing(store, patient):
    Patient.objects.filter(pk=patient.pk).update(mrn="M-1", birth_date="1980-01-01")
    store(HEAD + row("none"))
    assert said() == ("", "")


def test_the_preview_says_how_many(clinic, store):
    text = HEAD + row("none") + row("none", mrn="M-2") + row("warfarin", "2025-05-03", mrn="M-3")
    (seen,) = actions.look(contents=[("file.csv", text.encode())], clinic=clinic)
    assert "New of an anticoagulant: none in 2, taking in 1." in seen.notes
    assert not Patient.objects.exists()


# FHIR


def test_a_drug_that_is_taken_says_so(store, data_manager):
    store(bundle(statement("active", "Warfarin 5 mg", effectivePeriod={"start": "2025-05-03"})), "f.json")
    assert said() == ("taking", str(data_manager))


@pytest.mark.parametrize(
    ("name", "expected"), [("warfarin", "none"), ("Anticoagulant", "none"), ("aspirin", "")]
)
def test_a_drug_that_is_not_taken_says_none(store, name, expected):
    store(bundle(statement("not-taken", name)), "f.json")
    assert said()[0] == expected


def test_a_drug_that_is_taken_counts_beside_one_that_is_not(store):
    taken = statement("active", "Apixaban", effectivePeriod={"start": "2025-05-03"})
    store(bundle(statement("not-taken", "Warfarin"), taken), "f.json")
    assert said()[0] == "taking"


def test_a_drug_that_is_over_says_nothing(store):
    over = {"start": "2025-05-03", "end": "2025-06-03"}
    store(bundle(statement("completed", "Warfarin", effectivePeriod=over)), "f.json")
    assert said()[0] == ""


# Out again


@pytest.mark.parametrize(("cell", "during"), [("none", "none"), ("warfarin", "taking")])
def test_an_undo_gives_back_what_was_said_before(store, data_manager, clinician, cell, during):
    store(HEAD + row())
    upload = store(HEAD + row(cell, "2025-05-03"))
    assert said()[0] == during
    actions.undo(uploads=[upload], by=clinician)
    assert said() == ("", "")
    assert not Event.objects.current().exists()


def test_an_undo_leaves_what_a_person_has_said_since(store, clinician):
    store(HEAD + row())
    upload = store(HEAD + row("none"))
    patient = Patient.objects.get()
    again = AnticoagulantSaid("none", seen=patient.anticoagulant_said_at)
    say_anticoagulant(patient=patient, by=clinician, said=again)
    actions.undo(uploads=[upload], by=clinician)
    assert said() == ("none", str(clinician))


def test_a_record_that_is_exported_says_it_again(store, clinic, clinician):
    store(HEAD + row("none"))
    patient = Patient.objects.get()
    whole = dumps(bundle_of(patient, timezone.now()))
    Patient.objects.filter(pk=patient.pk).update(mrn="M-0")
    actions.store(contents=[("f.json", whole.encode())], clinic=clinic, by=clinician)
    assert said() == ("none", str(clinician))
