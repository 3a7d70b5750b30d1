"""The second factor: who must have one, how it is set up and asked for, and how often it may be tried."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from accounts.models import Clinic, SignInEvent
from accounts.signing_in.factors import must_have

LOGIN = reverse("account_login")
ASK = reverse("mfa_authenticate")
SET_UP = reverse("accounts:second-factor")
APP = reverse("mfa_activate_totp")
# The handle is that of the person with the first id.
NO_CREDENTIALS = [
    "",
    "{}",
    "[]",
    "null",
    '{"id": "x"}',
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {}}',
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": "MQ", "clientDataJSON": "e30",'
    ' "authenticatorData": "eA", "attestationObject": "eA", "signature": "eA"}}',
]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def same_half_minute(monkeypatch):
    """No test falls over the end of a code's thirty seconds."""
    now = time.time() // 30 * 30 + 1
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: now)


def digits(secret: str = SECRET, after: int = 0) -> str:
    from allauth.mfa.totp.internal import auth

    return format_hotp_value(hotp_value(secret, int(auth.time.time()) // 30 + after))


def wrong() -> str:
    return f"{(int(digits()) + 1) % 10**6:06}"


@pytest.fixture
def app(viewer) -> Authenticator:
    return TOTP.activate(viewer, SECRET).instance


def sign_in(client, name="viewer", **more):
    return client.post(LOGIN, {"login": name, "password": "liver-test"}, **more)


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def asks_of(clinic, of: str) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(second_factor=of)


def events(user) -> list[tuple[str, str]]:
    return list(SignInEvent.objects.filter(user=user).order_by("pk").values_list("what", "detail"))


# --- asked for ---


def test_the_password_alone_does_not_sign_in(client, app):
    assert sign_in(client).url == ASK
    assert not is_in(client) and client.get("/").url.startswith(LOGIN)


def test_the_code_finishes_the_sign_in(client, viewer, app):
    sign_in(client)
    assert client.post(ASK, {"code": digits()}).url == "/"
    assert is_in(client) and events(viewer)[-2:] == [
        ("factor_used", "authenticator app"),
        ("signed_in", ""),
    ]


def test_a_wrong_code_is_refused_and_logged(client, viewer, app):
    sign_in(client)
    page = client.post(ASK, {"code": wrong()}).content.decode()
    assert "This code is not right" in page and not is_in(client)
    assert events(viewer) == [("factor_refused", "authenticator app")]


def test_a_code_signs_in_once(client, app):
    sign_in(client)
    client.post(ASK, {"code": digits()})
    other = Client()
    sign_in(other)
    other.post(ASK, {"code": digits()})
    assert not is_in(other)


def test_codes_are_tried_as_seldom_as_passwords_from_whatever_address(viewer, app):
    for number in range(5):
        client = Client(REMOTE_ADDR=f"10.0.0.{number}")
        sign_in(client)
        client.post(ASK, {"code": wrong()})
    client = Client(REMOTE_ADDR="10.0.0.99")
    sign_in(client)
    assert "Too many attempts. Wait a minute" in client.post(ASK, {"code": digits()}).content.decode()
    assert not is_in(client)


def test_wrong_codes_of_one_person_are_no_wait_for_another(client, viewer, clinician, app):
    TOTP.activate(clinician, SECRET)
    sign_in(client)
    for _ in range(6):
        client.post(ASK, {"code": wrong()})
    other = Client()
    sign_in(other, "clinician")
    other.post(ASK, {"code": digits()})
    assert is_in(other)


def test_a_recovery_code_signs_in_once(viewer, app):
    code = RecoveryCodes.activate(viewer).get_unused_codes()[0]
    for expected in (True, False):
        client = Client()
        sign_in(client)
        client.post(ASK, {"code": code})
        assert is_in(client) is expected


def test_a_temporary_password_does_not_pass_the_second_factor(client, viewer, app):
    viewer.password_is_temporary = True
    viewer.save()
    assert sign_in(client).url == ASK
    assert client.post(ASK, {"code": digits()}).url == reverse("accounts:new-password")


def test_within_a_page_the_code_is_asked_there(client, viewer, app):
    ajax = {"headers": {"X-Requested-With": "XMLHttpRequest"}}
    assert sign_in(client, **ajax).json() == {"person": None, "location": ASK, "errors": []}
    refused = client.post(ASK, {"code": wrong()}, **ajax)
    assert refused.status_code == 400 and "not right" in refused.json()["errors"][0]
    told = client.post(ASK, {"code": digits()}, **ajax).json()
    assert told == {"person": str(viewer.pk), "location": "/", "errors": []}


def test_secrets_are_encrypted_and_another_key_matches_nothing(client, viewer, app, settings):
    assert SECRET not in str(Authenticator.objects.values_list("data", flat=True)[0])
    settings.SECRET_KEY = "another key of this site, of fifty letters and more, 0123456789"
    sign_in(client)
    assert client.post(ASK, {"code": digits()}).status_code == 200 and not is_in(client)


# --- required ---


@pytest.mark.parametrize(
    ("of", "who"),
    [
        ("nobody", set()),
        ("managers", {"data_manager", "administrator"}),
        ("everybody", {"viewer", "clinician", "data_manager", "administrator"}),
    ],
)
def test_whom_a_clinic_asks(clinic, request, of, who):
    asks_of(clinic, of)
    people = ["viewer", "clinician", "data_manager", "administrator", "stranger"]
    assert {name for name in people if must_have(request.getfixturevalue(name))} == who


def test_who_must_have_one_and_has_none_sees_nothing_else(client, clinic, viewer, patient):
    asks_of(clinic, "everybody")
    sign_in(client)
    detail = reverse("patients:detail", args=[patient.uuid])
    for address in ("/", detail, "/staff/sign-in/", "/meetings/", "/accounts/password/change/"):
        assert client.get(address).url == SET_UP, address
    page = client.get(SET_UP).content.decode()
    assert "Set up a second factor" in page and 'role="search"' not in page and "Worklist" not in page


@pytest.mark.parametrize(("method", "headers"), [("post", {}), ("get", {"HX-Request": "true"})])
def test_a_part_of_a_page_and_a_form_are_refused_with_a_sentence(client, clinic, viewer, method, headers):
    asks_of(clinic, "everybody")
    client.force_login(viewer)
    response = getattr(client, method)(reverse("patients:search"), headers=headers)
    assert response.status_code == 403 and b"Set one up in another window" in response.content


def test_setting_one_up_opens_the_rest(client, clinic, viewer, django_capture_on_commit_callbacks):
    asks_of(clinic, "everybody")
    sign_in(client)
    secret = re.search(r'<code class="key">(\w+)</code>', client.get(APP).content.decode())[1]
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(APP, {"code": digits(secret)}).url == reverse("mfa_view_recovery_codes")
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", page)) == 10
    assert client.get("/").status_code == 200
    assert ("factor_added", "authenticator app") in events(viewer)


def test_recovery_codes_are_shown_once(client, viewer, app):
    RecoveryCodes.activate(viewer)
    client.force_login(viewer)
    shown = [client.get(reverse("mfa_view_recovery_codes")) for _ in range(2)]
    # Not signed in just now: the password is asked first.
    assert all(response.url.startswith(reverse("account_reauthenticate")) for response in shown)
    sign_in(client := Client())
    client.post(ASK, {"code": digits()})
    pages = [client.get(reverse("mfa_view_recovery_codes")).content.decode() for _ in range(2)]
    assert [len(re.findall(r"<code>\d{8}</code>", page)) for page in pages] == [10, 0]


def test_who_takes_the_last_one_away_sets_up_another(client, clinic, viewer, app):
    asks_of(clinic, "everybody")
    sign_in(client)
    client.post(ASK, {"code": digits()})
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert client.get("/").url == SET_UP
    assert ("factor_removed", "authenticator app") in events(viewer)


def test_the_administrator_decides_of_whom_it_is_asked(client, clinic, administrator):
    client.force_login(administrator)
    address = reverse("accounts:factor-rule")
    assert client.post(address, {"clinic": "north", "of": "managers"}).status_code == 302
    clinic.refresh_from_db()
    assert clinic.second_factor == "managers"
    assert clinic.history.latest("pgh_id").pgh_context.metadata["user"] == administrator.pk
    # It holds for whoever has decided it, at the next click.
    assert client.get("/").url == SET_UP


def test_a_rule_that_does_not_exist_is_not_found(client, clinic, administrator):
    client.force_login(administrator)
    assert client.post(reverse("accounts:factor-rule"), {"clinic": "north", "of": "x"}).status_code == 404


def test_no_query_is_asked_where_nothing_is_required(clinic, viewer, django_assert_num_queries):
    must_have(viewer)
    with django_assert_num_queries(0):
        assert not must_have(viewer)


# --- passkeys: the browser's part is in tests/journeys/test_passkey.py ---


def test_a_passkey_that_is_none_signs_nobody_in(client, viewer):
    address = reverse("mfa_login_webauthn")
    assert client.get(address, headers={"accept": "application/json"}).json()["request_options"]
    for credential in NO_CREDENTIALS:
        assert client.post(address, {"credential": credential}).url == LOGIN
    assert not is_in(client)
    assert set(SignInEvent.objects.values_list("what", flat=True)) == {"factor_refused"}


def test_what_is_no_passkey_is_not_added_and_does_not_pass(client, viewer, app):
    sign_in(client)
    for credential in NO_CREDENTIALS:
        assert client.post(ASK, {"credential": credential}).status_code == 200
    assert not is_in(client)
    client.post(ASK, {"code": digits()})
    for credential in NO_CREDENTIALS:
        assert client.post(reverse("mfa_add_webauthn"), {"credential": credential}).status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()
