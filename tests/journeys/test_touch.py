"""What a page does under the hand: popovers close, saves and keys leave the page where it is, the chart lets go."""

import pytest
from playwright.sync_api import expect

from .record import FALLING, add_okafor, draws_file, store

FOCUSED = "() => document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"
# Plotly's own, outside the page's text.
LABELS = ".live .hoverlayer > g"


def opened(window, patient, query: str = ""):
    window.go(f"/patients/{patient.uuid}/{query}")
    window.settled()
    return window.page


@pytest.fixture
def own(visit, own_clinic):
    """A window on Ada Okafor, who may be changed."""
    window = visit("clinician", own_clinic)
    return window, opened(window, add_okafor(own_clinic, FALLING))


def test_the_chart_lets_go_of_a_draw_when_its_view_changes(visit, hospital):
    window = visit("clinician")
    page = opened(window, hospital.patient("D-0003"))
    for word in ("Overlay", "All", "× limit"):
        page.locator("[data-figures]").focus()
        page.keyboard.press("Home")
        expect(page.locator(LABELS)).not_to_have_count(0)
        page.locator("#chart-card nav").get_by_role("link", name=word, exact=True).click()
        window.settled()
        expect(page.locator(LABELS)).to_have_count(0)
        expect(page.locator(".read-out")).to_be_empty()


def test_under_the_trajectory_no_word_of_the_strip_is_left(visit, hospital):
    window = visit("clinician")
    page = opened(window, hospital.patient("D-0003"), "?view=trajectory")
    expect(page.locator("#ribbon .now")).not_to_have_count(0)
    expect(page.locator("#ribbon .now:visible")).to_have_count(0)


def test_a_key_goes_to_the_first_open_cause_and_scrolls_no_more_than_needed(visit, hospital):
    page = opened(visit("clinician"), hospital.patient("D-0002"))
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.closest('.ex')?.id") == page.locator(
        ".ex[data-open=causes]"
    ).first.get_attribute("id")
    assert page.evaluate("scrollY") == 0


def test_what_is_noted_leaves_the_page_where_it_is(own):
    window, page = own
    orders = page.locator("#orders")
    before = orders.bounding_box()["y"]
    buttons = orders.get_by_role("button", name="Noted: asked for")
    count = buttons.count()
    assert count
    for _ in range(count):
        noted = buttons.first
        key = noted.evaluate("button => button.closest('.order').id")
        noted.click()
        expect(page.locator(f"#{key}")).to_have_class("order noted")
        window.settled()
        assert page.evaluate("scrollY") == 0
        assert abs(orders.bounding_box()["y"] - before) <= 1
        place = page.evaluate("document.activeElement.closest('[data-open], [data-done]').id")
        still = orders.locator("[data-open]").evaluate_all("all => all.map(one => one.id)")
        assert place in (still or ["orders-title"])


def test_after_a_draw_the_keyboard_is_at_add_draw_and_nothing_is_pushed_down(own):
    window, page = own
    before = page.locator(".verdict").bounding_box()["y"]
    for sentence, act in (
        ("The draw is stored.", lambda: enter_draw(page)),
        ("The corrected draw is stored.", lambda: correct_draw(page)),
        ("The draw is withdrawn. It can be restored.", lambda: withdraw_draw(page)),
    ):
        act()
        expect(page.locator("#said")).to_have_text(sentence)
        window.settled()
        assert page.evaluate(FOCUSED) == "Add draw"
        assert abs(page.locator(".verdict").bounding_box()["y"] - before) <= 1


def enter_draw(page) -> None:
    page.keyboard.press("d")
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page.locator("#entry-taken_at-say")).to_contain_text(", now")
    page.get_by_role("textbox", name="ALT", exact=True).fill("34")
    page.get_by_role("textbox", name="INR", exact=True).fill("1.7")
    page.get_by_role("button", name="Store the draw").click()


def open_last(page) -> None:
    page.get_by_role("navigation", name="Parts of the record").get_by_role("link", name="Results").click()
    page.locator("#results tr.latest").get_by_role("link").click()


def correct_draw(page) -> None:
    open_last(page)
    page.get_by_role("textbox", name="INR", exact=True).fill("1.9")
    page.get_by_label("Reason for the correction").fill("Typed wrongly")
    page.get_by_role("button", name="Store the draw").click()


def withdraw_draw(page) -> None:
    open_last(page)
    page.get_by_role("link", name="Withdraw…").click()
    expect(page.get_by_role("heading", name="Withdraw the draw")).to_be_visible()
    page.get_by_label("Reason").fill("Another patient's sample")
    page.get_by_role("button", name="Withdraw").click()


POPOVERS = {
    "#signoff": "Sign off",
    ".popover.menu": "Edit, print, export, another day",
    ".chart-menu": "More of this chart",
    "#orders .cite": "a citation",
}


@pytest.mark.parametrize("place", POPOVERS)
def test_esc_closes_what_is_open_and_gives_the_keyboard_back(visit, hospital, place):
    page = opened(visit("clinician"), hospital.patient("D-0002"))
    fold = page.locator(place).first
    for inside in (False, True):
        fold.locator("> summary").click()
        expect(fold).to_have_attribute("open", "")
        if inside:
            page.keyboard.press("Tab")
        else:
            page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Escape")
        expect(fold).not_to_have_attribute("open", "")
        expect(fold.locator("> summary")).to_be_focused()


def test_esc_closes_what_a_key_has_opened(own):
    page = own[1]
    for _ in range(2):
        page.keyboard.press("s")
        expect(page.locator("#signoff")).to_have_attribute("open", "")
        page.keyboard.press("Escape")
        expect(page.locator("#signoff")).not_to_have_attribute("open", "")


def test_a_click_elsewhere_closes_what_lies_over_the_page_but_nothing_typed(own):
    page = own[1]
    for place in ("#signoff", ".popover.menu", ".chart-menu"):
        page.locator(f"{place} > summary").click()
        page.locator("h1").click()
        expect(page.locator(place)).not_to_have_attribute("open", "")
    review = page.locator("#signoff")
    review.locator("> summary").click()
    page.get_by_label("Note", exact=True).fill("Seen")
    page.locator("h1").click()
    expect(review).to_have_attribute("open", "")
    page.get_by_label("Note", exact=True).press("Escape")
    expect(review).not_to_have_attribute("open", "")
    review.locator("> summary").click()
    expect(page.get_by_label("Note", exact=True)).to_have_value("Seen")


def test_a_window_that_is_come_back_to_says_that_the_record_has_changed(visit, own_clinic):
    patient = add_okafor(own_clinic, FALLING)
    window = visit("clinician", own_clinic)
    page = opened(window, patient)
    line = page.locator(".newer")
    page.clock.install()
    come_back(page)
    expect(line).to_be_empty()

    # What is stored in the window itself is no news to it.
    page.locator("#orders").get_by_role("button", name="Noted: asked for").first.click()
    expect(page.locator("#said")).not_to_be_empty()
    window.settled()
    come_back(page)
    expect(line).to_be_empty()

    store(own_clinic, draws_file("N-100", [(1, "28,30,3.1")]))
    page.get_by_role("link", name="Add draw").first.click()
    page.get_by_role("textbox", name="INR", exact=True).fill("1.8")
    come_back(page)
    expect(line).to_contain_text("The record has changed since this page was made.")
    expect(page.get_by_role("textbox", name="INR", exact=True)).to_have_value("1.8")
    window.examine("newer", ".newer")
    line.get_by_role("link", name="Show it as it is now").click()
    expect(page.locator(".figures")).to_contain_text("3.1")
    expect(line).to_be_empty()


def come_back(page) -> None:
    """Half a minute later; the page has its answer."""
    page.clock.run_for(30_000)
    with page.expect_response(lambda answer: answer.url.endswith("/mark/")):
        page.evaluate("dispatchEvent(new Event('focus'))")
