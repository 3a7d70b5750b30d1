"""Values, ranges and units as laboratories and people write them, typed or uploaded: one check for all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretation.record import analytes
from interpretation.record.units import convert
from patients.values.number_text import UnreadableNumber, clean, read_value
from patients.values.validation import read_range, read_result
from tests.uploads.files import labs
from tests.uploads.fuzz import fuzz_times
from uploads.importers.main import parse


def alt(value: str, **more):
    return read_result(test="ALT", value=value, unit="U/L", **more)


@pytest.mark.parametrize(
    ("text", "decimal", "comparator", "number"),
    [
        ("<5", ".", "<", 5),
        ("> 10", ".", ">", 10),
        ("≥ 10", ".", ">=", 10),
        ("LESS THAN 10", ".", "<", 10),
        ("Less than or equal to 10", ".", "<=", 10),
        ("below 10", ".", "<", 10),
        ("GT 500", ".", ">", 500),
        ("at least 5", ".", ">=", 5),
        ("0", ".", "", 0),
        ("1,5", ",", "", 1.5),
        ("1.234,5", ",", "", 1234.5),
        ("1.234,5", ".", "", 1234.5),
        ("1,234.5", ".", "", 1234.5),
        ("1,234.5", ",", "", 1234.5),
        ("1.234.567,8", ",", "", 1234567.8),
        ("12 H", ".", "", 12),
        ("12H", ".", "", 12),
        ("12 HH", ".", "", 12),
        ("12 LL", ".", "", 12),
        ("12 (L)", ".", "", 12),
        ("12*", ".", "", 12),
        ("12 H*", ".", "", 12),
        ("12 A", ".", "", 12),
        ("* 12", ".", "", 12),
        ("H 12", ".", "", 12),
        ("<5 L", ".", "<", 5),
        ("1,5 H", ",", "", 1.5),
        ("12\u00a0H", ".", "", 12),
        ("\u00a0 12 \u2009", ".", "", 12),
        ("12\u00a0500", ".", "", 12500),
        ("12\u2009500,5", ",", "", 12500.5),
        ("12\u202f500", ".", "", 12500),
        ("1.5E3", ".", "", 1500),
        ("1.5×10³", ".", "", 1500),
        ("1.5 x 10^3", ".", "", 1500),
        ("1,5 × 10³", ",", "", 1500),
        ("10³", ".", "", 1000),
        ("<10⁴", ".", "<", 10000),
        # What has one reading only.
        ("1 234", ".", "", 1234),
        ("12 345 678", ".", "", 12345678),
        ("1 234,5", ",", "", 1234.5),
        ("1'234.5", ".", "", 1234.5),
        ("<1 234", ".", "<", 1234),
        ("(300)", ".", "", 300),
        ("( <5 )", ".", "<", 5),
        ("38 (-)", ".", "", 38),
        ("38 (++)", ".", "", 38),
        ("８８", ".", "", 88),
        ("１．４", ".", "", 1.4),
        ("＜５", ".", "<", 5),
        ("٨٨", ".", "", 88),
    ],
)
def test_values_as_people_write_them(text, decimal, comparator, number):
    written = read_value(text, decimal)
    assert (written.comparator, written.number) == (comparator, number)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("neg", "in_words"),
        ("Negative", "in_words"),
        ("trace", "in_words"),
        ("haemolysed", "bad_sample"),
        ("Hemolyzed", "bad_sample"),
        ("Sample clotted", "bad_sample"),
        ("insufficient", "bad_sample"),
        ("12 haemolysed", "bad_sample"),
        ("lipaemic: 12", "bad_sample"),
        ("see comment", "no_value"),
        ("See note", "no_value"),
        ("___", "no_value"),
        ("pending", "no_value"),
        ("#N/A", "no_value"),
        ("#DIV/0!", "no_value"),
        ("10E3", "two_ways"),
        ("<10e5", "two_ways"),
        ("1,234", "decimal_mark"),
        ("1,5", "decimal_mark"),
        ("TRUE", "not_a_number"),
        ("H", "not_a_number"),
        ("12 L H", "not_a_number"),
        ("12 l", "not_a_number"),
        ("5⁵", "not_a_number"),
        ("1 23", "not_a_number"),
        ("1.1\u00a0234", "not_a_number"),
        ("1.123\u2009456", "not_a_number"),
        ("12 34 567", "not_a_number"),
        ("40 mg", "not_a_number"),
        ("40 U/L or 45", "not_a_number"),
        ("40 ukat/L", "unit_clash"),
        ("about 9 " * 11, "not_a_number"),
    ],
)
def test_what_is_no_number_is_for_a_person_with_a_sentence(text, code):
    reading, (problem,) = alt(text)
    assert (reading, problem.code, problem.level) == (None, code, "person")
    assert problem.text.startswith("ALT: ") and problem.text.endswith(".")


def test_a_flag_stays_in_the_reported_value_and_a_range_does_not():
    reading, _ = alt("35 H (0-40)")
    assert (reading.value, reading.reported_value) == (35, "35 H")
    assert (reading.lower_limit, reading.upper_limit, reading.reported_range) == (0, 40, "0-40")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("35 (0-40)", 0, 40),
        ("35 [0 - 40]", 0, 40),
        ("35 (<40)", None, 40),
        ("35(7–40)", 7, 40),
        ("35 [ 10 - 20 ] H", 10, 20),
    ],
)
def test_a_range_beside_the_value_is_read(text, low, high):
    reading, problems = alt(text)
    assert (reading.value, reading.lower_limit, reading.upper_limit, problems) == (35, low, high, [])


def test_a_range_of_its_own_goes_before_the_one_beside_the_value():
    reading, _ = alt("35 (0-40)", range_text="5-55")
    assert (reading.lower_limit, reading.upper_limit, reading.reported_range) == (5, 55, "5-55")
    reading, _ = alt("35 (0-40)", upper="55")
    assert (reading.lower_limit, reading.upper_limit) == (None, 55)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("0-40", (0, 40)),
        ("< 40", (None, 40)),
        ("[ 10 - 20 ]", (10, 20)),
        ("0_40", (0, 40)),
        ("> 60", (60, None)),
        ("see report", (None, None)),
        ("adults: see table", (None, None)),
    ],
)
def test_ranges_as_they_are_written(text, ends):
    assert read_range(text) == ends
    reading, problems = alt("35", range_text=text)
    assert (reading.reported_range, problems) == (text, [])


@pytest.mark.parametrize(
    ("test", "unit", "text", "ends"),
    [
        ("ALT", "U/L", "7-40 U/L", (7, 40)),
        ("ALT", "u/l", "(<40 U/L)", (None, 40)),
        ("ALT", "U/L", "0.1-0.7 ukat/L", (6, 42)),
        ("INR", "", "0.9-1.1", (0.9, 1.1)),
        # The unit of a bare ratio is a figure too: it is not taken off the end.
        ("INR", "1", "0.9-1.1", (0.9, 1.1)),
    ],
)
def test_a_range_may_bear_the_unit_of_its_value(test, unit, text, ends):
    value = "1.0" if test == "INR" else "35"
    reading, problems = read_result(test=test, value=value, unit=unit, range_text=text)
    assert (reading.lower_limit, reading.upper_limit, reading.reported_range, problems) == (*ends, text, [])


PLATELET_UNITS = [
    "K/uL", "k/mm3", "10*3/uL", "10E3/mcL", "x10(3)/mcL", "X 10 3", "TH/cmm", "THOU/UL", "10^9/L", "G/L",
    "/nL", "10⁹/L", "×10⁹/L", "x 10^9 / L", "10³/µL", "10³/μL", "K/µL", "K/μL", "x10^3/cmm", "10*3/cumm",
]  # fmt: skip


@pytest.mark.parametrize("unit", PLATELET_UNITS)
def test_platelet_units_that_mean_the_same(unit):
    assert convert("platelets", 150, unit) == 150
    (item,) = parse(labs(f'7,2025-01-01,Platelets,150,"{unit}",,')).items
    reading, problems = read_result(test=item.test, value=item.value, unit=item.unit)
    assert (reading.value, problems) == (150, [])


def test_grams_per_litre_are_no_platelets():
    assert read_result(test="platelets", value="150", unit="g/L")[0] is None


def test_ten_to_the_fifth_per_microlitre_are_lakhs():
    assert convert("platelets", 1.5, "10⁵/µL") == convert("platelets", 1.5, "lakh/uL") == 150


@pytest.mark.parametrize("micro", ["µ", "μ", "u", "mc"])
def test_both_micro_signs_are_read(micro):
    assert convert("creatinine", 70, f"{micro}mol/L") == 70


def test_spaces_that_group_digits_go_from_numbers_and_stay_in_an_mrn():
    (item,) = parse(labs("12\u00a0345,2025-01-01,ALT,12\u00a0345,U/L,,")).items
    assert item.mrn == "12 345" and read_value(item.value).number == 12345
    assert clean("3\u00a0 Feb") == "3 Feb"


@pytest.mark.parametrize(
    ("values", "decimal"),
    [
        (("1,5 H",), ","),
        (("<1,5",), ","),
        (("1.234,5",), ","),
        (("1,234.5", "2"), "."),
        (("1.5 (0.5-2.5)",), "."),
        (("1,5 (0,5-2,5)", "1.234,5"), ","),
    ],
)
def test_flags_ranges_and_thousands_decide_on_the_decimal_mark_too(values, decimal):
    rows = [f'7,2025-01-0{day},INR,"{value}",,,' for day, value in enumerate(values, 1)]
    assert parse(labs(*rows)).decimal == decimal


@fuzz_times(7)
@given(
    st.text(alphabet="0123456789.,<>=-+eExX×*^⁵⁹HLA()[] \u00a0\u202f_#hemolysdng", max_size=30),
    st.sampled_from(".,"),
)
def test_no_text_makes_the_value_reader_fail_or_invent_a_number(text, decimal):
    try:
        written = read_value(text, decimal)
    except UnreadableNumber as error:
        assert str(error).endswith(".")
    else:
        assert any(sign.isdigit() for sign in text) and written.shown


@fuzz_times(7)
@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(list(analytes.ANALYTES)))
def test_no_value_and_range_make_the_check_fail(value, range_text, key):
    reading, problems = read_result(test=key, value=value, unit=analytes.get(key).unit, range_text=range_text)
    assert reading is None or reading.reported_value


@fuzz_times(7)
@given(
    st.floats(0, 9999).map(lambda number: f"{number:.3f}"),
    st.sampled_from(["", " H", "*", " (0-40)", "\u00a0L"]),
)
def test_what_stands_beside_a_number_never_changes_it(number, beside):
    assert read_value(number + beside).number == float(number)


@pytest.mark.parametrize(
    ("test", "value", "unit", "number", "comparator", "shown", "kept"),
    [
        ("ALT", "88 U/L", "", 88, "", "88", "U/L"),
        ("ALT", "88 U/L", "U/L", 88, "", "88", "U/L"),
        ("ALT", "88U/L", "IU/L", 88, "", "88", "IU/L"),
        ("ALT", "LESS THAN 10 U/L", "U/L", 10, "<", "LESS THAN 10", "U/L"),
        ("ALT", "<5 U/L", "", 5, "<", "<5", "U/L"),
        ("ALT", "88 U/L H", "", 88, "", "88 H", "U/L"),
        ("ALT", "88 H U/L", "", 88, "", "88 H", "U/L"),
        ("ALT", "88 (0-40) U/L", "", 88, "", "88", "U/L"),
        ("ALT", "1.5 µkat/L", "", 90, "", "1.5", "µkat/L"),
        ("INR", "1.5 INR", "", 1.5, "", "1.5", ""),
        ("platelets", "150 x 10^9 / L", "", 150, "", "150", "x 10^9 / L"),
        ("platelets", "150 10*3/uL", "", 150, "", "150", "10*3/uL"),
        ("haematocrit", "35%", "%", 0.35, "", "35", "%"),
        ("bilirubin_total", "2 mg/dL", "", 34.2, "", "2", "mg/dL"),
    ],
)
def test_a_unit_in_the_cell_of_its_value_is_read(test, value, unit, number, comparator, shown, kept):
    reading, problems = read_result(test=test, value=value, unit=unit)
    assert reading, problems
    assert (reading.value, reading.comparator) == (pytest.approx(number, rel=1e-3), comparator)
    assert (reading.reported_value, reading.reported_unit) == (shown, kept)


@pytest.mark.parametrize("value", ["35 mg", "35 1", "35 or 40 U/L"])
def test_what_is_no_unit_beside_the_value_is_told_as_it_is_written(value):
    reading, problems = read_result(test="ALT", value=value, unit="U/L")
    assert reading is None and f"“{value}” is not a number" in problems[0].text


@pytest.mark.parametrize(
    ("test", "value", "own", "unit"),
    [
        ("bilirubin_total", "2 mg/dL", "mg/dL", "umol/L"),
        ("prothrombin_activity", "35%", "%", "ukat/L"),
        ("factor_v", "35 %", "%", "mg"),
    ],
)
def test_two_units_of_one_value_are_for_a_person(test, value, own, unit):
    reading, (problem,) = read_result(test=test, value=value, unit=unit)
    assert (reading, problem.field, problem.level) == (None, "unit", "person")
    assert problem.text.endswith(f"the value says {own} and the unit {unit}. Correct one of them.")


@pytest.mark.parametrize(
    ("test", "value", "comparator", "number", "codes"),
    [
        ("INR", ">10.0 no clot", ">", 10, {"unusually_high"}),
        ("INR", "No clot (>8)", ">", 8, {"unusually_high"}),
        ("INR", "> max (INR > 12)", ">", 12, {"unusually_high"}),
        ("INR", "9.5 no clot formed", ">", 9.5, {"bound_assumed", "unusually_high"}),
        ("INR", "No clot", ">", 10, {"bound_assumed", "unusually_high"}),
        ("INR", "NO CLOT DETECTED in 120 s", ">", 10, {"bound_assumed", "unusually_high"}),
        ("INR", "unclottable", ">", 10, {"bound_assumed", "unusually_high"}),
        ("INR", "> maximum", ">", 10, {"bound_assumed", "unusually_high"}),
        ("INR", "did not clot.", ">", 10, {"bound_assumed", "unusually_high"}),
        ("INR", "1.1, no clots in sample", "", 1.1, set()),
        ("PT", "120 s no clot", ">", 120, {"bound_assumed", "unusually_high"}),
        ("ALT", "88 no clot", "", 88, set()),
        ("ALT", "88 not haemolysed", "", 88, set()),
        ("ALT", "88 (no visible haemolysis, clots or lipaemia)", "", 88, set()),
        ("ALT", "88, haemolysis: none", "", 88, set()),
        ("ALT", "non-hemolyzed 88 U/L", "", 88, set()),
        ("ALT", ">max 5000", ">", 5000, {"bound_assumed"}),
    ],
)
def test_remarks_are_read_with_their_negation(test, value, comparator, number, codes):
    unit = {"INR": "", "PT": "s", "ALT": "U/L"}[test]
    reading, problems = read_result(test=test, value=value, unit=unit)
    assert reading, problems
    assert (reading.comparator, reading.value) == (comparator, number)
    assert {problem.code for problem in problems} == codes
    assert {problem.level for problem in problems} <= {"confirm"}


def test_an_assumed_bound_stays_with_the_result():
    reading, _ = read_result(test="INR", value="No clot", unit="")
    assert reading.comment == ">10, bound assumed: the laboratory sent “No clot” and no number."
    assert reading.reported_value == "No clot"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("no value, clotted", "bad_sample"),
        ("No - clotted", "bad_sample"),
        ("88 no clots but haemolysed", "bad_sample"),
        ("not done: haemolysed", "bad_sample"),
        ("insufficient: none left", "bad_sample"),
        ("not haemolysed", "no_value"),
        ("no clots seen", "no_value"),
        ("no clot", "beyond"),
        ("> max", "beyond"),
        ("88 no clot 120", "not_a_number"),
        ("<5 > max", "not_a_number"),
    ],
)
def test_a_remark_without_a_value_is_for_a_person(value, code):
    reading, (problem,) = alt(value)
    assert (reading, problem.code, problem.level) == (None, code, "person")
    assert problem.text.endswith(".")
