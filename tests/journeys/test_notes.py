"""A concern is raised and closed, a note written, added to and struck out, without leaving the page."""

import pytest
from playwright.sync_api import expect

from .record import FALLING, add_okafor


@pytest.fixture
def patient(own_clinic):
    return add_okafor(own_clinic, FALLING)


def test_a_concern_and_a_note_from_first_word_to_last(visit, own_clinic, patient):
    window = visit("clinician", own_clinic)
    page = window.page
    window.go(f"/patients/{patient.uuid}/?tab=notes")
    window.examine("notes-empty")
    page.evaluate("window.neverReloaded = true")
    notes = page.locator("#notes")
    notes.get_by_role("link", name="Raise a concern").click()
    expect(page.get_by_role("heading", name="Raise a concern")).to_be_visible()
    window.examine("notes-concern-form")
    page.get_by_label("Concern", exact=True).fill("Loses weight, eats little")
    page.locator("#written").get_by_role("button", name="Store").click()
    expect(page.locator("#concerns")).to_contain_text("Loses weight, eats little")
    expect(notes).to_contain_text("The concern stands.")
    notes.get_by_role("link", name="Write a note").click()
    page.locator("#written").get_by_role("button", name="Store").click()
    expect(page.locator("#written").get_by_role("alert")).to_contain_text("Write something first.")
    page.get_by_label("Note", exact=True).last.fill("Lives alone.\nDaughter calls on Sundays.")
    page.locator("#written").get_by_role("button", name="Store").click()
    expect(notes.locator(".note-of .text")).to_contain_text("Daughter calls")
    notes.get_by_role("link", name="add…").click()
    page.get_by_label("Addendum").fill("No longer: moved to her daughter.")
    page.locator("#written").get_by_role("button", name="Store").click()
    expect(notes.locator(".addendum")).to_contain_text("moved to her daughter")
    window.examine("notes-full")
    notes.get_by_role("link", name="strike out…").last.click()
    page.get_by_label("Struck out because").fill("Of another patient.")
    page.get_by_role("button", name="Strike out").click()
    expect(notes.locator(".addendum del")).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True
    window.go("/?concern=1")
    expect(page.locator("table.worklist small.concern")).to_contain_text("Loses weight")
    window.examine("notes-worklist")
