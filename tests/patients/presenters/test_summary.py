"""The one-page summary of a patient."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from patients.actions.people import add_event
from patients.actions.reviews import review_cause
from patients.models import Diagnosis
from patients.presenters.paper.summary import in_short
from tests.words import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def falling(patient, make_draw):
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    begin = datetime.now(UTC) - timedelta(days=160)
    for days, alt, inr in [(0, 120, 1.2), (75, 80, 1.4), (150, 40, 1.7)]:
        make_draw(patient, begin + timedelta(days=days), ALT=(alt, 40), INR=(inr, 1.2), albumin=35)
    return patient


@pytest.fixture
def page(client, viewer):
    client.force_login(viewer)
    return client


def sheet(page, patient, query="") -> str:
    answer = page.get(reverse("patients:summary", args=[patient.uuid]) + query)
    assert answer.status_code == 200
    return unescape(words_of(answer))


def test_it_says_who_what_and_what_is_open_and_draws_without_a_script(page, falling, clinician):
    review_cause(
        patient=falling, by=clinician, cause="vitamin_k_deficiency", verdict="excluded", note="", seen=None
    )
    said = sheet(page, falling)
    assert 'data-who="Ada Okafor, MRN N-100, born 2 Apr 1961"' in said
    assert "120 → 40 U/L (−67 %)" in said and "40 (1.00 ×)" in said
    assert '<svg class="drawn"' in said and "plotly" not in said
    assert "Excluded: Vitamin K deficiency." in said
    assert "6-month checklist" in said and "Sources: S17" in said
    assert "Not reviewed by a clinician yet." in said


def test_it_says_what_to_do_what_happened_and_has_a_line_to_sign(page, falling, clinician):
    begin = datetime.now(UTC) - timedelta(days=20)
    add_event(patient=falling, by=clinician, kind="antibiotic", label="Ceftriaxone", started_at=begin)
    said = sheet(page, falling)
    assert re.search(r'<h2 id="to-do-title">\s+What to do:', said) and "Tests to ask for: " in said
    assert "Drugs and events:" in said and "Antibiotic (Ceftriaxone)" in said
    assert "<span>Read by</span><span>Signature</span><span>Date and time</span>" in said


def test_of_many_events_the_latest_are_told_and_the_others_counted(page, falling, clinician):
    for days in range(8):
        at = datetime.now(UTC) - timedelta(days=days + 1)
        add_event(patient=falling, by=clinician, kind="note", label=f"Note {days}", started_at=at)
    said = sheet(page, falling)
    assert "Note 4" in said and "Note 5" not in said and "; and 3 more." in said


def test_an_earlier_day_shows_what_was_collected_by_then(page, falling):
    day = f"{datetime.now(UTC) - timedelta(days=60):%Y-%m-%d}"
    said = sheet(page, falling, f"?as_of={day}")
    assert "80 (2.00 ×)" in said and "40 (1.00 ×)" not in said
    assert page.get(reverse("patients:summary", args=[falling.uuid]) + "?as_of=never").status_code == 400


def test_without_results_it_is_still_a_sheet(page, patient):
    assert "there is nothing to draw yet" in sheet(page, patient)


def test_as_many_queries_for_many_draws(page, falling, make_draw, django_assert_max_num_queries):
    for days in range(40):
        make_draw(falling, datetime.now(UTC) - timedelta(days=days, hours=3), ALT=(50, 40), INR=1.5)
    with django_assert_max_num_queries(17):
        said = sheet(page, falling)
    assert "the last 5 of 43" in said


def test_sources_are_named_once_and_short():
    assert in_short(["S17", "S24", "S17"]) == "S17, S24"
    assert in_short(["S17", "ED"]) == "S17"
    assert in_short([]) == ""


def test_the_patient_page_leads_to_it(page, falling):
    answer = page.get(reverse("patients:detail", args=[falling.uuid]))
    assert reverse("patients:summary", args=[falling.uuid]).encode() in answer.content
