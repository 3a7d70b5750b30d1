"""How long a report holds: nothing changes before `valid_until`, something does then. [clinical.md 4.4 c]"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from interpretation import Case, Diagnosis, Event, Review, interpret
from interpretation.record.parse import case_from_json
from interpretation.report import as_json, brief
from tests.interpretation.random_cases import random_case
from tests.interpretation.vignettes import at, case, draw

MINUTE, INSTANT = timedelta(minutes=1), timedelta.resolution
STEPS = 4
CIRRHOSIS = ("cirrhosis",)


def read(given: Case, when: datetime):
    """All that time alone may change, as of then."""
    report = brief(replace(given, as_of=when))
    checks = report.monitoring
    return {
        "grade": report.dissociation.grade,
        "urgency": report.urgency.level,
        "due": [item.state for item in (*checks.items, *checks.optional)],
        "repeat": checks.repeat and checks.repeat.state,
        "trials": [trial.state for trial in report.vitamin_k],
    }


def later(given: Case, as_of: datetime, until: datetime | None) -> list[datetime]:
    """Moments at which the report must still hold."""
    if until is None:
        return [as_of + timedelta(days=days) for days in (1, 30, 600, 4000)]
    middle = as_of + (until - as_of) / 2
    return [when for when in (middle, until - MINUTE, until - INSTANT) if when > as_of]


@pytest.mark.parametrize("seed", range(4))
def test_nothing_changes_before_it(seed):
    for number in range(100):
        given, _ = case_from_json(random_case(random.Random(f"validity/{seed}/{number}"), number))
        as_of = given.as_of
        for _ in range(STEPS):
            until, now = brief(replace(given, as_of=as_of)).valid_until, read(given, as_of)
            for when in later(given, as_of, until):
                assert read(given, when) == now, (seed, number, as_of, when)
            if until is None:
                break
            as_of = until


def given_at(hours: float, *draws, **more) -> Case:
    """As of so many hours after the last draw."""
    last = max(one.taken_at for one in draws)
    return replace(case(*draws, **more), as_of=last + timedelta(hours=hours))


def event(kind: str, start: float, end: float | None = None, **more) -> Event:
    return Event(kind, at(start), None if end is None else at(end), **more)


FAILING = (draw(0, 420, 610, 1.6), draw(6, 140, 170, 2.2), draw(10, 82, 110, 2.6, bilirubin_total=308))
QUIET = (draw(0, 22, 24, 1.0),)
# The case, when its report ends (days from the first morning), and what changes then.
CHANGES = {
    "due within hours": (given_at(1, *FAILING, diagnoses=CIRRHOSIS), 10 + 6 / 24, "repeat"),
    "overdue after twelve hours": (given_at(8, *FAILING, diagnoses=CIRRHOSIS), 10.5, "repeat"),
    "no result for two weeks": (given_at(24 * 13.9, *FAILING, diagnoses=CIRRHOSIS), 24, "urgency"),
    "no result for 548 days": (
        replace(case(draw(0, 300, 300, 1.2), draw(12, 100, 90, 2.4)), as_of=at(559.9)),
        560,
        "urgency",
    ),
    "encephalopathy of seven days": (
        replace(
            case(
                draw(0, 300, 300, 1.6),
                events=(
                    event("encephalopathy", -40, -3, grade=2),
                    event("encephalopathy", -50, -45, grade=2),
                ),
            ),
            as_of=at(3.9),
        ),
        4,
        "urgency",
    ),
    "ascites no longer new": (
        replace(
            case(
                draw(0, 30, 30, 2.4, bilirubin_total=190),
                draw(20, 30, 30, 2.4, bilirubin_total=190),
                events=(event("ascites", -1),),
                diagnoses=CIRRHOSIS,
            ),
            as_of=at(26.99),
        ),
        27,
        "urgency",
    ),
    "answer to vitamin K no longer possible": (
        replace(case(draw(0, 22, 24, 2.0), events=(event("vitamin_k", 0.1, route="iv"),)), as_of=at(3)),
        3.1,
        "trials",
    ),
    "a draw recorded ahead": (
        replace(case(*QUIET, draw(3, 22, 24, 3.2)), as_of=at(2)),
        3,
        "urgency",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_something_changes_then(name):
    given, days, what = CHANGES[name]
    until = interpret(given).valid_until
    assert abs(until - at(days)) <= MINUTE
    assert read(given, until - MINUTE)[what] == read(given, given.as_of)[what]
    assert read(given, until)[what] != read(given, given.as_of)[what]


def test_due_states_change_at_midnight_of_the_calendar_of_as_of():
    zone = ZoneInfo("Europe/Berlin")
    given = replace(case(*QUIET), as_of=(at(0) + timedelta(days=100)).astimezone(zone))
    until = interpret(given).valid_until
    assert (until.hour, until.minute, until.tzinfo) == (0, 0, zone)
    soon = read(given, until)["due"]
    assert "due_soon" in soon and "due_soon" not in read(given, until - MINUTE)["due"]


def test_nothing_to_wait_for():
    assert interpret(Case(as_of=datetime(2025, 1, 1, tzinfo=UTC))).valid_until is None


def test_verdict_and_diagnosis_that_begin_later():
    verdict = Review("vitamin_k_deficiency", "excluded", at(5))
    given = replace(case(*QUIET, reviews=(verdict,)), as_of=at(4))
    assert interpret(given).valid_until == at(5)
    noted = (Diagnosis("cirrhosis", at(6).date()),)
    given = replace(case(*QUIET), diagnoses=noted, as_of=at(4))
    assert interpret(given).valid_until.date() == at(6).date()


def test_json_says_it():
    given = CHANGES["due within hours"][0]
    assert as_json(interpret(given))["valid_until"] == (at(10) + timedelta(hours=6)).isoformat()
