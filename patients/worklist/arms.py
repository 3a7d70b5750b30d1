"""From which row on: the rows beyond a cursor as searches ("arms") that one walk of an index answers each.

PostgreSQL walks an index for an equal start and one inequality, but not for an OR of them. The arms hold different
rows, and all rows of an arm stand before those of the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from patients.models import Assessment

from .state import Key


@dataclass(frozen=True)
class KeyPart:
    """One condition of an arm: column, "=", "<", ">", "IS NULL" or "IS NOT NULL", and the value of the first three."""

    column: str
    sign: str
    value: object = None

    def sql(self, of: str) -> str:
        return f"{of} {self.sign}{' %s' if self.values else ''}"

    @property
    def values(self) -> tuple:
        return () if self.sign.startswith("IS") else (self.value,)


@dataclass(frozen=True)
class SortOrder:
    """Sort keys in the direction of travel."""

    keys: tuple[Key, ...]
    backwards: bool

    def descends(self, key: Key) -> bool:
        return key.descending != self.backwards

    def arms(self, cursor: Assessment | None) -> list[tuple[KeyPart, ...]]:
        if cursor is None:
            first = self.keys[0]
            halves = ("IS NOT NULL", "IS NULL")
            return [(KeyPart(first.column, half),) for half in halves] if first.apart else [()]
        found, same = [], ()
        for key in self.keys:
            value = getattr(cursor, key.column)
            found.append([(*same, part) for part in self._beyond(key, value)])
            same += (KeyPart(key.column, "IS NULL") if value is None else KeyPart(key.column, "=", value),)
        # Rows that share the most keys with the cursor come first.
        return [arm for arms in reversed(found) for arm in arms]

    def _beyond(self, key: Key, value) -> Iterator[KeyPart]:
        """The rows whose key lies beyond this value."""
        descending = self.descends(key)
        # Where rows without a value stand on the way: PostgreSQL's own place unless they are kept apart.
        empty_first = self.backwards if key.apart else descending
        if value is None:
            if empty_first:
                yield KeyPart(key.column, "IS NOT NULL")
            return
        yield KeyPart(key.column, "<" if descending else ">", value)
        if not empty_first and Assessment._meta.get_field(key.column).null:
            yield KeyPart(key.column, "IS NULL")
