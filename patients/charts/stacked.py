"""Panels above each other on one true time axis: enzymes, INR, more if wanted, drugs and events."""

import math
from datetime import datetime

from interpretation.record import analytes
from interpretation.words import span as length

from . import lane
from .axes import inr_range, linear_range, log_range, time_span
from .data import ENZYMES, LOWER, ChartData
from .frame import TONES
from .labels import inr_lines
from .marks import GLYPHS, corridor_of, end_labels, level, point_labels
from .panel import AxesPanel, time_ticked
from .reading.medians import is_dense, monthly
from .series import empty, faint, inr_traces, limit_line, line, read_inr
from .sheet import DOT, HEIGHT, LETTER, PLOT, ChartSheet, font, rect, stroke, words
from .ticks import even_ticks, log_ticks
from .values import TITLES, reader, stamp, values, y_units

# Pixels: the title of a panel, a panel of bilirubin, albumin or platelets, the bracket of the window.
TITLE, MORE, BRACKET = 26, 62, 5
# Pixels that a value's words need above and below its mark.
ABOVE_MARK, BELOW_MARK = 26, 20
INR_TITLE = "makes clotting factors; not bleeding risk"
UNREAD_TITLE = "hollow: cannot be read, left out of rules and scores"


def stacked_figure(data: ChartData, scale: str = "units", more: bool = False, height: float = HEIGHT) -> dict:
    """`scale` is "units", "limit" or "baseline" (multiples); `more` adds the lower panels.

    `height` is that of the figure without them.
    """
    extra = [key for key in LOWER if data.points(key)] if more else []
    rows = lane.rows(data)
    sheet = ChartSheet(height + len(extra) * (TITLE + MORE))
    each = (sheet.plot - rows.height - TITLE - len(extra) * (TITLE + MORE)) / 2
    span = time_span(data)
    drawn = _line_of(data)

    enzymes = _enzymes(sheet, drawn, data, scale, each)
    _window(sheet, data, span, 2 * each + TITLE)
    corridor_of(sheet, data, enzymes, data.enzyme, reader(scale, data, data.enzyme), scale)
    inr = _inr(sheet, drawn, data, each + TITLE, each)
    corridor_of(sheet, data, inr, "INR", y_units, scale)
    top = inr.bottom
    for place, key in enumerate(extra):
        top = _lower(sheet, drawn, key, f"y{3 + place}", top + TITLE)
    last = f"y{3 + len(extra)}" if rows.count else f"y{2 + len(extra)}"
    if rows.count:
        lane.draw(sheet, data, rows, last, top)
    _now(sheet, data, span, enzymes.bottom + TITLE / 2)
    return sheet.figure(hovermode="x unified", hoversubplots="axis", xaxis=time_ticked(data, span, last))


def _line_of(data: ChartData) -> ChartData:
    """The points that the lines join: of a long history the medians of its months."""
    if not is_dense(data):
        return data
    return data.with_series({key: monthly(points) for key, points in data.series.items()})


def _titles(sheet: ChartSheet, top: float, keys: list[str], text: str) -> float:
    """Names with their marks, then what the axis is; the pixel where it ends."""
    x = 0.0
    for key in keys:
        name = f"{GLYPHS.get(key, '')} {key}".strip()
        sheet.say(name, top, xshift=x, font=font(f"var(--{key.lower()})", 650))
        x += LETTER * 1.1 * len(name) + 12
    sheet.say(text, top, xshift=x)
    return x + LETTER * len(text)


# --- enzymes ---


def _enzymes(sheet: ChartSheet, drawn: ChartData, data: ChartData, scale: str, height: float) -> AxesPanel:
    reads = {key: reader(scale, data, key) for key in ENZYMES}
    found = [value for key in ENZYMES for value in values(data.points(key), reads[key], log=True)]
    limit = _limit(data, scale)
    low, high = with_room(*log_range([*found, *([limit] if limit else [])]), found, height)
    panel = AxesPanel("y", 0, height, low, high, log=True)
    panel.lay(sheet, log_ticks(low, high))
    keys = [key for key in ENZYMES if data.points(key)]
    _titles(sheet, -14, keys, TITLES[scale])
    if not found:
        _say_empty(sheet, data, panel, _no_enzyme(data, scale))
        return panel
    if limit and scale != "units":
        level(sheet, panel, limit, "var(--ink-soft)", data=data)
    if scale == "units":
        sheet.data += limit_line(drawn, data.enzyme, "y", time_span(data))
    for key in keys:
        if drawn is not data:
            sheet.data.append(faint(data, key, "y", reads[key], log=True))
        sheet.data.append(line(drawn, key, "y", reads[key], log=True))
        point_labels(sheet, drawn, key, panel, reads, scale)
    lines = [(limit, _limit_words(limit, scale), 9)] if limit else []
    end_labels(sheet, data, panel, {key: reads[key] for key in keys}, scale, lines)
    return panel


def with_room(low: float, high: float, found: list[float], height: float) -> tuple[float, float]:
    """A range, in powers of ten, with room for words above the highest and below the lowest value."""
    if not found:
        return low, high
    top, bottom = math.log10(max(found)), math.log10(min(found))
    above, below = ABOVE_MARK / height, BELOW_MARK / height
    # Two shares of one length, solved together; of a longer one where the range was wider already.
    length = (top - bottom) / (1 - above - below)
    low = min(low, bottom - below * length, bottom - below / (1 - below) * (high - bottom))
    return low, max(high, top + above / (1 - above) * (top - low))


def _limit(data: ChartData, scale: str) -> float | None:
    """The level that is always shown: the latest upper limit, or the multiple of one."""
    if scale != "units":
        return 1.0
    limits = [p.upper for key in (data.enzyme, *ENZYMES) for p in data.points(key)[-1:] if p.upper]
    return limits[0] if limits else None


def _limit_words(limit: float, scale: str) -> str:
    return {"units": f"upper limit {limit:g}", "limit": "upper limit", "baseline": "baseline"}[scale]


def _no_enzyme(data: ChartData, scale: str) -> str:
    if any(data.points(key) for key in ENZYMES):
        return {
            "limit": "No upper limit is known for these values: switch to U/L.",
            "baseline": "The baseline is a bound or not there: switch to U/L.",
        }.get(scale, "These values have no place on a logarithmic axis: see the table.")
    return "No ALT or AST recorded."


def _say_empty(sheet: ChartSheet, data: ChartData, panel: AxesPanel, text: str) -> None:
    sheet.data.append(empty(time_span(data), panel.axis))
    sheet.say(text, panel.top + panel.height / 2, x=0.5, xanchor="center")


# --- INR ---


def _inr(sheet: ChartSheet, drawn: ChartData, data: ChartData, top: float, height: float) -> AxesPanel:
    low, high = inr_range(data)
    highest = max(values(data.points("INR"), y_units), default=low)
    # The value's words stand above its mark.
    high = max(high, low + (highest - low) / (1 - ABOVE_MARK / height))
    panel = AxesPanel("y2", top, height, low, high)
    panel.lay(sheet, even_ticks(low, high, 5), showticklabels=bool(data.points("INR")))
    _titles(sheet, top - 12, ["INR"], UNREAD_TITLE if data.unread_from else INR_TITLE)
    if not data.points("INR"):
        _say_empty(sheet, data, panel, "No INR recorded.")
        return panel
    lines = [entry for entry in inr_lines(data) if low <= entry[0] <= high]
    for value, _, _ in lines:
        level(sheet, panel, value, "var(--inr)", opacity=0.75, data=data)
    if drawn is not data:
        sheet.data.append(faint(data, "INR", "y2"))
    sheet.data += inr_traces(drawn, "y2")
    if data.unread_from:
        _hatch(sheet, data, panel)
    point_labels(sheet, read_inr(drawn)[0], "INR", panel, {"INR": y_units}, "units")
    end_labels(sheet, data, panel, {"INR": y_units}, "units", lines)
    return panel


def _hatch(sheet: ChartSheet, data: ChartData, panel: AxesPanel) -> None:
    span = time_span(data)
    y = [sheet.share(panel.bottom), sheet.share(panel.top)]
    start = max(data.unread_from, span[0])
    sheet.shapes.append(rect((stamp(start), stamp(span[1])), y, "var(--unread)"))
    sheet.shapes.append(stroke((stamp(start),) * 2, y, "var(--unreadable)", xref="x", dash=DOT))


# --- what stands around them ---


def _lower(sheet: ChartSheet, data: ChartData, key: str, axis_name: str, top: float) -> float:
    """Bilirubin, albumin or platelets; where it ends."""
    points = data.points(key)
    limits = [limit for p in points[-1:] for limit in (p.lower, p.upper) if limit is not None]
    low, high = linear_range(values(points, y_units), limits)
    panel = AxesPanel(axis_name, top, MORE, low, high)
    panel.lay(sheet, even_ticks(low, high, 3))
    name = analytes.get(key).name.split(",")[0]
    sheet.say(f"{name} {data.units[key]}".strip(), top - 12)
    for value in limits:
        level(sheet, panel, value, "var(--ink-soft)")
    sheet.data.append(line(data, key, axis_name, name=name))
    sheet.end_labels([(panel.pixel(points[-1].value), points[-1].text, "var(--ink)", 650)])
    return panel.bottom


def _window(sheet: ChartSheet, data: ChartData, span: tuple[datetime, datetime], bottom: float) -> None:
    """The days of the verdict, shaded behind the panels, with a bracket and its words above them."""
    if data.window is None or data.window[1] <= span[0]:
        return
    start, end = max(data.window[0], span[0]), min(data.window[1], span[1])
    x = stamp(start), stamp(end)
    tone = TONES.get(data.grade, "var(--none)")
    shade = rect(x, (sheet.share(bottom), 1), tone) | {"opacity": 0.07}
    sheet.shapes.insert(0, shade)
    top, foot = sheet.share(-1), sheet.share(BRACKET - 1)
    sheet.shapes.append(stroke(x, (top, top), "var(--ink-soft)", xref="x"))
    sheet.shapes += [stroke((at, at), (top, foot), "var(--ink-soft)", xref="x") for at in x]
    room = (end - span[0]) / (span[1] - span[0]) * PLOT - TITLES_END
    for text in (f"{length(data.window[1] - data.window[0])}: window of the verdict", "window"):
        if LETTER * len(text) <= room:
            place = {"xref": "x", "x": x[1], "y": sheet.share(-14), "yref": "paper"}
            sheet.notes.append(words(text, **place, xanchor="right", font=font("var(--ink)")))
            return


# Where the titles of the enzymes end.
TITLES_END = 250


def _now(sheet: ChartSheet, data: ChartData, span: tuple[datetime, datetime], top: float) -> None:
    if not span[0] < data.as_of < span[1]:
        return
    x = stamp(data.as_of)
    sheet.shapes.append(stroke((x, x), (0, 1), "var(--corridor-edge)", xref="x", dash=DOT))
    place = {"xref": "x", "x": x, "yref": "paper", "y": sheet.share(top), "xanchor": "center"}
    sheet.notes.append(words("as of" if data.is_past else "now", **place))
