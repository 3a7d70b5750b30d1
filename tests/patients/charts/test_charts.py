import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import plotly.graph_objects as go
import pytest

from interpretation.record.records import Case, Diagnosis, Draw, Event, Result
from patients.charts import FIGURES, SCALES, chart_data, chart_table, stacked_figure, trajectory_figure
from patients.charts.labels import inr_lines, spread
from patients.charts.lane import rows
from patients.charts.overlay import ANCHOR_INR, overlay_figure
from patients.values.display import Units

START = datetime(2025, 1, 1, 8, tzinfo=UTC)


def draw(days: float, *, laboratory="L1", method="", **values) -> Draw:
    """draw(3, ALT=112, INR="<1.1"): canonical units, limits 40 and 1.2."""
    results = []
    for key, given in values.items():
        number = str(given).lstrip("<>=")
        upper = {"ALT": 40, "AST": 40, "INR": 1.2}.get(key)
        results.append(Result(key, float(number), str(given).removesuffix(number), upper_limit=upper))
    at = START + timedelta(days=days)
    return Draw(taken_at=at, results=tuple(results), laboratory=laboratory, method=method)


def data(*draws: Draw, events=(), diagnoses=(), **found):
    dissociation = SimpleNamespace(**{"grade": "none", "enzyme": "ALT", **found})
    last = max((d.taken_at for d in draws), default=START)
    case = Case(as_of=last + timedelta(days=1), sex="F", draws=draws, events=events, diagnoses=diagnoses)
    return chart_data(case, dissociation, Units("si"))


def many(count: int):
    values = [
        draw(n, ALT=300 - n / 2, AST=280 - n / 2, INR=round(1.1 + n / 500, 1), albumin=40)
        for n in range(count)
    ]
    return data(*values, baseline_at=values[0].taken_at if values else None)


def trace(figure: dict, name: str) -> dict:
    return next(t for t in figure["data"] if t.get("name") == name)


@pytest.mark.parametrize("view", FIGURES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_plotly_takes_every_figure(view, scale, count):
    figure = FIGURES[view](many(count), scale)
    go.Figure(figure)
    assert json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("view", FIGURES)
@pytest.mark.parametrize("values", [{"ALT": 50}, {"INR": 1.4}, {"AST": 50, "INR": 1.4}, {"ALT": 0, "INR": 0}])
def test_what_is_missing_breaks_nothing(view, values):
    figure = FIGURES[view](data(draw(0, **values), draw(9, **values)), "limit")
    go.Figure(figure)
    assert json.dumps(figure, allow_nan=False)


def test_the_lower_panels_unfold():
    figure = stacked_figure(many(3), more=True)
    go.Figure(figure)
    assert figure["layout"]["height"] > stacked_figure(many(3))["layout"]["height"]


@pytest.mark.parametrize(("days", "breaks"), [(547, 0), (548, 0), (548.01, 1), (900, 1)])
def test_the_line_breaks_after_18_months(days, breaks):
    figure = stacked_figure(data(draw(0, ALT=50), draw(days, ALT=60)))
    assert trace(figure, "ALT")["y"].count(None) == breaks


@pytest.mark.parametrize(
    ("second", "breaks"),
    [
        ({"laboratory": "L1"}, 0),
        ({"laboratory": "l1"}, 0),
        ({"laboratory": ""}, 0),
        ({"laboratory": "L2"}, 1),
        ({"laboratory": "L1", "method": "point_of_care"}, 1),
    ],
)
def test_the_line_breaks_where_laboratory_or_method_changes(second, breaks):
    figure = stacked_figure(data(draw(0, INR=1.1), draw(9, INR=1.3, **second)))
    assert trace(figure, "INR")["y"].count(None) == breaks


def test_an_unnamed_laboratory_between_two_hides_no_change():
    draws = draw(0, INR=1.1), draw(5, INR=1.2, laboratory=""), draw(9, INR=1.3, laboratory="L2")
    assert trace(stacked_figure(data(*draws)), "INR")["y"].count(None) == 1


def test_the_line_breaks_at_a_transplant():
    event = Event("transplant", START + timedelta(days=5))
    figure = stacked_figure(data(draw(0, INR=2.1), draw(9, INR=1.1), events=(event,)))
    assert trace(figure, "INR")["y"] == [2.1, None, 1.1]


@pytest.mark.parametrize(("value", "symbol"), [("<5", "circle-open"), (">5", "circle-open"), (5, "circle")])
def test_bounds_have_hollow_marks(value, symbol):
    figure = stacked_figure(data(draw(0, ALT=value), draw(9, ALT="<6")))
    assert trace(figure, "ALT")["marker"]["symbol"][0] == symbol


def test_series_differ_in_shape_and_dash():
    figure = stacked_figure(data(draw(0, ALT=50, AST=60, INR=1.2)))
    symbols = [trace(figure, name)["marker"]["symbol"] for name in ("ALT", "AST", "INR")]
    assert symbols == ["circle", "square", "diamond"]
    assert "dash" in trace(figure, "AST")["line"]


def test_multiples_are_of_each_draws_own_limit():
    first = Draw(START, (Result("ALT", 80, upper_limit=40),))
    second = Draw(START + timedelta(days=9), (Result("ALT", 80, upper_limit=50),))
    assert trace(stacked_figure(data(first, second), "limit"), "ALT")["y"] == [2, 1.6]


def test_the_upper_limit_follows_each_draws_own():
    first = Draw(START, (Result("ALT", 80, upper_limit=40),))
    second = Draw(START + timedelta(days=9), (Result("ALT", 80, upper_limit=50),))
    band = trace(stacked_figure(data(first, second), "units"), "ALT upper limit")
    assert (band["y"], band["line"]["shape"]) == ([40, 50, 50], "hv")


def test_unchanged_limits_are_one_step():
    band = trace(stacked_figure(many(500), "units"), "ALT upper limit")
    assert len(band["x"]) == 2


def test_a_limit_that_was_not_sent_is_assumed_and_marked():
    found = data(Draw(START, (Result("ALT", 80),)))
    assert [(p.upper, p.assumed) for p in found.points("ALT")] == [(40, True)]
    assert chart_table(found)[0].cells[0] == "80 (2.00 ×*)"


def test_the_window_is_shaded_from_baseline_to_latest():
    found = data(
        draw(0, ALT=90, INR=1.2), draw(9, ALT=30, INR=1.6), grade="possible",
        baseline_at=START, latest_at=START + timedelta(days=9),
    )  # fmt: skip
    shape = stacked_figure(found)["layout"]["shapes"][0]
    assert shape["type"] == "rect"
    assert (shape["x0"], shape["x1"]) == ("2025-01-01T08:00", "2025-01-10T08:00")
    assert shape["fillcolor"] == "var(--possible)"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("cirrhosis", {"1.6 cirrhosis"}),
        ("advanced_fibrosis", {"1.7 adv. fibrosis"}),
        ("hepatitis_b", {"1.5 acute failure"}),
    ],
)
def test_the_line_of_the_own_disease_is_named(kind, expected):
    found = data(draw(0, INR=1.2), draw(9, INR=2.6), diagnoses=(Diagnosis(kind),))
    words = {note["text"] for note in stacked_figure(found)["layout"]["annotations"]}
    assert words & {"1.5 acute failure", "1.6 cirrhosis", "1.7 adv. fibrosis"} == expected


@pytest.mark.parametrize(("high", "there"), [(2.1, False), (2.2, True)])
def test_the_line_of_coagulation_failure_is_there_above_2_1_alone(high, there):
    words = [text for _, text, _ in inr_lines(data(draw(0, INR=high)))]
    assert ("2.5 coag. failure" in words) is there


def test_the_line_of_a_child_is_that_of_its_rule():
    found = data(draw(0, INR=2.2))
    grown = [text for _, text, _ in inr_lines(found)]
    child = [text for _, text, _ in inr_lines(replace(found, is_child=True))]
    assert "2.1 hospital cohort" in grown and "2.0 critical, child" not in grown
    assert "2.0 critical, child" in child and "2.1 hospital cohort" not in child


@pytest.mark.parametrize("high", [1.2, 2.6, 5.2, 13])
def test_words_at_the_right_edge_do_not_lie_on_each_other(high):
    figure = stacked_figure(data(draw(0, ALT=41, AST=40, INR=1.1), draw(9, ALT=41, AST=40, INR=high)))
    plot = figure["layout"]["height"] - 46
    places = sorted(
        n["y"] * plot for n in figure["layout"]["annotations"] if n["x"] == 1 and n["xshift"] == 8
    )
    gaps = [b - a for a, b in zip(places, places[1:], strict=False)]
    assert len(places) >= 5 and all(gap >= 14.4 for gap in gaps)


def test_lines_far_above_the_data_are_left_out():
    words = {n["text"] for n in stacked_figure(data(draw(0, INR=1.1)))["layout"]["annotations"]}
    assert "2.5 coag. failure" not in words


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [([], []), ([1], [1]), ([1, 3], [1, 3]), ([1, 1.5], [0.75, 1.75]), ([1, 1, 1], [0, 1, 2])],
)
def test_labels_are_spread_around_where_they_belong(wanted, placed):
    assert spread(wanted, 1) == pytest.approx(placed)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("inr", [(1.0, 1.1), (1.4, 1.8), (3.1, 5.2)])
@pytest.mark.parametrize("alt", [(20, 30), (30, 90), (9200, 3700)])
def test_both_scales_of_the_overlay_share_their_anchor(scale, inr, alt):
    figure = overlay_figure(data(*(draw(n, ALT=alt[n], INR=inr[n]) for n in (0, 1))), scale)
    left, right = figure["layout"]["yaxis"]["range"], figure["layout"]["yaxis2"]["range"]
    anchor = 1.602 if scale == "units" else 0
    share = (anchor - left[0]) / (left[1] - left[0])
    assert share == pytest.approx((ANCHOR_INR - right[0]) / (right[1] - right[0]), abs=0.005)


def test_the_overlay_holds_every_value():
    figure = overlay_figure(data(draw(0, ALT=9200, INR=3.1), draw(1, ALT=20, INR=0.9)))
    low, high = figure["layout"]["yaxis2"]["range"]
    assert low < 0.9 and high > 3.1


def test_the_last_step_of_the_path_is_an_arrow():
    figure = trajectory_figure(data(draw(0, ALT=400, INR=1.2), draw(9, ALT=40, INR=1.6)), "limit")
    arrow = next(n for n in figure["layout"]["annotations"] if n["showarrow"])
    # Positions on a logarithmic axis are powers of ten.
    assert (arrow["ax"], arrow["x"], arrow["ay"], arrow["y"]) == (1, 0, 1.2, 1.6)


def test_one_point_has_no_arrow():
    figure = trajectory_figure(data(draw(0, ALT=400, INR=1.2)))
    assert not any(n["showarrow"] for n in figure["layout"]["annotations"])


def test_the_path_holds_only_draws_with_both_values():
    figure = trajectory_figure(
        data(draw(0, ALT=400, INR=1.2), draw(3, ALT=90), draw(9, ALT=40, INR=1.6)), "limit"
    )
    assert figure["data"][0]["x"] == [10, 1]


def test_no_text_is_smaller_than_12_pixels():
    def sizes(value):
        if isinstance(value, dict):
            if "size" in value.get("font", {}):
                yield value["font"]["size"]
            for inner in value.values():
                yield from sizes(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from sizes(inner)

    assert min(size for view in FIGURES.values() for size in sizes(view(many(3), "limit"))) >= 12


def test_drugs_that_overlap_get_rows_of_their_own():
    drugs = tuple(
        Event("antibiotic", START + timedelta(days=n), START + timedelta(days=n + 5), label)
        for n, label in ((0, "ceftriaxone"), (2, "meropenem"), (8, "ceftriaxone"))
    )
    found = data(draw(0, INR=1.1), draw(12, INR=1.2), events=drugs)
    assert [(name, len(bars)) for name, bars in rows(found).drugs] == [("ceftriaxone", 2), ("meropenem", 1)]


@pytest.mark.parametrize(("count", "words"), [(2, "drug 1"), (3, "drug 1, +1"), (6, "drug 1, +4")])
def test_more_drugs_than_two_fold_to_a_number(count, words):
    drugs = tuple(Event("hepatotoxic_drug", START, label=f"drug {n}") for n in range(count))
    found = stacked_figure(data(draw(0, INR=1.1), draw(400, INR=1.2), events=drugs))
    assert words in [note["text"] for note in found["layout"]["annotations"]]


def test_anticoagulants_come_before_other_drugs():
    drugs = tuple(Event(kind, START, label=kind) for kind in ("antibiotic", "hepatotoxic_drug", "vka"))
    assert rows(data(draw(0, INR=1.1), draw(9, INR=1.2), events=drugs)).drugs[0][0] == "vka"


def test_doses_that_follow_each_other_are_one_course():
    doses = tuple(
        Event("antibiotic", START + timedelta(days=n), START + timedelta(days=n, hours=1), "ceftriaxone")
        for n in range(5)
    )
    assert len(data(draw(0, INR=1.1), draw(12, INR=1.2), events=doses).lanes) == 1


def test_a_drug_after_the_clock_is_not_drawn():
    later = Event("vka", START + timedelta(days=30))
    assert data(draw(0, INR=1.1), events=(later,)).lanes == ()


def test_the_table_holds_every_value_with_its_bound():
    table = chart_table(data(draw(0, ALT="<5", INR=1.25), draw(9, ALT=80)))
    assert [row.cells[:3] for row in table] == [("80 (2.00 ×)", "", ""), ("<5 (<0.12 ×)", "", "1.25")]


def test_500_draws_stay_small():
    assert len(json.dumps(stacked_figure(many(500)), separators=(",", ":"))) < 90_000


@pytest.mark.parametrize("view", FIGURES)
@pytest.mark.parametrize("kind", ["vka", "procedure"])
def test_what_a_person_typed_is_no_html(view, kind):
    link = '<a href="https://elsewhere.example">x</a>'
    event = Event(kind, START, START + timedelta(days=1), label=link)
    draws = [draw(n, ALT=90 - n, INR=1.2, laboratory=link) for n in range(3)]
    assert "<a" not in json.dumps(FIGURES[view](data(*draws, events=(event,)), "limit"))


def test_the_cursor_tells_a_bound_and_its_multiple_as_bounds():
    found = data(draw(0, ALT=">400", INR=1.2), draw(9, ALT=80, INR=">8"))
    cursor = trace(stacked_figure(found, "limit"), "ALT")["hovertemplate"]
    assert cursor == ["%{text} · &gt;%{y:.2~f} ×", "%{text} · %{y:.2~f} ×"]
    # Plotly reads a label as HTML: "<5 U/L · INR >8" would lose its middle as a tag.
    words = [text for one in trajectory_figure(found)["data"] for text in one.get("text", ())]
    assert any("&gt;400 U/L · INR 1.2" in text for text in words)
    assert not any(">400" in text or "INR >" in text for text in words)
