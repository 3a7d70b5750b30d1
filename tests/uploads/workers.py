"""A real worker in a process of its own, stopped at a place of one's choosing: there it waits for a lock that
the test holds, so that no code of the product knows of the test."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings
from django.db import connection

from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]


def database_url() -> str:
    """The tests' own database as the runtime role, for another process."""
    given = connection.get_connection_params()
    who = quote(settings.RUNTIME_ROLE or given["user"])
    if given.get("password"):
        who += ":" + quote(given["password"], safe="")
    where = {name: given[name] for name in ("host", "port") if given.get(name)}
    return f"postgresql://{who}@/{quote(given['dbname'])}?{urlencode(where)}"


@contextmanager
def worker(*arguments: str):
    """A running worker; what is left of it is ended."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def work_until_done() -> None:
    """A worker that ends when nothing is left to do."""
    with worker("--once") as process:
        out, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, out.decode()


@contextmanager
def barrier(lock: str):
    """Holds a lock ("patients_result IN SHARE MODE"); yields what waits until a worker stands there."""
    with psycopg.connect(**connection.get_connection_params()) as holder:
        holder.execute(f"LOCK TABLE {lock}")

        def wait_for_it() -> None:
            sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
            until(lambda: holder.execute(sql, [lock.split()[0]]).fetchone()[0])

        yield wait_for_it
        holder.rollback()


def kill(process) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
