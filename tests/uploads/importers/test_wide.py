"""Laboratory results in wide form: one draw a row, one column a test."""

import pytest

from uploads.importers.main import parse
from uploads.importers.records import LabRow, RowProblem


def test_wide_form_takes_day_and_time_of_day_from_two_columns():
    parsed = wide("mrn,date,time,ALT (U/L)", "7,2025-01-03,08:30,40")
    assert parsed.items[0].taken_at.isoformat() == "2025-01-03T08:30:00" and parsed.notes[1:] == ()


def test_wide_form_goes_all_the_way_with_semicolons_decimal_commas_and_a_row_of_units():
    parsed = wide(
        "MRN;Date;ALT (U/L);INR;NA", ";;;;mmol/L", "7;2025-01-03;40,5;1,2;140", "7;2025-01-04;41;NA;NA"
    )
    found = [(item.test, item.value, item.unit) for item in parsed.items]
    assert found == [
        ("ALT", "40,5", "U/L"),
        ("INR", "1,2", ""),
        ("NA", "140", "mmol/L"),
        ("ALT", "41", "U/L"),
    ]
    assert parsed.decimal == "," and "semicolon" in parsed.format


def wide(*lines: str):
    return parse(("\n".join(lines) + "\n").encode())


@pytest.mark.parametrize("title", ["ALT (U/L)", "ALT [U/L]", "SGPT, U/L", "alat U/L"])
def test_wide_form_takes_test_and_unit_from_the_header(title):
    (item,) = wide(
        f"mrn;date;{title}".replace(";", ",") if "," not in title else f'mrn,date,"{title}"',
        "7,2025-01-01,40",
    ).items
    assert (item.unit, item.value, item.place.column) == ("U/L", "40", title)


def test_wide_form_takes_units_from_a_row_or_a_column():
    by_row = wide("mrn,date,ALT,INR", ",,µkat/L,", "7,2025-01-01,4,1.1")
    by_column = wide("mrn,date,ALT,ALT unit,INR", "7,2025-01-01,4,µkat/L,1.1")
    assert [item.unit for item in by_row.items] == [item.unit for item in by_column.items] == ["µkat/L", ""]
    assert by_row.items[0].place.row == 3


def test_wide_form_without_a_unit_is_refused_naming_the_column():
    reason = wide("mrn,date,Albumin,INR", "7,2025-01-01,4,1.1").reason
    assert "Column Albumin has no unit: name it Albumin (g/L)." in reason


def test_wide_form_reads_the_header_na_as_sodium_and_the_value_na_as_blank():
    parsed = wide("mrn,date,NA (mmol/L),INR", "7,2025-01-01,140,NA", "7,2025-01-02,NA,1.2")
    assert [item.test for item in parsed.items] == ["NA", "INR"]


def test_wide_form_takes_limits_from_columns_beside():
    (item,) = wide("mrn,date,ALT (U/L),ALT ULN,ALT lower limit", "7,2025-01-01,90,40,7").items
    assert (item.upper, item.lower) == ("40", "7")


def test_wide_form_counts_results_and_loses_no_row():
    parsed = wide("mrn,date,ALT (U/L),INR", "7,2025-01-01,90,1.1", "7,2025-01-02,,", "7,bad,90,")
    assert [type(item) for item in parsed.items] == [LabRow, LabRow, RowProblem, RowProblem]


def test_two_columns_of_one_test_are_refused():
    assert (
        "“ALT (U/L)” and “SGPT (U/L)” are both ALT"
        in wide("mrn,date,ALT (U/L),SGPT (U/L)", "7,2025-01-01,1,2").reason
    )
