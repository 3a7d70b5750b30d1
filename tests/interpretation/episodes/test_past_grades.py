"""Past grades read as much of a record as the rule can look back: equal to reading all of it each time."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings

from interpretation import Case, Event
from interpretation.episodes import grade_at, grades
from interpretation.episodes.recent import parts
from interpretation.report import known
from interpretation.rule.dissociation import Dissociation, graded
from interpretation.rule.reading import PreparedCase
from interpretation.urgency import InrNow, with_course
from tests.interpretation.long_cases import long_cases
from tests.interpretation.rule.test_dissociation_properties import cases
from tests.interpretation.vignettes import case, draw

# A record of so many draws once a fortnight reaches back further than any window.
LONG = [draw(14 * k, 320 - k, 280 - k, 1.2 + k / 100) for k in range(90)]


def plainly(of: Case, at: datetime) -> Dissociation:
    """The whole record up to this moment through the rule: what every shorter way must equal."""
    reading = PreparedCase(known(replace(of, as_of=at)))
    return with_course(graded(reading), InrNow(reading))


def assert_equal_to_plain_reading(of: Case) -> None:
    for point in grades(of).points:
        assert point.found == plainly(of, point.at), point.at
        assert point == grade_at(of, point.at, point.draw)


@pytest.mark.parametrize("seed", range(6))
def test_long_records_are_graded_as_if_each_were_read_whole(seed: int) -> None:
    for of in long_cases(seed, 8):
        assert_equal_to_plain_reading(of)


@settings(max_examples=60)
@given(cases)
def test_no_record_is_graded_otherwise_than_read_whole(of: Case) -> None:
    assert_equal_to_plain_reading(of)


def test_long_records_show_every_grade_and_are_mostly_read_in_part() -> None:
    """Else the comparison above would compare the plain reading with itself."""
    seen, parts_read = set(), []
    for of in long_cases(1, 12):
        seen |= {point.grade for point in grades(of).points}
        parts_read += [_how_much_is_read(of, point.at) for point in grades(of).points]
    assert seen == {"critical", "established", "possible", "none", "not_interpretable", "not_assessable"}
    assert parts_read.count("part") > 100
    assert parts_read.count("longer") > 20


def _how_much_is_read(of: Case, at: datetime) -> str:
    first = next(parts(known(of), at))
    if first.is_whole:
        return "whole"
    return "part" if first.is_enough(PreparedCase(first.case)) else "longer"


def test_a_long_record_is_read_in_parts_of_one_length() -> None:
    of = case(*LONG)
    lengths = [len(next(parts(of, at)).case.draws) for at in (LONG[60].taken_at, LONG[-1].taken_at)]
    assert lengths[0] == lengths[1] < 50


def test_years_of_warfarin_are_read_back_to_the_last_inr_before_it() -> None:
    began = LONG[50].taken_at
    of = case(*LONG, events=[Event("vka", began)])
    assert_equal_to_plain_reading(of)


def test_repeats_every_three_hours_are_never_cut_apart() -> None:
    """Where their groups begin depends on the first of all; the highest of them is the baseline."""
    often = [draw(k / 8, 300 + 40 * (k % 2), 250 + 40 * (k % 2), 1.2 + (k % 3) / 10) for k in range(700)]
    later = [draw(608 + k + k / 8, 150, 120, 1.9) for k in range(10)]
    of = case(*often, *later)
    for drawn in later:
        assert grade_at(of, drawn.taken_at, drawn.id).found == plainly(of, drawn.taken_at)
