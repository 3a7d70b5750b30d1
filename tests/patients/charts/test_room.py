"""The words of a corridor stand where no line, mark, label or level of their panel crosses them."""

from datetime import UTC, datetime, timedelta

import pytest

from patients.charts import stacked_figure
from patients.charts.data import ChartData, Point
from patients.charts.panel import AxesPanel
from patients.charts.reading.room import Box, Room, words_box
from patients.charts.sheet import LETTER, PLOT, ChartSheet
from patients.charts.stacked import with_room

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
BOX = Box(10, 20, 10, 20)


def points(*values: float) -> tuple[Point, ...]:
    days = (START + timedelta(days=n) for n in range(len(values)))
    return tuple(
        Point(at, v, f"{v:g}", draw=f"{n}") for n, (at, v) in enumerate(zip(days, values, strict=True))
    )


def said(alt: tuple, inr: tuple, height: float) -> dict:
    last = START + timedelta(days=len(alt) - 1)
    data = ChartData(
        {"ALT": points(*alt), "INR": points(*inr)},
        (),
        last,
        {"ALT": "U/L", "INR": ""},
        grade="possible",
        window=(START, last),
    )
    return stacked_figure(data, height=height)


def panel_of(figure: dict, axis: str) -> AxesPanel:
    layout = figure["layout"][axis.replace("y", "yaxis")]
    plot = figure["layout"]["height"] - 46
    low, high = layout["domain"]
    return AxesPanel(
        axis, (1 - high) * plot, (high - low) * plot, *layout["range"], log=layout["type"] == "log"
    )


@pytest.mark.parametrize("height", [300, 434])
@pytest.mark.parametrize(
    ("alt", "inr"),
    [
        ((210, 130, 80, 72), (1.2, 1.5, 1.9, 1.2)),
        ((30, 24, 26, 22), (1.2, 1.4, 1.5, 1.6)),
        ((9200, 6900, 5000, 3700), (3.1, 3.9, 4.6, 5.2)),
        ((115, 48, 52, 47), (1.5, 1.7, 1.4, 1.7)),
        ((100, 100, 100, 100), (1.2, 1.2, 1.2, 1.2)),
    ],
)
def test_the_words_of_a_corridor_lie_on_nothing(alt, inr, height):
    figure = said(alt, inr, height)
    notes = figure["layout"]["annotations"]
    for note in (note for note in notes if note["text"].startswith("expected variation")):
        axis = "y" if "ring" in note["text"] or note["y"] > 0.5 else "y2"
        span = [datetime.fromisoformat(at) for at in figure["layout"]["xaxis"]["range"]]
        sheet = ChartSheet(height, figure["data"], figure["layout"]["shapes"], notes)
        room = Room(sheet, panel_of(figure, axis), tuple(span))
        width = LETTER * len(note["text"])
        left = PLOT - 6 - width if note["xref"] == "paper" else room.x(note["x"]) + 6
        assert room.is_free(words_box(left, (1 - note["y"]) * sheet.plot, note["text"])), note


def test_where_there_is_room_they_stand():
    texts = [note["text"] for note in said((420, 300, 82), (1.6, 2.0, 2.6), 434)["layout"]["annotations"]]
    assert sum(text.startswith("expected variation") for text in texts) == 2


@pytest.mark.parametrize(
    ("one", "other", "met"),
    [
        ((0, 15), (30, 15), True),
        ((0, 0), (30, 30), True),
        ((15, 0), (15, 30), True),
        ((0, 30), (30, 25), False),
        ((0, 0), (9, 15), False),
        ((15, 0), (15, 9), False),
        ((30, 0), (0, 30), True),
    ],
)
def test_a_stretch_meets_a_box_or_not(one, other, met):
    assert BOX.is_met_by(one, other) is met


def test_the_highest_value_has_room_for_its_words_however_deep_the_axis_reaches():
    low, high = with_room(1.4, 4.2, [11800, 2000], 160)
    top = (high - 4.0719) / (high - low) * 160
    assert top >= 25.9
