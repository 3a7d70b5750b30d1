"""The product gives what clinical.md 4.4 prints: its vectors, its limits below, at and above, and the cases
in which it was mended against the second reading."""

import json
from pathlib import Path

import pytest

from interpretation.__main__ import answers
from tests.interpretation.alternative import second_reading
from tests.interpretation.compare import product_reading
from tests.interpretation.json_cases import case, clock, dated, draw, event, stamp
from tests.interpretation.vectors import (
    ANTIBIOTIC,
    BEFORE,
    CHOLESTATIC,
    CIRRHOSIS,
    HOUR,
    QUIET,
    TRIALS,
    URGENCY,
    WARFARIN,
    quiet,
    rows,
)

SETTLED = Path(__file__).parent.parent / "settled.jsonl"


def read(patient):
    """What `python -m interpretation` answers."""
    (answer,) = answers(json.dumps(patient))
    return answer


def graded(patient):
    found = read(patient)["dissociation"]
    return found["grade"], found["base_grade"]


def level(patient):
    return read(patient)["urgency"]["level"]


def kinds(patient):
    """The kind of every trial of vitamin K that could be read, else its state."""
    trials = read(patient)["vitamin_k"]
    return [(t["response"] or {}).get("kind", t["state"]) for t in trials]


# --- a: each result keeps its own time ---

AT_EIGHT = draw(0, alt=900, inr=2.3)
CRP = {"taken_at": stamp(clock("10:00")), "results": [{"analyte": "crp", "value": 5, "unit": "mg/L"}]}
SAME_DAY = {
    "CRP tube after warfarin": (case(BEFORE, AT_EIGHT, CRP, events=(event("vka", clock("09:00")),)), 2.3),
    "plasma between": (
        case(
            BEFORE,
            AT_EIGHT,
            draw(clock("11:00"), alt=880, inr=1.4),
            events=(event("plasma", clock("09:00")),),
        ),
        2.3,
    ),
    "repeat": (case(BEFORE, AT_EIGHT, draw(clock("10:00"), inr=2.2)), 2.2),
    "clotted repeat": (
        case(BEFORE, AT_EIGHT, draw(clock("10:00"), inr=6.0), events=(event("bad_sample", clock("10:00")),)),
        2.3,
    ),
}


@pytest.mark.parametrize("name", SAME_DAY)
def test_each_result_keeps_its_time(name):
    patient, inr = SAME_DAY[name]
    found = read(patient)["dissociation"]
    assert (found["grade"], found["inr_to"]) == ("critical", inr)


def test_masked_repeat_is_said():
    reasons = read(SAME_DAY["plasma between"][0])["dissociation"]["reasons"]
    assert "before_masking" in [reason["code"] for reason in reasons]


def test_repeats_are_one_draw():
    assert read(SAME_DAY["repeat"][0])["dissociation"]["paired_draws"] == 2


@pytest.mark.parametrize(("minutes", "inr"), [(239, 2.2), (240, 2.2), (241, 2.2)])
def test_repeat_within_4_hours_replaces_the_first(minutes, inr):
    """At 4 h 1 min both stand, and the later one is the latest all the same."""
    found = read(case(BEFORE, AT_EIGHT, draw(minutes / 1440, inr=inr)))["dissociation"]
    assert (found["inr_to"], found["paired_draws"]) == (inr, 2 if minutes <= 240 else 3)


# --- b: quiet enzymes ---


@pytest.mark.parametrize("ast", [(35, 38, 40), (35, 38, 41), (35, 38, 48), (35, 38, 50)])
def test_near_normal_enzymes_are_quiet(ast):
    assert graded(quiet(1.3, 1.7, 2.4, ast=ast)) == ("critical", "established")


# Beyond the reference change above the median; below, at and above 1.5 times the limit.
@pytest.mark.parametrize(
    ("ast", "quiet_too"), [((35, 36, 51), False), ((50, 50, 59), True), ((50, 50, 60), False)]
)
def test_limits_of_quiet(ast, quiet_too):
    patient = quiet(1.3, 1.7, 2.4, ast=ast)
    assert (graded(patient)[0], level(patient)) == ("critical" if quiet_too else "none", "today")


def test_enzymes_that_are_not_quiet_leave_it_to_the_urgency():
    patient = quiet(1.3, 1.7, 2.4, ast=(35, 38, 60))
    found = read(patient)
    assert (found["dissociation"]["grade"], found["urgency"]["level"]) == ("none", "today")
    assert found["dissociation"]["headline"] == "INR rising, not this pattern"


BOUNDARIES = [
    # Two draws: 15 %, 0.2 and 1.3.
    ((1.0, 1.2), "none"),
    ((1.0, 1.3), "possible"),
    ((1.3, 1.5), "possible"),
    ((1.4, 1.6), "none"),
    # Three: z/a 1.25 and z - a 0.3.
    ((1.2, 1.3, 1.5), "established"),
    ((1.3, 1.4, 1.6), "possible"),
    ((1.1, 1.2, 1.3), "possible"),
    # Four: a rise of the line is enough; tau 0.67 of four, 0.33 is below 0.6.
    ((1.3, 1.4, 1.5, 1.6), "established"),
    ((1.3, 1.5, 1.4, 1.6), "established"),
    ((1.5, 1.3, 1.3, 1.6), "possible"),
    ((1.4, 1.4, 1.5, 1.5), "none"),
]


@pytest.mark.parametrize(("inrs", "grade"), [*QUIET, *BOUNDARIES])
def test_quiet_table(inrs, grade):
    assert graded(quiet(*inrs))[0] == grade


@pytest.mark.parametrize(("last", "grade"), [(2.0, "possible"), (2.1, "critical"), (2.2, "critical")])
def test_critical_inr(last, grade):
    assert graded(quiet(1.7, last))[0] == grade


def test_windows_nest():
    known = [(0, 20, None, 1.7), (100, 20, None, 1.6), (200, 20, None, 1.7), (300, 20, None, 1.4)]
    draws = rows(*known, (330, 20, None, 1.7))
    assert graded(case(*draws[3:], diagnoses=CIRRHOSIS))[0] == "possible"
    assert graded(case(*draws, diagnoses=CIRRHOSIS))[0] == "none"


@pytest.mark.parametrize(("last", "grade"), [(2.24, "possible"), (2.25, "critical"), (2.26, "critical")])
def test_another_laboratory_escalates_only_at_half_above_the_median(last, grade):
    draws = [*rows((0, 20, None, 1.5), (90, 20, None, 1.5)), *rows((180, 20, None, last), laboratory="B")]
    assert graded(case(*draws, diagnoses=CIRRHOSIS))[0] == grade


# --- c: urgency ---


@pytest.mark.parametrize("name", URGENCY)
def test_urgency(name):
    patient, expected = URGENCY[name]
    assert level(patient) == expected


def first_seen(inr, **values):
    return case(draw(0, alt=30, inr=inr, **values))


def known_for_long(inr, **values):
    """The INR is not new: nothing but what is asked makes it urgent."""
    older = [draw(-100 * k, alt=30, inr=inr) for k in (3, 2, 1)]
    return case(*older, draw(0, alt=30, inr=inr, **values), diagnoses=CIRRHOSIS)


def stepped(first, last):
    return case(draw(-300, alt=30, inr=last), draw(-2, alt=30, inr=first), draw(0, alt=30, inr=last))


def after_peak(times, days):
    return case(draw(-days, alt=40 * times, inr=1.5), draw(0, alt=90, inr=1.5))


def aged(days, last=2.4):
    return case(draw(0, alt=30, inr=last, bilirubin=190), diagnoses=CIRRHOSIS, as_of=stamp(days))


def on_warfarin(inr):
    return case(*rows((-30, 30, None, 2.5), (0, 30, None, inr)), events=(WARFARIN,))


def up_in_28_days(bilirubin):
    older = [draw(-100, alt=30, inr=1.5), draw(-20, alt=30, inr=1.5, bilirubin=100)]
    return case(*older, draw(0, alt=30, inr=1.5, bilirubin=bilirubin), diagnoses=CIRRHOSIS)


LEVELS = {
    "first seen 1.4": (first_seen(1.4), "routine"),
    "first seen 1.5": (first_seen(1.5), "1_to_2_weeks"),
    "first seen 1.6": (first_seen(1.6), "1_to_2_weeks"),
    "first seen 2.4": (first_seen(2.4), "1_to_2_weeks"),
    "first seen 2.5": (first_seen(2.5), "today"),
    "first seen 2.6": (first_seen(2.6), "today"),
    "first seen 1.5, bilirubin 85.4": (first_seen(1.5, bilirubin=85.4), "1_to_2_weeks"),
    "first seen 1.5, bilirubin 85.5": (first_seen(1.5, bilirubin=85.5), "24_to_48_h"),
    "first seen 1.5, bilirubin 85.6": (first_seen(1.5, bilirubin=85.6), "24_to_48_h"),
    "known 1.5, bilirubin 200": (known_for_long(1.5, bilirubin=200), "routine"),
    "up by 0.4 in 48 h": (stepped(1.6, 2.0), "routine"),
    "up by 0.5 in 48 h": (stepped(1.5, 2.0), "today"),
    "up by 0.6 in 48 h": (stepped(1.4, 2.0), "today"),
    "bilirubin up by 49": (up_in_28_days(149), "routine"),
    "bilirubin up by 50": (up_in_28_days(150), "24_to_48_h"),
    "bilirubin up by 51": (up_in_28_days(151), "24_to_48_h"),
    "bilirubin up by 71 %": (up_in_28_days(171), "24_to_48_h"),
    "bilirubin up by 72 %": (up_in_28_days(172), "today"),
    "warfarin, INR 4.9": (on_warfarin(4.9), "routine"),
    "warfarin, INR 5.0": (on_warfarin(5.0), "24_to_48_h"),
    "warfarin, INR 5.1": (on_warfarin(5.1), "24_to_48_h"),
    "peak of 9.9 times": (after_peak(9.9, 20), "4_weeks"),
    "peak of 10 times": (after_peak(10, 20), "24_to_48_h"),
    "peak 28 days ago": (after_peak(20, 28), "24_to_48_h"),
    "peak 29 days ago": (after_peak(20, 29), "4_weeks"),
    "14 days without a result": (aged(14), "24_to_48_h"),
    "15 days without a result": (aged(15), "1_to_2_weeks"),
    "548 days without a result": (aged(548), "1_to_2_weeks"),
    "549 days without a result": (aged(549), "routine"),
}


@pytest.mark.parametrize("name", LEVELS)
def test_limits_of_urgency(name):
    patient, expected = LEVELS[name]
    assert level(patient) == expected


@pytest.mark.parametrize(("bedside", "fails"), [(2.1, True), (2.2, False), (2.3, False)])
def test_a_bedside_inr_is_an_older_result_of_an_organ_failure(bedside, fails):
    drawn = draw(0, method="point_of_care", inr=bedside), draw(200, inr=2.6)
    reasons = read(case(*drawn, diagnoses=CIRRHOSIS))["urgency"]["reasons"]
    assert ("organ_failure" in [reason["code"] for reason in reasons]) == fails


@pytest.mark.parametrize(("hours", "expected"), [(0, "today"), (1, "routine")])
def test_an_inr_of_another_laboratory_is_older_only_where_it_was_drawn_before(hours, expected):
    other = draw(-hours * HOUR, laboratory="B", inr=2.3)
    assert level(case(other, draw(0, alt=30, inr=2.6))) == expected


@pytest.mark.parametrize(("hours", "expected"), [(23, "routine"), (24, "24_to_48_h"), (25, "24_to_48_h")])
def test_an_inr_without_an_hour_may_stand_under_what_counts_from_that_day(hours, expected):
    """The antagonist counts from 24 h on: from the last minutes of the day, or from after it."""
    end_of_day = clock("23:59", 1)
    dose = event("vka", end_of_day - hours * HOUR)
    drawn = dated(draw(1, inr=6.5))
    known = draw(-1, inr=6.4), draw(0, inr=6.4)
    assert level(case(*known, drawn, events=(dose,), as_of=stamp(2))) == expected


# The last draw is of the bedside and 280 days later: what it can be compared with does not bear on the one before.
@pytest.mark.parametrize(("days", "grade"), [(360, "possible"), (548, "possible"), (549, "not_assessable")])
def test_a_masked_rise_has_its_own_18_months(days, grade):
    last = draw(days + 280, method="point_of_care", alt=30, inr=1.9)
    drawn = [*rows((0, 120, None, 1.2), (days, 40, None, 1.8)), last]
    assert graded(case(*drawn, events=(event("plasma", days - 0.5),)))[0] == grade


def test_critical_four_days_ago_is_said():
    assert read(URGENCY["critical, last draw 20 days old"][0])["urgency"]["was"] == "today"


# --- d: drugs that only raise INR ---


@pytest.mark.parametrize(("last", "grade"), [(1.1, "none"), (1.2, "none"), (1.3, "not_interpretable")])
def test_a_normal_inr_is_readable_under_a_drug(last, grade):
    draws = rows((0, 120, None, 1.1), (90, 70, None, 1.2), (180, 44, None, last))
    assert graded(case(*draws, events=(event("doac", 150),)))[0] == grade


@pytest.mark.parametrize(
    ("hours", "grade"), [(23.9, "possible"), (24, "not_interpretable"), (25, "not_interpretable")]
)
def test_a_vitamin_k_antagonist_counts_from_24_hours(hours, grade):
    draws = rows((0, 900, None, 1.2), (10, 300, None, 1.8))
    assert graded(case(*draws, events=(event("vka", 10 - hours * HOUR),)))[0] == grade


# --- e: trials of vitamin K ---


def trial(before, after, *events):
    draws = [draw(-HOUR, inr=before), *(draw(h * HOUR, inr=inr) for h, inr in after)]
    return case(*draws, events=(event("vitamin_k", 0, route="iv"), *events))


# Fall of 10 %, of 30 %, to 1.5 with 20 %; 12, 48 and 72 hours; a rebound of 7 days.
TRIAL_LIMITS = [
    (2.0, [(24, 1.81)], "non_responder"),
    (2.0, [(24, 1.8)], "partial"),
    (2.0, [(24, 1.79)], "partial"),
    (3.0, [(24, 2.11)], "partial"),
    (3.0, [(24, 2.1)], "responder"),
    (3.0, [(24, 2.09)], "responder"),
    (1.9, [(24, 1.51)], "partial"),
    (1.9, [(24, 1.5)], "responder"),
    (1.875, [(24, 1.5)], "responder"),
    (1.86, [(24, 1.5)], "partial"),
    (2.4, [(11.9, 1.2)], "missed"),
    (2.4, [(12, 1.2)], "responder"),
    (2.4, [(48, 1.2), (60, 2.0)], "rebound"),
    (2.4, [(72, 1.2)], "responder"),
    (2.4, [(72.1, 1.2)], "missed"),
    (2.4, [(24, 1.2), (24 + 168, 1.4)], "rebound"),
    (2.4, [(24, 1.2), (24 + 168.1, 1.4)], "responder"),
]


@pytest.mark.parametrize(("before", "after", "kind"), [*TRIALS, *TRIAL_LIMITS])
def test_vitamin_k_trials(before, after, kind):
    assert kinds({**trial(before, after), "as_of": stamp(20)}) == [kind]


def test_later_fall_fits_recovery():
    text = read(trial(2.2, [(18, 2.4), (28, 2.1), (54, 1.4)]))["vitamin_k"][0]["text"]
    assert "fits recovery" in text


def test_trial_while_recovering_is_not_readable():
    draws = [
        draw(-1, alt=5096, inr=2.6),
        draw(-HOUR, alt=4000, inr=2.2),
        *(draw(h * HOUR, alt=3000, inr=inr) for h, inr in ((18, 2.4), (28, 2.1), (54, 1.4))),
    ]
    assert kinds(case(*draws, events=(event("vitamin_k", 0, route="iv"),))) == ["unreadable"]


def test_plasma_between_dose_and_answer_is_not_readable():
    assert kinds(trial(2.4, [(24, 1.5)], event("plasma", 0.4))) == ["unreadable"]


@pytest.mark.parametrize(("hours", "kind"), [(-55, "responder"), (-29, "unreadable"), (1, "unreadable")])
def test_plasma_since_the_inr_before_the_dose_spoils_the_trial(hours, kind):
    draws = draw(-30 * HOUR, inr=3.0), draw(48 * HOUR, inr=2.0)
    given = event("vitamin_k", 0, route="iv"), event("plasma", hours * HOUR)
    assert kinds(case(*draws, events=given)) == [kind]


@pytest.mark.parametrize(("hours", "trials"), [(71, 1), (72, 1), (73, 2)])
def test_doses_within_72_hours_are_one_trial(hours, trials):
    again = event("vitamin_k", hours * HOUR, route="iv")
    assert len(kinds({**trial(2.4, [(24, 1.5)], again), "as_of": stamp(20)})) == trials


def test_a_response_withdraws_all_but_encephalopathy():
    draws = rows((0, 900, None, 1.2), (10, 500, None, 2.6), (11.1, 300, None, 1.7))
    dose = event("vitamin_k", 10.1, route="iv")
    assert graded(case(*draws, events=(dose,))) == ("none", "none")
    ill = case(*draws, events=(dose, event("encephalopathy", 10, grade=1)))
    assert graded(ill) == ("critical", "possible")


# --- g: scenario ---


def test_cholestasis_is_no_post_acute_injury():
    last = draw(14, alt=80, ast=76, inr=1.9, bilirubin=110)
    draws = (*CHOLESTATIC[:-1], last)
    ill = read(case(*draws, diagnoses=("cholestasis",), events=(ANTIBIOTIC,)))
    assert ill["scenario"]["kind"] != "post_acute"
    assert read(case(*draws, events=(ANTIBIOTIC,)))["scenario"]["kind"] == "post_acute"


def test_hepatitis_b_with_new_ascites_is_aclf():
    drawn = draw(0, alt=60, inr=1.7, bilirubin=120)
    found = read(case(drawn, diagnoses=("hepatitis_b",), events=(event("ascites", -2),)))
    assert (found["scenario"]["kind"], found["urgency"]["level"]) == ("aclf", "today")


# --- What the second reading found ---


@pytest.mark.parametrize(
    "row",
    [json.loads(line) for line in SETTLED.read_text(encoding="utf-8").splitlines()],
    ids=lambda row: row["why"],
)
def test_settled_between_the_two_readings(row):
    patient = {"id": "settled", "draws": [], "events": [], "diagnoses": [], **row["case"]}
    field = row["field"]
    assert product_reading(patient)[field] == second_reading(patient)[field] == row["expected"]
