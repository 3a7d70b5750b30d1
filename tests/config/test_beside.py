"""The worker beside the server ends with it, however that ends."""

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
# In place of gunicorn's first process: starts config.beside as config.serve does.
SERVER = """
import sys
from types import SimpleNamespace
import config.serve
config.serve.BESIDE = sys.argv[1:]
server = SimpleNamespace()
config.serve.when_ready(server)
sys.stdin.read()
config.serve.on_exit(server)
"""


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
        [sys.executable, "-c", SERVER, sys.executable, str(beside)],
        cwd=PROJECT,
        env={**os.environ, "WITH_WORKER": "true", "PYTHONPATH": str(PROJECT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
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
