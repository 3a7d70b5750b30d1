"""The session ends while somebody types: signing in again in place, as the same person or another."""

import pytest
from playwright.sync_api import expect

from accounts.models import Clinic, Membership, Role, User

from .browsing import open_review
from .record import add_okafor
from .test_failing_requests import SAVED, cause, exclude, is_not_saved

DISCARDED = "What somebody else had typed here was discarded, not saved."


@pytest.fixture
def patient(own_clinic):
    return add_okafor(own_clinic)


@pytest.fixture
def window(visit, own_clinic, patient):
    window = visit("clinician", own_clinic)
    window.go(f"/patients/{patient.uuid}/")
    window.settled()
    window.page.evaluate("window.neverReloaded = true")
    # The list of all causes comes when it is opened: while the session lasts.
    cause(window)
    return window


@pytest.fixture
def asked(window):
    """A verdict was sent after the session had ended."""
    window.context.clear_cookies(name="sessionid")
    window.refused = 401
    exclude(window)
    dialog = window.page.get_by_role("dialog", name="Sign in again")
    expect(dialog.get_by_label("Password")).to_be_focused()
    return dialog


def sign_in(dialog, password: str = "liver-test", name: str = "") -> None:
    if name:
        dialog.get_by_label("Sign-in name").fill(name)
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name="Sign in").click()


def test_the_same_person_goes_on_where_it_was(window, patient, asked):
    page = window.page
    assert not patient.reviews.exists()
    window.examine("sign-in-again", "#sign-in-again")
    window.refused = 400
    sign_in(asked, "not this one")
    expect(asked.get_by_role("alert")).to_have_text(
        "The name and the password do not go together. Check both."
    )
    sign_in(asked)
    expect(page.locator("#said")).to_contain_text(SAVED)
    expect(asked).to_be_hidden()
    assert [(one.verdict, one.note) for one in patient.reviews.all()] == [("excluded", "Diet normal")]
    assert page.evaluate("window.neverReloaded") is True
    # The page goes on with the token of the new session, forms without htmx too.
    open_review(page)
    page.get_by_label("Note", exact=True).fill("Seen")
    page.get_by_role("button", name="Sign off as reviewed").click()
    expect(page.locator("#signoff")).to_contain_text("“Seen”")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()


def test_another_person_does_not_save_what_was_typed(window, own_clinic, patient, asked):
    page = window.page
    sign_in(asked, name=f"{own_clinic.code}-data_manager")
    expect(page.locator("#said")).to_contain_text(DISCARDED)
    expect(page.locator("#said")).to_contain_text(f"signed in as {own_clinic.code}-data_manager")
    expect(page.get_by_role("region", name="Verdict")).to_be_visible()
    expect(page.get_by_text("Diet normal")).to_have_count(0)
    assert not patient.reviews.exists()


def test_a_stranger_no_longer_sees_the_patient(window, patient, asked):
    elsewhere = Clinic.objects.create(code="elsewhere", name="South Hospital", time_zone="Europe/London")
    stranger = User.objects.create_user("a-stranger", password="liver-test")
    Membership.objects.create(user=stranger, clinic=elsewhere, role=Role.CLINICIAN)
    window.refused = 404
    sign_in(asked, name="a-stranger")
    expect(window.page.get_by_role("heading", name="There is nothing here for you")).to_be_visible()
    expect(window.page.locator("#said")).to_contain_text(DISCARDED)
    expect(window.page.get_by_text("Okafor")).to_have_count(0)
    assert not patient.reviews.exists()


def test_who_does_not_sign_in_keeps_what_was_typed(window, patient, asked):
    asked.get_by_role("button", name="Not now").click()
    is_not_saved(window, patient, "Not saved: you are signed out.")
    cause(window).get_by_role("button", name="Sign in again").click()
    sign_in(asked)
    expect(window.page.locator("#said")).to_contain_text(SAVED)
    expect(window.page.get_by_text("you are signed out")).to_have_count(0)


def test_somebody_else_signed_in_in_another_window(window, own_clinic, patient, visit):
    other = visit("administrator", own_clinic)
    window.context.clear_cookies(name="sessionid")
    window.context.add_cookies(other.context.cookies())
    window.refused = 409
    exclude(window)
    expect(window.page.locator("#said")).to_contain_text(DISCARDED)
    assert not patient.reviews.exists()


def test_the_same_person_signed_in_in_another_window(window, own_clinic, patient):
    """The other sign-in has changed the token that protects forms: the page takes the new one."""
    window.context.clear_cookies(name="sessionid")
    second = window.context.new_page()
    second.goto(f"{window.url}/accounts/login/")
    second.get_by_label("Sign-in name").fill(f"{own_clinic.code}-clinician")
    second.get_by_label("Password").fill("liver-test")
    second.get_by_role("button", name="Sign in").click()
    expect(second.get_by_role("heading", name="Worklist")).to_be_visible()
    exclude(window)
    expect(window.page.locator("#said")).to_contain_text(SAVED)


def test_what_is_opened_after_the_session_is_opened_after_the_sign_in(window):
    window.context.clear_cookies(name="sessionid")
    window.refused = 401
    window.page.get_by_role("link", name="Add draw").first.click()
    sign_in(window.page.get_by_role("dialog", name="Sign in again"))
    expect(window.page.get_by_role("button", name="Store the draw")).to_be_visible()


def test_without_scripts_the_sign_in_says_what_was_not_stored(visit, own_clinic, patient):
    window = visit("clinician", own_clinic, javascript=False)
    window.go(f"/patients/{patient.uuid}/?list=causes")
    window.context.clear_cookies(name="sessionid")
    exclude(window)
    page = window.page
    expect(page.get_by_role("alert")).to_contain_text("what you sent was not stored")
    page.get_by_label("Sign-in name").fill(f"{own_clinic.code}-clinician")
    page.get_by_label("Password").fill("liver-test")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("region", name="Verdict")).to_be_visible()
    assert not patient.reviews.exists()
