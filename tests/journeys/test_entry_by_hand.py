"""The fast ways of the draw form: few Tabs, Enter, Ctrl+Enter, a comma, a pasted report, the pair."""

import pytest
from playwright.sync_api import expect

from .browsing import open_tab
from .record import FALLING, add_okafor, days_ago

REPORT = """Laboratory: North Laboratory
Collected: {at}
Test                 Result     Unit     Reference
ALT (GPT)            44 H       U/l      < 35
AST                  38         U/l      10 - 50
INR                  1.7*
Glucose              5.4        mmol/L   3.9-5.8
"""


@pytest.fixture
def window(visit, own_clinic):
    """The form of a new draw of Ada Okafor's, as a page of its own."""
    patient = add_okafor(own_clinic, FALLING[:2])
    window = visit("clinician", own_clinic)
    window.go(f"/patients/{patient.uuid}/draws/add/")
    expect(window.page.get_by_label("Taken at")).to_be_focused()
    return window


def value(page, name: str):
    return page.get_by_role("textbox", name=name, exact=True)


def test_alt_is_three_tabs_from_the_start_and_enter_goes_on(window):
    page = window.page
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(value(page, "ALT")).to_be_focused()
    for number in ("34", "41", "1.7"):
        page.keyboard.type(number)
        page.keyboard.press("Enter")
    expect(value(page, "AST")).to_have_value("41")
    expect(value(page, "INR")).to_have_value("1.7")
    expect(page.get_by_role("heading", name="Add a draw")).to_be_visible()


def test_a_draw_is_typed_with_enter_alone_and_stored_by_control_and_enter(window):
    page = window.page
    page.keyboard.type(days_ago(1).replace("T", " "))
    expect(page.locator("#entry-taken_at-say")).to_contain_text(", 08:30, ")
    page.keyboard.press("Enter")
    page.keyboard.type("34")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("1.7")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The draw is stored.")).to_be_visible()
    open_tab(page, "Results")
    expect(page.locator("#results tr.latest")).to_contain_text("34")


def test_a_day_that_does_not_exist_is_said_while_it_is_typed(window):
    page = window.page
    page.keyboard.type("30 Feb 2026 08:30")
    expect(page.locator("#entry-taken_at-say")).to_have_text("30 February 2026 does not exist.")
    window.examine("entry-no-such-day")


def test_now_fills_the_time_and_keeps_the_focus(window):
    page = window.page
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#entry-taken_at-say")).to_contain_text(", now")
    expect(page.get_by_label("Taken at")).not_to_have_value("")
    expect(page.get_by_role("button", name="Now", exact=True)).to_be_focused()


def test_a_comma_is_taken_over_by_enter(window):
    page = window.page
    value(page, "ALT").fill("44,5")
    expect(page.get_by_role("button", name="44.5", exact=True)).to_be_visible()
    window.examine("entry-comma")
    value(page, "ALT").press("Enter")
    expect(value(page, "ALT")).to_have_value("44.5")
    expect(page.locator("#entry-ALT-say")).to_be_empty()
    value(page, "ALT").press("Enter")
    expect(value(page, "AST")).to_be_focused()


def test_a_comma_that_may_be_thousands_is_taken_over_by_its_button(window):
    page = window.page
    value(page, "Platelets").fill("1,234")
    page.get_by_role("button", name="1.234", exact=True).click()
    expect(value(page, "Platelets")).to_have_value("1.234")
    expect(value(page, "Platelets")).to_be_focused()


def test_alt_without_inr_is_asked_once(window):
    page = window.page
    page.get_by_label("Taken at").fill(days_ago(1))
    value(page, "ALT").fill("34")
    page.keyboard.press("Control+Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("No INR with this draw: the pair is what the verdict rests on.")
    window.examine("entry-pair")
    alert.get_by_role("button", name="Save without INR").click()
    expect(page.get_by_text("The draw is stored.")).to_be_visible()


def test_a_report_is_pasted_looked_at_and_stored(window):
    page = window.page
    page.get_by_text("Paste a report").click()
    text = page.get_by_label("Text of the report")
    text.fill(REPORT.format(at=days_ago(1)))
    text.press("Control+Enter")
    said = page.locator("#entry-taken")
    expect(said).to_contain_text("Taken over, not stored yet: ALT, AST, INR.")
    expect(said).to_contain_text("Glucose")
    expect(value(page, "ALT")).to_have_value("44")
    expect(page.get_by_label("ALT, upper limit")).to_have_value("35")
    window.examine("entry-pasted")
    value(page, "INR").press("Control+Enter")
    expect(page.get_by_text("The draw is stored.")).to_be_visible()
    open_tab(page, "Results")
    expect(page.locator("#results tr.latest")).to_contain_text("44")


def test_a_date_that_the_browser_cannot_read_is_not_sent_as_empty(window):
    page = window.page
    page.get_by_role("link", name="Ada Okafor").click()
    open_tab(page, "Events")
    page.get_by_role("link", name="Add diagnosis").last.click()
    page.get_by_label("Diagnosis", exact=True).select_option("cirrhosis")
    page.get_by_label("Noted on").press_sequentially("11")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_label("Noted on")).to_be_focused()
    page.get_by_label("Noted on").fill("2025-03-04")
    expect(page.get_by_text("Tue 4 Mar 2025, ")).to_be_visible()
    page.get_by_role("button", name="Store").click()
    expect(page.locator("#events")).to_contain_text("4 Mar 2025")
