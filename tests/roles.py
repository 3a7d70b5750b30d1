"""As whom the tests work: as the web and worker processes do, so that no code leans on rights it will not have."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management.commands import flush
from django.db import connection, transaction

from accounts.protection.purge import purging

# To whom the tables do not belong it is said by PostgreSQL, to their owner by our trigger.
KEPT = "permission denied for table|Cannot (update or )?delete rows"


@contextmanager
def runtime_role() -> Iterator[None]:
    """Each connection is the owner's and acts as the runtime role; tables are emptied as their owner."""
    options, handle = connection.settings_dict["OPTIONS"], flush.Command.handle
    if settings.RUNTIME_ROLE:
        connection.settings_dict["OPTIONS"] = options | {"options": f"-c role={settings.RUNTIME_ROLE}"}
        connection.close()
    flush.Command.handle = lambda *args, **named: _flush(handle, *args, **named)
    yield
    flush.Command.handle = handle
    connection.settings_dict["OPTIONS"] = options
    connection.close()


def _flush(handle, *args, **options) -> None:
    with as_owner(), purging("the end of a test"):
        handle(*args, **options)


@contextmanager
def as_owner() -> Iterator[None]:
    """What no process of the product may do: a test prepares it."""
    with transaction.atomic(), connection.cursor() as cursor:
        if settings.RUNTIME_ROLE:
            cursor.execute(f"SET LOCAL ROLE {settings.OWNER['USER']}")
        yield
        if settings.RUNTIME_ROLE:
            cursor.execute(f"SET LOCAL ROLE {settings.RUNTIME_ROLE}")
