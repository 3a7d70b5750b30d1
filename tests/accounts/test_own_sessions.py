"""Where somebody is signed in: the list, ending one, ending all others, and the administrator's end of all."""

import json
import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import middleware
from accounts.models import SignInEvent
from accounts.signing_in.browsers import browser_in_words

LOGIN = reverse("account_login")
OWN = reverse("accounts:own")
END = reverse("accounts:session-end")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605 Version/17.4 Safari/604.1"


def signed_in(name: str = "viewer", said: str = FIREFOX, address: str = "10.1.1.7") -> Client:
    client = Client(headers={"user-agent": said}, REMOTE_ADDR=address)
    assert client.post(LOGIN, {"login": name, "password": "liver-test"}).url == "/"
    return client


def is_in(client: Client) -> bool:
    return client.get(OWN).status_code == 200


def events(user) -> list[str]:
    return list(SignInEvent.objects.filter(user=user).order_by("pk").values_list("what", flat=True))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/131.0 Safari/537", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537 Edg/131.0", "Edge on Windows"),
        ("curl/8", "Another program"),
        ("", "Another program"),
    ],
)
def test_a_browser_is_named_in_words(said, words):
    assert browser_in_words(said) == words


def test_each_session_is_listed_with_browser_and_address(viewer):
    here = signed_in()
    signed_in(said=SAFARI, address="10.9.9.9")
    page = here.get(OWN).content.decode()
    assert "Firefox on Windows <span" in page and "(this one)" in page
    assert "Safari on iPhone" in page and "10.9.9.9" in page
    # This one is ended by signing out.
    assert page.count('name="session" value=') == 2 and 'value="others"' in page


def test_one_session_is_ended(viewer):
    here, there = signed_in(), signed_in(said=SAFARI)
    pk = UserSession.objects.get(session_key=there.session.session_key).pk
    assert here.post(END, {"session": pk}).url == OWN
    assert is_in(here) and not is_in(there)
    assert events(viewer)[-1] == "session_ended"


def test_all_others_are_ended(viewer):
    here, there, elsewhere = signed_in(), signed_in(), signed_in()
    here.post(END, {"session": "others"})
    assert [is_in(client) for client in (here, there, elsewhere)] == [True, False, False]
    assert events(viewer)[-1] == "sessions_ended"


def test_nobody_ends_the_session_of_another(viewer, clinician):
    here, there = signed_in(), signed_in("clinician")
    pk = UserSession.objects.get(session_key=there.session.session_key).pk
    here.post(END, {"session": pk})
    assert is_in(there)


@pytest.mark.parametrize("which", ["", "x", "-1", "٣", "9" * 30])
def test_what_names_no_session_is_not_found(viewer, which):
    assert signed_in().post(END, {"session": which}).status_code == 404


def test_an_administrator_ends_all_sessions_of_a_member(client, administrator, viewer):
    one, two = signed_in(), signed_in()
    client.force_login(administrator)
    address = reverse("accounts:staff-sessions", args=["north", "viewer"])
    assert "Firefox on Windows" in client.get(address).content.decode()
    client.post(address)
    assert not is_in(one) and not is_in(two)
    last = SignInEvent.objects.latest("pk")
    assert (last.what, last.user, last.by) == ("sessions_ended", viewer, administrator)


def test_last_seen_is_written_once_in_a_while(viewer, monkeypatch, django_assert_num_queries):
    here = signed_in()
    is_in(here)
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    is_in(here)
    assert UserSession.objects.get().last_seen_at < timezone.now() - timedelta(minutes=50)
    later = middleware.time.time() + 3600
    monkeypatch.setattr(middleware.time, "time", lambda: later)
    is_in(here)
    assert UserSession.objects.get().last_seen_at > timezone.now() - timedelta(minutes=5)


# --- the log ---


def test_the_log_tells_of_signing_in_and_out_and_of_wrong_passwords(client, viewer, administrator):
    client.post(LOGIN, {"login": "viewer", "password": "wrong"})
    signed_in(address="10.9.9.9").post(reverse("account_logout"))
    assert events(viewer) == ["refused", "signed_in", "signed_out"]
    client.force_login(administrator)
    page = client.get(reverse("accounts:sign-ins") + "?person=viewer").content.decode()
    assert "wrong password" in page and "10.9.9.9" in page


def test_too_many_attempts_are_logged(client, viewer):
    for _ in range(6):
        client.post(LOGIN, {"login": "viewer", "password": "wrong"})
    assert events(viewer) == ["refused"] * 5 + ["too_many"]


def test_each_new_password_is_logged(client, viewer, administrator):
    office = Client()
    office.force_login(administrator)
    page = office.post(reverse("accounts:staff-password", args=["north", "viewer"])).content.decode()
    given = re.search(r'class="secret">([^<]+)<', page)[1]
    client.post(LOGIN, {"login": "viewer", "password": given})
    own = {"password1": "quiet-river-stone", "password2": "quiet-river-stone"}
    client.post(reverse("accounts:new-password"), own)
    other = {
        "oldpassword": "quiet-river-stone",
        "password1": "calm-river-stone",
        "password2": "calm-river-stone",
    }
    client.post(reverse("account_change_password"), other)
    assert events(viewer) == ["password_given", "password_chosen", "signed_in", "password_chosen"]
    assert SignInEvent.objects.earliest("pk").by == administrator


def test_what_was_typed_as_a_name_is_not_kept(client, viewer):
    client.post(LOGIN, {"login": "my secret password", "password": "x"})
    (line,) = SignInEvent.objects.values("user", "detail", "what")
    assert line == {"user": None, "detail": "", "what": "refused"}


def test_the_log_is_printed_for_a_system_that_watches(client, viewer, stranger, capsys):
    client.post(LOGIN, {"login": "nobody", "password": "wrong"})
    signed_in(address="10.9.9.9")
    signed_in("stranger")
    for words, users in (((), ["stranger", "viewer", None]), (("--clinic", "north"), ["viewer"])):
        call_command("audit", *words)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        lines = [line for line in lines if line["kind"] == "sign_in"]
        assert [line["user"] for line in lines] == users
    assert lines[0] | {"at": ""} == {
        "at": "",
        "kind": "sign_in",
        "user": "viewer",
        "what": "signed_in",
        "detail": "",
        "by": None,
        "address": "10.9.9.9",
    }
    call_command("audit", "--to", "2000-01-01")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("how", ["update", "delete"])
def test_a_line_is_neither_changed_nor_deleted(client, viewer, how):
    signed_in()
    with pytest.raises(DatabaseError), transaction.atomic():
        rows = SignInEvent.objects.all()
        rows.update(what="refused") if how == "update" else rows.delete()


def test_another_clinic_is_not_in_the_log(client, administrator, stranger):
    signed_in("stranger", address="10.7.7.7")
    client.force_login(administrator)
    assert "10.7.7.7" not in client.get(reverse("accounts:sign-ins")).content.decode()


def test_older_lines_are_a_step_away(client, administrator, viewer):
    SignInEvent.objects.bulk_create(
        [SignInEvent(user=viewer, what="signed_in", address=f"10.0.0.{number}") for number in range(51)]
    )
    client.force_login(administrator)
    page = client.get(reverse("accounts:sign-ins"))
    assert "10.0.0.50<" in page.content.decode() and "10.0.0.0<" not in page.content.decode()
    assert "10.0.0.0<" in client.get(page.context["older"]).content.decode()
