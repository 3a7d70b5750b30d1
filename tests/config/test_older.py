"""A database made before 0.9: which one is, and what becomes of it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError

from config import embedded, older, prepare

PROJECT = Path(__file__).parents[2]
FIRST = dict.fromkeys(older.APPS, "0001_v0_9")
OURS = {(app, "0001_v0_9") for app in older.APPS}
DJANGOS = {("contenttypes", "0001_initial"), ("auth", "0001_initial"), ("pghistory", "0001_initial")}
BEFORE = {(app, "0001_initial") for app in older.APPS} | {("patients", "0002_initial")}


@pytest.mark.parametrize(
    ("applied", "expected"),
    [
        pytest.param(set(), False, id="an empty database"),
        pytest.param(DJANGOS, False, id="a first start that ended before our tables"),
        pytest.param(DJANGOS | BEFORE, True, id="made before 0.9"),
        pytest.param({("accounts", "0001_initial")}, True, id="made before 0.9, its first start cut short"),
        pytest.param(DJANGOS | OURS, False, id="0.9"),
        pytest.param({("accounts", "0001_v0_9")}, False, id="0.9, its first start cut short"),
        pytest.param(OURS | {("accounts", "0002_v0_9")}, False, id="an app with two initial migrations"),
        pytest.param(OURS | {("patients", "0002_more")}, False, id="later than 0.9"),
        pytest.param(OURS | BEFORE, False, id="brought to 0.9 by replaced migrations"),
        pytest.param(BEFORE | {("accounts", "0001_v0_9")}, True, id="in one app only"),
        pytest.param({("accounts", "0003_more")}, True, id="the first migration was never recorded"),
    ],
)
def test_which_databases_are_older(applied, expected):
    assert older.made_before(applied, FIRST) is expected


def test_todays_database_is_not(db):
    assert not older.is_older()
    assert older.check_database(databases=["default"]) == []


def test_migrate_is_stopped_with_the_remedy(db, monkeypatch):
    monkeypatch.setattr(older, "is_older", lambda: True)
    (error,) = older.check_database(databases=["default"])
    assert "made by a version before 0.9" in error.msg
    assert error.hint


def test_a_database_of_ones_own_is_refused_and_untouched(settings, monkeypatch):
    settings.DATABASE_URL = "postgresql://ada:hush@db.example/liver"
    monkeypatch.setattr(older, "set_aside", lambda *_: pytest.fail("it was moved"))
    with pytest.raises(CommandError, match="Nothing was changed. Name an empty database") as refusal:
        prepare.begin_anew()
    assert "hush" not in str(refusal.value)


def test_the_server_of_others_is_not_stopped(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / ".handle_pids.json").write_text(json.dumps([os.getpid(), 4711]))
    with pytest.raises(ImproperlyConfigured, match="still used by process 4711"):
        embedded.stop(tmp_path)


def test_each_copy_has_a_folder_of_its_own(tmp_path):
    for expected in ("kept", "kept-2", "kept-3"):
        folder = older.unused(tmp_path / "kept")
        assert folder.name == expected
        folder.mkdir()


# Starts a server, writes a table, moves it aside, reads it there and leaves an empty one in its place.
MOVE = """
import psycopg, sys
from datetime import date
from pathlib import Path
import django
from config import embedded, older
var = Path(sys.argv[1])
def connect(folder):
    owner = embedded.start(folder)[1]
    return psycopg.connect(host=owner["HOST"], user=owner["USER"], dbname=owner["NAME"])
with connect(var) as there:
    there.execute("create table kept as select 42 as number")
kept = older.set_aside(var, date(2026, 11, 30))
with connect(kept) as there:
    print(kept.name, there.execute("select number from kept").fetchone()[0])
with connect(var) as here:
    print(here.execute("select count(*) from pg_tables where tablename = 'kept'").fetchone()[0])
"""


@pytest.fixture
def var_dir(settings):
    """Not under pytest's folders: those close themselves to the user whom root's PostgreSQL runs as."""
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        yield folder


def test_the_old_data_is_kept_and_can_be_read(var_dir):
    done = subprocess.run(
        [sys.executable, "-c", MOVE, var_dir],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["before-0.9-2026-11-30 42", "0"], done.stderr


def test_what_is_told_names_the_copy():
    said = older.told(Path("/srv/var/before-0.9-2026-11-30"))
    assert "VAR_DIR=/srv/var/before-0.9-2026-11-30" in said
