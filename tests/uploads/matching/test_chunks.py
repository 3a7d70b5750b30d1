"""Files in chunks: the same outcome as in one, a number of statements that follows the chunks, and two people
who upload one file at the same moment."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from patients.actions.errors import Refused
from patients.models import Assessment, Draw, Patient, Result
from tests.uploads.files import labs
from uploads import actions, matching
from uploads.actions import running
from uploads.importers.records import FilePart
from uploads.importers.row_buffer import HELD, OverflowFile, PartitionedRows, buffered
from uploads.models import Piece, Upload, UploadRow
from uploads.staging import file_store

pytestmark = pytest.mark.django_db
PEOPLE = 40
ROWS = "".join(f"N-{n},Ito,F,1970-01-01\n" for n in range(PEOPLE))
FILE_OF_PEOPLE = f"mrn,family_name,sex,birth_date\n{ROWS}".encode()


TESTS = (("Total bilirubin", 20, "umol/L"), ("ALT", 30, "U/L"), ("INR", 1, ""))


def results(*more: str) -> bytes:
    """Three results of each person and day, far apart in the file; a rival and an odd row at its end."""
    lines = [
        f"N-{n},2025-0{month}-01 08:00,{test},{value + n % 3},{unit},,"
        for month in (1, 2)
        for test, value, unit in TESTS
        for n in range(PEOPLE)
    ]
    return labs(*lines, "N-1,2025-01-01 08:00,ALT,99,U/L,,", "N-2,2025-01-01 08:00,Zonulin,1,U/L,,", *more)


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(matching.files, "CHUNK", 50)


def told() -> list[tuple]:
    names = ("row", "column", "outcome", "reason", "mrn", "text")
    return sorted(UploadRow.objects.values_list(*names))


def kept() -> tuple[list, list]:
    """What the record holds, without numbers that differ from one run to the next."""
    names = ("draw__patient__mrn", "draw__taken_at", "analyte", "value", "status", "status_reason")
    summaries = ("patient__mrn", "grade", "reason", "last_draw_at", "search")
    return sorted(Result.objects.values_list(*names)), sorted(Assessment.objects.values_list(*summaries))


def put(clinic, by):
    contents = [("labs.csv", results()), ("people.csv", FILE_OF_PEOPLE)]
    return actions.store(contents=contents, clinic=clinic, by=by)


def test_a_file_in_chunks_becomes_what_it_becomes_as_a_whole(clinic, other_clinic, data_manager, monkeypatch):
    put(clinic, data_manager)
    whole, rows = kept(), told()
    counts = Upload.objects.values_list("read", "new", "waiting", "notes").order_by("pk")
    first = list(counts.all())
    UploadRow.objects.all().delete()
    Assessment.objects.all().delete()
    monkeypatch.setattr(matching.files, "CHUNK", 50)
    uploads = put(other_clinic, data_manager)
    assert told() == rows
    assert list(counts.all())[2:] == first
    assert kept() == (sorted(whole[0] * 2), whole[1])
    assert len(uploads[1].digests) > 3


def test_a_preview_in_chunks_is_confirmed_in_chunks(small_chunks, clinic, data_manager):
    contents = [("labs.csv", results()), ("people.csv", FILE_OF_PEOPLE)]
    batch = actions.preview(contents=contents, clinic=clinic, by=data_manager)
    assert not Patient.objects.exists() and UploadRow.objects.count() == 6 * PEOPLE + 2 + PEOPLE
    done = actions.confirm(batch=batch, by=data_manager)
    assert not done.moved_on and Result.objects.count() == 6 * PEOPLE + 1
    # Of the file with a test that nobody knows, its bytes are kept until somebody says what it is.
    assert set(Piece.objects.values_list("upload__file", flat=True)) == {"labs.csv"}
    assert UploadRow.objects.count() == 6 * PEOPLE + 2 + PEOPLE


def test_a_record_that_changed_under_one_chunk_stops_all(small_chunks, clinic, data_manager):
    actions.store(contents=[("people.csv", FILE_OF_PEOPLE)], clinic=clinic, by=data_manager)
    batch = actions.preview(contents=[("labs.csv", results())], clinic=clinic, by=data_manager)
    Patient.objects.filter(mrn="N-7").update(birth_date="2025-03-01")
    done = actions.confirm(batch=batch, by=data_manager)
    assert done.moved_on and not Draw.objects.exists()
    assert (done.uploads[0].refused, done.uploads[0].state) == (6, "previewed")


def test_statements_follow_the_chunks_and_not_the_rows(clinic, data_manager, monkeypatch):
    actions.store(contents=[("people.csv", FILE_OF_PEOPLE)], clinic=clinic, by=data_manager)

    def statements(content: bytes) -> int:
        with CaptureQueriesContext(connection) as queries:
            actions.store(contents=[("labs.csv", content)], clinic=clinic, by=data_manager)
        return len(queries)

    def day(month: int) -> bytes:
        return labs(*(f"N-{n},2024-{month:02}-01,ALT,{30 + n},U/L,," for n in range(PEOPLE)))

    few = labs(*(f"N-{n},2024-01-01,ALT,40,U/L,," for n in range(PEOPLE // 4)))
    once = statements(few)
    assert (
        statements(day(2)) - once <= 1
    )  # the summaries of many go by COPY: one statement more to empty them
    monkeypatch.setattr(matching.files, "CHUNK", 10)
    assert statements(day(3)) <= 4 * statements(day(4)[: len(few)]) < 8 * once


def test_the_history_of_copied_rows_names_upload_and_person(clinic, data_manager):
    uploads = put(clinic, data_manager)
    result = Result.objects.filter(draw__patient__mrn="N-3").first()
    (event,) = result.history.all()
    assert (event.pgh_label, event.value) == ("insert", result.value)
    assert event.pgh_context.metadata == {"user": data_manager.pk, "upload": str(uploads[1].uuid)}
    assert result.draw.history.count() == 1


def test_new_tables_are_analysed_once_they_hold_much(clinic, data_manager, monkeypatch):
    monkeypatch.setattr(running, "MANY", 20)
    with CaptureQueriesContext(connection) as queries:
        put(clinic, data_manager)
    assert [q for q in queries.captured_queries if "liver_analyze" in q["sql"]]


def test_rows_on_a_shelf_come_back_in_order_and_by_part(tmp_path):
    overflow = OverflowFile(str(tmp_path))
    rows = [(n, (f"cell {n}",)) for n in range(HELD * 2 + 7)]
    spool = buffered(rows, overflow)
    assert list(spool) == list(spool) == rows and list(spool.below(HELD + 3)) == rows[HELD + 3 :]
    parts = PartitionedRows(3, overflow)
    for row in rows:
        parts.add(row[0] % 3, row)
    assert [parts.take(part) for part in range(3)] == [rows[part::3] for part in range(3)]
    assert not list(tmp_path.iterdir())


def test_a_kept_file_comes_back_as_it_was(clinic, data_manager, monkeypatch):
    monkeypatch.setattr(FilePart, "BLOCK", 10)
    batch = actions.receive(contents=[("people.csv", FILE_OF_PEOPLE)], clinic=clinic, by=data_manager)
    upload = Upload.objects.get(batch=batch)
    assert upload.pieces.count() > 10 and file_store.fetch(upload).content == FILE_OF_PEOPLE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_page", [True, False])
def test_two_who_upload_one_file_at_once_store_it_once_and_the_second_is_told(clinic, data_manager, by_page):
    contents = [("people.csv", FILE_OF_PEOPLE), ("labs.csv", results())]
    batches = [actions.preview(contents=contents, clinic=clinic, by=data_manager) for _ in range(2)]
    gate, done, wrong = Barrier(2), [], []

    def confirm(batch):
        gate.wait()
        done.append(actions.confirm(batch=batch, by=User.objects.get(pk=data_manager.pk)))

    def command():
        gate.wait()
        done.append(actions.store(contents=contents, clinic=clinic, by=data_manager))

    def run(job, *given):
        try:
            job(*given)
        except Refused as refusal:
            wrong.append(refusal.sentence)
        finally:
            connection.close()

    second = (confirm, batches[1]) if by_page else (command,)
    threads = [Thread(target=run, args=args) for args in ((confirm, batches[0]), second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert (Patient.objects.count(), Result.objects.count()) == (PEOPLE, 6 * PEOPLE + 1)
    if by_page:
        assert sorted(one.moved_on for one in done) == [False, True]
    told = Upload.objects.filter(notes__contains="This file was stored on")
    assert told.count() == 2
