"""An overdue patient is asked, the worklist and the call list follow; another is left out and taken back."""

import re

import pytest
from playwright.sync_api import expect

from patients.actions.contacts import record_contact
from patients.models import Patient

from .browsing import PROJECTOR
from .record import FALLING, add_okafor, days_ago

# Nothing for more than a year: every test is overdue.
LONG_AGO = tuple((days + 400, results) for days, results in FALLING)


def store(page) -> None:
    """The contact's own button: the page may ask something else beside it."""
    form = page.locator("form").filter(has=page.get_by_label("What came of it"))
    form.get_by_role("button", name="Store").click()


@pytest.fixture
def patient(own_clinic) -> Patient:
    return add_okafor(own_clinic, LONG_AGO)


def open_page(window, patient):
    window.go(f"/patients/{patient.uuid}/?tab=all")
    window.settled()
    return window.page


def test_an_overdue_patient_is_asked_and_asked_again(visit, own_clinic, patient):
    window = visit("clinician", own_clinic)
    window.go("/?contact=due")
    window.examine("contacts-worklist-unplanned")
    page = window.page
    expect(page.locator("table.worklist td.due .contact")).to_have_text("not planned")
    open_page(window, patient)
    contacts = page.locator("#contacts")
    expect(contacts).to_contain_text("Overdue, and no next attempt is planned")
    page.evaluate("window.neverReloaded = true")
    contacts.get_by_role("link", name="Record contact").click()
    window.examine("contacts-form")
    store(page)
    expect(page.locator("#contact").get_by_role("alert")).to_contain_text("Choose what came of it.")
    window.examine("contacts-form-wrong")
    page.get_by_label("What came of it").select_option("no_answer")
    page.get_by_label("Note", exact=True).last.fill("Rang twice")
    page.get_by_label("Next attempt on").fill(days_ago(0).split("T")[0])
    store(page)
    expect(contacts).to_contain_text("The contact is stored.")
    expect(contacts).to_contain_text("Telephone: no answer. Rang twice")
    expect(contacts).to_contain_text("Next attempt due")
    assert page.evaluate("window.neverReloaded") is True
    window.examine("contacts-patient")

    window.go("/?contact=due&mine=1")
    expect(page.locator("table.worklist td.due .contact")).to_contain_text(f"{own_clinic.code}-clinician")
    window.examine("contacts-worklist")
    page.get_by_role("link", name="Call list to print").click()
    expect(page.get_by_role("rowheader", name="Okafor, Ada")).to_be_visible()
    window.examine("call-list")
    on_paper(window, "call-list-print")
    page.get_by_role("link", name="Okafor, Ada", exact=True).click()
    expect(page.get_by_text("MRN N-100")).to_be_visible()
    window.settled()
    page.locator("#contacts").get_by_role("link", name="withdraw…").click()
    page.get_by_label("Reason").fill("Another patient")
    page.get_by_role("button", name="Withdraw").click()
    expect(contacts).to_contain_text("The contact is withdrawn.")
    expect(contacts).to_contain_text("no next attempt is planned")


def on_paper(window, name: str) -> None:
    page = window.page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    window.picture(name)
    page.emulate_media(media="screen")
    page.set_viewport_size(PROJECTOR)


def test_who_is_left_out_is_not_overdue_and_comes_back(visit, own_clinic, patient):
    window = visit("clinician", own_clinic)
    page = open_page(window, patient)
    checklist = page.locator("#checklist")
    expect(checklist.locator(".state.overdue").first).to_be_visible()
    page.get_by_role("link", name="Leave out…").click()
    window.examine("left-out-form")
    page.get_by_label("Reason", exact=True).select_option("elsewhere")
    page.get_by_label("Note", exact=True).last.fill("University clinic")
    page.get_by_role("button", name="Leave out", exact=True).click()
    expect(checklist).to_contain_text(re.compile("Left out of monitoring since [^.]* is treated elsewhere"))
    expect(checklist.locator(".state.overdue")).to_have_count(0)
    window.examine("left-out-patient")
    on_paper(window, "left-out-print")

    window.go("/")
    line = page.locator("table.worklist tbody tr")
    expect(line).to_contain_text("treated elsewhere")
    expect(line).not_to_contain_text("overdue")
    page.get_by_text("More filters").click()
    page.locator("#filter-left_out").click()
    expect(line).to_have_count(1)
    window.examine("left-out-worklist")
    window.go("/?contact=due")
    expect(page.get_by_text("No patient matches.")).to_be_visible()

    open_page(window, patient)
    page.get_by_role("link", name="Monitor again…").click()
    window.examine("left-out-lift")
    page.get_by_label("Why monitoring goes on").fill("Came back to us")
    page.get_by_role("button", name="Monitor again", exact=True).click()
    expect(checklist.locator(".state.overdue").first).to_be_visible()
    page.get_by_text("Earlier").last.click()
    expect(checklist).to_contain_text("Came back to us")
    window.examine("left-out-lifted")


def test_a_second_contact_is_told_what_a_colleague_recorded(visit, own_clinic, patient):
    window = visit("clinician", own_clinic)
    page = open_page(window, patient)
    page.get_by_role("link", name="Record contact").click()
    page.get_by_label("What came of it").select_option("no_answer")
    colleague = own_clinic.memberships.get(role="data_manager").user
    record_contact(
        patient=patient,
        by=colleague,
        kind="letter",
        outcome="left",
        made_on=patient.draws.last().taken_at.date(),
    )
    store(page)
    told = page.locator("#contact").get_by_role("alert")
    expect(told).to_contain_text("letter, message left or sent")
    expect(page.get_by_label("What came of it")).to_have_value("no_answer")
    window.examine("contacts-too-late")
    store(page)
    expect(page.locator("#contacts")).to_contain_text("Telephone: no answer")


def test_asking_and_leaving_out_without_scripts(visit, own_clinic, patient):
    window = visit("clinician", own_clinic, javascript=False)
    window.go(f"/patients/{patient.uuid}/?tab=all")
    page = window.page
    page.get_by_role("link", name="Record contact").click()
    page.get_by_label("What came of it").select_option("booked")
    store(page)
    expect(page.get_by_text("The contact is stored.")).to_be_visible()
    page.get_by_role("link", name="Leave out…").click()
    page.get_by_label("Reason", exact=True).select_option("died")
    page.get_by_role("button", name="Leave out", exact=True).click()
    expect(page.locator("#who")).to_contain_text("Died")
    expect(page.locator("#checklist")).to_contain_text("because the patient died")
