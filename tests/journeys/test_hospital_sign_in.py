"""The hospital's own sign-in, in a browser, with a provider that others wrote: from the first visit to the record."""

import pytest
from playwright.sync_api import expect

from tests.accounts.openid import groups, provider, use

from .record import add_okafor
from .test_failing_requests import SAVED, cause, exclude
from .test_passkey import heading, look


@pytest.fixture(scope="module")
def issuer():
    with provider() as address:
        yield address


@pytest.fixture
def hospital_sign_in(issuer, settings) -> str:
    use(settings, issuer)
    return issuer


@pytest.fixture
def window(visit, hospital_sign_in):
    window = visit()
    # The provider takes its looks from there.
    window.elsewhere = (hospital_sign_in, "https://cdn.jsdelivr.net/")
    window.context.route("https://cdn.jsdelivr.net/**", lambda route: route.fulfill(content_type="text/css"))
    return window


def sign_in(window, sub: str) -> None:
    window.page.get_by_role("link", name="Sign in by North login").click()
    window.page.get_by_role("button", name=sub, exact=True).click()


def test_a_new_person_waits_until_the_administrator_adds_them(window, visit, own_clinic):
    window.go("/")
    look(window, "sign-in-by-hospital")
    sign_in(window, "u-2")
    heading(window, "You work in no clinic here yet")
    look(window, "waiting")

    office = visit("administrator", own_clinic)
    office.go("/staff/")
    look(office, "staff-waiting")
    office.page.get_by_role("link", name="Add Boris Marin").click()
    expect(office.page.get_by_label("A person who already has a sign-in name here")).to_be_checked()
    office.page.get_by_label("Viewer").check()
    office.page.get_by_role("button", name="Add").click()
    expect(office.page.get_by_text("Boris Marin now works in")).to_be_visible()

    window.page.get_by_role("link", name="Look again").click()
    heading(window, "Worklist")


def test_with_passwords_off_one_signs_in_again_in_another_window(window, own_clinic, settings):
    settings.LOCAL_PASSWORDS = False
    settings.OIDC_GROUPS = groups(f"liver-doctors={own_clinic.code}:clinician")
    patient, page = add_okafor(own_clinic), window.page
    window.go(f"/patients/{patient.uuid}/")
    expect(page.get_by_label("Password")).to_have_count(0)
    look(window, "sign-in-by-hospital-only")
    sign_in(window, "u-1")
    window.settled()
    page.evaluate("window.neverReloaded = true")
    cause(window)
    window.context.clear_cookies(name="sessionid")
    window.refused = 401
    exclude(window)
    dialog = page.get_by_role("dialog", name="Sign in again")
    window.examine("sign-in-again-elsewhere", "#sign-in-again")
    with window.context.expect_page() as opened:
        dialog.get_by_role("link", name="Sign in in another window").click()
    other = opened.value
    other.get_by_role("link", name="Sign in by North login").click()
    other.get_by_role("button", name="u-1", exact=True).click()
    expect(other.get_by_role("heading", name="Worklist")).to_be_visible()
    dialog.get_by_role("button", name="Go on here").click()
    expect(page.locator("#said")).to_contain_text(SAVED)
    assert page.evaluate("window.neverReloaded") is True
    assert patient.reviews.get().by.username == "amara"


def test_who_stops_there_is_not_signed_in(window):
    window.refused = 401
    window.go("/")
    window.page.get_by_role("link", name="Sign in by North login").click()
    window.page.get_by_role("button", name="Deny").click()
    heading(window, "You are not signed in")
    look(window, "hospital-sign-in-stopped")
