"""Signed in by the record system's word: only where the clinic allows it, and only whom it has named."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Membership, SignInEvent, User
from patients.actions.errors import Refused
from tests.uploads.interfaces.smart.conftest import back_from, begun, text
from uploads.interfaces.smart.clients import set_client, vouch
from uploads.models import LaunchClient, LaunchUser, Sender

pytestmark = pytest.mark.django_db


@pytest.fixture
def vouched(registered, clinician):
    """The record system vouches for the clinician."""
    LaunchClient.objects.filter(pk=registered.pk).update(signs_on=True)
    vouch(client=registered, fhir_user="Practitioner/7", user=clinician)
    return registered


def come(system, browser: Client | None = None):
    """A browser in which nobody is signed in, unless one is given; and the answer to the way back."""
    browser = browser or Client()
    return browser, browser.get(back_from(begun(browser, system.launch())))


def is_in(browser) -> str | None:
    key = browser.session.get("_auth_user_id")
    return key and User.objects.get(pk=key).username


def test_who_is_vouched_for_is_signed_in_and_sees_the_visit(system, vouched):
    browser, answer = come(system)
    assert is_in(browser) == "clinician"
    assert "Visit, not stored" in text(browser.get(answer.url))
    event = SignInEvent.objects.get(what="signed_in")
    assert (event.user.username, event.detail) == ("clinician", "by Record system")


@pytest.mark.parametrize(
    ("others", "who"), [([], "clinician"), ([{"use": "enc"}], "clinician"), ([{"kid": "l"}], None)]
)
def test_a_token_that_names_no_key_is_that_of_the_only_one(others, who, system, vouched):
    """As the public SMART launcher signs."""
    system.faults |= {"header": {}, "keys": others}
    browser, answer = come(system)
    assert (is_in(browser), answer.status_code) == (who, 302 if who else 400)


def test_own_passwords_may_be_off(system, vouched, settings):
    settings.LOCAL_PASSWORDS = False
    browser, _ = come(system)
    assert is_in(browser) == "clinician"


def test_a_session_from_before_the_sign_in_is_not_kept(system, vouched):
    browser = Client()
    address = begun(browser, system.launch())
    before = browser.session.session_key
    browser.get(back_from(address))
    assert browser.session.session_key != before


def test_an_own_second_factor_is_still_asked_for(system, vouched, clinician):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(clinician, generate_totp_secret())
    browser, answer = come(system)
    assert answer.url.startswith("/accounts/2fa/authenticate/") and is_in(browser) is None


@pytest.mark.parametrize("fhir_user", ["Practitioner/8", "Patient/7", "", "https://x.example/Practitioner/7"])
def test_who_is_not_named_signs_in_and_the_launch_goes_on(fhir_user, client, system, vouched):
    system.faults["claims"] = {"fhirUser": fhir_user}
    browser, answer = come(system)
    assert is_in(browser) is None and answer.url.startswith("/accounts/login/?next=%2Fsmart%2Fvisits%2F")
    after = browser.post(answer.url, {"login": "clinician", "password": "liver-test"})
    assert "Visit, not stored" in text(browser.get(after.url))


def test_where_the_clinic_does_not_allow_it_nobody_is_signed_in(system, vouched):
    LaunchClient.objects.update(signs_on=False)
    answer = Client().get(f"/smart/launch?{system.launch()}")
    assert answer.url.startswith("/accounts/login/") and system.asked == []


def test_what_is_not_allowed_any_more_while_one_signs_in_there(system, vouched):
    browser = Client()
    back = back_from(begun(browser, system.launch()))
    LaunchClient.objects.update(signs_on=False)
    browser.get(back)
    assert is_in(browser) is None


def test_nobody_is_made_somebody_else(client, viewer, system, vouched):
    client.force_login(viewer)
    _, answer = come(system, client)
    assert answer.status_code == 409 and "Sign out here" in text(answer)
    assert is_in(client) == "viewer"


@pytest.mark.parametrize("how", ["left", "inactive", "operator", "ended"])
def test_who_may_not_come_any_more_does_not(how, system, vouched, clinician, administrator):
    if how == "left":
        Membership.objects.filter(user=clinician).delete()
    elif how == "ended":
        LaunchUser.objects.update(ended_at="2026-01-01T00:00Z")
    else:
        named = {"inactive": {"is_active": False}, "operator": {"is_superuser": True}}[how]
        User.objects.filter(pk=clinician.pk).update(**named)
    browser, _ = come(system)
    assert is_in(browser) is None


def test_only_members_are_vouched_for(registered, stranger, admin_user):
    for user in (stranger, admin_user):
        with pytest.raises(Refused):
            vouch(client=registered, fhir_user="Practitioner/9", user=user)
    with pytest.raises(Refused, match="Practitioner/7"):
        vouch(client=registered, fhir_user=" ", user=stranger)


def test_a_person_is_one_member_at_a_time(vouched, viewer):
    vouch(client=vouched, fhir_user=f"{vouched.fhir_base}/Practitioner/7", user=viewer)
    (standing,) = LaunchUser.objects.filter(ended_at=None)
    assert (standing.fhir_user, standing.user) == ("Practitioner/7", viewer)


def test_nobody_is_vouched_for_by_another_server_than_was_named(vouched):
    about = {"sender": vouched.sender, "client_id": "liver", "signs_on": True}
    set_client(fhir_base=vouched.fhir_base, **about)
    assert LaunchUser.objects.filter(ended_at=None).count() == 1
    set_client(fhir_base="https://other.example/fhir", **about)
    assert not LaunchUser.objects.filter(ended_at=None).exists()


# --- by commands ---


def test_commands_register_and_vouch(clinic, clinician, tmp_path, capsys):
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    about = ["--clinic", clinic.code, "--fhir", "https://ehr.example/fhir/", "--client", "liver", "--sign-on"]
    call_command("add_record_system", "EHR", *about, "--secret", str(secret))
    call_command("vouch", "EHR", "Practitioner/7", "clinician", "--clinic", clinic.code)
    found = LaunchClient.objects.get()
    assert (found.fhir_base, found.signs_on) == ("https://ehr.example/fhir", True)
    assert LaunchUser.objects.get().user == clinician
    assert "s3cret" not in capsys.readouterr().out
    call_command("vouch", "EHR", "Practitioner/7", "--end", "--clinic", clinic.code)
    assert not LaunchUser.objects.filter(ended_at=None).exists()


def test_a_record_system_that_asks_may_launch_too(clinic):
    about = ["--clinic", clinic.code]
    asks = ["--issuer", "https://ehr.example", "--keys", "https://ehr.example/jwks"]
    call_command("add_record_system", "EHR", *about, *asks)
    launches = [
        "--fhir",
        "https://ehr.example/fhir",
        "--client",
        "liver",
        "--sign-in-at",
        "https://login.example/x",
    ]
    call_command("add_record_system", "EHR", *about, *launches)
    assert Sender.objects.get().launches.sign_in_origin == "https://login.example"


@pytest.mark.parametrize(
    ("fhir", "client", "words"),
    [
        ("http://ehr.example/fhir", "liver", "begin it with https://"),
        ("https://u:p@ehr.example/fhir", "liver", "without a name"),
        ("https://ehr.example/fhir?x=1", "liver", "without a name"),
        ("file:///etc", "liver", "begin it with https://"),
        ("https://ehr.example/fhir", " ", "Name the client id"),
    ],
)
def test_what_cannot_be_registered_is_said_and_nothing_added(fhir, client, words, clinic):
    with pytest.raises(CommandError, match=words):
        call_command("add_record_system", "EHR", "--clinic", clinic.code, "--fhir", fhir, "--client", client)
    assert not Sender.objects.exists()


def test_two_record_systems_are_not_one_server(clinic):
    about = ["--clinic", clinic.code, "--fhir", "https://ehr.example/fhir", "--client", "liver"]
    call_command("add_record_system", "EHR", *about)
    with pytest.raises(CommandError, match="Another record system"):
        call_command("add_record_system", "Other", *about)


def test_whom_nobody_knows_nobody_vouches_for(clinic, registered):
    for about, words in (
        (["EHR", "Practitioner/7", "x"], "No record system"),
        (["Record system", "Practitioner/7", "nobody"], "Nobody has the sign-in name"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("vouch", *about, "--clinic", clinic.code)
