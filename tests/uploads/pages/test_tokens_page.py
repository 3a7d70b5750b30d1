"""The page Tokens: who sees and changes them, a secret that is shown once, and warnings in time."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from uploads.interfaces import senders
from uploads.models import Sender, SenderToken

pytestmark = pytest.mark.django_db
TOKENS, ADD = reverse("uploads:tokens"), reverse("uploads:sender-new")


@pytest.fixture
def manager(administrator) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


@pytest.fixture
def token(clinic) -> SenderToken:
    return senders.add_sender(clinic=clinic, name="Analyser")[0].tokens.get()


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def in_days(number: int) -> str:
    return (timezone.now() + timedelta(days=number)).date().isoformat()


def add(client: Client, **said: object):
    given = {"name": "EHR", "scopes": ["read_fhir"], "last_day": in_days(90)}
    return client.post(ADD, given | said)


def secret_of(response) -> str:
    assert "no-store" in response["Cache-Control"]
    return re.search(r'class="secret">([^<]+)<', response.content.decode())[1]


def opens(secret: str) -> bool:
    headers = {"Authorization": f"Bearer {secret}"}
    return Client().get("/fhir/Patient?identifier=x", headers=headers).status_code == 200


def test_a_system_is_added_and_its_token_shown_once(manager, administrator):
    secret = secret_of(add(manager))
    token = SenderToken.objects.get()
    assert opens(secret) and token.created_by == administrator and token.scopes == ["read_fhir"]
    assert f"{token.expires_at.astimezone(token.sender.clinic.zone):%Y-%m-%d %H:%M}" == f"{in_days(91)} 00:00"
    page = manager.get(TOKENS)
    assert secret not in page.content.decode() and token.token_hash not in page.content.decode()
    assert "EHR read patients and results by FHIR" in text(page) and str(administrator) in text(page)


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"name": " "}, "name", "This field is required."),
        ({"scopes": []}, "scopes", "Choose at least one."),
        ({"scopes": ["write_fhir"]}, "scopes", "Select a valid choice."),
        ({"last_day": ""}, "last_day", "Enter the last day."),
        ({"last_day": in_days(-2)}, "last_day", "Choose a day from today to"),
        ({"last_day": in_days(800)}, "last_day", "Choose a day from today to"),
        ({"name": "analyser"}, "name", "already has a sender named"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(manager, token, said, field, sentence):
    response = add(manager, **said)
    assert response.status_code == 422 and Sender.objects.count() == 1
    (error,) = re.findall(rf'id="entry-{field}_error">([^<]+)<', response.content.decode())
    assert sentence in error


def test_one_that_is_replaced_opens_for_the_stated_time(manager, clinic):
    _, old = senders.add_sender(clinic=clinic, name="EHR", scopes=["read_fhir"])
    first = SenderToken.objects.get()
    address = reverse("uploads:token-replace", args=[first.uuid])
    new = secret_of(manager.post(address, {"last_day": in_days(365), "overlap": 24}))
    assert opens(old) and opens(new)
    first.refresh_from_db()
    assert timedelta(hours=23) < first.expires_at - timezone.now() <= timedelta(hours=24)
    assert "replaced, opens until" in text(manager.get(TOKENS))
    again = manager.post(address, {"last_day": in_days(365), "overlap": 24})
    assert again.status_code == 422 and "has replaced this token meanwhile" in text(again)


def test_one_that_is_ended_opens_nothing(manager, administrator, clinic):
    _, secret = senders.add_sender(clinic=clinic, name="EHR", scopes=["read_fhir"])
    token = SenderToken.objects.get()
    address = reverse("uploads:token-end", args=[token.uuid])
    assert "It cannot be taken back" in text(manager.get(address)) and opens(secret)
    page = manager.post(address, follow=True)
    assert not opens(secret) and "opens nothing any more" in text(page) and "ended" in text(page)
    token.refresh_from_db()
    assert token.ended_by == administrator
    assert "has ended this token meanwhile" in text(manager.post(address, follow=True))
    new = reverse("uploads:token-add", args=[token.sender.uuid])
    assert new in page.content.decode()
    assert opens(secret_of(manager.post(new, {"scopes": ["read_fhir"], "last_day": in_days(1)})))


def test_a_blocked_sender_gets_no_token_here(manager, token):
    senders.block(sender=token.sender)
    response = manager.post(
        reverse("uploads:token-add", args=[token.sender.uuid]),
        {"scopes": ["send_hl7"], "last_day": in_days(1)},
    )
    assert response.status_code == 422 and "The operator lets it in again" in text(response)


@pytest.mark.parametrize(
    ("days", "said"),
    [(31, False), (29, True), (None, True)],
)
def test_a_month_before_its_end_the_page_warns(manager, token, days, said):
    until = timezone.now() + timedelta(days=days) if days else None
    SenderToken.objects.update(expires_at=until)
    page = text(manager.get(TOKENS))
    assert ("1 token to replace" in page) == said
    assert ("does not expire: replace it" in page) == (days is None)


def test_a_data_manager_sees_and_changes_nothing(client, data_manager, token):
    client.force_login(data_manager)
    page = client.get(TOKENS)
    assert "Analyser" in text(page) and "The clinic administrator makes" in text(page)
    assert reverse("uploads:token-end", args=[token.uuid]) not in page.content.decode()
    assert reverse("uploads:sender-new") not in page.content.decode()


def test_tokens_of_others_are_not_seen(manager, other_clinic):
    other = senders.add_sender(clinic=other_clinic, name="Elsewhere")[0].tokens.get()
    assert "Elsewhere" not in text(manager.get(TOKENS))
    for name in ("uploads:token-replace", "uploads:token-end"):
        assert manager.post(reverse(name, args=[other.uuid])).status_code == 404
    assert add(manager, clinic="south").status_code == 404
    other.refresh_from_db()
    assert other.ended_at is None


def test_as_many_queries_for_many_tokens_as_for_one(manager, clinic, token, django_assert_max_num_queries):
    manager.get(TOKENS)
    for number in range(5):
        senders.add_sender(clinic=clinic, name=f"Lab {number}")
    with django_assert_max_num_queries(9):
        manager.get(TOKENS)
