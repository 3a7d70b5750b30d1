"""The request list: which tests, in which order, for which causes; what is held already is not asked for."""

import pytest

from interpretation import interpret
from interpretation.knowledge import load
from interpretation.record.records import Event, Review
from tests.interpretation.causes.test_causes_evidence import at, case, draw, latest, on

TESTS = load("causes")["test"]


def asked(*draws, reviews=(), **more):
    given = case(*draws, **more)
    object.__setattr__(given, "reviews", tuple(reviews))
    return interpret(given).requests


def keys(requests) -> list[str]:
    return [request.key for request in requests]


def test_every_cause_names_tests_that_are_known_and_every_test_is_named():
    causes = load("causes")["cause"].values()
    assert {key for cause in causes for key in cause["settles_tests"]} == set(TESTS)
    assert all(cause["settles_tests"] for cause in causes)


@pytest.mark.parametrize("inr", [1.2, None])
def test_nothing_is_asked_for_without_a_raised_inr(inr):
    found = asked(latest(INR=inr) if inr else draw(ALT=90), events=[on("nac", -1)])
    assert (found.first, found.others, found.held) == ((), (), ())


def test_tests_of_causes_with_something_for_them_come_first_and_once():
    found = asked(events=[on("vka", -9, label="Warfarin")])
    assert keys(found.first) == ["drug_history", "factor_v", "factor_vii"]
    assert found.first[0].causes == ("Vitamin K antagonist (warfarin and others)",)
    assert not set(keys(found.first)) & set(keys(found.others))


def test_drugs_and_samples_are_asked_for_before_factors():
    events = [on("vka", -9, label="Warfarin"), Event("bad_sample", at(0), label="underfilled")]
    order = list(TESTS)
    found = keys(asked(events=events).first)
    assert found[:2] == ["drug_history", "repeat_inr"]
    assert found == sorted(found, key=order.index)


@pytest.mark.parametrize(("days", "wanted"), [(-6.5, False), (-6.51, True)])
def test_a_factor_of_the_last_seven_days_is_held(days, wanted):
    found = asked(latest(), draw(days, factor_v=60), events=[on("vka", -9, label="Warfarin")])
    assert ("factor_v" in keys(found.first)) is wanted
    assert found.held == (() if wanted else ("Factor V 60 % (8 Jun 2025)",))


def test_a_read_trial_of_vitamin_k_is_held():
    draws = (draw(-2, INR=3.0), latest(INR=2.9))
    events = [on("nil_by_mouth", -9), Event("vitamin_k", at(-1.9), route="iv")]
    found = asked(*draws, events=events)
    assert "vitamin_k" not in keys(found.first)
    assert found.held == ("Vitamin K on 13 Jun 2025: no response",)
    assert not any("before vitamin K" in request.note for request in found.first)


def test_an_awaited_trial_of_vitamin_k_is_held():
    events = [on("nil_by_mouth", -9), Event("vitamin_k", at(-0.1), route="iv")]
    found = asked(draw(-2, INR=3.0), latest(INR=2.9), events=events)
    assert found.held == ("Vitamin K on 15 Jun 2025: INR awaited",)


@pytest.mark.parametrize("verdict", ["excluded", "contributing"])
def test_a_judged_cause_asks_for_nothing(verdict):
    judged = [Review("vka", verdict, at(0.1))]
    found = asked(events=[on("vka", -9, label="Warfarin")], reviews=judged)
    assert found.first == ()
    assert all("Vitamin K antagonist" not in request.causes for request in found.others)


def test_a_cause_with_something_against_it_only_is_not_asked_about():
    found = asked(latest(aptt=(30, 37)))
    assert "thrombin_time" not in keys(found.first) + keys(found.others)
    assert "thrombin_time" in keys(asked(latest()).others)


def test_every_request_has_its_words_and_sources():
    found = asked(latest())
    assert len(found.others) > 10
    assert all(request.test and request.causes and request.sources for request in found.others)


@pytest.mark.parametrize("excluded", [False, True])
def test_vitamin_k_is_not_asked_for_under_its_antagonist(excluded):
    events = [on("vka", -9, label="Warfarin"), on("nil_by_mouth", -9)]
    reviews = [Review("vka", "excluded", at(0.1))] if excluded else []
    found = asked(events=events, reviews=reviews)
    assert ("vitamin_k" in keys(found.first)) is excluded
    assert any("which it would reverse" in words for words in found.held) is not excluded
