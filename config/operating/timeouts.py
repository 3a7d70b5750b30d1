"""How long a page may hold the database: set on each connection of a web process, and of none else.

Workers and commands do long work: they have no such limits, but for those that the database itself has.
"""

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


def limit_web_process() -> None:
    """From the next connection on: `config.wsgi` calls it."""
    connection_created.connect(limit, dispatch_uid="config.operating.timeouts")


def limit(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    limits = {
        "statement_timeout": settings.STATEMENT_SECONDS,
        "lock_timeout": settings.LOCK_SECONDS,
        "idle_in_transaction_session_timeout": settings.IDLE_SECONDS,
    }
    with connection.cursor() as cursor:
        # Not in the address: what stands between us and the database may refuse that.
        said = ", ".join(f"set_config('{name}', %s, false)" for name in limits)
        cursor.execute(f"SELECT {said}", [f"{seconds}s" for seconds in limits.values()])
