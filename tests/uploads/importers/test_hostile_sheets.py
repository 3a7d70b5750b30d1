"""Workbooks that are damaged or meant to do harm: a sentence, in little time and memory, and no exception."""

import io
import os
import resource
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.uploads.fuzz import fuzz_times
from tests.uploads.sheets import LABS, changed, ods, xls, xlsx
from uploads.importers.formats.workbook import WorkbookLimits
from uploads.importers.main import parse, read_file

ROW = ("N-1", "2025-01-03", "ALT", 40, "U/L", 0, 40)
BOOKS = {write.__name__: write({"Labs": [LABS, ROW]}) for write in (xlsx, ods, xls)}
SHEET = "xl/worksheets/sheet1.xml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
# Each workbook starts a process.
A_PROCESS_EACH = 0.2
SMALL = WorkbookLimits(cells=100_000, unpacked_mb=20, text_mb=5, memory_mb=400, seconds=10)


def with_sheet(rows: str, head: str = "", dimension: str = "A1:G2") -> bytes:
    inner = f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData>'
    text = f'{head}<worksheet xmlns="{SPACE}">{inner}</worksheet>'
    return changed(BOOKS["xlsx"], SHEET, lambda _: text.encode())


def with_file(content: bytes, name: str, data: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name, data)
    return out.getvalue()


def repeated(rows: int, columns: int) -> bytes:
    row, cell = b"<table:table-row>", b"<table:table-cell "
    many_rows = f'<table:table-row table:number-rows-repeated="{rows}">'.encode()
    many_cells = f'<table:table-cell table:number-columns-repeated="{columns}" '.encode()
    return changed(
        BOOKS["ods"], "content.xml", lambda data: data.replace(row, many_rows).replace(cell, many_cells)
    )


FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
LAUGHS = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10 if at else "ha"}">' for at in range(12))
ENTITIES = f"<!DOCTYPE x [{LAUGHS}]>"
FILE_ENTITY = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
TEXT = '<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c><c r="B1"><v>1</v></c></row>'

WIDE = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD99"><v>1</v></c></row>'

HOSTILE = {
    "cells far out": (with_sheet(FAR), "reaches over more than 100,000 cells"),
    "cells far out, unmarked": (with_sheet(FAR.replace("XFD1048576", "xfd1048576")), ""),
    "cells far out, other quotes": (with_sheet(FAR.replace('"', "'")), "reaches over more than"),
    "columns far out": (with_sheet(WIDE), "reaches over more than"),
    "a bomb of a sheet": (with_sheet(" " * 30_000_000), "unpacks to more than 20 MB"),
    "a bomb beside": (with_file(BOOKS["xlsx"], "xl/media/a.png", bytes(30_000_000)), "unpacks to more"),
    "entities of entities": (with_sheet(TEXT % "&l11;", ENTITIES), ""),
    "an entity of a file": (with_sheet(TEXT % "&f;", FILE_ENTITY), ""),
    "a cell of 10 MB": (with_sheet(TEXT % ("x" * 10_000_000)), ""),
    "rows repeated": (repeated(1_048_576, 9_999), "claims more cells than a sheet can have"),
    "rows repeated, few columns": (repeated(50_000, 1), "reaches over more than 100,000 cells"),
    "cells never closed": (with_sheet('<c r="A1"' * 300_000), ""),
    "tags never closed": (with_sheet("<c r='A1'>" * 300_000), ""),
}  # fmt: skip


def many_files() -> bytes:
    out = io.BytesIO(BOOKS["xlsx"])
    with zipfile.ZipFile(out, "a") as book:
        for at in range(6000):
            book.writestr(f"x{at}", b"")
    return out.getvalue()


def one_text_for_many_cells() -> bytes:
    """A small file that unpacks to little and still holds 900 MB of text: one shared text, 900 cells."""
    rows = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 901))
    strings = f'<sst xmlns="{SPACE}"><si><t>{"x" * 1_000_000}</t></si></sst>'.encode()
    return with_file(with_sheet(rows), "xl/sharedStrings.xml", strings)


HOSTILE["six thousand files"] = (many_files(), "unpacks to more")
HOSTILE["one text for many cells"] = (one_text_for_many_cells(), "")


def seconds_of_work() -> float:
    """Of this process and of those that it started and that ended."""
    return sum(os.times()[:4])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_answered_with_a_sentence_quickly_and_in_little_memory(name):
    content, words = HOSTILE[name]
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, seconds_of_work()
    for _, parsed in read_file(content, limits=SMALL):
        assert parsed.reason and words in parsed.reason and parsed.reason.endswith(".")
    assert seconds_of_work() - start < 25
    # Kilobytes: what this process grew by, beside the workbook itself.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_no_entity_brings_a_file_of_this_machine_in():
    found = read_file(with_sheet(TEXT % "&f;", FILE_ENTITY))
    assert all(b"/etc" not in part.content and not parsed.items for part, parsed in found if part.sheet)
    name = Path("/etc/hostname").read_bytes().strip()
    assert not any(name in part.content for part, _ in found if part.sheet and name)


def test_a_claim_to_reach_far_does_not_keep_a_small_sheet_from_being_read():
    content = changed(BOOKS["xlsx"], SHEET, lambda data: data.replace(b'ref="A1:G2"', b'ref="A1:XFD1048576"'))
    assert b"XFD1048576" in zipfile.ZipFile(io.BytesIO(content)).read(SHEET)
    assert len(parse(content).items) == 1


def test_formatted_empty_cells_far_out_are_no_cells():
    far = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    content = changed(BOOKS["xlsx"], SHEET, lambda data: data.replace(b"</sheetData>", far))
    assert len(parse(content).items) == 1


def answered(content: bytes) -> None:
    for _, parsed in read_file(content):
        assert parsed.reason or parsed.items or parsed.foreign


@fuzz_times(A_PROCESS_EACH)
@given(st.sampled_from(sorted(BOOKS)), st.data())
def test_no_workbook_cut_short_raises(name, data):
    book = BOOKS[name]
    answered(book[: data.draw(st.integers(0, len(book)))])


@fuzz_times(A_PROCESS_EACH)
@given(
    st.sampled_from(sorted(BOOKS)),
    st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=20),
)
def test_no_workbook_with_other_bytes_raises(name, swaps):
    book = bytearray(BOOKS[name])
    for at, byte in swaps:
        book[at % len(book)] = byte
    answered(bytes(book))


@fuzz_times(A_PROCESS_EACH)
@given(st.integers(0), st.integers(0), st.binary(max_size=40))
def test_no_sheet_with_other_text_raises(start, length, text):
    def change(sheet: bytes) -> bytes:
        at = start % len(sheet)
        return sheet[:at] + text + sheet[at + length % 60 :]

    answered(changed(BOOKS["xlsx"], SHEET, change))


CELL = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(), st.dates(), st.times(),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12).map(lambda text: text.lstrip("=")),
)  # fmt: skip


@fuzz_times(A_PROCESS_EACH)
@given(st.lists(st.lists(CELL, min_size=7, max_size=7), min_size=1, max_size=6))
def test_every_row_of_a_sheet_of_any_cells_is_an_item(rows):
    try:
        content = xlsx({"Labs": [LABS, *rows]})
    except (ValueError, OverflowError):
        return  # a day that no workbook can hold
    parsed = parse(content)
    filled = sum(any(cell is not None and str(cell).strip() for cell in row) for row in rows)
    assert parsed.reason or len(parsed.items) == filled


GRID = st.lists(
    st.lists(st.sampled_from(["mrn", "MRN: 7", "date", "ALT", "ALT (U/L)", "value", "unit", "test",
                              "INR", "", "7", "2025-01-03", "1,5", "40", "Unit", "range", "0-40", "<5",
                              "=", "\u00a0"]),
             min_size=1, max_size=7),
    min_size=1, max_size=7,
)  # fmt: skip


@fuzz_times(2)
@given(GRID, st.sampled_from(",;\t"))
@example([["MRN: 7"], ["test", "2025-01-03"], ["ALT", "1"]], ",")
def test_no_table_of_known_words_makes_the_readers_fail(rows, delimiter):
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    parsed = parse(text.encode())
    assert parsed.reason or parsed.items


@fuzz_times(2)
@given(st.binary(max_size=400), st.sampled_from(["utf-8", "latin-1", "utf-16", "cp1252", "utf-32", "cp037"]))
def test_no_text_in_a_wrong_encoding_raises(content, encoding):
    text = "MRN: 7\ntest,unit,2025-01-03\nALT,U/L,4µ0\n" + content.decode("latin-1")
    parsed = parse(text.encode(encoding, "replace"))
    assert parsed.reason or parsed.items


def test_a_line_of_10_mb_above_a_table_is_answered():
    assert parse(b"x" * 10_000_000 + b"\ntest,2025-01-03\nALT,40\n").reason
