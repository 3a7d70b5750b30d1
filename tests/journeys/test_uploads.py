"""Files on the Uploads page: what would happen, stored, the same again, undone; the real files."""

import re

from playwright.sync_api import expect

from patients.models import AssessmentMark
from tests.uploads.workers import worker
from tests.waiting import until

from .browsing import open_menu
from .record import draws_file, people_file


def drop(window, files: list) -> None:
    window.go("/uploads/")
    window.page.locator("#files").set_input_files(files)
    window.page.get_by_role("button", name="Show what would happen").click()
    # Large ones are read by a worker.
    heading = window.page.get_by_role("heading", name=re.compile("What (would happen|happened)"))
    expect(heading).to_be_visible()


def file(name: str, text: str) -> dict:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def test_small_files_are_previewed_stored_and_undone(visit, own_clinic):
    window = visit("data_manager", own_clinic)
    page = window.page
    window.go("/uploads/")
    window.examine("uploads-empty")
    labs = draws_file("N-1") + "N-1,2026-01-05T08:30,,x,1.2,North Laboratory\n"
    files = [file("people.csv", people_file("N-1,Ito,Mai,F,1970-05-01")), file("labs.csv", labs)]
    drop(window, files)
    expect(page.get_by_text("Nothing is stored yet")).to_be_visible()
    assert not own_clinic.patients.exists()
    expect(page.get_by_role("region", name="labs.csv: problems")).to_contain_text("Row 6, AST")
    window.examine("upload-preview")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    window.examine("upload-stored")
    page.get_by_role("link", name="Ito, Mai").click()
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("112 → 34 U/L")
    window.settled()

    drop(window, files)
    expect(page.get_by_text("No new rows: storing would add nothing.")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Discarded: nothing was stored.")).to_be_visible()
    window.examine("uploads")
    page.get_by_role("row", name=re.compile("labs.csv.*Stored")).get_by_role("link").click()
    page.get_by_role("link", name="Undo …", exact=True).click()
    window.examine("upload-undo")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: what these files brought is withdrawn.")).to_be_visible()


def test_a_file_that_cannot_be_read_says_why(visit, own_clinic):
    window = visit("data_manager", own_clinic)
    drop(window, [file("empty.csv", ""), file("noise.csv", "\0\1\2\3"), file("short.csv", "mrn,sex\n1,F\n")])
    alerts = window.page.get_by_role("alert")
    expect(alerts).to_have_count(3)
    expect(window.page.get_by_text("Nothing of this file is stored.")).to_have_count(3)
    window.examine("upload-refused")


NUMBERS = re.compile(r"A[LS]T fell \d+ → \d+ U/L .*INR.* \d\.\d → \d\.\d")
DAYS = [
    ("2025-08-11", "Pattern Possible"),
    ("2025-08-17", "Pattern Possible"),
    ("2025-08-18", "Pattern Possible"),
    ("2025-08-19", "Severity Critical · today"),
    ("2025-08-20", "Severity Critical · today"),
    ("2025-08-21", "Severity Critical · today"),
]


def test_the_real_files_are_read_and_the_verdict_moves_with_the_date(visit, own_clinic, shared_data):
    with worker():
        read_the_real_files(visit("clinician", own_clinic), own_clinic, shared_data)


def read_the_real_files(window, own_clinic, shared_data) -> None:
    page = window.page
    names = ("patients", "diagnoses", "events", "labs")
    files = [shared_data / "mimic-iv-demo" / f"{name}.csv" for name in names]
    drop(window, files)
    read = {
        name: page.locator("section.file", has_text=f"{name}.csv").locator(".tile.read dd") for name in names
    }
    expect(read["patients"]).to_have_text("57")
    expect(read["labs"]).to_have_text("10,236")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    window.examine("real-stored")
    assert own_clinic.patients.count() == 57
    # Of a large file the courses are read by the worker too.
    until(lambda: not AssessmentMark.objects.filter(clinic=own_clinic).exists())

    drop(window, files)
    expect(page.get_by_text("No new rows: storing would add nothing.")).to_be_visible()
    watch_the_dates(window)
    for mrn, drug in (("10004235", "Warfarin"), ("10014354", "Rivaroxaban")):
        open_by_search(window, mrn)
        expect(page.locator("main")).to_contain_text(drug)
        if mrn == "10004235":
            # The latest INR is normal: a drug that only raises it cannot make it look so.
            expect(page.get_by_role("region", name="Verdict")).to_contain_text("not raised although on")
            expect(page.get_by_role("region", name="Verdict")).to_contain_text(drug)
        window.examine(f"real-{mrn}")


def watch_the_dates(window) -> None:
    page = window.page
    verdict = page.get_by_role("region", name="Verdict")
    open_by_search(window, "10007818")
    for day, words in DAYS:
        open_menu(page)
        page.get_by_text("as of…").click()
        page.get_by_label("Date", exact=True).fill(day)
        page.get_by_label("Time", exact=True).fill("")
        page.locator(".menu form button").click()
        expect(page.locator(".banner.past")).to_be_visible()
        expect(verdict).to_contain_text(words)
        expect(verdict).to_contain_text(NUMBERS)
        expect(page.locator("#orders")).to_contain_text("Hepatology review")
        window.settled()
    window.examine("real-as-of")


def open_by_search(window, mrn: str) -> None:
    window.go("/")
    window.page.get_by_role("searchbox").fill(mrn)
    window.page.keyboard.press("Enter")
    window.page.locator("table.worklist tbody th a").click()
    window.settled()
