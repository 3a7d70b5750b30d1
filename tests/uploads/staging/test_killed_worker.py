"""A worker killed at any point leaves nothing or everything, and the next one finishes the work, once."""

import os
import signal
import time

import pytest
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from patients.models import Assessment, Draw, Patient, Result
from tests.uploads.files import PEOPLE, labs
from tests.uploads.workers import barrier, kill, work_until_done, worker
from tests.waiting import until
from uploads import actions
from uploads.management.commands.worker import PATIENCE
from uploads.models import Job, Piece, Upload, UploadRow
from uploads.staging import jobs
from uploads.staging.progress import is_held

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 60
LABS = labs(*(f"N-{1 + n % 2},2025-{1 + n // 28:02}-{1 + n % 28:02},ALT,{40 + n},U/L,," for n in range(ROWS)))
# Where the worker stands when it is killed: the lock that stops it there. Reads wait only for the first kind.
PLACES = {
    "matching": "patients_result IN ACCESS EXCLUSIVE MODE",
    "storing people": "patients_patient IN SHARE MODE",
    "copying draws": "patients_draw IN SHARE MODE",
    "copying results": "patients_result IN SHARE MODE",
    "assessing": "patients_assessment IN SHARE MODE",
    "marking it stored": "uploads_piece IN SHARE MODE",
}


@pytest.fixture
def batch(clinic, data_manager):
    """Two files that wait for confirmation."""
    contents = [("people.csv", PEOPLE.encode()), ("labs.csv", LABS)]
    return actions.preview(contents=contents, clinic=clinic, by=data_manager)


def stored() -> tuple:
    return Patient.objects.count(), Draw.objects.count(), Result.objects.count(), Assessment.objects.count()


NOTHING, EVERYTHING = (0, 0, 0, 0), (2, ROWS, ROWS, 2)


# Each place takes eight seconds: LONG=1 kills at all of them.
@pytest.mark.parametrize("place", PLACES if os.environ.get("LONG") == "1" else list(PLACES)[::2])
def test_killed_while_it_stores_it_leaves_nothing_and_the_next_worker_stores_all_once(
    place, batch, data_manager
):
    jobs.start(batch=batch, task=Job.Task.STORE, by=data_manager)
    with worker() as first:
        with barrier(PLACES[place]) as reached:
            reached()
            kill(first)
        until(lambda: not _busy_connections())
    assert stored() == NOTHING
    assert set(Upload.objects.values_list("state", flat=True)) == {"previewed"}
    job = Job.objects.get()
    assert job.state == "running" and not is_held(job)

    work_until_done()
    assert stored() == EVERYTHING
    job.refresh_from_db()
    assert (job.state, job.attempts, job.outcome) == ("done", 2, f"Stored: {ROWS + 2} new rows.")
    assert not Piece.objects.exists() and UploadRow.objects.count() == ROWS + 2
    # Nothing is left for another worker to do again.
    assert jobs.take_up() == 0 and not ProcrastinateJob.objects.filter(status="todo").exists()


def test_killed_while_it_reads_it_leaves_the_file_and_the_next_worker_reads_it(clinic, data_manager):
    batch = actions.receive(contents=[("people.csv", PEOPLE.encode())], clinic=clinic, by=data_manager)
    jobs.start(batch=batch, task=Job.Task.READ, by=data_manager)
    with worker() as first:
        with barrier("uploads_uploadrow IN SHARE MODE") as reached:
            reached()
            kill(first)
        until(lambda: not _busy_connections())
    assert Upload.objects.get().state == "queued" and not UploadRow.objects.exists()
    work_until_done()
    upload = Upload.objects.get()
    assert (upload.state, upload.new, upload.kept) == ("previewed", 2, True)


def test_killed_after_all_was_stored_it_is_not_stored_again(batch, data_manager):
    job = jobs.start(batch=batch, task=Job.Task.STORE, by=data_manager)
    with worker() as first:
        # The last word of the worker: what it did is committed by then.
        with barrier("uploads_job IN SHARE ROW EXCLUSIVE MODE"):
            pass
        until(lambda: stored() == EVERYTHING)
        kill(first)
    Job.objects.filter(pk=job.pk).update(state="running", attempts=1, ended_at=None, outcome="")
    work_until_done()
    job.refresh_from_db()
    assert (stored(), job.state, job.outcome) == (EVERYTHING, "done", "Stored.")


def test_told_to_stop_it_leaves_the_work_to_the_next_one(batch, data_manager):
    job = jobs.start(batch=batch, task=Job.Task.STORE, by=data_manager)
    with worker() as first:
        with barrier(PLACES["copying results"]) as reached:
            reached()
            first.send_signal(signal.SIGTERM)
            # It gives up what is under way some seconds later.
            time.sleep(PATIENCE + 1)
        first.wait(60)
    job.refresh_from_db()
    assert (stored(), job.state, job.attempts) == (NOTHING, "queued", 0)
    work_until_done()
    assert stored() == EVERYTHING


def test_its_connections_lost_it_is_still_there_and_stores_all_once(batch, data_manager):
    """As when another database takes the place of the one that is gone."""
    job = jobs.start(batch=batch, task=Job.Task.STORE, by=data_manager)
    with worker() as first:
        with barrier(PLACES["copying results"]) as reached:
            reached()
            end_connections()
        until(lambda: not is_held(job))
        job.refresh_from_db()
        # Nobody knows yet what was stored: it is not said to have failed.
        assert (stored(), job.state) == (NOTHING, "running")
        until(jobs.take_up)
        until(lambda: Job.objects.get().state == "done")
        assert first.poll() is None
        first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 0
    assert (stored(), Job.objects.get().outcome) == (EVERYTHING, f"Stored: {ROWS + 2} new rows.")


def end_connections() -> None:
    """Of the worker; the barrier’s own stands in a transaction."""
    sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} AND pid <> pg_backend_pid() AND state <> 'idle in transaction'")


def test_cancelled_while_it_stores_nothing_is_stored_and_it_can_be_started_again(
    batch, manager, data_manager
):
    jobs.start(batch=batch, task=Job.Task.STORE, by=data_manager)
    address = reverse("uploads:preview", args=[batch])
    with worker() as first:
        with barrier(PLACES["copying results"]) as reached:
            reached()
            page = manager.get(address).content.decode()
            assert "<progress" in page and "Storing" in page
            manager.post(reverse("uploads:cancel", args=[batch]))
        until(lambda: Job.objects.get().state == "cancelled")
        assert first.poll() is None
    assert stored() == NOTHING
    page = manager.get(address).content.decode()
    assert "Cancelled: nothing was stored." in page and "Nothing is stored yet" in page
    manager.post(reverse("uploads:again", args=[batch]))
    work_until_done()
    assert stored() == EVERYTHING


def test_a_job_whose_workers_always_die_is_given_up(batch, manager, data_manager):
    job = Job.objects.create(
        batch=batch, task=Job.Task.STORE, by=data_manager, state="running", attempts=jobs.ATTEMPTS
    )
    page = reverse("uploads:preview", args=[batch])
    assert "The worker stopped." in manager.get(page).content.decode()
    work_until_done()
    job.refresh_from_db()
    assert (job.state, stored()) == ("failed", NOTHING)
    assert "A worker stopped 3 times" in manager.get(page).content.decode()


def _busy_connections() -> int:
    """Connections in a transaction, of this database, beside our own."""
    sql = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
