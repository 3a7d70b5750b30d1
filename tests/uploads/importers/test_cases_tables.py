"""Tables of the kinds that went wrong: each value is right, flagged, or asked. No record is needed here."""

import io
import re
from datetime import datetime

import openpyxl
import pytest

from patients.values.validation import read_result
from tests.uploads.files import labs
from tests.uploads.message_cases import case
from tests.uploads.sheets import changed, ods, xlsx
from uploads.importers.dates import DAY_FIRST, MONTH_FIRST
from uploads.importers.formats.text import decode
from uploads.importers.main import parse
from uploads.importers.meanings import Meanings
from uploads.importers.meanings import test_of as name_of
from uploads.importers.profile import WritingProfile
from uploads.importers.records import LabRow, Parsed, RowProblem

WHO = ("N-1", "2026-03-02 08:00")


def read(item: LabRow, parsed: Parsed):
    ends = {"lower": item.lower, "upper": item.upper, "range_text": item.range_text}
    marks = {"decimal": parsed.decimal, "thousands": parsed.thousands}
    return read_result(test=name_of(item), value=item.value, unit=item.unit, **ends, **marks)


def results(content: bytes, **said) -> list[tuple]:
    """Analyte, comparator, value, limits and codes of problems of each result."""
    parsed = parse(content, meanings=Meanings(profile=WritingProfile(**said)))
    assert not parsed.reason, parsed.reason
    found = []
    for item in parsed.items:
        if isinstance(item, RowProblem):
            found.append(item.text)
            continue
        reading, problems = read(item, parsed)
        limits = (reading.lower_limit, reading.upper_limit) if reading else ()
        shown = (
            (reading.analyte, reading.comparator, pytest.approx(reading.value)) if reading else (item.test,)
        )
        found.append((*shown, *limits, *(problem.code for problem in problems)))
    return found


def values(content: bytes, **said) -> list[tuple]:
    return [row[:3] if isinstance(row, tuple) else row for row in results(content, **said)]


def formatted(code: str, number: float, test="ALT", unit="U/L") -> bytes:
    """A workbook with one number in this format."""
    book = openpyxl.Workbook()
    book.active.append(["mrn", "collected_at", "test", "value", "unit"])
    book.active.append([*WHO, test, number, unit])
    book.active["D2"].number_format = code
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# What a cell shows


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("L05_lt_quoted.xlsx", [("ALT", "<", 5)]),
        ("L06_gt_quoted.xlsx", [("INR", ">", 10)]),
        ("L01_pct_real.xlsx", [("factor_v", "", 35)]),
        ("L11_wide_percent.xlsx", [("ALT", "", 88), ("factor_v", "", 35)]),
        ("M06_pct_value.csv", [("factor_v", "", 35), ("prothrombin_activity", "", 35)]),
    ],
)
def test_the_cases_of_cells_that_show_more_than_they_hold(name, found):
    assert values(case(name)) == found


@pytest.mark.parametrize(
    ("code", "number", "found"),
    [
        ('"<"0', 5, ("ALT", "<", 5)),
        ('"> "0', 500, ("ALT", ">", 500)),
        ("\\<0", 5, ("ALT", "<", 5)),
        ('[<5]"<5";0', 3, ("ALT", "<", 5)),
        ('[<5]"<5";0', 44, ("ALT", "", 44)),
        ('0" U/L"', 44, ("ALT", "", 44)),
        ('0" H"', 44, ("ALT", "", 44)),
        ("#,##0", 1234, ("ALT", "", 1234)),
        ("[Red]0.0", 44, ("ALT", "", 44)),
        ("0.0_);(0.0)", 44, ("ALT", "", 44)),
        ("0,", 44000, ("ALT", "no_value")),
        (";;;", 44, ("ALT", "no_value")),
        ("00-00", 1234, ("ALT", "no_value")),
        ('"neg"', 44, ("ALT", "in_words")),
        ('"ca. "0', 44, ("ALT", "not_a_number")),
        ("0%", 0.44, ("ALT", "not_a_number")),
    ],
)
def test_a_number_is_read_as_its_format_shows_it(code, number, found):
    assert values(formatted(code, number)) == [found]


def without_places(content: bytes) -> bytes:
    """As programs write them that leave out what may be counted."""

    def change(sheet: bytes) -> bytes:
        return re.sub(rb'(<(?:c|row)\b)([^<>]*?) r="[A-Z]*[0-9]+"', rb"\1\2", sheet)

    return changed(content, "xl/worksheets/sheet1.xml", change)


@pytest.mark.parametrize(
    ("code", "number", "found"),
    [("0%", 0.44, ("ALT", "not_a_number")), ('"<"0', 5, ("ALT", "<", 5)), ("0,", 44000, ("ALT", "no_value"))],
)
def test_a_cell_that_does_not_say_where_it_stands_is_read_as_it_shows(code, number, found):
    assert values(without_places(formatted(code, number))) == [found]


@pytest.mark.parametrize("name", ['name="She&#101;t"', "name='Sheet'", 'name="Sh &amp; eet"'])
def test_the_formats_of_a_sheet_are_found_however_its_name_is_written(name):
    def change(book: bytes) -> bytes:
        return re.sub(rb'(<sheet\b[^<>]*?)\bname="[^"]*"', lambda m: m[1] + name.encode(), book)

    assert values(changed(formatted('"<"0', 5), "xl/workbook.xml", change)) == [("ALT", "<", 5)]


def test_a_sheet_whose_inner_file_is_not_found_is_refused():
    """Read without its formats "<5" would be stored as 5."""

    def change(relations: bytes) -> bytes:
        return relations.replace(b'Target="', b"Target='").replace(b'.xml"', b".xml'")

    with pytest.raises(AssertionError, match="save it again as XLSX"):
        values(changed(formatted('"<"0', 5), "xl/_rels/workbook.xml.rels", change))


def test_the_format_of_cells_that_name_none_is_the_first():
    def change(styles: bytes) -> bytes:
        start = styles.index(b"<cellXfs")
        return styles[:start] + styles[start:].replace(b'numFmtId="0"', b'numFmtId="9"', 1)

    content = changed(formatted("General", 0.44), "xl/styles.xml", change)
    assert values(content) == [("ALT", "not_a_number")]


def test_a_scaled_cell_says_what_to_do():
    parsed = parse(formatted("0,", 44000))
    _, (problem,) = read(parsed.items[0], parsed)
    assert "shows something else than the number in it" in problem.text and "General" in problem.text


@pytest.mark.parametrize("value", ["35%", "35 %", "35"])
@pytest.mark.parametrize("unit", ["%", ""])
def test_percent_is_percent_where_the_test_is(value, unit):
    reading, _ = read_result(test="Factor V", value=value, unit=unit or ("%" if value == "35" else ""))
    assert (reading.value, reading.reported_unit) == (35, "%")


def test_percent_of_a_test_that_is_not_in_percent_is_for_a_person():
    assert read_result(test="ALT", value="35%", unit="U/L")[0] is None
    assert read_result(test="Prothrombin activity", value="35%", unit="{fraction}")[0].value == 35


def ods_cell(about: str, text: str) -> bytes:
    """A workbook whose ALT is this cell."""
    content = ods({"Labs": [("mrn", "collected_at", "ALT (U/L)", "INR"), (*WHO, "HERE", 1.9)]})

    def with_cell(xml: bytes) -> bytes:
        old = b'<table:table-cell office:value-type="string"><text:p>HERE</text:p></table:table-cell>'
        assert old in xml
        xml = xml.replace(b'xmlns:office="', b'xmlns:calcext="urn:calcext" xmlns:office="', 1)
        cell = f"<table:table-cell {about}><text:p>{text}</text:p></table:table-cell>"
        return xml.replace(old, cell.encode())

    return changed(content, "content.xml", with_cell)


@pytest.mark.parametrize(
    ("about", "text", "found"),
    [
        (
            'office:value-type="string" calcext:value-type="error" table:formula="of:=1/0"',
            "#DIV/0!",
            "no_value",
        ),
        ('office:value-type="float" office:value="0" calcext:value-type="error"', "#REF!", "no_value"),
        ('office:value-type="string" table:formula="of:=X" ', "Err:502", "no_value"),
        ('office:value-type="float" office:value="5"', "&lt;5", "<"),
        ('office:value-type="float" office:value="44"', "44 U/L", ""),
        ('office:value-type="float" office:value="44.4"', "44,40", ""),
        ('office:value-type="float" office:value="44000"', "44", "no_value"),
        ('office:value-type="float" office:value="1234"', "1.234", ""),
    ],
)
def test_cells_of_ods_are_read_as_they_are_shown(about, text, found):
    alt, inr = results(ods_cell(about, text))
    assert found in alt[1:] and inr[0] == "INR"


def test_the_cases_of_ods():
    alt, ast, activity, inr = results(case("B60_ods_error_wide.ods"))
    assert alt == ("ALT", "no_value") and (ast[2], activity[2], inr[2]) == (77, 35, 1.9)
    assert values(case("B61_ods_percent.ods"))[2] == ("prothrombin_activity", "", 35)


# Limits


def test_the_case_of_limits_in_another_unit():
    found = results(case("Q04_range_slip.csv"))
    assert [row[3:] for row in found] == [(None, None, "limit_misfit")] * 3


@pytest.mark.parametrize(
    ("test", "value", "unit", "ends", "words"),
    [
        ("ALT", "88", "U/L", "0.17-0.75", "Range in µkat/L?"),
        ("Albumin", "2.8", "g/dL", "35-50", "Range in g/L?"),
        ("Total bilirubin", "41", "umol/L", "0.2-1.2", "Range in mg/dL?"),
        ("Creatinine", "90", "umol/L", "0.5-0.9", "Range in mg/dL?"),
        ("Haemoglobin", "130", "g/L", "12-16", "Range in g/dL?"),
        ("Platelets", "90", "10*9/L", "150000-400000", "Range in /µL?"),
        ("Fibrinogen", "2.2", "g/L", "200-400", "Range in mg/dL?"),
        ("ALT", "8.2", "U/L", "<0.7", "value and limit 0.7 fit µkat/L, not U/L"),
        ("Platelets", "150000", "10*9/L", "150000-400000", "Did you mean /µL?"),
        ("INR", "1.1", "", "0.9-12", "the limit 12 is none of this test"),
    ],
)
def test_limits_that_are_none_of_their_unit_ask_and_are_not_stored(test, value, unit, ends, words):
    reading, problems = read_result(test=test, value=value, unit=unit, range_text=ends)
    assert any(words in problem.text for problem in problems), problems
    assert reading is None or (reading.lower_limit, reading.upper_limit) == (None, None)
    separate = dict(zip(("lower", "upper"), ends.strip("<").split("-"), strict=False))
    if "-" in ends:
        _, again = read_result(test=test, value=value, unit=unit, **separate)
        assert [problem.text for problem in again] == [problem.text for problem in problems]


@pytest.mark.parametrize(
    ("test", "unit", "ends"),
    [
        ("ALT", "U/L", "0-35"),
        ("ALT", "ukat/L", "0.17-0.75"),
        ("ALP", "U/L", "30-390"),
        ("Albumin", "g/dL", "3.5-5.0"),
        ("Total bilirubin", "mg/dL", "<1.2"),
        ("AFP", "ng/mL", "<7"),
        ("CRP", "mg/dL", "<0.5"),
        ("D-dimer", "ng{FEU}/mL", "<500"),
        ("Ammonia", "ug/dL", "15-60"),
        ("Haemoglobin", "mmol/L", "7.4-9.9"),
        ("Haematocrit", "%", "36-46"),
        ("GGT", "U/L", "5-85"),
    ],
)
def test_usual_limits_in_their_unit_ask_nothing(test, unit, ends):
    reading, problems = read_result(
        test=test, value=ends.split("-")[-1].strip("<"), unit=unit, range_text=ends
    )
    assert (problems, reading.reported_range) == ([], ends) and reading.upper_limit


def test_a_fixed_range_beside_a_rare_unit_is_left_out_and_said():
    reading, (problem,) = read_result(test="ALT", value="1.47", unit="ukat/L", range_text="<35")
    assert (reading.value, reading.upper_limit) == (pytest.approx(88.2), None)
    assert (problem.code, problem.level) == ("limit_left_out", "confirm")


def test_the_case_of_ranges_reads_them_or_says_that_it_does_not():
    found = results(case("J03_range_variants.csv"))
    ends = {row[0]: row[3:5] for row in found}
    assert ends["ALT"] == (None, 35) and ends["INR"] == (0.9, 1.2) and ends["platelets"] == (150, 400)
    assert [row[0] for row in found if "range_unread" in row] == ["ALP", "GGT"]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("<35 (adult)", (None, 35)),
        ("7-35 [Adults]", (7, 35)),
        ("0 - 35 U/L", (0, 35)),
        ("0.12-0.58 µkat/L", (7.2, 34.8)),
        ("bis 35", (None, 35)),
        ("7..35", (7, 35)),
        ("7,5 - 35,5", (7.5, 35.5)),
    ],
)
def test_ranges_with_words_and_units(text, ends):
    reading, problems = read_result(test="ALT", value="30", unit="U/L", range_text=text)
    assert ((reading.lower_limit, reading.upper_limit), problems) == (pytest.approx(ends), [])


@pytest.mark.parametrize("text", ["30-120 (M)", "F: <35 M: <50", "7-35 mg", "1,234-2", "7-35 / 9-40"])
def test_a_range_that_is_not_read_is_said_on_its_row(text):
    reading, (problem,) = read_result(test="ALT", value="30", unit="U/L", range_text=text)
    assert (reading.upper_limit, problem.code, problem.level) == (None, "range_unread", "confirm")
    assert "the usual limits are used" in problem.text and reading.reported_range == text


# Dates


def dates(*texts: str) -> bytes:
    return labs(*(f"7,{text},INR,1.2,,," for text in texts))


def asked(content: bytes, **said) -> list[tuple]:
    parsed = parse(content, meanings=Meanings(profile=WritingProfile(**said)))
    return [(name.what, name.folded) for name in parsed.unknown if name.what == "writes"]


@pytest.mark.parametrize("name", ["06b_dates_unambig_one.csv", "21_one_row_turns_file.csv"])
def test_the_cases_of_an_order_that_is_decided_by_too_little(name):
    assert asked(case(name)) == [("writes", "date_order")]
    first = values(case(name), date_order=DAY_FIRST)
    assert first.count(("ALT", "", pytest.approx(300))) == 1
    last = parse(case(name), meanings=Meanings(profile=WritingProfile(date_order=DAY_FIRST))).items[-1]
    if name.startswith("21"):
        assert "“11/14/2026 08:00” is an impossible date: there is no month 14." in last.text
        assert "If day and month are swapped, write 2026-11-14." in last.text
    else:
        assert last.taken_at == datetime(2026, 2, 3, 8)


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (("01/02/2026", "03/02/2026"), None),
        (("03.02.2026", "04.02.2026"), DAY_FIRST),
        (("03.02.2026 08:00", "2026-02-04"), DAY_FIRST),
        (tuple(f"{day:02}/11/2026" for day in range(1, 13)) + ("11/14/2026",), None),
        (("01/02/2026", "02/13/2026"), MONTH_FIRST),
        (tuple(f"{day:02}/11/2026" for day in (1, 5, 9, 14, 18)), DAY_FIRST),
        (("13/01/2026", "01/13/2026"), None),
        (("03.02.2026", "02/13/2026"), None),
    ],
)
def test_the_order_of_dates_is_told_by_enough_of_them_or_asked(texts, order):
    content = dates(*texts)
    if order is None:
        assert asked(content) == [("writes", "date_order")]
    else:
        assert not asked(content) and order in parse(content).format


@pytest.mark.parametrize(("order", "month"), [(DAY_FIRST, 2), (MONTH_FIRST, 1)])
def test_what_was_said_of_a_sender_decides_and_is_shown(order, month):
    parsed = parse(dates("01/02/2026"), meanings=Meanings(profile=WritingProfile(date_order=order)))
    assert parsed.items[0].taken_at.month == month and order in parsed.format


def test_dates_that_all_speak_against_what_was_said_refuse_the_file_with_the_remedy():
    parsed = parse(dates("02/13/2026"), meanings=Meanings(profile=WritingProfile(date_order=DAY_FIRST)))
    assert "row 2 has 02/13/2026. Change that under Senders" in parsed.reason


def test_dates_of_birth_are_asked_too():
    header = "mrn,birth_date,collected_at,test,value,unit"
    content = labs("7,01/02/1960,2026-03-02,INR,1.2,", header=header)
    assert asked(content) == [("writes", "date_order")]
    assert not asked(content, date_order=DAY_FIRST)


SWAPPED = [(datetime(2026, month, day, 8), 100) for month, day in ((5, 3), (9, 6), (4, 9))]


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ([*SWAPPED, ("13/10/2026 08:00", 90)], "day/month/year"),
        ([*SWAPPED, ("10/13/2026 08:00", 90)], "month/day/year"),
        (SWAPPED, ""),
        ([*SWAPPED, (datetime(2026, 10, 13, 8), 90)], ""),
        ([*SWAPPED, (datetime(2026, 10, 13, 8), 90), ("14/10/2026 08:00", 90)], ""),
    ],
)
def test_days_that_a_spreadsheet_has_swapped_are_refused_with_the_remedy(rows, refused):
    header = ("mrn", "collected_at", "ALT (U/L)")
    parsed = parse(xlsx({"Labs": [header, *(("N-1", *row) for row in rows)]}))
    assert ("A spreadsheet has swapped" in parsed.reason) == bool(refused) and refused in parsed.reason


def test_the_case_of_swapped_days():
    reason = parse(case("19_excel_swapped.xlsx")).reason
    assert "row 5 still has 13/10/2026" in reason and "Upload the file as it was before" in reason


def test_days_that_a_spreadsheet_saved_as_numbers_are_read_and_said():
    header = "mrn,collected_at,ALT (U/L)"
    parsed = parse(labs("7,46154.3333,300", "7,46335,60", header=header))
    assert [item.taken_at for item in parsed.items] == [
        datetime(2026, 5, 12, 7, 59, 57), datetime(2026, 11, 9)
    ]  # fmt: skip
    assert any("46154.3333 is 2026-05-12" in note for note in parsed.all_notes)
    assert [item.taken_at.month for item in parse(case("10b_serials.csv")).items] == [5, 5, 11, 11]


@pytest.mark.parametrize("text", ["29/02/2025", "2025-13-01", "31.04.2025"])
def test_an_impossible_date_is_called_so(text):
    (item,) = parse(dates(text)).items
    assert "is an impossible date: " in item.text


# Numbers


def numbers(*texts: str, delimiter=";", ends: str = "") -> bytes:
    rows = [delimiter.join(("7", "2026-01-02", "ALT", text, "U/L", ends)) for text in texts]
    return labs(*rows, header=delimiter.join(("mrn", "collected_at", "test", "value", "unit", "range")))


@pytest.mark.parametrize(
    ("texts", "delimiter", "found"),
    [
        (("1.240", "98"), ";", None),
        (("1.240", "98,5"), ";", [1240, 98.5]),
        (("1.240", "98.5"), ";", [1.24, 98.5]),
        (("1.240.000", "98"), ";", [1240000, 98]),
        (("1.240", "98"), "|", [1.24, 98]),
        (("1,240", "98.5"), "|", [1240, 98.5]),
        (("1,240", "98"), "|", None),
        (("1,240", "98,5"), ";", [1.24, 98.5]),
        (("1 240", "98,5"), ";", [1240, 98.5]),
        (("0.240", "98"), ";", [0.24, 98]),
        (("1.240 U/L", "98,5 U/L"), ";", [1240, 98.5]),
    ],
)
def test_thousands_are_told_by_the_other_numbers_or_asked(texts, delimiter, found):
    content = numbers(*texts, delimiter=delimiter)
    if found is None:
        assert asked(content) == [("writes", "decimal")]
    else:
        parsed = parse(content)
        read_values = [read(item, parsed)[0] for item in parsed.items]
        assert [reading and reading.value for reading in read_values] == [
            None if number > 50000 else pytest.approx(number) for number in found
        ]


@pytest.mark.parametrize(("said", "number"), [(",", 1240), (".", 1.24)])
def test_the_decimal_mark_that_was_said_of_a_sender_decides(said, number):
    assert values(numbers("1.240", "98"), decimal=said)[0][2] == pytest.approx(number)
    assert not asked(numbers("1.240", "98"), decimal=said)


def test_the_case_of_german_thousands():
    assert asked(case("01c_german_thousand.csv")) == [("writes", "decimal")]
    found = values(case("01c_german_thousand.csv"), decimal=",")
    assert [row[2] for row in found] == [1102, 1234, 980, 1004, 120, 210]


def test_points_in_dates_make_thousands_doubtful_too():
    content = numbers("1.240", delimiter="|").replace(b"2026-01-02", b"13.01.2026")
    assert asked(content) == [("writes", "decimal")]


def test_both_are_asked_at_once():
    content = numbers("1.240").replace(b"2026-01-02", b"01/02/2026")
    assert asked(content) == [("writes", "date_order"), ("writes", "decimal")]


def test_the_case_of_a_decimal_comma_and_days_with_points():
    parsed = parse(case("B31_semicolon_decimal_comma.csv"))
    assert (parsed.decimal, parsed.items[0].taken_at) == (",", datetime(2026, 3, 2, 8))
    assert read(parsed.items[0], parsed)[0].value == 1.4 and not asked(
        case("B31_semicolon_decimal_comma.csv")
    )


def test_the_case_of_values_with_one_reading():
    parsed = parse(case("12_values.csv"))
    rows = {item.mrn: read(item, parsed)[0] for item in parsed.items if isinstance(item, LabRow)}
    right = {"V-1201": 1234, "V-1202": 1234, "V-1203": 1200, "V-1206": 300, "V-1207": 300, "V-1209": 300}
    right |= {"V-1210": 300, "V-1213": 300}
    assert {mrn: rows[mrn].value for mrn in right} == right
    assert [mrn for mrn in ("V-1205", "V-1208", "V-1211", "V-1212", "V-1214", "V-1216") if rows[mrn]] == []


def test_the_case_of_full_width_signs():
    assert values(case("B07_fullwidth.csv")) == [("ALT", "", 88), ("INR", "", 1.4), ("AST", "", 77)]


def test_full_width_names_and_dates_are_read():
    header = "ｍｒｎ，ｃｏｌｌｅｃｔｅｄ＿ａｔ".replace("，", ",") + ",test,value,unit"
    (item,) = parse(labs("７,２０２６-０３-０２,ＡＬＴ,８８,Ｕ／Ｌ", header=header)).items
    assert (item.mrn, item.taken_at, item.test, item.value) == ("7", datetime(2026, 3, 2), "ALT", "88")


# Columns, units and lines that are no rows


def test_a_name_beside_a_test_is_the_patients():
    (item,) = parse(case("23_name_column.csv")).items
    assert (item.test, item.identity.family_name, item.identity.given_name) == ("ALT", "Rossi", "Elena")


@pytest.mark.parametrize(
    ("header", "cells", "test"),
    [
        ("mrn,Name,collected_at,Test,value,unit", "7,Elena Rossi,2026-03-02,ALT,31,U/L", "ALT"),
        ("mrn,Name,collected_at,Parameter,value,unit", "7,Rossi,2026-03-02,ALT,31,U/L", "ALT"),
        ("mrn,Name,collected_at,value,unit", "7,ALT,2026-03-02,31,U/L", "ALT"),
    ],
)
def test_name_is_the_test_only_where_nothing_else_is(header, cells, test):
    (item,) = parse(labs(cells, header=header)).items
    assert item.test == test


def test_two_columns_of_one_meaning_are_asked_and_the_answer_decides():
    header = "mrn,Date,Time stamp,Timestamp,test,value,unit"
    content = labs("7,2026-03-02,x,2026-03-03,ALT,31,U/L", header=header)
    parsed = parse(content)
    assert [name.shown for name in parsed.unknown] == ["Date", "Timestamp"] and parsed.unmapped
    (item,) = parse(content, meanings=Meanings(headers={("labs", "date"): ""})).items
    assert item.taken_at == datetime(2026, 3, 3)


def test_what_a_person_maps_goes_before_a_name_of_ours():
    header = "mrn,collected_at,label,test,value,unit"
    content = labs("7,2026-03-02,SGPT,x,31,U/L", header=header)
    meant = {("labs", "label"): "test", ("labs", "test"): ""}
    (item,) = parse(content, meanings=Meanings(headers=meant)).items
    assert item.test == "SGPT"
    (item,) = parse(content, meanings=Meanings(headers=meant, tests={"sgpt": "AST"})).items
    assert item.test == "AST"


@pytest.mark.parametrize("title", ["Quick (%)", "Quick %", "Quick [%]", "PT (%)", "Prothrombin activity (%)"])
def test_a_name_that_ends_in_its_unit_has_one(title):
    parsed = parse(labs("7,2026-03-02,35", header=f"mrn,collected_at,{title}"))
    assert (parsed.items[0].unit, read(parsed.items[0], parsed)[0].analyte) == ("%", "prothrombin_activity")


def test_the_case_of_quick():
    assert values(case("K02_head.csv")) == [("ALT", "", 88), ("prothrombin_activity", "", 35)]


def test_a_name_that_only_its_unit_makes_plain():
    parsed = parse(labs("7,2026-03-02,Quick,35,%,,", "7,2026-03-02,Quick,14,s,,"))
    assert read(parsed.items[0], parsed)[0].analyte == "prothrombin_activity"
    assert read(parsed.items[1], parsed)[0] is None


def test_totals_and_lines_at_the_end_are_named_counted_and_left_out():
    parsed = parse(case("11_totals.csv"))
    assert "3 lines are totals or footers and left out: rows 7, 8, 10." in parsed.all_notes
    assert [item.text for item in parsed.items if isinstance(item, RowProblem)] == [
        "the row holds no result. Fill one in or remove the row."
    ]


@pytest.mark.parametrize(
    ("line", "left_out"),
    [
        ("Total,,,,350,", True),
        ("Summe,,,,11 Ergebnisse,", True),
        ("Average:,,,,1.5,", True),
        ("*** End of report ***", True),
        ("Printed on 2026-03-02 by X,,,,,", True),
        ("12 rows,,,,,", True),
        ("Page 1 of 2", True),
        ("Total,2026-03-02,ALT,35,U/L,", False),
        ("N-3,,ALT,35,U/L,", False),
        ("Stander,,ALT,35,U/L,", False),
        ("N-3", False),
    ],
)
def test_a_line_is_a_footer_only_where_it_can_be_no_row(line, left_out):
    header = "mrn,collected_at,test,value,unit,range"
    parsed = parse(labs("7,2026-03-02,ALT,35,U/L,", line, header=header))
    assert len(parsed.items) == (1 if left_out else 2)
    assert any("footer" in note for note in parsed.all_notes) == left_out


def test_the_case_of_units_is_read():
    found = results(case("M10_units.csv"))
    right = [88.2, 88.2, 120, 54, 28, 90, 90, 90, 106.08, 136, 41.0496, 90, 90, 90, 77, 77]
    assert [row[2] for row in found] == [pytest.approx(number) for number in right]


@pytest.mark.parametrize(
    ("test", "unit", "factor"),
    [
        ("ALT", "UI/L", 1),
        ("ALT", "U.I./L", 1),
        ("ALT", "U/Liter", 1),
        ("Albumin", "gms/dL", 10),
        ("Albumin", "g%", 10),
        ("Albumin", "gm%", 10),
        ("Haemoglobin", "g/100 mL", 10),
        ("Creatinine", "mg%", 88.4),
        ("Sodium", "mval/L", 1),
        ("AFP", "UI/mL", 1.21),
        ("Platelets", "Tsd/µl", 1),
        ("White cells", "cells/mm3", 0.001),
    ],
)
def test_other_spellings_of_units(test, unit, factor):
    value = {"Platelets": "200", "White cells": "6000", "Sodium": "140"}.get(test, "4")
    reading, problems = read_result(test=test, value=value, unit=unit)
    assert reading and reading.value == pytest.approx(float(value) * factor), problems


def test_the_ordinary_files_ask_nothing_of_how_they_are_written():
    german = parse(case("01_german_long.csv"))
    found = [read(item, german)[0] for item in german.items]
    assert [reading.value for reading in found[:4]] == [1234, 1102, 1.2, 78]
    assert (found[7].comparator, found[9].value, len(found), german.unknown) == ("<", 1.9, 12, ())
    american, down = parse(case("02_us_wide.xlsx")), parse(case("03_tests_down.xlsx"))
    assert american.items[0].taken_at == datetime(2026, 5, 12, 7, 40) and not american.unknown
    assert down.items[0].taken_at == datetime(2026, 6, 1) and not down.unknown
    assert read(down.items[0], down)[0].upper_limit == 40


# What is no table


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "This is a PDF, not a table."),
        (b"{\\rtf1 hello}", "This is a rich text document (RTF), not a table."),
        (b"<!DOCTYPE html><html><table></table>", "This is a web page (HTML)"),
        (b"\xef\xbb\xbf <html>", "This is a web page (HTML)"),
        (b"From: a@b\r\nTo: c@d\r\nSubject: labs\r\n\r\nhello", "This is a mail"),
        (b"SQLite format 3\x00", "This is a database (SQLite)"),
        (b"\x00\x01\x00\x00Standard ACE DB\x00", "This is a database (Access)"),
        (b"GIF89a", "This is a picture"),
        (b"BM\x36\x00\x00\x00", "This is a picture"),
        (b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>", "as XML"),
    ],
)
def test_what_is_no_table_is_named_for_what_it_is(content, words):
    assert words in parse(content).reason


def test_a_word_file_is_named():
    assert "This is a Word or other text document" in parse(case("16_letter.docx")).reason
    letter = changed(xlsx({"x": [("a", "b")]}), "xl/workbook.xml", lambda _: None)
    assert "ZIP file" in parse(letter).reason


def test_a_text_that_begins_like_a_picture_is_a_table():
    parsed = parse(b"BMI,mrn,collected_at,ALT (U/L)\n22,7,2026-03-02,35\n")
    assert parsed.items[-1].value == "35" and decode(b"MZ,b\n")[0] == "MZ,b\n"


# The profile of a sender


def test_the_profile_names_laboratories_units_and_the_zone():
    said = {
        "laboratory_names": {"lab x": "Central"},
        "default_units": {"ALT": "U/L"},
        "time_zone": "Europe/Berlin",
    }
    content = labs("7,2026-03-02 08:00,31,Lab X", header="mrn,collected_at,ALT,laboratory")
    (item,) = parse(content, meanings=Meanings(profile=WritingProfile(**said))).items
    assert (item.unit, item.laboratory, item.taken_at.isoformat()) == (
        "U/L",
        "Central",
        "2026-03-02T08:00:00+01:00",
    )
    content = content.replace(b"2026-03-02 08:00", b"2026-03-29 02:30")
    (item,) = parse(content, meanings=Meanings(profile=WritingProfile(**said))).items
    assert (item.level, item.place.column) == ("waiting", "collected_at") and "does not exist" in item.text
