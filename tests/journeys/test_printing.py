"""What is printed: pages counted in the PDF that Chromium makes, and their pictures kept to look at."""

import csv
import re
from io import StringIO

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from meetings.actions import agenda, meetings
from meetings.actions.closing import close_meeting
from meetings.actions.figures import count_figures
from meetings.actions.outcomes import save_outcome
from patients.models import Patient
from tests.meetings.attending import everybody_came
from uploads import actions

from .browsing import open_review, open_tab
from .printing import check_pages, printed, words_of

# A real patient with 56 draws of enzymes and INR among 70 (MIMIC-IV demo).
REAL = "10020740"


def test_a_summary_is_one_page_for_each_demo_patient(visit, hospital):
    window = visit("clinician")
    for patient in hospital.demo.patients.order_by("mrn"):
        window.go(f"/patients/{patient.uuid}/summary/")
        assert printed(window, f"summary-{patient.mrn}") == 1, patient.mrn
    window.go(f"/patients/{hospital.patient('D-0001').uuid}/summary/")
    window.examine("paper-summary")
    assert window.page.locator("svg.drawn polyline").count() > 3


def test_a_summary_of_a_long_stay_is_one_page(visit, own_clinic, shared_data):
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


# The journeys of meetings begin with these as not discussed before.
PROPOSED = ("D-0001", "D-0002", "D-0003", "D-0005", "D-0006", "D-0009", "D-0011", "D-0012")


@pytest.fixture
def meeting(hospital):
    """Sixteen of the demo's people, each with a note."""
    chair = User.objects.get(username="clinician")
    planned = meetings.plan_meeting(
        clinic=hospital.demo, by=chair, title="Meeting on paper", starts_at=timezone.now(), chair=chair
    )
    patients = hospital.demo.patients.exclude(mrn__in=PROPOSED).order_by("mrn")[:16]
    agenda.take(meeting=planned, by=chair, patients={patient: [] for patient in patients})
    return planned


def test_agenda_and_minutes_break_between_patients(visit, hospital, meeting):
    chair = User.objects.get(username="clinician")
    window = visit("clinician")
    window.go(f"/meetings/{meeting.uuid}/")
    window.page.get_by_role("link", name="Print agenda").click()
    window.examine("paper-agenda")
    pages = printed(window, "agenda")
    assert pages == 2
    check_pages(words_of(window, "agenda"), pages, "Agenda: Meeting on paper", meeting)

    meetings.start(meeting=meeting, by=chair)
    for item in meeting.items.all():
        note = "Not a recovery: INR rises and albumin falls. Repeat within a month.\n" * 3
        save_outcome(item=item, by=chair, version=item.version, decision="change", note=note)
    window.go(f"/meetings/{meeting.uuid}/paper/minutes/")
    expect(window.page.locator(".draft")).to_be_visible()
    pages = printed(window, "minutes-draft")
    check_pages(words_of(window, "minutes-draft"), pages, "DRAFT · Minutes: Meeting on paper", meeting)

    everybody_came(meeting, chair)
    close_meeting(meeting=meeting, by=chair)
    window.go(f"/meetings/{meeting.uuid}/paper/minutes/")
    window.examine("paper-minutes")
    expect(window.page.locator(".draft")).to_have_count(0)
    pages = printed(window, "minutes")
    assert pages in (3, 4)
    check_pages(words_of(window, "minutes"), pages, "Minutes: Meeting on paper", meeting)


def test_the_figures_have_charts_tables_and_csv(visit, hospital):
    count_figures(clinic=hospital.demo)
    window = visit("viewer")
    page = window.page
    window.go("/meetings/")
    page.get_by_role("link", name="Figures").click()
    page.locator("[data-figure=figure-grades] .main-svg").first.wait_for()
    window.examine("figures")
    table = page.get_by_role("region", name="Table: Patients by grade")
    expect(table).to_be_hidden()
    page.get_by_text("Table: patients by grade").focus()
    page.keyboard.press("Enter")
    expect(table).to_be_visible()
    window.examine("figures-table")
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").first.click()
    assert started.value.suggested_filename == "demo-grades.csv"


def test_a_letter_is_written_kept_and_printed(visit, hospital):
    patient = hospital.patient("D-0003")
    window = visit("clinician")
    page = window.page
    window.go(f"/patients/{patient.uuid}/")
    window.settled()
    open_review(page)
    page.locator("#signoff").get_by_label(re.compile("Note")).first.fill("Seen.")
    page.locator("#signoff").get_by_role("button", name=re.compile("Sign off")).first.click()
    expect(page.locator("#signoff")).to_contain_text("reviewed")
    window.settled()
    open_tab(page, "Meetings")
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
