"""A review is signed off, a draw comes in, page and worklist say what is new; a grade is overruled."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import User
from patients.actions.people import add_event

from .browsing import open_review
from .record import FALLING, add_okafor, draws_file, store


@pytest.fixture
def patient(own_clinic):
    return add_okafor(own_clinic, FALLING)


@pytest.fixture
def window(visit, own_clinic, patient):
    window = visit("clinician", own_clinic)
    window.go(f"/patients/{patient.uuid}/")
    window.settled()
    return window


def sign(page, note: str) -> None:
    open_review(page)
    page.get_by_label("Note", exact=True).fill(note)
    page.get_by_role("button", name="Sign off as reviewed").click()
    expect(page.locator("#signoff")).to_contain_text(f"“{note}”")


def test_a_review_is_signed_and_a_new_draw_is_new_since(window, own_clinic):
    page = window.page
    page.evaluate("window.neverReloaded = true")
    review = page.locator("#signoff")
    expect(review).to_contain_text("not reviewed yet")
    window.examine("signoff-never")
    sign(page, "Albumin falls too; see in 4 weeks")
    expect(review).to_contain_text(f"by {own_clinic.code}-clinician on")
    window.examine("signoff-reviewed")

    page.get_by_role("link", name="Add draw").first.click()
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page.locator("#entry-taken_at-say")).to_contain_text(", now")
    page.get_by_role("textbox", name="ALT", exact=True).fill("30")
    page.get_by_role("textbox", name="INR", exact=True).fill("2.6")
    page.get_by_role("button", name="Store the draw").click()
    expect(page.get_by_text("The draw is stored.")).to_be_visible()
    expect(review).to_contain_text("worse since the review")
    open_review(page)
    expect(review.get_by_role("list", name="New since the review")).to_contain_text("1 new draw")
    assert page.evaluate("window.neverReloaded") is True
    window.examine("signoff-new-since")

    window.go("/?review=due")
    line = page.locator("table.worklist tbody tr")
    expect(line.locator(".reviewed")).to_contain_text("worse since, 1 new draw")
    window.examine("signoff-worklist")
    line.get_by_role("link", name="Okafor, Ada", exact=True).click()
    sign(page, "Admitted")
    window.go("/?review=due")
    expect(page.get_by_text("No patient matches.")).to_be_visible()


def test_the_signed_report_stays_as_it_was(window, own_clinic, patient):
    page = window.page
    sign(page, "As discussed")
    store(own_clinic, draws_file("N-100", [(1, "28,30,3.1")]))
    open_review(page)
    page.get_by_role("link", name="as it was signed").click()
    expect(page.get_by_text("Later results are not shown.")).to_be_visible()
    expect(page.get_by_role("region", name="Verdict as signed")).to_contain_text("INR rose 1.2 → 1.7")
    # In a cell or a sentence of its own: the data below holds times with seconds such as 53.12.
    expect(page.get_by_role("cell", name="3.1", exact=True)).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text("INR 3.1")
    expect(page.locator("main")).not_to_contain_text("→ 3.1")
    window.examine("signoff-frozen")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    window.picture("signoff-print")


def test_who_comes_too_late_is_told_and_keeps_the_note(window, own_clinic, patient):
    page = window.page
    colleague = User.objects.create_user(f"{own_clinic.code}-berg", first_name="Ola", last_name="Berg")
    at = patient.draws.last().taken_at
    add_event(patient=patient, by=colleague, kind="antibiotic", started_at=at)
    open_review(page)
    page.get_by_label("Note", exact=True).fill("Nothing else recorded")
    page.get_by_role("button", name="Sign off as reviewed").click()
    told = page.locator("#signoff").get_by_role("alert")
    expect(told).to_contain_text("event Antibiotic (Ola Berg)")
    expect(page.get_by_label("Note", exact=True)).to_have_value("Nothing else recorded")
    window.examine("signoff-stale")
    page.get_by_role("button", name="Sign off as reviewed").click()
    expect(page.locator("#signoff")).to_contain_text("“Nothing else recorded”")


def test_a_grade_is_overruled_by_keyboard_and_the_overrule_ended(window, own_clinic):
    page = window.page
    verdict = page.get_by_role("region", name="Verdict")
    open_review(page)
    page.get_by_text("I disagree with this grade…").focus()
    page.keyboard.press("Enter")
    window.examine("overrule-form")
    page.get_by_label("The grade should be").select_option("possible")
    page.get_by_label(re.compile("^because")).fill("Warfarin until last week")
    page.keyboard.press("Enter")
    expect(verdict).to_contain_text("Rule: established. Overruled to possible by")
    expect(verdict).to_contain_text("Warfarin until last week")
    expect(verdict).to_contain_text("Established")
    window.examine("overruled")
    window.go("/")
    expect(page.locator("table.worklist tbody tr")).to_contain_text("overruled: possible")
    window.examine("overruled-worklist")
    page.get_by_role("link", name="Overruled grades, counted per rule").click()
    expect(page.get_by_text("Overruled 1 time")).to_be_visible()
    window.examine("overrules")
    page.get_by_role("link", name="patient", exact=True).click()
    open_review(page)
    page.get_by_text("End the overrule…").click()
    page.get_by_label("Why does it end?").fill("He never took it")
    page.get_by_role("button", name="End the overrule").click()
    expect(verdict).not_to_contain_text("Overruled to")


def test_signing_and_overruling_without_scripts(visit, own_clinic, patient):
    window = visit("clinician", own_clinic, javascript=False)
    window.go(f"/patients/{patient.uuid}/")
    page = window.page
    sign(page, "By hand")
    open_review(page)
    page.get_by_text("I disagree with this grade…").click()
    page.get_by_label("The grade should be").select_option("none")
    page.get_by_label(re.compile("^because")).fill("Wrong tube")
    page.get_by_role("button", name="Overrule the grade").click()
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("Overruled to none by")
