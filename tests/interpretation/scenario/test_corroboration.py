"""Albumin, platelets and bilirubin beside the verdict: each tested by its own reference change."""

from dataclasses import replace

import pytest
from hypothesis import given

from interpretation import Event, interpret
from interpretation.corroboration import STATES
from tests.interpretation.rule.test_dissociation_properties import cases
from tests.interpretation.vignettes import VIGNETTES, at, case, draw

FIRST = {"albumin": 40, "platelets": 200, "bilirubin_total": 20}


def strip(first=None, last=None, *middle, **rest):
    """A chronic pattern over 365 days with the given markers at its ends."""
    draws = (draw(0, 112, 98, 1.2, **(first or {})), *middle, draw(365, 40, 45, 1.6, **(last or {})))
    return interpret(case(*draws, **{"diagnoses": ["cirrhosis"], **rest})).corroboration


def states(found):
    return {marker.key: marker.state for marker in found.markers}


def of(found, key):
    return next(marker for marker in found.markers if marker.key == key)


# Reference changes, one-sided 95%: albumin -7.2/+7.7 %, platelets -16.7/+20.1 %, bilirubin -41.6/+71.1 %.
@pytest.mark.parametrize(
    ("key", "last", "state", "direction"),
    [
        ("albumin", 37.2, "within", "level"),
        ("albumin", 37.1, "agrees", "down"),
        ("albumin", 43.0, "within", "level"),
        ("albumin", 43.1, "disagrees", "up"),
        ("platelets", 167, "within", "level"),
        ("platelets", 166, "agrees", "down"),
        ("platelets", 240, "within", "level"),
        ("platelets", 241, "disagrees", "up"),
        ("bilirubin_total", 34, "within", "level"),
        ("bilirubin_total", 34.4, "agrees", "up"),
        ("bilirubin_total", 12, "within", "level"),
        ("bilirubin_total", 11.5, "disagrees", "down"),
        ("albumin", None, "not_measured", ""),
        ("platelets", None, "not_measured", ""),
        ("bilirubin_total", None, "not_measured", ""),
    ],
)
def test_each_marker_is_tested_by_its_own_variation(key, last, state, direction):
    found = of(strip(FIRST, {} if last is None else {key: last}), key)
    assert (found.state, found.direction) == (state, direction)


def test_the_summary_counts_and_names_what_is_missing():
    found = strip(FIRST, {"albumin": 33, "bilirubin_total": 60}, draw(153, platelets=180))
    assert found.summary == "2 of 3 agree, platelets not measured for 7 months."


@pytest.mark.parametrize(
    ("last", "summary"),
    [
        ({"albumin": 33, "platelets": 120, "bilirubin_total": 60}, "3 of 3 agree."),
        (
            {"albumin": 46, "platelets": 190, "bilirubin_total": 60},
            "1 of 3 agrees, albumin moved the other way, platelets within expected variation.",
        ),
        (
            {"albumin": 40, "platelets": 200, "bilirubin_total": 20},
            "0 of 3 agree, albumin, platelets and bilirubin within expected variation.",
        ),
    ],
)
def test_the_summary_says_what_each_does(last, summary):
    assert strip(FIRST, last).summary == summary


def test_never_measured_is_said():
    assert (
        strip().summary
        == "None of the three can be compared: albumin, platelets and bilirubin never measured."
    )


@pytest.mark.parametrize(("hours", "state"), [(47, "agrees"), (48, "agrees"), (49, "not_measured")])
def test_a_value_belongs_to_the_draw_within_48_hours(hours, state):
    late = draw(365 + hours / 24, albumin=30)
    given = case(draw(0, 112, 98, 1.2, albumin=40), draw(365, 40, 45, 1.6), late, diagnoses=["cirrhosis"])
    assert of(interpret(given).corroboration, "albumin").state == state


def test_a_marker_measured_once_in_a_short_window_is_not_compared_with_itself():
    once = draw(0.5, 500, 500, 1.9, platelets=90)
    found = interpret(case(draw(0, 900, 900, 1.5), once, draw(1, 300, 300, 2.4))).corroboration
    assert of(found, "platelets").state == "not_measured"
    assert "platelets measured only once near the two draws" in found.summary


@pytest.mark.parametrize("value", [0, 20])
def test_a_bound_or_a_zero_is_not_compared(value):
    given = case(draw(0, 112, 98, 1.2, bilirubin_total=value), draw(365, 40, 45, 1.6, bilirubin_total=60))
    if value:
        first = given.draws[0]
        results = tuple(
            replace(r, comparator="<") if r.analyte == "bilirubin_total" else r for r in first.results
        )
        given = replace(given, draws=(replace(first, results=results), given.draws[1]))
    found = of(interpret(given).corroboration, "bilirubin_total")
    assert found.state == "not_measured" and "cannot be compared" in found.words


@pytest.mark.parametrize(("days", "noted"), [(13, True), (14, True), (15, False)])
def test_an_albumin_infusion_is_noted_for_14_days(days, noted):
    events = [Event("albumin_infusion", at(365 - days))]
    found = of(strip(FIRST, {"albumin": 39}, events=events), "albumin")
    assert any("infused" in note for note in found.notes) is noted


def test_an_infusion_before_the_first_value_is_noted():
    found = of(strip(FIRST, {"albumin": 30}, events=[Event("albumin_infusion", at(-2))]), "albumin")
    assert "less than it looks" in found.notes[0]


@pytest.mark.parametrize(("days", "noted"), [(2, True), (3, True), (4, False)])
def test_a_platelet_transfusion_is_noted(days, noted):
    found = of(strip(FIRST, {"platelets": 190}, events=[Event("platelets", at(365 - days))]), "platelets")
    assert bool(found.notes) is noted


@pytest.mark.parametrize(("other", "noted"), [("B", True), ("a ", False), ("", False)])
def test_two_laboratories_are_noted(other, noted):
    given = case(
        draw(0, 112, 98, 1.2, laboratory="A", albumin=40),
        draw(365, 40, 45, 1.6, laboratory=other, albumin=30),
    )
    found = of(interpret(given).corroboration, "albumin")
    assert any("two laboratories" in note for note in found.notes) is noted


def test_values_of_the_old_liver_are_not_compared():
    given = case(
        draw(-1, albumin=20),
        draw(1, 300, 280, 1.2),
        draw(30, 100, 90, 1.5, albumin=35),
        events=[Event("transplant", at(0))],
    )
    assert of(interpret(given).corroboration, "albumin").state == "not_measured"


@pytest.mark.parametrize(
    ("days", "albumin", "noted"), [(19, 30, True), (20, 30, False), (19, 40, False), (19, 45, False)]
)
def test_a_fall_of_albumin_within_days_is_not_failing_synthesis_alone(days, albumin, noted):
    given = case(draw(0, 900, 900, 1.5, albumin=40), draw(days, 300, 300, 2.0, albumin=albumin))
    notes = of(interpret(given).corroboration, "albumin").notes
    assert any("half-life" in note for note in notes) is noted


# --- portal hypertension ---


@pytest.mark.parametrize(
    ("platelets", "words"),
    [
        (180, None),
        (160, "150 or more"),
        (150, "150 or more"),
        (149, "below 150"),
        (None, None),
    ],
)
def test_falling_platelets_hint_at_portal_hypertension(platelets, words):
    found = strip(FIRST, {} if platelets is None else {"platelets": platelets}).hint
    assert (found is None) is (words is None)
    if words:
        assert "may mean portal hypertension" in found.text and words in found.text
        assert {"S18", "R43"} <= set(found.sources)


def test_no_hint_without_a_rising_inr_or_after_acute_injury():
    flat = case(draw(0, 112, 98, 1.2, platelets=200), draw(365, 40, 45, 1.2, platelets=100))
    acute = case(draw(0, 3000, 2500, 1.4, platelets=200), draw(4, 900, 500, 2.0, platelets=100))
    assert interpret(flat).corroboration.hint is None
    assert interpret(acute).corroboration.hint is None


# --- without a window ---


def test_on_warfarin_the_markers_are_compared_over_18_months():
    given = case(
        draw(0, 120, 90, 1.1, albumin=42),
        draw(180, 44, 38, 2.6, albumin=33),
        events=[Event("vka", at(20), label="Warfarin")],
    )
    found = interpret(given).corroboration
    assert of(found, "albumin").state == "agrees"
    assert "18 months" in found.window
    assert found.summary.startswith("1 of 3 worsened")


@pytest.mark.parametrize("draws", [(), (draw(0, 112, 98, 1.2, albumin=30),)])
def test_with_nothing_to_compare_that_is_said(draws):
    found = interpret(case(*draws)).corroboration
    assert found.summary.startswith("Nothing to compare yet") and not found.markers


@given(cases)
def test_states_arrows_and_draws_belong_together(case):
    found = interpret(case).corroboration
    ids = {d.id for d in case.draws}
    for marker in found.markers:
        assert marker.state in STATES and marker.words and marker.sources
        assert bool(marker.arrow) is (marker.state != "not_measured")
        assert set(marker.draws) <= ids


def test_the_vignette_of_acute_on_chronic_failure_agrees_by_bilirubin():
    found = interpret(VIGNETTES["2 ACLF"][0]).corroboration
    assert states(found)["bilirubin_total"] == "agrees"
