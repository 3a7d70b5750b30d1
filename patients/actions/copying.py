"""Rows by COPY: what bulk_create does, without a model instance and a parameter for each of their fields."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Model


def copy_rows(model: type[Model], names: tuple[str, ...], rows: Iterable[tuple]) -> None:
    """Writes the rows in one statement, each with the values of the fields `names` (such as `draw_id`).

    Columns that are not named take the database's defaults. pghistory does not see the statement: its context
    is that of the last statement in this transaction (see `bulk.check_at_once`).
    """
    columns = {field.attname: field.column for field in model._meta.concrete_fields}
    listed = ", ".join(f'"{columns[name]}"' for name in names)
    sql = f'COPY "{model._meta.db_table}" ({listed}) FROM STDIN'
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)


def take_ids(model: type[Model], count: int) -> list[int]:
    """So many primary keys that nobody else is given."""
    sql = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(sql, [model._meta.db_table, model._meta.pk.column, count])
        return [pk for (pk,) in cursor.fetchall()]
