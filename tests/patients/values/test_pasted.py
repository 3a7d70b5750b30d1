"""A report pasted as text: what is taken over as which result, and what is handed back."""

import pytest

from patients.pasted.parts import Pasted, PastedResult
from patients.pasted.report import LONGEST, ONE_DRAW, read_pasted
from patients.pasted.tables import ONE_ROW

PRINT = """North Hospital
Laboratory: North Laboratory
Collected: 30.11.2026 08:30
Printed:   30.11.2026 12:00

Test                 Result     Unit     Reference
ALT (GPT)            44 H       U/l      < 35
AST                  38         U/l      (10 - 50)
Bilirubin, total:    1.2        mg/dl    [0.1-1.2]
INR                  1.7*
Glucose              5.4        mmol/L   3.9-5.8
Comment: sample a little cloudy
"""
WIDE = "MRN\tcollected_at\tALT (U/L)\tAST [U/L]\tINR\tlaboratory\tPotassium\tGGT\n"
LONG = "Test\tUnit\tResult\tLower\tUpper\tFlag\n"


def results(text: str) -> dict[str, tuple[str, ...]]:
    return {one.key: (one.value, one.unit, one.lower, one.upper) for one in read_pasted(text).results}


def left(text: str) -> list[str]:
    return [one.text for one in read_pasted(text).left]


def why(text: str) -> list[str]:
    return [one.why for one in read_pasted(text).left]


def test_a_laboratory_print_is_read_line_by_line():
    assert results(PRINT) == {
        "ALT": ("44", "U/l", "", "35"),
        "AST": ("38", "U/l", "10", "50"),
        "bilirubin_total": ("1.2", "mg/dl", "0.1", "1.2"),
        "INR": ("1.7", "", "", ""),
    }


def test_a_laboratory_print_says_when_and_where_and_nothing_is_dropped():
    read = read_pasted(PRINT)
    assert (read.taken_at, read.laboratory) == ("30.11.2026 08:30", "North Laboratory")
    assert [one.text for one in read.left] == [
        "North Hospital",
        "Printed: 30.11.2026 12:00",
        "Glucose 5.4 mmol/L 3.9-5.8",
        "Comment: sample a little cloudy",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ALT\t34\nAST\t41\nINR\t1.7", {"ALT": "34", "AST": "41", "INR": "1.7"}),
        ("ALT 34, AST 41 U/L, INR 1.7; CRP 32 mg/L", {"ALT": "34", "AST": "41", "INR": "1.7", "crp": "32"}),
        ("ALT=34 AST:41 INR: 1.7", {"ALT": "34", "AST": "41", "INR": "1.7"}),
        ("ALT ........ 34", {"ALT": "34"}),
        ("1742-6 ALT 34 U/L", {"ALT": "34"}),
        ("Factor V 45 %", {"factor_v": "45"}),
        ("PT 15.2 s INR 1.4", {"PT": "15.2", "INR": "1.4"}),
        ("ALT\tU/L\t34\t10-50", {"ALT": "34"}),
        ("N-100\t2026-11-30 08:30\tALT\t34\tU/L\t7-40", {"ALT": "34"}),
        ("ALT;34;U/l;10-50", {"ALT": "34"}),
        ("crp 0", {"crp": "0"}),
    ],
)  # fmt: skip
def test_two_columns_and_prose(text, expected):
    assert {key: found[0] for key, found in results(text).items()} == expected


def test_a_row_of_a_spreadsheet_with_its_header():
    read = read_pasted(WIDE + "N-100\t2026-11-30T08:30\t34\t41\t1.7\tNorth\t4.1\t")
    assert read.results == (
        PastedResult("ALT", "34", "U/L"),
        PastedResult("AST", "41", "U/L"),
        PastedResult("INR", "1.7"),
    )
    assert (read.taken_at, read.laboratory, read.mrn) == ("2026-11-30T08:30", "North", "N-100")
    assert [one.text for one in read.left] == ["Potassium: 4.1"]


def test_day_and_time_of_day_in_two_columns():
    assert read_pasted("Date\tTime\tALT\tINR\n30.11.2026\t08:30\t34\t1.7").taken_at == "30.11.2026 08:30"


def test_a_row_of_numbers_without_names_asks_for_its_header():
    text = "N-100\t2026-11-30T08:30\t34\t41\t1.7\tNorth"
    assert results(text) == {}
    assert why(text) == ["No test is named in this row: paste it together with its header."]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ALT <=5 U/L", "<=5"),
        ("ALT  >= 500  U/L", ">= 500"),
        ("ALT: <=5 U/L", "<=5"),
        ("ALT=<5 U/L", "<5"),
        ("ALT = >500 U/L", ">500"),
        ("ALT ≤5 U/L", "≤5"),
        ("ALT;=<5", "=<5"),
    ],
)
def test_a_bound_keeps_all_of_its_sign(text, value):
    assert results(text)["ALT"][0] == value


def test_no_comma_makes_a_bound_lose_half_of_its_sign():
    assert results("INR,,,=<1.0") == {}


@pytest.mark.parametrize("number", ["1O5", "12abc", "1.7x", "10^3", "1.5e3.2", "1''234"])
@pytest.mark.parametrize("unit", ["", " U/L"])
def test_a_part_of_a_number_is_never_its_value(number, unit):
    text = f"ALT {number}{unit}"
    assert results(text) == {}
    assert f"“{number}" in why(text)[0]


@pytest.mark.parametrize("number", ["1'234", "1.5e3", "1.5E+3", "44"])
def test_a_number_is_taken_whole(number):
    assert results(f"ALT {number} U/L")["ALT"] == (number, "U/L", "", "")


def test_a_number_before_a_name_with_its_unit_is_handed_back():
    text = "17\tALT (U/L)\t44\n18\tAST [U/L]\t38"
    assert results(text) == {"ALT": ("44", "U/L", "", ""), "AST": ("38", "U/L", "", "")}
    assert why(text) == ["It stands beside ALT.", "It stands beside AST."]


def test_two_rows_below_a_header_are_two_draws():
    text = "ALT\tINR\n34\t1.7\n36\t1.8"
    assert (results(text), why(text)) == ({}, [ONE_ROW, ONE_ROW])


def test_rows_of_one_result_under_their_header():
    text = LONG + "ALT\tU/L\t44,5\t10\t50\tH\nINR\t\t1,7\t\t\t\nHBsAg\t\tneg\t\t\t\nAST\tU/L\t\t10\t50\t"
    assert results(text) == {"ALT": ("44.5", "U/L", "10", "50"), "INR": ("1.7", "", "", "")}
    assert left(text) == ["HBsAg neg", "AST U/L 10 50"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ALT 44,5 U/l", "44.5"),
        ("ALT 44,5\nCreatinine 1.234,5 umol/L", "44.5"),
        ("ALT 44,5\nbilirubin total 1,234 mg/dl", "44.5"),
        # Both marks: the form asks at the row.
        ("ALT 44,5\nINR 1.7", "44,5"),
    ],
)
def test_a_decimal_comma_is_that_of_the_whole_report(text, value):
    assert results(text)["ALT"][0] == value


@pytest.mark.parametrize("text", ["PLT 150.000 /uL\nALT 34", "PLT 150,000 /uL\nALT 34", "ALT 34 PLT 1,234"])
def test_what_may_be_thousands_or_decimals_is_not_taken(text):
    assert results(text).keys() == {"ALT"}
    assert "can be read two ways" in why(text)[0]


def test_a_point_among_decimal_commas_is_not_taken():
    text = "ALT 44,5\nPLT 150.000 /uL"
    assert why(text) == ["Platelets: “150.000” has a point where decimals are written with a comma."]


@pytest.mark.parametrize(
    ("text", "key", "unit"),
    [
        ("ALT 34 U/L", "ALT", "U/L"),
        ("ALT 34 (U/L)", "ALT", "U/L"),
        ("ALT (U/L) 34", "ALT", "U/L"),
        ("ALT 0.6 µkat/L", "ALT", "µkat/L"),
        ("ALT 34 U/furlong", "ALT", "U/furlong"),
        ("PLT 150 x10^9/L 150-400", "platelets", "x10^9/L"),
        ("PLT 150 10*9/L", "platelets", "10*9/L"),
        ("PLT 150000/uL", "platelets", "/uL"),
        ("D-dimer 0.5 mg/L FEU <0.5", "d_dimer", "mg/L FEU"),
        ("Hct 0.38 L/L", "haematocrit", "L/L"),
        ("Quickwert 45 % 70-120", "prothrombin_activity", "%"),
        ("ALT 34", "ALT", ""),
    ],
)
def test_units_beside_values(text, key, unit):
    assert results(text)[key][1] == unit


@pytest.mark.parametrize(
    "text",
    [
        "ALT 44 H U/L", "ALT 44H U/L", "ALT H 44 U/L", "ALT 44* U/L", "ALT 44 U/L H", "ALT 44++ U/L",
        "ALT 44 ↑ U/L", "ALT 44 (H) U/L", "ALT 44 U/L (high)", "ALT 44 L U/L", "ALT 44 U/L *", "ALT 44- U/L",
        "ALT 44 A U/L", "ALT 44 HH U/L",
    ],
)  # fmt: skip
def test_flags_are_left_out(text):
    assert (results(text), left(text)) == ({"ALT": ("44", "U/L", "", "")}, [])


@pytest.mark.parametrize(
    ("beside", "lower", "upper"),
    [
        ("10-50", "10", "50"),
        ("10 - 50", "10", "50"),
        ("(10–50)", "10", "50"),
        ("[10 to 50]", "10", "50"),
        ("10 bis 50", "10", "50"),
        ("< 35", "", "35"),
        ("<=35", "", "35"),
        ("bis 35", "", "35"),
        ("up to 35", "", "35"),
        ("> 10", "10", ""),
        ("ref: 10-50", "10", "50"),
        ("10-50 U/L", "10", "50"),
        ("10-50 H", "10", "50"),
        ("0-0,6", "0", "0.6"),
    ],
)
def test_ranges_beside_values(beside, lower, upper):
    value = "0,5" if "," in beside else "44"
    assert results(f"ALT {value} U/L {beside}")["ALT"][2:] == (lower, upper)


@pytest.mark.parametrize(
    ("text", "value"),
    [("ALT <5 U/L", "<5"), ("ALT < 5 U/L", "< 5"), ("ALT ≥5", "≥5"), ("INR >8.0", ">8.0"), ("ALT\t<5", "<5")],
)
def test_comparators_stay(text, value):
    assert next(iter(results(text).values()))[0] == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ALT    U/l    < 35", "No value stands beside ALT."),
        ("ALT\t\tU/L\t<40", "No value stands beside ALT."),
        ("ALT 10-50", "No value stands beside ALT."),
        ("ALT", "No value stands beside ALT."),
        ("ALT 30.11.2026", "ALT: “30.11.2026” is not a number. Enter a number such as 1.4 or <5."),
        ("ALT ~ 34", "ALT: “~ 34” is not a number. Enter a number such as 1.4 or <5."),
        ("ALT - 34", "ALT: “- 34” is not a number. Enter a number such as 1.4 or <5."),
        ("ALT 1:34", "ALT: “1:34” is not a number. Enter a number such as 1.4 or <5."),
        ("ALT 34 45 U/L", "Two numbers stand beside ALT."),
        ("INR pending", "INR: “pending” stands for no value: see the laboratory’s report."),
        ("Glucose 5.4 mmol/L", ""),
        ("Urine albumin 30 mg/L", ""),
        ("Urine\tAlbumin\t30\tmg/L", ""),
        ("AST/ALT 1.2", ""),
        ("ibil 12 umol/L", "Bilirubin, indirect is calculated from other results and is not stored."),
        ("prothrombin ratio 1.4", "A prothrombin ratio is an INR only where the ISI of the reagent is 1."),
        ("Dear colleague, the ALT was 34.", ""),
    ],
)  # fmt: skip
def test_what_is_not_plainly_a_result_is_handed_back(text, sentence):
    assert results(text) == {}
    assert why(text) == [sentence]


@pytest.mark.parametrize("text", ["INR 1.7 clotted", "INR: haemolysed", "INR\t1.7\tunderfilled tube"])
def test_a_number_with_a_remark_on_its_sample_is_not_taken(text):
    assert results(text) == {}
    assert "remarks on the sample" in why(text)[0]


def test_words_after_a_result_are_handed_back_beside_it():
    text = "AST 41 U/L 10-50 45 (02.10.26)"
    assert results(text)["AST"][0] == "41"
    assert (left(text), why(text)) == (["45 (02.10.26)"], ["It stands beside AST."])


def test_a_test_with_two_numbers_is_not_settled_by_order():
    text = "ALT 34\nAST 41\nALT 36 U/L"
    assert results(text).keys() == {"AST"}
    assert (left(text), why(text)) == (["ALT: 34, 36 U/L"], ["ALT stands there more than once."])


def test_a_test_that_stands_twice_alike_is_one_result():
    assert results("AST 41\nAST 41 U/L 10-50") == {"AST": ("41", "U/L", "10", "50")}


@pytest.mark.parametrize(
    "text",
    [
        "Collected: 30.11.2026 08:30\nALT 34\nCollected: 01.12.2026 08:30\nINR 1.7",
        "2026-11-30\tALT\t34\n2026-12-01\tINR\t1.7",
        "MRN: 1\nALT 34\nMRN: 2\nINR 1.7",
    ],
)
def test_two_draws_or_two_people_are_not_one(text):
    assert results(text) == {}
    assert set(why(text)) <= {ONE_DRAW.format("time of collection"), ONE_DRAW.format("MRN")}


@pytest.mark.parametrize(
    "text", ["Collected: 30.02.2026 08:30\nALT 34", "Collected\tALT\n30.02.2026 08:30\t34"]
)
def test_a_day_that_does_not_exist_is_said_and_not_taken(text):
    read = read_pasted(text)
    assert (read.taken_at, len(read.results)) == ("", 1)
    assert why(text) == ["30 February 2026 does not exist."]


def test_two_laboratories_are_neither():
    read = read_pasted("Laboratory: North\nALT 34\nLaboratory: South")
    assert (read.laboratory, len(read.results), len(read.left)) == ("", 1, 2)


@pytest.mark.parametrize("text", ["", "  \n\t\n", "\n"])
def test_nothing_pasted_is_nothing_read(text):
    assert read_pasted(text) == Pasted()


def test_a_whole_file_is_for_an_upload():
    assert read_pasted("ALT 34\n" * LONGEST).results == ()
