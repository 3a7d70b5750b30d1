"""The verdict's enzyme and INR in one plot, with both scales tied to each other at a fixed level and slope."""

import math
from collections.abc import Iterable
from itertools import pairwise

from .axes import log_range, time_span
from .data import ChartData
from .frame import TONES
from .marks import GLYPHS, end_labels, level, point_labels
from .panel import AxesPanel, time_ticked
from .series import inr_traces, line, read_inr
from .sheet import HEIGHT, ChartSheet, font, rect
from .ticks import even_ticks, log_ticks
from .values import TITLES, number, reader, stamp, values, y_units

ANCHOR_INR = 1.2
# INR of one decade of the enzyme; more only where INR is so high that the curves would be flat.
SLOPES, DECADES = (1.2, 2.4, 4.8, 9.6, 19.2), 3
TOP = 34
NOTICE = (
    "Two scales in one plot, tied at a fixed level and slope: the crossing is never an artefact of scaling. "
    "Read each line against its own axis."
)


def overlay_figure(data: ChartData, scale: str = "units", height: float = HEIGHT) -> dict:
    sheet, read = ChartSheet(height), reader(scale, data, data.enzyme)
    found = values(data.points(data.enzyme), read, log=True)
    inr = values(data.points("INR"), y_units)
    anchor, slope = math.log10(anchor_level(data, scale)), slope_of(inr)
    levels = [*found, *(10 ** (anchor + (value - ANCHOR_INR) / slope) for value in inr), 10**anchor]
    low, high = log_range(levels)
    left = AxesPanel("y", TOP, sheet.plot - TOP, low, high, log=True)
    right = AxesPanel(
        "y2", TOP, sheet.plot - TOP, *(ANCHOR_INR + (end - anchor) * slope for end in (low, high))
    )
    _shade(sheet, data, left)
    left.lay(sheet, log_ticks(low, high))
    right.lay(sheet, even_ticks(right.low, right.high, 6), overlaying="y", side="right", showgrid=False)
    _titles(sheet, data, scale, bool(found), bool(inr))
    level(sheet, right, ANCHOR_INR, "var(--ink-soft)")
    _gap(sheet, data, read, lambda value: 10 ** (anchor + (value - ANCHOR_INR) / slope))
    for key, panel, own in ((data.enzyme, left, read), ("INR", right, y_units)):
        if data.points(key):
            sheet.data += (
                inr_traces(data, panel.axis) if key == "INR" else [line(data, key, "y", own, log=True)]
            )
            point_labels(sheet, data, key, panel, {key: own}, scale if key != "INR" else "units")
            end_labels(sheet, data, panel, {key: own}, scale if key != "INR" else "units", [], xshift=48)
    return sheet.figure(hovermode="x unified", xaxis=time_ticked(data, time_span(data), "y"))


def _titles(sheet: ChartSheet, data: ChartData, scale: str, enzyme: bool, inr: bool) -> None:
    key = data.enzyme
    sheet.say(f"{GLYPHS[key]} {key}, {TITLES[scale]}", -10, font=font(f"var(--{key.lower()})", 650))
    sheet.say(f"{GLYPHS['INR']} INR", -10, x=1, xshift=4, font=font("var(--inr)", 650))
    sheet.say(_anchor_words(data, scale), 10)
    if not enzyme:
        sheet.say(f"No {key} that can be drawn on this scale.", sheet.plot / 2 - 10, x=0.5, xanchor="center")
    if not inr:
        sheet.say("No INR recorded.", sheet.plot / 2 + 10, x=0.5, xanchor="center")


def slope_of(inr: list[float]) -> float:
    """INR of one decade: 1.2, or the first that keeps INR within three decades."""
    top = max(inr, default=ANCHOR_INR) - ANCHOR_INR
    return next((slope for slope in SLOPES if top <= DECADES * slope), SLOPES[-1])


def anchor_level(data: ChartData, scale: str) -> float:
    """The upper limit on this scale: 1, or that of the latest value in U/L."""
    if scale != "units":
        return 1.0
    limits = [p.upper for p in data.points(data.enzyme)[-1:] if p.upper]
    return limits[0] if limits else 40.0


def _anchor_words(data: ChartData, scale: str) -> str:
    """What stands at one height, and the slope."""
    name = {"limit": "upper limit", "baseline": "baseline"}.get(scale)
    name = name or f"{data.enzyme} {anchor_level(data, scale):g}"
    slope = slope_of(values(data.points("INR"), y_units))
    return f"{name} is level with INR 1.2, ten times it with INR {ANCHOR_INR + slope:.1f}"


def _shade(sheet: ChartSheet, data: ChartData, panel: AxesPanel) -> None:
    span = time_span(data)
    if data.window and data.window[1] > span[0]:
        x = stamp(max(data.window[0], span[0])), stamp(min(data.window[1], span[1]))
        tone = TONES.get(data.grade, "var(--none)")
        y = sheet.share(panel.bottom), sheet.share(panel.top)
        sheet.shapes.append(rect(x, y, tone) | {"opacity": 0.05})


# --- the gap after the crossing ---


def crossing(pairs: Iterable[tuple[float, float, float]]) -> tuple[float, float] | None:
    """Where INR, as a height, last comes to lie above the enzyme: moment and height.

    `pairs`: moment, height of the enzyme and of INR; none where it begins above or ends below.
    """
    found = None
    for (x0, e0, i0), (x1, e1, i1) in pairwise(pairs):
        before, after = i0 - e0, i1 - e1
        if before <= 0 < after:
            part = -before / (after - before)
            found = x0 + part * (x1 - x0), e0 + part * (e1 - e0)
        elif after <= 0:
            found = None
    return found


def _gap(sheet: ChartSheet, data: ChartData, read, level_of) -> None:
    """Filled from the crossing on: how far what the liver makes and what leaks from it have parted."""
    inr = {point.draw: point.value for point in read_inr(data)[0].points("INR")}
    pairs = [
        (point.at.timestamp(), math.log10(value), math.log10(level_of(inr[point.draw])))
        for point in data.points(data.enzyme)
        if point.draw in inr and (value := read(point)) and value > 0
    ]
    found = crossing(pairs)
    if found is None:
        return
    zone = data.as_of.tzinfo
    at = stamp(type(data.as_of).fromtimestamp(found[0], zone))
    after = [pair for pair in pairs if pair[0] > found[0]]
    x = [stamp(type(data.as_of).fromtimestamp(moment, zone)) for moment, _, _ in after]
    y = [number(10**height) for _, height, _ in after], [number(10**height) for _, _, height in after]
    meet = number(10 ** found[1])
    sheet.data.append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": "gap",
            "x": [at, *x, *reversed(x)],
            "y": [meet, *y[0], *reversed(y[1])],
            "yaxis": "y",
            "fill": "toself",
            "fillcolor": "var(--gap)",
            "line": {"width": 0},
            "hoverinfo": "skip",
        }
    )
    sheet.data.append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "crossing",
            "x": [at],
            "y": [meet],
            "yaxis": "y",
            "marker": {"size": 9, "symbol": "circle-open", "color": "var(--ink)", "line": {"width": 1.6}},
            "hovertemplate": "crossing",
        }
    )
