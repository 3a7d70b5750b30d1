"""Rows of cells to a table with a header. Rows are numbered as a spreadsheet shows them."""

import csv
import io
from collections import Counter
from dataclasses import dataclass

from patients.written import tidy
from uploads.formula import as_meant

from .records import Place, Problem, Refusal

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# So many rows decide on the delimiter.
_SAMPLE = 200
# More than any laboratory sends: beyond, the file is no table, and reading it would hold up everybody else.
COLUMNS = 500
# So many lines may stand above the names of the columns.
_TITLES = 20
_TITLE = 200
_CELL = 10_000
# In a value cell these say "no value". A header NA is sodium: headers never pass through here.
_BLANK = {"", "na", "n/a", "null", "none", "nan", "-", "--", "."}


@dataclass(frozen=True)
class Lines:
    """The rows that are not blank, each with its number. `words`: encoding and delimiter, as shown.

    `epoch`: the year from which a workbook counts its days; 0 where that is not known.
    """

    rows: list[tuple[int, tuple[str, ...]]]
    form: str
    words: str = ""
    sheet: str = ""
    notes: tuple[str, ...] = ()
    epoch: int = 0


@dataclass(frozen=True)
class Table:
    header: tuple[str, ...]
    # Row number and cells, each row as long as the header.
    rows: list[tuple[int, tuple[str, ...]]]
    ragged: list[Problem]


def is_blank(cell: str) -> bool:
    return cell.casefold() in _BLANK


def read_lines(text: str, encoding: str) -> Lines:
    text, hinted = _without_hint(text)
    delimiter = hinted or _delimiter(text)
    rows = [(at + bool(hinted), row) for at, row in _rows(text, delimiter)]
    if not rows:
        raise Refusal("The file is empty. Export it again and check that it holds a header and rows.")
    return Lines(rows, "CSV", f"{encoding} · {DELIMITERS[delimiter]}")


def table_of(lines: Lines, header: tuple[str, ...], at: int, doubled: bool = False) -> Table:
    """The table whose rows start at place `at`. `doubled`: whether two columns may bear one name."""
    header = check_header(header, doubled)
    body = lines.rows[at:]
    if not body:
        raise Refusal("The file has a header but no rows. Export it again and check that it holds rows.")
    if lines.sheet:
        # A sheet has no ragged rows: what stands beside the table is a column without a name.
        width = min(max(len(cells) for _, cells in body), COLUMNS)
        header += ("",) * (width - len(header))
        body = [(number, cells + ("",) * (len(header) - len(cells))) for number, cells in body]
    return _square(header, body)


def _without_hint(text: str) -> tuple[str, str]:
    """Excel's first line "sep=;" names the delimiter."""
    first, _, rest = text.partition("\n")
    hint = first.strip().strip('"')
    if hint.casefold().startswith("sep=") and hint[4:] in DELIMITERS:
        return rest, hint[4:]
    return text, ""


def _rows(text: str, delimiter: str, most: int | None = None):
    """Number and cells of each row that is not blank: spaces and quoted line breaks become one space."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, 1):
            cells = tuple(as_meant(tidy(cell)) for cell in row)
            if any(cells):
                yield number, cells
            if number == most:
                return
    except csv.Error as error:
        raise Refusal(_quote_sentence(number + 1, str(error))) from None


def _quote_sentence(row: int, error: str) -> str:
    if "expected after" in error:
        return f"Row {row}: text follows a closing quotation mark. Double each quotation mark inside a cell."
    return f"Row {row}: a quotation mark is opened and never closed, or the cell is too long. Close it."


def _delimiter(text: str) -> str:
    """The delimiter that cuts most rows into as many cells as the header has."""
    scores = {delimiter: _consistency(text, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best] == (0, 0):
        # One column under every delimiter, or quotation marks that fit none: the reader says which.
        for _ in _rows(text, ","):
            pass
        raise Refusal(
            "Only one column was found. Separate the columns with commas, semicolons, tabs or bars (|)."
        )
    if list(scores.values()).count(scores[best]) > 1:
        raise Refusal("Two delimiters fit this file equally well. Separate the columns with commas only.")
    return best


def _consistency(text: str, delimiter: str) -> tuple[float, int]:
    try:
        widths = [len(_trimmed(cells)) for _, cells in _rows(text, delimiter, _SAMPLE)]
    except Refusal:
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
        raise Refusal(
            f"The first row has {len(header):,} columns; at most {COLUMNS} can be read. "
            "Check that the first row holds the names of the columns, and leave out what is not needed."
        )
    if long := next((name for name in header if len(name) > _TITLE), ""):
        raise Refusal(
            f"A name in the first row is {len(long):,} letters long: “{long[:40]}…”. "
            "Check that the first row holds the names of the columns."
        )
    times = Counter(name.casefold() for name in header if name)
    twice = [name for name, count in times.items() if count > 1]
    if twice and not doubled:
        raise Refusal(f"The column “{twice[0]}” appears more than once. Keep one and upload again.")
    return header


def _square(header, numbered) -> Table:
    rows, ragged, width = [], [], len(header)
    for number, cells in numbered:
        if any(len(cell) > _CELL for cell in cells):
            text = f"a cell holds more than {_CELL:,} letters. Shorten it."
            ragged.append(Problem(Place(number, "", cells), text))
        elif len(cells) == width:
            rows.append((number, cells))
        elif len(cells) > width and not any(cells[width:]):
            rows.append((number, cells[:width]))
        else:
            text = f"the row has {len(cells)} cells, the header has {width}. Quote cells with a delimiter in."
            ragged.append(Problem(Place(number, "", cells), text))
    return Table(header, rows, ragged)
