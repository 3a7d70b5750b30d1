"""What the two compared draws hide must be said: each row misled a reader of real records before it was."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from interpretation import Event, Result, interpret
from interpretation.report import brief
from tests.interpretation.vignettes import at, case, draw


def report(*draws, **rest):
    return interpret(case(*draws, **rest))


def reason(found, code: str) -> str:
    return next((r.text for r in found.dissociation.reasons if r.code == code), "")


def said(found, id: str) -> str:
    return next((s.text for s in found.statements if s.id == id), "")


def feature(found, key: str) -> str:
    return next((f.text for f in found.scenario.features if f.key == key), "")


FALL = (draw(0, 60, 60, 1.4), draw(4, 40, 40, 1.6), draw(8, 22, 25, 1.8))


# --- the verdict ---


def test_enzymes_that_rose_after_the_graded_draw_are_in_the_verdict():
    """Graded before plasma, then AST 1,800: the pattern of the day before is not the news."""
    found = report(*FALL, draw(9, 400, 1800, 1.7), events=[Event("plasma", at(8.9))])
    assert found.dissociation.grade == "established"
    assert "Since that draw the enzymes have risen: ALT 22 → 400 U/L (10 Jan 2025) and AST 25 → 1800 U/L" in (
        found.dissociation.sentence
    )
    assert "later_rise" not in [r.code for r in report(*FALL).dissociation.reasons]


@pytest.mark.parametrize(
    ("peak", "latest", "said_so"), [(5.7, 1.7, True), (1.8, 1.7, False), (2.0, 1.7, True), (1.9, 1.7, False)]
)
def test_an_inr_past_its_highest_is_not_told_as_a_rise_alone(peak, latest, said_so):
    found = report(draw(0, 90, 80, 1.1), draw(4, 60, 50, peak), draw(8, 30, 30, latest)).dissociation
    assert found.inr_state == "rise"
    assert (f"INR was {peak} at its highest of these days (5 Jan 2025)" in found.sentence) is said_so


def test_a_fall_under_plasma_is_not_told_as_a_fall():
    found = report(
        draw(0, 90, 80, 1.1), draw(4, 60, 50, 5.7), draw(5, 30, 30, 2.7), events=[Event("plasma", at(4.8))]
    )
    assert "at its highest" not in found.dissociation.sentence


def test_an_inr_read_low_under_plasma_still_counts_as_the_highest():
    """2.7 under plasma was at least 2.7: 1.6 four days later is a fall, and the injury past its worst INR."""
    draws = [draw(0, 22, 20, 1.3), draw(10, 430, 1800, 2.7), draw(14, 350, 900, 1.6)]
    found = report(*draws, events=[Event("plasma", at(9.9))])
    assert "INR was 2.7 at its highest" in found.dissociation.sentence
    assert "it was 2.7 on 11 Jan 2025" in reason(found, "masked_left_out")
    assert (found.scenario.name, found.scenario.outcome) == ("After acute injury, INR past its highest", "")
    assert not feature(found, "post_acute.inr_peaking")


@pytest.mark.parametrize(("latest", "grade"), [(1.6, "none"), (1.8, "possible")])
def test_an_answer_to_vitamin_k_bears_on_the_week_after_it_unless_inr_rises_again(latest, grade):
    draws = [draw(0, 400, 300, 1.5), draw(9, 90, 80, 2.4), draw(11, 60, 50, 1.5), draw(13, 40, 40, latest)]
    dose = Event("vitamin_k", at(9.2), route="iv")
    found = report(*draws, events=[dose]).dissociation
    assert found.grade == grade
    assert ("look for what keeps INR up, the liver included" in str(found.caps)) is (grade == "possible")


def test_a_withdrawn_finding_says_that_the_inr_was_falling_before_the_dose_and_what_came_later():
    draws = [
        draw(0, 900, None, 1.2),
        draw(8, 200, None, 2.9),
        draw(9, 100, None, 2.2),
        draw(11, 60, None, 1.4),
    ]
    found = report(*draws, draw(12, inr=1.5), events=[Event("vitamin_k", at(9.1), route="iv")])
    assert found.dissociation.headline == "Vitamin K-responsive INR"
    assert "already come down from 2.9 (9 Jan 2025) before the dose" in found.dissociation.sentence
    assert "INR now 1.5 (13 Jan 2025)" in found.summary
    assert not reason(found, "past_peak")


def test_a_new_rise_is_not_hidden_by_the_fall_from_an_old_peak():
    """ALT 135, 29, then 120: "135 → 120" alone would call four times the lowest a fall."""
    found = report(draw(0, 135, 60, 1.2), draw(100, 29, 23, 0.9), draw(110, 120, 140, 1.0)).dissociation
    assert "From their lowest ALT 29 → 120 U/L (11 Apr to 21 Apr 2025) and AST 23 → 140 U/L" in found.sentence


@pytest.mark.parametrize(("latest", "named"), [(80, True), (79, False)])
def test_a_rise_to_twice_the_limit_is_a_new_injury_and_a_smaller_one_is_not(latest, named):
    found = report(draw(0, 135, None, 1.2), draw(100, 35, None, 1.0), draw(110, latest, None, 1.0))
    assert ("look for a new injury" in found.dissociation.sentence) is named


def test_a_rise_that_the_compared_draws_show_is_not_said_twice():
    found = report(draw(0, 72, 60, 1.1), draw(150, 247, 200, 1.0)).dissociation
    assert "look for a new injury" not in found.sentence
    assert [r.code for r in found.reasons] == ["not_falling", "risen", "no_rise"]


def test_enzymes_that_part_are_in_the_verdict_with_their_numbers():
    found = report(draw(0, 64, 60, 1.1), draw(400, 26, 102, 1.3)).dissociation
    assert found.headline == "INR rising, not this pattern"
    assert "ALT fell but AST rose, 60 → 102 U/L" in found.sentence


def test_encephalopathy_is_not_named_twice_in_the_verdict():
    draws = [draw(0, 420, 610, 1.6, bilirubin_total=150), draw(10, 82, 110, 2.0, bilirubin_total=300)]
    found = report(*draws, events=[Event("encephalopathy", at(9), grade=2)]).dissociation
    assert found.sentence.endswith(", with encephalopathy grade 2 and bilirubin 300 µmol/L.")


# --- an INR that cannot be read, or has nothing beside it ---


def test_a_pair_older_than_18_months_is_not_called_one_of_the_last_18():
    found = report(draw(0, 28, 24, 2.4), draw(900, inr=7.8)).dissociation
    assert "no paired draw of INR with ALT or AST in the last 18 months" in found.sentence
    assert "The latest INR, 7.8 on 20 Jun 2027, has no ALT or AST near it." in found.why


def test_the_latest_inr_that_cannot_be_read_is_named_paired_or_not():
    warfarin = [Event("vka", at(50), label="Warfarin")]
    found = report(draw(0, 90, 80, 1.1), draw(60, 60, 50, 1.9), draw(70, inr=1.3), events=warfarin)
    assert "the latest INR, 1.3 on 12 Mar 2025, cannot be read" in found.dissociation.sentence


def test_the_latest_inr_is_named_although_the_latest_alt_is_paired_with_an_older_one():
    """INR alone on day 59, INR with ALT on day 60, ALT alone on day 60.3: nearest of what is left pair."""
    draws = [draw(0, 90, 80, 1.1), draw(59, inr=1.6), draw(60, 60, 50, 1.9), draw(60.3, 58, 50)]
    found = report(*draws, events=[Event("vka", at(50), label="Warfarin")]).dissociation
    assert "the latest INR, 1.9 on 2 Mar 2025, cannot be read" in found.sentence
    # The older one, although it is the one paired, does not speak for today: 1.1 would reassure beside 1.9.
    draws[1] = draw(59, inr=1.1)
    found = report(*draws, events=[Event("vka", at(50), label="Warfarin")]).dissociation
    assert "1.9 on 2 Mar 2025" in found.sentence and "1.1" not in found.why


@pytest.mark.parametrize(("inr", "normal"), [(1.2, True), (1.3, False)])
def test_a_normal_inr_under_an_anticoagulant_is_no_sign_of_failure(inr, normal):
    found = report(
        draw(0, 90, 80, 1.1), draw(60, 60, 50, inr), events=[Event("vka", at(50), label="Warfarin")]
    )
    assert found.dissociation.grade == ("none" if normal else "not_interpretable")
    assert ("INR 1.2 is not raised although on Warfarin" in reason(found, "normal_under_drug")) is normal


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([Event("vka", at(50), label="Warfarin")], "Warfarin since 20 Feb 2025)"),
        ([Event("vka", at(-30), label="Warfarin")], "Warfarin since 2 Dec 2024, no stop recorded)"),
        # A later course that ended does not hide the one that nobody ended.
        (
            [Event("vka", at(-30), label="Warfarin"), Event("vka", at(50), at(55), label="Warfarin")],
            "Warfarin since 2 Dec 2024, no stop recorded)",
        ),
        # Read in May: what ended in March is not "since".
        ([Event("doac", at(58), at(62), label="Apixaban")], "Apixaban from 28 Feb 2025 to 4 Mar 2025)"),
        ([Event("doac", at(59.9), at(60.2), label="Apixaban")], "Apixaban on 2 Mar 2025)"),
    ],
)
def test_an_exposure_is_told_as_it_is_known_today(events, words):
    found = report(draw(0, 90, 80, 1.1), draw(60, 60, 50, 1.9), events=events, as_of=at(130)).dissociation
    assert words in found.sentence


@pytest.mark.parametrize(
    ("hours", "draws", "words"),
    [
        (6, (), "wanted from 1 Jan 2025, 22:00 to 4 Jan 2025, 10:00"),
        (30, (), "wanted by 4 Jan 2025, 10:00"),
        (
            30,
            (draw(1, inr=2.0),),
            "INR 2.0 on 2 Jan 2025, 08:00 cannot be read as an answer: Rivaroxaban since",
        ),
    ],
)
def test_a_trial_that_waits_names_its_deadline_and_why_an_inr_is_no_answer(hours, draws, words):
    dose, drug = Event("vitamin_k", at(2 / 24), route="iv"), Event("doac", at(0.5), label="Rivaroxaban")
    as_of = at(hours / 24)
    found = report(draw(-1, inr=3.0), *draws, events=[dose, drug] if draws else [dose], as_of=as_of)
    assert words in found.vitamin_k[0].text


# --- the scenario ---


def test_an_inr_of_before_the_injury_does_not_tell_what_it_did():
    found = report(*FALL, draw(9, 400, 1800, 1.7), events=[Event("plasma", at(8.9))]).scenario
    assert found.name == "Acute injury, outcome not yet told"
    assert "no INR is recorded with or after the peak" in found.words
    assert {f.key for f in found.features} <= {"post_acute.prior", "post_acute.peak", "subtype.r_factor"}


def test_enzymes_that_fall_since_their_peak_are_not_called_standing():
    draws = [draw(0, 22, 20, 1.1), draw(10, 900, 1800), draw(12, 500, 900, 1.6)]
    words = report(*draws).scenario.words
    assert "AST has fallen 1800 → 900 U/L; INR 1.1 → 1.6" in words and "not falling" not in words


@pytest.mark.parametrize(("hours", "told"), [(30, False), (73, True)])
def test_a_slow_fall_is_judged_when_its_72_hours_are_over(hours, told):
    draws = [draw(0, 1500, 3000, 1.6), draw(1, 1400, 2400, 1.7)]
    found = report(*draws, diagnoses=["heart_failure"], as_of=at(hours / 24))
    assert bool(feature(found, "subtype.ischaemic_slow")) is told


@pytest.mark.parametrize(("days", "key"), [(15, "platelets_falling"), (40, "platelets_low")])
def test_platelets_are_consumed_early_after_the_injury_only(days, key):
    draws = [draw(0, 900, 900, 1.6, platelets=260), draw(days, 60, 50, 1.6, platelets=140)]
    assert feature(report(*draws), f"post_acute.{key}")


def test_a_fall_of_platelets_that_stays_above_150_is_no_consumption():
    draws = [draw(0, 900, 900, 1.6, platelets=400), draw(15, 60, 50, 1.6, platelets=151)]
    found = report(*draws)
    assert feature(found, "post_acute.platelets_normal") and not feature(
        found, "post_acute.platelets_falling"
    )


@pytest.mark.parametrize(("ldh", "said"), [(2000, "ALT/LDH 1.50 beside"), (1999, "")])
def test_alt_to_ldh_beside_the_peak_favours_ischaemic_or_paracetamol_injury(ldh, said):
    draws = [draw(0, 3000, 4000, 1.6, LDH=ldh), draw(2, 900, 700, 1.8)]
    text = feature(report(*draws), "subtype.ldh_low")
    assert text.startswith(said) if said else not text
    assert not said or "lactate-to-pyruvate method only" in text


def test_alt_to_ldh_is_read_within_a_day_of_the_peak_only():
    draws = [draw(0, 3000, 4000, 1.6), draw(1.1, 900, 700, 1.8, LDH=5000)]
    assert not feature(report(*draws), "subtype.ldh_low")


@pytest.mark.parametrize(
    ("ck", "limit", "said"), [(1001, None, True), (1000, None, False), (201, 200, True), (200, 200, False)]
)
def test_a_high_ck_says_that_ast_may_be_muscle(ck, limit, said):
    first = draw(0, 900, 1800, 1.6)
    first = replace(first, results=(*first.results, Result("CK", ck, upper_limit=limit)))
    text = feature(report(first, draw(2, 300, 500, 1.6)), "any.muscle")
    assert bool(text) is said
    assert not said or text == f"CK {ck} U/L (1 Jan 2025) is high: part of the AST may come from muscle."


CIRRHOSIS = [draw(0, 112, 98, 1.2), draw(200, 80, 74, 1.3), draw(500, 40, 41, 1.4)]


def test_old_complications_are_no_step_of_these_90_days():
    events = [Event("ascites", at(-100)), Event("encephalopathy", at(-100))]
    found = report(*CIRRHOSIS, diagnoses=["cirrhosis"], events=events)
    assert feature(found, "progressive_cld.clinical_standing") == (
        "Ascites (since 23 Sep 2024), and nothing new in the last 90 days: no step."
    )
    assert "Recorded: ascites (since 23 Sep 2024)." in said(found, "S26")
    assert "Not recorded in the last 90 days: encephalopathy" in said(found, "S26")


def test_a_disease_coded_after_the_injury_is_not_called_known_before():
    given = case(
        draw(0, 2000, 4000, 1.6), draw(5, 300, 400, 2.0), draw(18, 29, 121, 1.9, bilirubin_total=590),
        diagnoses=["cirrhosis"], events=[Event("ascites", at(17))],
    )  # fmt: skip
    given = replace(given, diagnoses=(replace(given.diagnoses[0], noted_on=at(18).date()),))
    text = feature(interpret(given), "aclf.prior")
    assert text.endswith("noted 19 Jan 2025, after the enzymes peaked, and taken to have been there before.")


# --- other sentences ---


@pytest.mark.parametrize(("days", "hint"), [(27, False), (28, True)])
def test_platelets_that_fall_within_days_are_no_hint_of_portal_hypertension(days, hint):
    draws = [draw(0, 120, 90, 1.1, platelets=240), draw(days, 50, 40, 1.5, platelets=120)]
    assert bool(said(report(*draws), "S18")) is hint


@pytest.mark.parametrize(("days", "told"), [(13, False), (14, True)])
def test_a_fall_of_albumin_within_days_is_no_evidence_either_way(days, told):
    draws = [draw(0, 120, 90, 1.1, albumin=40, bilirubin_total=20)]
    draws.append(draw(days, 50, 40, 1.6, albumin=33, bilirubin_total=60))
    assert bool(said(report(*draws), "albumin_falling")) is told


def test_one_value_is_written_one_way_in_one_report():
    """A half goes up, and an INR keeps the decimals with which it was reported."""
    draws = [draw(0, 120, 90, 1.1, albumin=40.5, bilirubin_total=20.5)]
    draws += [draw(18, 60, 50, 2.04, albumin=32.5, bilirubin_total=60.5), draw(20, 50, 40, 1.95)]
    found = report(*draws, events=[Event("vitamin_k", at(18.1), route="iv")])
    answer = next(c for c in found.causes if c.key == "vitamin_k_deficiency").against[0].text
    assert answer.endswith("2.04 → 1.95")
    assert "Albumin fell 41 → 33 g/L" in said(found, "albumin_falling")
    assert "bilirubin rose 21 → 61 µmol/L" in said(found, "albumin_falling")


def test_a_bilirubin_is_told_from_its_lowest_of_two_weeks():
    """487 to 559 in two days is noise; 74 to 559 in two weeks is not."""
    values = [(0, 900, 1.2, 74), (11, 200, 2.2, 487), (13, 100, 1.4, 559)]
    draws = [draw(days, alt, None, inr, bilirubin_total=value) for days, alt, inr, value in values]
    text = reason(report(*draws, events=[Event("vitamin_k", at(11.2), route="iv")]), "not_recovered")
    assert "went on rising, from 74 µmol/L on 1 Jan 2025: together beyond expected variation" in text


def test_a_swing_is_no_slow_drift():
    def drift(middle):
        return said(
            report(draw(-1000, inr=1.0), draw(0, 44, 45, middle), draw(300, 42, 44, 1.3)), "slow_drift"
        )

    assert drift(1.2) and not drift(1.1)


@pytest.mark.parametrize(("days", "told"), [(170, False), (180, True)])
def test_a_short_record_tells_nothing_of_a_lifelong_cause(days, told):
    draws = [draw(when, 20, 20, 1.4, albumin=42) for when in (0, days / 2, days)]
    causes = {cause.key: cause for cause in report(*draws).causes}
    assert ("always_raised" in [e.code for e in causes["factor_vii_deficiency"].evidence]) is told


def test_what_one_laboratory_alone_shows_is_said_although_another_lies_between():
    """clinical.md 4.2 asks for all draws from one laboratory: the cap stays, the numbers are given."""
    draws = [draw(0, 112, 98, 1.2), draw(182, 74, 70, 1.3, laboratory="B"), draw(365, 48, 52, 1.5)]
    found = report(*draws, draw(547, 34, 41, 1.7), diagnoses=["cirrhosis"]).dissociation
    caps = {cap.code: cap.text for cap in found.caps}
    assert found.grade == "possible"
    assert (
        "In the laboratory of the first and the last alone, INR went 1.2 → 1.7 in 3 draws" in caps["method"]
    )


def test_r_is_that_of_the_onset_in_the_scenario_and_in_the_score():
    """At the peak the same injury would be called hepatocellular: two patterns in one report."""
    draws = [draw(0, 150, 90, 1.0, ALP=240), draw(6, 900, 500, 1.1, ALP=150), draw(9, 500, 200, 1.2, ALP=150)]
    found = report(*draws)
    score = found.scores["r_factor"]
    assert (score.value, score.grade) == (1.88, "cholestatic")
    assert feature(found, "subtype.r_factor") == "R 1.9 at the onset of the injury: cholestatic."


@pytest.mark.parametrize(("diagnoses", "unknown"), [([], True), (["heart_failure"], False)])
def test_a_recorded_heart_failure_is_not_denied_before_the_fall_of_ast_is_seen(diagnoses, unknown):
    found = report(draw(0, 2758, 2186, 1.6), draw(1, 2621, 1288, 1.6), diagnoses=diagnoses).scenario
    assert not found.subtype
    assert any("circulatory cause is recorded" in text for text in found.missing) is unknown


def test_an_inr_that_the_verdict_calls_risen_is_not_called_flat_by_the_scenario():
    """Risen over five months, and in truth within ten days: the acute window shows no fall of the enzymes."""
    draws = [
        draw(0, 42, 108, 1.3),
        draw(155, 39, 69, 1.1, creatinine=100),
        draw(165, 35, 64, 1.6, creatinine=495),
    ]
    found = report(*draws, diagnoses=["cirrhosis"])
    assert found.scenario.kind == "aclf" and found.dissociation.inr_state == "rise"
    assert not feature(found, "aclf.inr_flat")
    assert "INR 1.3 → 1.6 in 5 months" in feature(found, "aclf.inr_long")


# --- what to do ---


def now(found) -> list[str]:
    return [s.id for s in found.statements if s.section == "now"]


def test_nothing_is_asked_for_after_death():
    given = replace(case(*FALL), died_on=date(2025, 1, 9))
    assert now(interpret(given)) == ["died"]
    assert not (interpret(given).requests.first or interpret(given).requests.others)
    assert "died" not in now(interpret(replace(given, died_on=date(2025, 1, 10))))


@pytest.mark.parametrize(("days", "old"), [(14, False), (14.5, True)])
def test_a_pressing_pattern_without_a_new_result_asks_to_call(days, old):
    found = report(*FALL, as_of=at(8) + timedelta(days=days))
    assert ("no result since: call" in said(found, "urgency")) is old


@pytest.mark.parametrize(
    ("draws", "events", "level"),
    [
        ((draw(0, 20, 20, 1.0), draw(10, 2758, 2186, 1.6)), [Event("doac", at(9), label="R")], "today"),
        ((draw(0, 2758, 2186),), [], "today"),
        ((draw(0, 20, 20, 1.0), draw(10, 900, 900, 1.1)), [], "routine"),
        # Nine days after the peak INR is normal although the drug raises it.
        ((draw(0, 2758, 2186, 1.6), draw(9, 188, 27, 1.0)), [Event("doac", at(-1), label="R")], "routine"),
        # An INR before the drug, normal, and none with the injury.
        ((draw(0, 20, 20, 1.0), draw(1, 2758, 2186)), [Event("doac", at(-1), label="R")], "routine"),
    ],
)
def test_an_acute_injury_asks_for_encephalopathy_and_soon_for_a_repeat(draws, events, level):
    found = report(*draws, events=events)
    text = said(found, "acute_injury")
    assert (found.urgency.level, "encephalopathy" in text) == (level, True)
    assert ("Repeat ALT, AST, INR" in text) is (level == "routine")


def test_an_old_or_a_recovering_injury_is_not_urgent():
    draws = (draw(0, 2758, 2186, 2.4), draw(3, 900, 500, 1.2))
    assert "until INR is normal" in said(report(draws[0], draw(3, 900, 500, 1.4)), "acute_recovering")
    assert "INR normal again (1.2)" in said(report(*draws), "acute_recovering")
    assert not {"acute_recovering", "acute_injury"} & set(now(report(*draws, as_of=at(15))))


@pytest.mark.parametrize(
    ("draws", "when"),
    [
        ((draw(0, 82, 80, 1.3), draw(60, 80, 80, 1.6)), "within 1 to 2 weeks"),
        # Fifteen days, but after an acute injury.
        ((draw(0, 22, 20, 1.3), draw(12, 430, 1800), draw(15, 316, 623, 1.6)), "within 24 to 48 hours"),
    ],
)
def test_a_rise_alone_is_as_urgent_as_its_course(draws, when):
    found = interpret(case(*draws))
    assert said(found, "urgency").startswith(f"Hepatology review {when}")
    assert said(found, "explain_rise")


@pytest.mark.parametrize(
    "draws",
    [
        # The pattern over five months, no pattern at all, and an acute pattern.
        (draw(0, 42, 108, 1.3), draw(165, 35, 64, 1.6, creatinine=495)),
        (draw(0, 60, 90, 1.6, creatinine=90), draw(9, 60, 90, 1.6, creatinine=300)),
        (draw(0, 200, 200, 1.4), draw(9, 60, 60, 1.8, creatinine=300)),
    ],
)
def test_acute_on_chronic_failure_is_not_left_for_weeks(draws):
    draws = [draw(-10, creatinine=80, bilirubin_total=20), *draws]
    events = [Event("ascites", draws[-1].taken_at - timedelta(days=1))]
    ill = case(*draws, diagnoses=["cirrhosis"], events=events)
    found = interpret(ill)
    assert found.scenario.kind == "aclf" and found.dissociation.grade != "critical"
    assert said(found, "urgency").startswith("Hepatology review today")
    assert "look for the precipitant" in said(found, "X_precipitant")
    # The checklist, and the worklist with it, waits no longer than that.
    assert "every 6-12 h" in found.monitoring.repeat.words
    assert brief(ill).monitoring == found.monitoring


def test_tests_that_came_with_the_draw_are_not_asked_for():
    draws = [replace(d, results=(*d.results, *draw(0, albumin=40, platelets=200).results)) for d in FALL]
    assert said(report(*draws), "S27").startswith(
        "Albumin and platelets are known beside this draw: albumin 40"
    )
    assert said(report(*FALL), "S27") == "Measure albumin and platelets. Neither has ever been measured."


def test_a_repeat_that_was_due_hours_ago_says_so_in_hours():
    found = report(*FALL[:2], draw(8, 22, 25, 2.3), as_of=at(8.65))
    item = next(item for item in found.monitoring.items if item.key == "inr")
    assert item.state == "overdue" and item.words.endswith("; due 4 hours ago.")


@pytest.mark.parametrize(("inr", "told"), [(1.3, True), (1.2, False)])
def test_a_long_inr_is_set_beside_viscoelastic_tests(inr, told):
    text = said(report(draw(0, 30, 30, 1.1), draw(100, 30, 30, inr)), "X_viscoelastic")
    assert text.startswith("Viscoelastic tests are often normal despite a long INR") if told else not text
