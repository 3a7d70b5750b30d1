"""The one way past what the database refuses: as its owner, in one transaction, saying why."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def purging(reason: str) -> Iterator[None]:
    """The owner may change and delete what is kept, until the block ends; each statement leaves a row of audit.

    What is changed so leaves no history: it would keep what has to go.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('liver.purge', true)")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('liver.purge', %s, true)", [reason])
        yield
        # A block within another transaction ends before that does.
        cursor.execute("SELECT set_config('liver.purge', %s, true)", [before or ""])
