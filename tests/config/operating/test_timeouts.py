"""What takes too long is stopped, and said so as 503 in the form that the address speaks."""

import time

import psycopg
import pytest
from django.db import Error, connection, connections, transaction
from django.urls import path

from accounts.models import Clinic
from config import urls as site
from config.operating import timeouts
from patients.outage import is_outage, is_passing, is_stopped

TOO_SLOW, LOCKED, IDLE = "SELECT pg_sleep(9)", "LOCK TABLE accounts_clinic", "SELECT 1"
urlpatterns = [path("slow/", lambda request: run(TOO_SLOW)), *site.urlpatterns]
handler400, handler500 = site.handler400, site.handler500


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def limited(transactional_db, settings):
    """Of one second each, on the connection of this test."""
    settings.STATEMENT_SECONDS = settings.LOCK_SECONDS = settings.IDLE_SECONDS = 1
    timeouts.limit(connection)
    yield connection
    connection.close()


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


def test_a_web_process_limits_each_new_connection(transactional_db):
    timeouts.limit_web_process()
    try:
        connection.close()
        found = [shown(f"{name}_timeout") for name in ("statement", "lock", "idle_in_transaction_session")]
        assert found == ["30s", "10s", "2min"]
    finally:
        timeouts.connection_created.disconnect(dispatch_uid="config.operating.timeouts")
        connection.close()
    assert shown("statement_timeout") == "0"


def failure(statement: str, *, before=lambda: None) -> Error:
    with pytest.raises(Error) as found, transaction.atomic():
        run("SELECT 1")
        before()
        run(statement)
    return found.value


def test_a_statement_is_stopped(limited):
    error = failure(TOO_SLOW)
    assert is_stopped(error) and is_passing(error) and not is_outage(error)


def test_a_wait_for_a_lock_is_stopped(limited, settings):
    settings.STATEMENT_SECONDS = 30
    timeouts.limit(connection)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("LOCK TABLE accounts_clinic")
        error = failure(LOCKED)
    assert is_stopped(error) and error.__cause__.sqlstate == "55P03"


def test_a_transaction_that_stands_still_is_ended_and_the_next_request_has_a_connection(limited):
    error = failure(IDLE, before=lambda: time.sleep(1.5))
    assert is_stopped(error)
    connection.close_if_unusable_or_obsolete()
    assert Clinic.objects.count() == 0


@pytest.fixture
def slow(limited, settings, client):
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    return client


def test_a_page_says_so(slow):
    answer = slow.get("/slow/")
    html = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "<h1>That took too long</h1>" in html and "load this page again" in html
    assert "saved" not in html and "pg_sleep" not in html


def test_a_form_is_told_to_look_first(slow):
    answer = slow.post("/slow/")
    assert (answer.status_code, answer["X-Saved"]) == (503, "unknown")
    assert "Look before you send it again." in answer.content.decode()


def test_a_program_is_told_in_json(slow):
    answer = slow.get("/slow/", headers={"Accept": "application/json"})
    assert answer.json()["errors"] == ["That took too long and was stopped, so that it holds up nobody else."]


@pytest.mark.parametrize("address", ["/fhir/Patient?identifier=N-1", "/hl7/"])
def test_other_systems_may_ask_again(limited, client, address):
    token = {"Authorization": "Bearer a-token-that-is-long-enough"}
    ask = client.post if address == "/hl7/" else client.get
    with psycopg.connect(**connections["default"].get_connection_params()) as other:
        other.execute("LOCK TABLE uploads_sender")
        answer = ask(address, headers=token)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"transient" in answer.content or b"\rMSA|AE|" in answer.content
