"""Files that are no table, too large, or noise: answered quickly and with a sentence, no row lost."""

from datetime import UTC
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from patients.forms import fields
from tests.uploads.files import LABS_HEADER, labs
from tests.uploads.fuzz import fuzz
from uploads.importers.dates import YEARS
from uploads.importers.formats.workbook import WorkbookLimits
from uploads.importers.main import parse, read_file
from uploads.importers.records import LabRow, RowProblem

ROW = "7,2025-01-01T08:00,ALT,40,U/L,,"


@pytest.mark.parametrize("text", ["1850-01-01T00:00+14:00", "2199-12-31T23:59-14:00"])
def test_the_first_and_last_moments_fit_every_zone(text):
    (item,) = parse(labs(f"7,{text},INR,1.2,,,")).items
    assert item.taken_at.astimezone(UTC)


def test_files_refuse_the_years_that_the_forms_refuse():
    assert YEARS == fields.YEARS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (",".join(f"c{at}" for at in range(501)).encode() + b"\n1\n", "The first row has 501 columns"),
        (",".join(f"c{at}" for at in range(200_000)).encode() + b"\n1\n", "at most 500 can be read"),
        (b"mrn,date,ALT" + b" x" * 60_000 + b"\n1,2,3\n", "A name in the first row is"),
        (labs("7,2025-01-01,ALT,40,U/L,," + "x" * 10_000_000), "the cell is too long"),
        (b"a," * 1_100_000, "Row 1 is longer than 2,000,000 letters: line breaks are missing"),
        (labs("7," + '"\n",' * 600_000), "Row 2 is longer than 2,000,000 letters"),
        (labs("7,2025-01-01,ALT," + '"' * 3_000_001), "the cell is too long"),
        (labs('"' + '"",' * 1_000_000), "quotation mark"),
    ],
)
def test_a_file_that_is_no_table_is_refused_quickly(content, words):
    start = process_time()
    assert words in parse(content).reason
    assert process_time() - start < 2


def test_a_row_with_a_cell_of_10001_letters_is_refused_and_the_others_are_read():
    header = LABS_HEADER + ",comment"
    parsed = parse(labs(ROW + ",ok", ROW + "," + "x" * 10_001, ROW + "," + "x" * 10_000, header=header))
    assert [type(item) for item in parsed.items] == [LabRow, RowProblem, LabRow]
    assert "more than 10,000 letters" in parsed.items[1].text


@pytest.mark.parametrize(("most", "fits"), [(4, True), (3, False)])
def test_a_file_with_too_many_results_is_refused_before_they_are_read(most, fits):
    by_draw = b"mrn,date,ALT (U/L),INR\n7,2025-01-01,40,1.1\n7,2025-01-02,40,1.1\n"
    for content in (by_draw, labs(ROW, ROW, ROW, ROW)):
        reason = read_file(content, limits=WorkbookLimits(rows=most))[0][1].reason
        assert not reason if fits else "The file holds 4 rows or results; at most 3" in reason


def test_500_columns_are_read_quickly():
    header = "mrn,date,ALT (U/L)," + ",".join(f"column {at} (U/L)" for at in range(497))
    start = process_time()
    parsed = parse(f"{header}\n7,2025-01-01,40{',' * 497}\n".encode())
    assert len(parsed.items) == 1 and process_time() - start < 2


@fuzz
@given(st.binary(max_size=400))
@example(b'a,b\n"')
@example(b"\xff\xfe\x00")
def test_no_bytes_make_the_reader_fail(content):
    parsed = parse(content)
    assert parsed.reason or parsed.items


CELL = st.text(alphabet='ab1.,;/"\n \t-<µ', max_size=8)


@fuzz
@given(st.lists(st.lists(CELL, min_size=7, max_size=7), min_size=1, max_size=8))
def test_every_row_with_something_in_it_is_an_item(rows):
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    parsed = parse(labs(*quoted))
    filled = sum(any(cell.strip() for cell in row) for row in rows)
    assert parsed.reason or len(parsed.items) == filled
