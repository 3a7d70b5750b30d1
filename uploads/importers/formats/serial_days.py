"""Days that a spreadsheet keeps as numbers, put back into texts."""

from collections.abc import Callable

from uploads.importers.dates import is_serial, serial, serial_text
from uploads.importers.numbers import Number

from .table import Table, TableLines

Cells = tuple[str, ...]


def with_days(
    where: dict[str, int], columns: tuple[str, ...], lines: TableLines, table: Table
) -> tuple[Callable[[Cells], Cells], list[str]]:
    """What turns days that a workbook keeps as bare numbers, or has saved so as text, into texts; and the
    note that says so."""
    places = {at for name, at in where.items() if name.partition(" ")[0] in columns}
    epoch = lines.epoch
    if not lines.sheet:
        return _with_text_days(places, table)
    if not epoch:
        return (lambda cells: cells), []

    def in_workbook(cells: Cells) -> Cells:
        if not any(isinstance(cells[at], Number) for at in places):
            return cells
        return tuple(
            serial(cell, epoch) if at in places and isinstance(cell, Number) else cell
            for at, cell in enumerate(cells)
        )

    return in_workbook, []


def _with_text_days(places: set[int], table: Table) -> tuple[Callable[[Cells], Cells], list[str]]:
    """Of the columns that hold nothing but numbers as a spreadsheet counts days."""
    left, example = set(places), ""
    for _, cells in table.rows if places else ():
        left = {at for at in left if not cells[at] or is_serial(cells[at])}
        if not left:
            break
        example = example or next((cells[at] for at in left if cells[at]), "")
    if not left or not example:
        return (lambda cells: cells), []
    note = f"Days are written as a spreadsheet counts them: {example} is {serial_text(example)}."

    def in_text(cells: Cells) -> Cells:
        return tuple(serial_text(cell) if at in left else cell for at, cell in enumerate(cells))

    return in_text, [note]
