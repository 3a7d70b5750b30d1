"""Queries that are put together once: for Django to do it each time costs more than a few rows do."""

from collections.abc import Callable
from functools import cached_property

from django.db import connection
from django.db.models import Model, QuerySet

# Nobody's key: stands where the one asked for is put in.
NOBODY = -1


class Written:
    """A query of which only one key ever changes; `related` is what it selects with its rows.

    They have no field that Django itself would have to read (JSON, say): they are as the database gives them.
    """

    def __init__(self, query: Callable[[int], QuerySet], related: str = "") -> None:
        self.query, self.related = query, related

    def tuples(self, key: int) -> list[tuple]:
        text, values = self._written
        with connection.cursor() as cursor:
            cursor.execute(text, [key if value == NOBODY else value for value in values])
            return cursor.fetchall()

    def rows(self, key: int) -> list:
        return [self._row(given) for given in self.tuples(key)]

    @cached_property
    def _nobodys(self) -> QuerySet:
        return self.query(NOBODY)

    @cached_property
    def _written(self) -> tuple[str, tuple]:
        return self._nobodys.query.sql_with_params()

    @cached_property
    def _count(self) -> int:
        """Columns of the rows; those of what is related follow."""
        return len(self._nobodys.model._meta.concrete_fields)

    def _row(self, given: tuple) -> Model:
        model = self._nobodys.model
        found = _made(model, given[: self._count])
        if self.related:
            other = model._meta.get_field(self.related).related_model
            setattr(found, self.related, _made(other, given[self._count :]))
        return found


def _made(model: type[Model], given: tuple) -> Model:
    return model.from_db(connection.alias, [field.attname for field in model._meta.concrete_fields], given)
