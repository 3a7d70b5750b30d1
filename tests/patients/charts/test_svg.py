"""The chart on paper: the dictionary that Plotly draws, written as SVG without a script."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from interpretation.record.records import Case, Draw, Event, Result
from patients.charts import chart_data, stacked_figure
from patients.charts.svg import svg
from patients.charts.ticks import even_ticks, time_ticks
from patients.values.display import Units

START = datetime(2025, 1, 1, 8, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


class Found:
    grade, enzyme = "established", "ALT"

    def __init__(self, first, last):
        self.baseline_at, self.latest_at = first, last


def case(*rows, events=()) -> Case:
    """LaneRows of (days, ALT, INR); a text keeps its comparator."""
    draws = tuple(
        Draw(START + timedelta(days=days), (_result("ALT", alt, 40), _result("INR", inr, 1.2)), "L1")
        for days, alt, inr in rows
    )
    return Case(as_of=START + timedelta(days=800), draws=draws, events=events)


def _result(key, given, upper) -> Result:
    number = str(given).lstrip("<>")
    return Result(key, float(number), str(given).removesuffix(number), upper_limit=upper)


def drawn(case: Case, **options):
    found = Found(case.draws[0].taken_at, case.draws[-1].taken_at)
    text = svg(stacked_figure(chart_data(case, found, Units("si")), **options), "A < B")
    return ElementTree.fromstring(text), text


FALLING = [(0, 112, 1.2), (100, 74, 1.4), (200, 34, 1.7)]


def test_curves_bands_window_and_words_are_those_of_the_figure():
    root, _ = drawn(case(*FALLING))
    words = [node.text for node in root.iter(f"{SVG}text")]
    assert {"U/L, log scale", "◆ INR", "upper limit 40", "1.5 acute failure", "● ALT", "ALT 34"} <= set(words)
    assert not any("AST" in word for word in words)
    lines = [node for node in root.iter(f"{SVG}polyline") if node.get("stroke") == "var(--alt)"]
    assert max(len(line.get("points").split()) for line in lines) == 3
    window = root.find(f"{SVG}rect")
    assert window.get("fill") == "var(--established)" and float(window.get("width")) > 400
    assert root.get("aria-label") == "A < B" and root.get("role") == "img"


def test_higher_values_stand_higher_and_later_draws_further_right():
    root, _ = drawn(case(*FALLING))
    circles = [n for n in root.iter(f"{SVG}circle") if n.get("fill") == "var(--alt)"][:3]
    across, down = ([float(n.get(name)) for n in circles] for name in ("cx", "cy"))
    assert across == sorted(across) and down == sorted(down)
    # 112 of 40 is 2.8 times the limit, 34 is 0.85: equal ratios are equal distances.
    half = drawn(case((0, 160, 1.2), (100, 80, 1.2), (200, 40, 1.2)))[0]
    ys = [float(n.get("cy")) for n in half.iter(f"{SVG}circle") if n.get("fill") == "var(--alt)"][:3]
    assert ys[1] - ys[0] == pytest.approx(ys[2] - ys[1], abs=0.2)


def test_a_long_gap_breaks_the_line_and_a_bound_is_hollow():
    root, _ = drawn(case((0, 112, 1.2), (10, "<5", 1.2), (700, 50, 1.3)))
    runs = [n.get("points").split() for n in root.iter(f"{SVG}polyline") if n.get("stroke") == "var(--inr)"]
    assert [len(run) for run in runs] == [2]
    hollow = [n for n in root.iter(f"{SVG}circle") if n.get("fill") == "var(--surface)"]
    assert len(hollow) == 1


def test_no_style_no_script_and_what_people_typed_stays_words():
    label = "<b x=y>W</b> & c"
    events = (Event("vka", START + timedelta(days=20), label=label),)
    root, text = drawn(case(*FALLING, events=events))
    assert "style" not in text and "<script" not in text and "<b" not in text
    assert label in [node.text for node in root.iter(f"{SVG}text")]


def test_one_draw_and_the_lower_panels_are_drawn_too():
    root, _ = drawn(case((0, 112, 1.2)))
    assert len(list(root.iter(f"{SVG}circle"))) >= 1
    assert not re.search(r"\bnan\b", drawn(case(*FALLING), height=330)[1], re.IGNORECASE)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2025-03-01T07:00", "2025-03-01T15:30", ["08:00", "10:00", "12:00", "14:00"]),
        ("2025-03-01T20:00", "2025-03-02T05:00", ["20:00", "22:00", "2 Mar", "02:00", "04:00"]),
        ("2025-03-01T00:00", "2025-03-03T13:00", ["1 Mar", "12:00", "2 Mar", "12:00", "3 Mar", "12:00"]),
        ("2025-01-10T00:00", "2025-05-20T00:00", ["Feb 2025", "Mar", "Apr", "May"]),
        ("2025-10-10T00:00", "2026-03-20T00:00", ["Nov 2025", "Dec", "Jan 2026", "Feb", "Mar"]),
        ("2025-12-27T12:00", "2026-01-05T12:00", ["29 Dec 2025", "31 Dec", "2 Jan 2026", "4 Jan"]),
        ("2010-05-01T00:00", "2026-05-01T00:00", ["2015", "2020", "2025"]),
    ],
)  # fmt: skip
def test_ticks_of_time_are_round(first, last, words):
    found = time_ticks(datetime.fromisoformat(first), datetime.fromisoformat(last))
    assert [word for _, word in found] == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.9, 1.76, ["1.0", "1.2", "1.4", "1.6"]),
        (0, 100, ["0", "20", "40", "60", "80", "100"]),
        (3, 3, []),
    ],
)
def test_ticks_of_values_are_round(low, high, words):
    assert [word for _, word in even_ticks(low, high, 6)] == words
