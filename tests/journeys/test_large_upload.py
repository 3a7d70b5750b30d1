"""A file that a worker reads and stores: dropped, its names mapped, watched, loaded anew, stored, undone."""

import re

import pytest
from playwright.sync_api import expect

from tests.uploads.workers import barrier, worker
from tests.waiting import PATIENCE

from .record import people_file

PEOPLE, DAYS = 60, 105
# The laboratory has a name of its own for ALT.
TESTS = (("Leberwert", "U/L", 30), ("INR", "", 1))


@pytest.fixture
def files(tmp_path) -> list:
    """12,600 results of 60 people."""
    people, labs = tmp_path / "people.csv", tmp_path / "nightly.csv"
    people.write_text(people_file(*(f"L-{n},Ito,Mai,F,1970-05-01" for n in range(PEOPLE))))
    rows = (
        f"L-{n},2025-{1 + day // 28:02}-{1 + day % 28:02}T08:00,{test},{value + day % 3},{unit},North"
        for n in range(PEOPLE)
        for day in range(DAYS)
        for test, unit, value in TESTS
    )
    labs.write_text("mrn,collected_at,test,value,unit,laboratory\n" + "\n".join(rows) + "\n")
    return [people, labs]


def drop_on(page, box, files: list) -> None:
    """As the mouse does it: from the desktop onto the box."""
    place = box.bounding_box()
    at = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2}
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
    browser = page.context.new_cdp_session(page)
    for event in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": event, "data": data, **at})


def test_a_large_file_is_dropped_mapped_stored_and_undone(visit, own_clinic, files):
    window = visit("data_manager", own_clinic)
    page = window.page
    window.go("/uploads/")
    drop_on(page, page.locator("#files"), files)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("heading", name="Reading 2 files")).to_be_visible()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    window.examine("upload-waits")
    with worker():
        with barrier("patients_result IN ACCESS EXCLUSIVE MODE") as reached:
            reached()
            expect(page.get_by_text("Reading the file")).to_be_visible()
        expect(page.get_by_text("Nothing is stored yet")).to_be_visible()
        labs = page.locator("section.file", has_text="nightly.csv")
        expect(labs.locator(".tile.waiting dd")).to_have_text("6,300")
        page.get_by_label("Leberwert").select_option(label="ALT")
        page.get_by_role("button", name="Remember and read again").click()
        expect(labs.locator(".tile.waiting dd")).to_have_text("0")
        assert not own_clinic.patients.exists()
        expect(labs.locator(".tile.new dd")).to_have_text("12,600")
        window.examine("upload-large-preview")

        page.get_by_role("button", name="Store").click()
        expect(page.get_by_role("heading", name="Storing 2 files")).to_be_visible()
        with barrier("patients_assessmentmark IN SHARE MODE") as reached:
            reached()
            page.reload()
            expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
            expect(page.get_by_text(re.compile("[0-9,]+ of 12,660 rows"))).to_be_visible()
            window.examine("upload-stores")
        expect(page.get_by_text("Stored: 12,660 new rows.")).to_be_visible()
        window.examine("upload-large-stored")
        assert own_clinic.patients.count() == PEOPLE

        page.get_by_role("link", name="Undo …", exact=True).click()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Undone: what these files brought is withdrawn.")).to_be_visible()
    assert not own_clinic.patients.current().exists()


def test_it_can_be_cancelled_and_watched_without_scripts(visit, own_clinic, files):
    window = visit("data_manager", own_clinic, javascript=False)
    page = window.page
    window.go("/uploads/")
    page.locator("#files").set_input_files(files)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("link", name="Look again")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled: nothing was stored.")).to_be_visible()
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    with worker("--once") as one:
        one.communicate(timeout=PATIENCE)
    # As its link does; the page may have come by itself meanwhile, without the link.
    page.reload()
    expect(page.get_by_text("Nothing is stored yet")).to_be_visible()
