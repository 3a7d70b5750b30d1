"""The items of a table, made from its rows when they are asked for."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from interpretation.words import plural
from uploads.importers.formats.table import Table
from uploads.importers.layouts import diagnoses, labs_wide

from .columns import SharedColumns, plain_mrn
from .dates import DateAlone, dates_alone
from .meanings import HEADER, TEST, Names
from .profile import WritingProfile
from .recognise import HeaderFit
from .records import EventRow, Item, LabRow, RowProblem, UnknownName

Cells = tuple[str, ...]
NumberedCells = tuple[int, Cells]


class Items:
    """The items of a table in file order, made anew from its rows each time they are asked for.

    What only all items tell (`notes`, `unknown`) is gathered while they are made: ask when all were.
    """

    def __init__(
        self,
        table: Table,
        count: int,
        read: Callable[[int, Cells], list[Item]],
        fit: HeaderFit,
        profile: WritingProfile,
        chosen: Collection[int] | None = None,
        columns: SharedColumns | None = None,
    ) -> None:
        """`columns`: where rows share what can be read once."""
        self._table, self._count, self._read, self._fit = table, count, read, fit
        self._profile, self._chosen, self.columns = profile, chosen, columns
        self._names, self._bare, self._events = Names(), 0, 0
        self.mrn_at = fit.where.get("mrn")
        # As it stands in the file -> as it is on record: asked of every row.
        self._mrns: dict[str, str] = {}

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Item]:
        for row in self.rows:
            yield from self.read([row])

    @property
    def rows(self) -> Iterable[tuple[int, Cells]]:
        if self._chosen is None:
            return self._table.body
        return (row for row in self._table.body if row[0] in self._chosen)

    def only(self, rows: Collection[int]) -> "Items":
        """The items of the rows with these numbers."""
        how = self._read, self._fit, self._profile, rows, self.columns
        return Items(self._table, sum(1 for _ in Items(self._table, 0, *how)), *how)

    def mrn_of(self, row: tuple[int, Cells]) -> str:
        """The MRN of a row, "" where it has none."""
        cells = row[1]
        if self.mrn_at is None or self.mrn_at >= len(cells):
            return ""
        cell = cells[self.mrn_at]
        if (mrn := self._mrns.get(cell)) is None:
            mrn = self._mrns[cell] = self._profile.mrn(plain_mrn(cell))
        return mrn

    def read(self, rows: Iterable[tuple[int, Cells]]) -> list[Item]:
        items: list[Item] = []
        for number, cells in rows:
            square = self._table.square(number, cells)
            if isinstance(square, RowProblem):
                items.append(square)
                continue
            made = self._read(number, square)
            self._gather(made)
            items += made
        self._names.add(items)
        return items

    def square(self, number: int, cells: Cells) -> Cells | RowProblem:
        return self._table.square(number, cells)

    def of_row(self, number: int, cells: Cells) -> list[Item]:
        """The items of one row as long as the header; nothing is gathered of them."""
        return self._read(number, cells)

    def _gather(self, made: list[Item]) -> None:
        if self._fit.module is diagnoses:
            self._events += sum(isinstance(item, EventRow) for item in made)
        else:
            self._bare += any(
                isinstance(item, LabRow) and isinstance(item.taken_at, DateAlone) for item in made
            )

    @property
    def notes(self) -> tuple[str, ...]:
        notes = dates_alone(self._bare)
        if self._events:
            words = plural(self._events, "row is", "rows are")
            notes.append(
                f"{self._events} {words} kept as events: ascites, encephalopathy and the like, "
                "from that day on."
            )
        return tuple(notes)

    @property
    def unknown(self) -> tuple[UnknownName, ...]:
        return tuple(in_its_place(name, self._fit) for name in self._names.found)


@dataclass(frozen=True)
class TableRows:
    """Rows of a table that nobody has made items of."""

    items: Items
    rows: list[NumberedCells]

    def __len__(self) -> int:
        return len(self.rows)


def in_its_place(name: UnknownName, fit: HeaderFit) -> UnknownName:
    """In wide form a test that is not known is a column, which may be something else than a test."""
    if fit.module is labs_wide and name.what == TEST:
        return replace(name, what=HEADER, about=labs_wide.KIND, tests=True)
    return name
