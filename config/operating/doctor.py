"""What is wrong with this installation, in sentences that say what to do. It changes nothing."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.conf import settings
from django.db import Error, connection

from accounts.models import Clinic
from config.embedded.roles import REMEDY
from config.operating import health, vitals
from config.operating.oldest import TooOld
from interpretation.words import counted
from uploads import room

# Seconds that two clocks may differ.
DRIFT = 2
DAY = 24 * 3600
ANY_ADDRESS = ("0.0.0.0", "[::]", "::", "")


class Ailment(NamedTuple):
    """`about`: a word for programs."""

    about: str
    sentence: str


def findings() -> list[Ailment]:
    """In the order in which to mend them; without an answer of the database what it would say is left out."""
    found = [finding for look in (_debug, _proxy, _disk) for finding in look()]
    try:
        connection.ensure_connection()
    except TooOld as error:
        return [Ailment("version", str(error)), *found]
    except Error as error:
        # Of a refused connection libpq says where to and why, and no password.
        sentence = (
            f"The database does not answer. Check DATABASE_URL and that the server runs. It says: {error}"
        )
        return [Ailment("database", sentence), *found]
    return found + list(_in_database())


def _in_database() -> Iterator[Ailment]:
    yield from _clock()
    yield from _role()
    missing = list(_migrations())
    # The tables that the others ask may be missing, too.
    for look in () if missing else (_production, _queue, _backup):
        yield from look()
    yield from missing


def _debug() -> Iterator[Ailment]:
    if settings.PRODUCTION and os.environ.get("DEBUG", "").strip().lower() == "true":
        sentence = "DEBUG is true in production, where it has no effect. Take it out of the environment."
        yield Ailment("debug", sentence)


def _proxy() -> Iterator[Ailment]:
    if settings.PRODUCTION and not settings.BEHIND_PROXY:
        yield Ailment(
            "proxy",
            "In production only HTTPS is answered, and BEHIND_PROXY is not true: every page leads to itself. Set it, "
            "and let the proxy set X-Forwarded-Proto and X-Forwarded-For.",
        )
    host = os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")[0]
    if settings.BEHIND_PROXY and host in ANY_ADDRESS:
        yield Ailment(
            "proxy",
            f"BIND is {host or 'every address'} and BEHIND_PROXY is true: whoever reaches that port without the proxy "
            "is believed what it says of itself. Name the address that the proxy reaches, such as 127.0.0.1.",
        )


def _disk() -> Iterator[Ailment]:
    disk = room.disk()
    if disk.is_nearly_full:
        yield Ailment(
            "disk",
            f"{disk.place} has {disk.free_mb} MB of room left; below {settings.DISK_FREE_MB} MB (DISK_FREE_MB) files "
            "and messages are refused. Make room, or move VAR_DIR to a larger disk.",
        )


def _clock() -> Iterator[Ailment]:
    began = time.time()
    theirs = _one("SELECT extract(epoch FROM clock_timestamp())")
    apart = abs(float(theirs) - (began + time.time()) / 2)
    if apart > DRIFT:
        at = datetime.fromtimestamp(began, UTC)
        yield Ailment(
            "clock",
            f"The clocks of this machine ({at:%H:%M:%S} UTC) and of the database are {apart:.0f} s apart. Let both "
            "follow a time server: draws and deadlines are compared by them.",
        )


def _role() -> Iterator[Ailment]:
    if not settings.DATABASE_URL:
        # The embedded database makes its roles itself, and listens to nobody else.
        return
    if _one("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        strong = "is a superuser"
    elif _one(
        "SELECT count(*) FROM pg_class WHERE relname = 'patients_patient' AND relowner = current_user::regrole"
    ):
        strong = "owns the tables"
    else:
        return
    yield Ailment(
        "role",
        f"The role of web and worker processes {strong}: who gets hold of it can change history. {REMEDY}",
    )


def _migrations() -> Iterator[Ailment]:
    if missing := vitals.missing_migrations():
        names = ", ".join(missing)
        yield Ailment("migrations", f"The tables are not up to date ({names}). Run: manage.py migrate")


def _backup() -> Iterator[Ailment]:
    age = vitals.backup_seconds()
    is_late = age is None or age > settings.BACKUP_DAYS * DAY
    if settings.BACKUP_DAYS and is_late and Clinic.objects.filter(is_demo=False).exists():
        since = "No backup was ever made." if age is None else f"The last backup is {age / DAY:.0f} days old."
        yield Ailment(
            "backup",
            f"{since} Run: manage.py backup FOLDER, each night; or set BACKUP_DAYS=0 where backups are made by other "
            "means.",
        )


def _production() -> Iterator[Ailment]:
    if not settings.PRODUCTION and Clinic.objects.filter(is_demo=False).exists():
        yield Ailment(
            "production",
            "A clinic that is no demo is kept here and PRODUCTION is not true: passwords and pages travel without "
            "HTTPS. Set PRODUCTION=true, unless all its patients are invented.",
        )


def _queue() -> Iterator[Ailment]:
    queue = vitals.queue()
    if not queue.workers:
        seen = (
            "No worker is there"
            if queue.seen is None
            else f"No worker was seen for {queue.seen / 60:.0f} min"
        )
        yield Ailment("worker", f"{seen}: large files and marked patients wait. Start: manage.py worker")
    if queue.oldest > health.LONG:
        waits = (
            f"{counted(queue.waiting, 'job waits', 'jobs wait')}, the oldest for {queue.oldest / 60:.0f} min"
        )
        yield Ailment("queue", f"{waits}. Run more workers, or read why they stopped in their log.")


def _one(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
