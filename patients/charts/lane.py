"""The lane under the curves: drugs as bars, blood products and clinical events as marks."""

from datetime import datetime

from interpretation.record.records import ANTICOAGULANTS
from interpretation.words import day

from .axes import FONT, time_span
from .data import ChartData, Lane
from .values import plain, stamp

ROW = 24
# Bars that lie over each other in time get rows of their own, up to so many.
DRUG_ROWS = 4
# Widths in pixels by which labels are thinned: the plot, and one letter.
PLOT, LETTER = 560, 6.4


def rows(data: ChartData) -> dict[str, int]:
    """How many rows each kind of entry needs; nothing where nothing is recorded in these days."""
    found = shown(data)
    drugs = pack([lane for lane in found if lane.row == "drugs"])
    needed = {"drugs": max(drugs.values(), default=-1) + 1}
    needed |= {row: int(any(lane.row == row for lane in found)) for row in ("products", "events")}
    return {row: count for row, count in needed.items() if count}


def height(needed: dict[str, int]) -> int:
    # A mark has its words under it.
    return sum(count * ROW if row == "drugs" else ROW + 14 for row, count in needed.items())


def shown(data: ChartData) -> list[Lane]:
    first, last = time_span(data)
    return [lane for lane in data.lanes if lane.start <= last and (lane.end or lane.start) >= first]


def pack(bars: list[Lane]) -> dict[Lane, int]:
    """The row of each bar: the first one that is free then; the last takes what is left over."""
    free: list[datetime] = []
    placed = {}
    for bar in sorted(bars, key=lambda b: (b.start, b.label)):
        row = next((i for i, until in enumerate(free) if until <= bar.start), len(free))
        row = min(row, DRUG_ROWS - 1)
        if row == len(free):
            free.append(bar.end)
        free[row] = max(free[row], bar.end)
        placed[bar] = row
    return placed


def positions(needed: dict[str, int]) -> dict[str, float]:
    """The height of the first row of each kind, in rows of 24 pixels from the top down."""
    top, found = 0.0, {}
    for row, count in needed.items():
        # The name of a drug stands over its bar, that of a mark under it.
        found[row] = -(top + (0.78 if row == "drugs" else 0.4))
        top += count if row == "drugs" else (ROW + 14) / ROW
    return found


def lane_axis(needed: dict[str, int]) -> dict:
    at = positions(needed)
    return {
        "range": [-height(needed) / ROW, 0],
        "tickvals": list(at.values()),
        "ticktext": list(at),
        "tickfont": {"color": "var(--ink-soft)", "size": FONT},
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "linecolor": "var(--line)",
    }


def traces(data: ChartData, needed: dict[str, int], axis_name: str) -> list[dict]:
    found, at = shown(data), positions(needed)
    placed = pack([lane for lane in found if lane.row == "drugs"])
    made = []
    for name, kinds, colour in (
        ("anticoagulants", ANTICOAGULANTS, "var(--unreadable)"),
        ("drugs", None, "var(--possible)"),
    ):
        bars = {b: r for b, r in placed.items() if (b.kind in ANTICOAGULANTS) == (kinds is not None)}
        if bars:
            made.append(_bars(data, name, colour, bars, at["drugs"], axis_name))
    for row, symbol, colour in (
        ("products", "cross", "var(--accent)"),
        ("events", "triangle-up", "var(--critical)"),
    ):
        marks = [lane for lane in found if lane.row == row]
        if marks:
            made.append(_marks(row, symbol, colour, marks, at[row], axis_name))
    return made


def _bars(data, name: str, colour: str, bars: dict[Lane, int], top: float, axis_name: str) -> dict:
    """Bars as thick lines with a point at every draw, so that the cursor names the drugs running then."""
    first, last = time_span(data)
    moments = sorted({p.at for points in data.series.values() for p in points})
    if len(moments) * len(bars) > 600:
        moments = []
    x, y, text = [], [], []
    for bar, row in bars.items():
        start, end = max(bar.start, first), min(bar.end, last)
        stops = [start, *(moment for moment in moments if start < moment < end), end]
        x += [*map(stamp, stops), stamp(end)]
        y += [top - row] * len(stops) + [None]
        text += [_course(bar)] * len(stops) + [""]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "yaxis": axis_name,
        "connectgaps": False,
        "showlegend": False,
        "line": {"width": 7, "color": colour},
        "text": text,
        "hovertemplate": "%{text}",
    }


def _course(bar: Lane) -> str:
    end = "going on" if bar.going_on else f"to {day(bar.end)}"
    return f"{plain(bar.label)}, {day(bar.start)} {end}"


def _marks(row: str, symbol: str, colour: str, marks: list[Lane], y: float, axis_name: str) -> dict:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": row,
        "x": [stamp(mark.start) for mark in marks],
        "y": [y] * len(marks),
        "yaxis": axis_name,
        "showlegend": False,
        "marker": {"size": 10, "symbol": symbol, "color": colour},
        "text": [plain(mark.words or mark.label) for mark in marks],
        "hovertemplate": "%{text}",
    }


def labels(data: ChartData, needed: dict[str, int], axis_name: str, span) -> list[dict]:
    """Words beside the bars and under the marks, left out where they would lie on each other."""
    found, at = shown(data), positions(needed)
    placed = pack([lane for lane in found if lane.row == "drugs"])
    notes = []
    taken: dict[float, float] = {}
    for lane in sorted(found, key=lambda entry: entry.start):
        y = at[lane.row] - placed.get(lane, 0)
        note = _label(lane, y, span)
        width = len(lane.label) * LETTER / PLOT
        left = note["left"] if note["xanchor"] == "left" else note["left"] - width
        if note["xanchor"] == "center":
            left = note["left"] - width / 2
        if left < taken.get(y, -1.0):
            continue
        taken[y] = left + width + 2 * LETTER / PLOT
        note.pop("left")
        notes.append({**note, "yref": axis_name, "text": plain(lane.label)})
    return notes


def _label(lane: Lane, y: float, span) -> dict:
    first, last = span
    share = (max(lane.start, first) - first) / (last - first)
    note = {"xref": "paper", "showarrow": False, "font": {"size": FONT, "color": "var(--ink-soft)"}, "y": y}
    if lane.row == "drugs":
        return note | {
            "x": round(share, 4),
            "left": share,
            "xanchor": "left",
            "yanchor": "bottom",
            "yshift": 2,
        }
    anchor = "left" if share < 0.1 else "right" if share > 0.85 else "center"
    return note | {"x": round(share, 4), "left": share, "xanchor": anchor, "yanchor": "top", "yshift": -5}
