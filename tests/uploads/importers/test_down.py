"""Results of one person: tests down the side, dates across the top."""

from datetime import date, datetime

import pytest

from patients.values.validation import read_result
from tests.uploads.sheets import xlsx
from uploads.importers.main import parse
from uploads.importers.meanings import Meanings
from uploads.importers.records import RowProblem

HEAD = ("Test", "Unit", "Range", date(2025, 1, 3), datetime(2025, 1, 4, 8, 30))
ROWS = [("ALT", "U/L", "0-40", 35, "40 H"), ("Liver synthesis",), ("INR", None, "0.9 - 1.1", "<1.1", None)]


def down(rows, sheet="Labs", above=(("MRN", "N-1"),)):
    return parse(xlsx({sheet: [*above, *rows]}))


def test_each_filled_cell_is_a_result_of_its_day():
    parsed = down([HEAD, *ROWS])
    found = [(i.mrn, i.test, i.value, i.unit, i.range_text, i.taken_at.isoformat()) for i in parsed.items]
    assert found == [
        ("N-1", "ALT", "35", "U/L", "0-40", "2025-01-03T00:00:00"),
        ("N-1", "ALT", "40 H", "U/L", "0-40", "2025-01-04T08:30:00"),
        ("N-1", "INR", "<1.1", "", "0.9 - 1.1", "2025-01-03T00:00:00"),
    ]
    assert parsed.format.startswith("XLSX, tests down, dates across")
    assert "1 row holds no value and is not counted." in parsed.notes
    assert parsed.items[0].place.column == "2025-01-03"


@pytest.mark.parametrize(
    ("above", "sheet"),
    [
        ([("MRN", "N-1")], "Labs"),
        ([("MRN: N-1",)], "Labs"),
        ([("St. Elsewhere",), ("Name", "Ito", None, "Hospital number", "N-1")], "Labs"),
        ([("Patient ID N-1",)], "Labs"),
        ([], "MRN N-1"),
        ([("MRN", "N-1")], "MRN N-1"),
    ],
)
def test_the_mrn_stands_above_or_in_the_name_of_the_sheet(above, sheet):
    assert {item.mrn for item in down([HEAD, *ROWS], sheet, above).items} == {"N-1"}


def test_the_mrn_may_be_a_column_and_a_number():
    parsed = down([("MRN", *HEAD), (100, *ROWS[0]), (None, *ROWS[2])], above=())
    assert [item.mrn for item in parsed.items[:2]] == ["100", "100"]
    assert isinstance(parsed.items[2], RowProblem) and "the MRN is missing" in parsed.items[2].text


@pytest.mark.parametrize("above", [(), (("Patient", "Ito"),), (("N-1",),)])
def test_without_an_mrn_it_is_refused_and_the_remedy_is_named(above):
    reason = down([HEAD, *ROWS], "2025", above).reason
    assert "the MRN is missing" in reason and "“MRN: 12345”" in reason


def test_two_mrns_are_refused():
    assert "different MRNs" in down([HEAD, *ROWS], "MRN N-2").reason


def test_csv_with_unit_in_the_name_times_below_and_a_decimal_comma():
    text = (
        "MRN: N-1\n;2025-01-03;2025-01-04\nTime;08:30;0915\nALT (U/L);35,5;\n"
        "Bilirubin, total [mg/dL];1,2 (0,2-1,2);<0,5\n"
    )
    parsed = parse(text.encode())
    assert [(i.test, i.unit, i.taken_at.isoformat()) for i in parsed.items] == [
        ("ALT", "U/L", "2025-01-03T08:30:00"),
        ("Bilirubin, total", "mg/dL", "2025-01-03T08:30:00"),
        ("Bilirubin, total", "mg/dL", "2025-01-04T09:15:00"),
    ]
    item = parsed.items[1]
    reading, problems = read_result(test=item.test, value=item.value, unit=item.unit, decimal=parsed.decimal)
    assert (round(reading.upper_limit, 2), problems) == (20.52, [])


def test_days_may_be_the_workbooks_numbers_or_the_first_cell_be_named_date():
    assert len(down([("Test", "Unit", 45660, 45661.5), ("ALT", "U/L", 35, 40)]).items) == 2
    assert len(down([("Date", date(2025, 1, 3)), ("INR", 1.2)]).items) == 1


def test_ambiguous_days_are_refused():
    assert "two ways" in parse(b"MRN,N-1\nTest,Unit,03/04/2025\nALT,U/L,35\n").reason


def test_a_table_without_any_result_is_refused():
    assert "No cell below the dates holds a result" in down([HEAD, ("ALT", "U/L")]).reason


@pytest.mark.django_db
def test_results_down_are_stored_for_the_person_named_above(put, people):
    from patients.models import Result

    (upload,) = put(
        b"MRN,N-1\nTest,Unit,Range,2025-01-03,2025-01-04\nALT,U/L,0-40,35,40 H\nZonulin,U/L,,300,\n"
    )
    assert (upload.new, upload.waiting, Result.objects.count()) == (2, 1, 2)
    row = upload.rows.get(outcome="waiting")
    assert (row.mrn, row.column, row.row) == ("N-1", "2025-01-03", 4)


FOREIGN = ("Untersuchung", "Einheit", "Normbereich", "2025-01-03", "2025-01-04")


def test_a_table_whose_side_has_another_title_is_read_and_its_other_columns_are_asked():
    parsed = down([FOREIGN, *ROWS])
    assert [item.test for item in parsed.items] == ["ALT", "ALT", "INR"]
    asked = [(name.what, name.shown, name.count) for name in parsed.unknown]
    assert asked == [("header", "Einheit", 1), ("header", "Normbereich", 2), ("unit", "", 2)]


def test_columns_of_such_a_table_have_the_meaning_a_person_gave():
    meant = Meanings(headers={("labs", "einheit"): "unit", ("labs", "normbereich"): "range"})
    parsed = parse(xlsx({"Labs": [("MRN", "N-1"), FOREIGN, *ROWS]}), (), meant)
    assert [(item.unit, item.range_text) for item in parsed.items[:2]] == [("U/L", "0-40")] * 2
    assert parsed.unknown == ()


@pytest.mark.parametrize("day", [date(2025, 1, 3), 45660])
def test_a_row_of_a_table_in_long_form_is_no_such_header(day):
    rows = [("Probe", "Tag", "Wert"), ("Foo", day, 3), ("ALT", day, 35), ("AST", day, 40)]
    assert not down(rows).items


def test_times_of_day_in_a_row_without_a_name_belong_to_the_days_above():
    parsed = down([HEAD[:3] + ("2025-01-03", "2025-01-04"), (None, None, None, "08:30", "9:15"), *ROWS])
    assert [item.taken_at.isoformat() for item in parsed.items[:2]] == [
        "2025-01-03T08:30:00",
        "2025-01-04T09:15:00",
    ]
