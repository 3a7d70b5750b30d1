"""How far a long piece of work is, told while it runs; and whether anybody still works on it."""

import time
from contextlib import suppress

import psycopg
from django.db import connection

from uploads.models import Job

# What a worker does, as the page says it.
STAGES = {
    "reading": "Reading the file",
    "matching": "Comparing with the record",
    "storing": "Storing",
    "assessing": "Reading the patients’ courses anew",
    "undoing": "Taking back what the files brought",
}
# Seconds between two writes of one stage.
PAUSE = 0.5
# The first key of the advisory locks by which workers hold jobs; the second one is the job.
LOCK = 0x11FE


class Cancelled(Exception):
    """A person does not want this any more."""


class Interrupted(Exception):
    """The worker is asked to stop: another one goes on."""


class JobHeld(Exception):
    """Another worker is busy with this job."""


class Progress:
    """Of work that nobody watches: says nothing."""

    def stage(self, name: str, total: int | None = None) -> None:
        """From now on it does this, of so many rows if the number is new."""

    def advance(self, rows: int) -> None:
        """So many more rows are done."""


SILENT = Progress()


class JobProgress(Progress):
    """Writes into the job on a connection of its own, at once seen by everybody.

    That connection holds the job: whether it lives is what tells a worker at work from a dead one.
    `stopping` says whether the worker is asked to stop.
    """

    def __init__(self, job: Job, stopping=lambda: False) -> None:
        self._job, self._stopping = job, stopping
        self._done = self._total = 0
        self._stage, self._written = "", 0.0

    def __enter__(self) -> "JobProgress":
        params = connection.get_connection_params()
        self._connection = psycopg.connect(**params, autocommit=True)
        try:
            # A machine that is gone is noticed within half a minute.
            self._connection.execute(
                "SELECT set_config('tcp_keepalives_idle', '10', false), "
                "set_config('tcp_keepalives_interval', '5', false), "
                "set_config('tcp_keepalives_count', '4', false)"
            )
            held = self._connection.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, self._job.pk])
            if not held.fetchone()[0]:
                raise JobHeld
        except BaseException:
            self._connection.close()
            raise
        return self

    def __exit__(self, *exc) -> None:
        with suppress(psycopg.Error):
            self._connection.close()

    def stage(self, name: str, total: int | None = None) -> None:
        if total is not None:
            self._done, self._total = 0, total
        changed, self._stage = name != self._stage, name
        self._write(changed or total is not None)

    def advance(self, rows: int) -> None:
        self._done += rows
        self._write(False)

    def _write(self, now: bool) -> None:
        if not now and time.monotonic() - self._written < PAUSE:
            return
        self._written = time.monotonic()
        row = self._connection.execute(
            "UPDATE uploads_job SET stage = %s, done = %s, total = %s, beat_at = now() "
            "WHERE id = %s RETURNING cancel",
            [self._stage, self._done, self._total, self._job.pk],
        ).fetchone()
        if row[0]:
            raise Cancelled
        if self._stopping():
            raise Interrupted


def is_held(job: Job) -> bool:
    """Whether a living worker is busy with it."""
    sql = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s"
    sql += " AND objid = %s AND objsubid = 2 AND database = (SELECT oid FROM pg_database"
    sql += " WHERE datname = current_database()))"
    with connection.cursor() as cursor:
        cursor.execute(sql, [LOCK, job.pk])
        return cursor.fetchone()[0]
