"""A server as script/server starts it, with a folder of its own, of which any process can be killed."""

import http.client
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from config.embedded import recovery
from tests.benchmarks.cluster import LOCAL, children, free_port, until

ROOT = Path(__file__).parents[2]
# Seconds within which it must have started, and answer.
PATIENCE = 240
EVERYTHING = "everything"


class Server:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.data = folder, free_port(), folder / "var" / "postgres"
        self.backups = folder / "backups"
        self.backups.mkdir()
        self.master: subprocess.Popen | None = None
        self.backup: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.data}"

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "VAR_DIR": str(self.folder / "var"),
            "BIND": f"{LOCAL}:{self.port}",
            "WITH_WORKER": "true",
            "DISK_FREE_MB": "1",
        }
        foreign = ("DATABASE_URL", "MIGRATE_URL", "DJANGO_SETTINGS_MODULE")
        return {name: value for name, value in os.environ.items() if name not in foreign} | ours

    def manage(self, *words: str) -> subprocess.Popen:
        return self._run("manage.py", *words)

    def start(self) -> float:
        """As script/server; gives the seconds that it took. It must work the first time."""
        began = time.monotonic()
        if self._run("-m", "config.prepare").wait(PATIENCE):
            raise SystemExit(f"It did not start: see {self.folder}/log")
        self.master = self._run("-m", "gunicorn", "--config", "python:config.serve", "config.wsgi")
        self.until_ready()
        return time.monotonic() - began

    def until_ready(self) -> None:
        until(self.is_ready, patience=PATIENCE)

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection(LOCAL, self.port, timeout=20)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        self.master.terminate()
        self.master.wait(PATIENCE)

    def back_up(self) -> None:
        self.backup = self.manage("backup", str(self.backups), "--keep", "3")

    def victims(self) -> dict[str, list[int]]:
        """What runs of it now, by kind."""
        below = list(_tree(self.master.pid)) if self.master else []
        said = {pid: _command(pid) for pid in below}
        beside = [pid for pid, words in said.items() if "config.beside" in words]
        worker = [pid for pid, words in said.items() if "worker" in words and "manage.py" in words]
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        rest = recovery.processes(self.data) - {first}
        backup = [self.backup.pid] if self.backup and self.backup.poll() is None else []
        found = {
            "first web process": [self.master.pid],
            "web process": [pid for pid in children(self.master.pid) if pid not in beside],
            "worker": worker,
            "what watches the worker": beside,
            "first process of the database": [first],
            "process of the database": sorted(rest),
            "backup": backup,
        }
        return {kind: pids for kind, pids in found.items() if pids}

    def kill(self, kind: str) -> None:
        victims = self.victims()
        pids = sum(victims.values(), []) if kind == EVERYTHING else [random.choice(victims[kind])]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def mend(self, kind: str) -> float:
        """What an operator does, if anything; gives the seconds that a start took, else 0."""
        if kind in ("first web process", EVERYTHING):
            self.master.wait()
        elif kind in ("first process of the database", "what watches the worker"):
            self.stop()
        else:
            self.until_ready()
            return 0
        return self.start()

    def _run(self, *words: str) -> subprocess.Popen:
        with (self.folder / "log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _tree(parent: int) -> Iterator[int]:
    for pid in children(parent):
        yield pid
        yield from _tree(pid)


def _command(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return []
