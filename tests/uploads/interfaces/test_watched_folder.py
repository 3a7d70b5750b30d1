"""A watched folder: whole files only, put away, nothing lost."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from patients.models import Patient, Result
from tests.uploads.files import PEOPLE, labs
from tests.waiting import PATIENCE, until
from uploads.interfaces.watched_folder import TRIES, WatchedFolder, alone
from uploads.models import Upload


@pytest.fixture
def feed(tmp_path):
    """A feed that stores nothing; `feed.stored` has the names that it was given."""
    stored, said = [], []

    def store(files):
        stored.append([file.name for file in files])
        return {}

    made = WatchedFolder(tmp_path, store, said.append, settle=5, largest=1000)
    made.stored, made.said = stored, said
    return made


def test_a_file_is_taken_once_it_has_not_changed_for_a_while(feed, tmp_path):
    path = tmp_path / "labs.csv"
    path.write_text("a")
    assert feed.round(0) == 0 and feed.stored == []
    assert feed.round(4.9) == 0 and feed.stored == []
    path.write_text("ab")
    feed.round(5)
    feed.round(9.9)
    assert feed.stored == []
    feed.round(10)
    assert feed.stored == [["labs.csv"]]
    assert not path.exists() and (tmp_path / "done/labs.csv").read_text() == "ab"


@pytest.mark.parametrize("name", [".hidden", "labs.csv.part", "labs.TMP", "labs.csv~", "x.filepart"])
def test_what_is_being_written_is_left(feed, tmp_path, name):
    (tmp_path / name).write_text("a")
    feed.round(0)
    feed.round(60)
    assert feed.stored == [] and (tmp_path / name).exists()


def test_folders_and_links_are_left(feed, tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "link").symlink_to("/etc/hostname")
    feed.round(0)
    feed.round(60)
    assert feed.stored == []


def test_files_go_together_as_far_as_memory_allows(feed, tmp_path):
    for name, size in (("a", 400), ("b", 600), ("c", 1), ("d", 2000)):
        (tmp_path / name).write_text("x" * size)
    feed.round(0)
    feed.round(5)
    assert feed.stored == [["a", "b"], ["c"], ["d"]]


def test_an_earlier_file_of_the_same_name_is_kept(feed, tmp_path):
    for text in ("one", "two"):
        (tmp_path / "labs.csv").write_text(text)
        feed.round(0)
        feed.round(5)
    assert sorted(path.read_text() for path in (tmp_path / "done").iterdir()) == ["one", "two"]


def test_a_refused_file_says_why_beside_it(feed, tmp_path):
    feed.store = lambda files: {"labs.csv": "No header."}
    (tmp_path / "labs.csv").write_text("x")
    feed.round(0)
    assert feed.round(5) == 1
    assert (tmp_path / "failed/labs.csv").exists()
    assert (tmp_path / "failed/labs.csv.why.txt").read_text() == "No header.\n"


def test_while_the_database_is_away_files_stay(feed, tmp_path):
    def away(files):
        raise OperationalError

    feed.store = away
    (tmp_path / "labs.csv").write_text("x")
    feed.round(0)
    for _ in range(TRIES + 1):
        with pytest.raises(OperationalError):
            feed.round(5)
    assert (tmp_path / "labs.csv").exists()


def test_a_file_that_fails_does_not_hold_up_the_others(feed, tmp_path):
    given = []

    def store(files):
        given.append([file.name for file in files])
        if any(file.name == "bad" for file in files):
            raise RuntimeError("secret of a patient")
        return {}

    feed.store = store
    for name in ("bad", "good"):
        (tmp_path / name).write_text("x")
    feed.round(0)
    feed.round(5)
    assert (tmp_path / "done/good").exists() and (tmp_path / "bad").exists()
    feed.round(6)
    assert feed.round(7) == 1
    why = (tmp_path / "failed/bad.why.txt").read_text()
    assert f"failed {TRIES} times (RuntimeError)" in why and "secret" not in why + "".join(feed.said)


def test_two_cannot_watch_one_folder(tmp_path, clinic):
    with alone(tmp_path), pytest.raises(CommandError, match="watches"):
        call_command("watch", str(tmp_path), clinic=clinic.code, once=True, settle=0)


@pytest.fixture
def run(tmp_path, clinic, capsys):
    """run({"a.csv": b"..."}) -> (exit status, printed, complained)."""

    def run(files, **options):
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        status = 0
        try:
            call_command("watch", str(tmp_path), clinic=clinic.code, once=True, settle=0, **options)
        except SystemExit as end:
            status = end.code
        return status, *capsys.readouterr()

    return run


def test_results_before_their_patients_by_name_are_stored_after_them(run, tmp_path):
    status, out, _ = run({"a-labs.csv": labs("N-1,2025-01-01,ALT,40,U/L,,"), "b-people.csv": PEOPLE.encode()})
    assert (status, Patient.objects.count(), Result.objects.count()) == (0, 2, 1)
    assert "a-labs.csv: 1 read, 1 new" in out
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["a-labs.csv", "b-people.csv"]
    assert "N-1" not in out


def test_a_file_that_is_refused_goes_to_failed_and_the_others_are_stored(run, tmp_path):
    status, _, err = run({"notes.csv": b"hello,world\n1,2\n", "people.csv": PEOPLE.encode()})
    assert (status, Patient.objects.count()) == (1, 2)
    assert "names no columns that are known" in (tmp_path / "failed/notes.csv.why.txt").read_text()
    assert "notes.csv: refused" in err


def test_the_same_file_again_stores_nothing_and_is_done(run, tmp_path):
    run({"people.csv": PEOPLE.encode()})
    status, out, _ = run({"people.csv": PEOPLE.encode()})
    assert status == 0 and "2 same" in out
    assert len(list((tmp_path / "done").iterdir())) == 2 and Upload.objects.count() == 2


def test_too_large_a_file_is_put_away(run, tmp_path, settings):
    settings.MAX_UPLOAD_MB = 1
    status, _, err = run({"big.csv": b"x" * (1024 * 1024 + 1)})
    assert status == 1 and "larger than 1 MB" in err
    assert (tmp_path / "failed/big.csv").exists()


@pytest.mark.parametrize(
    ("folder", "code", "said"), [("nothing", "north", "no folder"), ("", "nowhere", "No clinic")]
)
def test_what_is_wrong_is_said(tmp_path, clinic, folder, code, said):
    with pytest.raises(CommandError, match=said):
        call_command("watch", str(tmp_path / folder), clinic=code)


def test_term_stops_it(tmp_path):
    """As a service is stopped, in a process of its own; its clinic is not there, nor is it needed here."""
    code = (
        "import sys, time, threading, pathlib\n"
        "import os; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n"
        "import django; django.setup()\n"
        "from uploads.interfaces.watched_folder import WatchedFolder\n"
        "from uploads.management.commands.watch import Command\n"
        f"feed = WatchedFolder(pathlib.Path({str(tmp_path)!r}), lambda files: {{}}, print, 0, 1000)\n"
        "print(Command().until_stopped(feed, 0.1))\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ, cwd=Path.cwd()
    )
    assert running.stdout.readline().startswith("Watching")
    (tmp_path / "x.csv").write_text("x")
    until((tmp_path / "done/x.csv").exists)
    running.send_signal(signal.SIGTERM)
    said, _ = running.communicate(timeout=PATIENCE)
    assert (running.returncode, said.strip()) == (0, "0")
    assert (tmp_path / "done/x.csv").exists()
