"""Rows by COPY: what bulk_create does, without a model instance and a parameter for each of their fields."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

import psycopg
from django.db import connection
from django.db.models import Model

BLOCK = 500
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def copy_rows(model: type[Model], names: tuple[str, ...], rows: Iterable[tuple]) -> None:
    """Writes the rows in one statement, each with the values of the fields `names` (such as `draw_id`).

    Columns that are not named take the database's defaults. pghistory does not see the statement: its context
    is that of the last statement in this transaction (see `bulk.check_at_once`).
    """
    with _copy(model, names) as copy:
        for row in rows:
            copy.write_row(row)


def copy_alike(model: type[Model], names: tuple[str, ...], rows: Iterable[tuple[int, tuple]]) -> None:
    """As `copy_rows`, of rows with a number of their own in the first field, which share all their others: these
    are put into words once. The caller holds them; they are texts, numbers and None."""
    words: dict[int, str] = {}
    rows = iter(rows)
    with _copy(model, names) as copy:
        while block := list(islice(rows, BLOCK)):
            for _, others in block:
                if id(others) not in words:
                    words[id(others)] = "\t".join(map(_in_words, others))
            copy.write("".join([f"{own}\t{words[id(others)]}\n" for own, others in block]))


def _in_words(value: str | float | None) -> str:
    """As COPY reads it."""
    if value is None:
        return r"\N"
    return value.translate(_ESCAPED) if isinstance(value, str) else repr(value)


@contextmanager
def _copy(model: type[Model], names: tuple[str, ...]) -> Iterator[psycopg.Copy]:
    columns = {field.attname: field.column for field in model._meta.concrete_fields}
    listed = ", ".join(f'"{columns[name]}"' for name in names)
    sql = f'COPY "{model._meta.db_table}" ({listed}) FROM STDIN'
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(sql) as copy:
        yield copy


def take_ids(model: type[Model], count: int) -> list[int]:
    """So many primary keys that nobody else is given."""
    sql = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(sql, [model._meta.db_table, model._meta.pk.column, count])
        return [pk for (pk,) in cursor.fetchall()]
