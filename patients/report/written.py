"""Queries for the rows of one patient, put together once: each time that costs as much as reading the rows."""

from collections.abc import Callable
from functools import cache, cached_property

from django.db import connection
from django.db.models import Model, QuerySet

from accounts.models import User

# Nobody's: stands where the patient's is put in.
NOBODY = -1


class OfPatient:
    """A query whose other conditions never change, with the person in `person` where it selects one.

    Its rows have no field that Django itself would have to read (JSON, say): they are as the database gives them.
    """

    def __init__(self, query: Callable[[int], QuerySet], person: str = "") -> None:
        self._query, self._person = query, person

    @cached_property
    def _model(self) -> type[Model]:
        return self._query(NOBODY).model

    @cached_property
    def _written(self) -> tuple[str, tuple]:
        return self._query(NOBODY).query.sql_with_params()

    def tuples(self, patient: int) -> list[tuple]:
        text, values = self._written
        with connection.cursor() as cursor:
            cursor.execute(text, [patient if value == NOBODY else value for value in values])
            return cursor.fetchall()

    def rows(self, patient: int) -> list:
        return [self._row(given) for given in self.tuples(patient)]

    def _row(self, given: tuple) -> Model:
        names = _names(self._model)
        found = self._model.from_db(connection.alias, names, given[: len(names)])
        if self._person:
            setattr(found, self._person, User.from_db(connection.alias, _names(User), given[len(names) :]))
        return found


@cache
def _names(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
