"""FHIR R4 in, and out again to the same record."""

import json
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from fhir.resources.R4B.bundle import Bundle
from hypothesis import example, given
from hypothesis import strategies as st

from interpretation.record.analytes import ANALYTES
from patients.fhir import bundle_of, dumps
from patients.models import Diagnosis, Draw, Event, Patient, Result
from tests.uploads.files import PEOPLE, outcomes, reasons
from tests.uploads.fuzz import fuzz
from uploads import actions
from uploads.importers import meanings
from uploads.importers.fhir import histories
from uploads.importers.main import parse
from uploads.importers.records import AnticoagulantRow, EventRow, LabRow, PatientRow, RowProblem

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [{"value": "N-1"}],
    "name": [{"family": "Ito", "given": ["Mai"]}],
    "gender": "female",
    "birthDate": "1970-05-01",
}


def observation(**more) -> dict:
    """ALT of 200 U/L; None leaves an element out."""
    given = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "1742-6"}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2025-03-01T08:00:00Z",
        "valueQuantity": {"value": 200, "unit": "U/L", "system": UCUM, "code": "U/L"},
    } | more
    return {name: value for name, value in given.items() if value is not None}


def bundle(*resources: dict, kind: str = "collection", patient: dict | None = PATIENT) -> bytes:
    people = [patient] if patient else []
    entries = [{"resource": resource} for resource in (*people, *resources)]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}).encode()


def read(*resources: dict, **how) -> list:
    """The items of everything but the patient."""
    return [item for item in parse(bundle(*resources, **how)).items if not isinstance(item, PatientRow)]


def one(**more):
    (item,) = read(observation(**more))
    return item


# --- values ---


@pytest.mark.parametrize(
    ("more", "value", "unit"),
    [
        ({}, "200", "U/L"),
        ({"valueQuantity": {"value": 5, "comparator": "<", "unit": "U/L"}}, "<5", "U/L"),
        ({"valueQuantity": {"value": 0, "unit": "U/L"}}, "0", "U/L"),
        ({"valueQuantity": {"value": 1e2, "code": "U/L", "system": UCUM}}, "100.0", "U/L"),
        ({"valueQuantity": {"value": 3, "unit": "units a litre", "code": "ukat/L"}}, "3", "ukat/L"),
        ({"valueQuantity": None, "valueString": "> 900"}, "> 900", ""),
        ({"valueQuantity": None, "valueString": "< 5 U/L"}, "< 5", "U/L"),
        ({"valueQuantity": None, "valueString": "5 in doubt"}, "5 in doubt", ""),
        ({"valueQuantity": None, "valueInteger": 41}, "41", ""),
        ({"valueQuantity": None, "valueCodeableConcept": {"text": "haemolysed"}}, "haemolysed", ""),
    ],
)
def test_a_value_keeps_its_comparator_and_its_digits(more, value, unit):
    item = one(**more)
    assert (item.value, item.unit) == (value, unit)


def test_digits_are_kept_as_they_were_written():
    text = bundle(observation()).replace(b'"value": 200', b'"value": 1.10')
    assert parse(text).items[1].value == "1.10"


@pytest.mark.parametrize(
    ("more", "level", "words"),
    [
        ({"valueQuantity": None, "dataAbsentReason": {"text": "clotted"}}, "same", "no value: clotted."),
        ({"valueQuantity": None}, "refused", "no value: none is given."),
        ({"status": "registered", "valueQuantity": None}, "same", "registered only"),
        ({"status": "unknown"}, "refused", "status “unknown” is not known"),
        ({"effectiveDateTime": "2025-03"}, "refused", "is not a full date"),
        ({"effectiveDateTime": None}, "refused", "no time of collection"),
        ({"subject": None}, "waiting", "it names no patient"),
        ({"subject": {"reference": "Group/1"}}, "waiting", "its patient is not in the bundle"),
        ({"valueQuantity": {"value": 2, "unit": "U/L", "code": "ukat/L"}}, "waiting", "its unit says U/L"),
        ({"valueQuantity": None, "valueBoolean": True}, "waiting", "valueBoolean is not a number"),
        ({"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]}, "waiting", "modifier extension"),
        ({"surprise": 1}, "refused", "not valid FHIR R4: FHIR R4 knows no such element"),
        ({"valueQuantity": {"value": "many"}}, "refused", "not valid FHIR R4"),
    ],
)
def test_what_is_not_a_result_says_why(more, level, words):
    item = one(**more)
    assert isinstance(item, RowProblem) and item.level == level and words in item.text


def test_two_codes_of_two_tests_are_for_a_person():
    item = one(code={"coding": [{"system": LOINC, "code": "1742-6"}, {"system": LOINC, "code": "1920-8"}]})
    assert (item.level, "two different tests" in item.text) == ("waiting", True)


def test_the_coding_that_is_known_is_found_wherever_it_stands():
    other = {"system": "http://snomed.info/sct", "code": "34608000"}
    item = one(code={"coding": [other, {"system": LOINC, "code": "1742-6"}]})
    assert item.code == "1742-6"


def test_unknown_extensions_are_left_alone():
    assert one(extension=[{"url": "http://example.org/x", "valueString": "y"}]).value == "200"


@pytest.mark.parametrize(
    ("ranges", "found"),
    [
        ([{"low": {"value": 7}, "high": {"value": 40}}], ("7", "40", "")),
        ([{"high": {"value": 40}}], ("", "40", "")),
        ([{"low": {"value": 0}}], ("0", "", "")),
        ([{"text": "< 40"}], ("", "", "< 40")),
        ([{"high": {"value": 0.7, "unit": "ukat/L"}}], ("", "", "")),
        ([{"high": {"value": 40}}, {"high": {"value": 60}}], ("", "", "")),
        (
            [
                {"high": {"value": 40}, "type": {"coding": [{"code": "normal"}]}},
                {"high": {"value": 99}, "type": {"coding": [{"code": "treatment"}]}},
            ],
            ("", "40", ""),
        ),
        ([], ("", "", "")),
    ],
)
def test_a_range_has_two_ends_one_or_words(ranges, found):
    item = one(referenceRange=ranges or None)
    assert (item.lower, item.upper, item.range_text) == found


@pytest.mark.parametrize(
    ("more", "hour"),
    [
        ({"effectiveDateTime": "2025-03-01T09:00:00+01:00"}, 8),
        ({"effectiveDateTime": None, "effectiveInstant": "2025-03-01T10:00:00Z"}, 10),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2025-03-01T11:00:00Z"}}, 11),
        ({"effectiveDateTime": None}, 7),
    ],
)
def test_the_time_is_its_own_else_that_of_its_report(more, hour):
    report = {
        "resourceType": "DiagnosticReport", "status": "final", "code": {"text": "x"},
        "effectiveDateTime": "2025-03-01T07:00:00Z", "issued": "2025-03-01T12:00:00Z",
        "performer": [{"display": "North Lab"}], "result": [{"reference": "Observation/o"}],
    }  # fmt: skip
    (item,) = read(observation(id="o", **more), report)
    assert item.taken_at.astimezone(UTC).hour == hour
    assert (item.received_at.hour, item.laboratory) == (12, "North Lab")


def test_groups_hand_their_time_to_their_members_and_are_no_results():
    group = observation(id="g", valueQuantity=None, hasMember=[{"reference": "Observation/o"}])
    (item,) = read(observation(id="o", effectiveDateTime=None), group)
    assert item.taken_at.hour == 8


def test_groups_in_a_circle_end():
    a = observation(id="a", effectiveDateTime=None, hasMember=[{"reference": "Observation/b"}])
    b = observation(id="b", effectiveDateTime=None, hasMember=[{"reference": "Observation/a"}])
    assert all(isinstance(item, RowProblem) for item in read(a, b))


def test_components_are_results_of_their_own():
    part = {
        "code": {"coding": [{"system": LOINC, "code": "1920-8"}]},
        "valueQuantity": {"value": 3, "unit": "U/L"},
    }
    rows = read(observation(component=[part]))
    assert [(row.code, row.value, row.place.row) for row in rows] == [
        ("1742-6", "200", 2),
        ("1920-8", "3", 3),
    ]


# --- bundles and references ---


@pytest.mark.parametrize("kind", ["collection", "transaction", "batch", "searchset"])
def test_every_kind_of_bundle_is_read(kind):
    assert [item.mrn for item in read(observation(), kind=kind)] == ["N-1"]


def test_bundles_in_bundles_name_their_entries_and_keep_their_own_patients():
    inner = json.loads(bundle(observation(), patient=PATIENT | {"identifier": [{"value": "N-9"}]}))
    found = read(inner, observation())
    assert [(item.place.name, item.mrn) for item in found] == [("entry 2.2", "N-9"), ("entry 3", "N-1")]


def test_references_by_urn_address_and_containment_are_resolved():
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": PATIENT | {"id": "x"}},
        {"fullUrl": "http://a/Observation/1", "resource": observation(subject={"reference": "urn:uuid:1"})},
        {"resource": observation(subject={"reference": "#c"}, contained=[PATIENT | {"id": "c"}])},
    ]
    text = json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries}).encode()
    assert [item.mrn for item in parse(text).items] == ["N-1"] * 3


def test_a_reference_that_two_patients_answer_is_for_a_person():
    twin = PATIENT | {"identifier": [{"value": "N-2"}]}
    rows = [item for item in read(twin, observation()) if not isinstance(item, PatientRow)]
    assert rows[0].mrn == "p" and rows[0].identity.birth_date is None


def test_an_invalid_entry_is_refused_with_its_path_and_the_rest_goes_on():
    wrong = observation(valueQuantity={"value": 3, "unti": "U/L"})
    first, second = read(wrong, observation())
    assert (first.place.name, first.place.column) == ("entry 2", "valueQuantity.unti")
    assert isinstance(second, LabRow)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "The JSON is broken in line 1"),
        (b'{"a": 1}', "it names no resourceType"),
        (b'{"resourceType": "Bundle", "entry": 3}', "is no list"),
        (b'{"resourceType": NaN}', "holds NaN"),
        (b'{"a":' * 100_000, "nested more than"),
        (b'{"a":' + b"[" * 80 + b"]" * 80 + b"}", "nested more than 60 deep"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "more than 60 digits"),
        (b'{"a": "\xff"}', "are not UTF-8"),
        (b'{"a": {"value": 88, "x": 1, "value": 120}}', "The JSON gives “value” two values in one place"),
        (b'{"a": 1}\n{"b": 1, "b": "1"}', "The JSON gives “b” two values"),
        (b'<Bundle xmlns="http://hl7.org/fhir"/>', "FHIR as XML"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, words):
    assert words in parse(content).reason


def test_what_is_said_twice_alike_is_one_fact():
    text = bundle(observation()).replace(b'"status": "final"', b'"status": "final", "status": "final"')
    assert [type(item) for item in parse(text).items] == [PatientRow, LabRow]


def test_a_unit_alone_names_no_test():
    item = one(code={"coding": [{"system": LOINC}]}, valueQuantity={"value": 1.4, "code": "{INR}"})
    assert meanings.unknown_names([item]) == () and meanings.test_of(item) == ""


def test_a_bundle_without_end_is_refused():
    inner = {"resourceType": "Bundle", "type": "collection", "entry": []}
    for _ in range(9):
        inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}]}
    assert "more than 5 deep" in parse(json.dumps(inner).encode()).reason


# --- histories ---


def drug(name="Warfarin 5 mg tablet", **more) -> dict:
    return {
        "resourceType": "MedicationStatement", "status": "active", "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": name}, "effectivePeriod": {"start": "2025-01-01"},
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Warfarin 5 mg tablet", "vka"),
        ("apixaban", "doac"),
        ("Paracetamol", ""),
        ("Fresh frozen plasma", "plasma"),
        ("Plasma-Lyte 148", ""),
        ("Vitamin K antagonist", "vka"),
        ("Vitamin K 10 mg iv", "vitamin_k"),
        ("vitamin K after warfarin", ""),
        ("Ascites", ""),
        ("warfarin or apixaban", ""),
    ],
)
def test_a_drug_is_known_by_the_words_of_its_name(name, kind):
    assert histories.drug_kind(name) == kind


def test_a_drug_that_was_not_taken_is_not_kept_and_an_unknown_one_is_for_a_person():
    not_taken, unknown, kept = read(drug("Tigecycline", status="not-taken"), drug("Paracetamol"), drug())
    assert (not_taken.level, unknown.level) == ("same", "waiting")
    assert isinstance(kept, EventRow) and (kept.kind, kept.ended_at) == ("vka", None)


def test_an_anticoagulant_that_is_not_taken_is_kept_as_that():
    (said,) = read(drug(status="not-taken"))
    assert isinstance(said, AnticoagulantRow) and said.kind == ""


def test_a_dose_ends_when_it_was_given():
    given = drug("Phytomenadione", resourceType="MedicationAdministration", status="completed")
    given |= {"effectiveDateTime": "2025-01-01T10:00:00Z"}
    del given["effectivePeriod"]
    (row,) = read(given)
    assert (row.kind, row.started_at) == ("vitamin_k", row.ended_at)


def test_conditions_are_taken_when_confirmed_and_known():
    def condition(text, **more):
        return {
            "resourceType": "Condition",
            "subject": {"reference": "Patient/p"},
            "code": {"text": text},
        } | more

    doubt = {"verificationStatus": {"coding": [{"code": "provisional"}]}}
    known, unknown, unsure = read(
        condition("Liver cirrhosis"), condition("Gout"), condition("Cirrhosis", **doubt)
    )
    assert known.kind == "cirrhosis"
    assert (unknown.level, unsure.level) == ("waiting", "waiting")


# --- through the funnel ---

db = pytest.mark.django_db


@db
def test_a_bundle_brings_a_person_with_results_and_events(put):
    (upload,) = put(bundle(observation(), drug()))
    assert (upload.kind, outcomes(upload)) == ("record", ["new", "new", "new"])
    assert (Result.objects.get().value, Event.objects.get().kind) == (200, "vka")
    again = put(bundle(observation(), drug()))[0]
    assert outcomes(again) == ["same", "same", "same"]


@db
def test_results_of_a_number_with_another_birth_date_wait(people, put):
    (upload,) = put(bundle(observation(), patient=PATIENT | {"birthDate": "1971-05-01"}))
    assert outcomes(upload) == ["changed", "waiting"]
    assert "Near match" in reasons(upload)[1] and "1971" not in "".join(reasons(upload))


@db
def test_a_number_that_stands_alone_asks(people, clinic, data_manager):
    content = bundle(observation(subject={"reference": "Patient/N-1"}), patient=None)
    upload = actions.store(contents=[("a", content)], clinic=clinic, by=data_manager)[0]
    assert outcomes(upload) == ["waiting"] and "No date of birth is given" in reasons(upload)[0]
    upload = actions.store(contents=[("a", content)], clinic=clinic, by=data_manager, accept_questions=True)[
        0
    ]
    assert outcomes(upload) == ["new"]


@db
@pytest.mark.parametrize(
    ("status", "value", "states"),
    [
        ("amended", 210, ["superseded", "corrected"]),
        ("entered-in-error", 200, ["withdrawn"]),
        ("cancelled", 200, ["final"]),
        ("preliminary", 190, ["final"]),
    ],
)
def test_the_status_says_what_becomes_of_the_earlier_version(people, put, status, value, states):
    put(bundle(observation()))
    put(bundle(observation(status=status, valueQuantity={"value": value, "unit": "U/L"})))
    assert list(Result.objects.order_by("pk").values_list("status", flat=True)) == states


@db
def test_the_official_example_loads_with_the_time_of_its_report(shared_data, put, clinic, data_manager):
    content = (shared_data / "interop" / "fhir-r4-bundle-ghp.json").read_bytes()
    put(PEOPLE.replace("N-1", "pat2").encode())
    upload = actions.store(
        contents=[("ghp", content)], clinic=clinic, by=data_manager, accept_questions=True
    )[0]
    # 48 results; three panels and the report hold none. What is not kept here waits as an unknown test.
    assert (upload.read, upload.new, upload.refused) == (48, 14, 0)
    found = {r.analyte: r for r in Result.objects.all()}
    alt, bilirubin, creatinine = found["ALT"], found["bilirubin_total"], found["creatinine"]
    assert (found["white_cells"].value, found["white_cells"].reported_unit) == (4.6, "x10*9/L")
    assert (alt.value, alt.lower_limit, alt.upper_limit) == (54, 0, 45)
    assert (bilirubin.value, bilirubin.upper_limit, creatinine.value) == (7, 20, pytest.approx(90))
    draw = Draw.objects.get()
    assert draw.taken_at == datetime(2015, 8, 16, 6, 40, tzinfo=UTC)
    assert draw.received_at == datetime(2015, 8, 17, 6, 40, 17, tzinfo=UTC)
    assert draw.laboratory == "Acme Laboratory, Inc"


# --- out, and in again ---


@pytest.fixture
def whole_record(patient, make_draw) -> Patient:
    """Something of everything."""
    make_draw(patient, "2025-01-01T08:00", ALT=("<5", 40), INR=1.2, bilirubin_total=17.104, d_dimer=0.5)
    Result.objects.filter(comparator="<").update(reported_value="<5")
    late = make_draw(patient, "2025-02-01T08:00", laboratory="L2", ALT=40, creatinine=90)
    late.note, late.received_at = "taken from a line", datetime(2025, 2, 1, 12, tzinfo=UTC)
    late.save()
    late.results.filter(analyte="ALT").update(
        status="corrected", comment="repeated", reported_value="0.670", reported_unit="ukat/L", value=40.2,
        lower_limit=0, upper_limit=36, reported_range="0-0.60", order_key="A1 ALT",
        verified_at=datetime(2025, 2, 1, 11, tzinfo=UTC),
    )  # fmt: skip
    late.results.filter(analyte="creatinine").update(
        status="preliminary", reported_value="1.02", reported_unit="mg/dL", value=1.02 * 88.4
    )
    draw = make_draw(patient, "2025-03-01T08:00", INR=1.3)
    draw.results.update(method="point_of_care")
    Diagnosis.objects.create(
        patient=patient, kind="cirrhosis", noted_on=date(2019, 5, 1), codes=["K74.6", "5715"], note="biopsy"
    )
    Diagnosis.objects.create(patient=patient, kind="sepsis", noted_on=None, resolved_on=date(2024, 1, 2))
    noon, next_day = datetime(2025, 1, 1, 12, tzinfo=UTC), datetime(2025, 1, 2, 12, tzinfo=UTC)
    for kind in [kind for kind, _ in Event._meta.get_field("kind").choices]:
        Event.objects.create(
            patient=patient, kind=kind, started_at=noon, label="" if kind == "vka" else "word"
        )
    more = {"started_at": next_day, "ended_at": next_day}
    Event.objects.create(patient=patient, kind="encephalopathy", grade=3, **more)
    Event.objects.create(patient=patient, kind="vitamin_k", route="iv", note="10 mg", **more)
    Event.objects.create(patient=patient, kind="doac", label="Apixaban", stop_confirmed=True, **more)
    return patient


def content_of(patient: Patient) -> dict:
    """All that a record says, without our own numbers for its rows."""
    results = (
        "draw__taken_at", "draw__laboratory", "draw__note", "draw__received_at", "analyte", "comparator",
        "status",
        "reported_value", "reported_unit", "reported_range", "method", "verified_at", "comment",
    )  # fmt: skip
    events = ("kind", "label", "started_at", "ended_at", "grade", "route", "stop_confirmed", "note")
    numbers = Result.objects.filter(draw__patient=patient).order_by("draw__taken_at", "analyte")
    return {
        "person": (patient.mrn, str(patient), patient.sex, patient.birth_date, patient.died_on),
        "results": list(numbers.values_list(*results)),
        "numbers": [
            tuple(number if number is None else float(f"{number:.9g}") for number in row)
            for row in numbers.values_list("value", "lower_limit", "upper_limit")
        ],
        "diagnoses": list(
            patient.diagnoses.order_by("kind").values_list("kind", "noted_on", "resolved_on", "codes", "note")
        ),
        "events": list(patient.events.order_by("kind", "started_at").values_list(*events)),
    }


@db
def test_a_record_comes_back_identical_into_another_clinic(whole_record, other_clinic, stranger):
    text = dumps(bundle_of(whole_record, datetime(2026, 1, 1, tzinfo=UTC))).encode()
    (upload,) = actions.store(contents=[("record", text)], clinic=other_clinic, by=stranger)
    assert (upload.read, upload.new) == (upload.new, upload.read), reasons(upload)
    ours, theirs = content_of(whole_record), content_of(Patient.objects.get(clinic=other_clinic))
    # A hand-made draw shows no range where its result has a limit; the file spells that limit out.
    ranges = (
        [row[:9] + row[10:] for row in ours["results"]],
        [row[:9] + row[10:] for row in theirs["results"]],
    )
    assert ranges[0] == ranges[1]
    for name in ("person", "numbers", "diagnoses", "events"):
        assert ours[name] == theirs[name], name


@db
def test_a_record_brought_back_into_its_own_clinic_changes_nothing(whole_record, put):
    (upload,) = put(dumps(bundle_of(whole_record, datetime(2026, 1, 1, tzinfo=UTC))).encode())
    assert set(outcomes(upload)) == {"same"}, reasons(upload)


@db
def test_what_is_written_is_fhir(whole_record):
    text = dumps(bundle_of(whole_record, datetime(2026, 1, 1, tzinfo=UTC)))
    assert Bundle.model_validate_json(text).type == "collection"
    assert '"value": 0.670' in text and "\\u0000" not in text


@db
@pytest.mark.parametrize("key", ANALYTES)
def test_every_unit_that_is_accepted_comes_back_to_the_same_number(key, patient, make_draw):
    make_draw(patient, "2025-01-01T08:00", **{key: 7})
    for unit in ANALYTES[key].units:
        Result.objects.update(reported_value="see lab", reported_unit=unit)
        rows = parse(dumps(bundle_of(patient, datetime(2026, 1, 1, tzinfo=UTC))).encode()).items
        (row,) = [row for row in rows if isinstance(row, LabRow)]
        assert float(row.value) * ANALYTES[key].factor(row.unit) == pytest.approx(7), unit


@db
def test_the_download_names_nobody_in_its_address_and_logs_the_look(client, viewer, whole_record):
    client.force_login(viewer)
    response = client.get(reverse("patients:fhir", kwargs={"uuid": whole_record.uuid}))
    assert response["Content-Type"].startswith("application/fhir+json")
    assert "N-100" not in response["Content-Disposition"] and response.json()["type"] == "collection"
    page = client.get(reverse("patients:detail", kwargs={"uuid": whole_record.uuid})).content.decode()
    assert f"/patients/{whole_record.uuid}/fhir" in page


# --- whatever comes ---

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = sorted(
    {*observation(), *PATIENT, *drug(), "component", "hasMember", "referenceRange", "specimen", "contained"}
)


@fuzz
@given(st.binary(max_size=300))
@example(b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":[]}}]}')
def test_no_bytes_after_a_brace_make_the_reader_fail(content):
    parsed = parse(b"{" + content)
    assert parsed.reason or parsed.format


@fuzz
@given(
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4),
    st.sampled_from([observation(), PATIENT, drug()]),
)
def test_no_element_makes_the_reader_fail(changes, resource):
    parsed = parse(bundle(resource | changes | {"resourceType": resource["resourceType"]}))
    assert parsed.reason or parsed.items or parsed.notes


@fuzz
@given(st.integers(min_value=0), st.integers(min_value=0, max_value=60))
def test_a_bundle_cut_short_or_with_bytes_missing_never_fails(at, length):
    whole = bundle(observation(), drug())
    at %= len(whole)
    parsed = parse(b"{" + whole[1:at] + whole[at + length :])
    assert parsed.reason or parsed.format


@db
def test_signs_that_nobody_sees_reach_neither_number_nor_database(put):
    """Written as escapes they pass every check of the file's own letters."""
    hidden = PATIENT | {
        "identifier": [{"value": "N\u200b-\ufeff1\x00"}],
        "name": [{"family": "Ito\u202e"}],
    }
    odd = observation(status="fi\x00nal")
    odd["extra\x00"] = 1
    put(bundle(observation(note=[{"text": "a\x00b"}]), odd, patient=hidden))
    person = Patient.objects.get()
    assert (person.mrn, person.family_name, Result.objects.get().comment) == ("N-1", "Ito", "ab")


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "1E400"])
def test_a_number_beyond_all_numbers_is_read_without_harm(number):
    content = bundle(observation()).replace(b'"value": 200', f'"value": {number}'.encode())
    assert parse(content).items[1].place.name == "entry 2"


@db
def test_half_a_letter_refuses_its_entry(put):
    (upload,) = put(bundle(observation(note=[{"text": "\ud800"}])))
    assert outcomes(upload) == ["new", "refused"]


@db
def test_a_drug_of_a_number_alone_waits(people, put):
    (upload,) = put(bundle(drug(subject={"reference": "Patient/N-1"}), patient=None))
    assert (outcomes(upload), Event.objects.count()) == (["waiting"], 0)


def test_a_result_of_a_report_entered_in_error_is_for_a_person():
    report = {
        "resourceType": "DiagnosticReport", "status": "entered-in-error", "code": {"text": "x"},
        "result": [{"reference": "Observation/o"}],
    }  # fmt: skip
    (item,) = read(observation(id="o"), report)
    assert (item.level, "entered-in-error" in item.text) == ("waiting", True)


def test_millions_of_empty_parts_are_refused_before_they_are_read():
    content = b'{"a": [' + b"0," * 4_100_000 + b"0]}"
    assert "more than 4,000,000 parts" in parse(content).reason
