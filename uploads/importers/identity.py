"""Whose row it is by a table's own word, beside the MRN: compared with the record, never stored."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from . import patients
from .columns import Column
from .dates import read_date
from .records import Identity, Item, Problem
from .table import is_blank

_NAMES = ("family_name", "given_name", "birth_date")
# The whole name in one cell: "Name" alone, where another column is the test.
WHOLE = Column(
    "full_name",
    ("patient name", "name of patient", "full name", "pat name"),
    weak=("name",),
    abroad=("patientenname", "name des patienten", "name vorname", "nom du patient", "nombre del paciente",
            "nome del paziente", "naam"),
)  # fmt: skip
_LOCATED = (*_NAMES, WHOLE.name)
COLUMNS = (
    *(replace(column, needed=False) for column in patients.COLUMNS if column.name in _NAMES),
    WHOLE,
)
BORN = patients.COLUMNS[[column.name for column in patients.COLUMNS].index("birth_date")]
Cells = tuple[str, ...]


def reader(where: dict[str, int], order: str) -> Callable[[Item, Cells], Item] | None:
    """Puts on an item whom its row names; None where the table names nobody. `order`: of dates of birth."""
    places = [where.get(name) for name in _LOCATED]
    if places[0] is None and places[2] is None and places[3] is None:
        return None

    def named(item: Item, cells: Cells) -> Item:
        given = ("" if at is None or is_blank(cells[at]) else cells[at] for at in places)
        return with_person(item, *given, order=order)

    return named


def with_person(item: Item, family: str, given: str, born: str, whole: str = "", *, order: str) -> Item:
    """A date of birth that cannot be read keeps its row out: it may be somebody else's. Names are written in
    many ways: the `whole` one is compared only where no date of birth speaks."""
    whole = "" if family or born else whole
    if isinstance(item, Problem) or not (family or born or whole):
        return item
    try:
        if whole:
            return replace(item, identity=_named(whole))
        return replace(item, identity=_identity(family, given, born, order))
    except ValueError as error:
        return Problem(item.place.at("birth_date"), str(error))


@lru_cache(maxsize=4096)
def _identity(family: str, given: str, born: str, order: str) -> Identity:
    return Identity(family[:200], given[:200], read_date(born, order) if born else None, asks=False)


@lru_cache(maxsize=4096)
def _named(whole: str) -> Identity:
    """ "Rossi, Elena"; "Elena Rossi" and "ROSSI Elena" tell not which is which."""
    family, comma, given = (part.strip() for part in whole.partition(","))
    return Identity(family[:200], given[:200], asks=False, whole=not comma)
