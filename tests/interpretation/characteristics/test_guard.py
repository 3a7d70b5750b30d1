"""A short run of the simulation: the rule must not begin to alarm, or to overlook, by a change of anything.

The bands are wide (|z| < 4.5 beside 6,000): the whole is measured by `manage.py characteristics` and checked
by `python -m tests.benchmarks --characteristics`.
"""

import math
from statistics import NormalDist

import pytest

from interpretation.characteristics import CELLS, count, deviate
from interpretation.knowledge import limits

PATIENTS = 300
PUBLISHED_PATIENTS = int(limits("characteristics").published_patients)
WIDE = 4.5
CHECKED = [
    "quiet_1_3_3",
    "quiet_1_3_4",
    "quiet_1_3_6",
    "quiet_1_3_12",
    "quiet_2_0_6",
    "rising_1_2_1_6_3",
    "rising_1_2_1_7_4",
    "rising_1_3_1_6_4",
]


@pytest.mark.parametrize("name", CHECKED)
def test_the_published_figures_come_out(name):
    counted, cell = count(name, 5, 0, PATIENTS), CELLS[name]
    assert cell.published
    for measure, published in cell.published.items():
        z = deviate(counted[measure], PATIENTS, published / 100, PUBLISHED_PATIENTS)
        assert abs(z) < WIDE, (measure, counted[measure], published)


@pytest.mark.parametrize(("name", "true"), [("quiet_1_3_2", 1.3), ("quiet_2_0_2", 2.0)])
def test_two_draws_are_as_worked_out(name, true):
    """Of two INRs in tenths the chance of each pair is known, so that of a rise too. [clinical.md 4.4, rise]"""
    chance = {tenth: share(tenth, true) for tenth in range(5, 60)}
    pairs = ((a, b) for a in chance for b in chance if 100 * b >= 115 * a and b - a >= 2 and b >= 13)
    exact = sum(chance[a] * chance[b] for a, b in pairs)
    z = (count(name, 5, 0, PATIENTS)["possible"] / PATIENTS - exact) / math.sqrt(
        exact * (1 - exact) / PATIENTS
    )
    assert abs(z) < WIDE


def share(tenth: int, true: float) -> float:
    """How often an INR is reported as so many tenths."""
    noise = NormalDist(math.log(true), math.sqrt(math.log(1 + 0.05**2)))
    return noise.cdf(math.log((tenth + 0.5) / 10)) - noise.cdf(math.log((tenth - 0.5) / 10))


@pytest.mark.parametrize("name", ["quiet_1_3_4", "quiet_1_6_4", "quiet_2_0_6", "jaundiced_1_6_4"])
def test_stable_patients_are_not_told_today(name):
    # At most 1 %: more than 11 of 300 has a chance of one in 20,000.
    assert count(name, 5, 0, PATIENTS)["today"] <= 11


def test_levels_and_the_quiet_rest_are_everybody():
    counted = count("quiet_2_5_2", 5, 0, 50)
    levels = ("today", "24_to_48_h", "1_to_2_weeks", "4_weeks", "routine")
    assert sum(counted[level] for level in levels) == 50


def test_parts_of_a_run_add_up_to_the_whole():
    assert count("quiet_2_0_6", 3, 0, 20) + count("quiet_2_0_6", 3, 20, 40) == count("quiet_2_0_6", 3, 0, 40)
