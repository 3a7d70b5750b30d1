"""Two batches at once take turns: all patients of all files are locked first, in one order."""

import re
from functools import partial
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.actions.errors import Refused
from patients.models import Patient
from tests.uploads.files import labs
from uploads import actions

pytestmark = pytest.mark.django_db
LABS_OF_2 = labs("N-2,2025-01-01,ALT,40,U/L,,")
EVENTS_OF_1 = b"mrn,kind,started_at\nN-1,vka,2025-01-01 08:00\n"


def first_locked(queries) -> int:
    """How many patients the first statement that locks any locks."""
    sql = next(
        q["sql"] for q in queries if "FOR NO KEY UPDATE" in q["sql"] and '"patients_patient"' in q["sql"]
    )
    assert not any(q["sql"].startswith("INSERT") for q in queries[: [q["sql"] for q in queries].index(sql)])
    return len(re.search(r"IN \((.*?)\)", sql)[1].split(","))


@pytest.fixture
def named():
    return [("labs.csv", LABS_OF_2), ("events.csv", EVENTS_OF_1)]


def test_store_locks_the_people_of_all_files_first(people, named, clinic, data_manager):
    with CaptureQueriesContext(connection) as queries:
        actions.store(contents=named, clinic=clinic, by=data_manager)
    assert first_locked(queries.captured_queries) == 2


def test_confirm_locks_the_people_of_all_files_first(people, named, clinic, data_manager):
    batch = actions.preview(contents=named, clinic=clinic, by=data_manager)
    with CaptureQueriesContext(connection) as queries:
        actions.confirm(batch=batch, by=data_manager)
    assert first_locked(queries.captured_queries) == 2


def test_undo_locks_the_people_of_all_files_first(people, named, clinic, data_manager):
    uploads = actions.store(contents=named, clinic=clinic, by=data_manager)
    with CaptureQueriesContext(connection) as queries:
        actions.undo(uploads=uploads, by=data_manager)
    assert first_locked(queries.captured_queries) == 2


def test_new_people_are_stored_in_the_order_of_their_numbers(put):
    rows = "".join(f"N-{number},Ito,F,1970-01-01\n" for number in (3, 1, 2))
    put(f"mrn,family_name,sex,birth_date\n{rows}".encode())
    assert list(Patient.objects.order_by("pk").values_list("mrn", flat=True)) == ["N-1", "N-2", "N-3"]


def at_once(*jobs) -> list[str]:
    """Runs the jobs at the same moment, each on its own connection; what went wrong."""
    wrong, gate = [], Barrier(len(jobs))

    def run(job):
        gate.wait()
        try:
            job()
        except Refused as refusal:
            wrong.append(refusal.sentence)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@pytest.mark.django_db(transaction=True)
def test_batches_that_name_the_same_people_the_other_way_round_are_both_stored_and_undone(
    people, clinic, data_manager
):
    days = [f"2025-01-{day:02}" for day in range(1, 29)]
    stored = []

    def store(one: str, other: str) -> None:
        results = labs(*(f"{one},{day},ALT,40,U/L,," for day in days))
        events = "mrn,kind,started_at\n" + "".join(f"{other},vka,{day} 08:00\n" for day in days)
        contents = [("labs.csv", results), ("events.csv", events.encode())]
        stored.append(actions.store(contents=contents, clinic=clinic, by=data_manager))

    assert at_once(lambda: store("N-1", "N-2"), lambda: store("N-2", "N-1")) == []
    undo = [partial(actions.undo, uploads=uploads, by=data_manager) for uploads in stored]
    assert at_once(*undo) == []
