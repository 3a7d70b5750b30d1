"""Recompensation: the laboratory part at its limits, and what of the clinical part is known or asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from interpretation import Event, interpret
from interpretation.knowledge import load
from interpretation.record.records import Diagnosis
from interpretation.report import as_json
from tests.interpretation.vignettes import at, case, draw

# Reference changes, one-sided 95%: albumin +7.7 %, INR -11 %, bilirubin -41.6 %.
BAD = {"albumin": 25, "bilirubin_total": 120}
GOOD = {"albumin": 40, "bilirubin_total": 20}
ASCITES = Event("ascites", at(-10), at(100))


def values(days, inr=1.2, **changed):
    return draw(days, 30, 30, inr, **(GOOD | changed))


def course(*later, bad=None, **rest):
    """Decompensated on the first day, then these draws; as of a day after the last."""
    draws = (draw(0, 30, 60, 2.0, **(BAD | (bad or {}))), *(later or BETTER))
    given = {"diagnoses": ["cirrhosis"], "events": [ASCITES]} | rest
    return case(*draws, **given)


BETTER = (values(400), values(600), values(770))


def found(*later, **rest):
    return interpret(course(*later, **rest)).recompensation


def state(report, key):
    return next(condition.state for condition in report.clinical if condition.key == key)


def text(report, key):
    return next(c.text for c in (*report.laboratory, *report.clinical) if c.key == key)


def test_the_laboratory_part_is_told_with_its_values():
    report = found()
    assert report.words.startswith("Albumin, INR and bilirubin have stayed better than at the decompensation")
    assert "Baveno VII" in report.words and report.sources == ("R43", "ED")
    assert text(report, "albumin").startswith("Albumin 25 → 40 g/L (1 Jan 2025 to ")
    assert "improved beyond expected variation in each of 3 values since 5 Feb 2026" in text(report, "INR")
    assert len(report.draws) == 4


@pytest.mark.parametrize(
    ("later", "holds"),
    [
        (BETTER, True),
        ((values(400), values(600), values(764)), False),
        ((values(400), values(600), values(765)), True),
        ((values(400), values(770)), False),
        ((values(400, albumin=27), values(600, albumin=27), values(770, albumin=27)), True),
        ((values(400, albumin=26.9), values(600, albumin=26.9), values(770, albumin=26.9)), False),
        ((values(400), values(600, albumin=26), values(770)), False),
        ((values(400, inr=1.7), values(600, inr=1.7), values(770, inr=1.7)), True),
        ((values(400, inr=1.8), values(600, inr=1.8), values(770, inr=1.8)), False),
        ((values(400), values(600), values(770, bilirubin_total=71)), False),
        ((values(400), values(600), values(770, bilirubin_total=69)), True),
    ],
)
def test_each_marker_stays_better_beyond_its_reference_change_for_12_months(later, holds):
    assert bool(found(*later)) is holds


def test_a_marker_that_was_never_wrong_is_kept():
    report = found(bad={"bilirubin_total": 15})
    assert "normal then and in each of 3 values" in text(report, "bilirubin_total")
    assert found(bad={"bilirubin_total": 15, "albumin": 41}).laboratory
    normal = found(bad={"bilirubin_total": 15, "albumin": 41}, events=[Event("ascites", at(390), at(395))])
    assert normal is None, "nothing was ever wrong near the decompensation"


def test_a_marker_that_was_not_measured_tells_nothing():
    assert found(values(400), values(600), draw(770, 30, 30, 1.2, albumin=40)) is None
    assert found(events=[Event("ascites", at(-91), at(100))]) is None
    assert found(events=[Event("ascites", at(-90), at(100))]) is not None


@pytest.mark.parametrize(("days", "holds"), [(183, True), (184, False)])
def test_the_latest_values_are_of_the_last_half_year(days, holds):
    given = replace(course(), as_of=at(770) + timedelta(days=days))
    assert bool(interpret(given).recompensation) is holds


@pytest.mark.parametrize(
    "rest",
    [
        {"events": []},
        {"events": [replace(ASCITES, grade=0)]},
        {"diagnoses": []},
        {"events": [ASCITES, Event("transplant", at(300))]},
    ],
)
def test_it_is_for_known_decompensation_of_this_liver_only(rest):
    assert found(**rest) is None


def test_it_is_not_told_of_the_dead():
    assert interpret(replace(course(), died_on=at(771).date())).recompensation is None


@pytest.mark.parametrize(
    "event",
    [
        Event("vka", at(350), label="Warfarin"),
        Event("plasma", at(769.9)),
        Event("albumin_infusion", at(760)),
        Event("bad_sample", at(600)),
    ],
)
def test_values_that_do_not_stand_for_the_liver_are_left_out(event):
    """Each leaves fewer than three values, or none of 12 months; INR 1.3 is not normal under warfarin."""
    later = (values(400, inr=1.3), values(600, inr=1.3), values(770, inr=1.3))
    assert found(*later) is not None
    assert found(*later, events=[ASCITES, event]) is None


# --- the clinical part ---


@pytest.mark.parametrize(
    ("event", "expected", "words"),
    [
        (ASCITES, "asked", "Ascites over since 11 Apr 2025: also without diuretics?"),
        (replace(ASCITES, ended_at=None), "not_met", "Ascites since 22 Dec 2024: not over for 12 months."),
        (replace(ASCITES, ended_at=at(500)), "not_met", "Ascites until 16 May 2026"),
        (Event("variceal_bleed", at(1)), "met", "Ascites was never recorded."),
    ],
)
def test_ascites_is_over_for_12_months_and_its_treatment_is_asked(event, expected, words):
    report = found(events=[event])
    assert state(report, "ascites") == expected and text(report, "ascites").startswith(words)


def test_an_entry_of_none_ends_what_nobody_ended():
    events = [replace(ASCITES, ended_at=None), Event("ascites", at(200), grade=0)]
    assert state(found(events=events), "ascites") == "asked"


@pytest.mark.parametrize(("days", "expected"), [(300, "asked"), (330, "not_met")])
def test_an_encephalopathy_without_an_end_counts_for_90_days(days, expected):
    events = [ASCITES, Event("encephalopathy", at(days), grade=2)]
    assert state(found(events=events), "encephalopathy") == expected


@pytest.mark.parametrize(("days", "expected"), [(405, "met"), (406, "not_met")])
def test_no_variceal_bleed_for_12_months(days, expected):
    report = found(events=[ASCITES, Event("variceal_bleed", at(days))])
    assert state(report, "variceal_bleed") == expected


def test_the_cause_is_asked_unless_every_recorded_one_is_resolved():
    assert state(found(), "cause") == "asked"
    assert state(found(diagnoses=["cirrhosis", "hepatitis_c"]), "cause") == "asked"
    given = course()
    cured = Diagnosis("hepatitis_c", at(-900).date(), at(200).date())
    report = interpret(replace(given, diagnoses=(*given.diagnoses, cured))).recompensation
    assert text(report, "cause") == "Cause removed: hepatitis C, recorded as resolved."
    assert state(report, "cause") == "met"


def test_the_report_carries_it():
    assert as_json(interpret(course()))["recompensation"]["clinical"][0]["state"] == "asked"
    assert as_json(interpret(course(events=[])))["recompensation"] is None


def test_every_sentence_of_the_file_is_reached():
    events = [
        [],
        [Event("variceal_bleed", at(760)), replace(ASCITES, ended_at=None), Event("encephalopathy", at(760))],
        [Event("encephalopathy", at(20), at(30), grade=1)],
    ]
    said = [c for more in events for c in found(events=[Event("variceal_bleed", at(1)), *more]).clinical]
    said += found().clinical
    keys = {f"{condition.key}_{condition.state}" for condition in said}
    assert keys | {"cause_met"} == set(load("recompensation")["clinical"]) - {"sources"}
