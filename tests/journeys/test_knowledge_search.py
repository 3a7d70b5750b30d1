"""The knowledge: searched, read by chapter, reached by the address of one entry; with and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from .printing import PAGE


def test_knowledge_is_searched_filtered_and_turned_page_by_page(visit):
    window = visit("viewer")
    page = window.page
    window.go("/knowledge/")
    window.examine("knowledge")
    assert page.evaluate("document.documentElement.scrollHeight") < 4000
    page.evaluate("window.neverReloaded = true")
    page.get_by_label("Search the knowledge").press_sequentially("phenprocoumon")
    expect(page.get_by_role("status").filter(has_text="found")).to_contain_text(
        re.compile(r"\d+ of \d+ found")
    )
    expect(page).to_have_url(re.compile("q=phenprocoumon"))
    expect(page.locator("article").first).to_contain_text(re.compile("phenprocoumon", re.IGNORECASE))
    window.examine("knowledge-found")
    page.locator(".filters a.tag").nth(1).click()
    expect(page.locator(".filters a.tag[aria-current]")).to_have_count(1)
    assert page.evaluate("window.neverReloaded") is True
    page.get_by_role("link", name="All chapters").click()
    # A page of its own: its script listens once it is loaded.
    page.wait_for_load_state("load")
    expect(page.get_by_text(re.compile(r"\d+ entries in \d+ chapters"))).to_be_visible()
    page.get_by_label("Search the knowledge").fill("no such word anywhere")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    window.examine("knowledge-empty")
    page.get_by_label("Search the knowledge").fill("inr")
    expect(page).to_have_url(re.compile("q=inr"))
    page.get_by_role("link", name="More").click()
    expect(page.get_by_text(re.compile("^41 to 80 of"))).to_be_visible()


def test_a_chapter_is_read_from_its_name_to_the_next(visit):
    window = visit("viewer")
    page = window.page
    window.go("/knowledge/")
    page.get_by_role("link", name="Scores", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Scores")).to_be_visible()
    window.examine("knowledge-chapter")
    page.get_by_label("In this chapter").get_by_role("link").nth(2).click()
    expect(page).to_have_url(re.compile("#section-"))
    page.get_by_label("Chapters").get_by_role("link").last.click()
    expect(page.get_by_role("heading", level=1, name="Surprising results")).to_be_visible()
    page.get_by_label("Search the knowledge").fill("warfarin")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/knowledge/\?q=warfarin"))


def test_a_source_leads_to_its_reference_by_keyboard(visit):
    window = visit("viewer")
    page = window.page
    window.go("/knowledge/chapters/statements/#S9")
    entry = page.locator("#S9")
    expect(entry).to_be_in_viewport()
    link = entry.locator(".from a").first
    target = link.get_attribute("href")
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{target}$"))
    expect(page.locator(f"#{target.split('#')[1]}")).to_be_in_viewport()


@pytest.mark.parametrize("anchor", ["S9", "R22", "limit-dissociation-rise_ratio"])
def test_an_older_link_leads_to_the_entry(visit, anchor):
    window = visit("viewer")
    window.go(f"/knowledge/#{anchor}")
    expect(window.page).to_have_url(re.compile(f"/knowledge/chapters/[a-z]+/#{anchor}$"))
    expect(window.page.locator(f"article#{anchor}")).to_be_in_viewport()


def test_an_older_link_leads_to_the_entry_without_scripts(visit):
    window = visit("viewer", javascript=False)
    window.go("/knowledge/#S9")
    link = window.page.locator("#S9 a")
    expect(link).to_be_in_viewport()
    link.click()
    expect(window.page.locator("article#S9")).to_be_in_viewport()


def test_a_citation_on_a_page_leads_to_its_entry(visit, hospital):
    window = visit("viewer")
    page = window.page
    window.go(f"/patients/{hospital.patient('D-0002').uuid}/")
    link = page.locator("main a[href*='/knowledge/chapters/']").first
    address = link.get_attribute("href")
    window.go(address)
    expect(page.locator(f"#{address.split('#')[1]}")).to_be_in_viewport()


def test_a_chapter_is_printed_without_what_one_presses(visit):
    window = visit("viewer")
    window.go("/knowledge/chapters/prognosis/")
    window.page.emulate_media(media="print")
    for part in (".bar", ".search", ".turn"):
        expect(window.page.locator(part).first).to_be_hidden()
    assert len(PAGE.findall(window.page.pdf(format="A4"))) in (1, 2)


def test_knowledge_is_searched_without_scripts(visit):
    window = visit("viewer", javascript=False)
    page = window.page
    window.go("/knowledge/")
    page.get_by_label("Search the knowledge").fill("warfarin")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile("q=warfarin"))
    expect(page.locator("article").first).to_contain_text(re.compile("warfarin", re.IGNORECASE))
