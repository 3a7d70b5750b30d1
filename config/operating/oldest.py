"""The oldest PostgreSQL that does: every process is stopped at its first connection to an older one."""

import sys

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from patients.outage import FAILURES, is_outage

OLDEST = 15


class TooOld(ImproperlyConfigured):
    """Says for a person which one it is, which one it must be, and what to do."""


def require() -> None:
    """In place of Django's own comparison, which is made at the first connection and knows an older one as enough."""
    DatabaseWrapper.check_database_version_supported = _refuse_older


def _refuse_older(connection: DatabaseWrapper) -> None:
    major = connection.pg_version // 10_000
    if major < OLDEST:
        raise TooOld(
            f"PostgreSQL is {major}; it must be {OLDEST} or later. "
            "Bring it up to date, or name another one in DATABASE_URL."
        )


def stop_if_older() -> None:
    """Before a server begins to serve. That one does not answer yet is for the pages to say."""
    if connection.connection is not None:
        # Compared when it was made.
        return
    try:
        connection.ensure_connection()
    except TooOld as error:
        sys.exit(str(error))
    except FAILURES as error:
        if not is_outage(error):
            raise
    finally:
        # Processes that part now must not share it.
        connection.close()
