"""Old Excel files (XLS): percent, bounds and errors as their cells show them, as in XLSX and ODS."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.uploads.fuzz import fuzz
from tests.uploads.sheets import CellError, Styled, xls
from uploads.importers.formats import cell_formats, xls_cells
from uploads.importers.main import parse
from uploads.importers.records import LabRow

HEADER = ("mrn", "collected_at", "Quick (%)", "ALT (U/L)")
PERCENT, BOUND, ERROR = Styled(0.35, 3), Styled(5, 4), CellError(42)
BOOK = xls(
    {"Labs": [HEADER, ("N-1", "2025-03-01", PERCENT, ERROR), ("N-1", "2025-03-02", Styled(35, 0), BOUND)]}
)


def test_percent_bounds_and_errors_are_read_as_they_are_shown():
    parsed = parse(BOOK)
    assert [(item.test, item.value) for item in parsed.items if isinstance(item, LabRow)] == [
        ("Quick (%)", "35%"), ("ALT", "#N/A"), ("Quick (%)", "35"), ("ALT", "<5"),
    ]  # fmt: skip
    assert not any("Excel 97" in note for note in parsed.all_notes)


def test_the_error_of_a_formula_is_its_own():
    cell = struct.pack("<HHH", 3, 2, 0) + bytes([2, 0, 0x07, 0, 0, 0, 0xFF, 0xFF]) + bytes(8)
    assert xls_cells._error(0x0006, cell) == "#DIV/0!"


def test_several_numbers_of_one_record_have_a_style_each():
    cells = struct.pack("<HHHIHIH", 4, 1, 3, 0, 0, 0, 2)
    assert list(xls_cells._styled(0x00BD, cells)) == [(4, 1, 3), (4, 2, 0)]


def test_a_file_older_than_excel_97_says_that_its_cells_are_taken_as_they_are():
    old = BOOK.replace(
        struct.pack("<HHHH", 0x0809, 16, 0x0600, 5), struct.pack("<HHHH", 0x0809, 16, 0x0500, 5)
    )
    with pytest.raises(xls_cells.Unread):
        xls_cells.marks_of(old, cell_formats.changes)


@fuzz
@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=8))
def test_no_other_bytes_make_it_fail(at, other):
    content = BOOK[:at] + other + BOOK[at + len(other) :]
    try:
        xls_cells.marks_of(content, cell_formats.changes)
    except xls_cells.Unread:
        return
