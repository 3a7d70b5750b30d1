"""A table whose kind is known, read: its rows as items, its format and notes in words."""

from dataclasses import replace

from . import diagnoses, labs_down, labs_long, labs_wide
from .columns import Row, refuse_twice
from .dates import has_clock, order_of, serial
from .meanings import HEADER, TEST, Meanings, unknown_headers, unknown_names
from .numbers import Number, decimal_of, with_mark
from .recognise import Fit, find, mrn_at
from .records import EventRow, Item, LabRow, Parsed, Refusal, Unknown
from .table import Lines, Table, is_blank, table_of

# More would not fit into the memory of a small server: a 50 MB file in wide form can hold 25 million cells.
MOST = 500_000
_EACH_CELL = "Counted in results: each filled cell is one."


def read_table(lines: Lines, meanings: Meanings) -> Parsed:
    found = find(lines, meanings)
    fit, at = found.fit, found.at + found.lines
    table = table_of(lines, found.header, at, doubled=fit.module is labs_down)
    above = lines.rows[: found.at]
    read = {labs_wide: _wide, labs_down: _down}.get(fit.module, _single)
    parsed = read(lines, table, fit, above, meanings)
    notes = (*lines.notes, *parsed.notes)
    if above and not parsed.mrn:
        words = "1 line" if len(above) == 1 else f"{len(above)} lines"
        notes += (f"Not read: {words} above the names of the columns.",)
    items = [meanings.applied(item) for item in parsed.items]
    unknown = (*parsed.unknown, *(_column(name, fit) for name in unknown_names(items)))
    return replace(parsed, items=items, notes=notes, unknown=unknown)


def _column(name: Unknown, fit: Fit) -> Unknown:
    """In wide form a test that is not known is a column, which may be something else than a test."""
    if fit.module is labs_wide and name.what == TEST:
        return replace(name, what=HEADER, about=labs_wide.KIND, tests=True)
    return name


def _single(lines: Lines, table: Table, fit: Fit, above: list, meanings: Meanings) -> Parsed:
    module, where = fit.module, fit.where
    refuse_twice(table.header, module.COLUMNS, where, meanings.of_kind(module.KIND))
    _refuse_too_many(len(table.rows) + len(table.ragged))
    body = _with_days(table.rows, where, module.DATES, lines.epoch)
    decimal = _decimal(module, [Row(number, cells, where) for number, cells in body])
    rows = [Row(number, with_mark(cells, decimal), where) for number, cells in body]
    order = _order(module, rows)
    items: list[Item] = [module.read(row, order) for row in rows]
    items = _in_order(items + table.ragged)
    shape = f"{lines.form}, one result a row" if module is labs_long else lines.form
    words = _format(shape, lines, order if _dated(module, rows) else "", module.NUMBERS and decimal)
    return _parsed(module, table, where, set(where.values()), rows, items, words, decimal, meanings)


def _wide(lines: Lines, table: Table, fit: Fit, above: list, meanings: Meanings) -> Parsed:
    where, tests = fit.where, list(fit.tests)
    refuse_twice(table.header, labs_wide.COLUMNS, where, meanings.of_kind(labs_wide.KIND))
    labs_wide.refuse_twice(tests)
    body = labs_wide.take_units(table, tests, where.get("mrn"))
    labs_wide.refuse_without_unit(tests, body, meanings, where["mrn"])
    _refuse_too_many(sum(not is_blank(cells[test.at]) for _, cells in body for test in tests))
    body = _with_days(body, where, labs_wide.DATES, lines.epoch)
    numbers = [(at, text) for at, text in labs_wide.numbers_in(body, tests) if not is_blank(text)]
    decimal = decimal_of(numbers)
    rows = [Row(number, with_mark(cells, decimal), where) for number, cells in body]
    order = _order(labs_wide, rows)
    items = [item for row in rows for item in labs_wide.read_draw(row, order, tests)]
    items = _in_order(items + table.ragged)
    used = {*where.values(), *(t.at for t in tests), *(at for t in tests for at in t.beside.values())}
    words = _format(f"{lines.form}, one draw a row", lines, order, decimal)
    parsed = _parsed(labs_wide, table, where, used, rows, items, words, decimal, meanings)
    return replace(parsed, notes=(_EACH_CELL, *parsed.notes))


def _down(lines: Lines, table: Table, fit: Fit, above: list, meanings: Meanings) -> Parsed:
    mrn = "" if "mrn" in fit.where else labs_down.mrn_of(above, lines.sheet)
    days, body = labs_down.with_clocks(fit.down, table.rows)
    numbers = labs_down.numbers_in(body, days)
    _refuse_too_many(len(numbers))
    decimal = decimal_of(numbers)
    body = [(number, with_mark(cells, decimal)) for number, cells in body]
    order = order_of((above[-1][0] + 1 if above else 1, day) for day in days.days.values())
    items, empty = labs_down.read(table.header, body, days, mrn, order, meanings)
    if not items:
        raise Refusal("No cell below the dates holds a result. Fill one in and upload again.")
    items = _in_order(items + table.ragged)
    notes = [_EACH_CELL]
    if empty:
        words = "1 row holds no value and is" if empty == 1 else f"{empty} rows hold no value and are"
        notes.append(f"{words} not counted.")
    used = {*fit.where.values(), *days.days}
    unread = [title for at, title in enumerate(table.header) if at not in used and title]
    if unread:
        notes.append(f"Columns not read: {', '.join(unread)[:200]}.")
    bare = sum(not has_clock(day) for day in days.days.values())
    notes += _bare(bare)
    words = _format(f"{lines.form}, tests down, dates across", lines, order, decimal)
    titles = {"mrn": table.header[fit.where["mrn"]]} if "mrn" in fit.where else {}
    return Parsed(labs_down.KIND, words, tuple(notes), table.header, titles, decimal, items, mrn=mrn)


def _parsed(module, table, where, used, rows, items, words, decimal, meanings) -> Parsed:
    unread = {at: title for at, title in enumerate(table.header) if at not in used}
    notes = _notes(module, rows, items, [title or "(no name)" for title in unread.values()])
    asked = {
        at: title
        for at, title in unread.items()
        if not meanings.never(module.KIND, title) and not labs_wide.describes(title)
    }
    unknown = unknown_headers(asked, module.KIND, table.rows, mrn_at(where))
    titles = {name: table.header[at] for name, at in where.items()}
    return Parsed(module.KIND, words, notes, table.header, titles, decimal, items, unknown=unknown)


def _refuse_too_many(count: int) -> None:
    if count > MOST:
        raise Refusal(
            f"The file holds {count:,} rows or results; at most {MOST:,} can be read at once. "
            "Split it into smaller files and upload those."
        )


def _with_days(rows: list, where: dict[str, int], columns: tuple[str, ...], epoch: int) -> list:
    """Days that a workbook keeps as bare numbers, as texts."""
    places = {at for name, at in where.items() if name.partition(" ")[0] in columns}
    if not epoch or not any(isinstance(cells[at], Number) for _, cells in rows for at in places):
        return rows
    return [
        (
            number,
            tuple(
                serial(cell, epoch) if at in places and isinstance(cell, Number) else cell
                for at, cell in enumerate(cells)
            ),
        )
        for number, cells in rows
    ]


def _order(module, rows: list[Row]) -> str:
    return order_of((row.number, row[name]) for name in module.DATES for row in rows if row[name])


def _decimal(module, rows: list[Row]) -> str:
    cells = ((row.number, row[name]) for name in module.NUMBERS for row in rows)
    return decimal_of((number, text) for number, text in cells if text)


def _dated(module, rows: list[Row]) -> bool:
    return any(row[name] for name in module.DATES for row in rows)


def _in_order(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.place.row)


def _format(shape: str, lines: Lines, order: str, decimal) -> str:
    parts = [shape, lines.words] if lines.words else [shape]
    if order:
        parts.append(f"dates {order}")
    if decimal:
        parts.append("decimal comma" if decimal == "," else "decimal point")
    return " · ".join(parts)


def _notes(module, rows: list[Row], items: list[Item], unread: list[str]) -> tuple[str, ...]:
    notes = []
    if unread:
        notes.append(f"Columns not read: {', '.join(unread)[:200]}.")
    if module is diagnoses:
        count = sum(isinstance(item, EventRow) for item in items)
        if count:
            words = "row is" if count == 1 else "rows are"
            notes.append(
                f"{count} {words} kept as events: ascites, encephalopathy and the like, from that day on."
            )
    if module in (labs_long, labs_wide):
        read = {item.place.row for item in items if isinstance(item, LabRow)}
        notes += _bare(sum(row.number in read and not has_clock(row["collected_at"]) for row in rows))
    return tuple(notes)


def _bare(count: int) -> list[str]:
    words = "time is" if count == 1 else "times are"
    return [f"{count} collection {words} a date alone: kept as 00:00."] if count else []
