"""The patient page: chart views, as-of, causes, empty and long records, paper."""

import pytest
from playwright.sync_api import expect

from .browsing import open_cause
from .record import add_okafor

DRAWN = """least => {
    const found = document.querySelector(".live").data.filter(trace => trace.x && trace.x.length);
    return found.length >= least;
}"""


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
            page.wait_for_function(DRAWN, arg=1 if view == "Trajectory" else 2)
            assert page.locator(".live .scatterlayer .trace").count() > 0
        if view != "Stacked":
            window.examine(f"chart-{view.lower()}", "#chart-card")
    open_patient(window, hospital.patient("D-0002"), "?panels=more")
    window.examine("chart-panels", "#chart-card")
    open_patient(window, hospital.patient("D-0002"), "chart/")
    window.examine("chart-page")
    table = page.get_by_role("region", name="Table of the chart")
    expect(table.get_by_role("row")).to_have_count(5)


def test_of_two_quick_clicks_the_last_one_counts(visit, hospital):
    window = visit("clinician")
    open_patient(window, hospital.patient("D-0001"))
    links = window.page.locator("#chart-card nav")
    links.get_by_role("link", name="Overlay").click(no_wait_after=True)
    links.get_by_role("link", name="× limit").click(no_wait_after=True)
    expect(links.get_by_role("link", name="× limit")).to_have_attribute("aria-current", "true")
    expect(links.get_by_role("link", name="Overlay")).to_have_attribute("aria-current", "true")


def test_views_days_and_scales_switch_without_asking_the_server(visit, hospital):
    window = visit("clinician")
    page = window.page
    open_patient(window, hospital.patient("D-0001"))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for word in ("Overlay", "Trajectory", "× base", "Stacked", "U/L"):
        choose(window, word)
    # The browser asks for the icon again whenever an address changes.
    assert [url for url in asked if "/static/icon" not in url] == []
    assert "view=stacked" in page.url and "scale=units" in page.url


def test_plotly_stands_where_the_server_drew(visit, hospital):
    """Each mark of ALT within a pixel or two of the circle of the drawing, in a box of the same size."""
    window = visit("clinician", javascript=True)
    open_patient(window, hospital.patient("D-0002"))
    apart = window.page.evaluate(PLACES)
    assert len(apart) == 4 and max(apart) < 2
    sizes = window.page.evaluate(
        "() => [...document.querySelectorAll('.chart > .drawn, .live .main-svg')].map(one => "
        "Math.round(one.getBoundingClientRect().height))"
    )
    assert max(sizes) - min(sizes) <= 1


PLACES = """() => {
    const middle = (one) => { const r = one.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; };
    const drawn = [...document.querySelectorAll('.drawn circle[fill="var(--alt)"]')].map(middle);
    const plot = document.querySelector(".live");
    const place = plot.data.findIndex((trace) => trace.name === "ALT");
    const traces = plot.querySelectorAll(".xy .scatterlayer .trace");
    const names = plot.calcdata.filter(([first]) => first.trace.yaxis === "y").map(([first]) => first.trace.name);
    const marks = [...traces[names.indexOf("ALT")].querySelectorAll(".points path")].map(middle);
    return drawn.map(([x, y], i) => Math.hypot(x - marks[i][0], y - marks[i][1]));
}"""


def test_arrow_keys_read_each_draw_and_say_it(visit, hospital):
    window = visit("clinician")
    page = window.page
    open_patient(window, hospital.patient("D-0002"))
    page.locator("[data-figures]").focus()
    told = page.locator(".read-out")
    page.keyboard.press("Home")
    expect(told).to_contain_text("ALT 420 U/L, AST 610 U/L, INR 1.6")
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("ALT 260 U/L")
    page.keyboard.press("End")
    expect(told).to_contain_text("INR 2.6")
    window.examine("chart-keys", "#chart-card")
    page.keyboard.press("Escape")
    expect(told).to_be_empty()


def test_the_chart_is_a_file(visit, hospital):
    window = visit("clinician")
    page = window.page
    open_patient(window, hospital.patient("D-0002"))
    for kind, begins in (("svg", b"<svg"), ("png", b"\x89PNG")):
        page.locator(".chart-menu").evaluate("menu => { menu.open = true }")
        with page.expect_download() as found:
            page.locator(f"[data-file={kind}]").click()
        assert found.value.suggested_filename.endswith(f".{kind}")
        assert found.value.path().read_bytes().startswith(begins)


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
    expect(page.locator("#ribbon .strip:visible rect.established")).to_be_visible()
    expect(page.locator("#orders .order").first).to_be_visible()
    expect(page.locator("#orders .cite .full").first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    window.picture("print-a4")
    page.pdf(path=window.picture("print-a4").with_suffix(".pdf"), format="A4")


def test_a_cause_is_excluded_with_a_note_and_who_and_when_appear(visit, own_clinic):
    patient = add_okafor(own_clinic)
    window = visit("clinician", own_clinic)
    open_patient(window, patient)
    page = window.page
    page.evaluate("window.neverReloaded = true")
    cause = open_cause(page, "vitamin_k_deficiency")
    cause.locator("label", has_text="excluded").click()
    cause.get_by_label("Note on Vitamin K deficiency").fill("Vitamin K given, INR unchanged")
    window.examine("cause-note")
    cause.get_by_role("button", name="Save").click()
    decided = page.locator("#all-cause-vitamin_k_deficiency .decided")
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
    expect(window.page.locator("[data-figures]")).to_have_count(charts)
    window.examine(f"empty-{mrn}")


def test_five_hundred_draws_are_shown(visit, hospital):
    window = visit("clinician")
    open_patient(window, hospital.load("D-0017"))
    page = window.page
    expect(page.locator(".overview")).to_contain_text("500 draws")
    page.get_by_role("link", name="Show all 500 draws").click()
    expect(page.get_by_role("region", name="Table of results").get_by_role("row")).to_have_count(501)
    window.go(page.url.removeprefix(window.url).split("?")[0])
    window.examine("long")
