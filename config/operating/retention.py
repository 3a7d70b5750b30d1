"""What is kept how long. What a site has decided goes, by the owner, with a reason; the record never goes."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from accounts.protection.purge import purging
from interpretation.words import counted
from uploads import actions
from uploads.models import Upload

REASON = "{setting}={kept}"
# What an update leaves of itself; a deletion does so by its trigger.
NOTE = """
INSERT INTO accounts_purge (at, role, table_name, statement, reason)
VALUES (clock_timestamp(), session_user, %s, 'UPDATE', %s)
"""
NEVER = (
    "Patients, results, events, verdicts, signed reports, meetings and letters, with their history: kept for good, and "
    "so is the log of what was purged."
)
OLD = "at < now() - make_interval({unit} => %s)"
# Of a message that still needs a person every byte is needed.
DONE = " AND state IN ('stored', 'closed') AND raw <> ''"


class Kept(NamedTuple):
    """`setting`: years or days, 0 for good. `go` takes the setting's value and the reason; `where` counts what goes."""

    what: str
    setting: str
    unit: str
    table: str
    where: str
    go: Callable[["Kept", int, str], None]

    @property
    def value(self) -> int:
        return getattr(settings, self.setting)

    @property
    def when(self) -> str:
        return OLD.format(unit=self.unit) + self.where

    def count(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {self.table} WHERE {self.when}", [self.value])
            return cursor.fetchone()[0]


def _delete(kept: Kept, value: int, reason: str) -> None:
    with purging(reason), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {kept.table} WHERE {kept.when}", [value])


def _empty(kept: Kept, value: int, reason: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {kept.table} SET raw = '' WHERE {kept.when}", [value])
        cursor.execute(NOTE, [kept.table, reason])


def _discard(kept: Kept, value: int, reason: str) -> None:
    """As a person would on its page; that it was there is kept."""
    old = Upload.objects.extra(where=[kept.when], params=[value]).select_related("by")
    for batch, by in {upload.batch: upload.by for upload in old}.items():
        with transaction.atomic():
            actions.discard(batch=batch, by=by)


LOOKS, SIGN_INS = "KEEP_LOOKS_YEARS", "KEEP_SIGN_INS_YEARS"
ALL = (
    Kept("Looks at patients", LOOKS, "years", "accounts_patientaccess", "", _delete),
    Kept("Looks at lists", LOOKS, "years", "accounts_listaccess", "", _delete),
    Kept("Looks at visits", LOOKS, "years", "uploads_visitlook", "", _delete),
    Kept("Lines of the log of sign-ins", SIGN_INS, "years", "accounts_signinevent", "", _delete),
    Kept("Bytes of messages", "KEEP_MESSAGES_YEARS", "years", "uploads_message", DONE, _empty),
    Kept(
        "Files that nobody confirmed",
        "KEEP_STAGED_DAYS",
        "days",
        "uploads_upload",
        " AND state IN ('previewed', 'unmapped') AND system_id IS NULL",
        _discard,
    ),
)


def retain(*, dry_run: bool) -> Iterator[str]:
    """Says of each kind what goes; lets it go, unless `dry_run`."""
    for kept in ALL:
        yield _retain(kept, dry_run)
    yield _sessions(dry_run)
    yield NEVER


def _retain(kept: Kept, dry_run: bool) -> str:
    if not kept.value:
        return f"{kept.what}: kept for good ({kept.setting}=0)."
    number = kept.count()
    if number and not dry_run:
        kept.go(kept, kept.value, REASON.format(setting=kept.setting, kept=kept.value))
    done = "would go" if dry_run else "gone"
    return f"{kept.what}: {number} older than {counted(kept.value, kept.unit[:-1])} {done} ({kept.setting})."


def _sessions(dry_run: bool) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session WHERE expire_date < now()")
        (number,) = cursor.fetchone()
    if not dry_run:
        call_command("clearsessions")
    return f"Sessions that are over: {number} {'would go' if dry_run else 'gone'}."
