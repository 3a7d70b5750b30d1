"""Published figures of the INR: to the population they came from, and to nobody else."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given

from interpretation import Diagnosis, Event, Review, interpret
from tests.interpretation.rule.test_dissociation_properties import cases
from tests.interpretation.vignettes import VIGNETTES, at, case, draw

DRAWS = (draw(0, 112, 98, 1.2), draw(182, 74, 70, 1.4), draw(365, 48, 52, 1.8))


def outlook(*draws, **rest):
    return interpret(case(*(draws or DRAWS), **{"diagnoses": ["cirrhosis"], **rest})).prognosis


def said(found):
    return {figure.id: figure.text for figure in found.figures}


@pytest.mark.parametrize(
    ("disease", "inr", "reached"),
    [
        ("cirrhosis", 1.5, False),
        ("cirrhosis", 1.6, True),
        ("cirrhosis", 1.7, True),
        ("advanced_fibrosis", 1.6, False),
        ("advanced_fibrosis", 1.7, True),
        ("advanced_fibrosis", 1.8, True),
    ],
)
def test_the_band_belongs_to_the_disease(disease, inr, reached):
    found = outlook(draw(0, 112, 98, 1.2), draw(365, 48, 52, inr), diagnoses=[disease])
    text = said(found)["S9"]
    assert ("is at or above" in text) is reached
    assert ("is below" in text) is not reached
    assert ("S12" in said(found)) is reached


def test_with_cirrhosis_and_fibrosis_recorded_cirrhosis_counts():
    text = said(outlook(diagnoses=["advanced_fibrosis", "cirrhosis"]))["S9"]
    assert "1.6" in text and "patients with cirrhosis" in text


@pytest.mark.parametrize(("inr", "shown"), [(2.0, False), (2.1, True), (2.2, True)])
def test_the_15_percent_are_shown_from_inr_2_1(inr, shown):
    found = outlook(draw(0, 112, 98, 1.2), draw(365, 48, 52, inr))
    assert ("S15" in said(found)) is shown


@pytest.mark.parametrize(
    ("disease", "ratio"),
    [("cirrhosis", "1.06 (95% CI 1.04 to 1.07)"), ("advanced_fibrosis", "1.09 (95% CI 1.06 to 1.12)")],
)
def test_the_hazard_ratio_is_that_of_the_disease_with_its_interval_and_doubt(disease, ratio):
    text = said(outlook(diagnoses=[disease]))["S12"]
    assert ratio in text and "could not be verified" in text
    assert "per 0.1" not in text


def test_every_figure_asks_whether_the_patient_is_in_hospital():
    for vignette in ("2 ACLF", "12 burnt-out cirrhosis"):
        for figure in interpret(VIGNETTES[vignette][0]).prognosis.figures:
            assert figure.text.startswith("If this patient is in hospital")


def test_the_population_is_named_beside_the_figures():
    found = outlook()
    assert found.applies and "2,567" in found.population and "not recorded" in found.population


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"diagnoses": ["masld"]}, "neither cirrhosis nor advanced fibrosis is recorded"),
        ({"diagnoses": []}, "neither cirrhosis nor advanced fibrosis is recorded"),
        ({"birth_date": date(2008, 1, 2)}, "they do not hold for a child"),
        ({"birth_date": None}, "the birth date is not recorded"),
        ({"events": [Event("transplant", at(-400))]}, "the liver is a transplant"),
        ({"events": [Event("pregnancy", at(300))]}, "the patient is pregnant"),
        (
            {"events": [Event("vka", at(340), label="Warfarin")]},
            "an anticoagulant is or was lately taken (Warfarin",
        ),
        ({"events": [Event("vka", at(-40), label="Warfarin")]}, "cannot be read as liver function (Warfarin"),
        ({"reviews": [Review("nac", "contributing", at(300))]}, "judged to contribute"),
    ],
)
def test_each_condition_that_fails_is_named_and_no_figure_shown(change, because):
    found = outlook(**change)
    assert not found.applies and not found.figures and not found.population
    assert found.words.startswith("Published INR figures were not derived in patients like this one, because")
    assert because in found.words


@pytest.mark.parametrize(("born", "applies"), [(date(2008, 1, 1), True), (date(2008, 1, 2), False)])
def test_adults_from_their_18th_birthday(born, applies):
    """The last draw is on 1 January 2026."""
    assert outlook(birth_date=born).applies is applies


def test_one_draw_has_no_figures():
    assert outlook(draw(0, 112, 98, 2.4)).unmet == ("no INR can be read against an earlier one",)


def test_two_laboratories_have_no_figures_and_no_omen():
    found = outlook(draw(0, 130, 120, 1.4, laboratory="A"), draw(120, 58, 60, 1.8, laboratory="B"))
    assert "different laboratories" in found.words
    assert found.meaning is None


def test_an_inr_that_answered_to_vitamin_k_has_no_figures():
    found = outlook(
        draw(0, 112, 98, 1.2),
        draw(198, 50, 50, 2.6),
        draw(200, 45, 45, 1.7),
        events=[Event("vitamin_k", at(198.5), route="iv")],
    )
    assert "after vitamin K" in found.words


def test_a_resolved_diagnosis_is_not_the_population():
    given = case(*DRAWS)
    resolved = Diagnosis("advanced_fibrosis", date(2010, 1, 1), date(2020, 1, 1))
    assert not interpret(replace(given, diagnoses=(resolved,))).prognosis.applies


def test_open_causes_make_the_figures_conditional():
    found = outlook(diagnoses=["cirrhosis", "cholestasis"])
    assert found.applies and "cholestasis" in found.provided
    assert outlook().provided == ""


def test_several_failing_conditions_are_all_named():
    found = outlook(diagnoses=[], birth_date=date(2015, 1, 1), events=[Event("transplant", at(-400))])
    assert len(found.unmet) == 3


@pytest.mark.parametrize(
    ("draws", "said"),
    [(DRAWS, True), ((draw(0, 112, 98, 1.7), draw(365, 48, 52, 1.7)), False)],
)
def test_the_omen_is_said_of_a_rise_only(draws, said):
    assert (outlook(*draws).meaning is not None) is said


def test_the_statements_are_cited_in_the_report():
    report = interpret(VIGNETTES["2 ACLF"][0])
    found = {s.id: s for s in report.statements if s.section == "prognosis"}
    assert set(found) == {"S9", "S12", "S14", "S15"}
    assert all("R2" in found[id].sources for id in ("S9", "S12", "S15"))


@given(cases)
def test_no_figure_without_its_population(case):
    found = interpret(case).prognosis
    kinds = {d.kind for d in case.diagnoses}
    if found.figures:
        assert kinds & {"cirrhosis", "advanced_fibrosis"}
        assert not any(e.kind == "transplant" for e in case.events)
    assert found.applies is not bool(found.unmet)


def test_of_the_dead_nothing_is_foretold():
    living = case(*DRAWS, diagnoses=["cirrhosis"])
    found = interpret(replace(living, died_on=living.as_of.date())).prognosis
    assert (found.applies, found.figures, found.meaning) == (False, (), None)
    assert found.words.endswith("because the patient has died.")
    assert interpret(replace(living, died_on=living.as_of.date() + timedelta(days=1))).prognosis.applies


def test_enzymes_that_were_quiet_have_not_improved():
    falling = outlook()
    flat = outlook(draw(0, 28, 25, 1.2), draw(182, 27, 24, 1.4), draw(365, 26, 25, 1.8))
    assert falling.meaning.id == "S14" and flat.meaning is None
