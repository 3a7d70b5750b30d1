"""A draw typed by keyboard alone, corrected and withdrawn, without the page ever loading anew."""

import pytest
from playwright.sync_api import expect

from .record import FALLING, add_okafor

# Every request from here on leaves half a second late, as over a slow line; how many are held is counted.
LATER = """() => {
    const kept = document.documentElement.dataset;
    kept.held = 0;
    document.addEventListener("htmx:confirm", (event) => {
        event.preventDefault();
        kept.held = Number(kept.held) + 1;
        setTimeout(() => { kept.held -= 1; event.detail.issueRequest(true); }, 500);
    });
}"""
# Timers run in their order: what a row would still ask, half a second after a key, is asked before this ends.
ALL_ASKED = "() => new Promise(done => setTimeout(done, 600))"


@pytest.fixture
def window(visit, own_clinic):
    """Ada Okafor's page, with a mark on it that a reload would wipe off."""
    patient = add_okafor(own_clinic, FALLING[:2])
    window = visit("clinician", own_clinic)
    window.go(f"/patients/{patient.uuid}/?tab=all")
    window.settled()
    window.page.evaluate("window.neverReloaded = true")
    return window


def reach(page, locator, key: str = "Tab", most: int = 100) -> None:
    """Presses the key until the focus is there, as a person without a mouse does."""
    for _ in range(most):
        if locator.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not reach {locator}")


def enter(page, name: str, value: str) -> None:
    field = page.get_by_role("textbox", name=name, exact=True)
    reach(page, field)
    page.keyboard.press("Control+A")
    page.keyboard.type(value)


def test_a_draw_is_entered_by_keyboard_alone(window):
    page = window.page
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("ALT")
    before = verdict.inner_text()
    reach(page, page.get_by_role("link", name="Add draw").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Add a draw")).to_be_visible()
    window.settled()

    expect(page.get_by_label("Taken at")).to_be_focused()
    expect(page.get_by_label("Taken at")).to_have_value("")
    reach(page, page.get_by_role("button", name="Now", exact=True))
    page.keyboard.press("Space")
    expect(page.locator("#entry-taken_at-say")).to_contain_text(", now")
    enter(page, "ALT", "34")
    page.keyboard.press("Enter")
    page.keyboard.type("41")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("17")
    said = page.locator("#entry-INR-say")
    expect(said).not_to_be_empty()
    reach(page, page.get_by_role("textbox", name="Albumin", exact=True))
    page.keyboard.type("3.2")
    expect(page.locator("#entry-albumin-say")).to_contain_text("g/dL")
    window.examine("entry-warnings")

    # 17 for 1.7 cannot be: refused, with everything as typed.
    reach(page, page.get_by_role("button", name="Store the draw"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing is stored yet, and nothing typed is lost")
    expect(page.get_by_role("textbox", name="ALT", exact=True)).to_have_value("34")
    window.examine("entry-refused")

    reach(page, page.get_by_role("textbox", name="INR", exact=True))
    page.keyboard.press("Control+A")
    page.keyboard.type("1.7")
    expect(said).to_be_empty()
    reach(page, page.get_by_role("textbox", name="Albumin", exact=True))
    page.keyboard.press("Control+A")
    page.keyboard.type("64")
    tick = page.get_by_role("checkbox", name="64 g/L is right")
    expect(tick).to_be_visible()
    reach(page, tick)
    page.keyboard.press("Space")
    reach(page, page.get_by_role("button", name="Store the draw"))
    page.keyboard.press("Enter")

    expect(page.get_by_text("The draw is stored.")).to_be_visible()
    expect(verdict).to_contain_text("34 U/L")
    assert verdict.inner_text() != before
    expect(page.locator("#results tr.latest")).to_contain_text("34")
    expect(page.locator("#checklist")).to_contain_text("Albumin")
    window.settled()
    page.get_by_role("link", name="All", exact=True).click()
    chart_shows(page, "INR", 3)
    assert page.evaluate("window.neverReloaded") is True


def test_a_slow_answer_takes_neither_the_focus_nor_the_tick(window):
    """The check of a row may answer when the person is already at its tick, and has ticked it."""
    page = window.page
    page.get_by_role("link", name="Add draw").first.click()
    expect(page.get_by_role("heading", name="Add a draw")).to_be_visible()
    page.evaluate(LATER)
    enter(page, "Albumin", "64")
    tick = page.get_by_role("checkbox", name="64 g/L is right")
    expect(tick).to_be_visible()
    reach(page, tick)
    page.keyboard.press("Space")
    page.evaluate(ALL_ASKED)
    expect(page.locator("html")).to_have_attribute("data-held", "0")
    window.settled()
    expect(tick).to_be_checked()
    expect(tick).to_be_focused()


def test_a_draw_is_corrected_and_withdrawn(window):
    page = window.page
    page.locator("#results tr.latest").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Correct the draw")).to_be_visible()
    page.get_by_role("textbox", name="INR", exact=True).fill("1.9")
    page.get_by_label("Reason for the correction").fill("Typed wrongly")
    page.get_by_role("button", name="Store the draw").click()
    expect(page.get_by_text("The corrected draw is stored.")).to_be_visible()
    expect(page.locator("#results tr.latest")).to_contain_text("1.9")

    page.locator("#results tr.latest").get_by_role("link").click()
    page.get_by_role("link", name="Withdraw…").click()
    expect(page.get_by_role("heading", name="Withdraw the draw")).to_be_visible()
    window.examine("withdraw")
    page.get_by_label("Reason").fill("Another patient's sample")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("The draw is withdrawn. It can be restored.")).to_be_visible()
    page.get_by_text("1 withdrawn draw").click()
    expect(page.locator("#results")).to_contain_text("Another patient's sample")
    assert page.evaluate("window.neverReloaded") is True


def chart_shows(page, name: str, count: int) -> None:
    """So many results of this name, once the chart has what was chosen."""
    page.wait_for_function(
        """([name, count]) => [...document.querySelectorAll(".chart.taken .live")].some(box =>
            box.data?.some(t => t.name === name && t.x.filter(Boolean).length === count))""",
        arg=[name, count],
    )
