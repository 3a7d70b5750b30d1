"""Requests that fail: the server, the network, a rule. What was typed stays, and can be sent again."""

import re

import pytest
from playwright.sync_api import expect

from .browsing import open_cause
from .record import add_okafor

VERDICT = re.compile(r"/causes/[a-z_]+/review/$")
NO_ANSWER = "Not saved: no answer from the server."
SAVED = "Vitamin K deficiency: excluded, saved"


@pytest.fixture
def patient(own_clinic):
    return add_okafor(own_clinic)


@pytest.fixture
def window(visit, own_clinic, patient):
    window = visit("clinician", own_clinic)
    window.go(f"/patients/{patient.uuid}/")
    window.settled()
    return window


def cause(window):
    """Vitamin K deficiency in the list of all causes."""
    return open_cause(window.page, "vitamin_k_deficiency")


def exclude(window, note: str = "Diet normal") -> None:
    say_excluded(window, note)
    cause(window).get_by_role("button", name="Save").click()


def say_excluded(window, note: str = "Diet normal") -> None:
    """Without saving."""
    found = cause(window)
    found.get_by_role("radio", name="excluded").check(force=True)
    found.get_by_label("Note on Vitamin K deficiency").fill(note)


def is_not_saved(window, patient, sentence: str = NO_ANSWER) -> None:
    found = cause(window)
    expect(found.get_by_role("alert")).to_contain_text(sentence)
    expect(found.get_by_label("Note on Vitamin K deficiency")).to_have_value("Diet normal")
    expect(found.get_by_role("radio", name="excluded")).to_be_checked()
    assert not patient.reviews.exists()


def is_saved_again(window, patient) -> None:
    window.page.get_by_role("button", name="Try again").click()
    expect(window.page.locator("#said")).to_contain_text(SAVED)
    expect(window.page.get_by_role("button", name="Try again")).to_have_count(0)
    assert [(one.verdict, one.note) for one in patient.reviews.all()] == [("excluded", "Diet normal")]


def test_a_server_that_fails_keeps_what_was_typed(window, patient):
    window.failing = True
    window.page.route(VERDICT, lambda route: route.fulfill(status=500, body="<h1>Failed</h1>"))
    exclude(window)
    is_not_saved(window, patient)
    expect(window.page.get_by_role("heading", name="Failed")).to_have_count(0)
    window.failing = False
    window.examine("not-saved", "#causes")
    window.page.unroute(VERDICT)
    is_saved_again(window, patient)


def test_without_a_network_nothing_is_lost(window, patient):
    cause(window)
    window.failing = True
    window.context.set_offline(True)
    exclude(window)
    is_not_saved(window, patient)
    window.page.get_by_role("link", name="Add draw").first.click()
    loaded = window.page.get_by_text("Not loaded: no answer from the server.")
    expect(loaded).to_be_visible()
    window.context.set_offline(False)
    window.failing = False
    window.page.get_by_role("alert").filter(has=loaded).get_by_role("button").click()
    expect(window.page.get_by_role("button", name="Store the draw")).to_be_visible()
    expect(loaded).to_have_count(0)
    is_saved_again(window, patient)
    # A verdict leaves the form of the draw where it is.
    expect(window.page.get_by_role("button", name="Store the draw")).to_be_visible()


def test_a_server_that_never_answers_is_given_up(window, patient):
    window.failing = True
    window.page.evaluate("htmx.config.timeout = 400")
    window.page.route(VERDICT, lambda route: None)
    exclude(window)
    is_not_saved(window, patient, f"{NO_ANSWER} It may have arrived all the same")
    window.page.unroute(VERDICT)
    window.failing = False
    window.page.evaluate("htmx.config.timeout = 30000")
    is_saved_again(window, patient)


def test_what_is_refused_says_why(window, patient):
    window.failing = True
    for status, why in (
        (403, "you are not allowed to do this."),
        (404, "this is no longer there for you."),
        (503, "the database does not answer at the moment. Wait a minute."),
        (507, "the disk is full. Tell the administrator."),
    ):
        window.page.route(VERDICT, lambda route, _request, status=status: route.fulfill(status=status))
        exclude(window)
        is_not_saved(window, patient, f"Not saved: {why}")
        window.page.unroute(VERDICT)


def test_what_the_server_does_not_know_to_be_saved_is_said_so(window, patient):
    window.failing = True
    answer = {"status": 503, "headers": {"X-Saved": "unknown"}}
    window.page.route(VERDICT, lambda route: route.fulfill(**answer))
    exclude(window)
    is_not_saved(
        window, patient, "Wait a minute. It may have arrived all the same: look before you repeat it."
    )


def test_a_check_that_fails_is_no_save_that_fails(window):
    page = window.page
    page.get_by_role("link", name="Add draw").first.click()
    window.failing = True
    page.route(re.compile("/draws/check/"), lambda route: route.fulfill(status=500))
    page.get_by_role("textbox", name="INR", exact=True).fill("17")
    expect(page.get_by_role("alert").filter(has_text="Not checked: no answer")).to_have_count(1)
    expect(page.get_by_text("Not saved")).to_have_count(0)


def test_after_a_save_the_page_stays_and_the_keyboard_goes_on(window):
    page = window.page
    say_excluded(window)
    # With room below it for the next one.
    cause(window).evaluate("found => found.scrollIntoView({block: 'center'})")
    before = page.locator("#all-causes").bounding_box()["y"]
    cause(window).get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_have_text(SAVED)
    window.settled()
    assert abs(page.locator("#all-causes").bounding_box()["y"] - before) <= 1
    after = page.evaluate("document.activeElement.closest('[data-open], [data-done]')?.id")
    opened = page.locator("[data-open=all-causes]:visible").evaluate_all("all => all.map(one => one.id)")
    assert after in (opened or ["all-causes-title"])


def test_a_verdict_that_is_refused_keeps_the_keyboard_at_it(window, patient, own_clinic):
    page = window.page
    cause(window)
    page.locator("input[name=note]").evaluate_all(
        "all => all.forEach(one => one.removeAttribute('maxlength'))"
    )
    exclude(window, "x" * 2001)
    expect(cause(window).get_by_role("alert")).to_contain_text("shorten it")
    assert page.evaluate("document.activeElement.closest('.cause')?.id") == "all-cause-vitamin_k_deficiency"


def test_keys_go_where_they_say(window):
    page = window.page
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys on this page")
    expect(dialog.locator("dt")).to_have_text(["/", "d", "s", "c", "?"])
    window.examine("keys", "#keys")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.keyboard.press("c")
    assert page.evaluate("document.querySelector('#causes').contains(document.activeElement)")
    page.keyboard.press("s")
    expect(page.locator("#signoff > summary")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("d")
    expect(page.get_by_role("button", name="Store the draw")).to_be_visible()


def test_single_keys_are_switched_off(window):
    page = window.page
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys work in this browser").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("d")
    page.keyboard.press("?")
    window.settled()
    expect(page.get_by_role("button", name="Store the draw")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_links_skip_what_stands_before(window):
    page = window.page
    for place in ("#main", "#orders"):
        link = page.locator(f"a.skip[href='{place}']")
        link.focus()
        expect(link).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate(f"document.querySelector('{place}').contains(document.activeElement)")
