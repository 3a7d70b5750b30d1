"""The sample: by chance within strata, the same for the same seed, each draw with what it stands for."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from patients.chart_review.sampling import CandidateDraw, allocate, sample

AT = datetime(2026, 1, 1, tzinfo=UTC)


def crowd(quiet=90, pattern=6, urgent=3, unreadable=1):
    said = {
        "quiet": ("none", "routine"),
        "pattern": ("possible", "4_weeks"),
        "urgent": ("none", "today"),
        "unreadable": ("not_interpretable", "routine"),
    }
    counts = {"quiet": quiet, "pattern": pattern, "urgent": urgent, "unreadable": unreadable}
    kinds = [said[name] for name, count in counts.items() for _ in range(count)]
    return [CandidateDraw(number, number, AT, *kind) for number, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    "sizes, places, given",
    [
        ({"a": 90, "b": 6, "c": 3, "d": 1}, 20, {"a": 10, "b": 6, "c": 3, "d": 1}),
        ({"a": 90, "b": 0}, 4, {"a": 4, "b": 0}),
        ({"a": 2, "b": 1}, 20, {"a": 2, "b": 1}),
        ({"a": 5, "b": 5}, 3, {"a": 2, "b": 1}),
        ({"a": 0, "b": 0}, 3, {"a": 0, "b": 0}),
    ],
)
def test_places_go_round(sizes, places, given):
    assert allocate(sizes, places) == given


@pytest.mark.parametrize(
    "grade, urgency, stratum",
    [
        ("critical", "today", "pattern"),
        ("possible", "routine", "pattern"),
        ("not_interpretable", "today", "unreadable"),
        ("none", "4_weeks", "urgent"),
        ("none", "routine", "quiet"),
        ("not_assessable", "routine", "quiet"),
    ],
)
def test_strata(grade, urgency, stratum):
    assert CandidateDraw(1, 1, AT, grade, urgency).stratum == stratum


def test_unflagged_draws_are_in_it_and_the_weights_add_up_to_the_period():
    drawn = sample(crowd(), size=20, seed=7, population=100)
    counts = Counter(one.candidate.stratum for one in drawn)
    assert counts == {"quiet": 10, "pattern": 6, "urgent": 3, "unreadable": 1}
    assert sum(one.weight for one in drawn) == pytest.approx(100)
    assert {one.candidate.stratum: one.weight for one in drawn}["quiet"] == 9


def test_where_only_a_part_was_read_each_stands_for_more():
    drawn = sample(crowd(), size=20, seed=7, population=1000)
    assert sum(one.weight for one in drawn) == pytest.approx(1000)


def test_the_same_seed_draws_the_same_and_another_does_not():
    first, again, other = (sample(crowd(), size=20, seed=seed, population=100) for seed in (7, 7, 8))
    assert first == again != other


def test_the_order_says_nothing_of_the_stratum():
    order = [one.candidate.stratum for one in sample(crowd(), size=20, seed=7, population=100)]
    assert order != sorted(order) and order[:10] != ["quiet"] * 10


def test_a_sample_larger_than_the_period_is_the_period():
    drawn = sample(crowd(3, 1, 0, 0), size=20, seed=1, population=4)
    assert len(drawn) == 4 and {one.weight for one in drawn} == {1.0}


def test_nothing_to_draw_from():
    assert sample([], size=20, seed=1, population=0) == []
