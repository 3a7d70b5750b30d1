"""A second factor: set up because the clinic asks for it, used, and asked for where the session has ended."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from playwright.sync_api import expect

from accounts.models import Clinic, User

from .record import add_okafor
from .test_failing_requests import SAVED, cause, exclude

TABLET = {"width": 820, "height": 1180}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Of this computer: by finger, and always at hand.
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def sign_in(window, name: str) -> None:
    window.go("/accounts/login/")
    window.page.get_by_label("Sign-in name").fill(name)
    window.page.get_by_label("Password").fill("liver-test")
    window.page.get_by_role("button", name="Sign in", exact=True).click()


def heading(window, words: str) -> None:
    expect(window.page.get_by_role("heading", name=words, exact=True)).to_be_visible()


def look(window, name: str) -> None:
    window.examine(name)
    window.reach(f"{name} on a tablet", TABLET)


def sign_out(window) -> None:
    window.page.get_by_role("button", name="Sign out").click()
    expect(window.page.get_by_text("You have signed out.")).to_be_visible()


def digits(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def key(visit):
    """A window whose computer has a reader of fingers."""
    window = visit()
    session = window.context.new_cdp_session(window.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return window


def test_a_passkey_is_set_up_because_the_clinic_asks_and_then_signs_in(key, own_clinic):
    Clinic.objects.filter(pk=own_clinic.pk).update(second_factor="everybody")
    window, page, name = key, key.page, f"{own_clinic.code}-viewer"
    sign_in(window, name)
    heading(window, "Set up a second factor")
    expect(page.get_by_role("navigation")).to_have_count(0)
    look(window, "second-factor-required")
    window.go("/meetings/")
    heading(window, "Set up a second factor")

    page.get_by_role("link", name="A passkey").click()
    look(window, "passkey-add")
    page.get_by_label("Name it").fill("Ward computer")
    page.get_by_label("It also signs in without the password").check()
    page.get_by_role("button", name="Add it").click()
    heading(window, "Recovery codes")
    look(window, "recovery-codes")
    page.get_by_role("link", name="I have kept them: go on").click()
    heading(window, "Worklist")
    sign_out(window)

    # Without name and password.
    window.go("/accounts/login/?next=/meetings/")
    page.get_by_role("button", name="Use a passkey").click()
    heading(window, "Meetings")
    sign_out(window)

    # After the password.
    sign_in(window, name)
    heading(window, "Second factor")
    look(window, "second-factor")
    page.get_by_role("button", name="Use a passkey").click()
    heading(window, "Worklist")
    window.go("/staff/sign-in/")
    expect(page.get_by_text("Ward computer").first).to_be_visible()
    look(window, "own-sign-in")
    assert Authenticator.objects.filter(user__username=name, type="webauthn").count() == 1


def test_a_passkey_of_nobody_is_refused_with_a_sentence(key, own_clinic):
    name = f"{own_clinic.code}-viewer"
    Clinic.objects.filter(pk=own_clinic.pk).update(second_factor="everybody")
    sign_in(key, name)
    key.page.get_by_role("link", name="A passkey").click()
    key.page.get_by_label("It also signs in without the password").check()
    key.page.get_by_role("button", name="Add it").click()
    heading(key, "Recovery codes")
    sign_out(key)
    Authenticator.objects.filter(user__username=name).delete()
    key.page.get_by_role("button", name="Use a passkey").click()
    expect(key.page.get_by_text("This passkey is not known here")).to_be_visible()
    heading(key, "Sign in")


def test_an_app_is_set_up_and_without_scripts_a_passkey_says_what_it_needs(visit, own_clinic):
    window = visit("viewer", own_clinic, javascript=False)
    name = f"{own_clinic.code}-viewer"
    window.context.clear_cookies()
    window.go("/accounts/login/")
    expect(window.page.get_by_text("A passkey needs JavaScript")).to_be_visible()
    sign_in(window, name)
    heading(window, "Worklist")
    window.go("/accounts/2fa/app/")
    heading(window, "Set up an authenticator app")
    expect(window.page.get_by_role("img", name="The key, to scan with the app")).to_be_visible()
    secret = window.page.locator("code.key").inner_text()
    window.page.get_by_label("Six digits").fill(digits(secret))
    window.page.get_by_role("button", name="Use this app").click()
    heading(window, "Recovery codes")
    code = window.page.locator(".codes code").first.inner_text()
    sign_out(window)
    sign_in(window, name)
    window.page.get_by_label("Code").fill(code)
    window.page.get_by_role("button", name="Sign in").click()
    heading(window, "Worklist")


def test_where_the_session_has_ended_the_code_is_asked_in_place(visit, own_clinic):
    patient = add_okafor(own_clinic)
    window = visit("clinician", own_clinic)
    page = window.page
    TOTP.activate(User.objects.get(username=f"{own_clinic.code}-clinician"), SECRET)
    window.go(f"/patients/{patient.uuid}/")
    window.settled()
    page.evaluate("window.neverReloaded = true")
    cause(window)
    window.context.clear_cookies(name="sessionid")
    window.refused = 401
    exclude(window)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password").fill("liver-test")
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    code = dialog.get_by_label("Code of your app")
    expect(code).to_be_focused()
    window.examine("sign-in-again-code", "#sign-in-again")
    window.refused = 400
    code.fill("000000" if digits() != "000000" else "111111")
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("This code is not right")
    code.fill(digits())
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#said")).to_contain_text(SAVED)
    assert page.evaluate("window.neverReloaded") is True
    assert patient.reviews.get().verdict == "excluded"


def test_the_administrator_prints_a_code_and_ends_sessions(visit, own_clinic):
    name = f"{own_clinic.code}-viewer"
    Clinic.objects.filter(pk=own_clinic.pk).update(second_factor="nobody")
    person = visit()
    sign_in(person, name)
    heading(person, "Worklist")
    window = visit("administrator", own_clinic)
    page = window.page
    window.go("/staff/")
    look(window, "staff-second-factor")
    window.go(f"/staff/{own_clinic.code}/{name}/sessions/")
    look(window, "staff-sessions")
    page.get_by_role("button", name="End all sessions").click()
    expect(page.get_by_text("1 session ended.")).to_be_visible()
    page.get_by_role("link", name="Print a one-time code").click()
    look(window, "one-time-code-issue")
    page.get_by_label("password and second factor").check()
    page.get_by_role("button", name="Make the code").click()
    look(window, "one-time-code-sheet")
    code = page.locator("code.secret").inner_text()

    person.go("/")
    heading(person, "Sign in")
    person.page.get_by_role("link", name="Use a one-time code").click()
    look(person, "one-time-code")
    person.page.get_by_label("Sign-in name").fill(name)
    person.page.get_by_label("One-time code").fill(code.upper())
    person.page.get_by_role("button", name="Use it").click()
    heading(person, "Choose your password")
    person.page.get_by_label("New password", exact=True).fill("quiet-river-stone")
    person.page.get_by_label("New password again").fill("quiet-river-stone")
    person.page.get_by_role("button", name="Use this password").click()
    heading(person, "Worklist")
    window.go("/staff/sign-ins/")
    expect(page.get_by_role("cell", name="one-time code used: password and second factor")).to_be_visible()
    look(window, "log-of-sign-ins")
