"""The simulated patients are what their cell says."""

import math
from dataclasses import replace
from statistics import mean, stdev

import pytest

from interpretation.characteristics import CELLS, simulated
from interpretation.characteristics.people import UPPER

JAUNDICED = CELLS["weekly_2_0"]


def values(cell, analyte: str, patients: int = 400) -> list[float]:
    cases = (simulated(cell, 7, number) for number in range(patients))
    return [draw.result(analyte).value for case in cases for draw in case.draws]


@pytest.mark.parametrize(
    ("analyte", "true", "cv"), [("ALT", 1000, 0.204), ("AST", 1000, 0.139), ("bilirubin_total", 1000, 0.234)]
)
def test_noise_is_log_normal_about_the_true_value(analyte, true, cv):
    courses = {**JAUNDICED.courses, analyte: (true, true)}
    logs = [math.log(value) for value in values(replace(JAUNDICED, courses=courses), analyte)]
    assert mean(logs) == pytest.approx(math.log(true), abs=0.02)
    assert stdev(logs) == pytest.approx(math.sqrt(math.log(1 + cv**2)), rel=0.06)


def test_inr_is_in_tenths_and_varies_by_five_per_cent():
    found = values(JAUNDICED, "INR")
    assert all(math.isclose(value * 10, round(value * 10), abs_tol=1e-9) for value in found)
    assert mean(found) == pytest.approx(2.0, abs=0.01)
    # Rounding to 0.1 adds 0.1 / √12 to the noise.
    assert stdev(found) == pytest.approx(math.hypot(0.1, 0.1 / math.sqrt(12)), rel=0.08)


def test_a_course_runs_from_its_first_to_its_last_value():
    cell = replace(CELLS["falling_rising"], cv=dict.fromkeys(UPPER, 1e-9))
    draws = simulated(cell, 1, 0).draws
    assert [draw.result("INR").value for draw in draws] == pytest.approx([1.2, 1.4, 1.5, 1.7])
    assert [draw.result("ALT").value for draw in draws] == [112, 86, 60, 34]
    assert (draws[-1].taken_at - draws[0].taken_at).days == 546


def test_a_patient_depends_on_seed_and_number_only():
    cell = CELLS["quiet_1_3_4"]
    assert simulated(cell, 1, 5) == simulated(cell, 1, 5)
    assert simulated(cell, 1, 5) != simulated(cell, 2, 5)
    assert simulated(cell, 1, 5) != simulated(cell, 1, 6)


def test_the_second_laboratory_draws_the_second_half():
    draws = simulated(CELLS["raised_laboratory_recorded"], 1, 0).draws
    assert "".join(draw.laboratory for draw in draws) == "AAABBB"


def test_only_a_steady_inr_is_stable():
    assert CELLS["quiet_2_0_6"].is_stable
    assert not CELLS["rising_1_3_2_0_6"].is_stable
