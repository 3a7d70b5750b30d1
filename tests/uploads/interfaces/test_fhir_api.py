"""The read API: /fhir/metadata, Patient and Observation."""

from zoneinfo import ZoneInfo

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import PatientAccess
from patients.models import Patient, Result
from tests.uploads.fuzz import fuzz
from uploads.interfaces import senders
from uploads.interfaces.fhir_search import UnclearSearch, _dates
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
        ("Observation?patient={id}&_format=xml", 400, "only json"),
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
        _dates(text, ZoneInfo("Europe/London"))
    except UnclearSearch as error:
        assert "is not understood" in str(error)
