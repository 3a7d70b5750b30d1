"""What the cells of an old Excel file (XLS, BIFF8) show for what they hold: errors, and formats that change it.

The reader of workbooks passes both over. Imports nothing of the product: the process that opens workbooks loads
this file by its path.
"""

import struct
from collections.abc import Callable, Iterator

_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_PERCENT_FORMATS = {9: "0%", 10: "0.00%"}
_BIFF8 = 0x0600
_BOF, _EOF, _SHEET, _FORMAT, _XF = 0x0809, 0x000A, 0x0085, 0x041E, 0x00E0
_NUMBER, _RK, _MULTIPLE, _FORMULA, _ERROR = 0x0203, 0x027E, 0x00BD, 0x0006, 0x0205
_LAST_SECTOR = 0xFFFFFFFA
_SIZES = (512, 4096)
_ENTRY = 128
# A stream that is shorter stands in the small sectors of the root.
_SMALL = 64
Record = tuple[int, bytes]


class Unread(Exception):
    """No BIFF8, or broken: whether it can be read at all, the reader of workbooks says."""


def marks_of(content: bytes, changes: Callable[[str], bool]) -> dict[str, dict]:
    """Sheet -> marks, as `workbook_child._marks` gives them. `changes`: whether a format changes what is read."""
    try:
        return _marks(_workbook(content), changes)
    except (struct.error, IndexError, UnicodeDecodeError, KeyError):
        raise Unread from None


def _marks(book: bytes, changes: Callable[[str], bool]) -> dict[str, dict]:
    formats, styles, sheets = dict(_PERCENT_FORMATS), [], {}
    for kind, data in _records(book, 0):
        if kind == _SHEET:
            sheets[_text(data[6:], data[6], data[7])] = struct.unpack_from("<I", data)[0]
        elif kind == _FORMAT:
            number, length, flags = struct.unpack_from("<HHB", data)
            formats[number] = _text(data[3:], length, flags)
        elif kind == _XF:
            styles.append(struct.unpack_from("<H", data, 2)[0])
    odd = {at: formats[number] for at, number in enumerate(styles) if changes(formats.get(number, ""))}
    return {name: _sheet(book, at, odd) for name, at in sheets.items()}


def _sheet(book: bytes, at: int, odd: dict[int, str]) -> dict:
    marks = {"rows": 0, "columns": 0, "texts": {}, "formats": {}, "shown": {}}
    for kind, data in _records(book, at):
        if (text := _error(kind, data)) is not None:
            row, column = struct.unpack_from("<HH", data)
            marks["texts"].setdefault(row, {})[column] = text
            continue
        for row, column, style in _styled(kind, data):
            if style in odd:
                marks["formats"].setdefault(row, {})[column] = odd[style]
    return marks


def _error(kind: int, data: bytes) -> str | None:
    """The error that a cell shows, its own or that of its formula."""
    if kind == _ERROR and data[7]:
        return _ERRORS.get(data[6], "#ERROR")
    if kind == _FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:
        return _ERRORS.get(data[8], "#ERROR")
    return None


def _styled(kind: int, data: bytes) -> Iterator[tuple[int, int, int]]:
    """Row, column and style of the numbers of a record."""
    if kind in (_NUMBER, _RK, _FORMULA):
        yield struct.unpack_from("<HHH", data)
    elif kind == _MULTIPLE:
        row, first = struct.unpack_from("<HH", data)
        for number in range((len(data) - 6) // 6):
            yield row, first + number, struct.unpack_from("<H", data, 4 + 6 * number)[0]


def _records(book: bytes, at: int) -> Iterator[Record]:
    """From the beginning of a part to its end."""
    kind, length, version = struct.unpack_from("<HHH", book, at)
    if kind != _BOF or version != _BIFF8:
        raise Unread
    while kind != _EOF:
        at += 4 + length
        kind, length = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + length]


def _text(data: bytes, length: int, flags: int) -> str:
    """The letters behind a length and a flag, of two bytes each where the flag says so."""
    letters = data[2:]
    return letters[: 2 * length].decode("utf-16-le") if flags & 1 else letters[:length].decode("latin-1")


def _workbook(content: bytes) -> bytes:
    """The stream of the workbook in the container."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    if size not in _SIZES:
        raise Unread
    table = _table(content, size)
    entries = b"".join(_chain(table, struct.unpack_from("<I", content, 48)[0], content[size:], size))
    found = {_name(entries, at): at for at in range(0, len(entries) - _ENTRY + 1, _ENTRY)}
    start, length = struct.unpack_from("<IQ", entries, found["Workbook"] + 116)
    if length >= struct.unpack_from("<I", content, 56)[0]:
        return b"".join(_chain(table, start, content[size:], size))[:length]
    root = b"".join(_chain(table, struct.unpack_from("<I", entries, 116)[0], content[size:], size))
    small = _numbers(_chain(table, struct.unpack_from("<I", content, 60)[0], content[size:], size))
    return b"".join(_chain(small, start, root, _SMALL))[:length]


def _table(content: bytes, size: int) -> list[int]:
    """Sector -> the sector after it."""
    sectors = list(struct.unpack_from("<109I", content, 76))
    more, count = struct.unpack_from("<II", content, 68)
    for _ in range(min(count, len(content) // size)):
        block = struct.unpack_from(f"<{size // 4}I", content, (more + 1) * size)
        sectors += block[:-1]
        more = block[-1]
    return _numbers(content[(at + 1) * size : (at + 2) * size] for at in sectors if at < _LAST_SECTOR)


def _numbers(sectors: Iterator[bytes]) -> list[int]:
    data = b"".join(sectors)
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _chain(table: list[int], at: int, data: bytes, size: int) -> Iterator[bytes]:
    """The sectors of a stream. A chain that comes back to itself is broken."""
    for _ in range(len(table) + 1):
        if at >= _LAST_SECTOR:
            return
        yield data[at * size : (at + 1) * size]
        at = table[at]
    raise Unread


def _name(entries: bytes, at: int) -> str:
    length = struct.unpack_from("<H", entries, at + 64)[0]
    return entries[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
