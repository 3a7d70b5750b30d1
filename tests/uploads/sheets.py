"""Workbooks written where they are used: XLSX by openpyxl, ODS and XLS by hand."""

import io
import struct
import zipfile
from datetime import date, datetime, time
from typing import NamedTuple
from xml.sax.saxutils import escape

import openpyxl

LABS = ("mrn", "collected_at", "test", "value", "unit", "ref_low", "ref_high")
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"


def xlsx(
    sheets: dict[str, list], hidden=(), merged: dict[str, list] | None = None, epoch: int = 1900
) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    if epoch == 1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cells in (merged or {}).get(name, ()):
            sheet.merge_cells(cells)
        if name in hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(content: bytes, name: str, change) -> bytes:
    """The workbook with one of its files changed, or left out where `change` gives None."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            data = change(old.read(entry)) if entry.filename == name else old.read(entry)
            if data is not None:
                new.writestr(entry, data)
    return out.getvalue()


def ods(sheets: dict[str, list]) -> bytes:
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_ods_row, rows))}</table:table>'
        for name, rows in sheets.items()
    )
    spaces = " ".join(f'xmlns:{name}="{_NAMES}{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>{tables}</office:spreadsheet>"
        "</office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", _ODS)
        book.writestr("content.xml", f'<?xml version="1.0" encoding="UTF-8"?>{content}')
        book.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def _ods_row(row) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"


def _ods_cell(value) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, (int, float)):
        about = f'office:value-type="float" office:value="{value!r}"'
    elif isinstance(value, date):
        about = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        about = 'office:value-type="string"'
    return f"<table:table-cell {about}><text:p>{escape(str(value))}</text:p></table:table-cell>"


# A format that shows a number as a bound.
BOUND = '"<"0'


class Styled(NamedTuple):
    """A number in a style of its own: 3 is percent, 4 the bound."""

    number: float
    style: int


class CellError(NamedTuple):
    """An error by its code: 42 is #N/A."""

    code: int


def xls(sheets: dict[str, list]) -> bytes:
    """BIFF8 in an OLE file. Numbers and texts only; a day is a number with the format of days."""
    blocks = [_sheet_block(rows) for rows in sheets.values()]
    formats = _record(0x041E, struct.pack("<HHB", 164, len(BOUND), 0) + BOUND.encode())
    formats += b"".join(_record(0x00E0, struct.pack("<HH16x", 0, number)) for number in (0, 14, 22, 9, 164))
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + formats
    names = [name.encode("latin-1") for name in sheets]
    at = len(head) + sum(12 + len(name) for name in names) + 4
    for name, block in zip(names, blocks, strict=True):
        head += _record(0x0085, struct.pack("<IBBBB", at, 0, 0, len(name), 0) + name)
        at += len(block)
    return _ole(head + _record(0x000A, b"") + b"".join(blocks))


def _sheet_block(rows) -> bytes:
    cells = b"".join(_xls_cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row))
    width = max(len(row) for row in rows)
    size = struct.pack("<IIHHH", 0, len(rows), 0, width, 0)
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    return begin + _record(0x0200, size) + cells + _record(0x000A, b"")


def _xls_cell(row: int, column: int, value) -> bytes:
    if value is None or value == "":
        return b""
    if isinstance(value, Styled):
        return _record(0x0203, struct.pack("<HHHd", row, column, value.style, value.number))
    if isinstance(value, CellError):
        return _record(0x0205, struct.pack("<HHHBB", row, column, 0, value.code, 1))
    style = 2 if isinstance(value, datetime) else 1 if isinstance(value, date) else 0
    if style:
        whole = value if isinstance(value, datetime) else datetime.combine(value, time())
        value = (whole - datetime(1899, 12, 30)).total_seconds() / 86400
    if isinstance(value, (int, float)):
        return _record(0x0203, struct.pack("<HHHd", row, column, style, value))
    text = value.encode("utf-16-le")
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(value), 1) + text)


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _ole(stream: bytes, name: str = "Workbook") -> bytes:
    """A stream alone in an OLE file of 512-byte sectors: FAT, directory, then the stream."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // 512)
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    assert len(fat) <= 128, "one sector of FAT is enough for a test"
    fat += [0xFFFFFFFF] * (128 - len(fat))
    head = struct.pack("<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
                       0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)  # fmt: skip
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    folder = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + _entry(name, 2, 2, len(stream))
    return head + struct.pack("<128I", *fat) + folder.ljust(512, b"\0") + stream.ljust(count * 512, b"\0")


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def encrypted() -> bytes:
    """What a spreadsheet program writes when a password is set."""
    return _ole(b"\0" * 64, "EncryptedPackage")
