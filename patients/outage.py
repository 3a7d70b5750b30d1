"""The database is gone, takes no writes or has stopped what took too long: known by the errors the driver raises."""

from collections.abc import Iterator

import django.db
import psycopg
from procrastinate.exceptions import ConnectorException

# Behind which an outage may be.
FAILURES = (django.db.Error, ConnectorException)
# SQLSTATE: no connection, shut down or still starting, a standby that takes no writes.
STATES = ("08", "57P", "25006")
# Longer than a page may: a statement, the wait for somebody else's, a transaction that stood still.
STOPPED = ("57014", "55P03", "25P03")


def is_outage(error: BaseException | None) -> bool:
    return any(map(_is_outage, _causes(error)))


def is_stopped(error: BaseException | None) -> bool:
    """The database answers, but has stopped this: it is rolled back."""
    states = {cause.sqlstate for cause in _causes(error) if isinstance(cause, psycopg.Error)}
    return not states.isdisjoint(STOPPED)


def is_passing(error: BaseException | None) -> bool:
    """Whether the same may well succeed in a minute."""
    return is_outage(error) or is_stopped(error)


def is_in_doubt(error: BaseException | None) -> bool:
    """Whether the connection was lost on the way: what was under way may have been stored all the same.

    Where none could be made nothing was: a request has one connection, from its first statement on.
    """
    errors = [cause for cause in _causes(error) if isinstance(cause, psycopg.Error)]
    return not errors or not all(cause.pgconn for cause in errors)


def _is_outage(error: BaseException) -> bool:
    if not isinstance(error, psycopg.Error):
        # Django's own, of a connection that was lost before in the same transaction.
        return isinstance(error, django.db.InterfaceError)
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)
    return error.sqlstate.startswith(STATES)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # Some libraries raise theirs in place of the driver's without naming it as the cause.
        error = error.__cause__ or error.__context__
