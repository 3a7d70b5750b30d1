"""The worker beside the server ends with it, however that ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
# In place of manage.py worker: says that it runs, and that it was told to stop.
STAND_IN = """
import pathlib, signal, sys, time
told = pathlib.Path(sys.argv[1])
def stop(*_):
    told.write_text("stopped")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
told.write_text("runs")
time.sleep(60)
"""
# In place of gunicorn's first process: starts config.beside as config.serve does.
SERVER = """
import sys, time
from types import SimpleNamespace
import config.serve
config.serve.BESIDE = sys.argv[2:]
server = SimpleNamespace()
config.serve.when_ready(server)
if sys.argv[1] == "ends":
    time.sleep(3)
    config.serve.on_exit(server)
else:
    time.sleep(60)
"""


def until(holds) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_the_worker_ends_with_the_server(tmp_path, how):
    told, stand_in = tmp_path / "told", tmp_path / "manage.py"
    stand_in.write_text(STAND_IN)
    beside = tmp_path / "beside.py"
    beside.write_text(
        "import config.beside as beside, sys\n"
        f"beside.COMMAND = [sys.executable, {str(stand_in)!r}, {str(told)!r}]\n"
        "beside.main()\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, how, sys.executable, str(beside)],
        cwd=PROJECT,
        env={**os.environ, "WITH_WORKER": "true", "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: told.exists() and told.read_text() == "runs")
        if how == "is killed":
            os.kill(server.pid, signal.SIGKILL)
        until(lambda: told.read_text() == "stopped")
    finally:
        server.kill()
        server.wait()
