"""Wilson's interval and the deviate, against values worked out by hand."""

from random import Random

import pytest

from interpretation.characteristics import clustered_wilson, deviate, wilson


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


@pytest.mark.parametrize(
    "clusters, alike",
    [
        # One count a person: Wilson's own.
        ([(1, 1)] * 12 + [(0, 1)] * 8, (12, 20)),
        # Four counts that are always the same are worth one; 8,000 are worth 2,000.
        ([(4, 4)] * 1200 + [(0, 4)] * 800, (1200, 2000)),
        # All, and none: each person counts once.
        ([(3, 3)] * 5, (5, 5)),
        ([(0, 3)] * 5, (0, 5)),
        # One person is worth one count.
        ([(1, 2)], (0.5, 1)),
        # People who are more alike than chance are worth no more than there are counts.
        ([(1, 2)] * 10, (10, 20)),
        # Of whom nothing counts is left out.
        ([(1, 1)] * 3 + [(0, 1), (0, 0)], (3, 4)),
    ],
)
def test_counts_of_one_person_hang_together(clusters, alike):
    assert clustered_wilson(clusters) == pytest.approx(wilson(*alike), abs=1e-4)


def test_the_interval_is_as_wide_as_people_drawn_again_and_again_give_it():
    chance = Random(1)
    people = [(sum(chance.random() < share for _ in range(5)), 5) for share in [0.1, 0.5, 0.8] * 60]
    shares = sorted(share_of(chance.choices(people, k=len(people))) for _ in range(3000))
    assert clustered_wilson(people) == pytest.approx((shares[75], shares[2925]), abs=0.008)


def share_of(people):
    return sum(hits for hits, _ in people) / sum(of for _, of in people)
