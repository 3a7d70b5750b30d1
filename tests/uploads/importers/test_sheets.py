"""Workbooks: each sheet a table of its own, read as a CSV of the same cells would be."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse

from patients.models import Patient, Result
from tests.uploads.files import PEOPLE
from tests.uploads.pages.test_views import drop
from tests.uploads.sheets import LABS, changed, encrypted, ods, xls, xlsx
from tests.words import words_of
from uploads import actions
from uploads.importers.main import parse, read_file
from uploads.importers.records import LabRow, PatientRow, RowProblem
from uploads.models import Upload

ROW = ("N-1", "2025-01-03", "ALT", 40, "U/L", None, None)
PATIENTS = [line.split(",") for line in PEOPLE.splitlines()]


def values(parsed) -> list[tuple]:
    return [(item.test, item.value, item.unit) for item in parsed.items]


@pytest.mark.parametrize(("write", "form"), [(xlsx, "XLSX"), (ods, "ODS"), (xls, "XLS")])
def test_each_kind_of_workbook_is_read_by_its_content(write, form):
    rows = [
        LABS,
        ("N-1", datetime(2025, 1, 3, 8, 30), "ALT", 40.5, "U/L", None, 40),
        ("N-1", date(2025, 1, 4), "INR", "<1.1", "", 0.9, ""),
    ]
    parsed = parse(write({"Labs": rows}))
    assert (parsed.kind, parsed.reason) == ("labs", "") and parsed.format.startswith(f"{form}, one result")
    assert values(parsed) == [("ALT", "40.5", "U/L"), ("INR", "<1.1", "")]
    assert [item.taken_at.isoformat() for item in parsed.items] == [
        "2025-01-03T08:30:00",
        "2025-01-04T00:00:00",
    ]


def test_several_sheets_are_tables_of_their_own_and_strange_ones_are_named():
    found = read_file(
        xlsx({"Cover": [["St. Elsewhere"], ["Confidential"]], "People": PATIENTS, "Labs": [LABS, ROW],
              "Staff": [["room", "phone"], ["7", "8"]], "Empty": []}, hidden=["Labs"])
    )  # fmt: skip
    assert [(part.sheet, parsed.kind) for part, parsed in found] == [("People", "patients"), ("Labs", "labs")]
    assert "Sheets not read, nothing known in them: Cover, Staff, Empty." in found[0][1].notes
    assert "This sheet is hidden in the workbook." in found[1][1].notes


def test_a_sheet_that_nearly_fits_is_refused_and_not_passed_over():
    found = read_file(
        xlsx({"People": PATIENTS, "Labs": [[*LABS[:4], "ward"], ["N-1", "2025-01-03", "ALT", 40, "7B"]]})
    )
    assert "has no column “unit”" in found[1][1].reason and found[1][1].unmapped


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1.4, "1.4"),
        (0.1 + 0.2, "0.3"),
        (1.1 * 1.1, "1.21"),
        (40.0, "40"),
        (1e6, "1000000"),
        (123456789012345.0, "123456789012345"),
        (0, "0"),
        (True, "TRUE"),
        ("12 H", "12 H"),
        ("12\u00a0H", "12 H"),
    ],
)
def test_a_number_has_no_artefacts_and_all_else_is_text(cell, text):
    (item,) = parse(xlsx({"Labs": [LABS, ("N-1", "2025-01-03", "ALT", cell, "U/L")]})).items
    assert item.value == text


@pytest.mark.parametrize(
    ("cell", "epoch", "read"),
    [
        (date(2025, 1, 3), 1900, "2025-01-03T00:00:00"),
        (datetime(2025, 1, 3, 8, 29, 59, 999999), 1900, "2025-01-03T08:30:00"),
        (datetime(2025, 1, 3, 8, 30), 1904, "2025-01-03T08:30:00"),
        (45660, 1900, "2025-01-03T00:00:00"),
        (45660.354166666664, 1900, "2025-01-03T08:30:00"),
        (44198.354166666664, 1904, "2025-01-03T08:30:00"),
        (20250103, 1900, "2025-01-03T00:00:00"),
        ("03/01/2025", 1900, None),
        (2025, 1900, None),
        ("45660", 1900, None),
    ],
)
def test_days_are_read_as_dates_times_or_the_workbooks_numbers(cell, epoch, read):
    parsed = parse(xlsx({"Labs": [LABS, ("N-1", cell, "ALT", 40, "U/L")]}, epoch=epoch))
    if read:
        assert parsed.items[0].taken_at.isoformat() == read
    else:
        assert parsed.reason or isinstance(parsed.items[0], RowProblem)


def test_day_and_time_of_day_may_stand_in_two_columns():
    rows = [
        ("mrn", "date", "time", "test", "value", "unit"),
        ("N-1", date(2025, 1, 3), time(8, 30), "INR", 1.2, ""),
    ]
    rows += [
        ("N-1", 45660, 0.5, "INR", 1.3, ""),
        ("N-1", date(2025, 1, 3), timedelta(hours=14, minutes=5), "INR", 1.4, ""),
    ]
    read = [item.taken_at.isoformat() for item in parse(xlsx({"Labs": rows})).items]
    assert read == ["2025-01-03T08:30:00", "2025-01-03T12:00:00", "2025-01-03T14:05:00"]


def test_the_kinds_of_cells_decide_between_point_and_comma():
    """Texts with a decimal comma beside cells that hold numbers: both are read, neither is guessed."""
    rows = [LABS, ("N-1", "2025-01-03", "INR", "1,5", ""), ("N-1", "2025-01-04", "INR", 1.234, "")]
    parsed = parse(xlsx({"Labs": rows}))
    assert parsed.decimal == "," and values(parsed)[1] == ("INR", "1,234", "")


def test_a_cell_in_percent_is_read_as_it_is_shown():
    rows = [LABS, ("N-1", "2025-01-03", "INR", 1.2, ""), ("N-1", "2025-01-03", "Haematocrit", 0.45, "%")]
    content = xlsx({"Labs": rows})

    def percent(sheet: bytes) -> bytes:
        return sheet.replace(b'<c r="D3"', b'<c r="D3" s="1"')

    def styles(text: bytes) -> bytes:
        start = text.index(b"</cellXfs>")
        return text[:start] + b'<xf numFmtId="9" fontId="0"/>' + text[start:]

    shown = changed(changed(content, "xl/worksheets/sheet1.xml", percent), "xl/styles.xml", styles)
    assert values(parse(shown))[1] == ("Haematocrit", "45%", "%")
    assert values(parse(content))[1] == ("Haematocrit", "0.45", "%")


@pytest.mark.parametrize(("cell", "shown"), [("#N/A", "#N/A"), ("#DIV/0!", "#DIV/0!"), ("=1+1", "#FORMULA")])
def test_errors_and_formulas_without_a_result_are_texts_for_a_person(cell, shown):
    rows = [("mrn", "date", "ALT (U/L)", "INR"), ("N-1", "2025-01-03", cell, 1.2)]
    assert values(parse(xlsx({"Labs": rows})))[0] == ("ALT", shown, "U/L")


def test_title_lines_empty_rows_and_empty_columns_are_passed_over():
    rows = [["St. Elsewhere, laboratory"], [], ["Printed", "2025-01-05"], [None, *LABS], [], [None, *ROW]]
    parsed = parse(xlsx({"Labs": rows}))
    (item,) = parsed.items
    assert (item.place.row, item.value) == (6, "40")
    assert "Not read: 2 lines above the names of the columns." in parsed.notes


def test_what_stands_beside_the_table_does_not_refuse_its_rows():
    parsed = parse(xlsx({"Labs": [LABS, [*ROW, None, "call back"]]}))
    assert isinstance(parsed.items[0], LabRow) and "Columns not read: (no name), (no name)." in parsed.notes


MERGED = [
    ["MRN", "Date", "ALT", None, None, "INR", None, "Albumin", None],
    [None, None, "Value", "Unit", "Range", "Result", "Flag", "Value", "Unit"],
    ["N-1", "2025-01-03", 35, "U/L", "0-40", 1.2, "H", 38, "g/L"],
]


@pytest.mark.parametrize("write", [xlsx, ods, xls])
def test_headings_in_two_lines_are_one_name_a_column(write):
    """Merged in the spreadsheet, a name stands in its first cell only."""
    merged = {"merged": {"Labs": ["C1:E1", "F1:G1", "A1:A2", "B1:B2"]}} if write is xlsx else {}
    parsed = parse(write({"Labs": MERGED}, **merged))
    assert values(parsed) == [("ALT", "35", "U/L"), ("INR", "1.2", ""), ("Albumin", "38", "g/L")]
    assert (parsed.items[0].range_text, parsed.items[0].place.row) == ("0-40", 3)


def test_headings_in_two_lines_may_name_groups_over_tests():
    rows = [["MRN", "Date", "Liver", None, "Clotting"], [None, None, "ALT (U/L)", "Albumin (g/L)", "INR"]]
    assert len(parse(xlsx({"Labs": [*rows, ["N-1", "2025-01-03", 35, 38, 1.2]]})).items) == 3


def test_headings_in_two_lines_are_read_from_csv_too():
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in MERGED)
    assert len(parse(text.encode()).items) == 3


def test_units_beside_each_test_may_all_be_named_unit():
    rows = [("MRN", "Date", "ALT", "Unit", "Albumin", "Unit"), ("N-1", "2025-01-03", 35, "U/L", 38, "g/L")]
    assert values(parse(xlsx({"Labs": rows}))) == [("ALT", "35", "U/L"), ("Albumin", "38", "g/L")]


def test_a_first_row_without_mrn_is_no_second_line_of_names():
    rows = [LABS, (None, None, "ALT", 40, "U/L"), ROW]
    items = parse(xlsx({"Labs": rows})).items
    assert [type(item) for item in items] == [RowProblem, LabRow]


def test_every_kind_of_file_may_be_a_sheet():
    sheets = {
        "P": PATIENTS,
        "D": [("mrn", "kind", "noted_on"), ("N-1", "cirrhosis", date(2024, 1, 2))],
        "E": [("mrn", "kind", "started_at"), ("N-1", "vka", datetime(2024, 1, 2, 8))],
        "L": [LABS, ROW],
        "W": [("mrn", "date", "ALT (U/L)"), ("N-1", date(2025, 1, 4), 41)],
    }
    kinds = [parsed.kind for _, parsed in read_file(xlsx(sheets))]
    assert kinds == ["patients", "diagnoses", "events", "labs", "labs"]
    assert isinstance(read_file(xlsx(sheets))[0][1].items[0], PatientRow)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "damaged or cut short"),
        (xlsx({"Labs": [LABS, ROW]})[:2000], "damaged or cut short"),
        (changed(xlsx({"Labs": [LABS]}), "xl/workbook.xml", lambda data: None), "a ZIP file, not a workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel file (XLS)"),
        (encrypted(), "protected by a password"),
        (xlsx({"Labs": []}), "The workbook is empty"),
        (xlsx({f"S{at}": [["a"]] for at in range(61)}), "more than 60 sheets"),
    ],
)
def test_a_workbook_that_cannot_be_read_says_why(content, words):
    assert words in parse(content).reason


# --- through the record ---


@pytest.fixture
def book() -> bytes:
    return xlsx(
        {
            "People": PATIENTS,
            "Labs": [LABS, ROW, ("N-1", "2025-01-04", "Zonulin", 300, "U/L"), ("N-9", *ROW[1:])],
        }
    )


@pytest.mark.django_db
def test_each_sheet_is_an_upload_of_the_batch_and_the_same_file_again_stores_nothing(
    book, clinic, data_manager
):
    store = {"contents": [("book.xlsx", book)], "clinic": clinic, "by": data_manager}
    uploads = actions.store(**store)
    assert [(u.file, u.sheet, u.kind, u.new, u.waiting) for u in uploads] == [
        ("book.xlsx › People", "People", "patients", 2, 0),
        ("book.xlsx › Labs", "Labs", "labs", 1, 2),
    ]
    again = actions.store(**store)
    assert [(u.new, u.changed) for u in again] == [(0, 0), (0, 0)]
    assert all("This file was stored on" in u.notes for u in again)
    assert Patient.objects.count() == 2 and Result.objects.count() == 1
    actions.undo(uploads=uploads, by=data_manager)
    assert Result.objects.get().status == "withdrawn"


@pytest.mark.django_db
def test_a_workbook_is_previewed_and_confirmed_sheet_by_sheet(manager, book):
    page = words_of(drop(manager, book))
    assert "Sheet Labs, row 3, test" in page and "file1.csv › Labs" in page
    batch = Upload.objects.first().batch
    page = words_of(manager.post(reverse("uploads:store", args=[batch]), follow=True))
    assert "Stored: 3 new rows." in page and Result.objects.get().value == 40


@pytest.mark.django_db
def test_the_command_names_the_sheet(book, clinic, people, tmp_path, capsys):
    from django.core.management import call_command

    path = tmp_path / "book.xlsx"
    path.write_bytes(book)
    call_command("upload", str(path), clinic=clinic.code)
    said = capsys.readouterr()
    assert "book.xlsx › Labs: Sheet Labs, row 3, test: Test “Zonulin” is not known." in said.err
    assert "book.xlsx › People: Patients (XLSX" in said.out


def test_limits_of_the_settings_reach_the_reader(settings, clinic, monkeypatch):
    seen = []
    monkeypatch.setattr("uploads.matching.files.read_file", lambda *given, **more: seen.append(given) or [])
    settings.MAX_SHEET_CELLS, settings.MAX_SHEET_SECONDS = 20_000, 7
    actions.look(contents=[("a.xlsx", b"PK\x03\x04")], clinic=clinic)
    settings.MAX_UPLOAD_ROWS = 30_000
    actions.look(contents=[("a.xlsx", b"PK\x03\x04")], clinic=clinic)
    assert (seen[0][3].cells, seen[0][3].seconds, seen[1][3].rows) == (20_000, 7, 30_000)
    assert seen[0][3].folder == str(settings.FILE_UPLOAD_TEMP_DIR)
