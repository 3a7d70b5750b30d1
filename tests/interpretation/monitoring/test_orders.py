"""What to do now: which orders, in which order, and by when; nothing twice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given

from interpretation import Event, Review, interpret
from interpretation.causes import alternate_causes, may_be_considered
from interpretation.knowledge import load
from interpretation.orders import WHENS, orders
from tests.interpretation.rule.test_dissociation_properties import cases
from tests.interpretation.vignettes import VIGNETTES, at, case, draw


def asked(given_case) -> list[tuple[str, str]]:
    return [(order.key, order.when) for order in orders(given_case, interpret(given_case))]


def vignette(start: str):
    return next(found[0] for name, found in VIGNETTES.items() if name.startswith(start))


def critical(**more):
    """ACLF: INR 1.6 to 2.6, bilirubin 308, ascites and encephalopathy new."""
    draws = [
        draw(0, 420, 610, 1.6, bilirubin_total=154),
        draw(10, 82, 110, 2.6, bilirubin_total=308, ALP=150),
    ]
    events = [Event("ascites", at(9)), Event("encephalopathy", at(10), grade=1)]
    return case(*draws, diagnoses=["cirrhosis"], events=events, **({"as_of": at(10.2)} | more))


def test_a_critical_patient_is_reviewed_first_and_each_test_is_asked_for_once():
    found = orders(critical(), interpret(critical()))
    assert (found[0].key, found[0].when) == ("review_pattern", "now")
    assert {one.key for one in found} >= {
        "repeat",
        "vitamin_k",
        "precipitant",
        "decompensation",
        "transplant",
    }
    assert len({one.key for one in found}) == len(found)
    repeat = next(one for one in found if one.key == "repeat")
    assert repeat.text.startswith("ALT, AST, INR, bilirubin, creatinine") and repeat.note == "asked"
    assert next(one for one in found if one.key == "vitamin_k").note == "none"
    assert next(one for one in found if one.key == "decompensation").text == "Look for variceal bleeding"


@pytest.mark.parametrize(
    ("hours", "when"), [(5.9, "today"), (6, "today"), (12, "today"), (12.1, "overdue"), (20, "overdue")]
)
def test_the_repeat_is_due_and_overdue_by_the_hour(hours, when):
    found = dict(asked(critical(as_of=at(10) + timedelta(hours=hours))))
    assert found["repeat"] == when


def test_the_precipitant_has_a_tick_for_each_and_stands_only_in_acute_on_chronic_failure():
    found = {one.key: one for one in orders(critical(), interpret(critical()))}
    assert [key for key, _ in found["precipitant"].items] == [
        "infection", "variceal_bleed", "alcohol", "drug", "hepatitis_b",
    ]  # fmt: skip
    assert "precipitant" not in dict(asked(vignette("3 ")))


@pytest.mark.parametrize("inr", [1.1, 1.2])
def test_of_a_well_liver_nothing_is_to_be_done(inr):
    core = {"ALP": 70, "GGT": 30, "bilirubin_direct": 3, "albumin": 42, "platelets": 210}
    assert asked(case(draw(0, 30, 28, inr, **core), draw(90, 31, 27, inr, **core), as_of=at(91))) == []


def test_a_normal_inr_asks_about_no_anticoagulant_and_a_raised_one_does():
    assert "anticoagulant" not in dict(asked(replace(case(draw(0, 30, 28, 1.2)), anticoagulant="")))
    assert asked(replace(case(draw(0, 30, 28, 1.3)), anticoagulant=""))[0] == ("anticoagulant", "now")
    assert "anticoagulant" not in dict(asked(case(draw(0, 30, 28, 1.3))))


def test_after_a_death_nothing_is_ordered():
    assert asked(replace(critical(), died_on=critical().as_of.date())) == []


def test_a_record_without_draws_asks_for_the_tests():
    found = dict(asked(case(as_of=at(0))))
    assert found == {"checklist": "dated", "measure": "dated"}


def test_what_was_never_done_is_not_overdue():
    advanced = dict(asked(case(as_of=at(0), diagnoses=["cirrhosis"])))
    assert advanced == {"checklist": "never", "measure": "dated"}
    late = case(draw(0, 30, 28, 1.1), draw(30, 31, 28, 1.1), as_of=at(300), diagnoses=["cirrhosis"])
    assert dict(asked(late))["checklist"] == "overdue"


@pytest.mark.parametrize(("days", "when"), [(27, "dated"), (28, "today"), (28.5, "today"), (29, "overdue")])
def test_where_days_count_no_hour_is_due(days, when):
    rising = case(draw(0, 120, 90, 1.2), draw(90, 60, 50, 1.4), as_of=at(90 + days))
    repeat = next(one for one in orders(rising, interpret(rising)) if one.key == "repeat")
    assert (repeat.when, type(repeat.due_at)) == (when, date)


def test_a_second_request_does_not_repeat_the_first():
    failing, moved = vignette("3 "), vignette("11 ")
    found = {one.key: one.text for one in orders(failing, interpret(failing))}
    assert found["tests"] == "Paracetamol level" and found["repeat"].startswith("ALT, AST, INR")
    assert "repeat_inr" in {one.key for one in interpret(moved).requests.first}
    assert "repeat" in dict(asked(moved)) and "tests" not in dict(asked(moved))


def test_under_warfarin_it_asks_whether_it_is_still_taken():
    found = {one.key: one for one in orders(vignette("7 "), interpret(vignette("7 ")))}
    assert found["restore"].text.startswith("Still taken? Warfarin") and found["restore"].note == "record"
    assert "vitamin_k" not in found


def test_vitamin_k_says_for_which_cause_once_its_deficiency_is_excluded():
    antibiotic = Event("antibiotic", at(2), at(10), "Ceftriaxone")
    ill = critical()
    ill = replace(ill, events=(*ill.events, antibiotic))
    excluded = Review("vitamin_k_deficiency", "excluded", at(10.1))
    for given_case, key, why in (
        (ill, "vitamin_k", "Factors V, VII first; INR at 12-24 and 24-48 h"),
        (replace(ill, reviews=(excluded,)), "vitamin_k_for", "For antibiotics; factors V, VII first"),
    ):
        found = [one for one in orders(given_case, interpret(given_case)) if "vitamin_k" in one.key]
        assert [(one.key, one.why, one.note) for one in found] == [(key, why, "none")]


@given(cases)
def test_orders_never_fail_and_come_most_urgent_first(given_case):
    found = orders(given_case, interpret(given_case))
    ranks = [WHENS.index(one.when) for one in found]
    assert ranks == sorted(ranks) and len({one.key for one in found}) == len(found)
    assert all(one.text and "{" not in one.text + one.why for one in found)


def test_every_repeat_names_its_tests():
    """The sentence is cut where it says "together": a sentence of another form would be shown whole."""
    for rule in load("monitoring")["repeat"].values():
        assert rule["words"].startswith("Repeat ") and " together" in rule["words"]


# --- considered ---


def verdicts(*reviews, **more) -> dict[str, str]:
    given_case = case(draw(0, 90, 80, 1.7), reviews=reviews, **more)
    return {cause.key: cause.verdict for cause in alternate_causes(given_case)}


def test_considered_is_kept_while_nothing_is_recorded_and_falls_when_something_is():
    said = Review("congestion", "considered", at(0), "A", "")
    assert verdicts(said)["congestion"] == "considered"
    assert verdicts(said, diagnoses=["fontan"])["congestion"] == "pending"


@pytest.mark.parametrize("key", ["vka", "vitamin_k_deficiency", "antibiotics", "sample_underfilled"])
def test_drugs_vitamin_k_and_the_sample_are_never_considered(key):
    assert not may_be_considered(key)
    assert verdicts(Review(key, "considered", at(0), "A", ""))[key] == "pending"


def test_considered_changes_no_grade():
    given_case = vignette("9a")
    before = interpret(given_case)
    said = tuple(Review(key, "considered", given_case.as_of, "A", "") for key in load("causes")["cause"])
    after = interpret(replace(given_case, reviews=said))
    assert (before.dissociation.grade, before.urgency.level) == (
        after.dissociation.grade,
        after.urgency.level,
    )


# --- left out of monitoring ---


def test_of_who_is_left_out_only_what_presses_is_asked():
    given_case = critical(as_of=at(11))
    whole = {one.key: one for one in orders(given_case, interpret(given_case))}
    left = {one.key: one for one in orders(given_case, interpret(given_case), left_out=True)}
    assert "; add " in whole["repeat"].why and "; add " not in left["repeat"].why
    calm = case(as_of=at(0))
    assert "checklist" in dict(asked(calm))
    assert "checklist" not in {one.key for one in orders(calm, interpret(calm), left_out=True)}
