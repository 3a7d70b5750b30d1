"""One door: bytes of a file in, its kind, what was detected, and an item for each row out."""

from collections.abc import Iterable

from . import diagnoses, events, fhir, hl7v2, labs_long, labs_wide, patients
from .columns import Row, locate, missing, refuse_missing, refuse_twice
from .dates import has_clock, order_of
from .numbers import decimal_of
from .records import EventRow, Item, LabRow, Parsed, Refusal
from .table import DELIMITERS, Table, is_blank, read_table
from .text import decode

# More would not fit into the memory of a small server: a 50 MB file in wide form can hold 25 million cells.
MOST = 500_000
SINGLE = (labs_long, events, diagnoses, patients)
# Formats known by their first bytes, each with `sniff` and `read`; what none of them claims is read as CSV.
FORMATS = (hl7v2, fhir)


def parse(content: bytes, unseen: Iterable[int] = (), authority: str = "") -> Parsed:
    """Never raises for what a file holds: a file that cannot be read has a reason.

    `unseen`: signs that show nothing, taken out wherever they stand. `authority`: whose numbers are MRNs,
    where a format names that (PID-3.4, the system of an identifier); blank: any.
    """
    try:
        for form in FORMATS:
            if form.sniff(content):
                return form.read(content, unseen, authority)
        text, encoding = decode(content, unseen)
        table = read_table(text)
        module, where, tests = _recognise(table.header)
        if module is labs_wide:
            return _wide(table, where, tests, encoding)
        return _single(module, table, where, encoding)
    except Refusal as refusal:
        return Parsed(reason=str(refusal))


def _recognise(header: tuple[str, ...]):
    """The kind whose columns are there; else the nearest one is refused naming what it lacks."""
    fits = [_Fit(module, header) for module in SINGLE]
    whole = [fit for fit in fits if not fit.lacking]
    if whole:
        best = max(whole, key=lambda fit: len(fit.where))
        refuse_twice(header, best.module.COLUMNS, best.where)
        return best.module, best.where, []
    wide = _Fit(labs_wide, header)
    tests = labs_wide.tests_in(header, set(wide.where.values()))
    if any(test.analyte for test in tests) and "test" not in fits[0].where:
        if wide.lacking:
            raise refuse_missing(labs_wide.WORDS, header, wide.lacking)
        refuse_twice(header, labs_wide.COLUMNS, wide.where)
        labs_wide.refuse_twice(tests)
        return labs_wide, wide.where, tests
    best = max(fits, key=lambda fit: (fit.share, len(fit.where)))
    if best.share < 0.5 or len(best.where) < 2:
        raise Refusal(_fits_none(header))
    raise refuse_missing(best.module.WORDS, header, best.lacking)


class _Fit:
    """How well a header fits a kind of file."""

    def __init__(self, module, header: tuple[str, ...]):
        self.module, self.where = module, locate(header, module.COLUMNS)
        self.lacking = missing(self.where, module.COLUMNS)
        needed = sum(column.needed for column in module.COLUMNS)
        self.share = 1 - len(self.lacking) / needed


def _fits_none(header: tuple[str, ...]) -> str:
    found = ", ".join(title or "(no name)" for title in header)
    return (
        "The first row names no columns that are known. Patients need mrn, family_name, sex, birth_date; "
        "diagnoses mrn, kind; events mrn, kind, started_at; results mrn, collected_at, test, value, unit, "
        f"or one column a test such as “ALT (U/L)”. Columns found: {found[:200]}."
    )


def _single(module, table: Table, where: dict[str, int], encoding: str) -> Parsed:
    _refuse_too_many(len(table.rows) + len(table.ragged))
    rows = [Row(number, cells, where) for number, cells in table.rows]
    order, decimal = _order(module, rows), _decimal(module, rows)
    items: list[Item] = [module.read(row, order) for row in rows]
    items = _in_order(items + table.ragged)
    shape = "CSV, one result a row" if module is labs_long else "CSV"
    unread = [title or "(no name)" for at, title in enumerate(table.header) if at not in where.values()]
    notes = _notes(module, rows, items, unread)
    words = _format(shape, encoding, table, order if _dated(module, rows) else "", module.NUMBERS and decimal)
    return Parsed(module.KIND, words, notes, table.header, _titles(table, where), decimal, items)


def _wide(table: Table, where: dict[str, int], tests: list, encoding: str) -> Parsed:
    body = labs_wide.take_units(table, tests, where.get("mrn"))
    labs_wide.refuse_without_unit(tests)
    _refuse_too_many(sum(not is_blank(cells[test.at]) for _, cells in body for test in tests))
    rows = [Row(number, cells, where) for number, cells in body]
    order = _order(labs_wide, rows)
    numbers = [(at, text) for at, text in labs_wide.numbers_in(body, tests) if not is_blank(text)]
    decimal = decimal_of(numbers)
    items = [item for row in rows for item in labs_wide.read_draw(row, order, tests)]
    items = _in_order(items + table.ragged)
    used = {*where.values(), *(t.at for t in tests), *(at for t in tests for at in t.beside.values())}
    unread = [title or "(no name)" for at, title in enumerate(table.header) if at not in used]
    notes = ("Counted in results: each filled cell is one.", *_notes(labs_wide, rows, items, unread))
    words = _format("CSV, one draw a row", encoding, table, order, decimal)
    return Parsed(labs_wide.KIND, words, notes, table.header, _titles(table, where), decimal, items)


def _refuse_too_many(count: int) -> None:
    if count > MOST:
        raise Refusal(
            f"The file holds {count:,} rows or results; at most {MOST:,} can be read at once. "
            "Split it into smaller files and upload those."
        )


def _titles(table: Table, where: dict[str, int]) -> dict[str, str]:
    return {name: table.header[at] for name, at in where.items()}


def _order(module, rows: list[Row]) -> str:
    return order_of((row.number, row[name]) for name in module.DATES for row in rows if row[name])


def _decimal(module, rows: list[Row]) -> str:
    cells = ((row.number, row[name]) for name in module.NUMBERS for row in rows)
    return decimal_of((number, text) for number, text in cells if text)


def _dated(module, rows: list[Row]) -> bool:
    return any(row[name] for name in module.DATES for row in rows)


def _in_order(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.place.row)


def _format(shape: str, encoding: str, table: Table, order: str, decimal) -> str:
    parts = [shape, encoding, DELIMITERS[table.delimiter]]
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
        bare = sum(row.number in read and not has_clock(row["collected_at"]) for row in rows)
        if bare:
            notes.append(
                f"{bare} collection {'time is' if bare == 1 else 'times are'} a date alone: kept as 00:00."
            )
    return tuple(notes)
