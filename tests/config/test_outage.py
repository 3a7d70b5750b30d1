"""While the database does not answer: 503 in the form that the address speaks, and the truth of what was saved."""

import psycopg
import pytest
from django.db import connection, connections
from django.urls import reverse
from procrastinate.exceptions import ConnectorException

from patients.models import Draw
from patients.outage import is_outage
from tests.uploads.oru import oru
from uploads.management.commands import mllp

TOKEN = {"Authorization": "Bearer a-token-that-is-long-enough"}


@pytest.fixture
def gone(django_db_blocker, client):
    """Nobody listens where the database was."""
    kept = connections["default"]
    other = kept.copy()
    other.settings_dict["HOST"] = "/nowhere"
    connections["default"] = other
    client.raise_request_exception = False
    with django_db_blocker.unblock():
        yield client
    connections["default"] = kept


@pytest.fixture
def signed_in(gone):
    gone.cookies.load({"sessionid": "a-session-that-was-there"})
    return gone


def test_a_page_says_what_to_do_and_no_more(signed_in):
    answer = signed_in.get("/")
    html = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "The database does not answer" in html and "load this page again" in html
    assert "saved" not in html and "Traceback" not in html and "/nowhere" not in html
    assert "X-Saved" not in answer.headers and "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "X-Person": "1"}])
def test_a_form_is_told_that_nothing_was_saved(signed_in, headers):
    answer = signed_in.post("/patients/add/", {"mrn": "N-1"}, headers=headers)
    assert (answer.status_code, answer["X-Saved"]) == (503, "no")
    assert "Nothing of what you sent was saved." in answer.content.decode()


def test_a_program_that_asks_for_json_is_answered_in_json(signed_in):
    answer = signed_in.post("/patients/add/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/json")
    assert answer.json()["errors"] == [
        "The database does not answer at the moment. Nothing of what you sent was saved."
    ]


def test_fhir_answers_with_an_outcome(gone):
    answer = gone.get("/fhir/Patient?identifier=N-1", headers=TOKEN)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    (issue,) = answer.json()["issue"]
    assert (answer.json()["resourceType"], issue["code"]) == ("OperationOutcome", "transient")


def test_a_message_is_answered_with_an_error_that_names_it(gone):
    answer = gone.post("/hl7/", oru(id="M-7"), content_type="text/plain", headers=TOKEN)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"\rMSA|AE|M-7|" in answer.content and b"Send it again in a minute" in answer.content


def test_what_is_no_message_is_answered_too(gone):
    answer = gone.post("/hl7/", b"nothing", content_type="text/plain", headers=TOKEN)
    assert answer.status_code == 503 and b"\rMSA|AE||" in answer.content


def test_over_mllp_it_is_answered_so_too(gone):
    assert b"\rMSA|AE|M-7|" in mllp.answer(1, oru(id="M-7"))


@pytest.mark.django_db(transaction=True)
def test_lost_while_it_was_being_saved_it_is_in_doubt_and_said_so(client, clinician, patient):
    client.force_login(clinician)
    client.raise_request_exception = False
    form = {"taken_at": "2025-01-01T08:00", "laboratory": "L1", "ALT-value": "40", "ALT-unit": "U/L"}
    with connection.execute_wrapper(end_before('INSERT INTO "patients_draw"')):
        answer = client.post(reverse("patients:draw-add", args=[patient.uuid]), form)
    assert (answer.status_code, answer["X-Saved"]) == (503, "unknown")
    assert "it may be there all the same" in answer.content.decode()
    assert not Draw.objects.exists()
    # The next request has a connection of its own.
    client.post(reverse("patients:draw-add", args=[patient.uuid]), form)
    assert Draw.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_saved_before_it_was_lost_it_is_in_doubt_too(client, clinician, patient):
    """The word of what was saved is kept in the session, after it."""
    client.force_login(clinician)
    client.raise_request_exception = False
    form = {"taken_at": "2025-01-01T08:00", "laboratory": "L1", "ALT-value": "40", "ALT-unit": "U/L"}
    with connection.execute_wrapper(end_before('UPDATE "django_session"')):
        answer = client.post(reverse("patients:draw-add", args=[patient.uuid]), form)
    assert (answer.status_code, answer["X-Saved"], Draw.objects.count()) == (503, "unknown", 1)


def end_before(words: str):
    """Ends the server's side of the connection before the first statement that begins so."""

    def execute(run, sql, params, many, context):
        if sql.startswith(words):
            own = context["connection"]
            with psycopg.connect(**own.get_connection_params()) as other:
                # As whoever signed in: the role in which the tests work ends only its own.
                other.execute("SET ROLE NONE")
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [own.connection.info.backend_pid])
        return run(sql, params, many, context)

    return execute


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["SELECT 1 / 0", "SELECT nothing", "SELECT pg_sleep(1)"])
def test_a_statement_that_fails_is_no_outage(statement):
    with psycopg.connect(**connection.get_connection_params()) as own:
        own.execute("SET statement_timeout = 20")
        with pytest.raises(psycopg.Error) as failure:
            own.execute(statement)
    assert not is_outage(failure.value)


@pytest.mark.django_db
def test_a_standby_that_takes_no_writes_is_one():
    with psycopg.connect(**connection.get_connection_params()) as own:
        own.read_only = True
        with pytest.raises(psycopg.Error) as failure:
            own.execute("CREATE TABLE nothing ()")
    assert is_outage(failure.value)


def test_it_is_seen_behind_the_error_of_the_queue():
    error = ConnectorException()
    assert not is_outage(error)
    error.__cause__ = psycopg.OperationalError("the connection is closed")
    assert is_outage(error)
