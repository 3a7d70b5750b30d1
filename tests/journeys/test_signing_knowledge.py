"""A clinician signs an entry of the knowledge by keyboard, proposes another number, and takes it back."""

import pytest
from playwright.sync_api import expect

from .record import FALLING, add_okafor

ENTRY = "/knowledge/entries/limit-dissociation-rise_ratio/"


@pytest.fixture
def patient(own_clinic):
    return add_okafor(own_clinic, FALLING)


def test_an_entry_is_signed_amended_and_withdrawn(visit, own_clinic, patient):
    window = visit("clinician", own_clinic)
    page = window.page
    window.go(ENTRY)
    window.examine("knowledge-entry-unsigned")
    page.evaluate("window.neverReloaded = true")
    signing = page.locator("#signing")
    page.get_by_role("radio", name="Agree").press("Space")
    page.get_by_role("button", name="Sign", exact=True).press("Enter")
    expect(signing.locator(".state.fine")).to_have_text("Agreed")
    page.get_by_role("radio", name="Amend").check(force=True)
    page.get_by_label("What it should say instead").fill("much more")
    page.get_by_label("Reason").fill("Too many false alarms.")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(signing.get_by_role("alert")).to_have_text("Write a number, such as 1.15.")
    window.examine("knowledge-entry-refused")
    page.get_by_label("What it should say instead").fill("1.2")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(signing.locator("li ins")).to_have_text("1.2")
    assert page.evaluate("window.neverReloaded") is True
    window.examine("knowledge-entry-amended")
    window.go("/knowledge/signatures/?list=amended")
    window.examine("knowledge-signatures")
    expect(page.get_by_role("link", name="Download the amendments as a patch")).to_be_visible()
    window.go(ENTRY)
    page.get_by_role("button", name="Withdraw my signature").click()
    expect(signing).to_contain_text("Nobody has signed this entry.")
    window.go(f"/patients/{patient.uuid}/")
    page.get_by_role("link", name="entries").click()
    window.examine("knowledge-behind")


def test_without_scripts_the_whole_form_is_there(visit, own_clinic):
    window = visit("clinician", own_clinic, javascript=False)
    page = window.page
    window.go(ENTRY)
    page.get_by_role("radio", name="Dispute").check(force=True)
    page.get_by_label("Reason").fill("Not for the acute course.")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#signing .state.overdue")).to_have_text("Disputed")
    page.get_by_role("button", name="Withdraw my signature").click()
    expect(page.locator("#signing")).to_contain_text("Nobody has signed this entry.")
