"""Which column holds what, by the names people give it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from interpretation.record.spelling import fold_name
from interpretation.words import plural
from patients.values.number_text import GROUP
from uploads.importers.formats.table import is_blank

from .records import HEADER, Place, RowProblem, UnknownName, Unmapped


@dataclass(frozen=True)
class KnownColumn:
    """`also`: other accepted names, folded. `needed`: without this column the file is refused.

    `halves`: words before "date" and "time" where day and time of day stand in two columns of their own.
    `weak`: names that mean it only where no other column does. `abroad`: names in other languages, which
    count only where they make the header whole.
    """

    name: str
    also: tuple[str, ...] = ()
    needed: bool = False
    halves: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    abroad: tuple[str, ...] = ()

    def names(self, abroad: bool = False) -> set[str]:
        return {fold_name(self.name), *self.also, *(self.abroad if abroad else ())}


MRN = KnownColumn(
    "mrn",
    (
        "medical record number", "hospital number", "hospital no", "hospital id", "patient id", "patientid",
        "patient number", "patient no", "patient mrn", "patient identifier", "record number", "unit number",
        "case number", "pid", "subject id", "patient",
    ),
    needed=True,
    abroad=(
        "patientennummer", "patienten nr", "patientennr", "patienten id", "patientenid",
        "pat id", "numéro patient", "numéro de patient", "ipp", "nhc",
        "historia clínica", "número de historia", "codice paziente", "patientnummer", "patiëntnummer",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class SharedColumns:
    """Places of the columns that say whose draw it is, when and where; and of those that say what was found."""

    draw: tuple[int, ...]
    result: tuple[int, ...]


# Folded title -> our column, as a person of the clinic has said; "" for a column that is never read.
Meant = Mapping[str, str]
Read = TypeVar("Read")
NOTHING: Meant = MappingProxyType({})
# The place of the second half of a time is kept under the name of its column and this.
CLOCK = " clock"
_HALF_WORDS = {"datum": "date", "uhrzeit": "time", "zeit": "time"}
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00)?(\.0+)?$")


def plain_mrn(cell: str) -> str:
    """An MRN keeps its spaces, whatever kind they are."""
    return str(cell).replace(GROUP, " ") if GROUP in cell else str(cell)


class CellRow:
    """One row with its cells by column name; the two halves of a time are read as one cell."""

    def __init__(self, number: int, cells: tuple[str, ...], where: dict[str, int]) -> None:
        self.number, self.cells, self.where = number, cells, where

    def __getitem__(self, name: str) -> str:
        at = self.where.get(name)
        if at is None:
            return ""
        cell = self.cells[at]
        # Asked of every cell of large files: only a time has two halves.
        if name[-3:] == "_at" and (clock := self.where.get(name + CLOCK)) is not None:
            return joined(cell, self.cells[clock])
        return plain_mrn(cell) if name == MRN.name else cell

    def place(self, column: str = "") -> Place:
        return Place(self.number, column, self.cells)

    def problem(self, column: str, text: str, **level) -> RowProblem:
        return RowProblem(self.place(column), text, **level)

    def read(self, column: str, reader: Callable[[str, str], Read], order: str) -> Read | RowProblem | None:
        """The day or time of a cell by its reader; None where the cell is blank."""
        if is_blank(self[column]):
            return None
        try:
            return reader(self[column], order)
        except ValueError as error:
            return self.problem(column, str(error))


def locate(
    header: tuple[str, ...], columns: tuple[KnownColumn, ...], meant: Meant = NOTHING, abroad: bool = False
) -> dict[str, int]:
    """Column name -> place in the header, for the columns that are there; the first one of a name. `abroad`:
    names in other languages count too."""
    where = _halves(header, columns, meant)
    taken = set(where.values())
    for at, title in enumerate(header):
        if at not in taken and (name := _name(title, columns, meant, abroad)):
            where.setdefault(name, at)
    for column in columns:
        if column.weak and column.name not in where:
            free = [at for at, title in enumerate(header) if _is_weak(title, column, meant)]
            if free and free[0] not in where.values():
                where[column.name] = free[0]
    return where


def _is_weak(title: str, column: KnownColumn, meant: Meant) -> bool:
    folded = fold_name(title)
    return folded in column.weak and folded not in meant


def _halves(header: tuple[str, ...], columns: tuple[KnownColumn, ...], meant: Meant) -> dict[str, int]:
    """The columns of day and of time of day, where a file has just one of each for a time."""
    folded = [_half_title(title, meant) for title in header]
    where: dict[str, int] = {}
    for column in columns:
        days, clocks = (
            [at for at, title in enumerate(folded) if title in _half_names(column, half)]
            for half in ("date", "time")
        )
        if len(days) == len(clocks) == 1:
            where |= {column.name: days[0], column.name + CLOCK: clocks[0]}
    return where


def _half_title(title: str, meant: Meant) -> str:
    """ "Abnahmedatum" -> "abnahme date". What a person has said of a title is no half of ours."""
    folded = fold_name(title)
    if folded in meant:
        return ""
    return re.sub(r"(datum|uhrzeit|zeit)$", lambda found: f" {_HALF_WORDS[found[0]]}", folded).strip()


def _half_names(column: KnownColumn, half: str) -> set[str]:
    return {f"{word} {half}".strip() for word in column.halves} | {
        f"{half} {word}".strip() for word in column.halves
    }


def joined(day: str, clock: str) -> str:
    """An export often writes midnight into the column of days; a time without a day is no time."""
    if is_blank(day) or is_blank(clock):
        return "" if is_blank(day) else day
    clock = f"{clock[:2]}:{clock[2:]}" if re.fullmatch(r"\d{4}", clock) else clock
    return type(day)(f"{_MIDNIGHT.sub('', day)} {clock}")


def twice(first: str, second: str, name: str, kind: str, tests: bool = False) -> Unmapped:
    """Two columns that are one to us: a person may say what they are instead."""
    titles = dict.fromkeys((first, second))
    unknown = tuple(UnknownName(HEADER, fold_name(title), title, kind, tests=tests) for title in titles)
    words = (
        f"The columns “{first}” and “{second}” are both {name}. Keep one of them, or say what the other is."
    )
    return Unmapped(words, kind, unknown=unknown)


def refuse_twice(
    header: tuple[str, ...],
    columns: tuple[KnownColumn, ...],
    where: dict[str, int],
    kind: str,
    meant: Meant = NOTHING,
) -> None:
    for at, title in enumerate(header):
        name = _name(title, columns, meant)
        if name and at not in where.values():
            raise twice(header[where[name]], title, name, kind)


def _name(title: str, columns: tuple[KnownColumn, ...], meant: Meant, abroad: bool = False) -> str:
    """What a person has said goes before what we take a name for."""
    folded, names = fold_name(title), _names(columns, abroad)
    name = meant[folded] if folded in meant else names.get(folded, "")
    return name if name in names.values() else ""


@lru_cache(maxsize=64)
def _names(columns: tuple[KnownColumn, ...], abroad: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in columns:
        for name in column.names(abroad):
            found.setdefault(name, column.name)
    return found


def missing(where: dict[str, int], columns: tuple[KnownColumn, ...]) -> list[KnownColumn]:
    return [column for column in columns if column.needed and column.name not in where]


def refuse_missing(module, header: tuple[str, ...], lacking: list[KnownColumn]) -> Unmapped:
    asks = [f"“{c.name}”" + (f" (or: {', '.join(c.also[:4])})" if c.also else "") for c in lacking]
    word = plural(len(asks), "column")
    found = ", ".join(title or "(no name)" for title in header)
    return Unmapped(
        f"This looks like a {module.WORDS} file, but it has no {word} {' and '.join(asks)}. "
        f"Add {plural(len(asks), 'it', 'them')} and upload again. Columns found: {found[:200]}.",
        module.KIND,
    )
