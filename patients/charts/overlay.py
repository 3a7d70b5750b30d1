"""Enzymes and INR in one plot, with both scales tied to each other at two fixed levels."""

import math

from .axes import FINE_TICKS, LOG_TICKS, axis, tick_text, ticks_between, time_axis
from .data import ENZYMES, ChartData
from .frame import layout, window_shape
from .labels import level, words_in
from .series import line
from .values import number, reader, values

ANCHOR_INR = 1.2
NOTICE = (
    "Two scales in one plot: the upper limit and INR 1.2 are drawn at the same height. "
    "A crossing of the lines has no meaning of its own; read each line against its own axis."
)


def overlay_figure(data: ChartData, scale: str = "limit") -> dict:
    read = reader(scale)
    found = [math.log10(v) for key in ENZYMES for v in values(data.points(key), read, log=True)]
    anchor = math.log10(anchor_level(data, scale))
    inr = values(data.points("INR"), lambda p: p.value)
    left, right = tied_ranges(found, anchor, inr, ANCHOR_INR)
    traces = [line(data, key, "y", read, log=True) for key in ENZYMES if data.points(key)]
    traces += [line(data, "INR", "y2")] if data.points("INR") else []
    notes = [] if found else [words_in("No ALT or AST that can be drawn on this scale.", "y")]
    notes += [] if inr else [words_in("No INR recorded.", "y")]
    ticks = ticks_between(LOG_TICKS, *left)
    if len(ticks) < 4:
        ticks = ticks_between(FINE_TICKS, *left)
    return {
        "data": traces,
        "layout": layout(
            430,
            62,
            hovermode="x unified",
            xaxis=time_axis(data, "y"),
            yaxis=axis(
                "× upper limit" if scale == "limit" else "U/L",
                type="log",
                range=[number(left[0]), number(left[1])],
                tickvals=[number(tick) for tick in ticks],
                ticktext=[tick_text(tick) for tick in ticks],
            ),
            yaxis2=axis(
                "INR",
                overlaying="y",
                side="right",
                range=[number(right[0]), number(right[1])],
                showgrid=False,
                tickvals=[number(tick) for tick in inr_ticks(*right)],
            ),
            shapes=[*window_shape(data), level(ANCHOR_INR, "y2", "var(--ink-soft)")],
            annotations=[*notes, _anchor_words(data, scale)],
        ),
    }


def inr_ticks(low: float, high: float) -> list[float]:
    """Round levels of INR of its own: not those of the other axis, which are logarithmic."""
    step = next((s for s in (0.1, 0.2, 0.5, 1, 2, 5) if (high - low) / s <= 9), 10)
    first = math.ceil(max(low, 0) / step)
    return [round(n * step, 2) for n in range(first, math.floor(high / step) + 1)]


def anchor_level(data: ChartData, scale: str) -> float:
    """The upper limit on this scale: 1, or that of the latest value in U/L."""
    if scale == "limit":
        return 1.0
    limits = [p.upper for key in (data.enzyme, *ENZYMES) for p in data.points(key)[-1:] if p.upper]
    return limits[0] if limits else 40.0


def tied_ranges(left: list[float], left_anchor: float, right: list[float], right_anchor: float):
    """Two ranges that hold all values and have their anchors at the same share of the height."""
    below_left, above_left = _reach(left, left_anchor, 0.3)
    below_right, above_right = _reach(right, right_anchor, 0.3)
    share = max(below_left / (below_left + above_left), below_right / (below_right + above_right))
    share = min(max(share, 0.12), 0.88)
    return (
        _range(left_anchor, below_left, above_left, share),
        _range(right_anchor, below_right, above_right, share),
    )


def _reach(found: list[float], anchor: float, least: float) -> tuple[float, float]:
    below = max((anchor - value for value in found), default=0)
    above = max((value - anchor for value in found), default=0)
    return max(below, 0) * 1.08 + least / 5, max(above, least) * 1.08


def _range(anchor: float, below: float, above: float, share: float) -> tuple[float, float]:
    length = max(below / share, above / (1 - share))
    return anchor - share * length, anchor + (1 - share) * length


def _anchor_words(data: ChartData, scale: str) -> dict:
    words = "upper limit = INR 1.2"
    if scale != "limit":
        words = f"{data.enzyme} {anchor_level(data, scale):g} U/L = INR 1.2"
    return {
        "text": words,
        "xref": "paper",
        "x": 0.005,
        "xanchor": "left",
        "yref": "y2",
        "y": ANCHOR_INR,
        "yanchor": "bottom",
        "showarrow": False,
        "bgcolor": "var(--surface)",
        "opacity": 0.9,
        "font": {"size": 12, "color": "var(--ink-soft)"},
    }
