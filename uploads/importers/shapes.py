"""A table whose kind is known, read: its rows as items, its format and notes in words."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from interpretation.words import counted
from uploads.importers import identity
from uploads.importers.formats.table import NO_ROWS, Table, TableLines, is_blank, table_of
from uploads.importers.layouts import diagnoses, labs_down, labs_long, labs_wide, patients
from uploads.importers.layouts.footers import footers_in, note
from uploads.importers.row_buffer import Without

from .columns import CellRow, refuse_twice
from .dates import dates_alone, has_clock, is_serial, is_time
from .formats.serial_days import with_days
from .items import Items, in_its_place
from .meanings import Meanings, unknown_headers, unknown_names
from .numbers import Marks, with_mark
from .recognise import HeaderFit, find, mrn_at
from .records import FileRefused, Item, Parsed, PatientRow, RowProblem
from .writing import person_reader, told_in, writing_of

# Results of one person in one table.
MOST_DOWN = 500_000
_EACH_CELL = "Counted in results: each filled cell is one."
Cells = tuple[str, ...]


@dataclass(frozen=True)
class KnownTable:
    """`above`: the lines over the names of the columns. `most`: so many rows or results may be in it."""

    lines: TableLines
    table: Table
    fit: HeaderFit
    above: list
    meanings: Meanings
    most: int

    @property
    def where(self) -> dict[str, int]:
        return self.fit.where

    def refuse_twice(self) -> None:
        module = self.fit.module
        meant = self.meanings.of_kind(module.KIND)
        refuse_twice(self.table.header, module.COLUMNS, self.where, module.KIND, meant)

    def refuse_too_many(self, count: int) -> None:
        if count > self.most:
            raise FileRefused(
                f"The file holds {count:,} rows or results; at most {self.most:,} can be read at once. "
                "Split it into smaller files and upload those."
            )

    def whose(self, mrn: str = "") -> Callable[[Cells], str]:
        """The MRN of a row as it is on record. `mrn`: of the whole table."""
        number = mrn_at(self.where)
        return lambda cells: self.meanings.profile.mrn(mrn or number(cells))

    def unread(self, used: set[int]) -> dict[int, str]:
        return {at: title for at, title in enumerate(self.table.header) if at not in used}

    def asked(self, unread: dict[int, str]) -> dict[int, str]:
        """The columns that are not read of which a person may say what they mean."""
        kind, never = self.fit.module.KIND, self.meanings.never
        return {
            at: title
            for at, title in unread.items()
            if not never(kind, title) and not labs_wide.describes(title)
        }


def read_table(lines: TableLines, meanings: Meanings, most: int) -> Parsed:
    """`most`: so many rows or results may be in it."""
    found = find(lines, meanings)
    fit, at = found.fit, found.at + found.lines
    table = table_of(lines, found.header, at, doubled=fit.module is labs_down)
    above = lines.rows.head(found.at)
    table, left_out = _without_footers(table, fit)
    read = {labs_wide: _wide, labs_down: _down}.get(fit.module, _single)
    parsed = read(KnownTable(lines, table, fit, above, meanings, most))
    notes = (*lines.notes, *parsed.notes, *left_out)
    if above and not parsed.mrn:
        notes += (f"Not read: {counted(len(above), 'line')} above the names of the columns.",)
    return replace(parsed, notes=notes)


def _without_footers(table: Table, fit: HeaderFit) -> tuple[Table, list[str]]:
    """The table without totals and other lines below it, and the note that names them. Where days stand
    across the top, such a line holds no result; a diagnosis needs no day."""
    if fit.module in (labs_down, diagnoses):
        return table, []
    names = [column.name for column in fit.module.COLUMNS if column.name in fit.module.DATES]
    places = [fit.where[name] for name in names if name in fit.where]

    def is_dated(cells: Cells) -> bool:
        return any(at < len(cells) and (is_time(cells[at]) or is_serial(cells[at])) for at in places)

    numbers = footers_in(table.body, is_dated)
    if not numbers:
        return table, []
    table = replace(table, body=Without(table.body, frozenset(numbers)))
    if next(iter(table.body), None) is None:
        raise FileRefused(NO_ROWS)
    return table, [note(numbers)]


def _single(known: KnownTable) -> Parsed:
    lines, table, meanings = known.lines, known.table, known.meanings
    module, where = known.fit.module, known.where
    known.refuse_twice()
    count = len(table.body)
    known.refuse_too_many(count)
    day_read, counted_days = with_days(where, (*module.DATES, "birth_date"), lines, table)
    numbers = told_in(table, where, module.NUMBERS, day_read)
    marks, order = writing_of(numbers, told_in(table, where, module.DATES, day_read), lines, meanings.profile)
    named, births = (
        (None, ()) if module is patients else person_reader(table, where, day_read, order, meanings)
    )
    dated = next(told_in(table, where, module.DATES, day_read), None) is not None

    if module is labs_long:
        of_row = labs_long.reader(where, order)
    else:

        def of_row(number: int, cells: Cells) -> Item:
            return module.read(CellRow(number, cells, where), order)

    def read(number: int, cells: Cells) -> list[Item]:
        cells = day_read(cells)
        item = of_row(number, with_mark(cells, marks.decimal))
        more = (
            patients.anticoagulant_of(CellRow(number, cells, where), item, order) if _is_person(item) else []
        )
        items = [meanings.applied(one) for one in (item, *more)]
        return [named(one, cells) for one in items] if named else items

    shape = f"{lines.form}, one result a row" if module is labs_long else lines.form
    words = _format(shape, lines, order if dated else "", module.NUMBERS and marks.decimal)
    count += _filled(table, where.get("anticoagulant")) if module is patients else 0
    columns = labs_long.shared_columns(where) if module is labs_long and not lines.sheet else None
    items = Items(table, count, read, known.fit, meanings.profile, columns=columns)
    parsed = _parsed(known, set(where.values()), items, words, marks)
    return replace(parsed, notes=(*parsed.notes, *counted_days), unknown=(*parsed.unknown, *births))


def _is_person(item: Item) -> bool:
    return isinstance(item, PatientRow)


def _filled(table: Table, at: int | None) -> int:
    """Rows that say something of an anticoagulant: that is an item of its own."""
    if at is None:
        return 0
    return sum(at < len(cells) and patients.says_anticoagulant(cells[at]) for _, cells in table.rows)


def _wide(known: KnownTable) -> Parsed:
    known.refuse_twice()
    where, tests, lines, meanings = known.where, list(known.fit.tests), known.lines, known.meanings
    labs_wide.refuse_twice(tests)
    known = _below_units(known, tests)
    table = known.table
    labs_wide.refuse_without_unit(tests, table, meanings, where["mrn"])
    places = [test.at for test in tests]
    # Each filled cell is an item; a row without any is one, and so is a row of the wrong length.
    square = filled = empty = 0
    for _, cells in table.rows:
        found = sum(not is_blank(cells[at]) for at in places)
        square, filled, empty = square + 1, filled + found, empty + (not found)
    known.refuse_too_many(filled)
    day_read, counted_days = with_days(where, (*labs_wide.DATES, "birth_date"), lines, table)
    numbers = ((at, text) for at, text in labs_wide.numbers_in(table, tests) if not is_blank(text))
    marks, order = writing_of(
        numbers, told_in(table, where, labs_wide.DATES, day_read), lines, meanings.profile
    )
    named, births = person_reader(table, where, day_read, order, meanings)

    def read(number: int, cells: Cells) -> list[Item]:
        cells = day_read(cells)
        row = CellRow(number, with_mark(cells, marks.decimal), where)
        items = [meanings.applied(item) for item in labs_wide.read_draw(row, order, tests)]
        return [named(item, cells) for item in items] if named else items

    used = {*where.values(), *(t.at for t in tests), *(at for t in tests for at in t.beside.values())}
    words = _format(f"{lines.form}, one draw a row", lines, order, marks.decimal)
    count = filled + empty + len(table.body) - square
    items = Items(table, count, read, known.fit, meanings.profile)
    parsed = _parsed(known, used, items, words, marks)
    notes = (_EACH_CELL, *parsed.notes, *counted_days)
    return replace(parsed, notes=notes, unknown=(*parsed.unknown, *births))


def _below_units(known: KnownTable, tests: list[labs_wide.Test]) -> KnownTable:
    """The table without its first row, where that is a row of units."""
    table = known.table
    if not labs_wide.take_units(next(table.rows, None), tests, known.where.get("mrn")):
        return known
    table = replace(table, body=table.body.below(1))
    if next(table.rows, None) is None:
        raise FileRefused(NO_ROWS)
    return replace(known, table=table)


def _down(known: KnownTable) -> Parsed:
    """Of one person, or few: all in memory."""
    known = replace(known, most=min(known.most, MOST_DOWN))
    table, where, meanings = known.table, known.where, known.meanings
    mrn = "" if "mrn" in where else labs_down.mrn_of(known.above, known.lines.sheet)
    days, body = labs_down.with_clocks(known.fit.down, list(table.rows))
    numbers = labs_down.numbers_in(body, days)
    known.refuse_too_many(len(numbers))
    marks, order = writing_of(numbers, _dates_of(days, known.above), known.lines, meanings.profile)
    body = [(number, with_mark(cells, marks.decimal)) for number, cells in body]
    items, empty = labs_down.read(table.header, body, days, mrn, order, meanings)
    if not items:
        raise FileRefused("No cell below the dates holds a result. Fill one in and upload again.")
    items = _completed(known, items, order)
    unread = {at: title for at, title in known.unread({*where.values(), *days.days}).items() if title}
    unknown = unknown_headers(known.asked(unread), labs_down.KIND, body, known.whose(mrn))
    unknown += tuple(in_its_place(name, known.fit) for name in unknown_names(items))
    notes = (_EACH_CELL, *_empty_rows(empty), *_not_read(unread), *_days_alone(days))
    words = _format(f"{known.lines.form}, tests down, dates across", known.lines, order, marks.decimal)
    titles = {"mrn": table.header[where["mrn"]]} if "mrn" in where else {}
    first = min(item.place.row for item in items)
    return Parsed(
        labs_down.KIND, words, notes, table.header, titles, marks.decimal, marks.thousands, items,
        head=first, mrn=mrn, unknown=unknown,
    )  # fmt: skip


def _dates_of(days: labs_down.DatesAcross, above: list) -> list[tuple[int, str]]:
    """The days across the top, with the row in which they stand."""
    row = above[-1][0] + 1 if above else 1
    return [(row, day) for day in days.days.values()]


def _completed(known: KnownTable, items: list[Item], order: str) -> list[Item]:
    """With the rows of another length in their places, and with the date of birth that stands above."""
    squares = (known.table.square(number, cells) for number, cells in known.table.body)
    ragged = [square for square in squares if isinstance(square, RowProblem)]
    in_order = sorted(items + ragged, key=lambda item: item.place.row)
    items = [known.meanings.applied(item) for item in in_order]
    born = labs_down.born_of(known.above, known.lines.epoch)
    return [identity.with_person(item, "", "", born, order=order) for item in items] if born else items


def _empty_rows(count: int) -> list[str]:
    words = counted(count, "row holds no value and is", "rows hold no value and are")
    return [f"{words} not counted."] if count else []


def _days_alone(days: labs_down.DatesAcross) -> list[str]:
    return dates_alone(sum(not has_clock(day) for day in days.days.values()))


def _parsed(known: KnownTable, used: set[int], items: Items, words: str, marks: Marks) -> Parsed:
    kind, table, unread = known.fit.module.KIND, known.table, known.unread(used)
    unknown = unknown_headers(known.asked(unread), kind, table.rows, known.whose())
    titles = {name: table.header[at] for name, at in known.where.items()}
    first = next(iter(table.body), (0,))[0]
    return Parsed(
        kind, words, _not_read(unread), table.header, titles, marks.decimal, marks.thousands, items,
        head=first, unknown=unknown,
    )  # fmt: skip


def _not_read(unread: dict[int, str]) -> tuple[str, ...]:
    titles = ", ".join(title or "(no name)" for title in unread.values())
    return (f"Columns not read: {titles[:200]}.",) if unread else ()


def _format(shape: str, lines: TableLines, order: str, decimal) -> str:
    parts = [shape, lines.words] if lines.words else [shape]
    if order:
        parts.append(f"dates {order}")
    if decimal:
        parts.append("decimal comma" if decimal == "," else "decimal point")
    return " · ".join(parts)
