"""Cells of delimited texts and workbooks: what stands at a row, under whose titles."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from tests.fuzz.second.judge import Claim, Evidence
from tests.fuzz.second.texts import fold_name, plain

Rows = dict[int, list[str]]
_VALUE = {
    "value", "result", "result value", "test result", "numeric result", "valuenum", "reading", "ergebnis", "wert",
    "messwert", "resultat", "résultat", "valeur", "resultado", "valor", "risultato", "valore", "uitslag",
}  # fmt: skip
_UNIT = re.compile(r"unit|einheit|uom|unidad|eenheid|unità")
_LIMIT = re.compile(r"ref|range|limit|low|high|upp|norm|lln|uln|grenz|interval|rango|valeurs|valori")
_SIGN = {"comparator", "operator", "qualifier", "sign"}
# Days of something else than the draw.
_OTHER_DAYS = re.compile(
    r"birth|born|dob|geb|naissance|nacimiento|nascita|received|verified|reported|released|death|died"
)


def evidence(tables: list[Rows], claim: Claim) -> Iterator[Evidence]:
    """The claim's place is (sheet, row, title of the column in a table with a column a test); nothing, where
    it may stand anywhere."""
    if not claim.place:
        yield from _anywhere(tables)
        return
    _, row, title = claim.place
    for table in tables:
        if row in table:
            yield from _of_row(table[row], _above(table, row), title)


def _anywhere(tables: list[Rows]) -> Iterator[Evidence]:
    for table in tables:
        for row, cells in table.items():
            above = _above(table, row)
            titles = dict.fromkeys(text for one in above.values() for text in one if text)
            for title in ("", *titles):
                yield from _of_row(cells, above, title)


def _above(table: Rows, row: int) -> Rows:
    return {number: cells for number, cells in table.items() if number < row}


def _of_row(cells: list[str], above: Rows, title: str) -> Iterator[Evidence]:
    for number in sorted(above, reverse=True):
        header = [plain(one) for one in above[number]] + [""] * len(cells)
        below = [one for at, one in sorted(above.items()) if at > number][:1]
        places = [
            at for at in range(len(cells))
            if (fold_name(header[at]) == fold_name(title) if title else fold_name(header[at]) in _VALUE)
        ]  # fmt: skip
        for at in places:
            yield _cell(cells, header, at, below, [text for one in above.values() for text in one])


def _cell(cells: list[str], header: list[str], at: int, below: list[list[str]], above: list[str]) -> Evidence:
    under = list(zip(header, cells, strict=False))
    first = below[0] if below else []
    days = [text for title, text in under if not _OTHER_DAYS.search(fold_name(title))]
    long = fold_name(header[at]) in _VALUE
    units = [text for title, text in under if _UNIT.search(fold_name(title))]
    others = (
        []
        if long
        else [
            *_after_name(header[at]),
            *(one for text in cells for one in _after_name(text)),
            *first[at : at + 1],
        ]
    )
    return Evidence(
        value=" ".join([*(text for title, text in under if fold_name(title) in _SIGN), cells[at]]),
        units=("", *units, *others),
        tests=tuple([header[at], *cells] if not long else cells),
        times=tuple(days + ([] if long else [header[at], *first[at : at + 1]])),
        people=tuple(cells + above),
        limits=tuple(text for title, text in under if _LIMIT.search(fold_name(title)) or text == cells[at]),
    )


def _after_name(text: str) -> list[str]:
    """ "ALT (U/L)", "ALT, U/L", "ALT U/L", "Quick %": the unit behind a name."""
    ways = (r"[(\[](.+)[)\]]", r"[,;:]\s*(\S.*)$", r"[\s_](\S+)$", r"(%)$")
    return [found[1] for way in ways if (found := re.search(way, plain(text)))]


# --- delimited texts ---


def of_text(content: bytes) -> list[Rows]:
    """The rows under each delimiter, numbered as a spreadsheet does."""
    text = decoded(content)
    found = []
    for delimiter in ",;\t|":
        for skipped in (0, 1) if text.lstrip('\ufeff"').lower().startswith("sep=") else (0,):
            lines = io.StringIO(text, newline="").readlines()[skipped:]
            try:
                rows = enumerate(csv.reader(lines, delimiter=delimiter), 1 + skipped)
                found.append({number: [as_meant(cell) for cell in row] for number, row in rows})
            except csv.Error:
                continue
    return found


def as_meant(cell: str) -> str:
    """An apostrophe in front of a sign keeps a spreadsheet from taking the cell for a formula."""
    return cell[1:] if re.match(r"'[-=+@<>\t]", cell) else cell


def decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(
            "cp1252" if any(0x80 <= byte <= 0x9F for byte in content) else "latin-1", "replace"
        )


# --- workbooks ---

_M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_O = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"


def of_workbook(content: bytes) -> list[Rows] | None:
    """Every sheet, as its cells hold and as their formats may show them; None where it is too old for this."""
    if not content.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = book.namelist()
            if "content.xml" in names:
                return list(_ods(ElementTree.fromstring(book.read("content.xml"))))
            return list(_xlsx(book, names))
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, OSError, NotImplementedError):
        return None


def _xlsx(book: zipfile.ZipFile, names: list[str]) -> Iterator[Rows]:
    strings = []
    for name in names:
        if name.endswith("sharedStrings.xml"):
            tree = ElementTree.fromstring(book.read(name))
            strings = ["".join(t.text or "" for t in one.iter(f"{_M}t")) for one in tree]
    formats = "".join(
        book.read(name).decode("utf-8", "replace") for name in names if name.endswith("styles.xml")
    )
    for name in names:
        if re.search(r"worksheets/.*\.xml$", name):
            rows = _sheet(ElementTree.fromstring(book.read(name)), strings)
            yield rows
            yield from _shown(rows, formats)


def _sheet(tree: ElementTree.Element, strings: list[str]) -> Rows:
    rows: Rows = {}
    for row in tree.iter(f"{_M}row"):
        number = int(row.get("r") or max(rows, default=0) + 1)
        cells = rows.setdefault(number, [])
        for cell in row.iter(f"{_M}c"):
            letters = re.match(r"[A-Z]*", cell.get("r") or "")[0]
            at = _column(letters) if letters else len(cells)
            cells += [""] * (min(at, 1000) + 1 - len(cells))
            cells[min(at, 1000)] = _text(cell, strings)
    return rows


def _text(cell: ElementTree.Element, strings: list[str]) -> str:
    value = cell.findtext(f"{_M}v") or ""
    if cell.get("t") == "s" and value.strip().isdigit() and int(value) < len(strings):
        return strings[int(value)]
    if cell.get("t") == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{_M}t"))
    return (
        f"{float(value):.15g}"
        if re.fullmatch(r"-?[\d.]+(?:[eE][-+]?\d+)?", value) and value.count(".") < 2
        else value
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _shown(rows: Rows, formats: str) -> Iterator[Rows]:
    """The same where a format of the book puts a percent sign or a bound to a number."""
    codes = re.findall(r'formatCode="([^"]*)"', formats)
    if "%" in "".join(codes) or re.search(r'numFmtId="(?:9|10)"', formats):
        yield _each_number(rows, lambda number: f"{number * 100:.15g}%")
    for sign in ("<", ">", "<=", ">=", "≤", "≥"):
        if any(sign in code.replace("&lt;", "<").replace("&gt;", ">") for code in codes):
            yield _each_number(rows, lambda number, sign=sign: f"{sign}{number:.15g}")


def _each_number(rows: Rows, shown) -> Rows:
    """Days and numbers of people stay findable: as they are, beside what is shown."""

    def change(cell: str) -> str:
        is_number = re.fullmatch(r"-?\d+(?:\.\d+)?", cell) and float(cell) < 10_000
        return shown(float(cell)) if is_number else cell

    return {number: [change(cell) for cell in cells] for number, cells in rows.items()}


def _ods(tree: ElementTree.Element) -> Iterator[Rows]:
    table, office, text = (_O % name for name in ("table", "office", "text"))
    for sheet in tree.iter(f"{table}table"):
        held: Rows = {}
        shown: Rows = {}
        number = 0
        for row in sheet.iter(f"{table}table-row"):
            number += 1
            for cell in row:
                words = " ".join("".join(p.itertext()) for p in cell.iter(f"{text}p"))
                day = cell.get(f"{office}date-value")
                value = day or cell.get(f"{office}value") or words
                times = min(int(cell.get(f"{table}number-columns-repeated") or 1), 100)
                held.setdefault(number, []).extend([value] * times)
                shown.setdefault(number, []).extend([day or words or value] * times)
            number += int(row.get(f"{table}number-rows-repeated") or 1) - 1
        yield held
        yield shown
