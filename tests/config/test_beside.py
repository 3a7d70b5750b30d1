"""The worker beside the server ends with it, however that ends."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import until

PROJECT = Path(__file__).parents[2]
# In place of manage.py worker: says that it runs, and that it was told to stop.
STAND_IN = """
import pathlib, signal, sys
told = pathlib.Path(sys.argv[1])
def stop(*_):
    told.write_text("stopped")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
told.write_text("runs")
signal.pause()
"""
# As a worker that still starts, or waits for its database: it has not yet said what it does when told to stop.
STARTING = """
import fcntl, pathlib, sys, time
told = pathlib.Path(sys.argv[1])
held = told.open("w")
fcntl.flock(held, fcntl.LOCK_EX)
held.write("runs")
held.flush()
time.sleep(600)
"""
# In place of gunicorn's first process: starts config.beside as config.serve does.
SERVER = """
import os, sys
from types import SimpleNamespace
import config.serve
config.serve.BESIDE = sys.argv[1:]
server = SimpleNamespace()
config.serve.when_ready(server)
if os.fork():
    sys.stdin.read()
    config.serve.on_exit(server)
else:
    # A web process: it goes on for a while where the first one is killed.
    config.serve.post_fork(server, None)
    sys.stdin.read()
"""


@pytest.fixture
def told(tmp_path) -> Path:
    """What the worker's stand-in has said last."""
    return tmp_path / "told"


@pytest.fixture
def beside(tmp_path, told) -> Path:
    """config.beside with the stand-in."""
    stand_in, beside = tmp_path / "manage.py", tmp_path / "beside.py"
    stand_in.write_text(STAND_IN)
    beside.write_text(
        "import config.beside as beside, sys\n"
        f"beside.COMMAND = [sys.executable, {str(stand_in)!r}, {str(told)!r}]\n"
        "beside.main()\n"
    )
    return beside


def start(*words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=PROJECT,
        env={**os.environ, "WITH_WORKER": "true", "PYTHONPATH": str(PROJECT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_the_worker_ends_with_the_server(told, beside, how):
    server = start("-c", SERVER, sys.executable, str(beside))
    try:
        until(lambda: told.exists() and told.read_text() == "runs")
        if how == "is killed":
            os.kill(server.pid, signal.SIGKILL)
        else:
            server.stdin.close()
        until(lambda: told.read_text() == "stopped")
    finally:
        server.kill()
        server.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_a_worker_that_still_starts_ends_too_where_what_watches_it_is_killed(tmp_path, told, beside):
    (tmp_path / "manage.py").write_text(STARTING)
    watching = start(str(beside))
    try:
        until(lambda: told.exists() and told.read_text() == "runs")
        assert is_held(told)
        watching.kill()
        until(lambda: not is_held(told))
    finally:
        watching.kill()
        watching.communicate()


def is_held(path: Path) -> bool:
    """Whether somebody who runs has locked it."""
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_the_worker_ends_where_what_watches_it_is_killed(told, beside):
    watching = start(str(beside))
    try:
        until(lambda: told.exists() and told.read_text() == "runs")
        watching.kill()
        until(lambda: told.read_text() == "stopped")
    finally:
        watching.kill()
        watching.communicate()
