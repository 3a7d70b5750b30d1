import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretation.record.analytes import ANALYTES
from interpretation.rule.variation import (
    ONE_SIDED_95,
    ONE_SIDED_99,
    RCV,
    TWO_SIDED_95,
    TWO_SIDED_99,
    VARIATION,
    beyond,
    classic_reference_change,
    reference_change,
    total_cv,
)

ALT_STRICT, AST_STRICT, PT_BEST = total_cv(4, 9.3), total_cv(4, 9.5), total_cv(1.3, 2.6)

# clinical.md table 3.3: one-sided 95%, one-sided 99%, two-sided 95% (up, down), classic two-sided 95%.
WORKED = [
    (ALT_STRICT, (26.5, -20.9), (39.4, -28.3), (32.3, -24.4), 28.1),
    (20.4, (60.0, -37.5), (94.3, -48.5), (75.0, -42.9), 56.5),
    (AST_STRICT, (27.0, -21.3), (40.2, -28.7), (33.0, -24.8), 28.6),
    (13.9, (38.0, -27.5), (57.6, -36.6), (46.7, -31.8), 38.5),
    (PT_BEST, (7.0, -6.5), (10.0, -9.1), (8.4, -7.7), 8.1),
    (5.0, (12.3, -11.0), (17.9, -15.2), (14.9, -12.9), 13.9),
    (18, (51.5, -34.0), (79.9, -44.4), (64.0, -39.0), 49.9),
    (13.8, (37.6, -27.3), (57.1, -36.4), (46.3, -31.7), 38.3),
    (6.7, (16.8, -14.4), (24.6, -19.8), (20.4, -16.9), 18.6),
    (23.4, (71.1, -41.6), (113.7, -53.2), (89.6, -47.3), 64.9),
    (3.2, (7.7, -7.2), (11.1, -10.0), (9.3, -8.5), 8.9),
    (total_cv(3, 7.3), (20.1, -16.7), (29.6, -22.8), (24.4, -19.6), 21.9),
    (total_cv(3, 4.5), (13.4, -11.8), (19.5, -16.3), (16.2, -13.9), 15.0),
    (total_cv(4, 11), (31.2, -23.8), (46.8, -31.9), (38.2, -27.6), 32.4),
    (total_cv(5, 40), (146.6, -59.5), (258.4, -72.1), (193.2, -65.9), 111.7),
]
PRAGMATIC = {
    "ALT": 20.4,
    "AST": 13.9,
    "GGT": 13.8,
    "ALP": 6.7,
    "INR": 5.0,
    "bilirubin_total": 23.4,
    "albumin": 3.2,
    "platelets": 7.9,
    "creatinine": 5.4,
    "fibrinogen": 11.7,
    "afp": 40.3,
}


def per_cent(change):
    # Half a printed digit, and a little: the fall of GGT, -27.351, is printed as -27.3.
    return pytest.approx((change.up * 100, change.down * 100), abs=0.051)


@pytest.mark.parametrize(("cv", "one95", "one99", "two95", "classic"), WORKED)
def test_reference_changes_match_the_worked_table(cv, one95, one99, two95, classic):
    assert one95 == per_cent(reference_change(cv, ONE_SIDED_95))
    assert one99 == per_cent(reference_change(cv, ONE_SIDED_99))
    assert two95 == per_cent(reference_change(cv, TWO_SIDED_95))
    assert (classic, -classic) == per_cent(classic_reference_change(cv, TWO_SIDED_95))


@pytest.mark.parametrize(("cvi", "up", "down"), [(3.2, 8.1, -7.5), (5.8, 14.6, -12.7)])
def test_the_published_pt_and_aptt_figures_are_reproduced(cvi, up, down):
    """Zengi 2023, with an analytical CV of about 1%."""
    change = reference_change(total_cv(1, cvi), ONE_SIDED_95)
    assert (change.up * 100, change.down * 100) == pytest.approx((up, down), abs=0.1)


def test_the_quantiles_are_named():
    assert (ONE_SIDED_95, ONE_SIDED_99, TWO_SIDED_95, TWO_SIDED_99) == (1.645, 2.326, 1.960, 2.576)


@pytest.mark.parametrize(("analyte", "total"), PRAGMATIC.items())
def test_pragmatic_variation_is_used(analyte, total):
    assert VARIATION[analyte].total == total
    assert RCV(analyte) == reference_change(total, ONE_SIDED_95)


def test_a_total_that_is_not_given_is_computed():
    assert VARIATION["PT"].total == pytest.approx(2.907, abs=0.001)


@pytest.mark.parametrize(
    ("analyte", "first", "second", "z", "two_laboratories", "expected"),
    [
        ("ALT", 88, 52, ONE_SIDED_95, False, True),
        ("ALT", 88, 52, ONE_SIDED_99, False, False),
        ("AST", 70, 47, ONE_SIDED_95, False, True),
        ("AST", 70, 47, ONE_SIDED_99, False, False),
        ("INR", 1.3, 1.5, TWO_SIDED_95, False, True),
        ("INR", 1.3, 1.5, ONE_SIDED_95, True, False),
        ("INR", 1.4, 1.6, TWO_SIDED_95, False, False),
        ("INR", 1.0, 1.515, ONE_SIDED_95, True, True),
        ("INR", 1.0, 1.514, ONE_SIDED_95, True, False),
        ("ALT", 64, 49, ONE_SIDED_95, False, False),
        ("ALT", 49, 49, ONE_SIDED_95, False, False),
        ("ALT", None, 49, ONE_SIDED_95, False, None),
        ("ALT", 49, None, ONE_SIDED_95, False, None),
        ("ALT", 0, 49, ONE_SIDED_95, False, None),
        ("ALT", 49, 0, ONE_SIDED_95, False, None),
        ("ammonia", 40, 400, ONE_SIDED_95, False, None),
        ("LDH", 40, 400, ONE_SIDED_95, False, None),
        ("ALT", 88, 5, ONE_SIDED_95, True, None),
    ],
)
def test_a_change_is_told_from_noise(analyte, first, second, z, two_laboratories, expected):
    assert beyond(analyte, first, second, z, two_laboratories) is expected


@pytest.mark.parametrize("analyte", ["ammonia", "LDH"])
def test_no_figure_gives_no_reference_change(analyte):
    assert RCV(analyte) is None


def test_between_two_laboratories_only_inr_is_known():
    assert RCV("INR", two_laboratories=True) == reference_change(18, ONE_SIDED_95)
    assert RCV("ALT", two_laboratories=True) is None


def test_every_row_is_an_analyte_with_words():
    for key, row in VARIATION.items():
        assert key in ANALYTES
        assert row.words and row.sources


@given(st.floats(0.1, 1000), st.floats(0.1, 1000))
def test_a_rise_and_the_fall_that_undoes_it_count_alike(first, second):
    edge = RCV("ALT").up
    if not math.isclose(max(first, second) / min(first, second) - 1, edge, rel_tol=1e-6):
        assert beyond("ALT", first, second) is beyond("ALT", second, first)
