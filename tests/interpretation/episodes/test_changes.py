"""What would change the reading: each vignette's changes, applied here by hand and graded again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from interpretation import Event, Result, Review, interpret
from interpretation.changes import as_json, what_would_change
from interpretation.changes.asking import AXES
from interpretation.knowledge import limits, load
from tests.interpretation.rule.test_dissociation_properties import cases
from tests.interpretation.vignettes import VIGNETTES, at, case, draw

LIMITS = limits("changes")
GRADED = [name for name in VIGNETTES if name != "6 noise"]


def changes(of) -> dict:
    """Changes by kind and outcome."""
    found = what_would_change(of, interpret(of))
    return {(change.kind, change.after): change for change in found}


def grade(of) -> str:
    return interpret(of).dissociation.grade


def and_then(name, *more, events=(), reviews=(), as_of=None):
    """A vignette with something more, as of its own clock or 12 hours after the last draw."""
    given = VIGNETTES[name][0]
    last = max(d.taken_at for d in (*given.draws, *more))
    return replace(
        given,
        draws=(*given.draws, *more),
        events=(*given.events, *events),
        reviews=(*given.reviews, *reviews),
        as_of=as_of or max(given.as_of, last + timedelta(hours=12)),
    )


@pytest.mark.parametrize("name", GRADED)
def test_each_change_is_what_the_rule_says_of_its_case(name):
    given = VIGNETTES[name][0]
    now = interpret(given).dissociation
    found = what_would_change(given, interpret(given))
    assert found
    for change in found:
        then = interpret(change.case).dissociation
        assert (change.before, change.after) == (getattr(now, change.axis), getattr(then, change.axis))
        assert change.before != change.after
        assert change.to_grade == then.grade


def test_only_a_new_draw_changes_a_reading_of_noise():
    assert {kind for kind, _ in changes(VIGNETTES["6 noise"][0])} == {"next_draw"}


def test_a_third_draw_would_establish_a_drug_injury():
    found = changes(VIGNETTES["5 DILI, two draws"][0])
    assert "INR 1.4 to 1.8 would make it established." in found["next_draw", "established"].text
    for inr, expected in [(1.3, "none"), (1.4, "established"), (1.8, "established"), (1.9, "critical")]:
        assert grade(and_then("5 DILI, two draws", draw(13, 300, 190, inr))) == expected


def test_a_fall_to_the_baseline_takes_the_finding_away():
    found = changes(VIGNETTES["1 progressive CLD"][0])
    assert "INR 1.4 or less would no longer show the pattern." in found["next_draw", "none"].text
    for inr, expected in [(1.4, "none"), (1.5, "possible"), (1.7, "established"), (2.1, "critical")]:
        assert grade(and_then("1 progressive CLD", draw(575, 34, 41, inr))) == expected


def test_two_laboratories_ask_for_a_repeat_where_the_comparison_began():
    found = changes(VIGNETTES["11 two laboratories"][0])
    assert found["baseline_laboratory", "none"].text == (
        "A repeat in A, where the comparison began (29 May 2025), with ALT and AST as now and INR 1.6 or "
        "less would no longer show the pattern."
    )
    assert {"R7", "R8"} <= set(found["baseline_laboratory", "none"].sources)
    for inr, expected in [(1.6, "none"), (1.7, "possible"), (2.1, "critical")]:
        assert grade(and_then("11 two laboratories", draw(148, 58, 60, inr, laboratory="A"))) == expected


@pytest.mark.parametrize("name", ["7 warfarin started", "one draw"])
def test_what_never_showed_the_pattern_is_not_said_to_lose_it(name):
    given = VIGNETTES[name][0] if name in VIGNETTES else case(draw(0, 88, 71, 1.2))
    texts = [change.text for change in what_would_change(given, interpret(given))]
    assert any("show no dissociation" in text for text in texts)
    assert not any("no longer" in text for text in texts)


def test_warfarin_confirmed_stopped_would_make_the_inr_readable():
    given = VIGNETTES["7 warfarin started"][0]
    found = changes(given)
    assert found["stop_confirmed", "critical"].text == (
        "Warfarin confirmed stopped and a draw 7 days later (7 Jul 2025), with ALT and AST as now: "
        "INR 2.1 or more would make it critical."
    )
    stop = replace(given.events[0], ended_at=given.as_of, stop_confirmed=True)
    for days, inr, expected in [
        (187.6, 2.6, "critical"),
        (187.6, 1.5, "established"),
        (187.6, 1.2, "none"),
        (186, 2.6, "not_interpretable"),
    ]:
        later = and_then("7 warfarin started", draw(days, 44, 38, inr))
        assert grade(replace(later, events=(stop,))) == expected


def test_a_stop_that_lies_ahead_is_not_known():
    """Today's record says when warfarin ended; a page of an earlier day must not use it."""
    given = VIGNETTES["7 warfarin started"][0]
    ahead = replace(given.events[0], ended_at=given.as_of + timedelta(days=1), stop_confirmed=True)
    other = replace(given, events=(ahead,))
    assert changes(other) == changes(given)


def test_excluding_the_cause_behind_two_doubts_would_establish():
    found = changes(VIGNETTES["9a cholestasis and antibiotics"][0])
    assert (
        found["exclude", "established"].text == "Excluding “Vitamin K deficiency” would make it established."
    )
    given = VIGNETTES["9a cholestasis and antibiotics"][0]
    for cause, expected in [("vitamin_k_deficiency", "established"), ("antibiotics", "possible")]:
        review = Review(cause, "excluded", given.as_of)
        assert grade(and_then("9a cholestasis and antibiotics", reviews=[review])) == expected


def test_two_causes_are_named_where_one_does_not_do():
    given = and_then("9a cholestasis and antibiotics", events=[Event("nac", at(13.9))])
    text = changes(given)["exclude", "established"].text
    assert (
        text == "Excluding “Vitamin K deficiency” and “N-acetylcysteine infusion” would make it established."
    )


@pytest.mark.parametrize(("inr", "expected"), [(1.5, "none"), (1.6, "possible"), (1.9, "established")])
def test_vitamin_k_would_settle_it_either_way(inr, expected):
    found = changes(VIGNETTES["9a cholestasis and antibiotics"][0])
    assert "INR down to 1.5 or less after 24 hours" in found["vitamin_k_fall", "none"].text
    assert "INR unchanged (1.9)" in found["vitamin_k_none", "established"].text
    dose = Event("vitamin_k", at(14.5), route="iv")
    assert (
        grade(and_then("9a cholestasis and antibiotics", draw(15.5, 80, 76, inr), events=[dose])) == expected
    )


@pytest.mark.parametrize("inr", [1.4, 1.5])
def test_vitamin_k_is_not_asked_about_at_an_inr_that_cannot_answer(inr):
    given = case(draw(0, 880, 640, 1.2), draw(12, 300, 190, inr))
    assert not {kind for kind, _ in changes(given)} & {"vitamin_k_fall", "vitamin_k_none"}


def test_after_plasma_the_next_draw_waits_until_its_effect_is_over():
    found = changes(VIGNETTES["8 plasma given"][0])
    assert "Once the effect of blood products is over (4 Jan 2025)" in found["after_products", "none"].text
    assert grade(and_then("8 plasma given", draw(3, 480, 300, 1.6))) == "none"
    assert grade(and_then("8 plasma given", draw(3, 480, 300, 1.8))) == "possible"


@pytest.mark.parametrize(("inr", "expected"), [(1.4, "attribution"), (1.5, "grade")])
def test_encephalopathy_makes_it_critical_from_its_own_limit(inr, expected):
    given = case(draw(0, 880, 640, 1.2), draw(12, 300, 190, inr))
    change = next(c for c in what_would_change(given, interpret(given)) if c.kind == "encephalopathy")
    assert change.axis == expected


def test_albumin_is_wanted_where_it_was_measured_at_the_baseline():
    measured = {"albumin": 40, "bilirubin_total": 20}
    draws = [draw(0, 210, 180, 1.2, **measured), draw(7, 130, 110, 1.5), draw(14, 80, 76, 1.7)]
    given = case(*draws, diagnoses=["fontan"])
    change = changes(given)["albumin", "established"]
    assert "Albumin at or below 37 g/L beside the latest draw, with bilirubin above 20 µmol/L" in change.text
    for albumin, expected in [(38, "possible"), (37, "established")]:
        low = draw(14, 80, 76, 1.7, albumin=albumin, bilirubin_total=21)
        assert grade(case(*draws[:2], low, diagnoses=["fontan"])) == expected


def test_a_single_draw_asks_for_a_second():
    given = case(draw(0, 880, 640, 1.2))
    assert [change.to_grade for change in changes(given).values()] == ["none"]
    assert ("second_draw", "none") in changes(given)


@pytest.mark.parametrize(
    "given",
    [
        case(),
        case(draw(0, 100)),
        case(draw(0, inr=1.5)),
        replace(VIGNETTES["1 progressive CLD"][0], died_on=at(547).date()),
    ],
    ids=["no draws", "no INR", "no enzymes", "died"],
)
def test_nothing_is_said_where_nothing_can_be(given):
    assert what_would_change(given, interpret(given)) == ()


def test_the_clock_is_today_where_the_latest_draw_is_old():
    given = replace(VIGNETTES["1 progressive CLD"][0], as_of=at(900))
    assert "20 Jun 2027" in changes(given)["next_draw", "none"].text


def test_point_of_care_is_answered_by_a_laboratory():
    poc = draw(12, 300, 190, None)
    poc = replace(poc, results=(*poc.results, Result("INR", 1.4, method="point_of_care")))
    given = case(draw(0, 880, 640, 1.2), draw(6, 500, 400, 1.2), poc)
    for change in what_would_change(given, interpret(given)):
        assert all(d.result("INR").method == "" for d in change.case.draws if d.id.startswith("next"))


def test_the_most_useful_comes_first_and_few_are_shown():
    order = load("changes")["order"]
    for vignette, *_ in VIGNETTES.values():
        found = what_would_change(vignette, interpret(vignette))
        assert len(found) <= LIMITS.shown
        ranks = [(AXES.index(change.axis), order.index(change.kind)) for change in found]
        assert ranks == sorted(ranks)


def test_every_kind_has_its_words():
    assert set(load("changes")["order"]) == set(load("changes")["change"])


def test_the_json_is_plain():
    given = VIGNETTES["5 DILI, two draws"][0]
    first = as_json(what_would_change(given, interpret(given)))[0]
    assert set(first) == {
        "kind", "text", "axis", "before", "after", "from_grade", "to_grade", "sources", "draws"
    }  # fmt: skip


@settings(max_examples=60)
@given(cases)
def test_no_record_crashes_it_and_no_change_is_none(given):
    report = interpret(given)
    for change in what_would_change(given, report):
        then = interpret(change.case).dissociation
        assert getattr(then, change.axis) == change.after != change.before
        assert change.text.endswith(".") and "{" not in change.text and change.sources
