"""Vitamin K as a test of the cause: every state of a trial, and an answer that is no recovery."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from interpretation import interpret
from interpretation.record.records import Case, Diagnosis, Event
from interpretation.rule.reading import PreparedCase
from interpretation.rule.recovery import not_recovered
from interpretation.vitamin_k import Response
from tests.interpretation.causes.test_causes_evidence import at, draw, on
from tests.interpretation.vignettes import VIGNETTES

BEFORE = draw(-0.1, INR=3.0)


def dose(days: float = 0.0, route: str = "iv") -> Event:
    return Event("vitamin_k", at(days), route=route)


def case(*draws, events=None, as_of: float = 4.0, diagnoses=()) -> Case:
    return Case(
        at(as_of),
        draws=draws,
        events=tuple([dose()] if events is None else events),
        diagnoses=tuple(map(Diagnosis, diagnoses)),
    )


STATES = [
    ("no dose", case(BEFORE, events=()), None),
    ("by mouth", case(BEFORE, draw(1, INR=1.2), events=[dose(route="oral")]), "Not a test"),
    (
        "under the skin in cholestasis",
        case(BEFORE, draw(1, INR=1.2), events=[dose(route="sc")], diagnoses=["psc"]),
        "Not a test",
    ),
    ("under the skin", case(BEFORE, draw(1, INR=1.2), events=[dose(route="sc")]), "Responder"),
    ("route not recorded", case(BEFORE, draw(1, INR=1.2), events=[dose(route="")]), "Responder"),
    ("window not open yet", case(BEFORE, as_of=0.2), "INR awaited"),
    ("window open", case(BEFORE, as_of=2.9), "INR awaited"),
    ("window passed", case(BEFORE, as_of=3.1), "No INR in time: no inference"),
    ("INR after 11 h", case(BEFORE, draw(11 / 24, INR=2.0)), "No INR in time: no inference"),
    ("INR after 12 h", case(BEFORE, draw(12 / 24, INR=2.0)), "Responder"),
    ("INR after 72 h", case(BEFORE, draw(3, INR=2.0)), "Responder"),
    ("INR after 73 h", case(BEFORE, draw(73 / 24, INR=2.0)), "No INR in time: no inference"),
    ("-30 %", case(BEFORE, draw(1, INR=2.1)), "Responder"),
    ("-29 %", case(BEFORE, draw(1, INR=2.13)), "Partial response"),
    ("-10 %", case(BEFORE, draw(1, INR=2.7)), "Partial response"),
    ("-9 %", case(BEFORE, draw(1, INR=2.73)), "No response"),
    ("to 1.5", case(draw(-0.1, INR=2.0), draw(1, INR=1.5)), "Responder"),
    ("INR before 7 days old", case(draw(-7, INR=3.0), draw(1, INR=2.0)), "Responder"),
    ("INR before 8 days old", case(draw(-8, INR=3.0), draw(1, INR=2.0)), "INR cannot be read: no inference"),
    ("another laboratory", case(BEFORE, draw(1, "M", INR=2.0)), "INR cannot be read: no inference"),
    (
        "point of care",
        case(BEFORE, draw(1, method="point_of_care", INR=2.0)),
        "INR cannot be read: no inference",
    ),
    (
        "plasma between",
        case(BEFORE, draw(1, INR=1.4), events=[dose(), on("plasma", 0.5)]),
        "INR cannot be read: no inference",
    ),
    (
        "warfarin",
        case(BEFORE, draw(1, INR=1.4), events=[dose(), on("vka", -9, label="Warfarin")]),
        "INR cannot be read: no inference",
    ),
    (
        "masked while the window is open",
        case(BEFORE, draw(1, INR=1.4), events=[dose(), on("plasma", 0.5)], as_of=1.5),
        "INR cannot be read: no inference",
    ),
]


@pytest.mark.parametrize(("name", "given", "headline"), STATES, ids=[row[0] for row in STATES])
def test_a_trial_has_a_state(name, given, headline):
    found = PreparedCase(given).trials
    assert (found[0].headline if found else None) == headline
    assert all(trial.text and trial.sources for trial in found)


def test_an_open_window_says_from_when_to_when():
    (trial,) = PreparedCase(case(BEFORE, as_of=0.2)).trials
    assert trial.text == (
        "Vitamin K on 15 Jun 2025, 08:00 (by vein). The next INR is wanted from 15 Jun 2025, 20:00 to "
        "18 Jun 2025, 08:00, in the same laboratory."
    )


def test_a_read_trial_has_its_numbers_dates_and_draws():
    before, first, second = BEFORE, draw(1, INR=2.2), draw(2, INR=1.4)
    (trial,) = PreparedCase(case(before, first, second)).trials
    assert trial.text == (
        "Vitamin K on 15 Jun 2025, 08:00 (by vein): INR 3.0 before (15 Jun 2025, 05:36), 2.2 after 24 h, "
        "1.4 after 48 h (−53 %). Vitamin K deficiency was the main cause of the raised INR."
    )
    assert trial.draws == (before.id, first.id, second.id)


def test_why_an_inr_cannot_be_read_is_said():
    (trial,) = PreparedCase(case(BEFORE, draw(1, INR=1.4), events=[dose(), on("plasma", 0.5)])).trials
    assert trial.text.endswith(
        "1.4 on 16 Jun 2025, 08:00. It cannot be read as an answer: plasma on 15 Jun 2025, 20:00 may have "
        "lowered it."
    )


def test_an_inr_that_was_already_falling_is_said():
    (trial,) = PreparedCase(case(draw(-1, INR=4.0), BEFORE, draw(1, INR=2.0))).trials
    assert "INR had already come down from 4.0 (14 Jun 2025) before the dose" in trial.text
    (steady,) = PreparedCase(case(draw(-1, INR=3.1), BEFORE, draw(1, INR=2.0))).trials
    assert "already" not in steady.text


def test_an_inr_that_rises_again_after_the_window_is_said():
    (trial,) = PreparedCase(case(BEFORE, draw(1, INR=1.4), draw(5, INR=1.9), as_of=6)).trials
    assert trial.kind == "rebound"
    assert trial.text.endswith(
        "INR has risen again since, to 1.9 (20 Jun 2025). A mixed cause: look for what keeps INR up, the liver "
        "included."
    )


def test_doses_of_three_days_are_one_trial_and_a_later_one_another():
    found = PreparedCase(
        case(BEFORE, draw(2, INR=1.4), events=[dose(0), dose(1), dose(2), dose(9)], as_of=9.2)
    ).trials
    assert [(trial.doses, trial.state) for trial in found] == [(1, "waiting"), (3, "read")]


def test_a_later_dose_of_a_course_does_not_restart_the_clock():
    """Two days of vitamin K without an answer, then plasma: the fall after it is not the vitamin's."""
    draws = [draw(-9, ALT=(900, 40), INR=1.2), draw(-0.1, ALT=(700, 40), INR=3.7)]
    draws += [draw(1.7, ALT=(400, 40), INR=5.7), draw(4, ALT=(300, 40), INR=1.9)]
    given = case(*draws, events=[dose(0), dose(1), dose(2), on("plasma", 2.2)], as_of=4.1)
    report = interpret(given)
    assert report.dissociation.vitamin_k.kind == "non_responder"
    assert report.vitamin_k[0].headline == "No response"


@pytest.mark.parametrize("name", ["9b then vitamin K"])
def test_the_tracker_and_the_grade_agree(name):
    report = interpret(VIGNETTES[name][0])
    assert report.vitamin_k[0].response == report.dissociation.vitamin_k


# --- An answer is not a recovery ---


def withdrawn(*, before=None, after=None, events=()):
    """A responder whose other results went from `before` to `after` the dose."""
    draws = [draw(-9, ALT=(900, 40), INR=1.2), draw(-0.1, **{"INR": 3.0, "ALT": (100, 40)} | (before or {}))]
    draws.append(draw(2, **{"INR": 1.4, "ALT": (60, 40)} | (after or {})))
    return interpret(case(*draws, events=[dose(), *events], as_of=2.1)).dissociation


WORSE = [
    ("nothing else measured", {}, {}, (), None),
    ("bilirubin falls", {"bilirubin_total": 210}, {"bilirubin_total": 180}, (), None),
    (
        "bilirubin rises within variation",
        {"bilirubin_total": 210},
        {"bilirubin_total": 260},
        (),
        "bilirubin 210 → 260 µmol/L (15 Jun to 17 Jun 2025) went on rising, still within what stable people "
        "show (up to +71 %)",
    ),
    (
        "bilirubin rises beyond it",
        {"bilirubin_total": 100},
        {"bilirubin_total": 260},
        (),
        "bilirubin 100 → 260 µmol/L (15 Jun to 17 Jun 2025) went on rising, beyond expected variation",
    ),
    ("a small rise below 34", {"bilirubin_total": 30}, {"bilirubin_total": 33}, (), None),
    ("a small rise to 34", {"bilirubin_total": 30}, {"bilirubin_total": 34}, (), "went on rising"),
    (
        "ALT rises",
        {"ALT": (100, 40)},
        {"ALT": (200, 40)},
        (),
        "ALT 100 → 200 U/L (15 Jun to 17 Jun 2025) rose",
    ),
    (
        "encephalopathy begins",
        {},
        {},
        [on("encephalopathy", 1, grade=2)],
        "encephalopathy grade 2 began (16 Jun 2025)",
    ),
    ("encephalopathy from before", {}, {}, [on("encephalopathy", -5, grade=2)], None),
]


@pytest.mark.parametrize(("name", "before", "after", "events", "said"), WORSE, ids=[row[0] for row in WORSE])
def test_a_responder_that_gets_worse_is_not_called_well(name, before, after, events, said):
    found = withdrawn(before=before, after=after, events=events)
    assert found.grade == "none" and found.vitamin_k.kind == "responder"
    reasons = {reason.code: reason for reason in found.reasons}
    assert ("not_recovered" in reasons) is (said is not None)
    if said:
        assert said in reasons["not_recovered"].text and said in found.sentence
        assert found.headline == "Vitamin K-responsive INR, not a recovery"
        assert "a lower INR is not a recovery" in found.sentence
    else:
        assert found.headline == "Vitamin K-responsive INR"


@pytest.mark.parametrize(("alt", "said"), [(41, True), (40, False)])
def test_an_injury_is_only_spoken_of_where_an_enzyme_was_raised(alt, said):
    draws = draw(-0.1, ALT=(alt, 40), bilirubin_total=100), draw(2, ALT=(30, 40), bilirubin_total=260)
    answer = Response("responder", at(0), 3.0, 1.4, 0.53)
    text = not_recovered(Case(at(3), draws=draws), answer, SimpleNamespace(at=at(2))).text
    assert ("The liver injury itself is not shown to be over" in text) is said
    assert text.endswith(("and a" if said else "A") + " lower INR is not a recovery.")


def test_both_facts_carry_their_draws_into_the_panel():
    draws = [draw(-9, ALT=(900, 40), INR=1.2), draw(-0.1, INR=3.0, ALT=(100, 40), bilirubin_total=210)]
    draws.append(draw(2, INR=1.4, ALT=(60, 40), bilirubin_total=260))
    said = {s.id: s for s in interpret(case(*draws, events=[dose()], as_of=2.1)).statements}
    assert "vitamin_k_responsive" in said
    assert said["not_recovered"].draws == (draws[1].id, draws[2].id)
    assert said["not_recovered"].section == "meaning"


def test_a_withdrawn_finding_shows_what_speaks_against_the_liver():
    found = withdrawn()
    assert found.attribution == "confounded"
    assert [(e.side, e.code) for e in found.evidence] == [("against", "vitamin_k_responder")]


def test_nothing_after_as_of_is_read():
    given = case(BEFORE, draw(1, INR=1.2), as_of=1 - timedelta(minutes=1) / timedelta(days=1))
    assert interpret(given).vitamin_k[0].state == "waiting"


def test_an_answer_is_not_said_to_be_a_rise():
    """INR 1.2, then 3.0, then 1.4 after the dose: above the first, yet an answer."""
    found = withdrawn()
    assert (found.inr_state, found.headline) == ("rise", "Vitamin K-responsive INR")


def test_review_goes_on_when_the_liver_has_not_recovered():
    draws = [draw(-9, ALT=(900, 40), INR=1.2), draw(-0.1, INR=3.0, ALT=(100, 40), bilirubin_total=210)]
    for after, said in ((260, True), (200, False)):
        last = draw(2, INR=1.4, ALT=(60, 40), bilirubin_total=after)
        now = [s.id for s in interpret(case(*draws, last, events=[dose()], as_of=2.1)).statements]
        assert "repeat_after_vitamin_k" in now and "explain_rise" not in now
        assert ("review_despite_vitamin_k" in now) is said
