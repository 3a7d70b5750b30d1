"""How the installation is: what the database, the queue and the disk say of themselves."""

import time
from dataclasses import dataclass
from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.db.models.functions import Extract, Now

from accounts.models import Backup

# A worker says that it lives every ten seconds.
WORKER_SEEN = 60
# What can be done now, since when it can, and when a worker was seen last.
_QUEUE = """
    SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0),
           (SELECT extract(epoch FROM clock_timestamp() - max(last_heartbeat)) FROM procrastinate_workers),
           (SELECT count(*) FROM procrastinate_workers
            WHERE last_heartbeat > clock_timestamp() - make_interval(secs => %s))
    FROM (
        SELECT coalesce(scheduled_at, (SELECT max(at) FROM procrastinate_events WHERE job_id = job.id)) AS since
        FROM procrastinate_jobs AS job
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= clock_timestamp())
    ) AS due
"""


@dataclass(frozen=True)
class Queue:
    """`oldest`: seconds for which the oldest job that can be done waits.

    `seen`: seconds since a worker was seen, or None; `workers`: how many were seen of late.
    """

    waiting: int
    oldest: float
    seen: float | None
    workers: int


def database_seconds() -> float:
    """How long the database takes for the smallest answer, over a connection that is there."""
    connection.ensure_connection()
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return time.perf_counter() - began


def missing_migrations() -> list[str]:
    """The last of each app that this version has and the database has not."""
    applied = MigrationRecorder(connection).applied_migrations()
    return [f"{app}.{name}" for app, name in _last_migrations() if (app, name) not in applied]


@cache
def _last_migrations() -> list[tuple[str, str]]:
    return sorted(MigrationLoader(None).graph.leaf_nodes())


def queue() -> Queue:
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, [WORKER_SEEN])
        waiting, oldest, seen, workers = cursor.fetchone()
    return Queue(waiting, float(oldest), None if seen is None else float(seen), workers)


def backup_seconds() -> float | None:
    """Since the moment that the last backup holds; None: none was made."""
    age = Backup.objects.aggregate(age=Extract(Now() - Max("at"), "epoch"))["age"]
    return None if age is None else float(age)
