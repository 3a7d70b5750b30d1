"""The knowledge page: searched, filtered, reached by the address of one entry; with and without scripts."""

import re

from playwright.sync_api import expect


def test_knowledge_is_searched_filtered_and_reached_by_its_anchor(visit):
    window = visit("viewer")
    page = window.page
    window.go("/knowledge/")
    window.examine("knowledge")
    page.evaluate("window.neverReloaded = true")
    page.get_by_label("Search the knowledge").press_sequentially("phenprocoumon")
    expect(page.get_by_role("status")).not_to_contain_text(re.compile(r"^(\d+) of \1 shown"))
    expect(page).to_have_url(re.compile("q=phenprocoumon"))
    expect(page.locator("article").first).to_contain_text(re.compile("phenprocoumon", re.IGNORECASE))
    window.examine("knowledge-found")
    page.locator(".filters a.tag").nth(1).click()
    expect(page.locator(".filters a.tag[aria-current]")).to_have_count(1)
    assert page.evaluate("window.neverReloaded") is True
    page.get_by_role("link", name="Show everything").click()
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"(\d+) of \1 shown"))
    page.get_by_label("Search the knowledge").fill("no such word anywhere")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    window.examine("knowledge-empty")


def test_a_source_leads_to_its_reference_by_keyboard(visit):
    window = visit("viewer")
    page = window.page
    window.go("/knowledge/#S9")
    entry = page.locator("#S9")
    expect(entry).to_be_in_viewport()
    link = entry.locator(".from a").first
    target = link.get_attribute("href")
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{target}$"))
    expect(page.locator(target)).to_be_in_viewport()


def test_a_citation_on_a_page_leads_to_its_entry(visit, hospital):
    window = visit("viewer")
    page = window.page
    window.go(f"/patients/{hospital.patient('D-0002').uuid}/")
    link = page.locator("main a[href*='/knowledge/#']").first
    address = link.get_attribute("href")
    window.go(address)
    expect(page.locator(f"#{address.split('#')[1]}")).to_be_in_viewport()


def test_knowledge_is_searched_without_scripts(visit):
    window = visit("viewer", javascript=False)
    page = window.page
    window.go("/knowledge/")
    page.get_by_label("Search the knowledge").fill("warfarin")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile("q=warfarin"))
    expect(page.locator("article").first).to_contain_text(re.compile("warfarin", re.IGNORECASE))
