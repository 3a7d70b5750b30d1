"""Cells of delimited texts and workbooks: what stands at a row, under whose titles."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
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
            yield _cell(
                cells, header, at, below, [text for row, one in above.items() if row < number for text in one]
            )


def _cell(cells: list[str], header: list[str], at: int, below: list[list[str]], above: list[str]) -> Evidence:
    under = list(zip(header, cells, strict=False))
    days = [text for title, text in under if not _OTHER_DAYS.search(fold_name(title))]
    signs = _titled(under, lambda title: title in _SIGN)
    # With a column a test: name, unit and day may stand in its title, or the unit and hour just below.
    if fold_name(header[at]) in _VALUE:
        title, units = [], []
    else:
        title = [header[at], *(below[0][at : at + 1] if below else ())]
        units = [unit for text in (*title, *cells) for unit in _after_name(text)]
    return Evidence(
        value=" ".join([*signs, cells[at]]),
        units=("", *_titled(under, _UNIT.search), *units, *title[1:]),
        tests=(*title[:1], *cells),
        times=(*days, *title),
        people=(*cells, *above),
        limits=(*_titled(under, _LIMIT.search), cells[at]),
    )


def _titled(under: list[tuple[str, str]], fits: Callable[[str], object]) -> list[str]:
    return [text for title, text in under if fits(fold_name(title))]


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


def _tree(content: bytes) -> ElementTree.Element:
    """Names as they are without their namespaces, which a damaged file may have lost."""
    tree = ElementTree.fromstring(content)
    for one in tree.iter():
        one.tag = one.tag.rpartition("}")[2]
        one.attrib = {name.rpartition("}")[2]: text for name, text in one.attrib.items()}
    return tree


def of_workbook(content: bytes) -> list[Rows] | None:
    """Every sheet, as its cells hold and as their formats may show them; None where it is too old for this."""
    if not content.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = book.namelist()
            if "content.xml" in names:
                return list(_ods(_tree(book.read("content.xml"))))
            return list(_xlsx(book, names))
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, OSError, NotImplementedError):
        return None


def _xlsx(book: zipfile.ZipFile, names: list[str]) -> Iterator[Rows]:
    strings, codes = [], [""]
    for name in names:
        if name.endswith("sharedStrings.xml"):
            strings = ["".join(t.text or "" for t in one.iter("t")) for one in _tree(book.read(name))]
        if name.endswith("styles.xml"):
            codes = _codes(_tree(book.read(name))) or codes
    # What more than one section or condition shows is not told from here: as it is held, too.
    unclear = any(sign in code for code in codes for sign in ";[")
    for name in names:
        if re.search(r"worksheets/.*\.xml$", name):
            tree = _tree(book.read(name))
            yield _sheet(tree, strings, codes)
            if unclear:
                yield _sheet(tree, strings, [""])


def _codes(styles: ElementTree.Element) -> list[str]:
    """The format of each style of cells."""
    known = {one.get("numFmtId"): one.get("formatCode", "") for one in styles.iter("numFmt")}
    known |= {"9": "0%", "10": "0.00%"}
    cells = styles.find("cellXfs")
    return [known.get(one.get("numFmtId"), "") for one in (cells if cells is not None else ())]


def _sheet(tree: ElementTree.Element, strings: list[str], codes: list[str]) -> Rows:
    """A cell's own reference goes before the number of its row; without either they are counted."""
    rows: Rows = {}
    number = 0
    for row in tree.iter("row"):
        number = int(row.get("r") or number + 1)
        after = 0
        for cell in row.iter("c"):
            letters, digits = re.match(r"([A-Z]*)([0-9]*)", cell.get("r") or "").groups()
            at = min(_column(letters), 1000) if letters else after
            cells = rows.setdefault(int(digits or number), [])
            cells += [""] * (at + 1 - len(cells))
            cells[at], after = _text(cell, strings, _code(cell, codes)), at + 1
    return rows


def _code(cell: ElementTree.Element, codes: list[str]) -> str:
    style = cell.get("s") or "0"
    known = re.fullmatch("[0-9]+", style) and int(style) < len(codes)
    return codes[int(style)] if known else ""


def _text(cell: ElementTree.Element, strings: list[str], code: str) -> str:
    value = cell.findtext("v") or ""
    if cell.get("t") == "s" and re.fullmatch("[0-9]+", value.strip()) and int(value) < len(strings):
        return strings[int(value)]
    if cell.find("is") is not None:
        return "".join(t.text or "" for t in cell.iter("t"))
    if not re.fullmatch(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", value):
        return value
    return _shown(float(value), re.sub(r"\[[^\]]*\]", "", code).partition(";")[0])


def _shown(number: float, code: str) -> str:
    """A number as its format shows it: a percent sign, a bound before it."""
    bound = re.match(r"[<>≤≥]=?", re.sub(r'["\\ ]', "", code))
    per_cent = "%" in re.sub(r'"[^"]*"', "", code)
    return (
        f"{bound[0] if bound else ''}{number * 100 if per_cent else number:.15g}{'%' if '%' in code else ''}"
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _ods(tree: ElementTree.Element) -> Iterator[Rows]:
    for sheet in tree.iter("table"):
        held: Rows = {}
        shown: Rows = {}
        number = 0
        for row in sheet.iter("table-row"):
            number += 1
            for cell in row:
                times = min(int(cell.get("number-columns-repeated") or 1), 100)
                value, words = _ods_cell(cell)
                held.setdefault(number, []).extend([value] * times)
                shown.setdefault(number, []).extend([words] * times)
            number += int(row.get("number-rows-repeated") or 1) - 1
        yield held
        yield shown


def _ods_cell(cell: ElementTree.Element) -> tuple[str, str]:
    """What it holds and what it shows; a day is told by what it holds."""
    words = " ".join("".join(p.itertext()) for p in cell.iter("p"))
    value = cell.get("date-value") or cell.get("value") or words
    if cell.get("value-type") == "percentage" and re.fullmatch(r"\d+(?:\.\d+)?", value):
        value = f"{float(value) * 100:.15g}%"
    return value, cell.get("date-value") or words or value
