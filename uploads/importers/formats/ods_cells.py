"""Which cells of an ODS workbook show something else than they hold: errors, percent, signs around a number.

Imports nothing of the product: the process that opens workbooks loads this file by its path.
"""

import re
from xml.parsers import expat

# What stands in a cell in place of what cannot be told from it.
OTHER, ERROR = "#FORMAT", "#ERROR"
_TEXT = 1000
_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?|(?:Err|Fehler):[0-9]+", re.IGNORECASE)
_NUMBER = re.compile(
    r"([^0-9.,]*?)\s*(-?[0-9](?:[0-9.,'’ \u00a0\u202f]*[0-9])?(?:E[+-]?[0-9]+)?)\s*([^0-9]*)", re.IGNORECASE
)
_GROUPS = dict.fromkeys(map(ord, "'’ \u00a0\u202f"))


class Broken(Exception):
    """The file is no XML."""


def marks_of(content: bytes) -> dict[str, dict]:
    """Sheet -> marks, as `workbook_child._marks` gives them."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        raise Broken from None
    return reader.sheets


class _Reader:
    def __init__(self) -> None:
        self.sheets: dict[str, dict] = {}
        self.marks: dict | None = None
        self.row = self.column = self.rows = 0
        self.cell: dict | None = None
        self.words: list[str] = []
        self.depth = 0

    def start(self, name: str, about: dict) -> None:
        if name == "table:table":
            self.marks = {"rows": 0, "columns": 0, "texts": {}, "formats": {}, "shown": {}}
            self.sheets[about.get("table:name", "")] = self.marks
            self.row = 0
        elif name == "table:table-row":
            self.column, self.rows = 0, _count(about, "table:number-rows-repeated")
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self.cell, self.words, self.depth = about, [], 0
        elif self.cell is not None:
            # A remark on the cell has words of its own.
            self.depth += name == "office:annotation"

    def text(self, text: str) -> None:
        if self.cell is not None and not self.depth and len(self.words) < _TEXT:
            self.words.append(text)

    def end(self, name: str) -> None:
        if name == "table:table-row":
            self.row += self.rows
        elif name == "office:annotation":
            self.depth -= 1
        elif name in ("table:table-cell", "table:covered-table-cell") and self.cell is not None:
            self._take(self.cell, "".join(self.words).strip())
            self.column += _count(self.cell, "table:number-columns-repeated")
            self.cell = None

    def _take(self, about: dict, text: str) -> None:
        kind, shown = about.get("office:value-type", ""), None
        if about.get("calcext:value-type") == "error" or _is_error(about, text):
            shown = text if text.startswith("#") else ERROR
        elif kind in ("float", "percentage", "currency"):
            shown = _shown(kind, about.get("office:value", ""), text)
        if shown is None or self.marks is None:
            return
        which = "texts" if shown.startswith("#") else "shown"
        # What is repeated over thousands of rows is nothing that a laboratory sent.
        for row in range(self.row, self.row + min(self.rows, _TEXT)):
            places = self.marks[which].setdefault(row, {})
            for column in range(min(_count(about, "table:number-columns-repeated"), _TEXT)):
                places[self.column + column] = shown


def _count(about: dict, name: str) -> int:
    text = about.get(name, "1")
    return int(text) if text.isdecimal() and len(text) < 9 else 1


def _is_error(about: dict, text: str) -> bool:
    return "table:formula" in about and bool(_ERROR.fullmatch(text))


def _shown(kind: str, value: str, text: str) -> str | None:
    """What the cell shows where that says more than its number, else None."""
    try:
        number = float(value)
    except ValueError:
        return OTHER
    if kind == "percentage":
        return f"{number * 100:.15g}%"
    if not text or number < 0:
        return None
    found = _NUMBER.fullmatch(text)
    if not found or not _is_number(found[2], number):
        return OTHER
    before, after = found[1].strip(), found[3].strip()
    return f"{before}{number:.15g} {after}".strip() if before or after else None


def _is_number(text: str, number: float) -> bool:
    """Whether digits are this number as it is rounded, whatever marks they are written with."""
    text = text.translate(_GROUPS)
    for decimal, other in (".,", ",."):
        whole, _, part = text.replace(other, "").partition(decimal)
        if decimal in part:
            continue
        figures = len(re.match(r"[0-9]*", part)[0])
        exponent = re.search(r"E([+-]?[0-9]{1,3})$", text, re.IGNORECASE)
        step = 10.0 ** (int(exponent[1]) if exponent else 0) / 10.0**figures
        if abs(float(f"{whole}.{part}" if part else whole) - number) <= 0.500001 * step:
            return True
    return False
