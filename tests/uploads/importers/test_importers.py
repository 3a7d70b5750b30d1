"""What is read from a file, before the record is asked: encodings, delimiters, numbers, dates, kinds."""

import pytest

from tests.uploads.files import LABS_HEADER, labs
from uploads.importers.main import parse
from uploads.importers.records import EventRow, LabRow, PatientRow, RowProblem

ROW = "7,2025-01-01T08:00,ALT,40,U/L,,"


def only(content: bytes):
    (item,) = parse(content).items
    return item


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf \r\n", "The file is empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"\x1f\x8brest", "compressed"),
        (b"mrn,kind\n1,\x00\x01\n", "binary data"),
        (b"mrn\n1\n", "Only one column"),
        (labs(), "has a header but no rows"),
        (b"foo,bar\n1,2\n", "The first row names no columns that are known"),
        (labs(ROW, header=LABS_HEADER.replace("unit", "value")), "“value” appears more than once"),
        (labs(ROW + ",9", header=LABS_HEADER + ",result"), "“value” and “result” are both value"),
        (labs(ROW, header=LABS_HEADER.replace("unit", "ward")), "has no column “unit”"),
        (labs('7,2025-01-01T08:00,"ALT,40,U/L,,'), "never closed"),
        (labs('7,2025-01-01T08:00,"A"LT,40,U/L,,'), "Row 2: text follows a closing quotation mark"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_remedy(content, words):
    parsed = parse(content)
    assert words in parsed.reason
    assert not parsed.items


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("latin-1", "Latin-1"),
        ("cp1252", "Latin-1"),
        ("utf-16", "UTF-16"),
    ],
)
def test_encodings_are_read_and_shown(encoding, shown):
    content = labs("7,2025-01-01,Bilirubin,12,µmol/L,,").decode().encode(encoding)
    assert only(content).unit == "µmol/L"
    assert f" · {shown} · " in parse(content).format


@pytest.mark.parametrize(
    ("delimiter", "word"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")]
)
def test_delimiters_are_found(delimiter, word):
    content = labs(ROW).replace(b",", delimiter.encode())
    assert only(content).test == "ALT"
    assert word in parse(content).format


def test_excels_first_line_names_the_delimiter_and_counts_as_a_row():
    item = only(b"sep=;\n" + labs(ROW).replace(b",", b";"))
    assert item.place.row == 3


def test_semicolons_and_decimal_commas():
    parsed = parse(
        labs("7;2025-01-01;INR;1,4;;0,9;1,1").replace(
            LABS_HEADER.encode(), LABS_HEADER.replace(",", ";").encode()
        )
    )
    assert parsed.decimal == ","
    assert "semicolon" in parsed.format and "decimal comma" in parsed.format


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("1,2", "1.2"), "Use one of them"),
        (("1,234", "5"), "can be read two ways"),
        (("1,234", "1.5"), ""),
        (("1,234", "1,5"), ""),
        (("1.234", "5"), ""),
    ],
)
def test_numbers_that_can_be_read_two_ways_refuse_the_file(values, words):
    rows = [f'7,2025-01-0{day},INR,"{value}",,,' for day, value in enumerate(values, 1)]
    assert (words in parse(labs(*rows)).reason) if words else not parse(labs(*rows)).reason


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (("03/04/2025",), "Dates such as 03/04/2025 can be read two ways. Use 2025-04-03"),
        (("12/12/2025", "01/02/2025"), "can be read two ways"),
        (("13/04/2025", "04/13/2025"), "two orders: row 2 has 13/04/2025, row 3 has 04/13/2025"),
        (("03/04/2025", "13/04/2025"), ""),
        (("03/03/2025",), ""),
    ],
)
def test_dates_that_can_be_read_two_ways_refuse_the_file(dates, words):
    reason = parse(labs(*(f"7,{day},INR,1.2,,," for day in dates))).reason
    assert (words in reason) if words else not reason


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (("2025-02-03 08:05",), "2025-02-03T08:05:00"),
        (("2025-02-03T08:05:09Z",), "2025-02-03T08:05:09+00:00"),
        (("20250203 0805",), "2025-02-03T08:05:00"),
        (("3 Feb 2025 8:05 PM",), "2025-02-03T20:05:00"),
        (("3. Mai 2025 08:05",), "2025-05-03T08:05:00"),
        (("3. März 2025",), "2025-03-03T00:00:00"),
        (("03-Dez-2025 08:05",), "2025-12-03T08:05:00"),
        (("3. 2. 2025",), "2025-02-03T00:00:00"),
        (("03.02.2025 08:05", "13.02.2025"), "2025-02-03T08:05:00"),
        (("02/03/2025 08:05", "02/13/2025"), "2025-02-03T08:05:00"),
    ],
)
def test_dates_are_read_in_the_order_of_the_whole_file(texts, read):
    items = parse(labs(*(f"7,{text},INR,1.2,,," for text in texts))).items
    assert items[0].taken_at.isoformat() == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "31/02/2025",
            "“31/02/2025” is an impossible date: 31 February 2025 does not exist. Correct it.",
        ),
        ("31.02.2026", "“31.02.2026” is an impossible date: 31 February 2026 does not exist."),
        ("2026-13-01", "“2026-13-01” is an impossible date: there is no month 13. Correct it."),
        ("30 Feb 2026", "“30 Feb 2026” is an impossible date: 30 February 2026 does not exist."),
        ("30. Februar 2026", "is an impossible date: 30 February 2026 does not exist."),
        ("30 Feb", "“30 Feb” names no year. Use a date such as 2025-02-28."),
        ("28.02.", "“28.02.” names no year."),
        ("5 Nob 2026", "“5 Nob 2026” is not a date."),
        ("20250230", "is an impossible date: 30 February 2025 does not exist."),
        ("yesterday", "“yesterday” is not a date. Use a date such as 2025-02-28 or 28/02/2025."),
        ("45123", "is not a date"),
        ("14/02/25", "has no four-digit year"),
        ("", "time of collection is missing"),
        ("03/04/2025", "can be read two ways"),
        ("0001-01-01 00:00", "Check the year 1: it must lie from 1850 to 2199."),
        ("1849-12-31", "Check the year 1849"),
        ("9999-12-31T23:59-14:00", "Check the year 9999"),
        ("2200-01-01", "Check the year 2200"),
        ("2025-01-01T08:00+99:00", "is not a date"),
    ],
)
def test_a_bad_date_in_row_7_is_named(text, words):
    rows = [f"7,2025-01-0{day},INR,1.2,,," for day in range(1, 6)]
    bad = parse(labs(*rows, f"7,{text},INR,1.2,,,")).items[-1]
    assert isinstance(bad, RowProblem)
    assert (bad.place.row, bad.place.column) == (7, "collected_at")
    assert words in bad.text


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    """A quoted line break stays in its row; a blank line is a row without data."""
    parsed = parse(labs('7,2025-01-01,"ALT\n(serum)",4,U/L,,', "", ROW))
    assert [item.place.row for item in parsed.items] == [2, 4]


def test_a_ragged_row_is_refused_and_the_others_are_read():
    parsed = parse(labs(ROW, "7,2025-01-01", ROW + ",", ROW + ",9"))
    assert [type(item) for item in parsed.items] == [LabRow, RowProblem, LabRow, RowProblem]
    assert "the row has 2 cells, the header has 7" in parsed.items[1].text


def test_usual_names_of_columns_are_understood():
    item = only(b"Hospital Number,DOB,Surname,First name,Gender\n0042,1970-05-01,Ito,Mai,Female\n")
    assert isinstance(item, PatientRow)
    assert (item.mrn, item.sex, item.family_name) == ("0042", "F", "Ito")


def test_a_column_that_is_missing_is_named_with_its_other_names():
    reason = parse(b"mrn,family_name,sex\n1,Ito,F\n").reason
    assert "patients file, but it has no column “birth_date” (or: dob" in reason


@pytest.mark.parametrize(
    ("titles", "cells", "read"),
    [
        ("collected_date,collected_time", "2025-01-03,08:30", "2025-01-03T08:30:00"),
        ("Collection Date,Collection Time", "03/01/2025,8:30 PM", ""),
        ("Date,Time", "13/01/2025,8:30 PM", "2025-01-13T20:30:00"),
        ("time,date", "0830,2025-01-03", "2025-01-03T08:30:00"),
        ("Sample date,Time of day", "2025-01-03,08:30", "2025-01-03T00:00:00"),
        ("collected_date,collected_time", "2025-01-03 00:00:00,08:30:15", "2025-01-03T08:30:15"),
        ("collected_date,collected_time", "2025-01-03,", "2025-01-03T00:00:00"),
        ("collected_date,collected_time", "2025-01-03,08:30Z", "2025-01-03T08:30:00+00:00"),
    ],
)
def test_day_and_time_of_day_may_stand_in_two_columns(titles, cells, read):
    parsed = parse(f"mrn,{titles},test,value,unit\n7,{cells},INR,1.2,\n".encode())
    assert (
        [item.taken_at.isoformat() for item in parsed.items] == [read]
        if read
        else "two ways" in parsed.reason
    )


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (",08:30", "the time of collection is missing"),
        ("2025-01-03,half nine", "“half nine” is not a time of day. Write it as 08:30."),
        ("2025-01-03 07:00,08:30", "is not a time of day"),
        ("2025-01-03,25:00", "is not a"),
    ],
)
def test_a_half_time_is_refused_with_its_place(cells, words):
    row = only(f"mrn,collected_date,collected_time,test,value,unit\n7,{cells},INR,1.2,\n".encode())
    assert words in row.text and row.place.column == "collected_at"


def test_start_and_end_of_an_event_may_stand_in_two_columns_each():
    row = only(b"mrn,kind,start_date,start_time,end_date,end_time\n7,vka,2025-01-03,08:30,2025-01-05,\n")
    assert (row.started_at.isoformat(), row.ended_at.isoformat()) == (
        "2025-01-03T08:30:00",
        "2025-01-05T00:00:00",
    )


@pytest.mark.parametrize("titles", ["date,time,charttime", "collection date,sample date,collection time"])
def test_more_than_one_day_or_time_is_refused_as_before(titles):
    parsed = parse(f"mrn,{titles},test,value,unit\n7,2025-01-03,2025-01-03,2025-01-03,INR,1.2,\n".encode())
    assert "are both collected_at" in parsed.reason


def test_columns_that_are_not_read_are_said():
    assert "Columns not read: ward." in parse(labs(ROW + ",7B", header=LABS_HEADER + ",ward")).notes


@pytest.mark.parametrize("kind", ["ascites", "encephalopathy"])
def test_complications_among_diagnoses_come_in_as_events(kind):
    parsed = parse(f"mrn,kind,noted_on,codes\n1,{kind},2021-02-18,78959\n".encode())
    assert isinstance(parsed.items[0], EventRow)
    assert "1 row is kept as events" in parsed.notes[0]


@pytest.mark.parametrize(
    "text", [b"mrn,kind,noted_on\n1,gout,2021-02-18\n", b"mrn,kind,started_at\n1,gout,2021-02-18\n"]
)
def test_an_unknown_kind_waits_for_a_person(text):
    assert only(text).level == "waiting"
