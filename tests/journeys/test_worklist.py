"""Working the list: search, filter, sort, next page; the address keeps it all."""

import re

import pytest
from playwright.sync_api import expect

from .record import draws_file, people_file, store


def test_the_list_is_searched_filtered_and_sorted_and_back_undoes_each(visit):
    window = visit("clinician")
    page = window.page
    window.go("/")
    window.examine("worklist")
    window.for_readme("worklist")
    names = page.locator("table.worklist tbody th a")
    page.keyboard.press("/")
    page.keyboard.type("novak")
    page.keyboard.press("Enter")
    expect(names).to_have_text(["Novák, Petr"])
    expect(page).to_have_url(re.compile(r"\?search=[\w-]+$"))
    page.get_by_role("link", name="Clear search").click()

    page.evaluate("window.neverReloaded = true")
    page.locator("#filter-critical").click()
    expect(page).to_have_url(re.compile(r"grade=critical"))
    expect(page.locator("table.worklist tbody tr:not(.critical)")).to_have_count(0)
    page.get_by_text("More filters").click()
    window.examine("worklist-more-filters")
    page.get_by_label("Diagnosis").select_option("cirrhosis")
    expect(page).to_have_url(re.compile(r"grade=critical.*dx=cirrhosis|dx=cirrhosis.*grade=critical"))
    expect(names).to_have_text(["Lindqvist, Marta"])
    assert page.evaluate("window.neverReloaded") is True
    page.go_back()
    expect(names.filter(has_text="Adeyemi")).to_be_visible()
    expect(page).to_have_url(re.compile(r"grade=critical$"))

    page.locator("#filter-all").click()
    expect(page).to_have_url(re.compile(r"show=all$"))
    expect(page.locator("#filter-all")).to_have_attribute("aria-current", "true")
    page.locator("#sort-name").click()
    expect(page.get_by_role("columnheader", name="Patient")).to_have_attribute("aria-sort", "ascending")
    expect(names.first).to_have_text("Abebe, Dawit")
    page.locator("#sort-name").click()
    expect(page).to_have_url(re.compile("sort=-name"))
    expect(names.last).to_have_text("Abebe, Dawit")
    page.reload()
    expect(names.last).to_have_text("Abebe, Dawit")
    names.last.click()
    expect(page.get_by_text("MRN D-0015")).to_be_visible()
    window.settled()
    page.go_back()
    expect(names.last).to_have_text("Abebe, Dawit")

    page.keyboard.press("/")
    page.keyboard.type("nobodyatall")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No patient matches.")).to_be_visible()
    window.examine("worklist-no-match")


@pytest.fixture
def crowd(own_clinic):
    """Sixty people: one page and a part of the next."""
    rows = [f"C-{n:03},Person{n:03},Test,F,1970-01-01" for n in range(60)]
    store(own_clinic, people_file(*rows), draws_file("C-059"))
    return own_clinic


def test_the_next_page_goes_on_and_back_comes_back(visit, crowd):
    window = visit("viewer", crowd)
    page = window.page
    window.go("/")
    expect(page.locator("table.worklist tbody th a")).to_have_text(["Person059, Test"])
    page.locator("#filter-all").click()
    names = page.locator("table.worklist tbody th a")
    expect(names).to_have_count(50)
    expect(names.first).to_have_text("Person059, Test")
    page.get_by_role("link", name="Next", exact=True).click()
    expect(names).to_have_count(10)
    expect(page).to_have_url(re.compile("after="))
    window.examine("worklist-next")
    page.go_back()
    expect(names).to_have_count(50)
    expect(names.first).to_have_text("Person059, Test")


def test_an_empty_clinic_says_what_to_do_first(visit, own_clinic):
    window = visit("clinician", own_clinic)
    window.go("/")
    expect(window.page.get_by_text("No patients yet.")).to_be_visible()
    window.examine("worklist-empty")
