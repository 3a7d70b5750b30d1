"""The second reading gives what clinical.md prints: the vignettes of 4.3 and the vectors of 4.4 a to g."""

import pytest

from tests.interpretation.alternative import second_reading
from tests.interpretation.alternative.record import read_record
from tests.interpretation.alternative.vitamin_k import trials
from tests.interpretation.json_cases import case, clock, dated, draw, event, stamp
from tests.interpretation.vectors import (
    ANTIBIOTIC,
    BEFORE,
    CHOLESTATIC,
    CIRRHOSIS,
    CLD,
    HOUR,
    QUIET,
    TRIALS,
    URGENCY,
    WARFARIN,
    mg_dl,
    quiet,
    rows,
)

ACLF = [
    draw(day, alt=alt, ast=ast, inr=inr, bilirubin=mg_dl(bilirubin))
    for day, alt, ast, inr, bilirubin in (
        (0, 420, 610, 1.6, 9),
        (3, 260, 340, 1.9, 12),
        (6, 140, 170, 2.2, 15),
        (10, 82, 110, 2.6, 18),
    )
]
FAILING = rows(
    (0, 9200, 11800, 3.1), (0.75, 6900, 6400, 3.9), (1.5, 5000, 3500, 4.6), (2.25, 3700, 2000, 5.2)
)
# name -> (case, grade, base grade, regime or "")
VIGNETTES = {
    "1 progressive": (
        case(
            *rows((0, 112, 98, 1.2), (182, 74, 70, 1.3), (365, 48, 52, 1.5), (547, 34, 41, 1.7)),
            diagnoses=CLD,
        ),
        *("established", "established", "chronic"),
    ),
    "2 ACLF": (
        case(
            *ACLF,
            diagnoses=CIRRHOSIS,
            events=(event("ascites", 6), event("encephalopathy", 10, grade=1)),
        ),
        *("critical", "established", "acute"),
    ),
    "3 post-acute, failing": (
        case(*FAILING, events=(event("encephalopathy", 2.25, grade=2),)),
        *("critical", "established", "acute"),
    ),
    "4 post-acute, recovering": (
        case(*rows((0, 2600, 2100, 1.6), (3, 1900, 1200, 1.4), (7, 900, 420, 1.2), (14, 310, 120, 1.1))),
        *("none", "none", ""),
    ),
    "5 DILI, two draws": (case(*rows((0, 880, 640, 1.2), (12, 300, 190, 1.4))), "possible", "possible", ""),
    "6 noise": (
        case(*rows((0, 64, 52, 1.2), (180, 52, 47, 1.3), (360, 49, 45, 1.2)), diagnoses=CLD),
        *("none", "none", ""),
    ),
    "7 warfarin": (
        case(
            *rows((0, 120, 90, 1.1), (90, 70, 60, 1.2), (180, 44, 38, 2.6)),
            events=(event("vka", 159, label="Warfarin"),),
        ),
        *("not_interpretable", "not_interpretable", ""),
    ),
    "8 plasma": (
        case(
            *rows((0, 1500, 1900, 1.9), (1, 900, 800, 2.3), (2, 480, 300, 1.6)),
            events=(event("plasma", 1.5),),
        ),
        *("critical", "possible", ""),
    ),
    "9a cholestasis, antibiotics": (
        case(*CHOLESTATIC, diagnoses=("cholestasis",), events=(ANTIBIOTIC,)),
        *("possible", "possible", ""),
    ),
    "9b then vitamin K": (
        case(
            *CHOLESTATIC,
            *rows((16, 72, 70, 1.2)),
            diagnoses=("cholestasis",),
            events=(ANTIBIOTIC, event("vitamin_k", 14.1, route="iv")),
        ),
        *("none", "none", ""),
    ),
    "10 Fontan": (
        case(*rows((0, 96, 84, 1.2), (180, 60, 58, 1.3), (360, 44, 46, 1.5)), diagnoses=("fontan",)),
        *("possible", "possible", ""),
    ),
    "11 two laboratories": (
        case(
            *rows((0, 130, 120, 1.4), laboratory="A"),
            *rows((120, 58, 60, 1.8), laboratory="B"),
        ),
        *("possible", "possible", ""),
    ),
    "12 burnt out": (
        case(*rows((0, 28, 30, 1.2), (190, 24, 29, 1.4), (380, 22, 27, 1.6)), diagnoses=CIRRHOSIS),
        *("established", "established", ""),
    ),
}


@pytest.mark.parametrize("name", VIGNETTES)
def test_vignettes(name):
    patient, grade, base, regime = VIGNETTES[name]
    found = second_reading(patient)
    assert (found["grade"], found["base_grade"]) == (grade, base)
    assert regime in ("", found["detail"]["regime"])


# ALT, INR -> grade: the boundary lines of 4.3. Draws 60 days apart unless days are named.
BOUNDARIES = [
    ([(0, 100, 1.2), (60, 50, 1.4)], "possible", "falling"),
    ([(0, 100, 1.2), (60, 51, 1.4)], "possible", "probably_falling"),
    ([(0, 100, 1.2), (60, 63, 1.4)], "none", "not_falling"),
    ([(0, 100, 1.4), (60, 40, 1.6)], "none", "falling"),
    ([(0, 100, 1.1), (60, 40, 1.2)], "none", "falling"),
    ([(0, 120, 1.2), (60, 80, 1.6), (120, 40, 1.5)], "possible", "falling"),
    ([(0, 100, 1.2)], "not_assessable", ""),
    ([(0, 5000, 1.8), (0.4, 3900, 2.2), (0.8, 2400, 2.7)], "critical", "falling"),
]


@pytest.mark.parametrize(("found", "grade", "state"), BOUNDARIES)
def test_boundary_lines(found, grade, state):
    answer = second_reading(case(*(draw(day, alt=alt, inr=inr) for day, alt, inr in found)))
    assert (answer["grade"], answer["detail"]["transaminase_state"]) == (grade, state)


def test_normalised_alt_is_possible():
    assert grade_of(case(draw(0, alt=58, inr=1.2), draw(60, alt=34, inr=1.4))) == "possible"


def test_acute_course_under_24_h_has_base_possible():
    found = second_reading(case(*(draw(d, alt=a, inr=i) for d, a, i in BOUNDARIES[-1][0])))
    assert found["base_grade"] == "possible"
    assert set(found["detail"]["critical_for"]) == {"inr_limit", "fast"}


def grade_of(patient):
    return second_reading(patient)["grade"]


# --- 4.4 a ------------------------------------------------------------------------------------------------


def test_crp_tube_moves_no_time():
    crp = {"taken_at": stamp(clock("10:00")), "results": [{"analyte": "crp", "value": 5, "unit": "mg/L"}]}
    events = (event("vka", clock("09:00"), label="Warfarin"),)
    found = second_reading(case(BEFORE, draw(0, alt=900, inr=2.3), crp, events=events))
    assert (found["grade"], found["detail"]["inr_to"]) == ("critical", 2.3)


def test_plasma_divides_a_group():
    events = (event("plasma", clock("09:00")),)
    draws = (BEFORE, draw(0, alt=900, inr=2.3), draw(clock("11:00"), alt=880, inr=1.4))
    found = second_reading(case(*draws, events=events))
    assert (found["grade"], found["detail"]["inr_to"]) == ("critical", 2.3)
    assert [(i.value, i.masked) for i in read_record(case(*draws, events=events)).inrs[1:]] == [
        (2.3, False),
        (1.4, True),
    ]


def test_repeats_are_one_draw_the_last():
    record = read_record(case(draw(0, alt=900, inr=2.3), draw(clock("10:00"), inr=2.2)))
    assert [i.value for i in record.inrs] == [2.2]


def test_flagged_sample_leaves():
    draws = (BEFORE, draw(0, alt=900, inr=2.3), draw(clock("10:00"), inr=6.0))
    events = (event("bad_sample", clock("10:00"), label="clotted"),)
    found = second_reading(case(*draws, events=events))
    assert (found["grade"], found["detail"]["inr_to"]) == ("critical", 2.3)


def test_repeats_run_from_their_first_value():
    record = read_record(case(*(draw(h / 24, alt=100, inr=1 + h / 10) for h in (0, 3, 5))))
    assert [i.value for i in record.inrs] == [1.3, 1.5]


def test_higher_of_one_minute_counts():
    record = read_record(case(draw(0, inr=2.3), draw(0, inr=2.6)))
    assert [i.value for i in record.inrs] == [2.6]


def test_haematocrit_spoils_an_inr_within_4_h():
    record = read_record(case(draw(0, inr=2.3), draw(4 / 24, haematocrit=0.56), draw(8.1 / 24, inr=1.2)))
    assert [i.value for i in record.inrs] == [1.2]


def test_enzyme_serves_two_inrs_and_counts_once_in_the_trend():
    draws = [*rows((0, 400, None, 1.2), (30, 190, None, 1.5)), draw(60.5, inr=1.8), draw(61.2, inr=1.9)]
    found = second_reading(case(*draws, draw(61, alt=150), diagnoses=CLD))
    assert (found["grade"], found["detail"]["caps"]) == ("established", ())
    fewer = second_reading(case(draws[0], *draws[2:], draw(61, alt=150), diagnoses=CLD))
    assert (fewer["grade"], fewer["detail"]["caps"]) == ("possible", ("trend",))


def test_draw_of_unknown_hour_never_counts_in_the_acute_window():
    known = (draw(0, alt=5000, inr=1.8), draw(2, alt=2000, inr=2.3))
    assert second_reading(case(*known))["detail"]["regime"] == "acute"
    assert second_reading(case(known[0], dated(known[1])))["grade"] == "not_assessable"


def test_draw_of_unknown_hour_is_not_read_under_a_drug_of_its_day():
    draws = (draw(0, alt=900, inr=1.2), dated(draw(30, alt=300, inr=1.8)))
    assert grade_of(case(*draws)) == "possible"
    assert grade_of(case(*draws, events=(event("doac", 30.1),))) == "not_interpretable"
    assert grade_of(case(*draws, events=(event("doac", 31.1),))) == "possible"


# --- 4.4 b ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ast", [(35, 38, 40), (35, 38, 41), (35, 38, 48)])
def test_near_normal_enzymes_are_quiet(ast):
    found = second_reading(quiet(1.3, 1.7, 2.4, ast=ast))
    assert (found["grade"], found["base_grade"]) == ("critical", "established")


def test_enzymes_that_are_not_quiet_leave_it_to_the_urgency():
    found = second_reading(quiet(1.3, 1.7, 2.4, ast=(35, 38, 60)))
    assert (found["grade"], found["urgency"]) == ("none", "today")


@pytest.mark.parametrize(("inrs", "grade"), QUIET)
def test_quiet_table(inrs, grade):
    assert grade_of(quiet(*inrs)) == grade


def test_windows_nest():
    """Two draws a month apart rise, but not above the median of the 18 months."""
    known = [(0, 20, None, 1.7), (100, 20, None, 1.6), (200, 20, None, 1.7), (300, 20, None, 1.4)]
    draws = rows(*known, (330, 20, None, 1.7))
    assert grade_of(case(*draws[3:], diagnoses=CIRRHOSIS)) == "possible"
    assert grade_of(case(*draws, diagnoses=CIRRHOSIS)) == "none"


def test_another_laboratory_escalates_only_at_half_above_the_median():
    for last, grade in ((2.2, "possible"), (2.3, "critical")):
        draws = [*rows((0, 20, None, 1.5), (90, 20, None, 1.5)), *rows((180, 20, None, last), laboratory="B")]
        assert grade_of(case(*draws, diagnoses=CIRRHOSIS)) == grade


# --- 4.4 c ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", URGENCY)
def test_urgency(name):
    patient, level = URGENCY[name]
    assert second_reading(patient)["urgency"] == level


def test_urgency_that_has_aged_says_what_it_was():
    found = second_reading(URGENCY["critical, last draw 20 days old"][0])
    assert found["reasons"] == ["was_today"]


def test_inr_of_5_under_warfarin_is_24_to_48_h():
    for inr, level in ((5.0, "24_to_48_h"), (4.9, "routine")):
        patient = case(*rows((-30, 30, None, 2.5), (0, 30, None, inr)), events=(WARFARIN,))
        assert second_reading(patient)["urgency"] == level


def test_halved_inr_with_nothing_given():
    draws = rows((-1, 90, None, 1.2), (0, 90, None, 3.0), (0.9, 88, None, 1.4))
    found = second_reading(case(*draws))
    assert (found["urgency"], found["reasons"]) == ("24_to_48_h", ["halved"])
    given = second_reading(case(*draws, events=(event("vitamin_k", 0.1, route="iv"),)))
    assert "halved" not in given["reasons"]


def reasons(patient):
    return second_reading(patient)["detail"]["all"]


def test_plasma_does_not_hide_how_soon():
    draws = rows((-300, 30, None, 1.3), (0, 30, None, 2.6), (0.5, 30, None, 1.2))
    assert second_reading(case(*draws, events=(event("plasma", 0.2),)))["urgency"] == "today"


def test_second_high_inr_supports_a_slow_rise():
    slow = [(0, 30, None, 1.7), (180, 30, None, 1.9), (360, 30, None, 2.0), (540, 30, None, 2.2)]
    assert "rising_supported" not in reasons(case(*rows(*slow)))
    assert reasons(case(*rows(*slow, (545, 30, None, 2.3))))["rising_supported"] == "today"


def test_repeat_does_not_unmake_an_organ_failure():
    first, again = draw(100, alt=30, inr=1.2, creatinine=200), draw(103, alt=30, inr=1.2, creatinine=210)
    for before, fails in ((100, True), (155, True), (156, False)):
        old = draw(0, alt=30, inr=1.2, creatinine=before)
        for later in ([first], [first, again]):
            assert ("organ_failure" in reasons(case(old, *later, diagnoses=CIRRHOSIS))) == fails


def test_old_encephalopathy_counts_only_while_it_is_recorded():
    def patient(start, end=None):
        return case(draw(0, alt=30, inr=1.6), events=(event("encephalopathy", start, end, grade=1),))

    counts = [("encephalopathy" in reasons(p)) for p in (patient(-27), patient(-29), patient(-29, -6))]
    assert counts == [True, False, True]


def test_another_laboratory_is_repeated_rather_than_today():
    def patient(last):
        draws = [*rows((0, 90, None, 1.5), (90, 90, None, 1.5)), *rows((180, 90, None, last), laboratory="B")]
        return second_reading(case(*draws))["urgency"]

    assert [patient(last) for last in (2.2, 2.3)] == ["24_to_48_h", "today"]


def test_limit_of_inr_is_lower_under_18():
    draws = rows((0, 90, None, 1.4), (90, 90, None, 2.0))
    levels = [
        second_reading(case(*draws, birth_date=born))["urgency"] for born in ("1965-05-05", "2012-01-01")
    ]
    assert levels == ["1_to_2_weeks", "today"]


def test_point_of_care_inr_is_never_the_last_one():
    draws = [*rows((0, 120, None, 1.2)), *rows((60, 50, None, 2.4), method="point_of_care")]
    found = second_reading(case(*draws))
    assert (found["grade"], found["urgency"]) == ("not_assessable", "routine")


def test_grade_is_withheld_for_14_days_after_a_transplant():
    draws = rows((0, 900, None, 1.6), (2, 300, None, 2.4))
    found = second_reading(case(*draws, events=(event("transplant", -1),)))
    assert found["grade"] == "not_assessable"
    assert "post_acute" not in found["detail"]["all"]
    assert grade_of(case(*draws, events=(event("transplant", -13),))) == "critical"


# --- 4.4 d ------------------------------------------------------------------------------------------------


def test_normal_inr_is_readable_under_a_drug():
    draws = rows((0, 120, None, 1.1), (90, 70, None, 1.2), (180, 44, None, 1.2))
    assert grade_of(case(*draws, events=(event("doac", 150),))) == "none"


def test_vka_counts_from_24_h_after_its_first_dose():
    draws = rows((0, 900, None, 1.2), (10, 300, None, 1.8))
    for start, grade in ((9.01, "possible"), (9.0, "not_interpretable")):
        assert grade_of(case(*draws, events=(event("vka", start),))) == grade


def test_bad_sample_stays_hard():
    draws = rows((0, 120, None, 1.1), (90, 70, None, 1.2), (180, 44, None, 1.2))
    assert grade_of(case(*draws, events=(event("bad_sample", 180),))) == "not_interpretable"


# --- 4.4 e ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after", "kind"), TRIALS)
def test_vitamin_k_trials(before, after, kind):
    draws = [draw(-HOUR, inr=before), *(draw(h * HOUR, inr=inr) for h, inr in after)]
    (trial,) = trials(read_record(case(*draws, events=(event("vitamin_k", 0, route="iv"),))))
    assert trial.kind == kind


def test_trial_while_recovering_is_not_readable():
    draws = [
        draw(-1, alt=5096, inr=2.6),
        draw(-HOUR, alt=4000, inr=2.2),
        *(draw(h * HOUR, alt=3000, inr=inr) for h, inr in ((18, 2.4), (28, 2.1), (54, 1.4))),
    ]
    (trial,) = trials(read_record(case(*draws, events=(event("vitamin_k", 0, route="iv"),))))
    assert trial.kind == "not_readable"


def test_plasma_between_dose_and_answer_is_not_readable():
    draws = (draw(-HOUR, inr=2.4), draw(1, inr=1.5))
    events = (event("vitamin_k", 0, route="iv"), event("plasma", 0.4))
    (trial,) = trials(read_record(case(*draws, events=events)))
    assert trial.kind == "not_readable"


def test_doses_within_72_h_are_one_trial_and_oral_ones_none():
    doses = tuple(event("vitamin_k", d, route="iv") for d in (0, 3, 6)) + (
        event("vitamin_k", 20, route="oral"),
    )
    draws = (draw(-HOUR, inr=2.4), draw(1, inr=1.5), draw(19.9, inr=2.0), draw(21, inr=1.3))
    (trial,) = trials(read_record(case(*draws, events=doses)))
    assert trial.dose.isoformat() == "2025-01-01T08:00:00+00:00"


def test_response_withdraws_all_but_encephalopathy():
    draws = rows((0, 900, None, 1.2), (10, 500, None, 2.6), (11.1, 300, None, 1.7))
    dose = event("vitamin_k", 10.1, route="iv")
    assert grade_of(case(*draws, events=(dose,))) == "none"
    found = second_reading(case(*draws, events=(dose, event("encephalopathy", 10, grade=1))))
    assert (found["grade"], found["base_grade"]) == ("critical", "possible")


# --- 4.4 f and g ------------------------------------------------------------------------------------------


def test_improving_bilirubin_caps():
    def patient(bilirubin):
        return case(
            draw(0, alt=112, inr=1.2, bilirubin=100),
            draw(182, alt=74, inr=1.3),
            draw(365, alt=34, inr=1.6, bilirubin=bilirubin),
            diagnoses=CLD,
        )

    assert [grade_of(patient(b)) for b in (58.4, 58.3)] == ["established", "possible"]


def test_cholestasis_is_no_post_acute_injury():
    draws = [{**d, "results": [*d["results"]]} for d in CHOLESTATIC]
    draws[-1]["results"].append({"analyte": "bilirubin_total", "value": 110, "unit": "umol/L"})
    found = second_reading(case(*draws, diagnoses=("cholestasis",), events=(ANTIBIOTIC,)))
    assert "post_acute" not in found["detail"]["all"]
    without = second_reading(case(*draws, events=(ANTIBIOTIC,)))
    assert "post_acute" in without["detail"]["all"]


def test_hepatitis_b_with_new_ascites_is_aclf():
    drawn = draw(0, alt=60, inr=1.7, bilirubin=120)
    found = second_reading(case(drawn, diagnoses=("hepatitis_b",), events=(event("ascites", -2),)))
    assert (found["urgency"], found["reasons"]) == ("today", ["aclf"])
