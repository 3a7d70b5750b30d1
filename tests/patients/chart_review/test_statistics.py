"""Agreement and shares against values worked out by hand, at their edges, and with weights."""

from random import Random

import pytest

from interpretation.characteristics import clustered_wilson, wilson
from patients.chart_review.statistics import Agreement, Estimate, agreement, estimate


def rows(*counts):
    """(hits, of, weight) of one patient each."""
    return [
        (person, number < hits, weight)
        for person, (hits, of, weight) in enumerate(counts)
        for number in range(of)
    ]


def test_nothing_to_count():
    assert estimate([]) == Estimate(0, 0)
    assert agreement([]) == Agreement(0, 0)


@pytest.mark.parametrize("hits, of", [(0, 7), (1, 7), (6, 7), (7, 7), (1, 1), (0, 1)])
def test_one_draw_a_patient_is_wilson(hits, of):
    found = estimate([(number, number < hits, 1.0) for number in range(of)])
    assert (found.hits, found.of, found.share) == (hits, of, hits / of)
    assert (found.low, found.high) == pytest.approx(wilson(hits, of))


def test_the_ends_are_exactly_0_and_1():
    assert estimate(rows((0, 3, 1.7), (0, 2, 0.3))).low == 0.0
    all_hit = estimate(rows((3, 3, 1.7), (2, 2, 0.3)))
    assert (all_hit.share, all_hit.high) == (1.0, 1.0)
    assert 0 < all_hit.low < 1


def test_draws_of_one_patient_widen_the_interval():
    clusters = [(4, 4)] * 6 + [(0, 4)] * 4
    found = estimate(rows(*((hits, of, 1.0) for hits, of in clusters)))
    assert (found.low, found.high) == pytest.approx(clustered_wilson(clusters))
    assert found.high - found.low > 1.8 * (wilson(24, 40)[1] - wilson(24, 40)[0])


def test_a_weight_counts_as_so_many_draws():
    """One flagged of 1 and none of 9: a tenth, where each of the nine stands for one; a half, for a ninth."""
    assert estimate(rows((1, 1, 1), *[(0, 1, 1)] * 9)).share == pytest.approx(0.1)
    assert estimate(rows((1, 1, 9), *[(0, 1, 1)] * 9)).share == pytest.approx(0.5)


def test_the_size_of_equal_weights_changes_nothing():
    small, large = (estimate(rows(*[(1, 2, weight)] * 3, (2, 2, weight))) for weight in (0.01, 100.0))
    assert (small.share, small.low, small.high) == pytest.approx((large.share, large.low, large.high))


def test_unequal_weights_are_worth_fewer_counts():
    heavy = estimate(rows((0, 1, 50), *[(0, 1, 1)] * 9))
    assert heavy.high > estimate(rows(*[(0, 1, 1)] * 10)).high


@pytest.mark.parametrize(
    "table, kappa",
    [
        # (both yes, only first, only second, both no). Cohen's own way of counting, by hand.
        ((20, 5, 10, 15), 0.4),
        ((45, 15, 25, 15), 0.1304),
        ((10, 0, 0, 10), 1.0),
        ((0, 10, 10, 0), -1.0),
        ((5, 5, 5, 5), 0.0),
    ],
)
def test_kappa(table, kappa):
    assert agreement(pairs(*table)).kappa == pytest.approx(kappa, abs=1e-4)


def pairs(both, first, second, neither):
    said = (
        [(True, True)] * both
        + [(True, False)] * first
        + [(False, True)] * second
        + [(False, False)] * neither
    )
    return [(person, *one) for person, one in enumerate(said)]


@pytest.mark.parametrize("both, neither", [(8, 0), (0, 8)])
def test_who_says_one_thing_of_all_has_no_kappa(both, neither):
    assert agreement(pairs(both, 0, 0, neither)) == Agreement(8, 8)


def test_perfect_agreement_has_no_interval():
    """The jackknife would say that it is sure."""
    assert agreement(pairs(10, 0, 0, 10)) == Agreement(20, 20, 1.0)


def test_one_draw_that_the_kappa_hangs_on_leaves_no_interval():
    assert agreement(pairs(1, 0, 0, 9)) == Agreement(10, 10, 1.0)


def test_the_interval_of_kappa_is_near_that_of_drawing_again():
    chance, table = Random(1), pairs(40, 10, 8, 42)
    again = sorted(agreement_only(chance.choices(table, k=len(table))) for _ in range(1000))
    found = agreement(table)
    assert (found.low, found.high) == pytest.approx((again[25], again[974]), abs=0.04)


def agreement_only(table):
    from patients.chart_review.statistics import _kappa

    return _kappa(table)


def test_several_draws_of_a_patient_widen_the_interval_of_kappa():
    alone = agreement(pairs(20, 5, 5, 20))
    together = agreement([(person // 5, one, other) for person, one, other in pairs(20, 5, 5, 20)])
    assert together.kappa == alone.kappa
    assert together.high - together.low > alone.high - alone.low


def test_kappa_of_more_than_two_answers():
    said = [("a", "a")] * 4 + [("b", "b")] * 3 + [("c", "c")] * 2 + [("a", "b")]
    # Observed 0.9; by chance (5 x 4 + 3 x 4 + 2 x 2) / 100 = 0.36.
    found = agreement([(person, *one) for person, one in enumerate(said)])
    assert found.kappa == pytest.approx((0.9 - 0.36) / 0.64)
