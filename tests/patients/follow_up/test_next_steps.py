"""What to measure next, as days and hours pass."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from interpretation.monitoring import checklist
from interpretation.record.records import Case, Diagnosis, Draw, Result
from patients.follow_up.next_steps import steps_at, steps_of

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 23, 12, tzinfo=LONDON)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def repeat(start, due, over) -> dict:
    return {"tests": ["ALT", "AST", "INR"], "from": str(start), "due": str(due), "over": str(over)}


IN_HOURS = repeat("2026-11-23T06:00:00+00:00", "2026-11-23T18:00:00+00:00", "2026-11-23T18:00:00+00:00")
IN_DAYS = repeat("2026-11-28", "2026-12-05", "2026-12-06")
USUAL = {
    "tests": ["ALP", "GGT"],
    "soon": "2027-01-01",
    "from": "2027-01-31",
    "due": "2027-01-31",
    "over": "2027-02-15",
}


def at(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("stored", "now", "state", "when"),
    [
        (IN_HOURS, at("2026-11-22"), "soon", "By 23 Nov, 18:00"),
        (IN_HOURS, at("2026-11-23", 5), "soon", "By 18:00"),
        (IN_HOURS, at("2026-11-23", 6), "due", "By 18:00"),
        (IN_HOURS, at("2026-11-23", 18), "due", "By 18:00"),
        (IN_HOURS, at("2026-11-23", 19), "overdue", "Overdue 1 h"),
        (IN_HOURS, at("2026-12-01", 18), "overdue", "Overdue 8 d"),
        (IN_DAYS, at("2026-11-27"), "soon", "28 Nov to 5 Dec"),
        (IN_DAYS, at("2026-11-28"), "due", "By 5 Dec"),
        (IN_DAYS, at("2026-12-05"), "due", "Today"),
        (IN_DAYS, at("2026-12-06"), "overdue", "Overdue 1 d"),
        (USUAL, at("2026-12-31"), "fine", "Next 31 Jan 2027"),
        (USUAL, at("2027-01-01"), "soon", "By 31 Jan"),
        (USUAL, at("2027-01-31"), "due", "Today"),
        (USUAL, at("2027-02-14"), "due", "Due since 31 Jan"),
        (USUAL, at("2027-02-15"), "overdue", "Overdue 15 d"),
        (USUAL, at("2027-07-15"), "overdue", "Overdue 5 mo"),
    ],
)
def test_a_step_is_told_by_the_clock(stored, now, state, when):
    (step,) = steps_at([stored], now)
    assert (step.state, step.when) == (state, when)


def test_a_window_within_one_month_names_it_once():
    (step,) = steps_at([repeat("2026-12-01", "2026-12-08", "2026-12-09")], NOW)
    assert step.when == "1 to 8 Dec"


def test_an_hour_is_told_in_the_clinics_own_time():
    (step,) = steps_at([IN_HOURS], NOW.astimezone(ZoneInfo("Asia/Kathmandu")))
    assert step.when == "By 23:45"


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        (["ALT"], "ALT"),
        (["Albumin", "Platelets", "INR"], "albumin, platelets, INR"),
        (["ALP", "GGT", "Albumin", "Platelets"], "ALP, GGT, albumin and 1 more"),
        (list("ABCDEFGH"), "all 8 tests"),
    ],
)
def test_a_long_list_of_tests_is_cut(tests, words):
    (step,) = steps_at([USUAL | {"tests": tests}], NOW)
    assert step.tests == words


def test_the_most_pressing_comes_first():
    never = {"tests": ["Albumin"], "due": None}
    found = steps_at([USUAL, never, IN_DAYS, IN_HOURS], NOW)
    assert [step.state for step in found] == ["due", "soon", "never", "fine"]


# --- from the checklist ---


@pytest.fixture
def case() -> Case:
    results = tuple(Result(name, 30, upper_limit=40) for name in ("ALT", "AST", "INR", "ALP"))
    draw = Draw(NOW - 10 * DAY, results)
    return Case(as_of=NOW, draws=(draw,), diagnoses=(Diagnosis("cirrhosis"),))


def told(case: Case, level: str, acute: bool = False) -> list[tuple[str, str, str]]:
    return [
        (one.state, one.when, one.tests) for one in steps_at(steps_of(checklist(case, level, acute)), NOW)
    ]


def test_a_repeat_stands_apart_from_the_usual_interval(case):
    assert told(case, "1_to_2_weeks") == [
        ("due", "By 27 Nov", "AST, ALT, INR"),
        ("never", "Never done", "GGT, conjugated or direct bilirubin, albumin and 1 more"),
        ("fine", "Next 13 May 2027", "ALP"),
    ]


def test_a_repeat_of_an_acute_course_is_told_by_the_hour(case):
    assert told(case, "today", acute=True)[0] == ("overdue", "Overdue 10 d", "AST, ALT, INR")


def test_without_a_repeat_one_date_is_one_step(case):
    assert told(case, "routine")[-1] == ("fine", "Next 13 May 2027", "AST, ALT, ALP and 1 more")


def test_what_was_never_asked_for_is_not_never_done(case):
    person = Case(as_of=NOW, draws=case.draws)
    assert [state for state, _, _ in told(person, "routine")] == ["fine"]


def test_nothing_is_next_for_who_has_died(case):
    dead = Case(as_of=NOW, draws=case.draws, died_on=NOW.date())
    assert steps_of(checklist(dead)) == [] == steps_of(None)
