"""The drill: back up while people work, restore beside, and compare every table row by row."""

import re
import threading
from collections import Counter

import psycopg
import pytest
from django.db import connection, connections

from accounts.audit import sealing
from config.backups import taking
from patients.models import Draw
from tests.config.backups.conftest import BESIDE, as_owner, restore
from tests.waiting import until

ROWS = "SELECT t::text FROM {} AS t"
SEQUENCES = "SELECT schemaname || '.' || sequencename, coalesce(last_value, 0) FROM pg_sequences"


@pytest.fixture
def work(record, add_draws):
    """Somebody enters draws, and goes on until the test is through."""
    over = threading.Event()

    def enter() -> None:
        minute = 1000
        while not over.is_set():
            add_draws(minute, 1)
            minute += 1
        connections.close_all()

    thread = threading.Thread(target=enter)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.fixture
def same_moment(monkeypatch):
    """A session that sees what the backup saw, for as long as the test lasts."""
    seen = []
    counting = taking.count_rows

    def count(session: psycopg.Connection) -> dict[str, int]:
        witness = as_owner()
        witness.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        witness.execute(
            f"SET TRANSACTION SNAPSHOT '{session.execute('SELECT pg_export_snapshot()').fetchone()[0]}'"
        )
        # The dump reads them after that, and they never fall.
        seen.append((witness, dict(witness.execute(SEQUENCES).fetchall())))
        return counting(session)

    monkeypatch.setattr(taking, "count_rows", count)
    yield seen
    for witness, _ in seen:
        witness.close()


def rows(session: psycopg.Connection, table: str) -> Counter:
    return Counter(session.execute(ROWS.format(table)).fetchall())


def test_what_is_restored_is_what_was_there_row_by_row(work, same_moment, tmp_path, beside):
    until(lambda: Draw.objects.count() > 10)
    taken = taking.take(tmp_path, [])
    ((before, at_least),) = same_moment
    # People went on meanwhile: the backup is of a moment that has passed.
    said = taken.found.manifest
    until(lambda: Draw.objects.count() > said.rows["patients_draw"])
    done = restore(taken.found.path, "--to", beside)
    assert done.returncode == 0, done.stderr
    assert "in each table as many as the backup says" in done.stdout
    assert re.search(r"The chain of audit holds the head of the backup: [1-9]\d* rows", done.stdout)
    with as_owner(dbname=BESIDE) as after:
        tables = connection.introspection.table_names()
        assert sorted(said.rows) == sorted(tables) and said.rows["patients_draw"] > 10
        for table in tables:
            new = rows(after, table) - rows(before, table)
            gone = rows(before, table) - rows(after, table)
            assert not gone, table
            # That it was restored is a row of audit itself.
            assert len(new) == (table == "accounts_purge"), table
        assert after.execute("SELECT statement FROM accounts_purge").fetchall() == [("RESTORE",)]
        assert all(value >= at_least[name] for name, value in after.execute(SEQUENCES).fetchall())


def test_what_is_restored_refuses_as_before(record, tmp_path, beside):
    taken = taking.take(tmp_path, [])
    assert restore(taken.found.path, "--to", beside).returncode == 0
    with as_owner(dbname=BESIDE) as after, pytest.raises(psycopg.DatabaseError, match="kept for good"):
        after.execute("DELETE FROM patients_draw")


def test_a_chain_that_does_not_hold_the_head_is_said(record, tmp_path, beside, monkeypatch):
    """As when the rows of audit were made anew before the dump: the head that was logged is not in them."""
    monkeypatch.setattr(taking, "HEAD", f"SELECT '{'f' * 64}'")
    taken = taking.take(tmp_path, [])
    done = restore(taken.found.path, "--to", beside)
    assert done.returncode == 1 and "is not in this chain" in done.stderr


def test_the_head_is_sealed_just_before(record, tmp_path):
    taken = taking.take(tmp_path, [])
    assert taken.found.manifest.audit_head == sealing.head() != "0" * 64
