"""Back in time by the ribbon, by mouse and by keyboard; a score over time; with and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from .browsing import open_tab
from .record import FALLING, add_okafor

AS_OF = re.compile(r"[?&]as_of=\d{4}-\d\d-\d\dT")


@pytest.fixture
def patient(own_clinic):
    return add_okafor(own_clinic, FALLING)


def opened(visit, own_clinic, patient, query: str = "", **options):
    window = visit("clinician", own_clinic, **options)
    window.go(f"/patients/{patient.uuid}/{query}")
    if options.get("javascript", True):
        window.settled()
    return window


def verdict(page):
    return page.get_by_role("region", name="Verdict")


def test_a_click_on_the_ribbon_opens_that_draw(visit, own_clinic, patient):
    window = opened(visit, own_clinic, patient, "?range=all")
    page = window.page
    page.evaluate("window.neverReloaded = true")
    cells = page.locator("#ribbon .strip:visible svg a")
    expect(cells).to_have_count(4)
    expect(cells.last).to_have_attribute("aria-current", "true")
    cells.nth(1).click()
    expect(page).to_have_url(AS_OF)
    expect(verdict(page)).to_contain_text("No dissociation")
    expect(page.locator("#ribbon .strip:visible svg a[aria-current]")).to_have_attribute(
        "aria-label", re.compile("INR 1.2 → 1.3")
    )
    # The later draws stay within reach of a click.
    later = page.get_by_role("navigation", name="Later draws").get_by_role("link")
    expect(later).to_have_count(2)
    window.examine("ribbon-past")
    later.last.click()
    expect(verdict(page)).to_contain_text("Established")
    assert page.evaluate("window.neverReloaded") is True
    page.go_back()
    expect(verdict(page)).to_contain_text("No dissociation")


def test_the_ribbon_is_walked_by_keyboard(visit, own_clinic, patient):
    window = opened(visit, own_clinic, patient)
    page = window.page
    first = page.locator("#ribbon .strip:visible svg a").first
    first.focus()
    assert first.evaluate("link => link === document.activeElement")
    page.keyboard.press("Tab")
    # Tab goes from change to change: from "not assessable" to "none".
    assert "No dissociation" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    expect(page).to_have_url(AS_OF)
    expect(verdict(page)).to_contain_text("No dissociation")


def test_the_ribbon_and_the_episodes_have_a_page_of_their_own_without_scripts(visit, own_clinic, patient):
    window = opened(visit, own_clinic, patient, javascript=False)
    page = window.page
    page.get_by_role("link", name=re.compile("grades? (at|through)", re.IGNORECASE)).first.click()
    expect(page.get_by_role("heading", name="Grade at each draw")).to_be_visible()
    page.locator("#ribbon svg a").nth(1).click()
    expect(verdict(page)).to_contain_text("No dissociation")


def test_the_page_of_grades_is_readable_in_both_colours(visit, own_clinic, patient):
    window = visit("clinician", own_clinic)
    window.go(f"/patients/{patient.uuid}/ribbon/")
    window.examine("ribbon-page")
    window.go(f"/patients/{add_nobody(own_clinic).uuid}/ribbon/")
    expect(window.page.get_by_text(re.compile("^No draws by"))).to_be_visible()
    window.examine("ribbon-page-empty")


def add_nobody(clinic):
    from .record import people_file, store

    store(clinic, people_file("N-101,Nkosi,Ben,M,1970-01-01"))
    return clinic.patients.get(mrn="N-101")


def test_a_score_is_drawn_over_time_in_its_place_and_on_its_own_page(visit, own_clinic, patient):
    window = opened(visit, own_clinic, patient)
    page = window.page
    open_tab(page, "Scores")
    score = page.locator("#score-de_ritis")
    score.locator("summary").first.focus()
    page.keyboard.press("Enter")
    score.get_by_role("link", name="Over time").focus()
    page.keyboard.press("Enter")
    drawn = page.locator("#series-de_ritis")
    expect(drawn.locator(".main-svg").first).to_be_visible()
    drawn.get_by_text("Table of AST/ALT (De Ritis), 4 draws").click()
    expect(drawn.get_by_role("region", name="Table of AST/ALT (De Ritis)").get_by_role("row")).to_have_count(
        5
    )
    window.examine("score-in-place")

    window.go(f"/patients/{patient.uuid}/scores/de_ritis/")
    window.settled()
    window.examine("score-page")


def test_a_score_that_was_never_possible_says_why_at_each_draw(visit, own_clinic, patient):
    window = visit("clinician", own_clinic)
    window.go(f"/patients/{patient.uuid}/scores/meld/")
    page = window.page
    expect(page.locator(".over-time .empty")).to_be_visible()
    expect(page.locator("[data-figure]")).to_have_count(0)
    expect(page.get_by_role("region", name="Table of MELD").get_by_role("row").nth(1)).to_contain_text(
        "not measured"
    )
    window.examine("score-page-empty")


def test_a_score_over_time_without_scripts_is_its_table(visit, own_clinic, patient):
    window = visit("clinician", own_clinic, javascript=False)
    window.go(f"/patients/{patient.uuid}/scores/de_ritis/")
    expect(
        window.page.get_by_role("region", name="Table of AST/ALT (De Ritis)").get_by_role("row")
    ).to_have_count(5)
