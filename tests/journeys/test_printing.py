"""What is printed: pages counted in the PDF that Chromium makes, and their pictures kept to look at."""

import csv
import re
import subprocess
from io import StringIO

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from meetings.actions import agenda, meetings
from meetings.actions.closing import close_meeting
from meetings.actions.outcomes import save_outcome
from patients.models import Patient
from uploads import actions

# A real patient with 56 draws of enzymes and INR among 70 (MIMIC-IV demo).
REAL = "10020740"
# Every object of a page says so in a PDF that Chromium writes.
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
NOT_PAPER = ".bar, .back, [data-print]"


@pytest.fixture
def printed(visit):
    """printed("name") prints the page in the window: the number of its pages. The screen is dark."""

    def printed(window, name: str) -> int:
        page = window.page
        page.emulate_media(color_scheme="dark", media="print")
        for part in page.locator(NOT_PAPER).all():
            expect(part).to_be_hidden()
        ground = "() => getComputedStyle(document.querySelector('.sheet')).color"
        assert page.evaluate(ground) == "rgb(0, 0, 0)"
        path = window.picture(f"paper-{name}").with_suffix(".pdf")
        written = page.pdf(path=path, prefer_css_page_size=True)
        page.emulate_media(color_scheme="light", media="screen")
        assert b"/MediaBox [0 0 594.9" in written, "the sheet is not A4"
        return len(PAGE.findall(written))

    return printed


def words_of(window, name: str) -> list[str]:
    """The words of each page, where pdftotext is installed."""
    path = window.picture(f"paper-{name}").with_suffix(".pdf")
    try:
        done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("No pdftotext here (package poppler-utils): the words of the pages are not looked at.")
    return done.stdout.split("\f")[:-1]


def test_a_summary_is_one_page_for_each_demo_patient(visit, hospital, printed):
    window = visit("clinician")
    for patient in hospital.demo.patients.order_by("mrn"):
        window.go(f"/patients/{patient.uuid}/summary/")
        assert printed(window, f"summary-{patient.mrn}") == 1, patient.mrn
    window.go(f"/patients/{hospital.patient('D-0001').uuid}/summary/")
    window.examine("paper-summary")
    assert window.page.locator("svg.drawn polyline").count() > 3


def test_a_summary_of_a_long_stay_is_one_page(visit, own_clinic, shared_data, printed):
    folder = shared_data / "mimic-iv-demo"
    files = [(path.name, rows_of(path)) for path in sorted(folder.glob("*.csv"))]
    actions.store(
        contents=files,
        clinic=own_clinic,
        by=User.objects.get(username=f"{own_clinic.code}-data_manager"),
    )
    patient = Patient.objects.get(clinic=own_clinic, mrn=REAL)
    assert patient.draws.count() >= 60
    window = visit("viewer", own_clinic)
    window.go(f"/patients/{patient.uuid}/summary/")
    assert printed(window, "summary-long") == 1


def rows_of(path) -> bytes:
    """The file with the rows of one patient."""
    head, *rows = csv.reader(StringIO(path.read_text(encoding="utf-8")))
    out = StringIO()
    csv.writer(out).writerows([head, *(row for row in rows if REAL in row)])
    return out.getvalue().encode()


@pytest.fixture
def meeting(hospital):
    """Sixteen of the demo's people, each with a note."""
    chair = User.objects.get(username="clinician")
    planned = meetings.plan_meeting(
        clinic=hospital.demo, by=chair, title="Meeting on paper", starts_at=timezone.now(), chair=chair
    )
    patients = hospital.demo.patients.order_by("mrn")[:16]
    agenda.take(meeting=planned, by=chair, patients={patient: [] for patient in patients})
    return planned


def test_agenda_and_minutes_break_between_patients(visit, hospital, meeting, printed):
    chair = User.objects.get(username="clinician")
    window = visit("clinician")
    window.go(f"/meetings/{meeting.uuid}/")
    window.page.get_by_role("link", name="Print agenda").click()
    window.examine("paper-agenda")
    pages = printed(window, "agenda")
    assert pages == 2
    check(words_of(window, "agenda"), pages, "Agenda: Meeting on paper", meeting)

    meetings.start(meeting=meeting, by=chair)
    for item in meeting.items.all():
        note = "Not a recovery: INR rises and albumin falls. Repeat within a month.\n" * 3
        save_outcome(item=item, by=chair, version=item.version, decision="change", note=note)
    window.go(f"/meetings/{meeting.uuid}/paper/minutes/")
    expect(window.page.locator(".draft")).to_be_visible()
    pages = printed(window, "minutes-draft")
    check(words_of(window, "minutes-draft"), pages, "DRAFT · Minutes: Meeting on paper", meeting)

    close_meeting(meeting=meeting, by=chair)
    window.go(f"/meetings/{meeting.uuid}/paper/minutes/")
    window.examine("paper-minutes")
    expect(window.page.locator(".draft")).to_have_count(0)
    pages = printed(window, "minutes")
    assert pages == 3
    check(words_of(window, "minutes"), pages, "Minutes: Meeting on paper", meeting)


def check(words: list[str], pages: int, running: str, meeting) -> None:
    """Each page says what it is and which of how many; each patient stands whole on one page."""
    assert len(words) == pages
    for number, said in enumerate(words, 1):
        assert running in said and f"Page {number} of {pages}" in said
    for item in meeting.items.select_related("patient"):
        holding = [said for said in words if item.patient.mrn in said]
        assert len(holding) == 1, item.patient.mrn
        # The MRN stands at the head of an entry; its grade and what follows are on the same page.
        assert item.patient.family_name in holding[0]


def test_a_letter_is_written_kept_and_printed(visit, hospital, printed):
    patient = hospital.patient("D-0003")
    window = visit("clinician")
    page = window.page
    window.go(f"/patients/{patient.uuid}/")
    window.settled()
    page.locator("#signoff").get_by_label(re.compile("Note")).first.fill("Seen.")
    page.locator("#signoff").get_by_role("button", name=re.compile("Sign off")).first.click()
    expect(page.locator("#signoff")).to_contain_text("reviewed")
    window.settled()
    page.get_by_role("link", name="letter to the referrer").click()
    expect(page.get_by_label("Letter", exact=True)).to_have_value(re.compile("Dear colleague,"))
    window.examine("paper-letter-write")
    page.get_by_label("To", exact=True).fill("Dr Jo Lind\nHigh Street Surgery")
    page.get_by_label("Letter", exact=True).press_sequentially(" PS. Ring me.")
    page.get_by_role("button", name="Keep and go to print").click()
    expect(page.locator(".letter-text")).to_contain_text("PS. Ring me.")
    window.examine("paper-letter")
    assert printed(window, "letter") == 1
    assert f"MRN {patient.mrn}" in words_of(window, "letter")[0]
