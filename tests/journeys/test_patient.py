"""The patient page: chart views, as-of, causes, empty and long records, paper."""

import pytest
from playwright.sync_api import expect

from .record import add_okafor

DRAWN = "([box]) => box.data.filter(trace => trace.x && trace.x.length).length"


def open_patient(window, patient, query: str = "") -> None:
    window.go(f"/patients/{patient.uuid}/{query}")
    window.settled()


def choose(window, word: str) -> None:
    link = window.page.locator("#chart-card nav").get_by_role("link", name=word, exact=True)
    link.click()
    expect(link).to_have_attribute("aria-current", "true")
    window.settled()


def test_each_view_and_scale_of_the_chart_is_drawn(visit, hospital):
    window = visit("clinician")
    page = window.page
    open_patient(window, hospital.patient("D-0002"))
    window.examine("patient")
    window.for_readme("patient")
    for view in ("Overlay", "Trajectory", "Stacked"):
        for scale in ("U/L", "× limit"):
            choose(window, view)
            choose(window, scale)
            assert page.locator("[data-figure]").evaluate_all(DRAWN) >= (1 if view == "Trajectory" else 3)
            assert page.locator("[data-figure] .scatterlayer .trace").count() > 0
        if view != "Stacked":
            window.examine(f"chart-{view.lower()}", "#chart-card")
    open_patient(window, hospital.patient("D-0002"), "?panels=more")
    page.get_by_text("Table of this chart, 4 draws").click()
    table = page.get_by_role("region", name="Table of the chart")
    expect(table.get_by_role("row")).to_have_count(5)
    window.examine("chart-panels", "#chart-card")


def test_of_two_quick_clicks_the_last_one_counts(visit, hospital):
    window = visit("clinician")
    open_patient(window, hospital.patient("D-0001"))
    links = window.page.locator("#chart-card nav")
    links.get_by_role("link", name="Overlay").click(no_wait_after=True)
    links.get_by_role("link", name="U/L").click(no_wait_after=True)
    expect(links.get_by_role("link", name="U/L")).to_have_attribute("aria-current", "true")


def test_the_page_prints_on_paper(visit, hospital):
    window = visit("clinician")
    open_patient(window, hospital.patient("D-0001"))
    page = window.page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    expect(page.get_by_role("region", name="Verdict")).to_be_visible()
    expect(page.get_by_role("search")).to_be_hidden()
    window.settled()
    # The grades stand on paper too; where a sentence comes from stays in its short form.
    expect(page.locator("#ribbon rect.established")).to_be_visible()
    expect(page.locator("#attribution .findings").first).to_be_visible()
    expect(page.locator("#attribution .cite .full").first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    window.picture("print-a4")
    page.pdf(path=window.picture("print-a4").with_suffix(".pdf"), format="A4")


def test_a_cause_is_excluded_with_a_note_and_who_and_when_appear(visit, own_clinic):
    patient = add_okafor(own_clinic)
    window = visit("clinician", own_clinic)
    open_patient(window, patient)
    page = window.page
    page.evaluate("window.neverReloaded = true")
    cause = page.locator("#cause-vitamin_k_deficiency")
    cause.locator("label", has_text="excluded").click()
    cause.get_by_label("Note on Vitamin K deficiency").fill("Vitamin K given, INR unchanged")
    window.examine("cause-note")
    cause.get_by_role("button", name="Save").click()
    page.get_by_text("show 1 excluded").click()
    decided = page.locator("#cause-vitamin_k_deficiency .decided")
    expect(decided).to_contain_text(f"excluded: {own_clinic.code}-clinician")
    expect(decided).to_contain_text("Vitamin K given, INR unchanged")
    assert page.evaluate("window.neverReloaded") is True
    window.examine("cause-excluded", "#causes")


@pytest.mark.parametrize(
    ("mrn", "words", "charts"),
    [("D-0014", "No draws", 0), ("D-0015", "Only one paired draw", 1), ("D-0025", "No INR", 1)],
)
def test_an_empty_record_says_so_in_words(visit, hospital, mrn, words, charts):
    window = visit("clinician")
    open_patient(window, hospital.patient(mrn))
    expect(window.page.get_by_role("region", name="Verdict")).to_contain_text(words)
    expect(window.page.locator("[data-figure]")).to_have_count(charts)
    window.examine(f"empty-{mrn}")


def test_five_hundred_draws_are_shown(visit, hospital):
    window = visit("clinician")
    open_patient(window, hospital.load("D-0017"))
    page = window.page
    expect(page.get_by_text("Table of this chart, 500 draws")).to_be_visible()
    page.get_by_role("link", name="Show all 500 draws").click()
    expect(page.get_by_role("region", name="Table of results").get_by_role("row")).to_have_count(501)
    window.go(page.url.removeprefix(window.url).split("?")[0])
    window.examine("long")
