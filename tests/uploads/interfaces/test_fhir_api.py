"""The read API: /fhir/metadata, Patient and Observation."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import PatientAccess
from config.version import RELEASED, VERSION
from patients.models import Diagnosis, Draw, Event, Patient, Result
from tests.uploads.fuzz import fuzz
from uploads.interfaces import senders
from uploads.interfaces.fhir.resources import KINDS
from uploads.interfaces.fhir.search import UnclearSearch, date_search
from uploads.models import TokenScope

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(clinic):
    return senders.add_sender(clinic=clinic, name="EHR", scopes=list(TokenScope))


@pytest.fixture
def ask(client, reader):
    """ask("Observation?patient=...") -> (status, resource)."""

    def ask(address: str, token: str | None = None):
        headers = {"Authorization": f"Bearer {token or reader[1]}"}
        response = client.get(address if address.startswith("http") else f"/fhir/{address}", headers=headers)
        assert response["Content-Type"] == "application/fhir+json; charset=utf-8"
        return response.status_code, response.json()

    return ask


@pytest.fixture
def record(patient, make_draw) -> Patient:
    make_draw(patient, "2025-01-01T00:30", ALT=(200, 40), INR=1.2)
    make_draw(patient, "2025-01-31T08:00", ALT="<5")
    make_draw(patient, "2025-02-01T08:00", ALT=40, bilirubin_total=17)
    return patient


def times(bundle: dict) -> list[str]:
    return [entry["resource"]["effectiveDateTime"][:10] for entry in bundle.get("entry", ())]


def test_what_it_can_is_told_to_everybody_and_is_fhir(client):
    response = client.get("/fhir/metadata")
    assert CapabilityStatement.model_validate(response.json()).fhirVersion == "4.0.1"


def test_a_patient_is_found_by_number_and_read_by_id(ask, record):
    for query in ("identifier=N-100", "identifier=urn:liver-dissociation:mrn|N-100", f"_id={record.uuid}"):
        status, bundle = ask(f"Patient?{query}")
        assert (status, bundle["total"]) == (200, 1), query
    status, found = ask(f"Patient/{bundle['entry'][0]['resource']['id']}")
    assert (status, found["name"][0]["family"]) == (200, "Okafor")
    assert ask("Patient?identifier=N-9")[1]["total"] == ask("Patient?identifier=urn:x|N-100")[1]["total"] == 0


def test_observations_are_a_valid_bundle_and_each_is_read_by_its_id(ask, record):
    _, bundle = ask(f"Observation?patient={record.uuid}")
    assert (Bundle.model_validate(bundle).type, bundle["total"]) == ("searchset", 5)
    first = bundle["entry"][0]["resource"]
    assert ask(f"Observation/{first['id']}") == (200, first)
    bilirubin = bundle["entry"][-1]["resource"]
    assert ask(bundle["entry"][-1]["fullUrl"]) == (200, bilirubin)


def test_a_sign_is_never_lost(ask, record):
    _, bundle = ask(f"Observation?patient={record.uuid}&date=2025-01-31")
    assert bundle["entry"][0]["resource"]["valueQuantity"]["comparator"] == "<"


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("code=1742-6", ["01-01", "01-31", "02-01"]),
        ("code=http://loinc.org|1742-6", ["01-01", "01-31", "02-01"]),
        ("code=1975-2", ["02-01"]),
        ("code=6301-6,14631-6", ["01-01", "02-01"]),
        ("code=urn:x|1742-6", []),
        ("code=9999-9", []),
        ("code=1742-6&date=2025-01", ["01-01", "01-31"]),
        ("code=1742-6&date=2025", ["01-01", "01-31", "02-01"]),
        ("code=1742-6&date=2024-12-31", []),
        ("code=1742-6&date=ge2025-01-31", ["01-31", "02-01"]),
        ("code=1742-6&date=gt2025-01-31", ["02-01"]),
        ("code=1742-6&date=le2025-01-31", ["01-01", "01-31"]),
        ("code=1742-6&date=lt2025-01-31", ["01-01"]),
        ("code=1742-6&date=ge2025-01-02&date=lt2025-02-01", ["01-31"]),
        ("code=1742-6&date=2025-01-31T08:00:00Z", ["01-31"]),
        ("code=1742-6&_sort=-date", ["02-01", "01-31", "01-01"]),
        ("code=1742-6&category=laboratory&_format=json", ["01-01", "01-31", "02-01"]),
        ("code=1742-6&category=vital-signs", []),
    ],
)
def test_observations_are_found_by_code_date_and_category(ask, record, query, days):
    status, bundle = ask(f"Observation?patient=Patient/{record.uuid}&{query}")
    assert (status, [day[5:] for day in times(bundle)]) == (200, days)


@pytest.mark.parametrize("sort", ["date", "-date"])
def test_pages_follow_one_another_and_miss_nothing(ask, record, sort):
    address, found = f"Observation?patient={record.uuid}&_count=2&_sort={sort}", []
    while address:
        _, bundle = ask(address)
        assert bundle["total"] == 5
        found += [entry["resource"]["id"] for entry in bundle["entry"]]
        address = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
    assert len(found) == len(set(found)) == 5


def test_a_count_of_none_gives_the_total_only(ask, record):
    _, bundle = ask(f"Observation?patient={record.uuid}&_count=0")
    assert (bundle["total"], "entry" in bundle) == (5, False)


def test_superseded_and_withdrawn_results_are_not_given_out(ask, record):
    Result.objects.filter(analyte="ALT").update(status="superseded")
    assert ask(f"Observation?patient={record.uuid}")[1]["total"] == 2


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("Patient", 400, "Name the patient"),
        ("Patient?name=x", 400, "“name” is not supported"),
        ("Patient/none", 404, "No such patient"),
        ("Patient/00000000-0000-0000-0000-000000000000", 404, "No such patient"),
        ("Observation", 400, "Name one patient"),
        ("Observation?patient=N-100", 400, "search for it by identifier"),
        ("Observation?patient={id}&date=soon", 400, "date “soon” is not understood"),
        ("Observation?patient={id}&date=0000", 400, "is not understood"),
        ("Observation?patient={id}&date=9999-12-31T23:59:59-14:00", 400, "is not understood"),
        ("Observation?patient={id}&_count=-1", 400, "_count is a whole number"),
        ("Observation?patient={id}&_sort=value", 400, "_sort is date"),
        ("Observation?patient={id}&_format=xml", 406, "only json"),
        ("Observation?patient={id}&_lastUpdated=ne2025", 400, "_lastUpdated “ne2025” is not understood"),
        ("Condition?patient={id}&_lastUpdated=x", 400, "_lastUpdated “x” is not understood"),
        ("Condition", 400, "Name one patient"),
        ("Condition/00000000-0000-0000-0000-000000000000", 404, "No such Condition"),
        ("MedicationStatement/00000000000000000000000000000000-anticoagulant", 404, "No such patient"),
        ("Provenance?target=Patient/{id}", 400, "Name one resource"),
        ("Provenance?target=Observation/none", 404, "No such observation"),
        ("DiagnosticReport/none", 404, "No such report"),
        ("Observation?patient={id}&_after=x", 400, "link “next”"),
        ("Observation?patient={id}&status=final", 400, "“status” is not supported"),
        ("Observation/none", 404, "No such observation"),
        ("Observation?patient={id}&code=%00", 400, "no text has"),
        ("Patient/%00", 400, "no text has"),
        ("Encounter/1", 404, "Nothing is served here"),
        ("", 404, "Nothing is served here"),
    ],
)
def test_every_error_is_an_operation_outcome(ask, record, address, status, words):
    got, outcome = ask(address.replace("{id}", str(record.uuid)))
    assert OperationOutcome.model_validate(outcome).issue[0].severity == "error"
    assert (got, words in outcome["issue"][0]["diagnostics"]) == (status, True)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"accept": "application/fhir+json"}, 200),
        ({"accept": "text/html, application/fhir+json;q=0.9; fhirVersion=4.0"}, 200),
        ({"accept": "*/*"}, 200),
        ({"accept": "application/fhir+xml"}, 406),
        ({"accept": "application/fhir+json; fhirVersion=5.0"}, 406),
        ({"accept": "application/fhir+json;q=0"}, 406),
    ],
)
def test_what_is_accepted_is_asked(client, reader, record, how, status):
    headers = {"Authorization": f"Bearer {reader[1]}", **how}
    response = client.get(f"/fhir/Patient/{record.uuid}", headers=headers)
    assert response.status_code == status
    assert response["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert "no-store" in response["Cache-Control"]


def test_a_format_in_the_address_goes_over_what_is_accepted(client, reader, record):
    headers = {"Authorization": f"Bearer {reader[1]}", "accept": "text/html"}
    assert client.get(f"/fhir/Patient/{record.uuid}?_format=json", headers=headers).status_code == 200


def test_who_prefers_so_is_told_what_was_not_understood(client, reader, record):
    headers = {"Authorization": f"Bearer {reader[1]}", "Prefer": "respond-async; handling=lenient"}
    bundle = client.get(f"/fhir/Observation?patient={record.uuid}&status=final", headers=headers).json()
    Bundle.model_validate(bundle)
    last = bundle["entry"][-1]
    assert (last["search"]["mode"], bundle["total"], len(bundle["entry"])) == ("outcome", 5, 6)
    assert "“status” is not supported" in last["resource"]["issue"][0]["diagnostics"]
    assert "status" not in bundle["link"][0]["url"]


def test_a_search_by_form_keeps_the_number_out_of_every_address(client, reader, record):
    def post(kind: str, **data):
        headers = {"Authorization": f"Bearer {reader[1]}"}
        return client.post(f"/fhir/{kind}/_search", headers=headers, **data)

    form = {"content_type": "application/x-www-form-urlencoded"}
    found = post("Patient", data="identifier=N-100", **form)
    assert (found.status_code, found.json()["total"]) == (200, 1) and "N-100" not in found.json()["link"][0][
        "url"
    ]
    page = post("Observation", data=f"patient={record.uuid}&_count=2", **form).json()
    assert (page["total"], page["link"][1]["relation"]) == (5, "next")
    assert post("Patient", data="{}", content_type="application/json").status_code == 415
    assert post("Patient", data="name=x", **form).status_code == 400
    assert client.get("/fhir/Patient/_search")["Allow"] == "POST"


def test_what_was_withdrawn_is_gone(ask, record, reader):
    first = ask(f"Observation?patient={record.uuid}")[1]["entry"][0]["resource"]["id"]
    draw = record.draws.order_by("taken_at").first()
    Result.objects.filter(draw=draw).update(status="withdrawn", status_reason="Wrong tube")
    assert ask(f"Observation/{first}")[0] == 410
    Draw.objects.filter(pk=draw.pk).update(
        withdrawn_at=draw.entered_at, withdrawn_by=reader[0].user, withdrawn_reason="Wrong tube"
    )
    assert ask(f"DiagnosticReport/{draw.uuid}")[0] == 410
    Patient.objects.update(
        withdrawn_at=draw.entered_at, withdrawn_by=reader[0].user, withdrawn_reason="Twice here"
    )
    assert ask(f"Patient/{record.uuid}")[0] == 410


@pytest.fixture
def whole(record, make_draw) -> Patient:
    """With something of every type."""
    noon = datetime(2025, 1, 1, 12, tzinfo=UTC)
    Diagnosis.objects.create(patient=record, kind="cirrhosis", noted_on=date(2020, 1, 1))
    for kind in ("ascites", "plasma", "tips"):
        Event.objects.create(patient=record, kind=kind, started_at=noon)
    return record


def test_every_type_that_is_named_is_searched_and_read(client, ask, whole):
    statement = client.get("/fhir/metadata").json()
    types = {one["type"]: one for one in statement["rest"][0]["resource"]}
    assert set(types) == set(KINDS)
    report = ask(f"DiagnosticReport?patient={whole.uuid}")[1]["entry"][0]["resource"]
    narrow = {"Patient": "identifier=N-100", "Provenance": f"target=DiagnosticReport/{report['id']}"}
    for name, told in types.items():
        assert [one["code"] for one in told["interaction"]] == ["read", "search-type"]
        query = narrow.get(name, f"patient={whole.uuid}")
        status, bundle = ask(f"{name}?{query}")
        assert (status, Bundle.model_validate(bundle).total > 0) == (200, True), name
        for entry in bundle["entry"]:
            assert ask(entry["fullUrl"]) == (200, entry["resource"]), name


VALUES = {
    "identifier": "N-100", "date": "ge2000", "code": "1742-6", "category": "laboratory", "_lastUpdated": "ge2000",
}  # fmt: skip


def test_every_parameter_that_is_named_narrows_the_search(client, ask, whole):
    statement = client.get("/fhir/metadata").json()
    report = ask(f"DiagnosticReport?patient={whole.uuid}")[1]["entry"][0]["resource"]
    own = {"_id": str(whole.uuid), "patient": str(whole.uuid), "subject": f"Patient/{whole.uuid}"}
    values = {**VALUES, **own, "target": f"DiagnosticReport/{report['id']}"}
    misses = {"identifier": "N-9", "_id": "x", "date": "lt2000", "code": "9999-9", "category": "x"}
    for told in statement["rest"][0]["resource"]:
        needed = {"Patient": "_id", "Provenance": "target"}.get(told["type"], "patient")
        for parameter in told["searchParam"]:
            name = parameter["name"]
            base = "" if name in ("patient", "subject", "target", "_id") else f"{needed}={values[needed]}&"
            status, bundle = ask(f"{told['type']}?{base}{name}={values[name]}")
            assert (status, bundle["total"] > 0) == (200, True), (told["type"], name)
            miss = "lt2000" if name == "_lastUpdated" else misses.get(name)
            if miss:
                assert ask(f"{told['type']}?{base}{name}={miss}")[1]["total"] == 0, (told["type"], name)


def test_the_program_says_what_it_is(client):
    told = CapabilityStatement.model_validate(client.get("/fhir/metadata").json())
    assert (told.software.version, told.version) == (VERSION, VERSION)
    assert (
        told.url == "http://testserver/fhir/metadata" and told.implementation.url == "http://testserver/fhir"
    )
    assert str(told.software.releaseDate) == str(told.date) == RELEASED


def test_only_what_changed_since_is_given(ask, whole):
    _, bundle = ask(f"Observation?patient={whole.uuid}")
    (time,) = {entry["resource"]["meta"]["lastUpdated"] for entry in bundle["entry"]}
    # All of a test is one moment of the database: a later version of one result is added to its history.
    history = apps.get_model("patients", "ResultHistory").objects
    version = history.filter(analyte="INR").values().last()
    later = datetime.fromisoformat(time) + timedelta(milliseconds=3)
    history.create(**version | {"pgh_id": None, "pgh_created_at": later})

    def found(prefix: str) -> int:
        return ask(f"Observation?patient={whole.uuid}&_lastUpdated={prefix}{quote(time)}")[1]["total"]

    assert [found(prefix) for prefix in ("gt", "ge", "lt", "le", "eq", "")] == [1, 5, 0, 4, 4, 4]


@pytest.mark.parametrize("kind", ["Condition", "DiagnosticReport"])
def test_pages_of_every_kind_follow_one_another(ask, whole, kind):
    address, found = f"{kind}?patient={whole.uuid}&_count=1", []
    while address:
        _, bundle = ask(address)
        found += [entry["resource"]["id"] for entry in bundle["entry"]]
        address = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
    assert len(found) == len(set(found)) == bundle["total"] > 1


def test_two_methods_of_one_draw_are_two_observations(ask, record):
    draw = record.draws.order_by("taken_at").first()
    one = draw.results.get(analyte="INR")
    Result.objects.create(draw=draw, analyte="INR", value=8, reported_value="8.0", method="point_of_care")
    _, bundle = ask(f"Observation?patient={record.uuid}&code=6301-6")
    ids = [entry["resource"]["id"] for entry in bundle["entry"]]
    assert len(set(ids)) == 2
    values = {ask(f"Observation/{id}")[1]["valueQuantity"]["value"] for id in ids}
    assert values == {one.value, 8}


def test_nobody_reads_without_a_token_that_may(client, ask, clinic, record):
    assert client.get(f"/fhir/Patient/{record.uuid}").status_code == 401
    _, token = senders.add_sender(clinic=clinic, name="only sends")
    assert ask(f"Patient/{record.uuid}", token)[0] == 403
    assert client.post("/fhir/Patient", {}).json()["resourceType"] == "OperationOutcome"


def test_another_clinics_patient_does_not_exist(ask, other_clinic, record):
    _, token = senders.add_sender(clinic=other_clinic, name="EHR", scopes=list(TokenScope))
    first = ask(f"Observation?patient={record.uuid}")[1]["entry"][0]["resource"]["id"]
    assert ask(f"Patient/{record.uuid}", token)[0] == 404
    assert ask("Patient?identifier=N-100", token)[1]["total"] == 0
    assert ask(f"Observation?patient={record.uuid}", token)[0] == 404
    assert ask(f"Observation/{first}", token)[0] == 404


def test_each_look_is_logged(ask, record, reader):
    ask(f"Patient/{record.uuid}")
    ask(f"Observation?patient={record.uuid}")
    looks = PatientAccess.objects.values_list("user", "patient", "page")
    assert list(looks) == [(reader[0].user.pk, record.pk, "fhir-api")] * 2


def test_the_same_number_of_queries_for_one_result_and_for_many(ask, record, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        ask(f"Observation?patient={record.uuid}")


@fuzz
@given(st.text(alphabet="egltq0123456789-:TZ+.", max_size=28))
def test_no_date_makes_the_search_fail(text):
    try:
        date_search("date", text, ZoneInfo("Europe/London"))
    except UnclearSearch as error:
        assert "is not understood" in str(error)
