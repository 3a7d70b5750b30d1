"""The patient page, its tabs and the worklist say the same of one patient."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from patients.actions.assess import assess
from patients.actions.noted import note_order
from patients.models import Assessment, Diagnosis, Event, NotedOrder, Patient
from patients.presenters.worklist.rows import Row, row
from patients.words import short_day

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


ASKED = ("To exclude", "as considered", "Likeliest other cause")


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
    assert row_of(patient).lines[-1].text == "Never done: all 8 tests"


@pytest.fixture
def asked(overdue, clinician) -> NotedOrder:
    """All eight tests are overdue and asked for until three days from now."""
    until = timezone.now() + 3 * DAY
    return note_order(patient=overdue, by=clinician, order="checklist", said="asked", until=until)


def test_what_is_asked_for_is_awaited_on_every_page(overdue, asked, page):
    until = short_day(asked.until.astimezone(overdue.clinic.zone), timezone.now())
    found = Assessment.objects.select_related("patient").get(pk=overdue.pk)
    line = row(found, overdue.clinic, timezone.now())
    assert line.lines[-1].text == f"Awaited until {until}: all 8 tests"
    assert (line.overdue, line.lines[-1].state, line.contact.due) == (0, "awaited", False)
    assert found.first_overdue_on == asked.until.astimezone(overdue.clinic.zone).date() + DAY
    said = page(overdue)
    assert said.count(" awaited ") == 8 and "8 late" not in said and "Awaited until" in said


def test_after_its_date_it_is_overdue_again(overdue, asked):
    found = Assessment.objects.select_related("patient").get(pk=overdue.pk)
    later = row(found, overdue.clinic, asked.until + DAY)
    assert later.overdue == 8 and later.lines[0].state == "overdue"


def test_open_again_is_overdue_at_once(overdue, asked, clinician, page):
    note_order(patient=overdue, by=clinician, order="checklist", said="open")
    found = Assessment.objects.select_related("patient").get(pk=overdue.pk)
    assert row(found, overdue.clinic, timezone.now()).overdue == 8
    assert "8 late" in page(overdue) and " awaited " not in page(overdue)


def test_a_slow_rise_is_said_on_the_page_as_in_the_worklist(patient, make_draw, page):
    for days, inr in ((3300, 1.0), (3200, 1.0), (2000, 1.3), (1000, 1.5), (200, 1.7), (20, 1.7)):
        make_draw(patient, timezone.now() - days * DAY, INR=inr, ALT=(60, 40))
    name, course = row_of(patient).slow
    assert name == "INR rising slowly" and f"{name}: {course}" in page(patient)


def test_the_worklist_begins_with_the_first_order_of_the_page(patient, make_draw, page):
    make_draw(patient, timezone.now() - 9 * DAY, INR=1.0, ALT=(160, 40))
    make_draw(patient, timezone.now() - 2 * DAY, INR=1.6, ALT=(60, 40))
    Patient.objects.filter(pk=patient.pk).update(anticoagulant="")
    assert [line.text for line in row_of(patient).lines][0] == "Ask: is an anticoagulant taken?"
    Event.objects.create(patient=patient, kind="vka", label="Warfarin", started_at=timezone.now() - 30 * DAY)
    first = row_of(patient).lines[0]
    assert first.text == "Today: Still taken? Warfarin"
    assert first.text.removeprefix("Today: ") in page(patient)


def test_what_is_done_is_not_asked_again_in_the_worklist(patient, clinician):
    assert "in one sample, twice" in row_of(patient).lines[0].text
    until = timezone.now() + DAY
    note_order(patient=patient, by=clinician, order="measure", said="asked", until=until)
    assert not row_of(patient).lines


def test_what_follows_vitamin_k_stands_in_the_worklist(patient, make_draw, page):
    for days, inr in ((30, 1.2), (6, 1.9), (4, 1.2)):
        make_draw(patient, timezone.now() - days * DAY, INR=inr, ALT=(72, 40))
    Event.objects.create(patient=patient, kind="vitamin_k", started_at=timezone.now() - 5.8 * DAY)
    asked = "Repeat ALT, AST and INR in 24-48 h, and in a week"
    assert asked in page(patient)
    assert f"Today: {asked}" in [line.text for line in row_of(patient).lines]


def test_no_row_asks_for_a_drug_nor_for_tests_of_a_cause_that_can_wait(patient, make_draw, page):
    make_draw(patient, timezone.now() - 300 * DAY, INR=1.2, ALT=(126, 40))
    make_draw(patient, timezone.now() - 10 * DAY, INR=1.5, ALT=(54, 40))
    taken = {"started_at": timezone.now() - 20 * DAY, "ended_at": timezone.now() - 12 * DAY}
    Event.objects.create(patient=patient, kind="antibiotic", label="Ceftriaxone", **taken)
    assert "Vitamin K 10 mg slow IV, as a test" in page(patient)
    assert not [
        line.text for line in row_of(patient).lines if "Vitamin K" in line.text or "history" in line.text
    ]


def test_a_review_noted_as_done_is_no_longer_asked_for_in_the_worklist(patient, make_draw, clinician):
    make_draw(patient, timezone.now() - 18 * DAY, INR=1.2, ALT=(210, 40), bilirubin_total=60)
    make_draw(patient, timezone.now() - 4 * DAY, INR=1.9, ALT=(80, 40), bilirubin_total=108)
    assert "Hepatology review" in [line.text for line in row_of(patient).lines]
    note_order(patient=patient, by=clinician, order="review_pattern", said="done")
    assert "Hepatology review" not in [line.text for line in row_of(patient).lines]


def test_what_is_asked_first_takes_no_place_from_overdue_tests(patient, make_draw):
    make_draw(patient, timezone.now() - 18 * DAY, INR=1.2, ALT=(210, 40), bilirubin_total=60)
    make_draw(patient, timezone.now() - 4 * DAY, INR=1.9, ALT=(80, 40), bilirubin_total=108)
    Patient.objects.filter(pk=patient.pk).update(anticoagulant="")
    asked, review, tests = row_of(patient).lines
    assert (asked.text, review.text) == ("Ask: is an anticoagulant taken?", "Hepatology review")
    assert tests.state == "overdue" and "INR" in tests.text
