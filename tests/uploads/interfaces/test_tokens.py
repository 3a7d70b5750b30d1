"""Tokens of senders: until a day, for what they name, replaced without a gap; nothing but the hash is kept."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.actions.errors import Refused
from tests.uploads.oru import oru
from uploads.interfaces import rates, tokens
from uploads.interfaces.senders import add_sender, new_token, seen
from uploads.management.commands import mllp
from uploads.models import Message, Sender, SenderToken, TokenScope

pytestmark = pytest.mark.django_db
YEAR, DAY = timedelta(days=365), timedelta(days=1)


@pytest.fixture
def made(clinic) -> tuple[Sender, str]:
    return add_sender(clinic=clinic, name="Analyser", scopes=list(TokenScope))


@pytest.fixture
def send(client):
    """send(secret): a message by HTTP."""

    def send(secret: str):
        headers = {"Authorization": f"Bearer {secret}"}
        return client.post("/hl7/", oru(), content_type="text/plain", headers=headers)

    return send


@pytest.fixture
def read(client):
    """read(secret): a search by FHIR."""
    return lambda secret: client.get(
        "/fhir/Patient?identifier=N-1", headers={"Authorization": f"Bearer {secret}"}
    )


def age(by: timedelta) -> None:
    """As if every token had been made so long ago."""
    for token in SenderToken.objects.all():
        token.created_at -= by
        token.expires_at -= by
        token.save()


def test_a_token_holds_for_a_year_unless_said_otherwise(made):
    left = made[0].tokens.get().expires_at - timezone.now()
    assert YEAR - DAY < left <= YEAR


def test_an_expired_token_is_told_so_in_the_form_of_its_standard(made, send, read):
    age(YEAR + DAY)
    message, found = send(made[1]), read(made[1])
    assert (message.status_code, found.status_code) == (401, 401)
    assert b"\rMSA|AE|" in message.content and b"This token expired on" in message.content
    issue = found.json()["issue"][0]
    assert issue["code"] == "expired" and "Ask the clinic for a new one." in issue["diagnostics"]
    assert message["WWW-Authenticate"] == 'Bearer realm="hl7"' and not Message.objects.exists()


@pytest.mark.parametrize(("scope", "sent", "found"), [("send_hl7", 200, 403), ("read_fhir", 403, 200)])
def test_a_token_opens_what_it_names_and_nothing_else(clinic, send, read, scope, sent, found):
    _, secret = add_sender(clinic=clinic, name="Lab", scopes=[scope])
    assert (send(secret).status_code, read(secret).status_code) == (sent, found)
    assert Message.objects.exists() == (sent == 200)


def test_what_it_may_not_is_a_rejection_with_a_sentence(clinic, send):
    _, secret = add_sender(clinic=clinic, name="Lab", scopes=[TokenScope.READ_FHIR])
    answer = send(secret).content
    assert b"\rMSA|AR|" in answer and b"it may not send HL7 messages" in answer


def test_one_replaced_opens_until_the_overlap_is_over(made, read):
    sender, old = made
    new = tokens.replace_token(
        token=sender.tokens.get(), expires_at=None, overlap=timedelta(hours=24), by=None
    )
    assert (read(old).status_code, read(new).status_code) == (200, 200)
    first = sender.tokens.exclude(replaced_at=None).get()
    assert first.expires_at - first.replaced_at == timedelta(hours=24)
    SenderToken.objects.filter(pk=first.pk).update(
        created_at=first.created_at - DAY, expires_at=first.expires_at - DAY
    )
    assert (read(old).status_code, read(new).status_code) == (401, 200)


def test_without_overlap_the_old_one_ends_now(made, read):
    sender, old = made
    new = tokens.replace_token(token=sender.tokens.get(), expires_at=None, overlap=timedelta(0), by=None)
    assert (read(old).status_code, read(new).status_code) == (401, 200)


def test_an_overlap_lengthens_no_token(made):
    sender, token = made[0], made[0].tokens.get()
    SenderToken.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    token.refresh_from_db()
    tokens.replace_token(token=token, expires_at=None, overlap=timedelta(days=7), by=None)
    assert sender.tokens.exclude(replaced_at=None).get().expires_at == token.expires_at


def test_two_do_not_replace_or_end_the_same_token(made, administrator):
    token = made[0].tokens.get()
    how = {"expires_at": None, "overlap": timedelta(hours=1), "by": administrator}
    tokens.replace_token(token=token, **how)
    with pytest.raises(Refused, match="has replaced this token meanwhile"):
        tokens.replace_token(token=token, **how)
    tokens.end_token(token=token, by=administrator)
    with pytest.raises(Refused, match="has ended this token meanwhile"):
        tokens.end_token(token=token, by=administrator)


def test_a_use_is_written_once_a_minute(made, read, django_assert_num_queries):
    read(made[1])
    first = made[0].tokens.get().last_used
    read(made[1])
    assert made[0].tokens.get().last_used == first
    SenderToken.objects.update(last_used=first - timedelta(minutes=1))
    read(made[1])
    assert made[0].tokens.get().last_used > first
    sender = Sender.objects.get()
    with django_assert_num_queries(0):
        seen(sender)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["write_fhir"]},
        {"expires_at": timezone.now() - 2 * YEAR},
        {"expires_at": timezone.now() + 3 * YEAR},
        {"expires_at": None, "replaced_at": timezone.now()},
    ],
)
def test_the_database_refuses_what_no_token_may_be(made, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        SenderToken.objects.update(**wrong)


def test_history_holds_neither_the_hash_nor_each_use(made, read):
    read(made[1])
    token = made[0].tokens.get()
    tokens.end_token(token=token, by=None)
    rows = token.history.order_by("pgh_id").values()
    assert [row["pgh_label"] for row in rows] == ["insert", "update"]
    assert token.token_hash not in str(rows)


def test_one_that_does_not_expire_opens_and_is_to_be_replaced(made, clinic, read):
    assert tokens.running_out([clinic], timezone.now()) == 0
    SenderToken.objects.update(expires_at=None)
    assert read(made[1]).status_code == 200 and tokens.running_out([clinic], timezone.now()) == 1


def test_a_month_before_its_end_a_token_runs_out(made, clinic):
    age(YEAR - timedelta(days=29))
    assert tokens.running_out([clinic], timezone.now()) == 1
    new_token(sender=made[0], overlap=timedelta(hours=1))
    assert tokens.running_out([clinic], timezone.now()) == 0


def test_the_command_says_until_when_and_for_what(clinic):
    out = StringIO()
    call_command("add_sender", "EHR", clinic="north", only_read=True, days=10, stdout=out)
    assert "EHR may read patients and results by FHIR in North Hospital." in out.getvalue()
    token = SenderToken.objects.get()
    assert token.scopes == ["read_fhir"] and token.expires_at - timezone.now() <= timedelta(days=11)
    assert "/hl7/" not in out.getvalue()


def test_the_command_leaves_the_old_token_its_overlap(made, read):
    out = StringIO()
    call_command("add_sender", "analyser", clinic="north", new_token=True, overlap_hours=2, stdout=out)
    assert read(out.getvalue().splitlines()[1]).status_code == read(made[1]).status_code == 200


def test_mllp_is_counted_too(made, settings, monkeypatch):
    settings.SENDER_RATE = 1
    monkeypatch.setattr(mllp.connection, "close", lambda: None)
    cache.clear()
    rates._own.clear()
    answers = [mllp.answer(made[0].pk, oru(id=str(n))) for n in range(2)]
    rates._own.clear()
    assert b"\rMSA|AA|" in answers[0] or b"\rMSA|AE|0" in answers[0]
    assert b"more than 1 messages in a minute" in answers[1] and b"\rMSA|AE|" in answers[1]
    assert Message.objects.count() == 1
