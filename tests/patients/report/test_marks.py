"""Patients that are marked: assessed later, the most urgent first, and never twice or not at all."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from patients.actions.assess import assess
from patients.actions.marks import assess_later, note_inrs, work
from patients.actions.marks.work import assess_all, assess_marked, mark_all
from patients.models import Assessment, AssessmentMark, Patient
from patients.models.marks import TRIES
from patients.worklist.being_assessed import being_assessed
from uploads.models import Upload

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def upload(clinic, data_manager) -> Upload:
    return Upload.objects.create(batch=uuid4(), clinic=clinic, by=data_manager, size=0, state="stored")


@pytest.fixture
def people(clinic, upload, make_draw) -> list[Patient]:
    """Three patients, marked by an upload that brought INR 1.1, 3.1 and 2.1."""
    found = []
    for number, inr in enumerate((1.1, 3.1, 2.1)):
        person = Patient.objects.create(
            clinic=clinic, mrn=f"M-{number}", family_name="F", birth_date=date(1960, 1, 1), sex="M"
        )
        make_draw(person, NOW - timedelta(days=9), ALT=(80, 40), INR=inr)
        found.append((person, inr))
    with assess_later(upload=upload.pk):
        note_inrs((person.pk, inr) for person, inr in found)
        assess(person for person, _ in found)
    return [person for person, _ in found]


def test_marked_patients_are_not_assessed_in_the_transaction(people, clinic):
    assert not Assessment.objects.exists() and AssessmentMark.objects.count() == 3
    assert being_assessed([clinic]).count() == 3


def test_the_highest_inr_is_assessed_first(people):
    assert assess_marked(limit=1) == 1
    assert Assessment.objects.get().patient == people[1]
    assert assess_marked(limit=1) == 1
    assert set(Assessment.objects.values_list("patient", flat=True)) == {people[1].pk, people[2].pk}


def test_marks_and_later_assessments_leave_the_same_as_assessing_at_once(people):
    for _ in assess_all(AssessmentMark.objects.all()):
        pass
    later = list(Assessment.objects.order_by("pk").values())
    Assessment.objects.all().delete()
    assess(people)
    at_once = list(Assessment.objects.order_by("pk").values())
    for row in (*later, *at_once):
        del row["assessed_at"]
    assert later == at_once and len(later) == 3 and not AssessmentMark.objects.exists()


def test_who_is_assessed_by_a_small_write_needs_no_worker(people):
    assess([people[0].pk])
    assert set(AssessmentMark.objects.values_list("pk", flat=True)) == {people[1].pk, people[2].pk}


def test_what_fails_midway_leaves_every_mark(people, monkeypatch):
    """As if the worker had died there: nothing is lost, and the next one goes on."""

    class Died(BaseException):
        pass

    def die(*given, **more):
        raise Died

    monkeypatch.setattr("patients.actions.assess.note", die)
    with pytest.raises(Died):
        assess_marked()
    assert AssessmentMark.objects.count() == 3 and not Assessment.objects.exists()
    monkeypatch.undo()
    assert assess_marked() == 3 and assess_marked() == 0
    assert Assessment.objects.count() == 3


def test_one_who_cannot_be_read_stops_nobody_else(people, monkeypatch):
    real = work.assess

    def assess_but_one(ids):
        if people[1].pk in ids:
            raise ValueError
        real(ids)

    monkeypatch.setattr(work, "assess", assess_but_one)
    for _ in assess_all(AssessmentMark.objects.all()):
        pass
    left = AssessmentMark.objects.get()
    assert (left.pk, left.failed) == (people[1].pk, TRIES)
    assert set(Assessment.objects.values_list("pk", flat=True)) == {people[0].pk, people[2].pk}
    # Whoever changes the record, or reassesses, tries again.
    mark_all(Patient.objects.all())
    assert AssessmentMark.objects.get(pk=people[1].pk).failed == 0


def test_a_mark_of_new_knowledge_hides_no_summary(patient, clinic):
    assess([patient])
    mark_all(Patient.objects.all())
    assert AssessmentMark.objects.get().changed is False and not being_assessed([clinic]).exists()


def test_a_change_of_the_record_weighs_more_than_one_of_knowledge(people):
    mark_all(Patient.objects.all())
    assert AssessmentMark.objects.filter(changed=True).count() == 3
