"""Panels above each other on one true time axis: enzymes, INR, more if wanted, drugs and events."""

from datetime import datetime

from interpretation.record import analytes

from . import lane
from .axes import axis, inr_range, linear_range, log_axis, time_axis, time_span
from .data import ENZYMES, LOWER, ChartData
from .frame import layout, window_shape
from .labels import inr_lines, label, labelled_lines, level, words_in
from .series import band, empty, line
from .values import number, reader, values, y_units

# Heights in pixels of each panel and of the space between two.
ENZYME, INR, MORE, GAP = 176, 164, 86, 20
MARGINS = 74


def stacked_figure(
    data: ChartData, scale: str = "limit", more: bool = False, panels: tuple[int, int] = (ENZYME, INR)
) -> dict:
    """`scale` is "limit" (multiples of the upper limit) or "units"; `more` adds the lower panels.

    `panels` are the heights of the enzymes and of INR: on paper there is less room.
    """
    extra = [key for key in LOWER if data.points(key)] if more else []
    rows = lane.rows(data)
    heights = [*panels, *[MORE] * len(extra), *([lane.height(rows)] if rows else [])]
    domains = _domains(heights)
    names = ["y", "y2", *(f"y{3 + i}" for i in range(len(extra)))]
    lane_axis = f"y{3 + len(extra)}"
    span = time_span(data)

    traces, shapes, notes, axes = _enzymes(data, scale, span)
    for part in (
        _inr(data, span, panels[1]),
        *(_more(data, key, n, span) for key, n in zip(extra, names[2:], strict=True)),
    ):
        traces, shapes, notes, axes = traces + part[0], shapes + part[1], notes + part[2], {**axes, **part[3]}
    if rows:
        axes[_layout_name(lane_axis)] = lane.lane_axis(rows)
        traces += lane.traces(data, rows, lane_axis)
        notes += lane.labels(data, rows, lane_axis, span)
    ordered = [*names, *([lane_axis] if rows else [])]
    for name, domain in zip(ordered, domains, strict=True):
        axes[_layout_name(name)]["domain"] = domain
    return {
        "data": traces,
        "layout": layout(
            sum(heights) + GAP * (len(heights) - 1) + MARGINS,
            132,
            hovermode="x unified",
            hoversubplots="axis",
            xaxis=time_axis(data, ordered[-1]),
            shapes=window_shape(data) + shapes,
            annotations=notes,
            **axes,
        ),
    }


def _domains(heights: list[int]) -> list[list[float]]:
    """Shares of the plot from the top down."""
    total = sum(heights) + GAP * (len(heights) - 1)
    domains, top = [], total
    for height in heights:
        domains.append([round(max(top - height, 0) / total, 4), round(top / total, 4)])
        top -= height + GAP
    return domains


def _layout_name(axis_name: str) -> str:
    return axis_name.replace("y", "yaxis")


def _enzymes(data: ChartData, scale: str, span: tuple[datetime, datetime]):
    read = reader(scale)
    found = [value for key in ENZYMES for value in values(data.points(key), read, log=True)]
    limits = [p.upper for key in ENZYMES for p in data.points(key) if p.upper]
    title, always = ("× upper limit", 1) if scale == "limit" else ("U/L", limits[-1] if limits else None)
    traces = [line(data, key, "y", read, log=True) for key in ENZYMES if data.points(key)]
    shapes, notes = [], []
    if scale == "limit":
        shapes = [level(1, "y", "var(--ink-soft)")]
        notes = [label("upper limit", 0, "y")]
    y_axis = log_axis(found, always, title)
    if scale != "limit":
        bottom = 10 ** y_axis["range"][0]
        bands = band(data, data.enzyme, "y", bottom, span)
        traces = bands + traces
        if bands:
            notes = [label(f"{data.enzyme} upper limit", _log10(bands[1]["y"][-1]), "y")]
    if not found:
        traces, shapes, notes = [empty(span, "y")], [], [words_in(_no_enzyme(data, scale), "y")]
    return traces, shapes, notes, {"yaxis": y_axis}


def _log10(value: float) -> float:
    from math import log10

    return number(log10(value))


def _no_enzyme(data: ChartData, scale: str) -> str:
    if any(data.points(key) for key in ENZYMES) and scale == "limit":
        return "No upper limit is known for these values: switch to U/L."
    return "No ALT or AST recorded."


def _inr(data: ChartData, span: tuple[datetime, datetime], height: int):
    low, high = inr_range(data)
    y_axis = axis("INR", range=[number(low), number(high)], nticks=6)
    if not data.points("INR"):
        y_axis |= {"showticklabels": False}
        return [empty(span, "y2")], [], [words_in("No INR recorded.", "y2")], {"yaxis2": y_axis}
    shapes, notes = labelled_lines(inr_lines(data), (low, high), (high - low) * 16 / height, "y2")
    traces = [*band(data, "INR", "y2", low, span), line(data, "INR", "y2")]
    return traces, shapes, notes, {"yaxis2": y_axis}


def _more(data: ChartData, key: str, axis_name: str, span: tuple[datetime, datetime]):
    """Bilirubin, albumin or platelets with the range sent with each draw."""
    points = data.points(key)
    limits = [limit for p in points for limit in (p.lower, p.upper) if limit is not None]
    low, high = linear_range(values(points, y_units), limits)
    name = analytes.get(key).name.split(",")[0]
    y_axis = axis(f"{name}<br>{data.units[key]}", range=[number(low), number(high)], nticks=4)
    trace = line(data, key, axis_name, name=name) | {"showlegend": False}
    traces = [*band(data, key, axis_name, low, span), trace]
    return traces, [], [], {_layout_name(axis_name): y_axis}
