"""Whose results are these: rows that agree with nobody wait, a person compares, decides and takes it back.

What was refused comes back in a file to be corrected."""

import pytest
from playwright.sync_api import expect

from patients.models import Result
from tests.uploads.oru import obx, oru

from .record import people_file, store
from .test_uploads import drop, file

LABS = "mrn,collected_at,test,value,unit\nN-9,2025-01-03,ALT,42,U/L\nN-1,2150-01-03,ALT,43,U/L\n"


@pytest.fixture
def window(visit, own_clinic):
    store(own_clinic, people_file("N-1,Ito,Mai,F,1970-05-01", "N-2,Sato,Ken,M,1961-02-03"))
    return visit("data_manager", own_clinic)


def put(window, *files) -> None:
    drop(window, list(files))
    window.page.get_by_role("button", name="Store").click()
    expect(window.page.get_by_role("heading", name="What happened")).to_be_visible()


def mrns(clinic) -> list[str]:
    return list(
        Result.objects.filter(draw__patient__clinic=clinic).values_list("draw__patient__mrn", flat=True)
    )


def test_a_person_decides_whose_rows_these_are(window, own_clinic):
    page = window.page
    near = oru(obx(), name="Ito^Kei", born="19710501")
    put(window, {"name": "near.hl7", "mimeType": "text/plain", "buffer": near}, file("labs.csv", LABS))
    window.go("/uploads/")
    expect(page.get_by_text("2 people of files or messages cannot be told")).to_be_visible()
    page.get_by_role("link", name="Decide what waits").click()
    window.examine("waiting-whose")

    case = page.get_by_role("article", name="1 row: The number is a patient’s here")
    expect(case.get_by_role("row", name="The file says")).to_contain_text("1 May 1971")
    expect(case.get_by_role("row", name="has this number")).to_contain_text("1 May 1970 differs")
    case.get_by_label("It is this patient").check()
    case.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("they are this patient’s, also in files to come")).to_be_visible()
    assert mrns(own_clinic) == ["N-1"]

    case = page.get_by_role("article", name="1 row: Nobody here has this number")
    case.get_by_label("It is another patient").check()
    case.get_by_label("MRN of the other patient").fill("N-7")
    case.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("No patient of this clinic has this number.")).to_be_visible()
    expect(case.get_by_label("MRN of the other patient")).to_have_value("N-7")
    case.get_by_role("radio", name="Nobody of ours").check()
    case.get_by_label("Reason why nobody of ours").fill("Ward of another hospital")
    case.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Nothing: every row that was stored agreed with its patient.")).to_be_visible()
    assert mrns(own_clinic) == ["N-1"]

    window.go("/uploads/mappings/")
    window.examine("decisions")
    expect(page.get_by_role("row", name="N-1 Ito 1 May 1971")).to_be_visible()
    page.get_by_role("button", name="Undo the decision about number N-9").click()
    expect(page.get_by_text("Undone: it is asked again in files to come.")).to_be_visible()
    put(window, file("again.csv", LABS.replace("42", "44")))
    window.go("/uploads/")
    expect(page.get_by_text("1 person of files or messages cannot be told")).to_be_visible()


def test_rows_to_correct_come_back_as_they_were_sent(window, own_clinic):
    page = window.page
    put(window, file("labs.csv", LABS))
    with page.expect_download() as download:
        page.get_by_role("link", name="Rows to correct and upload again").click()
    text = download.value.path().read_text()
    assert text.splitlines()[0] == LABS.splitlines()[0] + ",Why not stored"
    assert "lies in the future" in text and "No patient with this MRN" in text
    corrected = text.replace("2150", "2025").replace("N-9", "N-2")
    put(window, file("corrected.csv", corrected))
    expect(page.locator("section.file .tile.new dd")).to_have_text("2")
    assert sorted(mrns(own_clinic)) == ["N-1", "N-2"]


def test_new_patients_wait_where_the_clinic_says_so(visit, window, own_clinic):
    chief = visit("administrator", own_clinic)
    chief.go("/staff/")
    chief.page.get_by_role("button", name="Let each wait for a person").click()
    expect(chief.page.get_by_text("no longer add patients by themselves")).to_be_visible()
    chief.examine("staff-new-patients")

    page = window.page
    put(window, file("people.csv", people_file("N-3,Mori,Aya,F,1955-06-07")))
    assert not own_clinic.patients.filter(mrn="N-3").exists()
    window.go("/uploads/waiting/")
    page.get_by_label("A new patient: add as the file says").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Accepted as a new patient.")).to_be_visible()
    assert own_clinic.patients.filter(mrn="N-3", family_name="Mori").exists()
