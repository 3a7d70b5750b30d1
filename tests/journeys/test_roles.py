"""What each role finds on the pages."""

import pytest
from playwright.sync_api import expect

ENTRY = ("Add draw", "Add diagnosis", "Add event", "edit")


@pytest.mark.parametrize("role", ["viewer", "data_manager", "administrator"])
def test_who_only_reads_sees_no_entry(visit, hospital, role):
    window = visit(role)
    page = window.page
    patient = hospital.patient("D-0001")
    window.go(f"/patients/{patient.uuid}/?tab=all")
    window.settled()
    for name in ENTRY:
        expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
    expect(page.locator("#causes form, #results th a, #events li a")).to_have_count(0)
    window.go("/")
    expect(page.get_by_role("link", name="Add patient")).to_have_count(0)
    nav = page.get_by_role("navigation", name="Pages", exact=True)
    expect(nav.get_by_role("link", name="Uploads")).to_have_count(int(role == "data_manager"))
    expect(nav.get_by_role("link", name="Staff")).to_have_count(int(role == "administrator"))
    if role == "viewer":
        window.go(f"/patients/{patient.uuid}/?tab=all")
        window.examine("patient-viewer")


def test_a_refused_page_says_who_can_help(visit, hospital):
    window = visit("viewer")
    window.refused = 403
    window.go("/uploads/")
    expect(window.page.locator("main")).to_contain_text("viewer")
    window.examine("refused-role")


def test_the_administrator_sees_staff_and_who_looked_at_whom(visit, hospital):
    visit("clinician").go(f"/patients/{hospital.patient('D-0003').uuid}/")
    window = visit("administrator")
    page = window.page
    window.go("/")
    page.get_by_role("link", name="Staff").click()
    expect(page.get_by_role("table")).to_contain_text("Chidi Okafor")
    window.examine("staff")
    page.get_by_role("link", name="Chidi Okafor").click()
    window.examine("staff-edit")
    window.go("/staff/add/")
    window.examine("staff-add")
    window.go("/staff/")
    page.get_by_role("link", name="Who looked at whom").click()
    page.get_by_label("MRN", exact=True).fill("D-0003")
    page.get_by_role("button", name="Show").click()
    rows = page.get_by_role("row").filter(has_text="Chidi Okafor")
    expect(rows.first).to_contain_text("Adeyemi")
    expect(page.get_by_role("row").nth(1)).to_contain_text("on a list of")
    window.examine("looks")
