"""A table whose kind is known, read: its rows as items, its format and notes in words."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from operator import itemgetter

from interpretation.words import counted
from uploads.importers import identity
from uploads.importers.formats.table import NO_ROWS, Sheet, Table, TableLines, is_blank, table_of
from uploads.importers.layouts import diagnoses, labs_down, labs_long, labs_wide, patients
from uploads.importers.layouts.footers import footers_in, note
from uploads.importers.row_buffer import Without

from .columns import CLOCK, CellRow, joined, refuse_twice
from .dates import (
    ISO,
    POINTS,
    dates_alone,
    has_clock,
    is_serial,
    is_time,
    order_of,
    serial,
    serial_text,
)
from .items import Items, in_its_place
from .meanings import Meanings, unknown_headers, unknown_names
from .numbers import OTHER, Marks, Number, marks_of, with_mark
from .profile import WritingProfile
from .recognise import HeaderFit, find, mrn_at
from .records import (
    FileRefused,
    Item,
    Parsed,
    PatientRow,
    RowProblem,
    UnknownName,
    Unmapped,
)

# Results of one person in one table.
MOST_DOWN = 500_000
_LATELY = 20_000
_EACH_CELL = "Counted in results: each filled cell is one."
Cells = tuple[str, ...]


def read_table(lines: TableLines, meanings: Meanings, most: int) -> Parsed:
    """`most`: so many rows or results may be in it."""
    found = find(lines, meanings)
    fit, at = found.fit, found.at + found.lines
    table = table_of(lines, found.header, at, doubled=fit.module is labs_down)
    above = lines.rows.head(found.at)
    table, left_out = _without_footers(table, fit)
    read = {labs_wide: _wide, labs_down: _down}.get(fit.module, _single)
    parsed = read(lines, table, fit, above, meanings, most)
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


def _single(
    lines: TableLines, table: Table, fit: HeaderFit, above: list, meanings: Meanings, most: int
) -> Parsed:
    module, where = fit.module, fit.where
    refuse_twice(table.header, module.COLUMNS, where, module.KIND, meanings.of_kind(module.KIND))
    count = len(table.body)
    _refuse_too_many(count, most)
    with_days, counted = _with_days(where, (*module.DATES, "birth_date"), lines, table)
    numbers = _said(table, where, module.NUMBERS, with_days)
    marks, order = _writing(numbers, _said(table, where, module.DATES, with_days), lines, meanings.profile)
    named, births = (None, ()) if module is patients else _mrn_of(table, where, with_days, order, meanings)
    dated = next(_said(table, where, module.DATES, with_days), None) is not None

    if module is labs_long:
        of_row = labs_long.reader(where, order)
    else:

        def of_row(number: int, cells: Cells) -> Item:
            return module.read(CellRow(number, cells, where), order)

    def read(number: int, cells: Cells) -> list[Item]:
        cells = with_days(cells)
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
    items = Items(table, count, read, fit, meanings.profile, columns=columns)
    parsed = _parsed(module, table, where, set(where.values()), items, words, marks, meanings)
    return replace(parsed, notes=(*parsed.notes, *counted), unknown=(*parsed.unknown, *births))


def _is_person(item: Item) -> bool:
    return isinstance(item, PatientRow)


def _filled(table: Table, at: int | None) -> int:
    """Rows that say something of an anticoagulant: that is an item of its own."""
    if at is None:
        return 0
    return sum(at < len(cells) and patients.says_anticoagulant(cells[at]) for _, cells in table.rows)


def _wide(
    lines: TableLines, table: Table, fit: HeaderFit, above: list, meanings: Meanings, most: int
) -> Parsed:
    where, tests = fit.where, list(fit.tests)
    refuse_twice(table.header, labs_wide.COLUMNS, where, labs_wide.KIND, meanings.of_kind(labs_wide.KIND))
    labs_wide.refuse_twice(tests)
    if labs_wide.take_units(next(table.rows, None), tests, where.get("mrn")):
        table = replace(table, body=table.body.below(1))
        if next(table.rows, None) is None:
            raise FileRefused(NO_ROWS)
    labs_wide.refuse_without_unit(tests, table, meanings, where["mrn"])
    places = [test.at for test in tests]
    # Each filled cell is an item; a row without any is one, and so is a row of the wrong length.
    square = filled = empty = 0
    for _, cells in table.rows:
        found = sum(not is_blank(cells[at]) for at in places)
        square, filled, empty = square + 1, filled + found, empty + (not found)
    _refuse_too_many(filled, most)
    with_days, counted = _with_days(where, (*labs_wide.DATES, "birth_date"), lines, table)
    numbers = ((at, text) for at, text in labs_wide.numbers_in(table, tests) if not is_blank(text))
    marks, order = _writing(numbers, _said(table, where, labs_wide.DATES, with_days), lines, meanings.profile)

    named, births = _mrn_of(table, where, with_days, order, meanings)

    def read(number: int, cells: Cells) -> list[Item]:
        cells = with_days(cells)
        row = CellRow(number, with_mark(cells, marks.decimal), where)
        items = [meanings.applied(item) for item in labs_wide.read_draw(row, order, tests)]
        return [named(item, cells) for item in items] if named else items

    used = {*where.values(), *(t.at for t in tests), *(at for t in tests for at in t.beside.values())}
    words = _format(f"{lines.form}, one draw a row", lines, order, marks.decimal)
    count = filled + empty + len(table.body) - square
    items = Items(table, count, read, fit, meanings.profile)
    parsed = _parsed(labs_wide, table, where, used, items, words, marks, meanings)
    notes = (_EACH_CELL, *parsed.notes, *counted)
    return replace(parsed, notes=notes, unknown=(*parsed.unknown, *births))


def _down(
    lines: TableLines, table: Table, fit: HeaderFit, above: list, meanings: Meanings, most: int
) -> Parsed:
    """Of one person, or few: all in memory."""
    mrn = "" if "mrn" in fit.where else labs_down.mrn_of(above, lines.sheet)
    whose = _whose_number(fit.where, meanings, mrn)
    days, body = labs_down.with_clocks(fit.down, list(table.rows))
    numbers = labs_down.numbers_in(body, days)
    _refuse_too_many(len(numbers), min(most, MOST_DOWN))
    dates = [(above[-1][0] + 1 if above else 1, day) for day in days.days.values()]
    marks, order = _writing(numbers, dates, lines, meanings.profile)
    body = [(number, with_mark(cells, marks.decimal)) for number, cells in body]
    items, empty = labs_down.read(table.header, body, days, mrn, order, meanings)
    if not items:
        raise FileRefused("No cell below the dates holds a result. Fill one in and upload again.")
    squares = (table.square(number, cells) for number, cells in table.body)
    ragged = [square for square in squares if isinstance(square, RowProblem)]
    items = [meanings.applied(item) for item in _in_order(items + ragged)]
    if born := labs_down.born_of(above, lines.epoch):
        items = [identity.with_person(item, "", "", born, order=order) for item in items]
    notes = [_EACH_CELL]
    if empty:
        words = counted(empty, "row holds no value and is", "rows hold no value and are")
        notes.append(f"{words} not counted.")
    used = {*fit.where.values(), *days.days}
    unread = {at: title for at, title in enumerate(table.header) if at not in used and title}
    if unread:
        notes.append(f"Columns not read: {', '.join(unread.values())[:200]}.")
    asked = {at: title for at, title in unread.items() if _is_asked(labs_down.KIND, title, meanings)}
    told = unknown_headers(asked, labs_down.KIND, body, whose)
    bare = sum(not has_clock(day) for day in days.days.values())
    notes += dates_alone(bare)
    words = _format(f"{lines.form}, tests down, dates across", lines, order, marks.decimal)
    titles = {"mrn": table.header[fit.where["mrn"]]} if "mrn" in fit.where else {}
    told += tuple(in_its_place(name, fit) for name in unknown_names(items))
    header = table.header
    first = min(item.place.row for item in items)
    return Parsed(
        labs_down.KIND, words, tuple(notes), header, titles, marks.decimal, marks.thousands, items,
        head=first, mrn=mrn, unknown=told,
    )  # fmt: skip


def _writing(
    numbers: Iterable[tuple[int, str]],
    dates: Iterable[tuple[int, str]],
    lines: TableLines,
    profile: WritingProfile,
) -> tuple[Marks, str]:
    """The marks of the numbers and the order of the dates; what neither the file nor the sender's profile
    tells is asked, all of it at once."""
    asked, points = [], []
    order, marks = ISO, Marks()
    try:
        order = order_of(_watched(dates, points), profile.date_order)
    except Unmapped as question:
        asked.append(question)
    try:
        marks = marks_of(numbers, profile.mark, "semicolon" in lines.words or bool(points))
    except Unmapped as question:
        asked.append(question)
    if asked:
        unknown = tuple(name for question in asked for name in question.unknown)
        raise Unmapped(" ".join(map(str, asked)), unknown=unknown)
    if profile.thousands:
        # Spaces and apostrophes between thousands are always read.
        marks = replace(marks, thousands=profile.thousands if profile.thousands in OTHER else "")
    return marks, order


def _watched(dates: Iterable[tuple[int, str]], points: list) -> Iterator[tuple[int, str]]:
    """The dates, noting the first one with points between its numbers: who writes them so may group thousands
    by a point too."""
    for row, text in dates:
        if not points and POINTS.match(text):
            points.append(row)
        yield row, text


def _parsed(module, table, where, used, items, words, marks: Marks, meanings) -> Parsed:
    unread = {at: title for at, title in enumerate(table.header) if at not in used}
    notes = ()
    if unread:
        notes = (f"Columns not read: {', '.join(title or '(no name)' for title in unread.values())[:200]}.",)
    asked = {at: title for at, title in unread.items() if _is_asked(module.KIND, title, meanings)}
    unknown = unknown_headers(asked, module.KIND, table.rows, _whose_number(where, meanings))
    titles = {name: table.header[at] for name, at in where.items()}
    first = next(iter(table.body), (0,))[0]
    return Parsed(
        module.KIND, words, notes, table.header, titles, marks.decimal, marks.thousands, items,
        head=first, unknown=unknown,
    )  # fmt: skip


def _whose_number(where: dict[str, int], meanings: Meanings, mrn: str = "") -> Callable[[Cells], str]:
    """The MRN of a row as it is on record. `mrn`: of the whole table."""
    number = mrn_at(where)
    return lambda cells: meanings.profile.mrn(mrn or number(cells))


def _is_asked(kind: str, title: str, meanings: Meanings) -> bool:
    return not meanings.never(kind, title) and not labs_wide.describes(title)


def _refuse_too_many(count: int, most: int) -> None:
    if count > most:
        raise FileRefused(
            f"The file holds {count:,} rows or results; at most {most:,} can be read at once. "
            "Split it into smaller files and upload those."
        )


def _with_days(
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

    def with_days(cells: Cells) -> Cells:
        if not any(isinstance(cells[at], Number) for at in places):
            return cells
        return tuple(
            serial(cell, epoch) if at in places and isinstance(cell, Number) else cell
            for at, cell in enumerate(cells)
        )

    return with_days, []


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

    def with_days(cells: Cells) -> Cells:
        return tuple(serial_text(cell) if at in left else cell for at, cell in enumerate(cells))

    return with_days, [note]


def _mrn_of(
    table: Table, where: dict[str, int], with_days, order: str, meanings: Meanings
) -> tuple[Callable[[Item, Cells], Item] | None, tuple[UnknownName, ...]]:
    """Dates of birth may be in another order than times; where they do not tell, `order` is theirs; where
    that tells nothing either, it is asked beside the rows that are read."""
    asked: tuple[UnknownName, ...] = ()
    try:
        own = order_of(_said(table, where, ("birth_date",), with_days), meanings.profile.date_order)
    except Unmapped as question:
        own, asked = ISO, question.unknown if order == ISO else ()
    return identity.reader(where, order if own == ISO else own), asked


def _said(
    table: Table, where: dict[str, int], names: tuple[str, ...], with_days
) -> Iterator[tuple[int, str]]:
    """Row number and text of what stands in these columns. A text that was told lately is not told again."""
    # As `CellRow` gives them, for every row of large files.
    places = [(where[n], where.get(n + CLOCK) if n[-3:] == "_at" else None) for n in names if n in where]
    seen: set[str] = set()
    for number, cells in _unlike(table, {at for both in places for at in both if at is not None}):
        cells = with_days(cells)
        for at, clock in places:
            text = cells[at] if clock is None else joined(cells[at], cells[clock])
            if not text or text in seen:
                continue
            # A cell that holds a number says less than the same text.
            if type(text) is str:
                if len(seen) > _LATELY:
                    seen.clear()
                seen.add(text)
            yield number, text


def _unlike(table: Table, places: set[int]) -> Iterator[tuple[int, Cells]]:
    """The rows in which these cells are together what they were in no row lately: few of a large file. In a
    workbook a cell may be a number or the same text."""
    if not places or isinstance(table, Sheet):
        yield from table.rows if places else ()
        return
    told, seen = itemgetter(*places), set()
    for row in table.rows:
        if (cells := told(row[1])) not in seen:
            if len(seen) > _LATELY:
                seen.clear()
            seen.add(cells)
            yield row


def _in_order(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.place.row)


def _format(shape: str, lines: TableLines, order: str, decimal) -> str:
    parts = [shape, lines.words] if lines.words else [shape]
    if order:
        parts.append(f"dates {order}")
    if decimal:
        parts.append("decimal comma" if decimal == "," else "decimal point")
    return " · ".join(parts)
