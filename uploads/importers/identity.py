"""Whose row it is by a table's own word, beside the MRN: compared with the record, never stored."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from uploads.importers.formats.table import is_blank
from uploads.importers.layouts import patients

from .dates import read_date
from .records import Identity, Item, RowProblem

_NAMES = ("family_name", "given_name", "birth_date")
COLUMNS = tuple(replace(column, needed=False) for column in patients.COLUMNS if column.name in _NAMES)
BORN = patients.COLUMNS[[column.name for column in patients.COLUMNS].index("birth_date")]
Cells = tuple[str, ...]


def reader(where: dict[str, int], order: str) -> Callable[[Item, Cells], Item] | None:
    """Puts on an item whom its row names; None where the table names nobody. `order`: of dates of birth."""
    places = [where.get(name) for name in _NAMES]
    if places[0] is None and places[2] is None:
        return None

    def named(item: Item, cells: Cells) -> Item:
        given = ("" if at is None or is_blank(cells[at]) else cells[at] for at in places)
        return with_person(item, *given, order)

    return named


def with_person(item: Item, family: str, given: str, born: str, order: str) -> Item:
    """A date of birth that cannot be read keeps its row out: it may be somebody else's."""
    if isinstance(item, RowProblem) or not (family or born):
        return item
    try:
        return replace(item, identity=_identity(family, given, born, order))
    except ValueError as error:
        return RowProblem(item.place.at("birth_date"), str(error))


@lru_cache(maxsize=4096)
def _identity(family: str, given: str, born: str, order: str) -> Identity:
    return Identity(family[:200], given[:200], read_date(born, order) if born else None, asks=False)
