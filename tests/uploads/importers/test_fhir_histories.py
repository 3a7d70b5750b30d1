"""Reports that are not finished, conditions by their codes, prescriptions, deletions and provenance."""

import json
from datetime import UTC

import pytest

from interpretation.record.records import DIAGNOSIS_KINDS, EVENT_KINDS
from patients.models import Diagnosis, Result
from tests.uploads.files import outcomes, reasons
from tests.uploads.importers.test_fhir import PATIENT, bundle, drug, observation, read
from uploads.importers.fhir import diagnosis_codes
from uploads.importers.fhir.prescriptions import PRESCRIBED
from uploads.importers.main import parse
from uploads.importers.records import DiagnosisRow, EventRow, LabRow, RefutedRow, RowProblem

db = pytest.mark.django_db
ICD10, SNOMED = "http://hl7.org/fhir/sid/icd-10", "http://snomed.info/sct"
SUBJECT = {"subject": {"reference": "Patient/p"}}


def report(status: str, *names: str, **more) -> dict:
    result = [{"reference": f"Observation/{name}"} for name in names]
    given = {"resourceType": "DiagnosticReport", "status": status, "code": {"text": "LFT"}, "result": result}
    return given | SUBJECT | more


def condition(*codings: tuple[str, str], text: str = "", **more) -> dict:
    coding = [{"system": system, "code": code} for system, code in codings]
    code = {"coding": coding} | ({"text": text} if text else {})
    return {"resourceType": "Condition", "code": code} | SUBJECT | more


def state(code: str) -> dict:
    return {"coding": [{"code": code}]}


def request(**more) -> dict:
    given = {
        "resourceType": "MedicationRequest", "status": "active", "intent": "order", "authoredOn": "2025-01-01",
        "medicationCodeableConcept": {"text": "Warfarin 5 mg tablet"},
    }  # fmt: skip
    return given | SUBJECT | more


# --- reports ---


@pytest.mark.parametrize(
    ("status", "own", "found"),
    [
        ("registered", "final", "preliminary"),
        ("partial", "final", "preliminary"),
        ("preliminary", "final", "preliminary"),
        ("partial", "preliminary", "preliminary"),
        ("preliminary", "corrected", "corrected"),
        ("final", "preliminary", "preliminary"),
        ("final", "final", "final"),
        ("amended", "final", "final"),
        ("corrected", "amended", "corrected"),
        ("appended", "final", "final"),
    ],
)
def test_a_report_that_is_not_finished_speaks_for_its_results(status, own, found):
    (row,) = read(observation(id="o", status=own), report(status, "o"))
    assert row.status == found


def test_a_sender_that_tells_single_results_apart_is_believed_in_each():
    pending = observation(id="b", status="registered", valueQuantity=None)
    done, waits = read(observation(id="a"), pending, report("partial", "a", "b"))
    assert (done.status, waits.level) == ("final", "same")


@db
def test_the_final_report_takes_the_place_of_the_partial_one(people, put):
    put(bundle(observation(id="o"), report("partial", "o")))
    assert Result.objects.get().status == "preliminary"
    put(bundle(observation(id="o"), report("final", "o")))
    assert list(Result.objects.filter(status__in=Result.COUNTING).values_list("status", flat=True)) == [
        "final"
    ]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_report_that_is_taken_back_without_its_results_is_for_a_person(status):
    (item,) = read(report(status, "gone"))
    assert (item.level, f"marks this report as {status}" in item.text) == ("waiting", True)
    assert item.place.cells[0] == "N-1"


def test_a_finished_report_without_its_results_is_a_note_only():
    assert read(report("final", "gone")) == []


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ({"type": "Organization", "display": "North Lab"}, "North Lab"),
        ({"reference": "Organization/n"}, "Northern Laboratory"),
        ({"type": "Practitioner", "display": "Dr Who"}, ""),
        ({"reference": "Organization/far", "display": "Far Lab"}, "Far Lab"),
    ],
)
def test_provenance_names_the_laboratory_where_nothing_else_does(who, name):
    organisation = {"resourceType": "Organization", "id": "n", "name": "Northern Laboratory"}
    provenance = {
        "resourceType": "Provenance", "recorded": "2025-03-01T09:00:00Z", "agent": [{"who": who}],
        "target": [{"reference": "Observation/o"}],
    }  # fmt: skip
    (row,) = read(observation(id="o"), organisation, provenance)
    assert row.laboratory == name
    named = observation(id="o", performer=[{"display": "West Lab"}])
    assert read(named, organisation, provenance)[0].laboratory == "West Lab"


# --- conditions ---


@pytest.mark.parametrize(
    ("codings", "kinds"),
    [
        ([(ICD10, "K74.6")], ["cirrhosis"]),
        ([("http://hl7.org/fhir/sid/icd-10-cm", "K74.60")], ["cirrhosis"]),
        ([("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "K74.6")], ["cirrhosis"]),
        ([("urn:oid:2.16.840.1.113883.6.90", "K7460")], ["cirrhosis"]),
        ([(ICD10, "K70.3")], ["alcohol_related", "cirrhosis"]),
        ([(ICD10, "K74.3")], ["pbc"]),
        ([(SNOMED, "19943007")], ["cirrhosis"]),
        ([(SNOMED, "128302006"), (ICD10, "B18.2")], ["hepatitis_c"]),
        ([(ICD10, "K76.9")], []),
        ([(ICD10, "19943007")], []),
        ([(SNOMED, "K74.6")], []),
        ([("urn:other", "K74.6")], []),
    ],
)
def test_a_condition_is_known_by_its_codes(codings, kinds):
    found = read(condition(*codings, text="words of nobody"))
    assert [item.kind for item in found if isinstance(item, DiagnosisRow)] == kinds
    assert kinds or [item.level for item in found] == ["waiting"]


def test_codes_of_the_list_are_kinds_of_ours_and_each_has_its_source():
    listed = {group: set(diagnosis_codes._listed(group)) for group in ("diagnosis", "event", "source")}
    assert listed["diagnosis"] <= set(DIAGNOSIS_KINDS) and listed["event"] <= set(EVENT_KINDS)
    assert listed["source"] == {"icd10", "snomed"}


def test_a_complication_is_an_event_by_its_code():
    (item,) = read(condition((SNOMED, "389026000"), onsetDateTime="2025-01-01"))
    assert isinstance(item, EventRow) and item.kind == "ascites"


@pytest.mark.parametrize("said", ["refuted", "entered-in-error"])
def test_what_is_refuted_is_never_a_diagnosis(said):
    (item,) = read(condition((ICD10, "K74.6"), verificationStatus=state(said)))
    assert isinstance(item, RefutedRow) and item.said == said


@db
def test_what_is_refuted_and_on_record_is_for_a_person(people, put):
    refuted = condition((ICD10, "K74.6"), verificationStatus=state("refuted"))
    assert outcomes(put(bundle(refuted))[0]) == ["same", "same"]
    put(bundle(condition((ICD10, "K74.6"))))
    (upload,) = put(bundle(refuted))
    assert outcomes(upload) == ["same", "waiting"] and "the record holds it" in reasons(upload)[1]
    assert Diagnosis.objects.get().resolved_on is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"clinicalStatus": state("resolved")}, "it is resolved, and no day says since when"),
        ({"clinicalStatus": state("inactive")}, "it is inactive, and no day"),
        ({"abatementString": "last year"}, "it is over, and no day"),
        (
            {"clinicalStatus": state("active"), "abatementDateTime": "2025-01-01"},
            "status is active, and it gives",
        ),
        ({"verificationStatus": state("differential")}, "differential, not confirmed"),
        ({"verificationStatus": state("unconfirmed")}, "unconfirmed, not confirmed"),
    ],
)
def test_a_condition_in_doubt_asks(more, words):
    (item,) = read(condition((ICD10, "K74.6"), **more))
    assert (item.level, words in item.text) == ("waiting", True), item.text


@pytest.mark.parametrize("clinical", ["active", "recurrence", "relapse", "remission"])
def test_a_condition_that_goes_on_is_a_diagnosis(clinical):
    (item,) = read(condition((ICD10, "K75.4"), clinicalStatus=state(clinical), onsetAge={"value": 40}))
    assert (item.kind, item.noted_on, item.resolved_on) == ("autoimmune_hepatitis", None, None)


# --- drugs ---


def test_a_prescription_is_an_event_that_says_what_it_is():
    (item,) = read(request(note=[{"text": "with food"}]))
    assert (item.kind, item.ended_at, item.note) == ("vka", None, f"{PRESCRIBED} with food")


def test_a_prescription_ends_where_its_dosage_is_bound():
    bounds = {"timing": {"repeat": {"boundsPeriod": {"start": "2025-02-01", "end": "2025-03-01"}}}}
    (item,) = read(request(status="completed", dosageInstruction=[bounds]))
    assert (item.started_at.month, item.ended_at.month) == (2, 3)


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ({"status": "stopped"}, "waiting"),
        ({"status": "on-hold"}, "waiting"),
        ({"status": "unknown"}, "waiting"),
        ({"status": "cancelled"}, "same"),
        ({"status": "draft"}, "same"),
        ({"status": "entered-in-error"}, "same"),
        ({"intent": "plan"}, "same"),
        ({"intent": "proposal"}, "same"),
        ({"doNotPerform": True}, "same"),
        ({"medicationCodeableConcept": {"text": "Paracetamol"}}, "waiting"),
        ({"authoredOn": "2025-13-01"}, "refused"),
    ],
)
def test_a_prescription_that_says_nothing_sure_is_no_event(more, level):
    (item,) = read(request(**more))
    assert (type(item), item.level) == (RowProblem, level)


@pytest.mark.parametrize("status", ["completed", "stopped"])
def test_a_drug_that_is_over_without_an_end_asks(status):
    (item,) = read(drug(status=status))
    assert (item.level, f"it is {status}, and no day" in item.text) == ("waiting", True)
    (row,) = read(drug(status=status, effectivePeriod={"start": "2025-01-01", "end": "2025-02-01"}))
    assert row.ended_at.month == 2


# --- deletions, zones ---


def test_a_deletion_is_told_to_a_person():
    wanted = {"request": {"method": "DELETE", "url": "Observation/7"}}
    entries = [{"resource": PATIENT}, wanted, {"response": {"status": "204"}}]
    parsed = parse(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode())
    gone = [item for item in parsed.items if isinstance(item, RowProblem)]
    assert [(item.level, item.place.name) for item in gone] == [("waiting", "entry 2")]
    assert "has deleted Observation/7" in gone[0].text and "1 entries without a resource" in parsed.notes[0]


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("2025-03-01T08:00:00+05:45", "02:15"),
        ("2025-03-01T08:00:00-03:30", "11:30"),
        ("2025-03-01T08:00:00+14:00", "18:00"),
        ("2025-03-01T08:00:00-00:00", "08:00"),
        ("2025-03-01T08:00:00.5Z", "08:00"),
    ],
)
def test_an_odd_offset_is_meant_as_it_is_written(time, utc):
    (row,) = read(observation(effectiveDateTime=time))
    assert isinstance(row, LabRow) and f"{row.taken_at.astimezone(UTC):%H:%M}" == utc
