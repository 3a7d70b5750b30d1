"""The grade at each past draw, and the dissociation as a record: every way in which one ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from interpretation import Event, Review, interpret
from interpretation.episodes import as_json, episodes, grades
from interpretation.knowledge import limits, load
from tests.interpretation.rule.test_dissociation_properties import cases
from tests.interpretation.vignettes import VIGNETTES, at, case, draw

LIMITS = limits("episodes")
# Two subacute weeks into a possible finding, one laboratory: ALT 600 -> 250, INR 1.2 -> 1.6.
RISING = (draw(0, 600, 500, 1.2), draw(7, 400, 300, 1.4), draw(14, 250, 180, 1.6))


def told(of):
    return episodes(grades(of).points, of)


def closings(of) -> list[str]:
    return [episode.closing.reason if episode.closing else "open" for episode in told(of)]


def reversed_draws(of):
    return replace(of, draws=tuple(reversed(of.draws)), events=tuple(reversed(of.events)))


# --- grades ---


@pytest.mark.parametrize("name", VIGNETTES)
def test_each_point_is_what_the_page_of_that_moment_says(name):
    of = VIGNETTES[name][0]
    for point in grades(of).points:
        assert point.found == interpret(replace(of, as_of=point.at)).dissociation


def test_one_point_for_each_moment_of_draws():
    of = case(*RISING, draw(14, 251, 181, 1.6, laboratory="M"))
    assert [point.at for point in grades(of).points] == [at(0), at(7), at(14)]


def test_a_point_says_grade_enzyme_and_inr():
    last = grades(case(*RISING)).points[-1]
    assert (last.grade, last.base_grade, last.enzyme, last.inr, last.draw) == (
        "established", "established", "ALT", 1.6, at(14).isoformat(),
    )  # fmt: skip
    assert last.headline in last.sentence


def test_what_is_recorded_later_changes_no_earlier_point():
    stopped = case(*RISING, events=[Event("vka", at(13), at(20), label="Warfarin", stop_confirmed=True)])
    points = grades(stopped).points
    assert [p.grade for p in points][:2] == [p.grade for p in grades(case(*RISING)).points][:2]


@pytest.mark.parametrize(("count", "points", "left_out"), [(150, 150, 0), (151, 76, 75)])
def test_a_long_record_keeps_the_last_draw_of_each_day(count, points, left_out):
    of = case(*(draw(k / 2, 100, 90, 1.1) for k in range(count)))
    found = grades(of)
    assert (len(found.points), found.left_out) == (points, left_out)
    assert found.points[-1].at == of.draws[-1].taken_at


def test_a_very_long_record_keeps_the_newest_days():
    of = case(*(draw(k, 100, 90, 1.1) for k in range(200)))
    found = grades(of)
    assert (len(found.points), found.left_out) == (LIMITS.points, 50)
    assert found.points[0].at == at(50)


# --- episodes ---


def test_an_open_episode_has_its_start_peak_and_nadir():
    (found,) = told(case(*RISING))
    assert (found.started_at, found.recognised_at) == (at(0), at(7))
    assert (found.state, found.ended_at) == ("open", None)
    assert (found.enzyme, found.enzyme_peak, found.enzyme_peak_at) == ("ALT", 600, at(0))
    assert (found.inr_nadir, found.inr_nadir_at, found.inr_peak) == (1.2, at(0), 1.6)
    assert (found.worst, found.worst_at) == ("established", at(14))
    assert found.confirmed_by == (at(14).isoformat(),)


def test_the_nadir_may_lie_after_the_injury_peak():
    draws = (draw(0, 600, 500, 1.3), draw(3, 500, 400, 1.2), *RISING[1:])
    (found,) = told(case(*draws))
    assert (found.inr_nadir, found.inr_nadir_at) == (1.2, at(3))


def test_a_silent_episode_has_no_injury_peak():
    (found,) = told(VIGNETTES["12 burnt-out cirrhosis"][0])
    assert found.enzyme_peak is None
    assert found.injury == "ALT and AST within their limits"


def test_no_pattern_is_no_episode():
    assert told(VIGNETTES["4 post-acute injury, recovering"][0]) == ()
    assert told(VIGNETTES["7 warfarin started"][0]) == ()
    assert told(case()) == ()


def test_worse_is_the_same_episode():
    of = case(*RISING, draw(21, 150, 120, 2.4))
    assert [episode.worst for episode in told(of)] == ["critical"]


@pytest.mark.parametrize(("inr", "expected"), [(1.3, "resolved"), (1.4, "progressed")])
def test_resolved_only_when_inr_is_back(inr, expected):
    """ALT has risen again: the pattern is gone; 1.4 still counts as risen from 1.2."""
    of = case(*RISING, draw(40, 900, 800, inr))
    assert closings(of) == [expected]


def test_progressed_says_that_it_is_no_recovery():
    (found,) = told(case(*RISING, draw(40, 900, 800, 1.7)))
    assert found.closing.text == (
        "The pattern ended but INR has not come back: 1.7, 1.2 before. That is no recovery."
    )
    assert (found.ended_at, found.closing.draws) == (at(40), (at(40).isoformat(),))


def test_an_inr_that_comes_back_later_resolves_it_then():
    of = case(*RISING, draw(40, 900, 800, 1.7), draw(60, 700, 600, 1.2))
    (found,) = told(of)
    assert (found.closing.reason, found.ended_at) == ("resolved", at(60))


def test_recovering_after_an_acute_injury_is_said_to_be_not_yet_normal():
    draws = [draw(0, 6000, 7000, 3.0), draw(1.5, 2800, 2000, 3.0), draw(2.5, 1500, 900, 2.4)]
    (found,) = told(case(*draws))
    assert found.closing.reason == "recovering"
    assert found.closing.text == "INR has come down from 3.0 to 2.4: recovering, and not yet normal."


def test_vitamin_k_explains_it():
    (found,) = told(VIGNETTES["9b then vitamin K"][0])
    assert (found.closing.name, found.ended_at) == ("Explained by a cause", at(16))
    assert found.closing.text == "Vitamin K deficiency: INR fell 1.9 → 1.2 after vitamin K."


def test_a_rise_after_the_answer_to_vitamin_k_is_a_new_episode():
    given = VIGNETTES["9b then vitamin K"][0]
    of = replace(given, draws=(*given.draws, draw(22, 60, 60, 1.8)), as_of=at(23))
    assert closings(of) == ["vitamin_k", "open"]


def test_a_cause_judged_to_contribute_explains_it_once_inr_is_back():
    review = Review("antibiotics", "contributing", at(15))
    of = case(*RISING, draw(40, 200, 150, 1.2), reviews=[review])
    (found,) = told(of)
    assert (found.closing.reason, found.closing.name) == ("explained", "Explained by a cause")
    assert found.closing.text.startswith("Antibiotics, judged to contribute; INR 1.2:")


def test_a_cause_judged_to_contribute_ends_nothing_while_the_pattern_stands():
    of = case(*RISING, draw(20, 200, 150, 1.8), reviews=[Review("antibiotics", "contributing", at(15))])
    assert closings(of) == ["open"]


def test_a_cause_that_contributes_does_not_explain_an_inr_that_stays_high():
    review = Review("antibiotics", "contributing", at(15))
    assert closings(case(*RISING, draw(40, 900, 800, 1.7), reviews=[review])) == ["progressed"]


def test_a_verdict_given_after_the_end_does_not_explain_it():
    of = case(*RISING, draw(40, 200, 150, 1.2), reviews=[Review("antibiotics", "contributing", at(40.2))])
    assert closings(of) == ["resolved"]


@pytest.mark.parametrize(
    "after",
    [(), (draw(40, 900, 800, 1.7),), (draw(60, 40, 35, 1.1),)],
    ids=["open", "progressed", "new liver"],
)
def test_a_transplant_ends_it(after):
    of = case(*RISING, *after, events=[Event("transplant", at(45))], as_of=at(61))
    (found,) = told(of)
    assert (found.closing.reason, found.ended_at) == ("transplanted", at(45))


def test_a_transplant_after_recovery_ended_nothing():
    of = case(*RISING, draw(40, 200, 150, 1.2), events=[Event("transplant", at(45))], as_of=at(61))
    assert closings(of) == ["resolved"]


@pytest.mark.parametrize(
    ("day", "after", "expected"),
    [
        (30, (), "died"),
        (50, (draw(40, 900, 800, 1.7),), "died"),
        (50, (draw(40, 200, 150, 1.2),), "resolved"),
        (14, (), "died"),
        (90, (), "open"),
    ],
    ids=["while it stood", "INR not back", "recovered before", "on the day of the draw", "after the clock"],
)
def test_death_ends_what_had_not_recovered(day, after, expected):
    of = replace(case(*RISING, *after, as_of=at(60)), died_on=at(day).date())
    assert closings(of) == [expected]


@pytest.mark.parametrize(
    ("back", "count"), [(17 + 14, 1), (17 + 14.1, 2)], ids=["14 days later", "more than 14 days later"]
)
def test_a_short_break_does_not_split_an_episode(back, count):
    """Subacute: one draw without the pattern on day 17."""
    slower = (draw(0, 600, 500, 1.2), draw(8, 400, 300, 1.4), draw(16, 250, 180, 1.6))
    of = case(*slower, draw(17, 250, 180, 1.3), draw(back, 240, 170, 1.7))
    assert len(told(of)) == count


def test_a_draw_that_cannot_be_read_does_not_split_an_episode():
    of = case(
        draw(0, 1500, 1900, 1.9),
        draw(1, 900, 800, 2.3),
        draw(2, 480, 300, 1.6),
        draw(4, 300, 200, 2.4),
        events=[Event("plasma", at(1.5))],
    )
    assert closings(of) == ["open"]


def test_an_anticoagulant_begun_later_hides_it_and_does_not_explain_it():
    of = case(*RISING, draw(40, 100, 80, 2.8), events=[Event("vka", at(20), label="Warfarin")])
    assert closings(of) == ["open"]


@pytest.mark.parametrize(("days", "expected"), [(562, []), (563, ["not_followed"])])
def test_eighteen_months_without_a_draw_leave_the_end_unknown(days, expected):
    of = case(*RISING, draw(days, 100, 80, 1.6))
    assert [reason for reason in closings(of) if reason == "not_followed"] == expected


def test_two_episodes_in_time_order():
    second = (draw(400, 500, 400, 1.2), draw(407, 300, 200, 1.5), draw(414, 200, 150, 1.7))
    of = case(*RISING, draw(60, 100, 80, 1.1), *second)
    found = told(of)
    assert [episode.state for episode in found] == ["closed", "open"]
    assert found[1].started_at == at(400)


def test_every_ending_is_said_in_words():
    reasons = load("episodes")["closing"]
    assert {entry["name"] for entry in reasons.values()} == {
        "Resolved", "Explained by a cause", "Progressed", "Transplanted", "Died", "Not followed",
    }  # fmt: skip


def test_the_sentence_and_the_json():
    (found,) = told(case(*RISING))
    assert found.sentence == (
        "Established dissociation, recognised 8 Jan 2025, 08:00, at its worst 15 Jan 2025, 08:00: from ALT "
        "600 U/L on 1 Jan 2025; INR 1.2 on 1 Jan 2025 → 1.6 on 15 Jan 2025. Open."
    )
    (data,) = as_json([found])
    assert (data["state"], data["closing"], data["recognised_at"]) == ("open", None, at(7).isoformat())


@settings(max_examples=60)
@given(cases)
def test_no_record_crashes_it_and_episodes_do_not_overlap(of):
    found = told(of)
    assert found == told(reversed_draws(of))
    for episode in found:
        assert episode.started_at <= episode.recognised_at <= episode.worst_at <= episode.last_shown_at
        assert episode.ended_at is None or episode.ended_at + timedelta(days=1) > episode.last_shown_at
    for one, other in zip(found, found[1:], strict=False):
        assert one.closing and one.last_shown_at < other.recognised_at
