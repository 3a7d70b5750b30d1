"""Run as a program of its own: a workbook on stdin, one JSON line a sheet on stdout.

A hostile workbook can crash the reader or ask for all memory, which no exception reports: here it only ends
this process, whose memory and time are limited. Imports nothing of the product but three files of its own.
A cell is a text, a number, or a pair: "d" and a day, "s" and what a number is shown as.

    python -I workbook_child.py '{"cells": …}'   # all of workbook.Limits
"""

import importlib.util
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import ModuleType

# A cell as the reader gives it, and as it is written.
ReadCell = bool | int | float | str | datetime | date | time | timedelta
WrittenCell = str | float | list[str]
# A cell longer than this is refused by the table reader, which need not see all of it.
CELL = 10_001
ENTRIES = 5000
# No sign "<" within a tag: what never ends is not searched for its end again and again.
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])([^<>]*)>")
_LETTERS = re.compile(rb'\br="([A-Z]{1,3})[0-9]')
_DIGITS = re.compile(rb'\br="[A-Z]{1,3}([0-9]{1,7})"')
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
_SINGLE_QUOTES = re.compile(rb"='([^'\"<>]*)'")
_VALUE = re.compile(rb"<(?:\w+:)?v(?=[\s/>])[^<>]*>([^<]+)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f(?=[\s/>])")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^<>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^<>]*)>")
# Of a cell that names none.
DEFAULT_STYLE = b"0"
_XF = re.compile(rb"<(?:\w+:)?xf\s([^<>]*)>")
# A format may hold the sign ">" within its quotation marks.
_FORMAT = re.compile(rb"""<(?:\w+:)?numFmt\s((?:[^<>"']|"[^"]*"|'[^']*')*)>""")
_FORMAT_PARTS = re.compile(rb"""(\w+)=(?:"([^"]*)"|'([^']*)')""")
_PERCENT_FORMATS = {b"9": "0%", b"10": "0.00%"}
# A format that is longer is none that a program wrote.
_CODE = 255


def _beside(name: str) -> ModuleType:
    """A file of this folder, which a program that is run by itself cannot import."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cell_formats, cell_places, ods_cells, xls_cells = map(
    _beside, ("cell_formats", "cell_places", "ods_cells", "xls_cells")
)


class SheetRefused(Exception):
    """Why the workbook is not read: a word that workbook.py turns into a sentence."""


def main(content: bytes, limits: dict) -> None:
    _limit(limits)
    archive = _archive(content, limits) if content.startswith(b"PK") else None
    # Only here: a workbook that is refused by its size is never opened.
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if len(book.sheet_names) > limits["sheets"]:
            raise SheetRefused("sheets")
        form, epoch, paths, formats = _about(archive)
        marked = _other_marks(form, archive, content)
        left = [limits["text_mb"] << 20]
        for place, about in enumerate(book.sheets_metadata):
            path = _path_of(about.name, place, paths, archive) if form == "XLSX" else None
            marks = marked.get(about.name) or _marks(archive, path, formats, limits["cells"])
            if marks["rows"] * marks["columns"] > limits["cells"]:
                raise SheetRefused("cells")
            sheet = book.get_sheet_by_name(about.name)
            if sheet.height * sheet.width > limits["cells"]:
                raise SheetRefused("cells")
            line = {"sheet": about.name, "form": form, "epoch": epoch, "rows": _rows(sheet, marks, left)}
            told = {
                "blind": form == "XLS" and not marked,
                "hidden": not str(about.visible).endswith(".Visible"),
            }
            _write(line | {name: True for name, holds in told.items() if holds})
    except PasswordError:
        raise SheetRefused("password") from None
    except CalamineError:
        raise SheetRefused("broken") from None


def _limit(limits: dict) -> None:
    memory = limits["memory_mb"] << 20
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, limits["seconds"])):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            # Not every system knows every limit; the parent still watches the clock.
            continue


def _archive(content: bytes, limits: dict) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        raise SheetRefused("broken") from None
    if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > limits["unpacked_mb"] << 20:
        raise SheetRefused("unpacked")
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise SheetRefused("password")
    if b"manifest:encryption-data" in _read(archive, "META-INF/manifest.xml"):
        raise SheetRefused("password")
    if "xl/workbook.xml" not in names and not _is_ods(archive):
        raise SheetRefused(_kind_of(names, _read(archive, "mimetype")[:100]))
    return archive


def _kind_of(names: set[str], mimetype: bytes) -> str:
    """What an archive is that is no workbook."""
    folders = {name.partition("/")[0] for name in names}
    if "xl/workbook.bin" in names:
        return "binary"
    if "word" in folders or b"opendocument.text" in mimetype:
        return "word"
    if "ppt" in folders or b"opendocument.presentation" in mimetype:
        return "slides"
    if b"epub" in mimetype:
        return "book"
    return "numbers" if any(name.endswith(".iwa") for name in names) else "zip"


def _is_ods(archive: zipfile.ZipFile) -> bool:
    return b"opendocument.spreadsheet" in _read(archive, "mimetype")[:100]


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except KeyError:
        return b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, zipfile.zlib.error):
        raise SheetRefused("broken") from None


def _other_marks(form: str, archive: zipfile.ZipFile | None, content: bytes) -> dict[str, dict]:
    """By sheet, what its cells show for what they hold, where the sheets themselves are not looked through."""
    if form == "ODS":
        return _ods_marks(archive)
    return _xls_marks(content) if form == "XLS" else {}


def _xls_marks(content: bytes) -> dict[str, dict]:
    """Empty for files older than Excel 97, whose cells are taken as they are: a note says so."""
    try:
        return xls_cells.marks_of(content, cell_formats.changes)
    except xls_cells.Unread:
        return {}


def _ods_marks(archive: zipfile.ZipFile) -> dict[str, dict]:
    """By sheet, what its cells show for what they hold."""
    try:
        return ods_cells.marks_of(_read(archive, "content.xml"))
    except ods_cells.Broken:
        raise SheetRefused("broken") from None


def _about(archive: zipfile.ZipFile | None) -> tuple[str, int, dict[str, str], dict[bytes, str]]:
    """Form, the year from which days are counted (0: not known), path of each sheet, and the format of each
    style that shows something else than what a cell holds."""
    if archive is None:
        return "XLS", 0, {}, {}
    book = _read(archive, "xl/workbook.xml")
    if not book:
        return "ODS", 0, {}, {}
    epoch = 1904 if re.search(rb'date1904="(1|true)"', book) else 1900
    targets = {}
    for found in _RELATION.finditer(_read(archive, "xl/_rels/workbook.xml.rels")):
        relation = dict(_ATTRIBUTE.findall(found[1]))
        target = relation.get(b"Target", b"").decode("utf-8", "replace")
        targets[relation.get(b"Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    paths = {}
    for found in _SHEET.finditer(book):
        sheet = dict(_ATTRIBUTE.findall(found[1]))
        name = _unescaped(sheet.get(b"name", b""))
        paths[name] = targets.get(sheet.get(b"id"), "")
    return "XLSX", epoch, paths, _odd_styles(_read(archive, "xl/styles.xml"))


def _path_of(name: str, place: int, paths: dict[str, str], archive: zipfile.ZipFile) -> str:
    """The inner file of a sheet, by its name or else by its place in the book.

    Without it nobody knows what its cells show: a number shown as "<5" would be read as 5.
    """
    in_order = list(paths.values())
    path = paths.get(name) or (in_order[place] if place < len(in_order) else "")
    if path not in archive.namelist():
        raise SheetRefused("broken")
    return path


def _odd_styles(styles: bytes) -> dict[bytes, str]:
    """Style number -> format, of those that may show something else than what the cell holds."""
    codes = dict(_PERCENT_FORMATS)
    for found in _FORMAT.finditer(styles):
        about = {name: double or single for name, double, single in _FORMAT_PARTS.findall(found[1])}
        code = _unescaped(about.get(b"formatCode", b""))[:_CODE]
        if cell_formats.changes(code):
            codes[about.get(b"numFmtId", b"")] = code
    start, end = (styles.find(tag) for tag in (b"cellXfs", b"/cellXfs"))
    found = _XF.findall(styles, start, end) if -1 < start < end else []
    numbers = [dict(_ATTRIBUTE.findall(about)).get(b"numFmtId") for about in found]
    return {str(at).encode(): codes[number] for at, number in enumerate(numbers) if number in codes}


def _unescaped(name: bytes) -> str:
    from xml.sax.saxutils import unescape

    text = name.decode("utf-8", "replace")
    return unescape(text, {"&quot;": '"', "&apos;": "'"})


def _marks(archive, path: str | None, formats: dict[bytes, str], most: int) -> dict:
    """What the reader does not tell: where cells with errors, without a result, or with a format that shows
    something else stand; and how far the sheet reaches, asked before anything is laid out in memory."""
    marks = {"rows": 0, "columns": 0, "texts": {}, "formats": {}, "shown": {}}
    sheet = _read(archive, path) if archive is not None and path else b""
    if b"='" in sheet:
        sheet = _SINGLE_QUOTES.sub(rb'="\1"', sheet)
    sheet = cell_places.placed(sheet)
    if _is_plain(sheet, formats, most):
        return marks
    for about, inner in _cells(sheet):
        cell = dict(_ATTRIBUTE.findall(about))
        place = _place(cell.get(b"r", b""))
        if place is None:
            continue
        row, column = place
        marks["rows"], marks["columns"] = max(marks["rows"], row + 1), max(marks["columns"], column + 1)
        value = _VALUE.search(inner)
        if cell.get(b"t") == b"e":
            text = value[1].decode("utf-8", "replace")[:20] if value else "#ERROR"
            marks["texts"].setdefault(row, {})[column] = text
        elif value is None and _FORMULA.search(inner):
            marks["texts"].setdefault(row, {})[column] = "#FORMULA"
        elif (code := formats.get(cell.get(b"s", DEFAULT_STYLE))) is not None:
            marks["formats"].setdefault(row, {})[column] = code
    return marks


def _is_plain(sheet: bytes, formats: dict[bytes, str], most: int) -> bool:
    """Whether no cell needs a look: nothing to mark, and small even if each cell that is named counts."""
    if b't="e"' in sheet or _FORMULA.search(sheet) or DEFAULT_STYLE in formats:
        return False
    if any(b's="%s"' % style in sheet for style in formats):
        return False
    columns = {_place(letters + b"1") for letters in set(_LETTERS.findall(sheet))}
    rows = max(map(int, set(_DIGITS.findall(sheet))), default=0)
    return rows * (1 + max((place[1] for place in columns if place), default=0)) <= most


def _cells(sheet: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Attributes and content of each cell that has content."""
    last = None
    for found in _CELL.finditer(sheet):
        if last:
            yield last[1], sheet[last.end() : found.start()]
        last = None if found[1].endswith(b"/") else found
    if last:
        yield last[1], sheet[last.end() : last.end() + CELL]


def _place(reference: bytes) -> tuple[int, int] | None:
    """ "B7" -> (6, 1)."""
    found = re.fullmatch(rb"([A-Z]{1,3})([0-9]{1,7})", reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - 64
    return int(found[2]) - 1, column - 1


def _rows(sheet, marks: dict, left: list[int]) -> list:
    """Number and cells of each row that holds something. Numbers stay numbers, all else becomes text.

    `left`: how many letters may still be written, over all sheets.
    """
    start = (sheet.start or (0, 0))[1]
    rows = []
    for at, raw in enumerate(_raw_rows(sheet, marks)):
        cells = [""] * start + [_cell(value) for value in raw]
        _mark(cells, at, marks)
        while cells and cells[-1] == "":
            cells.pop()
        if not cells:
            continue
        left[0] -= sum(len(cell) if isinstance(cell, str) else 24 for cell in cells) + len(cells)
        if left[0] < 0:
            raise SheetRefused("unpacked")
        rows.append([at + 1, cells])
    return rows


def _raw_rows(sheet, marks: dict) -> Iterator[list[ReadCell]]:
    """The rows of the sheet, and empty ones down to the last that a mark names."""
    yield from sheet.iter_rows()
    yield from ([] for _ in range(sheet.total_height, max(marks["texts"], default=-1) + 1))


def _mark(cells: list, at: int, marks: dict) -> None:
    for column, text in marks["texts"].get(at, {}).items():
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = text
    for column, code in marks["formats"].get(at, {}).items():
        if column < len(cells):
            cells[column] = _shown(cells[column], code)
    for column, text in marks["shown"].get(at, {}).items():
        if column < len(cells):
            cells[column] = ["s", text]


def _shown(cell: WrittenCell, code: str) -> WrittenCell:
    """Days are shown as days, whatever stands around them."""
    if not isinstance(cell, (int, float, str)):
        return cell
    text = cell_formats.shown(cell, code)
    return ["s", text] if isinstance(text, str) and isinstance(cell, (int, float)) else text


def _cell(value: ReadCell) -> WrittenCell:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, datetime):
        value = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
        return ["d", value.date().isoformat() if value.time() == time() else value.isoformat(" ")]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, time):
        return value.isoformat()[:19]
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value[:CELL]


def _write(line: dict) -> None:
    sys.stdout.write(json.dumps(line, allow_nan=False) + "\n")


if __name__ == "__main__":
    try:
        main(sys.stdin.buffer.read(), json.loads(sys.argv[1]))
    except SheetRefused as refusal:
        _write({"refused": str(refusal)})
