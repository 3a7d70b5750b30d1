"""The hospital's own sign-in, with a provider that others wrote: who gets in, as what, and what is refused."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from accounts.apps import _check_groups
from accounts.models import Clinic, Membership, Role, SignInEvent, User
from tests.accounts.openid import groups, provider, use

LOGIN = reverse("account_login")
BEGIN = reverse("openid_connect_login", args=["hospital"])
WAITING = reverse("accounts:waiting")
DOCTORS = "liver-doctors=north:clinician"


@pytest.fixture(scope="module")
def issuer():
    with provider() as address:
        yield address


@pytest.fixture
def hospital(issuer, settings) -> None:
    use(settings, issuer)


def asked(client, **more) -> str:
    """Where the browser is sent to sign in."""
    return client.get(BEGIN, more).url


def signed_in_there(address: str, sub: str) -> str:
    """The person says at the provider who it is; the address back here."""
    answer = requests.post(address, data={"sub": sub}, allow_redirects=False, timeout=20)
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def sign_in(sub: str, client: Client | None = None, **more) -> tuple[Client, object]:
    client = client or Client()
    return client, client.get(signed_in_there(asked(client, **more), sub))


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def refused(response) -> bool:
    return response.status_code == 401 and b"You are not signed in" in response.content


def test_without_the_setting_there_is_no_such_way(client, db):
    assert client.get(BEGIN).status_code == 404
    assert "Sign in by" not in client.get(LOGIN).content.decode()


def test_the_request_has_state_and_a_proof_key_and_asks_for_no_address(client, db, hospital):
    asks = parse_qs(urlsplit(asked(client)).query)
    assert sorted(asks["scope"][0].split()) == ["openid", "profile"]
    assert asks["code_challenge_method"] == ["S256"] and asks["state"]
    assert "Sign in by North login" in client.get(LOGIN).content.decode()


def test_a_new_person_waits_and_sees_nothing(db, clinic, hospital, patient):
    client, response = sign_in("u-2")
    assert response.url == "/" and is_in(client)
    for address in ("/", "/meetings/", "/knowledge/", reverse("patients:detail", args=[patient.uuid])):
        assert client.get(address).url == WAITING
    page = client.get(WAITING).content.decode()
    assert "You work in no clinic here yet" in page and "boris" in page and "Worklist" not in page
    boris = User.objects.get(username="boris")
    assert str(boris) == "Boris Marin" and not boris.has_usable_password()
    what = list(SignInEvent.objects.order_by("pk").values_list("what", "user"))
    assert what == [("provider_new", boris.pk), ("signed_in", boris.pk)]


def test_no_address_and_no_token_is_kept(db, hospital):
    sign_in("u-1")
    assert not EmailAddress.objects.exists() and not SocialToken.objects.exists()
    assert User.objects.get(username="amara").email == ""


def test_the_administrator_adds_who_waits(db, administrator, hospital):
    person, _ = sign_in("u-2")
    client = Client()
    client.force_login(administrator)
    assert "?username=boris" in client.get(reverse("accounts:staff")).content.decode()
    data = {"clinic": administrator.memberships.get().clinic_id, "kind": "known", "username": "boris"}
    client.post(reverse("accounts:staff-add"), data | {"role": "viewer"})
    assert person.get("/").status_code == 200
    assert "?username=boris" not in client.get(reverse("accounts:staff")).content.decode()


def test_the_same_person_comes_again(db, hospital):
    sign_in("u-2")
    client, _ = sign_in("u-2")
    assert is_in(client) and SocialAccount.objects.count() == User.objects.count() == 1


def test_the_page_asked_for_is_returned_to_and_no_other_server(db, clinic, hospital, settings):
    settings.OIDC_GROUPS = groups(DOCTORS)
    assert sign_in("u-1", next="/meetings/")[1].url == "/meetings/"
    assert sign_in("u-1", next="https://elsewhere.example/")[1].url == "/"


# --- groups ---


def roles_of(name: str) -> dict[str, str]:
    return dict(Membership.objects.filter(user__username=name).values_list("clinic__code", "role"))


@pytest.mark.parametrize("sub", ["u-1", "u-3"])
def test_a_group_gives_clinic_and_role(db, clinic, hospital, settings, sub):
    settings.OIDC_GROUPS = groups(DOCTORS)
    client, _ = sign_in(sub)
    assert client.get("/").status_code == 200
    assert list(Membership.objects.values_list("clinic__code", "role")) == [("north", "clinician")]


@pytest.mark.parametrize("sub", ["u-2", "u-4"])
def test_who_is_in_no_group_waits(db, clinic, hospital, settings, sub):
    settings.OIDC_GROUPS = groups(DOCTORS)
    client, _ = sign_in(sub)
    assert client.get("/").url == WAITING


def test_the_first_group_that_is_named_counts(db, clinic, hospital, settings):
    settings.OIDC_GROUPS = groups(f"canteen=north:viewer {DOCTORS}")
    sign_in("u-1")
    assert roles_of("amara") == {"north": "viewer"}


def test_roles_follow_the_groups_at_each_sign_in(db, clinic, other_clinic, hospital, settings):
    settings.OIDC_GROUPS = groups(DOCTORS)
    sign_in("u-1")
    amara = User.objects.get(username="amara")
    # A clinic that no group names is the administrator's.
    Membership.objects.create(user=amara, clinic=other_clinic, role=Role.VIEWER)
    settings.OIDC_GROUPS = groups("liver-doctors=north:viewer")
    sign_in("u-1")
    assert roles_of("amara") == {"north": "viewer", "south": "viewer"}
    settings.OIDC_GROUPS = groups("others=north:viewer")
    sign_in("u-1")
    assert roles_of("amara") == {"south": "viewer"}


def test_who_has_left_every_group_is_out_and_comes_back_with_one(db, clinic, hospital, settings):
    settings.OIDC_GROUPS = groups(DOCTORS)
    sign_in("u-1")
    settings.OIDC_GROUPS = groups("others=north:viewer")
    client, response = sign_in("u-1")
    assert response.url == reverse("account_inactive") and not is_in(client)
    settings.OIDC_GROUPS = groups(DOCTORS)
    assert is_in(sign_in("u-1")[0])


def test_the_last_administrator_stays_whatever_the_groups_say(db, clinic, hospital, settings):
    settings.OIDC_GROUPS = groups("liver-doctors=north:administrator")
    sign_in("u-1")
    settings.OIDC_GROUPS = groups("others=north:viewer")
    assert is_in(sign_in("u-1")[0]) and roles_of("amara") == {"north": "administrator"}


def test_a_role_that_does_not_exist_stops_the_start(settings):
    settings.OIDC_GROUPS = groups("x=north:surgeon")
    with pytest.raises(ImproperlyConfigured, match="names no role: surgeon"):
        _check_groups()


# --- people who are here already ---


def test_a_name_that_is_taken_is_somebody_else_by_default(db, viewer, hospital):
    sign_in("u-3")
    assert User.objects.count() == 2 and not SocialAccount.objects.filter(user=viewer).exists()


def test_a_site_may_say_that_the_same_name_is_the_same_person(db, viewer, hospital, settings):
    settings.OIDC_LINK_EXISTING = True
    client, _ = sign_in("u-3")
    assert client.session["_auth_user_id"] == str(viewer.pk) and User.objects.count() == 1


@pytest.mark.parametrize("flag", ["is_superuser", "is_staff"])
def test_the_operator_is_never_taken_over_by_a_name(db, hospital, settings, flag):
    operator = User.objects.create_user("operator", **{flag: True})
    settings.OIDC_LINK_EXISTING = True
    client, _ = sign_in("u-4")
    assert client.session["_auth_user_id"] != str(operator.pk)


def test_the_second_factor_is_the_providers(db, clinic, viewer, hospital, settings):
    Clinic.objects.update(second_factor="everybody")
    settings.OIDC_LINK_EXISTING = True
    assert sign_in("u-3")[0].get("/").status_code == 200
    TOTP.activate(viewer, "JBSWY3DPEHPK3PXP")
    assert is_in(sign_in("u-3")[0])


def test_who_came_by_the_provider_gives_themselves_no_password(db, clinic, hospital, settings):
    """It would outlive the place at the hospital."""
    settings.OIDC_GROUPS = groups(DOCTORS)
    client, _ = sign_in("u-1")
    new = {"password1": "quiet-river-stone", "password2": "quiet-river-stone"}
    for name in ("account_set_password", "account_change_password"):
        client.post(reverse(name), new | {"oldpassword": ""})
    assert not User.objects.get(username="amara").has_usable_password()


# --- passwords switched off ---


@pytest.fixture
def off(hospital, settings) -> None:
    settings.LOCAL_PASSWORDS = False


def test_only_the_providers_button_is_there(client, db, off):
    page = client.get(LOGIN).content.decode()
    assert "Sign in by North login" in page
    assert "Password" not in page and "passkey" not in page and "one-time code" not in page


def test_a_password_signs_nobody_in(client, viewer, off):
    page = client.post(LOGIN, {"login": "viewer", "password": "liver-test"}).content.decode()
    assert not is_in(client) and "Passwords are switched off here" in page


def test_a_one_time_code_neither(client, viewer, off):
    assert client.get(reverse("accounts:code")).url == LOGIN


# --- answers that are refused ---


def test_an_answer_is_taken_once(db, hospital):
    client = Client()
    back = signed_in_there(asked(client), "u-2")
    client.get(back)
    client.logout()
    assert refused(client.get(back)) and not is_in(client)
    assert SignInEvent.objects.latest("pk").what == "provider_refused"


def test_a_used_state_does_not_carry_a_new_code(db, hospital):
    """Replayed: the state of an earlier sign-in of this browser, with a code that is good."""
    client = Client()
    first = signed_in_there(asked(client), "u-2")
    client.get(first)
    client.logout()
    second = parse_qs(urlsplit(signed_in_there(asked(client), "u-2")).query)
    state = parse_qs(urlsplit(first).query)["state"][0]
    path = urlsplit(first).path
    assert refused(client.get(path, {"code": second["code"][0], "state": state})) and not is_in(client)


def test_an_answer_for_another_browser_is_refused(db, hospital):
    back = signed_in_there(asked(Client()), "u-2")
    other = Client()
    asked(other)
    assert refused(other.get(back)) and not is_in(other)


def test_a_code_that_is_invented_is_refused(db, hospital):
    client = Client()
    state = parse_qs(urlsplit(asked(client)).query)["state"][0]
    path = reverse("openid_connect_callback", args=["hospital"])
    assert refused(client.get(path, {"code": "invented", "state": state})) and not is_in(client)


def test_a_token_for_another_audience_is_refused(db, hospital, monkeypatch):
    """The code and the token are another client's: good there, and not here."""
    ours = OpenIDConnectOAuth2Adapter.get_client

    def another(self, request, app):
        client = ours(self, request, app)
        client.consumer_key = "another"
        return client

    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "get_client", another)
    client = Client()
    address = asked(client).replace("client_id=liver", "client_id=another")
    assert "client_id=another" in address
    assert refused(client.get(signed_in_there(address, "u-2"))) and not is_in(client)
    monkeypatch.undo()
    assert is_in(sign_in("u-2")[0])


def test_a_token_that_is_over_is_refused(db, settings):
    with provider(seconds=-60) as address:
        use(settings, address)
        client, response = sign_in("u-2")
    assert refused(response) and not is_in(client)


def test_another_issuer_is_refused(db, hospital, monkeypatch):
    ours = OpenIDConnectOAuth2Adapter.openid_config.fget
    told = property(lambda self: {**ours(self), "issuer": "https://elsewhere.example"})
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "openid_config", told)
    client, response = sign_in("u-2")
    assert refused(response) and not is_in(client)


def test_two_people_in_one_answer_are_refused(db, hospital, monkeypatch):
    other = lambda self, token: {"sub": "u-1", "preferred_username": "amara"}  # noqa: E731
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "_fetch_user_info", other)
    client, response = sign_in("u-2")
    assert response.url == LOGIN and not is_in(client)


def test_who_stops_there_is_told_so(db, hospital):
    client = Client()
    answer = requests.post(asked(client), data={"action": "deny"}, allow_redirects=False, timeout=20)
    back = urlsplit(answer.headers["Location"])
    state = parse_qs(urlsplit(asked(client)).query)["state"][0]
    assert parse_qs(back.query)["error"] == ["access_denied"]
    response = client.get(back.path, {"error": "access_denied", "state": state}, follow=True)
    assert "You stopped at the hospital’s sign-in" in response.content.decode()


def test_a_provider_that_does_not_answer_is_a_sentence(client, db, settings, caplog):
    use(settings, "http://localhost:9")
    response = client.get(BEGIN)
    assert refused(response)
    assert [line for line in caplog.messages if line.endswith(": ConnectionError")]


def test_a_provider_that_says_something_else_is_a_sentence(client, db, hospital, monkeypatch):
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "openid_config", {"issuer": "x"})
    assert refused(client.get(BEGIN))


def test_connecting_to_somebody_who_is_signed_in_is_not_a_way(viewer, hospital):
    client = Client()
    client.force_login(viewer)
    _, response = sign_in("u-2", client, process="connect")
    assert response.url == LOGIN and not SocialAccount.objects.exists()
