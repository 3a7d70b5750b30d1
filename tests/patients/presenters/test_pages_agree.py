"""The patient page, its tabs and the worklist say the same of one patient."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from patients.actions.assess import assess
from patients.models import Assessment, Diagnosis, Event, Patient
from patients.presenters.worklist.rows import Row, row

DAY = timedelta(days=1)


@pytest.fixture
def page(client, clinician):
    """page(patient): its words, tags taken out."""
    client.force_login(clinician)

    def page(patient: Patient) -> str:
        found = client.get(reverse("patients:detail", args=[patient.uuid])).content.decode()
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found))

    return page


def row_of(patient: Patient) -> Row:
    assess([patient.pk])
    return row(
        Assessment.objects.select_related("patient").get(pk=patient.pk), patient.clinic, timezone.now()
    )


@pytest.fixture
def aged(patient, make_draw) -> Patient:
    """For today 60 days ago, and nothing measured since."""
    for days, inr, alt in ((100, 1.2, 420), (60, 2.9, 82)):
        make_draw(patient, timezone.now() - days * DAY, INR=inr, ALT=(alt, 40), bilirubin_total=210)
    taken = {"started_at": timezone.now() - 72 * DAY, "ended_at": timezone.now() - 61 * DAY}
    Event.objects.create(patient=patient, kind="antibiotic", label="Ceftriaxone", **taken)
    return patient


ASKED = ("To exclude", "as considered", "Exclude first")


def test_of_the_dead_nothing_is_asked_anywhere(aged, page):
    before = page(aged)
    assert all(words in before for words in ASKED)
    assert row_of(aged).besides.endswith("no result since: call")
    aged.died_on = timezone.now().date() - 50 * DAY
    aged.save()
    after = page(aged)
    assert "nothing is left to do" in after
    assert not any(words in after for words in ASKED)
    assert "call" not in row_of(aged).besides + row_of(aged).in_short


def test_of_who_is_left_out_no_test_of_the_checklist_is_asked_or_counted(overdue, leave, page):
    before = page(overdue)
    assert "8 late" in before and "Core checklist" in before
    leave()
    after = page(overdue)
    assert "8 late" not in after and "Core checklist" not in after
    assert "not counted" in after and row_of(overdue).overdue == 0


def test_what_was_never_asked_for_is_late_nowhere(patient, page):
    said = page(patient)
    assert "Overdue" not in said and " late" not in said and "Core checklist" in said
    assert (row_of(patient).overdue, row_of(patient).never_done) == (0, 0)
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    said = page(patient)
    assert "Never done" in said and "8 never done" in said and "Overdue" not in said
    assert [line.text for line in row_of(patient).lines] == ["Never done: all 8 tests"]
