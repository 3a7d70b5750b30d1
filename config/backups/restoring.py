"""Puts a backup into an empty database, all of it or nothing, and compares what is there with what it says."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from io import StringIO
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from pyrage.x25519 import Identity

from config.backups import ages, archive, programs
from config.backups.archive import Archive
from config.backups.manifest import Manifest
from config.backups.taking import TABLES, count_rows
from interpretation.words import counted

FULL = "The database is not empty and was left as it is. {}"
ELSEWHERE = {
    True: "Restore beside it: manage.py restore FILE --to FOLDER, with a new folder, which is then the VAR_DIR.",
    False: "Make an empty one (CREATE DATABASE ... OWNER ...) and name it in DATABASE_URL and MIGRATE_URL.",
}
ONE_ROLE = (
    "One role owns the tables: name that of the services in DATABASE_URL, this one in MIGRATE_URL, and run "
    "manage.py migrate, which gives it its rights."
)
NEEDS_KEY = "The backup is encrypted. Name the file with the secret key: --identity KEYFILE"
NEWER = "The backup was made by version {}, which has tables that this one does not know. Restore with that version."
OLDER_SERVER = "The backup is of PostgreSQL {}, this database is PostgreSQL {}. Restore into {} or later."
# Others may leave an app with their versions.
APPS = ("accounts", "patients", "uploads", "meetings")
NOTE = """
INSERT INTO accounts_purge (at, role, table_name, statement, reason)
VALUES (clock_timestamp(), session_user, '(all)', 'RESTORE', %s)
"""


def restore(path: Path, key: Path | None) -> Iterator[str]:
    """Says each thing that was done, once it was; CommandError where it cannot go on."""
    found = archive.open_archive(path)
    keys = _keys(found, key)
    found.check()
    yield f"{_described(found.manifest)} Its checksums are right."
    _check_target(found.manifest)
    _fill(found, keys)
    _compare(found.manifest)
    yield f"Restored: {_rows(found.manifest)}, in each table as many as the backup says."
    _note(found)
    yield _bring_up_to_date(found.manifest)
    said = StringIO()
    call_command("verify_audit", head=found.manifest.audit_head, stdout=said)
    yield f"The chain of audit holds the head of the backup: {said.getvalue().strip()}"


def _keys(found: Archive, key: Path | None) -> list[Identity]:
    if not found.manifest.is_encrypted:
        return []
    if key is None:
        raise CommandError(NEEDS_KEY)
    return ages.identities(key)


def _described(said: Manifest) -> str:
    at = f"{said.made_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"A backup of {at}, by version {said.version}, of PostgreSQL {said.server}: {_rows(said)}."


def _rows(said: Manifest) -> str:
    return f"{counted(said.row_count, 'row')} in {counted(len(said.rows), 'table')}"


def _check_target(said: Manifest) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).graph.nodes}
    ours = [name for name in said.migrations if name.partition(".")[0] in APPS]
    if not known.issuperset(ours):
        raise CommandError(NEWER.format(said.version))
    server = connection.pg_version // 10_000
    if server < said.server:
        raise CommandError(OLDER_SERVER.format(said.server, server, said.server))
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        if cursor.fetchone():
            raise CommandError(FULL.format(ELSEWHERE[not settings.DATABASE_URL]))


def _fill(found: Archive, keys: list[Identity]) -> None:
    with connection.cursor():
        session = connection.connection
    wanted = max(found.manifest.programs, found.manifest.server, connection.pg_version // 10_000)
    program = programs.find("pg_restore", wanted)
    with found.dump() as dump, _filling(program, session.info) as target:
        if keys:
            ages.decrypt(dump, target, keys)
        else:
            while piece := dump.read(archive.PIECE):
                target.write(piece)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def _filling(program: programs.Program, info: object) -> Iterator[IO[bytes]]:
    """What pg_restore reads; the owner of the tables is who restores, and `migrate` gives the rights."""
    command = [
        program.path,
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-acl",
        "--no-password",
    ]
    with tempfile.TemporaryFile("w+") as errors:
        filling = subprocess.Popen(
            [*command, f"--dbname={programs.address(info)}"],
            env=programs.environment(info),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            yield filling.stdin
            filling.stdin.close()
            failed = filling.wait()
        except BrokenPipeError:
            failed = filling.wait()
        except BaseException:
            # Before it reads the end of what it has: it would keep that.
            filling.kill()
            raise
        finally:
            filling.communicate()
        if failed:
            errors.seek(0)
            raise CommandError(
                f"pg_restore failed: {programs.reason(errors.read())}. The database is still empty."
            )


def _compare(said: Manifest) -> None:
    with connection.cursor():
        there = count_rows(connection.connection)
    for table in sorted(said.rows.keys() | there.keys()):
        if said.rows.get(table) != there.get(table):
            raise CommandError(
                f"{table} has {there.get(table)} rows and the backup says {said.rows.get(table)}. "
                "Do not use this database; take another backup."
            )


def _note(found: Archive) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [f"restored from {found.path.name}, made {found.manifest.made_at.isoformat()}"])


def _bring_up_to_date(said: Manifest) -> str:
    """Also where no table changes: the rights of the runtime role come with it."""
    call_command("migrate", verbosity=0, interactive=False)
    missing = {f"{app}.{name}" for app, name in MigrationLoader(None).graph.nodes} - set(said.migrations)
    changed = (
        f"{counted(len(missing), 'migration')} made its tables those of this version." if missing else ""
    )
    role = settings.RUNTIME_ROLE
    rights = f"{role} has its rights." if role else ONE_ROLE
    return f"{changed} {rights}".strip()
