"""Wilson's interval and the deviate, against values worked out by hand."""

import pytest

from interpretation.characteristics import deviate, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # 0 of n: high = z²/(n + z²); 5 of 10 is symmetric about one half: ± z / (2 √(n + z²)).
    [
        (0, 100, 0.0, 0.03699),
        (100, 100, 0.96301, 1.0),
        (5, 10, 0.23659, 0.76341),
        (15, 6000, 0.00152, 0.00412),
    ],
)
def test_wilson(hits, of, low, high):
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-5)


def test_the_deviate_counts_the_chance_of_both():
    # 60 of 1,000 beside 4 % of 1,000: pooled 0.05, spread √(0.05 × 0.95 × 2 / 1,000) = 0.009747.
    assert deviate(60, 1000, 0.04, 1000) == pytest.approx(2.0520, abs=1e-4)
    assert deviate(40, 1000, 0.06, 1000) == pytest.approx(-2.0520, abs=1e-4)


def test_nothing_beside_nothing_does_not_deviate():
    assert deviate(0, 1000, 0.0, 1000) == 0.0
