"""FHIR that went wrong elsewhere: each file of the cases with its right value, and others of its kind."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from patients.models import Patient, Result
from tests.uploads.files import outcomes, reasons
from tests.uploads.importers.test_fhir import LOINC, PATIENT, bundle, observation, one, read
from tests.uploads.message_cases import CASES, case, kestrel
from uploads.importers.fhir.returned import bundle_with_reasons
from uploads.importers.main import parse
from uploads.importers.records import LabRow, PatientRow, RowProblem

db = pytest.mark.django_db
INR = {"coding": [{"system": LOINC, "code": "6301-6"}]}


def patient(**more) -> dict:
    return {name: value for name, value in (PATIENT | more).items() if value is not None}


def report(*contained: dict, **more) -> dict:
    names = [{"reference": f"#{one['id']}"} for one in contained if one["resourceType"] == "Observation"]
    given = {
        "resourceType": "DiagnosticReport", "status": "final", "code": {"text": "LFT"},
        "subject": {"reference": "#p"}, "effectiveDateTime": "2025-03-01T08:00:00Z",
        "contained": list(contained), "result": names,
    } | more  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def written(resource: object) -> bytes:
    return json.dumps(resource).encode()


# --- F04: what is to be mended ---


@db
def test_f04_a_time_without_zone_says_so(clinic, put):
    kestrel(clinic, "HXF04")
    (upload,) = put(case("F04_no_zone.json"))
    row = upload.rows.get(outcome="refused")
    assert "“2026-03-02T08:00:00” has no time zone" in row.reason and row.column == "effectiveDateTime"
    mended = case("F04_no_zone.json").replace(b"T08:00:00", b"T08:00:00+01:00")
    assert "2026-03-02T08:00:00+01:00" in row.reason and outcomes(put(mended)[0]) == ["same", "new"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"effectiveDateTime": "2025-03-01T08:00:00.5"}, "has no time zone. Write it with its zone"),
        ({"effectiveDateTime": "2025-03-01T08:00+01:00"}, "with seconds and zone"),
        ({"effectiveDateTime": "01.03.2025"}, "is not a time as FHIR writes it"),
        ({"effectiveDateTime": "2025-02-30"}, "is an impossible date: 30 February 2025 does not exist."),
        (
            {"effectiveDateTime": None, "effectivePeriod": {"start": "2025-03-01T08:00:00"}},
            "has no time zone",
        ),
        ({"issued": "2025-03-01"}, "is not a time as FHIR writes it"),
        ({"code": None}, "is missing. Add it"),
        ({"category": {"text": "x"}}, "square brackets"),
        ({"subject": "Patient/p"}, "named parts in braces"),
        ({"valueQuantity": {"value": "many"}}, "Send the number alone"),
        ({"valueString": "5"}, "several values"),
        ({"unknown": 1}, "Leave it out or correct its name"),
    ],
)
def test_what_is_not_fhir_says_what_to_mend(more, words):
    item = one(**more)
    assert (item.level, words in item.text) == ("refused", True), item.text


def test_nothing_of_a_person_stands_in_the_sentence():
    (item,) = parse(bundle(patient=patient(birthDate="1970-13-05"))).items
    assert "1970" not in item.text and "this is an impossible date" in item.text


@pytest.mark.parametrize("seconds", ["00.123456789", "00.1234567890123", "00"])
def test_seconds_of_any_precision_are_read(seconds):
    assert one(effectiveDateTime=f"2025-03-01T08:00:{seconds}+01:00").taken_at.hour == 8


def test_a_number_in_quotation_marks_is_one():
    assert one(valueQuantity={"value": "88", "unit": "U/L"}).value == "88"


# --- F05, F06: names ---


@db
@pytest.mark.parametrize("name", ["F05_name_absent.json"])
def test_f05_a_masked_family_name_asks_and_its_remedy_works(clinic, put, name):
    (upload,) = put(case(name))
    assert outcomes(upload) == ["waiting", "waiting"] and not Patient.objects.exists()
    assert "Add this patient by hand under the same MRN" in reasons(upload)[0]
    kestrel(clinic, "HXF05")
    assert outcomes(put(case(name))[0]) == ["same", "new"]


@db
def test_f06_a_name_as_text_alone_is_created(put):
    (upload,) = put(case("F06_name_text.json"))
    assert outcomes(upload) == ["new", "new"]
    assert Patient.objects.get().family_name == "Suryani"


ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
MASKED = {"extension": [{"url": ABSENT, "valueCode": "masked"}]}


@pytest.mark.parametrize(
    ("name", "family", "given"),
    [
        ({"text": "Suryani"}, "Suryani", ""),
        ({"text": "Kestrel, Ana Maria"}, "Kestrel", "Ana Maria"),
        ({"text": "Ana Kestrel", "given": ["Ana"]}, "Kestrel", "Ana"),
        ({"text": "Kestrel Ana", "given": ["Ana"]}, "Kestrel", "Ana"),
        ({"text": "Ana Maria Kestrel"}, "", ""),
        ({"given": ["Ana"]}, "", ""),
        ({"_family": MASKED, "given": ["Ana"]}, "", ""),
        ({"family": "Kestrel", "given": ["Ana"], "text": "Ana Maria Kestrel"}, "Kestrel", "Ana"),
    ],
)
@db
def test_a_name_is_read_where_it_has_one_reading(put, name, family, given):
    content = bundle(observation(), patient=patient(name=[name]))
    (upload,) = put(content)
    assert outcomes(upload) == (["new", "new"] if family else ["waiting", "waiting"])
    assert list(Patient.objects.values_list("family_name", "given_name")) == [(family, given)] * bool(family)


@db
def test_results_of_a_person_whose_name_is_one_text_are_compared_with_the_record(people, put):
    for text, outcome in (("Ito", "new"), ("Berg", "waiting"), ("Mai Tanaka Ito", "same")):
        content = bundle(observation(), patient=patient(name=[{"text": text}]))
        assert outcomes(put(content)[0])[-1] == outcome


# --- 22: what is contained ---


@db
def test_22_results_contained_in_a_report_are_read(put):
    (upload,) = put(case("22_contained_results.json"))
    assert outcomes(upload) == ["new", "new"]
    found = Result.objects.get()
    assert (found.analyte, found.value, found.draw.patient.mrn) == ("INR", 2.9, "B-2201")


def inr(**more) -> dict:
    given = {"id": "o1", "code": INR, "subject": {"reference": "#p"}, "valueQuantity": {"value": 2.9}}
    return observation(**(given | more))


@pytest.mark.parametrize(
    "more", [{}, {"subject": None}, {"effectiveDateTime": None}, {"subject": {"reference": "Patient/p"}}]
)
@pytest.mark.parametrize("listed", [{}, {"result": None}])
def test_what_is_contained_has_the_person_and_time_of_its_container(more, listed):
    items = parse(bundle(report(patient(), inr(**more), **listed))).items
    (row,) = [item for item in items if isinstance(item, LabRow)]
    assert (row.mrn, row.code, row.value, row.taken_at.hour) == ("N-1", "6301-6", "2.9", 8)
    assert row.place.name == "entry 2, contained 2"
    assert sum(isinstance(item, PatientRow) for item in items) == 1


def parameters(**parameter) -> dict:
    return {"resourceType": "Parameters", "parameter": [{"name": "x", **parameter}]}


@pytest.mark.parametrize(
    "around",
    [
        lambda found: found,
        lambda found: [found],
        lambda found: parameters(resource=found),
        lambda found: parameters(part=[{"name": "y", "resource": found}]),
        lambda found: parameters(resource=json.loads(bundle(found))),
        lambda found: {"resourceType": "List", "status": "current", "mode": "working", "contained": [found]},
    ],
)
def test_every_container_is_opened(around):
    content = written(around(observation(subject={"identifier": {"value": "N-1"}})))
    rows = [item for item in parse(content).items if isinstance(item, LabRow)]
    assert [(row.mrn, row.value) for row in rows] == [("N-1", "200")]


def test_resources_one_a_line_are_a_bundle():
    lines = b"\n".join(written(one) for one in (patient(), observation(), observation(code=INR)))
    assert [type(item) for item in parse(lines + b"\n").items] == [PatientRow, LabRow, LabRow]
    broken = parse(lines.replace(b'"final"', b'"final', 1)).items
    assert [(type(item), item.place.words) for item in broken] == [
        (PatientRow, "line 1"), (RowProblem, "line 2"), (LabRow, "line 3"),
    ]  # fmt: skip


def test_results_that_are_named_and_not_there_are_counted():
    parsed = parse(bundle(report(result=[{"reference": "Observation/77"}, {"reference": "#x"}])))
    assert "Results that reports name and this file does not hold: 2." in " ".join(parsed.notes)
    parsed = parse(bundle(report(conclusion="ALT 88", result=None)))
    assert "Reports in words or documents alone: 1." in " ".join(parsed.notes)


def test_what_is_contained_and_wrong_is_given_back_with_its_container():
    content = bundle(report(patient(), inr(status="unknown")))
    (problem,) = [item for item in parse(content).items if isinstance(item, RowProblem)]
    back = json.loads(bundle_with_reasons(content, {problem.place.name: [problem.text]}))
    kinds = [entry["resource"]["resourceType"] for entry in back["entry"]]
    assert kinds == ["DiagnosticReport", "OperationOutcome"]
    assert problem.text in json.dumps(back["entry"][1], ensure_ascii=False)


# --- several numbers of one person ---

REPLACED = {"type": "replaced-by", "other": {"reference": "Patient/q"}}
TWO = [{"value": "N-1", "system": "urn:nl"}, {"value": "X-9", "system": "urn:nl"}]


@db
@pytest.mark.parametrize(
    ("identifiers", "outcome"),
    [
        (TWO, "waiting"),
        ([{"value": "X-9", "system": "urn:a"}, {"value": "N-1", "system": "urn:b"}], "new"),
        ([{"value": "N-2", "system": "urn:a"}, {"value": "N-1", "system": "urn:b"}], "waiting"),
        ([{"value": "X-9", "use": "old"}, {"value": "N-1"}], "new"),
        ([{"value": "N-2", "use": "old"}, {"value": "N-1"}], "waiting"),
        ([{"value": "N-2", "period": {"end": "2020-01-01"}}, {"value": "N-1"}], "waiting"),
        ([{"value": "N-1", "period": {"end": "2099-01-01"}}], "new"),
    ],
)
def test_the_record_decides_between_identifiers_or_a_person(people, put, identifiers, outcome):
    (upload,) = put(bundle(observation(), patient=patient(identifier=identifiers)))
    assert outcomes(upload) == (["same", "new"] if outcome == "new" else ["waiting", "waiting"])
    assert [result.draw.patient.mrn for result in Result.objects.all()] == ["N-1"] * (outcome == "new")


@db
def test_nobody_is_created_under_one_of_two_numbers(put):
    assert outcomes(put(bundle(patient=patient(identifier=TWO)))[0]) == ["waiting"]


@db
@pytest.mark.parametrize("more", [{"active": False}, {"link": [REPLACED]}])
def test_results_of_a_person_whose_record_is_replaced_ask(people, put, more):
    assert outcomes(put(bundle(observation(), patient=patient(**more)))[0]) == ["waiting", "waiting"]


# --- bounds, units, remarks, deaths ---


@pytest.mark.parametrize(
    ("interpretation", "value", "found"),
    [
        ([{"coding": [{"code": ">"}]}], {"value": 10}, ">10"),
        ([{"coding": [{"code": "H"}]}, {"coding": [{"code": "<"}]}], {"value": 5}, "<5"),
        ([{"text": ">"}], {"value": 10}, ">10"),
        ([{"coding": [{"code": ">"}]}], {"value": 10, "comparator": ">"}, ">10"),
        ([{"coding": [{"code": "HH"}]}], {"value": 10}, "10"),
    ],
)
def test_an_interpretation_off_the_scale_is_a_bound(interpretation, value, found):
    assert one(code=INR, interpretation=interpretation, valueQuantity=value).value == found


def test_a_bound_and_another_interpretation_ask():
    item = one(interpretation=[{"coding": [{"code": ">"}]}], valueQuantity={"value": 5, "comparator": "<"})
    assert (item.level, "two different bounds" in item.text) == ("waiting", True)


def test_a_component_has_its_own_interpretation():
    part = {"code": INR, "valueQuantity": {"value": 10}, "interpretation": [{"coding": [{"code": ">"}]}]}
    assert [row.value for row in read(observation(component=[part]))] == ["200", ">10"]


@db
@pytest.mark.parametrize(
    ("code", "text", "found"),
    [
        (None, "LESS THAN 10 U/L", ("<", 10)),
        (None, "88 U/L", ("", 88)),
        (None, "88 U/L H", ("", 88)),
        (INR, "No clot", (">", 10)),
        (INR, ">10.0 no clot", (">", 10)),
    ],
)
def test_words_beside_a_value_are_read(people, put, code, text, found):
    more = {"code": code} if code else {}
    put(bundle(observation(valueQuantity=None, valueString=text, **more)))
    assert Result.objects.values_list("comparator", "value").get() == found


@db
@pytest.mark.parametrize("known", [True, False])
def test_results_after_a_death_ask(put, clinic, known):
    if known:
        kestrel(clinic, "N-1", family_name="Ito", birth_date=date(1970, 5, 1), died_on=date(2025, 1, 1))
    more = {} if known else {"deceasedDateTime": "2025-01-01"}
    (upload,) = put(bundle(observation(), patient=patient(**more)))
    assert outcomes(upload)[-1] == "waiting" and "after the death of this patient" in reasons(upload)[-1]


@db
@pytest.mark.parametrize(
    ("name", "stored"),
    [("22_contained_results.json", 1), ("F05_name_absent.json", 0), ("F06_name_text.json", 1)],
)
def test_the_command_does_as_the_page(clinic, name, stored):
    case(name)
    out = StringIO()
    call_command("upload", str(CASES / name), clinic="north", stdout=out, stderr=out)
    assert Result.objects.count() == stored
    assert ("Add this patient by hand" in out.getvalue()) == (name == "F05_name_absent.json")
