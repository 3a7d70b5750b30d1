"""Which days the chart shows, its medians, its overview, and all its figures in one answer."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from patients.charts import FIGURES, SCALES
from patients.charts.below.overview import has_overview, overview
from patients.charts.data import ChartData, Point
from patients.charts.overlay import crossing, slope_of
from patients.charts.reading.draws import draws_in_words
from patients.charts.reading.medians import is_dense, monthly
from patients.charts.reading.ranges import short, spans, usual, within
from patients.charts.sent.bundle import bundle
from patients.charts.sent.colours import resolved
from patients.charts.sheet import HEIGHT

START = datetime(2020, 1, 1, 8, tzinfo=UTC)


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def drawn(*days: float, window=None, now: float | None = None, values=None) -> ChartData:
    points = tuple(Point(at(d), 100 + n, f"{100 + n}", draw=f"{d}") for n, d in enumerate(days))
    return ChartData(
        {"ALT": values or points, "INR": tuple(Point(p.at, 1.2, "1.2", draw=p.draw) for p in points)},
        (),
        as_of=at(now if now is not None else max(days, default=0)),
        units={"ALT": "U/L", "INR": ""},
        window=window and (at(window[0]), at(window[1])),
    )


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (drawn(), []),
        (drawn(5), ["all"]),
        (drawn(0, 9), ["all"]),
        (drawn(0, 730), ["all"]),
        (drawn(0, 731), ["24", "all"]),
        (drawn(0, 731, window=(700, 731)), ["window", "24", "all"]),
        (drawn(0, 9, window=(0, 9)), ["window", "all"]),
    ],
    ids=["no draw", "one", "two", "24 months", "longer", "with a window", "a window of all"],
)
def test_the_ranges_there_are_and_the_first_is_usual(data, keys):
    assert list(spans(data)) == keys
    assert usual(data) == (keys or ["all"])[0]


def test_it_opens_on_the_window_and_a_little_before_it():
    first, last = spans(drawn(0, 300, 900, 910, window=(900, 910)))["window"]
    assert at(898) < first < at(900) and at(910) < last < at(911)


@pytest.mark.parametrize(("now", "shown"), [(912, True), (912.5, True), (913, False), (2000, False)])
def test_now_is_shown_unless_the_last_draw_lies_far_behind(now, shown):
    _, last = spans(drawn(900, 910, window=(900, 910), now=now))["window"]
    assert (last >= at(now)) is shown


def test_only_the_draws_of_these_days_are_shown():
    data = within(drawn(0, 300, 900, 910, window=(900, 910)), "window")
    assert [point.at for point in data.points("ALT")] == [at(900), at(910)]
    assert data.span == spans(drawn(0, 300, 900, 910, window=(900, 910)))["window"]


def test_a_range_that_is_not_there_is_the_usual_one():
    assert within(drawn(0, 9), "window").span == spans(drawn(0, 9))["all"]


@pytest.mark.parametrize(
    ("days", "words"),
    [(0.2, "1 d"), (10, "10 d"), (59, "59 d"), (60, "2 mo"), (548, "18 mo"), (899, "30 mo"), (3300, "9 y")],
)
def test_lengths_on_buttons(days, words):
    assert short(timedelta(days=days)) == words


def test_a_month_is_the_draw_in_its_middle_with_its_bound():
    points = tuple(
        Point(at(day), value, text, text[:1] if text[0] in "<>" else "")
        for day, value, text in ((0, 50, "50"), (1, 5, "<5"), (2, 4, "4"), (40, 7, "7"))
    )
    assert [(p.text, p.comparator, p.months) for p in monthly(points)] == [("<5", "<", 3), ("7", "", 0)]


@pytest.mark.parametrize(("count", "dense"), [(198, False), (199, True)])
def test_above_one_draw_in_three_pixels_months_take_their_place(count, dense):
    assert is_dense(drawn(*range(count))) is dense


def test_the_overview_is_there_where_draws_lie_outside_a_range():
    assert not has_overview(drawn(0, 9, window=(0, 9)))
    assert has_overview(drawn(0, 800, 809, window=(800, 809)))


def test_the_overview_frames_each_range_and_counts_the_draws():
    text = overview(drawn(*range(0, 2000, 4), window=(1900, 1996)), "A < B")
    assert re.findall(r'class="frame" data-range="(\w+)"', text) == ["window", "24", "all"]
    assert "500 draws, 5 y" in text and "monthly medians" in text and "A &lt; B" in text
    assert len(re.search(r'class="alt" points="([^"]+)"', text)[1].split()) < 70
    assert "style" not in text and len(text) < 4000


def test_draws_are_read_with_their_bounds():
    low = (Point(at(0), 5, "<5", "<", draw="0"),)
    assert draws_in_words(drawn(0, values=low)) == [
        {"at": "2020-01-01T08:00", "words": "1 Jan 2020, 08:00: ALT <5 U/L, INR 1.2"}
    ]


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([(0, 2, 1), (10, 1, 2)], (5, 1.5)),
        ([(0, 2, 1), (10, 2, 1)], None),
        ([(0, 1, 2), (10, 1, 2)], None),
        ([(0, 2, 1), (4, 1, 2), (8, 2, 1)], None),
        ([(0, 2, 1), (4, 1, 2), (8, 2, 1), (10, 1, 2)], (9, 1.5)),
        ([], None),
    ],
    ids=["once", "never", "always above", "back again", "twice", "nothing"],
)
def test_the_last_crossing_that_stands(pairs, found):
    assert crossing(pairs) == found


@pytest.mark.parametrize(("inr", "slope"), [([], 1.2), ([1.7], 1.2), ([4.8], 1.2), ([4.9], 2.4), ([13], 4.8)])
def test_one_decade_is_as_far_as_1_2_of_inr_unless_it_is_very_high(inr, slope):
    assert slope_of(inr) == slope


def whole(value, parts):
    if isinstance(value, list):
        return [whole(item, parts) for item in value]
    if not isinstance(value, dict):
        return value
    if "part" in value:
        return whole(parts[value["part"]], parts)
    return {key: whole(item, parts) for key, item in value.items()}


def bundled(data: ChartData) -> dict:
    return bundle(data, FIGURES, SCALES, lambda found, view, scale: FIGURES[view](found, scale))


def test_every_view_range_and_scale_comes_in_one_answer_and_whole():
    data = drawn(0, 300, 900, 910, window=(900, 910))
    answer = json.loads(json.dumps(bundled(data)))
    assert len(answer["figures"]) == 27
    for view in FIGURES:
        figure = whole(answer["figures"][f"{view} window units"], answer["parts"])
        assert figure == json.loads(json.dumps(FIGURES[view](within(data, "window"), "units")))
        assert figure["layout"]["height"] == HEIGHT


def test_60_draws_are_sent_in_less_than_150_kilobytes():
    data = drawn(*range(0, 1800, 30), window=(1200, 1770))
    assert len(json.dumps(bundled(data), separators=(",", ":"))) < 150_000


def test_a_file_has_colours_of_its_own():
    assert resolved('fill="var(--alt)"') == 'fill="#0067a8"'
