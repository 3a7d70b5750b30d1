"""Expected variation around the baseline draw, and the first draw beyond it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from interpretation.rule.variation import RCV
from patients.charts import stacked_figure
from patients.charts.data import ChartData, Point
from patients.charts.marks import corridor_words
from patients.charts.reading.corridor import corridor, is_beyond, reference_change
from patients.charts.values import reader
from patients.values.display import Units

START = datetime(2026, 1, 1, 8, tzinfo=UTC)


def point(days: float, value: float, comparator: str = "", upper: float | None = None) -> Point:
    at = START + timedelta(days=days)
    return Point(at, value, f"{comparator}{value:g}", comparator, upper=upper, draw=f"{days}")


def compared(key: str, *points: Point, **more) -> ChartData:
    """From the first of these points to the last."""
    last = points[-1].at
    found = {"window": (START, last), "enzyme": "ALT", "grade": "possible", "as_of": last, **more}
    return ChartData({key: points}, (), units={"ALT": "U/L", "AST": "U/L", "INR": ""}, **found)


# clinical.md: one-sided 95 %, of INR between two laboratories the wider one.
@pytest.mark.parametrize(
    ("key", "one_series", "down", "up"),
    [
        ("ALT", True, -0.375, 0.60),
        ("AST", True, -0.275, 0.38),
        ("INR", True, -0.11, 0.123),
        ("INR", False, -0.34, 0.515),
        # Nothing wider is known of the enzymes.
        ("ALT", False, -0.375, 0.60),
    ],
)
def test_the_corridor_is_as_wide_as_the_reference_change(key, one_series, down, up):
    found = corridor(compared(key, point(0, 100), point(9, 100), one_series=one_series), key)
    assert (found.low, found.high) == pytest.approx((100 * (1 + down), 100 * (1 + up)), rel=0.005)
    assert reference_change(key, True) is RCV(key)


@pytest.mark.parametrize(
    ("values", "ring"),
    [
        ([(1, 63), (2, 62)], 2),
        ([(1, 62), (2, 50)], 1),
        ([(1, 159), (2, 165)], 2),
        ([(1, 100), (2, 99)], None),
    ],
)
def test_the_ring_stands_at_the_first_draw_beyond(values, ring):
    found = corridor(compared("ALT", point(0, 100), *(point(*one) for one in values)), "ALT")
    assert (found.ring and float(found.ring.draw)) == ring


@pytest.mark.parametrize(
    ("value", "comparator", "beyond"),
    [
        (62, "", True),
        (62.6, "", False),
        (5, "<", True),
        (100, "<", False),
        (200, "<", False),
        (400, ">", True),
        (50, ">", False),
    ],
)
def test_a_bound_is_beyond_only_where_all_it_allows_is(value, comparator, beyond):
    assert is_beyond(point(1, value, comparator), value, 62.5, 160) is beyond


def test_what_cannot_be_drawn_is_not_beyond():
    assert not is_beyond(point(1, 0), None, 62.5, 160)


@pytest.mark.parametrize(
    "data",
    [
        compared("ALT", point(0, 100), point(9, 50), window=None),
        compared("ALT", point(0, 100, ">"), point(9, 50)),
        compared("ALT", point(0, 0), point(9, 50)),
        compared("INR", point(0, 1.2), point(9, 1.6)),
        ChartData({}, (), START, {}, window=(START, START + timedelta(days=1))),
    ],
    ids=["nothing compared", "a bound", "zero", "no enzyme", "no points"],
)
def test_without_a_value_to_compare_with_there_is_none(data):
    assert corridor(data, "ALT") is None


def test_in_quiet_enzymes_it_lies_around_the_median():
    data = compared("ALT", *(point(n, v) for n, v in enumerate((30, 20, 34, 26))), quiet=True)
    found = corridor(data, "ALT")
    assert (found.middle, found.median) == (30, True)
    assert corridor_words("ALT", found, "units", with_ring=True).startswith(
        "expected variation of the median 30:"
    )


def test_in_quiet_enzymes_that_of_inr_lies_around_the_median_of_the_rule():
    data = compared("INR", point(0, 1.3), point(5, 1.1), point(9, 1.6), quiet=True, inr_from=1.2)
    assert corridor(data, "INR").middle == 1.2


def test_an_inr_has_one_form_in_words_and_chart():
    data = compared("INR", point(0, 1.3), point(9, 1.6), quiet=True, inr_from=1.25)
    found = corridor(data, "INR")
    assert corridor_words("INR", found, "units", with_ring=False) == (
        "expected variation of the median 1.25: 1.1–1.4"
    )
    assert Units("si").text("INR", 1.25) == "1.25" and Units("si").text("INR", 8.04) == "8.04"


def test_on_a_scale_of_multiples_it_is_that_of_the_baselines_multiple():
    data = compared("ALT", point(0, 100, upper=50), point(9, 40, upper=40))
    found = corridor(data, "ALT", reader("limit"))
    assert (found.middle, found.low) == pytest.approx((2, 1.25), rel=0.01)
    assert corridor(data, "ALT", reader("baseline", data, "ALT")).middle == 1


def test_it_says_its_ends_and_the_ring():
    found = corridor(compared("ALT", point(0, 420), point(9, 82)), "ALT")
    assert corridor_words("ALT", found, "units", with_ring=True) == (
        "expected variation of 420: 263–672 · ring: first beyond"
    )
    within = corridor(compared("ALT", point(0, 420), point(9, 400)), "ALT")
    assert corridor_words("ALT", within, "units", with_ring=True) == "expected variation of 420: 263–672"


def test_it_is_drawn_from_the_baseline_to_the_right_edge_for_the_enzyme_of_the_verdict_alone():
    data = compared("ALT", point(0, 420), point(9, 82))
    data = replace(data, series={**data.series, "AST": (point(0, 610), point(9, 110))})
    figure = stacked_figure(data)
    bands = [s for s in figure["layout"]["shapes"] if s.get("fillcolor") == "var(--corridor)"]
    assert [(band["yref"], band["x0"], band["x1"]) for band in bands] == [
        ("y", "2026-01-01T08:00", figure["layout"]["xaxis"]["range"][1])
    ]
    rings = [t for t in figure["data"] if "first beyond" in t.get("name", "")]
    assert [(ring["name"][:3], ring["x"], ring["y"]) for ring in rings] == [
        ("ALT", ["2026-01-10T08:00"], [82])
    ]
