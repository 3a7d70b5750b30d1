"""What may come in here: by address, and by who sends it; and what is said to the rest, in the address's own form."""

import jwt
import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import override_settings

from config.operating import bodies
from config.operating.bodies import ANONYMOUS, MB, SiteDoor
from uploads.interfaces.senders import add_sender, block

door = SiteDoor()


@pytest.fixture(autouse=True)
def one_connection(monkeypatch):
    """That of the test, as Django's own client keeps it."""
    monkeypatch.setattr(bodies, "close_old_connections", lambda: None)


@pytest.fixture
def cookie(client, clinician) -> dict[str, str]:
    """As the server gives the headers."""
    client.force_login(clinician)
    return {"COOKIE": f"a=b; sessionid={client.cookies['sessionid'].value}"}


@override_settings(MAX_UPLOAD_MB=10, MAX_MESSAGE_MB=3)
@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/uploads/", 15 * MB),
        ("/uploads/waiting/", 2.5 * MB),
        ("/", 2.5 * MB),
        ("/hl7/", 3 * MB),
        ("/fhir/Patient", ANONYMOUS),
        ("/accounts/login/", 2.5 * MB),
    ],
)
def test_each_address_takes_what_it_needs(path, size):
    assert door.most(path) == size


def test_who_is_signed_in_sends_forms_and_files(cookie):
    assert door.refusal("/uploads/", cookie) is None


@pytest.mark.parametrize(
    "made_up", ["", "sessionid=", "sessionid=abcdefghijklmnopqrstuvwxyz012345", "sessionid=ä"]
)
def test_a_cookie_that_somebody_made_up_opens_nothing(db, made_up):
    refusal = door.refusal("/uploads/", {"COOKIE": made_up})
    status, headers, body = refusal.to_response()
    assert status.startswith("413 ") and b"Sign in, then send it again." in body
    assert (
        dict(headers)["Content-Type"].startswith("text/html") and dict(headers)["Cache-Control"] == "no-store"
    )
    assert dict(headers)["X-Request-ID"].encode() in body


def test_nor_does_a_session_of_nobody(client, db):
    session = client.session
    session["x"] = 1
    session.save()
    assert door.refusal("/uploads/", {"COOKIE": f"sessionid={session.session_key}"})


def test_nor_one_that_is_over(cookie):
    Session.objects.update(expire_date="2020-01-01T00:00Z")
    assert door.refusal("/", cookie)


def test_a_message_needs_a_token_and_a_session_is_none(clinic, cookie):
    sender, token = add_sender(clinic=clinic, name="Lab")
    known = {"AUTHORIZATION": f"Bearer {token}"}
    assert door.refusal("/hl7/", known) is None
    # And a token opens no page.
    assert door.refusal("/uploads/", known)
    block(sender=sender)
    for headers in (known, cookie, {}):
        status, headers, body = door.refusal("/hl7/", headers).to_response()
        assert status == "401 Unauthorized" and dict(headers)["WWW-Authenticate"] == 'Bearer realm="hl7"'


@override_settings(CDS_ORIGINS=["https://records.example"])
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, b"Send a signed token"),
        ({"AUTHORIZATION": "Bearer a.b.c"}, b"The token is not accepted"),
    ],
)
def test_a_record_system_is_told_why_its_token_is_not_accepted_however_much_it_sends(db, sent, said):
    refusal = door.refusal("/cds-services/liver-dissociation", sent | {"ORIGIN": "https://records.example"})
    status, headers, body = refusal.to_response()
    assert status == "401 Unauthorized" and said in body and b'"OperationOutcome"' in body
    assert dict(headers)["Access-Control-Allow-Origin"] == "https://records.example"


def test_too_large_a_page_is_told_in_words(settings):
    status, _, body = door.too_large("/patients/add/").to_response()
    assert status.startswith("413 ") and b"At most 2.5 MB are taken at this address." in body
    _, _, body = door.too_large("/uploads/").to_response()
    assert b"At most 200 MB are taken at once." in body


def test_too_large_a_message_is_rejected_as_one():
    status, headers, body = door.too_large("/hl7/").to_response()
    assert status.startswith("413 ") and dict(headers)["Content-Type"].startswith("x-application/hl7-v2+er7")
    assert body.startswith(b"MSH|") and b"\rMSA|AR|" in body and b"larger than 2 MB" in body


def test_too_large_for_fhir_is_an_outcome():
    status, headers, body = door.too_large("/fhir/Patient").to_response()
    assert status.startswith("413 ") and dict(headers)["Content-Type"].startswith("application/fhir+json")
    assert b'"OperationOutcome"' in body and b"At most 16 kB" in body


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/uploads/", b"does not answer"),
        ("/hl7/", b"\rMSA|AE|"),
        ("/cds-services/liver-dissociation", b"OperationOutcome"),
    ],
)
def test_while_the_database_does_not_answer_nobody_is_refused_for_good(django_db_blocker, path, said):
    kept = connections["default"]
    connections["default"] = kept.copy()
    connections["default"].settings_dict["HOST"] = "/nowhere"
    try:
        with django_db_blocker.unblock():
            token = jwt.encode({"iss": "somebody"}, "a" * 32, algorithm="HS256")
            known = {"COOKIE": "sessionid=" + "a" * 32, "AUTHORIZATION": f"Bearer {token}"}
            status, headers, body = door.refusal(path, known).to_response()
    finally:
        connections["default"] = kept
    assert status.startswith("503 ") and dict(headers)["Retry-After"] == "5" and said in body
