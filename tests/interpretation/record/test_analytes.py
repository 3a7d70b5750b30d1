import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretation.record.analytes import (
    ANALYTES,
    DERIVED,
    check,
    default_upper_limit,
    find,
    find_with_warning,
    get,
    method_of_code,
)

# clinical.md table 2.2 in clinical order: refuse below and above, ask below and above (None: no such limit).
ENTRY = {
    "ALT": (0, 50000, 3, 10000),
    "AST": (0, 50000, 3, 15000),
    "ALP": (0, 10000, 10, 3000),
    "GGT": (0, 10000, None, 5000),
    "bilirubin_total": (0, 1500, None, 800),
    "bilirubin_direct": (0, 1200, None, None),
    "bilirubin_conjugated": (0, 1200, None, None),
    "albumin": (5, 80, 15, 55),
    "platelets": (0, 5000, 20, 1000),
    "INR": (0.5, 50, 0.8, 6),
    "PT": (5, 300, 9, 60),
    "prothrombin_activity": (0, 300, 5, 150),
    "creatinine": (5, 3000, 20, 1000),
    "sodium": (90, 200, 115, 165),
    "factor_v": (0, 400, None, 200),
    "factor_vii": (0, 400, None, 200),
    "factor_viii": (0, 1000, None, 400),
    "fibrinogen": (0, 20, 0.5, 10),
    "d_dimer": (0, 1000, None, 100),
    "aptt": (10, 400, None, 150),
    "ammonia": (0, 3000, None, 500),
    "afp": (0, 10000000, None, 1000),
    "crp": (0, 1000, None, 600),
    "haemoglobin": (10, 270, 50, 220),
    "haematocrit": (0.05, 0.80, None, 0.55),
    # Not in the table: general knowledge, for the scores of organ failure.
    "white_cells": (0, 1000, 0.5, 50),
    "LDH": (0, 100000, None, 10000),
    "CK": (0, 1000000, None, None),
    "lactate": (0, 50, None, 15),
    "arterial_ph": (6.5, 8, 7.1, 7.6),
    "mean_arterial_pressure": (0, 300, 40, 160),
    "pao2_fio2": (20, 900, 60, 650),
}
STEP = 0.001


def boundaries():
    for key, (refuse_below, refuse_above, ask_below, ask_above) in ENTRY.items():
        yield key, refuse_below - STEP, "refuse"
        yield key, refuse_below, "confirm" if ask_below is not None else ""
        yield key, refuse_above + STEP, "refuse"
        yield key, refuse_above, "confirm" if ask_above is not None else ""
        if ask_below is not None:
            yield key, ask_below - STEP, "confirm"
            yield key, ask_below, ""
        if ask_above is not None:
            yield key, ask_above + STEP, "confirm"
            yield key, ask_above, ""


def levels(concerns):
    return [concern.level for concern in concerns]


def test_analytes_are_in_clinical_order():
    assert list(ANALYTES) == list(ENTRY)
    assert list(DERIVED) == ["bilirubin_indirect"]
    assert get("bilirubin_indirect").derived


@pytest.mark.parametrize("analyte", ANALYTES.values(), ids=lambda analyte: analyte.key)
def test_an_analyte_is_complete(analyte):
    assert analyte.name and analyte.short and analyte.loinc and analyte.sources
    assert analyte.choices[0] == analyte.unit
    assert analyte.factor(analyte.unit) == 1
    assert all(analyte.factor(unit) for unit in analyte.choices)
    assert analyte.conventional_unit is None or analyte.conventional_unit in analyte.choices
    assert analyte.group in {"enzymes", "liver", "coagulation", "kidney", "other"}


def test_a_code_belongs_to_one_analyte():
    codes = [code for analyte in (*ANALYTES.values(), *DERIVED.values()) for code in analyte.loinc]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(("key", "value", "level"), list(boundaries()))
def test_values_at_the_entry_limits(key, value, level):
    assert levels(check(key, value)) == ([level] if level else [])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value):
    assert levels(check("ALT", value)) == ["refuse"]


@pytest.mark.parametrize(
    ("key", "value", "context", "level", "unit"),
    [
        ("albumin", 1.4, {}, "refuse", None),
        ("albumin", 1.5, {}, "refuse", "g/dL"),
        ("albumin", 3.4, {}, "refuse", "g/dL"),
        ("albumin", 6, {}, "confirm", "g/dL"),
        ("albumin", 6.1, {}, "confirm", None),
        ("bilirubin_total", 0.09, {"ALT": 101}, "", None),
        ("bilirubin_total", 0.1, {"ALT": 101}, "confirm", "mg/dL"),
        ("bilirubin_total", 2.5, {"ALT": 101}, "confirm", "mg/dL"),
        ("bilirubin_total", 2.6, {"ALT": 101}, "", None),
        ("bilirubin_total", 1.2, {"ALT": 100}, "", None),
        ("bilirubin_total", 1.2, {}, "", None),
        ("platelets", 10000, {}, "refuse", None),
        ("platelets", 10001, {}, "refuse", "/uL"),
        ("platelets", 0.09, {}, "confirm", None),
        ("platelets", 0.1, {}, "confirm", "lakh/uL"),
        ("platelets", 5, {}, "confirm", "lakh/uL"),
        ("platelets", 5.1, {}, "confirm", None),
        ("creatinine", 1.2, {}, "refuse", "mg/dL"),
        ("creatinine", 19.9, {}, "confirm", "mg/dL"),
        ("creatinine", 20, {}, "", None),
        ("fibrinogen", 20, {}, "confirm", None),
        ("fibrinogen", 20.1, {}, "refuse", "mg/dL"),
        ("fibrinogen", 280, {}, "refuse", "mg/dL"),
        ("haemoglobin", 2.9, {}, "refuse", None),
        ("haemoglobin", 3, {}, "refuse", "g/dL"),
        ("haemoglobin", 14, {}, "confirm", "g/dL"),
        ("haemoglobin", 25, {}, "confirm", "g/dL"),
        ("haemoglobin", 25.1, {}, "confirm", None),
        ("haematocrit", 42, {}, "refuse", "%"),
        ("white_cells", 1000, {}, "confirm", None),
        ("white_cells", 8400, {}, "refuse", "/uL"),
    ],
)
def test_a_slip_of_unit_is_suspected(key, value, context, level, unit):
    concerns = check(key, value, context=context)
    assert levels(concerns) == ([level] if level else [])
    assert [concern.suggestion_unit for concern in concerns] == ([unit] if level else [])


@pytest.mark.parametrize(
    ("key", "typed", "unit", "suggested"),
    [
        ("creatinine", 88, "mg/dL", "umol/L"),
        ("bilirubin_total", 51, "mg/dL", "umol/L"),
        ("albumin", 34, "g/dL", "g/L"),
        ("platelets", 150, "/uL", "10*9/L"),
        ("albumin", 0.34, "g/dL", None),
        ("creatinine", 0.1, "mg/dL", None),
    ],
)
def test_the_canonical_unit_is_suggested_where_that_fits(key, typed, unit, suggested):
    concerns = check(key, typed * get(key).factor(unit), unit=unit)
    assert [concern.suggestion_unit for concern in concerns] == [suggested]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("albumin", 3.4), "Albumin 3.4 g/L is unusually low. Did you mean g/dL?"),
        (("ALT", -1), "ALT -1 U/L is below 0 U/L, the lowest value accepted."),
        (("INR", 51), "INR 51 is above 50, the highest value accepted."),
        (("albumin", 90, "", "g/dL"), "Albumin 9 g/dL is above 8 g/dL, the highest value accepted."),
        (("platelets", 12), "Platelets 12 ×10⁹/L is unusually low. Please confirm."),
        (("INR", 10, ">"), "INR >10 is unusually high. Please confirm."),
        (
            ("haematocrit", 0.56),
            "Haematocrit 0.56 L/L is unusually high. Above 0.55 the citrate of the tube can falsely prolong"
            " INR and aPTT. Please confirm.",
        ),
    ],
)
def test_a_concern_says_what_to_do(arguments, text):
    assert [concern.text for concern in check(*arguments)] == [text]


@pytest.mark.parametrize(
    ("key", "value", "comparator", "level"),
    [
        ("ALT", 2, "<", ""),
        ("ALT", 2, "<=", ""),
        ("ALT", 2, ">", "confirm"),
        ("ALT", -1, "<", "refuse"),
        ("ALT", 10001, "<", "confirm"),
        ("afp", 20000, ">", "confirm"),
        ("bilirubin_direct", 60, "<", ""),
    ],
)
def test_a_bound_is_judged_as_a_bound(key, value, comparator, level):
    concerns = check(key, value, comparator, context={"bilirubin_total": 50})
    assert levels(concerns) == ([level] if level else [])


@pytest.mark.parametrize("key", ["bilirubin_direct", "bilirubin_conjugated"])
@pytest.mark.parametrize(
    ("part", "total", "level"),
    [
        (95, 100, ""),
        (95.1, 100, "confirm"),
        (105, 100, "confirm"),
        (105.1, 100, "refuse"),
        (0, 0, ""),
        (1, 0, "refuse"),
        (105, None, ""),
    ],
)
def test_a_part_is_not_above_total_bilirubin(key, part, total, level):
    context = {} if total is None else {"bilirubin_total": total}
    assert levels(check(key, part, context=context)) == ([level] if level else [])


def test_a_part_above_total_is_named():
    concerns = check("bilirubin_direct", 60, context={"bilirubin_total": 50})
    assert [concern.text for concern in concerns] == ["Direct bilirubin cannot be above total."]


def test_zero_is_a_result():
    assert check("bilirubin_direct", 0, context={"bilirubin_total": 10}) == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ALT", "ALT"),
        ("sgpt", "ALT"),
        ("Alk Phos", "ALP"),
        ("Bilirubin, Total", "bilirubin_total"),
        ("Bilirubin, Direct", "bilirubin_direct"),
        ("bilirubin_conjugated", "bilirubin_conjugated"),
        ("T. Bil.", "bilirubin_total"),
        ("Platelet Count", "platelets"),
        ("PT", "PT"),
        ("INR(PT)", "INR"),
        ("PT-INR", "INR"),
        ("PT %", "prothrombin_activity"),
        ("GGT", "GGT"),
        ("Gamma-GT", "GGT"),
        ("Fibrinogen", "fibrinogen"),
        ("NA", "sodium"),
        ("Na+", "sodium"),
        ("VIII:C", "factor_viii"),
        ("  factor   V ", "factor_v"),
        ("S-Albumin", "albumin"),
        ("WBC", "white_cells"),
        ("Lactic acid", "lactate"),
        ("pH, arterial", "arterial_ph"),
        ("pH", None),
        ("MAP", "mean_arterial_pressure"),
        ("PaO2/FiO2", "pao2_fio2"),
        ("6690-2", "white_cells"),
        ("Hemoglobin", "haemoglobin"),
        ("1742-6", "ALT"),
        (" 1743-4 ", "ALT"),
        ("14631-6", "bilirubin_total"),
        ("38875-1", "INR"),
        ("1971-1", "bilirubin_indirect"),
        ("ALT/SGPT", "ALT"),
        ("Aspartate aminotransferase (AST)", "AST"),
        ("AST/ALT", None),
        ("PT/INR", "INR"),
        ("Creatinine (urine)", None),
        ("()", None),
        ("tp", None),
        ("TP", None),
        ("LDH", "LDH"),
        ("Lactate dehydrogenase", "LDH"),
        ("CPK", "CK"),
        ("FIB-4", None),
        ("quick", None),
        ("9999-9", None),
        ("", None),
        ("bilirubin", None),
    ],
)
def test_names_and_codes_are_found_and_never_guessed(name, key):
    found = find(name)
    assert (found.key if found else None) == key


@pytest.mark.parametrize("analyte", ANALYTES.values(), ids=lambda analyte: analyte.key)
def test_an_analyte_is_found_by_all_it_is_called(analyte):
    for name in (analyte.key, analyte.name, analyte.name.upper(), *analyte.synonyms, *analyte.loinc):
        assert find(name) is analyte, name


def test_a_prothrombin_ratio_comes_with_a_warning():
    analyte, warning = find_with_warning("Prothrombin ratio")
    assert analyte.key == "INR"
    assert "ISI" in warning
    assert find_with_warning("INR")[1] == ""


@given(st.text())
def test_find_never_crashes(text):
    assert find(text) is None or find(text).key in ANALYTES or find(text).derived


@given(st.sampled_from(list(ENTRY)), st.floats(), st.sampled_from(["", "<", ">"]), st.text(max_size=8))
def test_check_never_crashes(key, value, comparator, unit):
    assert all(concern.level in {"refuse", "confirm"} for concern in check(key, value, comparator, unit))


@pytest.mark.parametrize(
    ("code", "method"),
    [
        ("46418-0", "point_of_care"),
        ("34714-6", "whole_blood"),
        ("6301-6", ""),
        ("61151-7", "bcg"),
        ("61152-5", "bcp"),
        ("1751-7", ""),
        ("nothing", ""),
    ],
)
def test_a_code_may_tell_the_method(code, method):
    assert method_of_code(code) == method


@pytest.mark.parametrize(
    ("key", "sex", "age", "limit"),
    [
        ("ALT", "F", 50, 40),
        ("ALT", "M", None, 40),
        ("AST", "", None, 40),
        ("GGT", "F", None, 40),
        ("GGT", "M", None, 60),
        ("GGT", "X", None, 60),
        ("creatinine", "F", None, 90),
        ("INR", "", None, 1.2),
        ("ALP", "F", 18, 120),
        ("ALP", "F", 17.9, None),
        ("d_dimer", "F", None, 0.5),
        ("d_dimer", "F", 50, 0.5),
        ("d_dimer", "F", 80, 0.8),
    ],
)
def test_default_upper_limits(key, sex, age, limit):
    assert default_upper_limit(key, sex, age) == limit


def test_healthy_limits_of_alt_are_for_display_only():
    assert ANALYTES["ALT"].healthy_upper == {"M": 33, "F": 25}
    assert ANALYTES["ALT"].upper("F") == 40
