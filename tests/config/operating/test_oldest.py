"""A database that is too old stops every process, with a sentence and without a traceback."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import psycopg
import pytest
from django.db import OperationalError, ProgrammingError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from config.operating import oldest

ROOT = Path(__file__).parents[3]
SENTENCE = (
    "PostgreSQL is 14; it must be 15 or later. Bring it up to date, or name another one in DATABASE_URL."
)
# The real server, taken for an older one.
PRETEND = """
import sys
from django.db.backends.postgresql.base import DatabaseWrapper
DatabaseWrapper.pg_version = 140_012
sys.argv = sys.argv[1:]
import runpy
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.mark.parametrize(("number", "is_old"), [(140_012, True), (150_000, False), (180_001, False)])
def test_the_version_is_compared_at_the_first_connection(number, is_old):
    connecting = SimpleNamespace(pg_version=number)
    if is_old:
        with pytest.raises(oldest.TooOld, match=re.escape(SENTENCE)):
            DatabaseWrapper.check_database_version_supported(connecting)
    else:
        DatabaseWrapper.check_database_version_supported(connecting)


def test_a_command_ends_with_the_sentence_alone():
    done = subprocess.run(
        [sys.executable, "-c", PRETEND, "manage.py", "worker"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (1, f"Settings: {SENTENCE}")


def start(failing: Exception) -> None:
    with (
        patch.object(connection, "connection", None),
        patch.object(connection, "ensure_connection", side_effect=failing),
        patch.object(connection, "close"),
    ):
        oldest.stop_if_older()


def test_a_web_server_does_not_begin():
    with pytest.raises(SystemExit, match=re.escape(SENTENCE)):
        start(oldest.TooOld(SENTENCE))


def test_a_web_server_begins_while_the_database_does_not_answer():
    gone = OperationalError()
    gone.__cause__ = psycopg.OperationalError("no answer")
    start(gone)
    with pytest.raises(ProgrammingError):
        start(ProgrammingError())


def test_the_papers_say_the_same():
    said = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    assert set(re.findall(r"PostgreSQL (\d+) or later", said)) == {str(oldest.OLDEST)}
    assert f"is older than PostgreSQL {oldest.OLDEST}" in said
