"""The list of tests that would settle the open causes: on the page, on its sheet, on paper."""

import re

from playwright.sync_api import expect

from patients.actions.people import add_event

from .record import add_okafor, people_file, store

A4 = {"width": 794, "height": 1123}


def test_the_request_list_is_ticked_and_printed(visit, hospital):
    window = visit("clinician")
    page = window.page
    window.go(f"/patients/{hospital.patient('D-0002').uuid}/")
    page.locator("#requests > summary").click()
    page.get_by_role("link", name="Print request list").click()
    sheet = page.get_by_role("region", name="Tests to explain a raised INR")
    expect(sheet).to_be_visible()
    boxes = sheet.locator("input[type=checkbox]")
    first, last = boxes.first, boxes.last
    # What the record supports is ticked already; what it does not is left to the clinician.
    expect(first).to_be_checked()
    expect(last).not_to_be_checked()
    first.focus()
    page.keyboard.press("Space")
    expect(first).not_to_be_checked()
    page.keyboard.press("Space")
    expect(first).to_be_checked()
    window.examine("requests")
    page.emulate_media(media="print")
    page.set_viewport_size(A4)
    expect(page.get_by_role("link", name="Back to the patient")).to_be_hidden()
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(first).to_be_checked()
    expect(last).to_be_hidden()
    ticked = sheet.locator(":checked").count()
    assert sheet.locator("tbody tr").filter(visible=True).count() == ticked
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    path = window.picture("requests-print")
    page.pdf(path=path.with_suffix(".pdf"), format="A4")
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Back to the patient").click()
    expect(page).to_have_url(re.compile(f"/patients/{hospital.patient('D-0002').uuid}/"))


def test_vitamin_k_is_not_asked_for_under_warfarin(visit, own_clinic):
    patient = add_okafor(own_clinic)
    first = patient.draws.order_by("taken_at").first()
    clinician = own_clinic.memberships.get(role="clinician").user
    add_event(patient=patient, by=clinician, kind="vka", label="Warfarin", started_at=first.taken_at)
    window = visit("clinician", own_clinic)
    window.go(f"/patients/{patient.uuid}/requests/")
    expect(window.page.get_by_role("checkbox", name="Factor VII", exact=True)).to_be_visible()
    expect(window.page.get_by_role("checkbox", name="Vitamin K")).to_have_count(0)
    window.examine("requests-warfarin")


def test_an_empty_list_says_so(visit, own_clinic):
    store(own_clinic, people_file("N-101,Nkosi,Ben,M,1970-01-01"))
    window = visit("clinician", own_clinic)
    window.go(f"/patients/{own_clinic.patients.get(mrn='N-101').uuid}/requests/")
    expect(window.page.get_by_text("Nothing to ask for")).to_be_visible()
    window.examine("requests-empty")
