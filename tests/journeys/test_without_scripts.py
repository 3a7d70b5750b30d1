"""The main job in a browser that runs no scripts."""

import pytest
from playwright.sync_api import expect

from .browsing import open_menu, open_tab
from .record import FALLING, add_okafor, days_ago, draws_file, people_file


@pytest.fixture
def page(visit, own_clinic):
    window = visit("clinician", own_clinic, javascript=False)
    window.go("/")
    return window.page


def test_files_are_uploaded_without_scripts(page):
    page.get_by_role("link", name="Uploads").click()
    files = {"people.csv": people_file("N-1,Ito,Mai,F,1970-05-01"), "labs.csv": draws_file("N-1")}
    page.locator("#files").set_input_files(
        [{"name": name, "mimeType": "text/csv", "buffer": text.encode()} for name, text in files.items()]
    )
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("button", name="Store").click()
    page.get_by_role("link", name="Ito, Mai").click()
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("112 → 34 U/L")


def test_a_draw_a_cause_and_an_earlier_day_without_scripts(page, own_clinic):
    add_okafor(own_clinic, FALLING[:3])
    page.reload()
    page.get_by_role("link", name="Okafor, Ada", exact=True).click()
    # The drawing of the server is the chart; its choices are links.
    expect(page.locator("#chart-card svg.drawn")).to_be_visible()
    page.locator("#chart-card").get_by_role("link", name="Trajectory").click()
    expect(page.locator("#chart-card svg.drawn")).to_contain_text("arrows follow time")

    page.get_by_role("link", name="Add draw").first.click()
    value(page, "ALT").fill("34")
    value(page, "INR").fill("17")
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page.locator("#entry-taken_at-say")).to_contain_text("now")
    page.get_by_role("button", name="Store the draw").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing typed is lost")
    expect(value(page, "ALT")).to_have_value("34")
    value(page, "INR").fill("1.7")
    page.get_by_role("button", name="Store the draw").click()
    expect(page.get_by_text("The draw is stored.")).to_be_visible()
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("112 → 34 U/L")

    open_tab(page, "Why")
    page.locator("#all-causes > summary").click()
    page.get_by_role("link", name="List of all causes").click()
    cause = page.locator("#all-cause-vitamin_k_deficiency")
    cause.get_by_role("radio", name="excluded").check(force=True)
    cause.get_by_label("Note on Vitamin K deficiency").fill("Diet normal")
    cause.get_by_role("button", name="Save").click()
    page.get_by_text("1 excluded").click()
    expect(page.locator("#causes")).to_contain_text("Diet normal")

    open_menu(page)
    page.get_by_text("as of…").click()
    page.get_by_label("Date", exact=True).fill(days_ago(220).split("T")[0])
    page.locator(".menu form button").click()
    expect(page.locator(".banner.past")).to_be_visible()
    expect(verdict).not_to_contain_text("112 → 34 U/L")


def test_a_report_is_pasted_without_scripts(page, own_clinic):
    add_okafor(own_clinic, FALLING[:3])
    page.reload()
    page.get_by_role("link", name="Okafor, Ada", exact=True).click()
    page.get_by_role("link", name="Add draw").first.click()
    value(page, "GGT").fill("70")
    page.get_by_text("Paste a report").click()
    page.get_by_label("Text of the report").fill(f"Collected: {days_ago(1)}\nALT\t44,5\nINR\t1,7\nRemark")
    page.get_by_role("button", name="Read this").click()
    expect(page.locator("#entry-taken")).to_contain_text("Taken over, not stored yet: ALT, INR.")
    expect(page.locator("#entry-taken")).to_contain_text("Remark")
    expect(value(page, "ALT")).to_have_value("44.5")
    expect(value(page, "GGT")).to_have_value("70")
    page.get_by_role("button", name="Store the draw").click()
    expect(page.get_by_text("The draw is stored.")).to_be_visible()


def value(page, name: str):
    return page.get_by_role("textbox", name=name, exact=True)
