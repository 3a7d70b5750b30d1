"""Makes a backup: one snapshot of the database, counted and dumped, in one file that is there whole or not at all."""

import json
import logging
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

import psycopg
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from psycopg.sql import SQL, Identifier
from pyrage.x25519 import Recipient

from accounts.audit import sealing
from accounts.audit.rows import FIRST
from accounts.models import Backup
from config.backups import ages, archive, programs
from config.backups.archive import Archive, Writing
from config.backups.manifest import Manifest
from config.version import VERSION

logger = logging.getLogger("backup")
MB = 1024 * 1024
# What is dumped, compressed: indexes are not, and text takes less than half.
SIZE = """
SELECT coalesce(sum(pg_table_size(oid)), 0)::bigint / 2 FROM pg_class
WHERE relkind = 'r' AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
"""
TABLES = """
SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace ORDER BY 1
"""
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY 1"
RECORD = "SELECT min(applied) FROM django_migrations"
HEAD = "SELECT head FROM accounts_auditseal ORDER BY id DESC LIMIT 1"
UNTOUCHED = "The backup was not made: {}. What was in the folder is as it was."


class Taken(NamedTuple):
    found: Archive
    size: int
    digest: str


def take(folder: Path, keys: list[str]) -> Taken:
    """`keys`: for whom it is encrypted; without any it is not."""
    recipients = ages.recipients(keys)
    _check_folder(folder)
    archive.forget_unfinished(folder)
    _check_room(folder)
    sealing.seal()
    try:
        found = _write(folder, recipients)
        found.check()
    except OSError as error:
        raise CommandError(UNTOUCHED.format(error.strerror or error)) from None
    taken = Taken(found, found.path.stat().st_size, archive.digest_of(found.path))
    _remember(taken)
    return taken


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise CommandError(f"{folder} is not there: make it, or mount what it should lie on.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CommandError(f"This user may not write into {folder} ({error.strerror}).") from None


def _check_room(folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SIZE)
        needed = cursor.fetchone()[0] // MB + settings.DISK_FREE_MB
    free = shutil.disk_usage(folder).free // MB
    if free < needed:
        raise CommandError(
            f"{folder} has {free:,} MB of room and a backup may need {needed:,} MB, {settings.DISK_FREE_MB:,} MB to "
            "spare among them (DISK_FREE_MB). Make room, or name a folder on another disk. Nothing was written."
        )


def _write(folder: Path, recipients: list[Recipient]) -> Archive:
    with snapshot() as (session, name):
        program = programs.find("pg_dump", session.info.server_version // 10_000)
        said = _manifest(session, program.major, is_encrypted=bool(recipients))
        path = folder / f"{archive.PREFIX}{said.made_at:%Y-%m-%dT%H-%M-%SZ}{archive.ENDING}"
        if path.exists():
            raise CommandError(f"{path.name} is there already: wait a second, then try again.")
        found = Archive(path, said)
        with archive.new_file(path) as file, Writing(file) as writing:
            with writing.member(archive.MANIFEST) as member:
                member.write(said.to_json().encode())
            with writing.member(found.dump_name) as member, _dumping(program, session.info, name) as dump:
                if recipients:
                    ages.encrypt(dump, member, recipients)
                else:
                    shutil.copyfileobj(dump, member, archive.PIECE)
    return found


@contextmanager
def snapshot() -> Iterator[tuple[psycopg.Connection, str]]:
    """A session that sees one moment of the database, and the name by which another may see the same."""
    with closing(connection.get_new_connection(connection.get_connection_params())) as session:
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        session.read_only = True
        # It stands still while the dump is made.
        session.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        session.execute("SET LOCAL statement_timeout = 0")
        yield session, session.execute("SELECT pg_export_snapshot()").fetchone()[0]


def _manifest(session: psycopg.Connection, programs: int, *, is_encrypted: bool) -> Manifest:
    sealed = session.execute(HEAD).fetchone()
    return Manifest(
        version=VERSION,
        made_at=datetime.now(UTC),
        record=session.execute(RECORD).fetchone()[0].astimezone(UTC).isoformat(),
        server=session.info.server_version // 10_000,
        programs=programs,
        migrations=[name for (name,) in session.execute(MIGRATIONS)],
        audit_head=sealed[0] if sealed else FIRST,
        rows=count_rows(session),
        is_encrypted=is_encrypted,
    )


def count_rows(session: psycopg.Connection) -> dict[str, int]:
    tables = [name for (name,) in session.execute(TABLES).fetchall()]
    count = SQL("SELECT count(*) FROM {}")
    return {name: session.execute(count.format(Identifier(name))).fetchone()[0] for name in tables}


@contextmanager
def _dumping(program: programs.Program, info: psycopg.ConnectionInfo, name: str) -> Iterator[IO[bytes]]:
    """What pg_dump writes; CommandError where it did not come to its end."""
    command = [
        program.path,
        "--format=custom",
        f"--snapshot={name}",
        "--no-password",
        "--lock-wait-timeout=60s",
    ]
    with tempfile.TemporaryFile("w+") as errors:
        dumping = subprocess.Popen(
            [*command, f"--dbname={programs.address(info)}"],
            env=programs.environment(info),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            yield dumping.stdout
            failed = dumping.wait()
        finally:
            dumping.kill()
            dumping.communicate()
        if failed:
            errors.seek(0)
            raise CommandError(UNTOUCHED.format(f"pg_dump failed: {programs.reason(errors.read())}"))


def _remember(taken: Taken) -> None:
    said = taken.found.manifest
    told = {
        "file": taken.found.path.name,
        "bytes": taken.size,
        "sha256": taken.digest,
        "head": said.audit_head,
        "is_encrypted": said.is_encrypted,
    }
    Backup.objects.create(at=said.made_at, **told)
    # To another machine, where the log goes: who changes the file cannot change that.
    logger.info("taken %s", json.dumps(told))
