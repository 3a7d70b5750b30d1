"""Every page can be used by a finger and at 200 %: targets of 24 px, no scrolling sideways."""

import pytest

from .browsing import ENLARGED, LAPTOP
from .reach import faults_of_reach

PAGES = {
    "clinician": (
        "/",
        "/notices/",
        "/contacts/",
        "/overrules/",
        "/chart-reviews/",
        "/chart-reviews/add/",
        "/silent/",
        "/knowledge/",
        "/knowledge/?q=inr",
        "/knowledge/chapters/statements/",
        "/knowledge/chapters/dissociation/",
        "/knowledge/characteristics/",
        "/knowledge/safety/",
        "/knowledge/signatures/",
        "/knowledge/entries/limit-dissociation-rise_ratio/",
        "/knowledge/calibration/",
        "/meetings/",
        "/meetings/plan/",
        "/meetings/actions/",
        "/meetings/figures/",
        "/patients/add/",
        "/accounts/password/change/",
    ),
    "data_manager": (
        "/uploads/",
        "/uploads/mappings/",
        "/uploads/kept/",
        "/uploads/senders/",
        "/uploads/waiting/",
    ),
    "administrator": (
        "/staff/",
        "/staff/add/",
        "/staff/access/",
        "/staff/demo/viewer/",
        "/uploads/tokens/",
        "/uploads/tokens/add/",
        "/clinic/demo/",
        "/staff/silence/",
    ),
}
OF_A_PATIENT = (
    "",
    "requests/",
    "summary/",
    "edit/",
    "draws/add/",
    "events/add/",
    "diagnoses/add/",
    "contacts/add/",
    "concerns/add/",
    "notes/add/",
    "knowledge/",
    "?tab=notes",
)


@pytest.mark.parametrize("role", PAGES)
def test_pages_are_within_reach(visit, role):
    window = visit(role)
    for address in PAGES[role]:
        look_at(window, address)


@pytest.mark.parametrize("mrn", ["D-0001", "D-0002"])
def test_pages_of_a_patient_are_within_reach(visit, hospital, mrn):
    window = visit("clinician")
    for page in OF_A_PATIENT:
        look_at(window, f"/patients/{hospital.patient(mrn).uuid}/{page}")


def test_the_pages_of_signing_in_are_within_reach(visit):
    window = visit()
    for address in ("/accounts/login/", "/accounts/password/reset/"):
        look_at(window, address)


def look_at(window, address: str) -> None:
    assert window.page.goto(window.url + address).status == 200, address
    for name, size in {"": LAPTOP, " enlarged": ENLARGED}.items():
        window.reach(f"{address}{name}", size)


SMALL = "<button style='all: unset; font-size: 9px'>x</button>"
WIDE = "<div style='width: 3000px; height: 1px'></div>"
INSIDE = "<p>A <a href='#x'>link</a> in a sentence</p>"
# Cut off by its own box: the page is no wider.
CUT = "<div style='overflow: hidden'><table style='width: 3000px'><tr><td>x</td></tr></table></div>"
SCROLLS = (
    "<div role='region' tabindex='0' style='overflow-x: auto'>"
    "<table style='width: 3000px'><tr><td>x</td></tr></table></div>"
)
LARGE = "<button style='width: 24px; height: 24px; padding: 0'>x</button>"


@pytest.mark.parametrize(
    ("html", "number"),
    [(SMALL, 1), (WIDE, 1), (INSIDE, 0), (LARGE, 0), (SMALL + WIDE, 2), (CUT, 1), (SCROLLS, 0)],
)
def test_the_measure_finds_what_is_wrong(browser, html, number):
    page = browser.new_page()
    page.set_content(f"<main>{html}</main>")
    assert len(faults_of_reach(page)) == number
    page.close()
