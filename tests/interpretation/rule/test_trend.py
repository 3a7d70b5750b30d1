from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretation.rule.trend import kendall_tau_b, theil_sen


def obvious_tau_b(points):
    """Kendall's tau-b from its definition, pair by pair."""
    score = ties_t = ties_v = pairs = 0
    for (t1, v1), (t2, v2) in combinations(points, 2):
        pairs += 1
        ties_t += t1 == t2
        ties_v += v1 == v2
        score += ((t1 > t2) - (t1 < t2)) * ((v1 > v2) - (v1 < v2))
    scale = (pairs - ties_t) * (pairs - ties_v)
    return score / scale**0.5 if scale > 0 else None


small = st.tuples(st.integers(0, 6), st.integers(0, 4))


@given(st.lists(small, max_size=12))
def test_tau_b_is_its_definition(points):
    assert kendall_tau_b(points) == pytest.approx(obvious_tau_b(points))


@pytest.mark.parametrize(
    ("values", "tau"),
    [([1, 2, 3], 1), ([3, 2, 1], -1), ([1.2, 1.6, 1.5], 1 / 3), ([1, 1, 1], None), ([1], None), ([], None)],
)
def test_tau_b(values, tau):
    assert kendall_tau_b(list(enumerate(values))) == (None if tau is None else pytest.approx(tau))


def test_theil_sen_is_not_moved_by_one_outlier():
    assert theil_sen([(0, 0), (1, 1), (2, 2), (3, 300), (4, 4)]) == 1


def test_theil_sen_of_a_long_line_is_its_slope():
    assert theil_sen([(k, 2 * k) for k in range(1000)]) == 2


@pytest.mark.parametrize("points", [[], [(1, 1)], [(1, 1), (1, 2)]])
def test_theil_sen_needs_two_times(points):
    assert theil_sen(points) is None
