"""A large file is stored with its patients marked; read by workers it ends as a small one does."""

from datetime import timedelta
from itertools import chain

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from patients.actions.marks.work import assess_marked
from patients.models import Assessment, AssessmentMark, Notice
from patients.tasks import assess_marked_batch, hand_over_marked, take_up_marked
from tests.uploads.files import PEOPLE, labs
from tests.uploads.workers import work_until_done
from uploads import actions
from uploads.actions import running
from uploads.models import Job
from uploads.staging import jobs

pytestmark = pytest.mark.django_db
OF_THE_MOMENT = ("patient_id", "clinic_id", "assessed_at")


@pytest.fixture
def large(monkeypatch) -> None:
    monkeypatch.setattr(running, "MANY", 3)


def course(mrn: str, days: float, *values: tuple[str, float]) -> list[str]:
    at = timezone.now() - timedelta(days=days)
    units = {"ALT": "U/L", "INR": ""}
    return [f"{mrn},{at:%Y-%m-%d %H:%M},{test},{value},{units[test]},," for test, value in values]


def files() -> list[tuple[str, bytes]]:
    falls = [
        line
        for days, alt, inr in [(90, 120, 1.2), (45, 80, 1.6), (30, 40, 3.1)]
        for mrn in ("N-1", "N-2")
        for line in course(mrn, days, ("ALT", alt), ("INR", inr if mrn == "N-2" else inr + 0.5))
    ]
    return [("people.csv", PEOPLE.encode()), ("labs.csv", labs(*falls))]


def summaries() -> list[dict]:
    rows = list(Assessment.objects.order_by("sort_name").values())
    return [{name: value for name, value in row.items() if name not in OF_THE_MOMENT} for row in rows]


def notices() -> list[tuple]:
    return list(Notice.objects.order_by("kind", "count").values_list("kind", "count", "in_short"))


def confirmed(clinic, by) -> None:
    batch = actions.preview(contents=files(), clinic=clinic, by=by)
    actions.confirm(batch=batch, by=by)


def test_stored_by_the_command_all_are_assessed_once_it_returns(clinic, data_manager, large):
    actions.store(contents=files(), clinic=clinic, by=data_manager)
    assert Assessment.objects.count() == 2 and not AssessmentMark.objects.exists()


def test_a_large_file_ends_as_a_small_one_does(clinic, other_clinic, data_manager, monkeypatch):
    confirmed(clinic, data_manager)
    small, told = summaries(), notices()
    assert small and told == [("history", 2, "")] and not AssessmentMark.objects.exists()
    Assessment.objects.all().delete()
    Notice.objects.update(lapsed_at=timezone.now())
    monkeypatch.setattr(running, "MANY", 3)
    confirmed(other_clinic, data_manager)
    assert not Assessment.objects.exists() and AssessmentMark.objects.filter(changed=True).count() == 2
    assert list(AssessmentMark.objects.order_by("-inr").values_list("inr", flat=True)) == [3.6, 3.1]
    while assess_marked(limit=1):
        pass
    assert summaries() == small
    # One line of the upload, whatever the batches.
    assert [(n.kind, n.count) for n in Notice.objects.open()] == [("history", 2)]


def test_a_large_file_taken_back_ends_as_a_small_one_does(clinic, other_clinic, data_manager, monkeypatch):
    def taken_back(where) -> tuple[list, list]:
        people, results = files()
        actions.store(contents=[people, results], clinic=where, by=data_manager)
        more = labs(*course("N-2", 2, ("ALT", 30), ("INR", 5.5)))
        uploads = actions.store(contents=[("more.csv", more)], clinic=where, by=data_manager)
        actions.undo(uploads=uploads, by=data_manager)
        assert AssessmentMark.objects.filter(changed=True, upload=None).exists() == (running.MANY == 1)
        while assess_marked():
            pass
        raised = Notice.objects.filter(clinic=where).order_by("kind", "count", "in_short")
        found = summaries(), list(raised.values_list("kind", "count", "in_short", "reason"))
        Assessment.objects.all().delete()
        return found

    small = taken_back(clinic)
    monkeypatch.setattr(running, "MANY", 1)
    assert taken_back(other_clinic) == small


def test_people_who_came_with_a_large_file_leave_every_list_with_it(clinic, data_manager, large):
    uploads = actions.store(contents=files(), clinic=clinic, by=data_manager)
    assert Assessment.objects.count() == 2
    actions.undo(uploads=uploads, by=data_manager)
    assert not Assessment.objects.exists() and not AssessmentMark.objects.exists()


def test_workers_are_told_of_marks_once_and_again_each_minute(clinic, data_manager, large):
    confirmed(clinic, data_manager)
    waiting = ProcrastinateJob.objects.filter(task_name="patients.assess_marked", status="todo")
    assert waiting.count() == 1
    hand_over_marked()
    assert waiting.count() == 1
    # As if the worker that had them were dead.
    waiting.update(status="failed")
    take_up_marked(0)
    assert waiting.count() == 1
    assess_marked_batch(0)
    assert not AssessmentMark.objects.exists() and Assessment.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_stores_a_large_file_and_assesses_it(clinic, data_manager, monkeypatch):
    clinic.time_zone = "UTC"
    clinic.save()
    hours = (course("N-1", 9 + n / 24, ("ALT", 40), ("INR", 1.1)) for n in range(2600))
    many = [("labs.csv", labs(*chain.from_iterable(hours)))]
    actions.store(contents=files()[:1], clinic=clinic, by=data_manager)
    batch = actions.preview(contents=many, clinic=clinic, by=data_manager)
    jobs.start(batch=batch, task=Job.Task.STORE, by=data_manager)
    work_until_done()
    assert Job.objects.get().outcome == "Stored: 5,200 new rows."
    assert not AssessmentMark.objects.exists()
    assert Assessment.objects.get(patient__mrn="N-1").last_draw_at is not None
