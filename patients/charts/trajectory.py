"""The path of the patient through the plane of enzyme and INR: falling is leftward, failing is upward."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.words import day, day_of_month, hour, moment

from .axes import FONT, inr_range, log_axis
from .data import MARKER_SHAPES, ChartData, Point
from .frame import layout
from .labels import level, words_in
from .values import log_safe, number, plain, reader

NORMAL_INR = 1.2
# Labels nearer than this share of the plot to one another are left out.
APART = 0.09
# More steps than these are drawn lighter.
MANY, MOST_LABELS = 60, 10
HOURS_MATTER = timedelta(days=14)


@dataclass(frozen=True)
class TrajectoryStep:
    enzyme: Point
    inr: Point
    x: float
    begins: bool


def steps(data: ChartData, scale: str) -> list[TrajectoryStep]:
    """The draws that hold both values, in time order."""
    inr = {point.draw: point for point in data.points("INR")}
    read = reader(scale)
    found, begins = [], False
    for point in data.points(data.enzyme):
        begins = begins or point.begins
        x = log_safe(read(point))
        if point.draw in inr and x is not None:
            found.append(TrajectoryStep(point, inr[point.draw], x, begins or inr[point.draw].begins))
            begins = False
    return found


def trajectory_figure(data: ChartData, scale: str = "limit") -> dict:
    path = steps(data, scale)
    limit = 1.0 if scale == "limit" else _latest_limit(path)
    unit = "× upper limit" if scale == "limit" else "U/L"
    x_axis = log_axis([s.x for s in path], limit, f"{data.enzyme}, {unit}", anchor="y")
    low, high = inr_range(data)
    # Room for the words of the quadrants.
    low, high = min(low, 0.85), high + 0.06 * (high - low)
    corners = _quadrants(x_axis["range"], limit, (low, high)) if path else []
    notes = corners + _labels(data, path, x_axis["range"], (low, high)) + _arrow(path)
    if not path:
        notes = [words_in(f"No draw holds both {data.enzyme} and INR.", "y")]
    shapes = [level(NORMAL_INR, "y", "var(--ink-soft)")]
    if limit:
        shapes.append(_upright(limit))
    return {
        "data": _traces(data, path),
        "layout": layout(
            470,
            24,
            hovermode="closest",
            showlegend=False,
            xaxis=x_axis,
            yaxis={
                "title": {"text": "INR", "font": {"color": "var(--ink-soft)", "size": FONT}, "standoff": 6},
                "range": [number(low), number(high)],
                "gridcolor": "var(--line)",
                "zeroline": False,
                "fixedrange": True,
                "tickfont": {"color": "var(--ink-soft)", "size": FONT},
            },
            shapes=shapes,
            annotations=notes,
        ),
    }


def _latest_limit(path: list[TrajectoryStep]) -> float | None:
    return next((s.enzyme.upper for s in reversed(path) if s.enzyme.upper), None)


def _traces(data: ChartData, path: list[TrajectoryStep]) -> list[dict]:
    """The whole path soft, the dissociation window strong over it."""
    if not path:
        return []
    window = data.window
    inside = [s for s in path if window and window[0] <= s.enzyme.at <= window[1]]
    whole = _path(path, "path", "var(--ink-soft)", 1.4)
    whole["opacity"] = 0.75 if inside else 1
    if len(path) > MANY:
        # So many steps are a tangle as lines; as points they are a cloud that drifts.
        whole |= {"mode": "markers", "opacity": 0.35 if inside else 0.6}
    return [
        whole,
        *(
            [_path(inside, "dissociation window", "var(--inr)", 2.6 if len(inside) <= MANY // 2 else 1.2)]
            if inside
            else []
        ),
    ]


def _path(path: list[TrajectoryStep], name: str, colour: str, width: float) -> dict:
    x, y, text, symbols = [], [], [], []
    for i, step in enumerate(path):
        if step.begins and i:
            x.append(None), y.append(None), text.append(""), symbols.append("circle")
        x.append(number(step.x))
        y.append(number(step.inr.value))
        at = step.enzyme.at
        text.append(f"{moment(at)}<br>{plain(step.enzyme.text)} U/L · INR {plain(step.inr.text)}")
        hollow = step.enzyme.comparator or step.inr.comparator
        symbols.append("circle-open" if hollow else MARKER_SHAPES["ALT"])
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": x,
        "y": y,
        "connectgaps": False,
        "line": {"color": colour, "width": width},
        "marker": {"size": 8 if len(path) <= MANY // 2 else 4, "color": colour, "symbol": symbols},
        "text": text,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _arrow(path: list[TrajectoryStep]) -> list[dict]:
    """The last step as an arrow, unless the line breaks there or nothing moved."""
    if len(path) < 2 or path[-1].begins:
        return []
    before, last = path[-2:]
    if (before.x, before.inr.value) == (last.x, last.inr.value):
        return []
    return [
        {
            "text": "",
            "x": number(math.log10(last.x)),
            "y": number(last.inr.value),
            "ax": number(math.log10(before.x)),
            "ay": number(before.inr.value),
            "xref": "x",
            "yref": "y",
            "axref": "x",
            "ayref": "y",
            "showarrow": True,
            "arrowhead": 2,
            "arrowsize": 1.2,
            "arrowwidth": 2.4,
            "arrowcolor": "var(--inr)",
            "standoff": 5,
        }
    ]


def _labels(data: ChartData, path: list[TrajectoryStep], x_range, y_range) -> list[dict]:
    """Dates of the points: the last, the first, the window's and the peaks; all where there are few."""
    taken: list[tuple[float, float]] = []
    notes = []
    for i in _worth_naming(data, path):
        step = path[i]
        spot = (
            (math.log10(step.x) - x_range[0]) / (x_range[1] - x_range[0]),
            (step.inr.value - y_range[0]) / (y_range[1] - y_range[0]),
        )
        if any(abs(spot[0] - x) < 2 * APART and abs(spot[1] - y) < APART / 1.6 for x, y in taken):
            continue
        taken.append(spot)
        notes.append(_date_label(step, spot, _date_words(path)))
    return notes


def _worth_naming(data: ChartData, path: list[TrajectoryStep]) -> list[int]:
    """The most important first, because a label that lies on another is left out."""
    if not path:
        return []
    places = range(len(path))
    peaks = [max(places, key=lambda i: path[i].x), max(places, key=lambda i: path[i].inr.value)]
    every = places if len(path) <= MOST_LABELS else ()
    return list(dict.fromkeys([len(path) - 1, 0, *_window_steps(data, path), *peaks, *every]))


def _date_words(path: list[TrajectoryStep]) -> Callable[[datetime], str]:
    """Hours where days do not tell the points apart, the year where it is not the same for all."""
    first, last = path[0].enzyme.at, path[-1].enzyme.at
    if last - first < HOURS_MATTER:
        return lambda at: f"{day_of_month(at)}, {hour(at)}"
    return day_of_month if first.year == last.year else day


def _window_steps(data: ChartData, path: list[TrajectoryStep]) -> list[int]:
    return [i for i, s in enumerate(path) if data.window and s.enzyme.at in data.window]


def _date_label(step: TrajectoryStep, spot: tuple[float, float], written: Callable[[datetime], str]) -> dict:
    right = spot[0] < 0.8
    return {
        "text": written(step.enzyme.at),
        "bgcolor": "var(--surface)",
        "opacity": 0.9,
        "xref": "x",
        "yref": "y",
        "x": number(math.log10(step.x)),
        "y": number(step.inr.value),
        "xanchor": "left" if right else "right",
        "yanchor": "bottom",
        "xshift": 6 if right else -6,
        "yshift": 3,
        "showarrow": False,
        "font": {"size": FONT, "color": "var(--ink)"},
    }


def _quadrants(x_range, limit: float | None, y_range) -> list[dict]:
    """What each corner means, where there is room for the words."""
    if limit is None:
        return []
    across = (math.log10(limit) - x_range[0]) / (x_range[1] - x_range[0])
    up = (NORMAL_INR - y_range[0]) / (y_range[1] - y_range[0])
    corners = (
        (0.01, 0.99, "left", "top", "enzymes normal, INR raised"),
        (0.99, 0.99, "right", "top", "injury and raised INR"),
        (0.01, 0.01, "left", "bottom", "both normal"),
        (0.99, 0.01, "right", "bottom", "injury, INR normal"),
    )
    return [
        {
            "text": words,
            "xref": "paper",
            "yref": "paper",
            "x": x,
            "y": y,
            "xanchor": x_anchor,
            "yanchor": y_anchor,
            "showarrow": False,
            "font": {"size": FONT, "color": "var(--ink-soft)"},
        }
        for x, y, x_anchor, y_anchor, words in corners
        if (across if x < 0.5 else 1 - across) > 0.3 and (up if y < 0.5 else 1 - up) > 0.08
    ]


def _upright(limit: float) -> dict:
    return {
        "type": "line",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "xref": "x",
        "x0": number(limit),
        "x1": number(limit),
        "line": {"color": "var(--ink-soft)", "width": 1, "dash": "dot"},
    }
