"""History that cannot be changed: triggers that refuse, and the rights of the web and worker processes.

Put into the database after each `migrate`, from the lists in `tables`; `purge` is the one way past them.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from . import functions, tables

TRIGGER = """
CREATE TRIGGER {name} BEFORE {operation} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION liver_refuse('{words}')
"""
KEEP_CONTEXT = """
CREATE TRIGGER liver_keep BEFORE UPDATE ON pghistory_context
FOR EACH ROW EXECUTE FUNCTION liver_keep_context()
"""
OURS = """
SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE tgname LIKE 'liver\\_%' AND relnamespace = current_schema()::regnamespace
"""
SEQUENCES = """
SELECT pg_get_serial_sequence(quote_ident(relname), attname) AS name FROM pg_attribute
JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(%s) AND attnum > 0 AND NOT attisdropped
AND pg_get_serial_sequence(quote_ident(relname), attname) IS NOT NULL
"""


def protect(using: str) -> None:
    """As the owner of the tables; does nothing that was done already."""
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        for sql in functions.ALL:
            cursor.execute(sql.replace("{schema}", schema), None)
        _put_triggers(cursor, there)
        if settings.RUNTIME_ROLE:
            _grant(cursor, connection.ops.quote_name(settings.RUNTIME_ROLE), there)


def _wanted(there: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """(table, name, statement that makes it) of each trigger."""
    for table in sorted(tables.REFUSED.keys() & there):
        words = "update or delete" if table in tables.NEVER_CHANGED else "delete"
        for operation in tables.REFUSED[table]:
            name = f"liver_{operation.lower()}"
            yield table, name, TRIGGER.format(name=name, operation=operation, table=table, words=words)
    yield "pghistory_context", "liver_keep", KEEP_CONTEXT


def _put_triggers(cursor: CursorWrapper, there: Iterable[str]) -> None:
    cursor.execute(OURS)
    found = set(cursor.fetchall())
    wanted = {(table, name): sql for table, name, sql in _wanted(there)}
    for table, name in found - wanted.keys():
        cursor.execute(f"DROP TRIGGER {name} ON {table}")
    for key in wanted.keys() - found:
        cursor.execute(wanted[key])


def _grant(cursor: CursorWrapper, role: str, there: Iterable[str]) -> None:
    present = sorted(tables.RIGHTS.keys() & there)
    cursor.execute(SEQUENCES, [present])
    sequences = ", ".join(name for (name,) in cursor.fetchall())
    cursor.execute(f"GRANT USAGE, SELECT ON SEQUENCE {sequences} TO {role}")
    cursor.execute(f"REVOKE ALL ON TABLE {', '.join(present)} FROM {role}")
    for rights in set(tables.RIGHTS.values()):
        names = [table for table in present if tables.RIGHTS[table] == rights]
        cursor.execute(f"GRANT {rights} ON TABLE {', '.join(names)} TO {role}")
