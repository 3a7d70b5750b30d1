"""A case written as JSON is read as the same case, and a stream of them is answered line by line."""

import json
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretation import Case, Diagnosis, Draw, Event, Result, Review, interpret
from interpretation.__main__ import answers
from interpretation.record.analytes import ANALYTES
from interpretation.record.case_json import case_as_json
from interpretation.record.parse import case_from_json
from interpretation.record.records import (
    ANTICOAGULANT_SAID,
    DIAGNOSIS_KINDS,
    EVENT_KINDS,
    VERDICTS,
    SaidElsewhere,
)
from interpretation.report import as_json
from interpretation.words import days as span_of_days
from interpretation.words import moment
from tests.interpretation.vignettes import VIGNETTES
from tests.waiting import PATIENCE

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1), timezones=zones)
days = st.none() | st.dates(datetime(1900, 1, 1).date(), datetime(2100, 1, 1).date())
words = st.text(max_size=20)
numbers = st.floats(0, 1e9, allow_nan=False)
limits = st.none() | numbers
results = st.builds(
    Result,
    st.sampled_from(sorted(ANALYTES)),
    numbers,
    st.sampled_from(["", "<", ">", "<=", ">="]),
    limits,
    limits,
    words,
)
draws = st.builds(Draw, moments, st.lists(results, max_size=4).map(tuple), words, words, words, st.booleans())
diagnoses = st.builds(
    Diagnosis, st.sampled_from(DIAGNOSIS_KINDS), days, days, st.lists(words, max_size=2).map(tuple)
)
events = st.builds(
    Event,
    st.sampled_from(EVENT_KINDS),
    moments,
    st.none() | moments,
    words,
    st.none() | st.integers(0, 4),
    words,
    st.booleans(),
)
reviews = st.builds(Review, words, st.sampled_from(VERDICTS), moments, words, words)
said = st.builds(SaidElsewhere, words, moments, words, words)
cases = st.builds(
    Case,
    moments,
    words,
    st.sampled_from(["F", "M", "X", ""]),
    days,
    days,
    *(st.lists(rows, max_size=3).map(tuple) for rows in (draws, diagnoses, events, reviews, said)),
    st.sampled_from(ANTICOAGULANT_SAID),
)


@given(cases)
def test_what_is_written_is_read_as_the_same_case(case):
    written = json.loads(json.dumps(case_as_json(case)))
    assert case_from_json(written) == (case, ())


@pytest.mark.parametrize("name", VIGNETTES)
def test_the_report_of_a_written_case_is_the_same(name):
    case = VIGNETTES[name][0]
    (answer,) = answers(json.dumps(case_as_json(case)))
    assert answer == json.loads(json.dumps(as_json(interpret(case))))


@pytest.mark.parametrize("record", [Case, Draw, Result, Diagnosis, Event, Review, SaidElsewhere])
def test_every_field_of_a_record_is_written(record):
    case = Case(
        datetime(2026, 1, 1, tzinfo=UTC),
        draws=(Draw(datetime(2026, 1, 1, tzinfo=UTC), (Result("INR", 1.2),)),),
        diagnoses=(Diagnosis("cirrhosis"),),
        events=(Event("vka", datetime(2026, 1, 1, tzinfo=UTC)),),
        reviews=(Review("vka", "pending", datetime(2026, 1, 1, tzinfo=UTC)),),
        said=(SaidElsewhere("vka", datetime(2026, 1, 1, tzinfo=UTC), "EHR"),),
    )
    data = case_as_json(case)
    rows = {
        Case: data,
        Draw: data["draws"][0],
        Result: data["draws"][0]["results"][0],
        Diagnosis: data["diagnoses"][0],
        Event: data["events"][0],
        Review: data["reviews"][0],
        SaidElsewhere: data["said"][0],
    }
    assert {field.name for field in fields(record)} <= set(rows[record])


# --- the stream ---


@pytest.fixture
def process():
    running = subprocess.Popen(
        [sys.executable, "-m", "interpretation", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    yield running
    running.kill()
    running.communicate()


def test_each_case_is_answered_before_the_next_is_written(process):
    for name in ("1 progressive CLD", "6 noise", "2 ACLF"):
        process.stdin.write(json.dumps(case_as_json(VIGNETTES[name][0])) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["dissociation"]["grade"] == VIGNETTES[name][1]
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_a_line_that_cannot_be_read_keeps_its_place(process):
    good = json.dumps(case_as_json(VIGNETTES["6 noise"][0]))
    out, _ = process.communicate(f"\ufeff{good}\n\n{{bad\n{good}\n")
    lines = [json.loads(line) for line in out.splitlines()]
    assert ["error" in line for line in lines] == [False, True, False]
    assert lines[1]["error"].startswith("line 3: ")
    assert process.returncode == 1


def test_one_object_over_many_lines_is_read_from_standard_input(process):
    out, _ = process.communicate(json.dumps(case_as_json(VIGNETTES["6 noise"][0]), indent=1))
    assert json.loads(out)["dissociation"]["grade"] == "none"


def test_a_first_line_that_cannot_be_read_does_not_take_the_rest_with_it():
    good = json.dumps(case_as_json(VIGNETTES["6 noise"][0]))
    assert ["error" in answer for answer in answers(f"{{bad\n{good}\n{good}")] == [True, False, False]


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_no_case_no_answer(text):
    assert list(answers(text)) == []


def test_a_separator_of_lines_within_a_text_is_no_new_line():
    case = case_as_json(VIGNETTES["6 noise"][0]) | {"id": "a\u2028b"}
    (answer,) = answers(json.dumps(case, ensure_ascii=False))
    assert answer["id"] == "a\u2028b"


def test_of_a_test_given_twice_the_laboratorys_own_counts_then_the_higher():
    at = datetime(2025, 1, 1, tzinfo=UTC)
    bedside = Result("INR", 8.0, method="point_of_care")
    for results in permutations((Result("INR", 3.1), Result("INR", 3.4), bedside)):
        assert Draw(at, results).result("INR").value == 3.4
    assert Draw(at, (bedside,)).result("INR").value == 8.0


@pytest.mark.parametrize(
    "given, known",
    [({"taken_at": "2025-07-01"}, False), ({"taken_at": "2025-07-01T00:00Z"}, True),
     ({"taken_at": "2025-07-01T00:00Z", "hour_known": False}, False)],
)  # fmt: skip
def test_a_draw_of_only_a_date_has_no_hour(given, known):
    case, _ = case_from_json({"as_of": "2025-07-02", "draws": [given]})
    (draw,) = case.draws
    assert (draw.taken_at, draw.hour_known) == (datetime(2025, 7, 1, tzinfo=UTC), known)


def test_what_is_reckoned_from_a_day_alone_is_a_moment():
    at = Draw(datetime(2025, 7, 1, tzinfo=UTC), hour_known=False).taken_at
    later = at + timedelta(hours=8)
    assert (moment(at), moment(later)) == ("1 Jul 2025, time not known", "1 Jul 2025, 08:00")
    assert later - at == timedelta(hours=8)
    assert span_of_days(at, later) == "1 Jul 2025"
