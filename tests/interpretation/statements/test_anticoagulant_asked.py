"""Whether an anticoagulant is taken is asked first where an INR is raised and nobody has said so."""

from dataclasses import replace
from datetime import date

import pytest

from interpretation import Event, interpret
from interpretation.anticoagulant import is_asked
from interpretation.record.parse import CaseError, case_from_json
from tests.interpretation.vignettes import VIGNETTES, at, case, draw

ASKS = "X_ask_anticoagulant"


def unsaid(*draws, **more):
    return replace(case(*draws, **more), anticoagulant="")


def first_of_now(found) -> str:
    return next((s.id for s in interpret(found).statements if s.section == "now"), "")


@pytest.mark.parametrize(
    ("inr", "asked"), [(None, False), (1.1, False), (1.2, False), (1.3, True), (3.0, True)]
)
def test_only_a_raised_inr_asks(inr, asked):
    found = unsaid(draw(0, 112, 98, inr))
    assert is_asked(found) is asked
    assert (first_of_now(found) == ASKS) is asked


def test_the_latest_inr_counts_not_an_earlier_one():
    assert not is_asked(unsaid(draw(0, 112, 98, 1.8), draw(30, 60, 50, 1.1)))
    # A later draw without INR hides nothing.
    assert is_asked(unsaid(draw(0, 112, 98, 1.8), draw(30, 60, 50)))


@pytest.mark.parametrize("said", ["none", "taking"])
def test_what_was_said_is_not_asked_again(said):
    assert not is_asked(replace(unsaid(draw(0, 112, 98, 1.8)), anticoagulant=said))


@pytest.mark.parametrize(
    ("event", "asked"),
    [
        (Event("vka", at(-30)), False),
        (Event("doac", at(-30), at(-1)), False),
        (Event("vka", at(-200), at(-59)), False),
        (Event("vka", at(-200), at(-61)), True),
        # Begins only after this moment.
        (Event("vka", at(5)), True),
        (Event("antibiotic", at(-30)), True),
    ],
)
def test_a_recorded_drug_tells_it_too(event, asked):
    assert is_asked(unsaid(draw(0, 112, 98, 1.8), events=[event], as_of=at(0))) is asked


def test_nobody_is_asked_of_the_dead():
    found = replace(unsaid(draw(0, 112, 98, 1.8)), died_on=date(2025, 1, 1))
    assert not is_asked(found)


@pytest.mark.parametrize("name", VIGNETTES)
def test_the_question_comes_first_and_changes_no_other_sentence(name):
    found = VIGNETTES[name][0]
    said, open_ = interpret(found), interpret(replace(found, anticoagulant=""))
    assert [s for s in open_.statements if s.id != ASKS] == list(said.statements)
    assert open_.dissociation == said.dissociation
    if is_asked(replace(found, anticoagulant="")):
        assert first_of_now(replace(found, anticoagulant="")) == ASKS


def test_the_question_names_its_draw_and_never_asks_to_stop_a_drug():
    found = unsaid(draw(0, 112, 98, 1.8))
    found = replace(found, draws=tuple(replace(d, id="d1") for d in found.draws))
    (asks,) = (s for s in interpret(found).statements if s.id == ASKS)
    assert asks.draws == ("d1",)
    assert asks.text.startswith("Ask whether an anticoagulant is taken: nobody has said so")
    assert "stop" not in asks.text


def test_the_json_of_a_case_says_it():
    given = {"as_of": "2025-01-01", "anticoagulant": "none"}
    assert case_from_json(given)[0].anticoagulant == "none"
    assert case_from_json({"as_of": "2025-01-01"})[0].anticoagulant == ""
    with pytest.raises(CaseError, match="anticoagulant: 'warfarin' is not known. Use one of: none, taking"):
        case_from_json(given | {"anticoagulant": "warfarin"})
