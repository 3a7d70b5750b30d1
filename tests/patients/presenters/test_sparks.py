"""Sparklines: one height for one value down the whole page, time across, a caret beyond the scale."""

import pytest

from patients.presenters.worklist.sparks import BOTTOM, ENZYME, INR, MIDDLE, TOP, spark


def at(day: int) -> str:
    return f"2025-01-{day:02}T00:00:00+00:00"


@pytest.mark.parametrize(
    ("scale", "value", "height"),
    [
        (INR, 1.0, BOTTOM),
        (INR, 1.5, 20.0),
        (INR, 2.0, (TOP + BOTTOM) / 2),
        (INR, 3.0, TOP),
        (INR, 0.9, BOTTOM),
        (INR, 5.2, TOP),
        (ENZYME, 10, BOTTOM),
        (ENZYME, 100, (TOP + BOTTOM) / 2),
        (ENZYME, 1000, TOP),
        (ENZYME, 0, BOTTOM),
        (ENZYME, 9200, TOP),
    ],
)
def test_one_value_has_one_height(scale, value, height):
    assert scale.height(value) == pytest.approx(height)


@pytest.mark.parametrize(("scale", "value"), [(INR, 1.5), (ENZYME, 40)])
def test_the_line_stands_at_the_same_value_in_each(scale, value):
    low, high = spark([(at(1), scale.least)], scale), spark([(at(1), scale.most)], scale)
    assert low.line == high.line == f"{scale.height(value):.1f}"


def test_it_runs_by_true_time():
    found = spark([(at(1), 1.0), (at(2), 2.0), (at(5), 3.0)], INR)
    assert found.points == "4.0,25.5 23.2,14.5 81.0,3.5"
    assert (found.x, found.y) == ("81.0", "3.5")


@pytest.mark.parametrize(
    ("scale", "last", "beyond"),
    [(INR, 3.0, False), (INR, 3.1, True), (ENZYME, 1000, False), (ENZYME, 1001, True), (INR, 0.8, False)],
)
def test_a_caret_stands_for_what_lies_above(scale, last, beyond):
    assert spark([(at(1), 1.0), (at(2), last)], scale).beyond is beyond


@pytest.mark.parametrize("days", [[1], [1, 1]])
def test_one_moment_stands_in_the_middle(days):
    assert spark([(at(day), 1.2) for day in days], INR).x == f"{MIDDLE:.1f}"


def test_no_sparkline_without_values():
    assert spark([], INR) is None
