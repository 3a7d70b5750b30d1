"""A sender that runs wild is told to wait, in its own form; others go on."""

from types import SimpleNamespace

import pytest
from django.core.cache import cache

from tests.uploads.oru import oru
from uploads.interfaces import rates
from uploads.interfaces.senders import add_sender
from uploads.models import TokenScope


@pytest.fixture
def ask(client, clinic, settings, monkeypatch):
    """At 20 s past a minute; each sender may ask five times, each time told to the other processes at once."""
    settings.SENDER_RATE = 5
    monkeypatch.setattr(rates, "STEP", 1)
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: 60_000_020.0))
    cache.clear()
    rates._own.clear()
    _, token = add_sender(clinic=clinic, name="Lab", scopes=list(TokenScope))
    yield lambda: client.get("/fhir/Patient?identifier=N-1", headers={"Authorization": f"Bearer {token}"})
    rates._own.clear()


def test_one_too_many_waits_for_the_next_minute(ask, client, clinic, monkeypatch):
    assert [ask().status_code for _ in range(5)] == [200] * 5
    answer = ask()
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 60
    _, other = add_sender(clinic=clinic, name="Another")
    message = client.post(
        "/hl7/", oru(), content_type="text/plain", headers={"Authorization": f"Bearer {other}"}
    )
    assert message.status_code == 200
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: 60_000_080.0))
    assert ask().status_code == 200


def test_other_processes_know(ask):
    for _ in range(5):
        ask()
    rates._own.clear()
    assert ask().status_code == 429


def test_what_is_not_told_yet_counts(ask, monkeypatch):
    monkeypatch.setattr(rates, "STEP", 100)
    assert [ask().status_code for _ in range(6)] == [200] * 5 + [429]


def test_minutes_that_are_over_are_forgotten(ask, monkeypatch):
    monkeypatch.setattr(rates, "STEP", 100)
    ask()
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: 60_000_080.0))
    ask()
    assert len(rates._own) == 1


def test_a_message_too_many_is_an_error_and_no_rejection(client, clinic, settings):
    settings.SENDER_RATE = 1
    rates._own.clear()
    _, token = add_sender(clinic=clinic, name="Lab 2")
    known = {"Authorization": f"Bearer {token}"}
    answers = [
        client.post("/hl7/", oru(id=str(n)), content_type="text/plain", headers=known) for n in range(3)
    ]
    assert answers[-1].status_code == 429 and b"\rMSA|AE|" in answers[-1].content
    assert b"more than 1 messages in a minute" in answers[-1].content
    rates._own.clear()
