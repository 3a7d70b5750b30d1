"""A sender writes in its own way: asked once, shown with the file, changed on the page Senders."""

from playwright.sync_api import expect

from patients.models import Draw

from .record import people_file, store
from .test_uploads import file

LABS = "mrn,collected_at,test,value,unit\nN-1,01/02/2026,ALT,300,U/L\nN-1,03/02/2026,ALT,200,U/L\n"


def test_a_sender_is_asked_once_and_its_profile_changed(visit, own_clinic):
    store(own_clinic, people_file("N-1,Ito,Mai,F,1970-05-01"))
    window = visit("data_manager", own_clinic)
    page = window.page
    send(window, "Sunnydale Lab")
    page.get_by_label("Dates such as 01/02/2026").select_option(
        label="Day first: 01/02/2026 is 1 February 2026"
    )
    page.get_by_role("button", name="Remember and read again").click()
    expect(page.get_by_text("Read with the profile of Sunnydale Lab (version 1): dates day")).to_be_visible()
    window.examine("preview-profile")

    page.get_by_role("link", name="Change the profile with which labs.csv was read").click()
    window.examine("sender")
    page.get_by_label("Dates").select_option(label="Month first: 02/28/2026")
    page.get_by_label("Between thousands").select_option(label="A comma: 1,240")
    page.get_by_label("Decimal mark").select_option(label="A comma: 1,4")
    page.get_by_role("button", name="Remember").click()
    expect(page.get_by_role("alert")).to_contain_text("One mark cannot stand for decimals and for thousands.")
    window.examine("sender-refused")
    page.get_by_label("Decimal mark").select_option(label="A point: 1.4")
    page.get_by_role("button", name="Remember").click()
    row = page.get_by_role("row", name="Sunnydale Lab")
    expect(row).to_contain_text("dates month first, decimal point, thousands with a comma")
    window.examine("senders")


def test_a_profile_is_set_and_taken_back_without_scripts(visit, own_clinic):
    store(own_clinic, people_file("N-1,Ito,Mai,F,1970-05-01"))
    window = visit("data_manager", own_clinic, javascript=False)
    page = window.page
    window.go("/uploads/senders/")
    expect(page.get_by_text("None yet.")).to_be_visible()
    page.get_by_role("link", name="Add a profile").click()
    page.get_by_label("Sender", exact=True).fill("Sunnydale Lab")
    page.get_by_label("Dates").select_option(label="Day first: 28.02.2026, 28/02/2026")
    page.get_by_text("Units where a file gives none").click()
    page.get_by_label("Albumin without a unit").select_option(label="g/L")
    page.get_by_role("button", name="Remember").click()
    page.get_by_role("link", name="Change the profile of Sunnydale Lab").click()
    page.get_by_label("Dates").select_option(label="Month first: 02/28/2026")
    page.get_by_role("button", name="Remember").click()
    page.get_by_role("link", name="Change the profile of Sunnydale Lab").click()
    page.get_by_role("button", name="Go back to version 1").click()
    expect(page.get_by_text("Remembered as version 3")).to_be_visible()
    send(window, "sunnydale lab")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    assert {draw.taken_at.month for draw in Draw.objects.filter(patient__clinic=own_clinic)} == {2}


def send(window, sender: str) -> None:
    window.go("/uploads/")
    window.page.get_by_label("Sender").fill(sender)
    window.page.locator("#files").set_input_files([file("labs.csv", LABS)])
    window.page.get_by_role("button", name="Show what would happen").click()
