"""An INR that climbs over years without the pattern is named; noise, gaps and drugs are not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from interpretation.record.records import Case, Draw, Event, Result
from interpretation.urgency.slow_rise import slow_levels, slow_rise

DAY = 86400.0
START = datetime(2017, 3, 1, 8, tzinfo=UTC)
YEARS = [0, 180, 700, 1400, 2100, 2800, 3000]
CLIMB = [1.0, 1.0, 1.1, 1.3, 1.4, 1.7, 1.7]


def levels(*points: tuple[float, float]):
    return slow_levels([(days * DAY, inr) for days, inr in points])


@pytest.mark.parametrize(
    ("days", "inrs", "expected"),
    [
        (YEARS, CLIMB, (1.0, 1.7)),
        # The floor: below, at and above the INR that counts as risen from 1.1.
        ([0, 100, 900, 1000], [1.1, 1.1, 1.2, 1.2], None),
        ([0, 100, 900, 1000], [1.1, 1.1, 1.3, 1.3], (1.1, 1.3)),
        ([0, 100, 900, 1000], [1.1, 1.1, 1.4, 1.4], (1.1, 1.4)),
        # From 1.6: 15 % is more than 0.2.
        ([0, 100, 900, 1000], [1.6, 1.6, 1.8, 1.8], None),
        ([0, 100, 900, 1000], [1.6, 1.6, 1.9, 1.9], (1.6, 1.9)),
        # Within the widest window of the rule, at its end and beyond.
        ([0, 10, 500, 547], [1.0, 1.0, 1.4, 1.4], None),
        ([0, 10, 500, 548], [1.0, 1.0, 1.4, 1.4], None),
        ([0, 10, 500, 549], [1.0, 1.0, 1.4, 1.4], (1.0, 1.4)),
        # One INR alone at either end.
        ([0, 400, 900, 1000], [1.0, 1.2, 1.5, 1.5], None),
        ([0, 100, 500, 1000], [1.0, 1.0, 1.4, 1.5], None),
        # It has come back; it swings; it falls; nothing is there.
        ([0, 100, 900, 950, 1000], [1.0, 1.0, 1.5, 1.5, 1.1], None),
        ([0, 50, 400, 500, 900, 1000], [1.0, 1.3, 1.8, 1.0, 1.0, 1.6], None),
        ([0, 100, 900, 1000], [1.7, 1.7, 1.0, 1.0], None),
        ([], [], None),
    ],
)
def test_levels_of_the_first_year_and_the_last(days, inrs, expected):
    assert levels(*zip(days, inrs, strict=True)) == expected


@pytest.fixture
def case() -> Case:
    draws = tuple(
        Draw(START + timedelta(days=day), (Result("INR", inr),), laboratory="North", id=str(day))
        for day, inr in zip(YEARS, CLIMB, strict=True)
    )
    return Case(as_of=START + timedelta(days=3001), draws=draws)


def test_it_is_said_with_its_levels_and_the_year(case):
    assert slow_rise(case).words == "INR rising slowly: 1.0 to 1.7 since 2017"


def test_a_case_without_inr_has_none(case):
    assert slow_rise(replace(case, draws=())) is None


def test_an_anticoagulant_explains_it(case):
    drug = Event("vka", START + timedelta(days=2000))
    assert slow_rise(replace(case, events=(drug,))) is None


def test_a_point_of_care_inr_does_not_count(case):
    at_the_bedside = tuple(
        replace(draw, results=(replace(draw.results[0], method="poc"),)) for draw in case.draws[-3:]
    )
    assert slow_rise(replace(case, draws=(*case.draws[:-3], *at_the_bedside))) is None


@pytest.mark.parametrize(("last", "named"), [(1.4, False), (1.5, True)])
def test_across_laboratories_only_a_rise_by_half_counts(case, last, named):
    moved = tuple(
        replace(draw, laboratory="South", results=(Result("INR", last),)) if int(draw.id) > 2500 else draw
        for draw in case.draws
    )
    assert (slow_rise(replace(case, draws=moved)) is not None) is named


def test_a_transplant_begins_anew(case):
    graft = Event("transplant", START + timedelta(days=2500))
    assert slow_rise(replace(case, events=(graft,))) is None
