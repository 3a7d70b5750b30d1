"""Rows of cells to a table with a header. Rows are numbered as a spreadsheet shows them."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from patients.values.number_text import tidy
from uploads.formula import as_meant
from uploads.importers.formats.text import Text
from uploads.importers.records import FileRefused, Place, RowProblem
from uploads.importers.row_buffer import OverflowFile, RowBuffer, RowsBelow, Without, buffered

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# So many rows decide on the delimiter.
_SAMPLE = 200
# More than any laboratory sends: beyond, the file is no table, and reading it would hold up everybody else.
COLUMNS = 500
# So many lines may stand above the names of the columns.
_TITLES = 20
_TITLE = 200
_CELL = 10_000
# Letters of a row: beyond, rows have no ends, and one of them could fill the memory with its cells.
_ROW = 2_000_000
_LONG_ROW = (
    "Row {row} is longer than {most:,} letters: line breaks are missing, a quotation mark is never closed, "
    "or the cell is too long. Mend that and upload the file again."
)
NO_ROWS = "The file has a header but no rows. Export it again and check that it holds rows."
# In a value cell these say "no value". A header NA is sodium: headers never pass through here.
_BLANK = {"", "na", "n/a", "null", "none", "nan", "-", "--", "."}


@dataclass(frozen=True)
class TableLines:
    """The rows that are not blank, each with its number. `words`: encoding and delimiter, as shown.

    `epoch`: the year from which a workbook counts its days; 0 where that is not known.
    """

    rows: RowBuffer
    form: str
    words: str = ""
    sheet: str = ""
    notes: tuple[str, ...] = ()
    epoch: int = 0


@dataclass(frozen=True)
class Table:
    """`body`: every row below the header, as it stands in the file."""

    header: tuple[str, ...]
    body: RowsBelow | Without

    @property
    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Number and cells of the rows that are as long as the header."""
        for number, cells in self.body:
            cells = self.square(number, cells)
            if not isinstance(cells, RowProblem):
                yield number, cells

    def square(self, number: int, cells: tuple[str, ...]) -> tuple[str, ...] | RowProblem:
        """The cells of a row, or what is wrong with its length."""
        width = len(self.header)
        if len("".join(cells)) > _CELL and max(map(len, cells)) > _CELL:
            return RowProblem(
                Place(number, "", cells), f"a cell holds more than {_CELL:,} letters. Shorten it."
            )
        if len(cells) == width:
            return cells
        if len(cells) > width and not any(cells[width:]):
            return cells[:width]
        text = f"the row has {len(cells)} cells, the header has {width}. Quote cells with a delimiter in."
        return RowProblem(Place(number, "", cells), text)


@dataclass(frozen=True)
class Sheet(Table):
    """A table of a workbook has no ragged rows: an empty cell at the end is not written."""

    def square(self, number: int, cells: tuple[str, ...]) -> tuple[str, ...] | RowProblem:
        return super().square(number, cells + ("",) * (len(self.header) - len(cells)))


def is_blank(cell: str) -> bool:
    return cell.casefold() in _BLANK


def read_lines(text: Text, overflow: OverflowFile) -> TableLines:
    hinted = _take_hint(text)
    delimiter = hinted or _delimiter(text)
    rows = buffered(((at + bool(hinted), row) for at, row in _rows(text, delimiter)), overflow)
    if not len(rows):
        raise FileRefused("The file is empty. Export it again and check that it holds a header and rows.")
    return TableLines(rows, "CSV", f"{text.words} · {DELIMITERS[delimiter]}")


def table_of(lines: TableLines, header: tuple[str, ...], at: int, doubled: bool = False) -> Table:
    """The table whose rows start at place `at`. `doubled`: whether two columns may bear one name."""
    header = check_header(header, doubled)
    body = lines.rows.below(at)
    if not len(body):
        raise FileRefused(NO_ROWS)
    if not lines.sheet:
        return Table(header, body)
    # What stands beside the table is a column without a name.
    width = min(max(len(cells) for _, cells in body), COLUMNS)
    return Sheet(header + ("",) * (width - len(header)), body)


def raw_rows(text: Text) -> tuple[str, str, Iterator[tuple[int, list[str]]]]:
    """The hint line "sep=;" or "", the delimiter, and every row as it stands with its number."""
    hinted = _take_hint(text)
    delimiter = hinted or _delimiter(text)
    reader = csv.reader(text.lines(), delimiter=delimiter, strict=True)
    rows = ((number + bool(hinted), row) for number, row in enumerate(reader, 1))
    return f"sep={hinted}" if hinted else "", delimiter, rows


def _take_hint(text: Text) -> str:
    """Excel's first line "sep=;" names the delimiter: it is no row."""
    first = next(text.lines(), "")
    hint = first.strip().strip('"')
    if hint.casefold().startswith("sep=") and hint[4:] in DELIMITERS:
        text.skip = 1
        return hint[4:]
    return ""


def _rows(text: Text, delimiter: str, most: int | None = None) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Number and cells of each row that is not blank: spaces and quoted line breaks become one space."""
    number = pending = 0

    def lines() -> Iterator[str]:
        nonlocal pending
        for line in text.lines():
            pending += len(line)
            if pending > _ROW:
                raise FileRefused(_LONG_ROW.format(row=number + 1, most=_ROW))
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(islice(reader, most), 1):
            pending = 0
            if any(cells := _tidied(row)):
                yield number, cells
    except csv.Error as error:
        raise FileRefused(_quote_sentence(number + 1, str(error))) from None


def _tidied(row: list[str]) -> tuple[str, ...]:
    signs = "\x1f".join(row)
    cells = tuple(map(tidy, row) if _is_untidy(row, signs) else row)
    return tuple(map(as_meant, cells)) if "'" in signs else cells


def _is_untidy(row: list[str], signs: str) -> bool:
    """Whether `tidy` would change a cell of the row, `signs` joined by \\x1f: most have nothing of it."""
    return (
        not "".join(row).isprintable()
        or not signs.isascii()
        or "  " in signs
        or "\x1f " in signs
        or " \x1f" in signs
        or signs[:1] == " "
        or signs[-1:] == " "
    )


def _quote_sentence(row: int, error: str) -> str:
    if "expected after" in error:
        return f"Row {row}: text follows a closing quotation mark. Double each quotation mark inside a cell."
    return f"Row {row}: a quotation mark is opened and never closed, or the cell is too long. Close it."


def _delimiter(text: Text) -> str:
    """The delimiter that cuts most rows into as many cells as the header has."""
    scores = {delimiter: _consistency(text, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best] == (0, 0):
        # One column under every delimiter, or quotation marks that fit none: the reader says which.
        for _ in _rows(text, ","):
            pass
        raise FileRefused(
            "Only one column was found. Separate the columns with commas, semicolons, tabs or bars (|)."
        )
    if list(scores.values()).count(scores[best]) > 1:
        raise FileRefused("Two delimiters fit this file equally well. Separate the columns with commas only.")
    return best


def _consistency(text: Text, delimiter: str) -> tuple[float, int]:
    try:
        widths = [len(_trimmed(cells)) for _, cells in _rows(text, delimiter, _SAMPLE)]
    except FileRefused:
        return 0, 0
    # Lines of one cell above are a title, or say whose results these are.
    above = next((at for at, width in enumerate(widths[:_TITLES]) if width > 1), 0)
    widths = widths[above:]
    if not widths or widths[0] < 2:
        return 0, 0
    fitting = sum(1 < width <= widths[0] for width in widths) / len(widths)
    return round(fitting, 2), widths[0]


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def check_header(cells: tuple[str, ...], doubled: bool = False) -> tuple[str, ...]:
    header = _trimmed(cells)
    if len(header) > COLUMNS:
        raise FileRefused(
            f"The first row has {len(header):,} columns; at most {COLUMNS} can be read. "
            "Check that the first row holds the names of the columns, and leave out what is not needed."
        )
    if long := next((name for name in header if len(name) > _TITLE), ""):
        raise FileRefused(
            f"A name in the first row is {len(long):,} letters long: “{long[:40]}…”. "
            "Check that the first row holds the names of the columns."
        )
    times = Counter(name.casefold() for name in header if name)
    twice = [name for name, count in times.items() if count > 1]
    if twice and not doubled:
        raise FileRefused(f"The column “{twice[0]}” appears more than once. Keep one and upload again.")
    return header
