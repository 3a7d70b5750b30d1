"""The random cases reach everything the rule can say, and a difference is shrunk to what carries it."""

import random

from tests.interpretation.alternative import second_reading
from tests.interpretation.alternative.grade import GRADES
from tests.interpretation.alternative.urgency import LEVELS
from tests.interpretation.compare import random_cases, smaller
from tests.interpretation.random_cases import frequencies, random_case


def test_cases_reach_every_grade_and_level_and_kind_of_trial():
    tables = frequencies(list(random_cases(seed=1, count=600)))
    assert set(tables["grade"]) == set(GRADES)
    assert set(tables["urgency"]) == set(LEVELS)
    trials = {key for key in tables["more"] if key.startswith("trial ")}
    kinds = ("responder", "partial", "non_responder", "rebound", "not_readable")
    assert trials == {f"trial {kind}" for kind in kinds}


def test_a_number_makes_the_same_case_again():
    assert random_case(random.Random("1/7"), 7) == list(random_cases(seed=1, count=8))[7]


def test_smallest_case_keeps_what_was_asked():
    patient = next(c for c in random_cases(1, 400) if second_reading(c)["grade"] == "established")
    less = smaller(patient, lambda c: second_reading(c)["grade"] == "established")
    assert second_reading(less)["grade"] == "established"
    assert all(second_reading(fewer)["grade"] != "established" for fewer in _one_draw_less(less))


def _one_draw_less(case):
    draws = case["draws"]
    return [{**case, "draws": draws[:k] + draws[k + 1 :]} for k in range(len(draws))]
