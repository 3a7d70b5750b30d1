"""The population page: corners, filters, months, points by keyboard and by pointer, and without scripts."""

import re

from playwright.sync_api import expect

from accounts.models import PatientAccess, User

POINTS = "#points a"


def looks() -> int:
    viewer = User.objects.get(username="clinician")
    return PatientAccess.objects.filter(user=viewer, page="population-point").count()


def test_a_number_fills_the_list_and_back_undoes_it(visit):
    window = visit("clinician")
    page = window.page
    window.go("/population/")
    window.examine("population")
    window.for_readme("population")
    expect(page.locator(".bar nav [aria-current]")).to_have_text("Population")
    expect(page.locator("#listed-title")).to_contain_text("Dissociation")

    page.evaluate("window.neverReloaded = true")
    page.locator("#corner-recovery").click()
    expect(page.locator("#listed-title")).to_contain_text("Recovery")
    expect(page).to_have_url(re.compile(r"corner=recovery"))
    assert page.evaluate("window.neverReloaded") is True
    page.get_by_label("Diagnosis").select_option("cirrhosis")
    expect(page).to_have_url(re.compile(r"corner=recovery.*dx=cirrhosis"))
    page.go_back()
    expect(page.get_by_label("Diagnosis")).to_have_value("")
    page.go_back()
    expect(page.locator("#listed-title")).to_contain_text("Dissociation")

    page.locator("#kind-critical").click()
    expect(page.locator("#kind-critical")).to_have_attribute("aria-current", "true")
    expect(page.locator("#points .critical a").first).to_be_attached()
    expect(page.locator("#points > g > g:not(.critical)")).to_have_count(0)


def test_the_slider_goes_back_in_time_and_keeps_the_focus(visit):
    window = visit("viewer")
    page = window.page
    window.go("/population/")
    slider = page.get_by_role("slider", name="Month")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"month=\d{4}-\d\d"))
    expect(page.get_by_text("As the values stood at the end of")).to_be_visible()
    expect(slider).to_be_focused()
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^[A-Z][a-z]+ \d{4}$"))
    window.examine("population-month")
    page.locator("#month-after").click()
    expect(page.get_by_text("As the values stood at the end of")).to_have_count(0)


def test_a_point_has_its_name_by_arrow_key_and_opens(visit):
    window = visit("clinician")
    page = window.page
    window.go("/population/")
    before = looks()
    page.locator("#points").focus()
    assert looks() == before
    page.keyboard.press("ArrowUp")
    name = page.locator("#point b a")
    expect(name).to_have_text(re.compile(r"^[^,]+, .+$"))
    expect(page.locator("#points .cursor.on")).to_have_count(1)
    assert looks() == before + 1
    family = name.inner_text().split(",")[0]
    window.examine("population-point", within="#population")
    page.locator("#points").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))
    expect(page.locator("h1")).to_contain_text(family)


def test_a_press_beside_a_point_opens_it(visit):
    window = visit("clinician")
    page = window.page
    window.go("/population/?grade=critical")
    box = page.locator(POINTS).first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2 + 9, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))


def test_without_scripts_corners_months_and_points_are_links_and_a_form(visit):
    window = visit("clinician", javascript=False)
    page = window.page
    window.go("/population/")
    expect(page.get_by_role("slider")).to_have_count(0)
    page.locator("#corner-recovery").click()
    expect(page.locator("#listed-title")).to_contain_text("Recovery")
    page.locator("#month").select_option(index=3)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("As the values stood at the end of")).to_be_visible()
    expect(page.locator("#listed-title")).to_contain_text("Recovery")
    window.go("/population/?grade=critical")
    page.locator(POINTS).first.click()
    expect(page).to_have_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))


def test_an_empty_clinic(visit, own_clinic):
    window = visit("clinician", own_clinic)
    window.go("/population/")
    expect(window.page.get_by_text("No patients yet.")).to_be_visible()
    window.examine("population-empty")
