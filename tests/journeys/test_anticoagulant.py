"""The page asks whether an anticoagulant is taken; the answer, by keyboard and without scripts."""

import re

from playwright.sync_api import expect

from patients.models import Patient

from .record import FALLING, add_okafor

ASKS = "Ask: is an anticoagulant taken?"


def test_the_page_asks_and_the_answer_is_kept(visit, own_clinic):
    answer(visit("clinician", own_clinic), add_okafor(own_clinic, FALLING))


def test_it_is_answered_without_scripts(visit, own_clinic):
    answer(visit("clinician", own_clinic, javascript=False), add_okafor(own_clinic, FALLING))


def answered(page):
    """The button of the form that asks, on the patient's page or on one of its own."""
    form = page.locator("form").filter(has=page.get_by_label("Since"))
    return form.get_by_role("button", name=re.compile("^(Save answer|Store)$"))


def answer(window, patient) -> None:
    window.go(f"/patients/{patient.uuid}/?tab=all")
    page, ask = window.page, window.page.locator("#ask")
    asked = page.locator("#order-anticoagulant")
    expect(asked).to_contain_text(ASKS)
    asked.locator("summary.button").click()
    ask.get_by_role("radio", name="taking").check()
    ask.get_by_label("Which").select_option("warfarin")
    answered(page).click()
    expect(page.get_by_text("Enter since when; about is enough.").first).to_be_visible()
    page.get_by_label("Since").fill("2024-05-03")
    answered(page).click()
    expect(page.locator("#who")).to_contain_text("Anticoagulant: taking")
    expect(page.locator("#who")).to_contain_text("warfarin")
    expect(page.locator("#orders")).not_to_contain_text(ASKS)
    assert Patient.objects.get(pk=patient.pk).anticoagulant == "taking"


def test_the_line_of_the_draw_form_is_reached_by_tab_after_the_results(visit, own_clinic):
    patient = add_okafor(own_clinic, FALLING)
    window = visit("clinician", own_clinic)
    window.go(f"/patients/{patient.uuid}/draws/add/")
    page = window.page
    radio = page.get_by_role("radio", name="not known")
    expect(radio).to_be_checked()
    radio.focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="taking")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Which")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Since")).to_be_focused()
