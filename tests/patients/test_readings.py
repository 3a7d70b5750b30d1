"""The one check of typed and uploaded results."""

import pytest

from patients.readings import read_number, read_range, read_result


def read(test="ALT", value="88", unit="U/L", **more):
    return read_result(test=test, value=value, unit=unit, **more)


def codes(problems):
    return [(problem.field, problem.code, problem.level) for problem in problems]


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_blank_is_no_result(blank):
    assert read(value=blank) == (None, [])


@pytest.mark.parametrize(
    ("text", "comparator", "number"),
    [
        ("5", "", 5),
        ("0", "", 0),
        ("<5", "<", 5),
        ("> 10", ">", 10),
        ("≤5", "<=", 5),
        (">=5", ">=", 5),
        ("less than 0.3", "<", 0.3),
        (".5", "", 0.5),
        (" 1.40 ", "", 1.4),
    ],
)
def test_numbers_with_and_without_comparator(text, comparator, number):
    assert read_number(text) == (comparator, number)


@pytest.mark.parametrize("text", ["1,4", "<1,4"])
def test_comma_counts_only_where_the_decimal_is_a_comma(text):
    assert read_number(text, decimal=",")[1] == 1.4
    assert codes(read("INR", text, "")[1]) == [("value", "decimal_mark", "person")]


def test_point_is_not_skipped_over_where_the_decimal_is_a_comma():
    assert codes(read(value="1.400", decimal=",")[1]) == [("value", "decimal_mark", "person")]


@pytest.mark.parametrize("text", ["12-14", "1 2", "1.2.3", "++", "5 h", "12 (see note 3)", "40 mg"])
def test_text_is_for_a_person(text):
    reading, problems = read(value=text)
    assert reading is None
    assert codes(problems) == [("value", "not_a_number", "person")]


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-Infinity", "1e999"])
def test_what_is_not_finite_is_refused(text):
    assert codes(read(value=text)[1]) == [("value", "not_a_number", "refuse")]


def test_zero_is_a_result():
    reading, problems = read("GGT", "0")
    assert reading.value == 0
    assert problems == []


def test_negative_is_refused():
    assert codes(read(value="-1")[1]) == [("value", "impossibly_low", "refuse")]


def test_value_and_limits_are_converted_with_one_factor():
    reading, _ = read("bilirubin_total", "3.0", "mg/dL", lower="0.2", upper="1.2")
    assert (reading.value, reading.lower_limit, reading.upper_limit) == pytest.approx(
        (51.312, 3.4208, 20.5248)
    )
    assert (reading.reported_value, reading.reported_unit, reading.reported_range) == (
        "3.0",
        "mg/dL",
        "0.2–1.2",
    )


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("7-40", (7, 40)),
        ("7 – 40", (7, 40)),
        ("0.8 to 1.2", (0.8, 1.2)),
        ("<40", (None, 40)),
        ("≤ 40", (None, 40)),
        (">60", (60, None)),
        ("(3-21)", (3, 21)),
        ("up to 40", (None, 40)),
        ("", (None, None)),
        ("see report", (None, None)),
        ("40", (None, None)),
    ],
)
def test_ranges(text, ends):
    assert read_range(text) == ends


@pytest.mark.parametrize("upper", ["", "0"])
def test_upper_limit_of_zero_or_blank_is_missing(upper):
    assert read(upper=upper)[0].upper_limit is None


def test_limit_that_cannot_be_read_is_for_a_person():
    assert codes(read(upper="forty")[1]) == [("upper", "limit_unreadable", "person")]


def test_limits_out_of_order_are_for_a_person():
    assert codes(read(lower="50", upper="40")[1]) == [("upper", "limits_not_in_order", "person")]


def test_unknown_test_is_for_a_person():
    assert codes(read("troponin", "5", "ng/L")[1]) == [("test", "unknown_test", "person")]


def test_derived_test_is_not_stored():
    assert codes(read("bilirubin_indirect", "5", "umol/L")[1]) == [("test", "derived_test", "person")]


@pytest.mark.parametrize("unit", ["mmol/L", "", None])
def test_unknown_or_missing_unit_is_for_a_person(unit):
    assert codes(read(unit=unit)[1]) == [("unit", "unknown_unit", "person")]


def test_inr_needs_no_unit():
    assert read("INR", "1.4", None)[0].value == 1.4


def test_unit_slip_asks_and_names_the_unit():
    reading, problems = read("haemoglobin", "14", "g/L")
    assert reading.value == 14
    assert [(p.level, p.code, p.suggestion_unit) for p in problems] == [("confirm", "unit_slip", "g/dL")]


@pytest.mark.parametrize(("value", "asks"), [("10000", False), ("10001", True), ("50000", True)])
def test_soft_limit_asks_and_keeps_the_reading(value, asks):
    reading, problems = read(value=value)
    assert reading is not None
    assert [p.level for p in problems] == (["confirm"] if asks else [])


def test_hard_limit_refuses():
    reading, problems = read(value="50001")
    assert reading is None
    assert codes(problems) == [("value", "impossibly_high", "refuse")]


def test_direct_above_total_of_the_same_draw_is_refused():
    _, problems = read("bilirubin_direct", "30", "umol/L", context={"bilirubin_total": 20})
    assert codes(problems) == [("value", "part_above_total", "refuse")]
