"""A patient added by hand, with a diagnosis and a drug; a draw that somebody else changed meanwhile."""

from playwright.sync_api import expect

from .browsing import open_tab
from .record import add_okafor, days_ago


def test_a_patient_with_diagnosis_and_drug_is_entered(visit, own_clinic):
    window = visit("clinician", own_clinic)
    page = window.page
    window.go("/")
    page.locator(".worklist-title").get_by_role("link", name="Add patient").click()
    window.examine("patient-add")
    page.get_by_role("textbox", name="MRN", exact=True).fill("N-7")
    page.get_by_label("Family name").fill("Sato")
    page.get_by_label("Given names").fill("Ken")
    page.get_by_label("Sex").select_option("M")
    page.get_by_label("Date of birth").fill("1958-03-01")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("heading", name="Ken Sato")).to_be_visible()

    open_tab(page, "Events")
    page.get_by_role("link", name="Add diagnosis").last.click()
    page.get_by_label("Diagnosis", exact=True).select_option("cirrhosis")
    window.examine("diagnosis-add")
    page.get_by_role("button", name="Store").click()
    expect(page.locator("#events")).to_contain_text("Cirrhosis")
    expect(page.locator("#who")).to_contain_text("Cirrhosis")

    page.get_by_role("link", name="Add event").last.click()
    page.get_by_label("What", exact=True).select_option("vka")
    page.get_by_label("Name or detail").fill("Warfarin")
    page.locator("#entry-started_at_0").fill(days_ago(20).split("T")[0])
    window.examine("event-add")
    page.get_by_role("button", name="Store").click()
    expect(page.locator("#events")).to_contain_text("Warfarin")
    expect(page.locator("#who")).to_contain_text("Warfarin")


def test_the_second_person_at_one_draw_is_told_and_nothing_is_overwritten(visit, own_clinic):
    patient = add_okafor(own_clinic)
    first, second = (visit("clinician", own_clinic) for _ in range(2))
    for window, inr in ((first, "1.8"), (second, "1.9")):
        window.go(f"/patients/{patient.uuid}/?tab=all")
        window.page.locator("#results tr.latest").get_by_role("link").click()
        window.page.get_by_role("textbox", name="INR", exact=True).fill(inr)
        window.page.get_by_label("Reason for the correction").fill("Typed wrongly")
    first.page.get_by_role("button", name="Store the draw").click()
    expect(first.page.get_by_text("The corrected draw is stored.")).to_be_visible()
    second.page.get_by_role("button", name="Store the draw").click()
    expect(second.page.get_by_role("alert")).to_contain_text(f"{own_clinic.code}-clinician")
    expect(second.page.get_by_role("button", name="Store mine over it")).to_be_visible()
    expect(second.page.locator("#entry-INR-say")).to_contain_text("Stored now: 1.8")
    second.examine("stale")
