"""New since a sign-off: two bases compared, in sentences."""

from datetime import UTC, date, datetime, timedelta

import pytest

from interpretation.record.records import Case, Diagnosis, Draw, Event, Result, Review
from interpretation.report import interpret
from patients.review.changes_since import new_since
from patients.review.snapshot import fingerprint, snapshot_of

START = datetime(2026, 1, 3, 8, tzinfo=UTC)
# ALT, INR: established.
FALLING = ((120, 1.2), (80, 1.4), (40, 1.7))


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def draw(number: int, alt: float, inr: float, **more) -> Draw:
    results = (Result("ALT", alt, upper_limit=40.0), Result("INR", inr), *more.pop("results", ()))
    return Draw(
        **{"taken_at": at(60 * number), "results": results, "laboratory": "L1", "id": f"d{number}"} | more
    )


DRAWS = tuple(draw(number, *values) for number, values in enumerate(FALLING))
CIRRHOSIS = Diagnosis("cirrhosis", date(2020, 5, 1))


def basis(draws=DRAWS, *, days=130, diagnoses=(CIRRHOSIS,), **more) -> dict:
    case = Case(**{"as_of": at(days), "sex": "F", "draws": draws, "diagnoses": diagnoses} | more)
    return snapshot_of(case, interpret(case))


THEN = basis()


def since(draws=DRAWS, **more) -> tuple[str, ...]:
    return new_since(THEN, basis(draws, **more)).sentences


def test_nothing_is_new_in_the_same_record():
    assert new_since(THEN, basis()) == new_since(THEN, THEN)
    assert new_since(THEN, THEN).sentences == () and not new_since(THEN, THEN).changed


def test_the_next_morning_brings_nothing_new():
    tomorrow = basis(days=131)
    assert not new_since(THEN, tomorrow).changed
    assert fingerprint(THEN, None) == fingerprint(tomorrow, None)


@pytest.mark.parametrize(
    ("added", "sentence"),
    [
        (1, "1 new draw: 2 Jul 2026."),
        (2, "2 new draws: 2 Jul 2026 and 3 Jul 2026."),
        (4, "4 new draws: 2 Jul 2026, 3 Jul 2026, 4 Jul 2026 and 5 Jul 2026."),
        (5, "5 new draws: 2 Jul 2026 to 6 Jul 2026."),
    ],
)
def test_new_draws_are_counted_and_dated(added, sentence):
    new = tuple(draw(9, 40, 1.7, id=f"n{n}", taken_at=at(180 + n)) for n in range(added))
    found = new_since(THEN, basis(DRAWS + new, days=190))
    assert sentence in found.sentences
    assert (found.new_draws, found.changed) == (added, True)


def test_a_worse_grade_is_said_first():
    found = new_since(THEN, basis((*DRAWS, draw(2, 38, 2.6, id="new", taken_at=at(129)))))
    assert found.sentences[0].startswith("Worse: the verdict was “Established dissociation”")
    assert found.worse and found.short == "worse since, 1 new draw"


def test_a_lower_grade_is_another_verdict_never_better():
    found = new_since(THEN, basis(DRAWS[:2]))
    assert found.sentences[0].startswith("The verdict was “Established dissociation” and is now “")
    assert not found.worse and found.short.startswith("verdict changed")


def test_inr_rising_alone_is_worse_than_no_dissociation():
    rising = (draw(0, 30, 1.0), draw(1, 200, 1.0), draw(2, 400, 1.6))
    quiet = (*rising[:2], draw(2, 400, 1.0))
    found = new_since(basis(quiet), basis(rising))
    assert found.worse and "INR rising" in found.sentences[0]


def test_a_withdrawn_draw_is_said():
    found = new_since(THEN, basis((DRAWS[0], DRAWS[2])))
    assert "1 draw withdrawn: 4 Mar 2026." in found.sentences
    assert "results changed" in found.short


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (draw(1, 80, 1.5), "Result corrected in the draw of 4 Mar 2026: INR from 1.4 to 1.5."),
        (draw(1, 88, 1.4), "Result corrected in the draw of 4 Mar 2026: ALT from 80 to 88."),
        (
            draw(1, 80, 1.4, results=(Result("albumin", 40),)),
            "Result added to the draw of 4 Mar 2026: Albumin.",
        ),
        (
            draw(1, 80, 1.4, results=(Result("AST", 0, "<"),)),
            "Result added to the draw of 4 Mar 2026: AST <0.",
        ),
        (draw(1, 80, 1.4, laboratory="L2"), "The draw of 4 Mar 2026 now has another laboratory or method."),
        (draw(1, 80, 1.4, taken_at=at(61)), "The draw of 4 Mar 2026 is now dated 5 Mar 2026, 08:00."),
    ],
)
def test_a_changed_draw_is_said(changed, sentence):
    assert sentence in since((DRAWS[0], changed, DRAWS[2]))


def test_a_result_taken_out_is_said():
    changed = Draw(DRAWS[1].taken_at, DRAWS[1].results[1:], "L1", id="d1")
    assert "Result withdrawn from the draw of 4 Mar 2026: ALT." in since((DRAWS[0], changed, DRAWS[2]))


def test_other_limits_are_said_apart_from_other_values():
    changed = Draw(
        DRAWS[1].taken_at, (Result("ALT", 80, upper_limit=50.0), DRAWS[1].results[1]), "L1", id="d1"
    )
    sentences = since((DRAWS[0], changed, DRAWS[2]))
    assert sentences == ("Limits or method corrected in the draw of 4 Mar 2026: ALT.",)


def test_many_corrections_are_counted():
    changed = tuple(draw(n, alt + 1, inr + 0.1) for n, (alt, inr) in enumerate(FALLING))
    assert "6 results were added, corrected or withdrawn in draws seen then." in since(changed)


def test_a_verdict_on_a_cause_is_said_with_who_and_when():
    review = Review("vka", "excluded", at(129), by="Dr Berg")
    assert "Verdict on Vitamin K antagonist" in since(reviews=(review,))[0]
    assert "excluded (Dr Berg, 12 May 2026)." in since(reviews=(review,))[0]


def test_a_verdict_that_changed_says_what_it_was():
    first, second = (Review("vka", word, at(day)) for word, day in (("excluded", 128), ("contributing", 129)))
    found = new_since(basis(reviews=(first,)), basis(reviews=(first, second)))
    assert any("contributes, was excluded (12 May 2026)." in sentence for sentence in found.sentences)


@pytest.mark.parametrize(
    ("diagnoses", "sentence"),
    [
        ((CIRRHOSIS, Diagnosis("hcc", date(2026, 5, 1))), "New: Hepatocellular carcinoma, noted 1 May 2026."),
        ((), "No longer recorded: Cirrhosis, noted 1 May 2020."),
        ((Diagnosis("cirrhosis", date(2020, 6, 1)),), "Changed: Cirrhosis, noted 1 Jun 2020."),
    ],
)
def test_a_diagnosis_is_said(diagnoses, sentence):
    assert sentence in since(diagnoses=diagnoses)


def test_an_event_is_said_when_it_begins_and_when_it_ends():
    started = Event("vka", at(125), label="Warfarin")
    stopped = Event("vka", at(125), at(127), label="Warfarin")
    assert "New: Vitamin K antagonist (Warfarin), 8 May 2026." in since(events=(started,))
    found = new_since(basis(events=(started,)), basis(events=(stopped,)))
    assert "Changed: Vitamin K antagonist (Warfarin), 8 May 2026 to 10 May 2026." in found.sentences


def test_death_is_said():
    assert "Died 11 May 2026." in since(died_on=date(2026, 5, 11))


def test_tests_overdue_since_are_said_but_ask_for_no_review():
    found = new_since(THEN, basis(days=500))
    assert any(sentence.startswith("Overdue since: ") and "INR" in sentence for sentence in found.sentences)


def test_new_knowledge_is_said_but_asks_for_no_review():
    old = THEN | {"knowledge_version": "2025.1"}
    found = new_since(old, THEN)
    assert found.sentences == (
        f"The rules have changed: knowledge 2025.1 then, {THEN['knowledge_version']} now.",
    )
    assert not found.changed and found.short == ""


@pytest.mark.parametrize("key", sorted(THEN))
def test_a_basis_of_an_older_form_may_lack_any_key(key):
    old = {name: value for name, value in THEN.items() if name != key}
    assert new_since(old, THEN).sentences is not None


@pytest.mark.parametrize(
    "more",
    [
        {"draws": DRAWS[:2]},
        {"diagnoses": ()},
        {"events": (Event("vka", at(1)),)},
        {"reviews": (Review("vka", "excluded", at(1)),)},
        {"sex": "M"},
        {"died_on": date(2026, 5, 11)},
    ],
)
def test_every_change_of_the_record_changes_the_fingerprint(more):
    assert fingerprint(THEN, None) != fingerprint(basis(**more), None)


def test_an_overrule_changes_the_fingerprint():
    assert fingerprint(THEN, None) != fingerprint(THEN, 7)


def test_the_order_of_draws_changes_nothing():
    assert fingerprint(THEN, None) == fingerprint(basis(DRAWS[::-1]), None)
