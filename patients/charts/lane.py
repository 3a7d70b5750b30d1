"""The lane under the curves: a row for each of the drugs that matter most, one for events and products."""

from dataclasses import dataclass
from datetime import datetime

from interpretation.record.records import ANTICOAGULANTS
from interpretation.words import day

from .axes import time_span
from .data import ChartData, Lane
from .sheet import LETTER, PLOT, RIGHT, ChartSheet, font, words
from .values import plain, stamp

ROW = 18
# More drugs than these fold to "+3".
DRUG_ROWS = 2
ABOVE, BELOW = 8, 6
DECOMPENSATION = {"ascites", "encephalopathy", "variceal_bleed"}
# How marks look: symbol and colour.
PRODUCT, EVENT, DECOMPENSATED = (
    ("cross", "var(--accent)"),
    ("triangle-up", "var(--ink-soft)"),
    ("triangle-up", "var(--critical)"),
)


@dataclass(frozen=True)
class LaneRows:
    """Drugs by name, the first rows; how many more there are; marks."""

    drugs: tuple[tuple[str, tuple[Lane, ...]], ...]
    more: tuple[str, ...]
    marks: tuple[Lane, ...]

    @property
    def count(self) -> int:
        return len(self.drugs) + bool(self.marks)

    @property
    def height(self) -> float:
        return ABOVE + ROW * self.count + BELOW if self.count else 0


def rows(data: ChartData) -> LaneRows:
    """What is recorded in these days."""
    found = shown(data)
    named: dict[str, list[Lane]] = {}
    for bar in sorted((lane for lane in found if lane.row == "drugs"), key=_weight):
        named.setdefault(bar.label.casefold(), []).append(bar)
    drugs = [(bars[0].label, tuple(bars)) for bars in named.values()]
    return LaneRows(
        drugs=tuple(drugs[:DRUG_ROWS]),
        more=tuple(name for name, _ in drugs[DRUG_ROWS:]),
        marks=tuple(lane for lane in found if lane.row != "drugs"),
    )


def _weight(bar: Lane) -> tuple:
    """Anticoagulants first, then what goes on, then the latest."""
    return bar.kind not in ANTICOAGULANTS, not bar.going_on, -bar.end.timestamp(), bar.label


def shown(data: ChartData) -> list[Lane]:
    first, last = time_span(data)
    return [lane for lane in data.lanes if lane.start <= last and (lane.end or lane.start) >= first]


def draw(sheet: ChartSheet, data: ChartData, found: LaneRows, axis_name: str, top: float) -> None:
    """The rows from `top` down, on an axis of their own."""
    count = found.count
    sheet.axes[axis_name.replace("y", "yaxis")] = {
        "range": [-count, 0],
        "domain": sheet.domain(top + ABOVE, ROW * count),
        "tickvals": [-0.5, *([0.5 - count] if found.marks and found.drugs else [])],
        "ticktext": [*(["drugs"] if found.drugs else []), *(["events"] if found.marks else [])],
        "tickfont": font(),
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "ticklabelstandoff": 5,
        "ticks": "",
    }
    for row, (name, bars) in enumerate(found.drugs):
        sheet.data.append(_bars(data, bars, -0.5 - row, axis_name))
        more = f", +{len(found.more)}" if found.more and row == DRUG_ROWS - 1 else ""
        place = top + ABOVE + ROW * (row + 0.5)
        text = _cut(_name(name, bars), RIGHT - 10 - LETTER * len(more))
        sheet.end_labels([(place, plain(text) + more, "var(--ink)", 400)])
    for symbol, colour in (PRODUCT, EVENT, DECOMPENSATED):
        marks = [mark for mark in found.marks if looks_of(mark) == (symbol, colour)]
        if marks:
            sheet.data.append(_marks(symbol, colour, marks, 0.5 - count, axis_name))
    sheet.notes += _labels(data, found.marks, 0.5 - count, axis_name)


def looks_of(mark: Lane) -> tuple[str, str]:
    if mark.row == "products":
        return PRODUCT
    return DECOMPENSATED if mark.kind in DECOMPENSATION else EVENT


def _name(name: str, bars: tuple[Lane, ...]) -> str:
    """ "ceftriaxone, 6 d": with its length where that is short."""
    days = sum((bar.end - bar.start).days for bar in bars)
    return f"{name}, {days} d" if 0 < days < 60 else name


def _cut(text: str, room: float) -> str:
    most = int(room / (LETTER - 0.6))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _bars(data: ChartData, bars: tuple[Lane, ...], y: float, axis_name: str) -> dict:
    """Thick lines with a point at every draw, so that the cursor names the drugs running then."""
    first, last = time_span(data)
    moments = sorted({p.at for points in data.series.values() for p in points})
    if len(moments) * len(bars) > 300:
        moments = []
    x, heights, text = [], [], []
    for bar in bars:
        start, end = max(bar.start, first), min(bar.end, last)
        stops = [start, *(moment for moment in moments if start < moment < end), end]
        x += [*map(stamp, stops), stamp(end)]
        heights += [y] * len(stops) + [None]
        text += [_course(bar)] * len(stops) + [""]
    colour = "var(--unreadable)" if bars[0].kind in ANTICOAGULANTS else "var(--drug)"
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "anticoagulant" if bars[0].kind in ANTICOAGULANTS else "drug",
        "x": x,
        "y": heights,
        "yaxis": axis_name,
        "connectgaps": False,
        "line": {"width": 8, "color": colour},
        "text": text,
        "hovertemplate": "%{text}",
    }


def _course(bar: Lane) -> str:
    end = "going on" if bar.going_on else f"to {day(bar.end)}"
    return f"{plain(bar.label)}, {day(bar.start)} {end}"


def _marks(symbol: str, colour: str, marks: list[Lane], y: float, axis_name: str) -> dict:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": marks[0].row.removesuffix("s"),
        "x": [stamp(mark.start) for mark in marks],
        "y": [y] * len(marks),
        "yaxis": axis_name,
        "marker": {"size": 9, "symbol": symbol, "color": colour},
        "text": [plain(mark.words or mark.label) for mark in marks],
        "hovertemplate": "%{text}",
    }


def _labels(data: ChartData, marks: tuple[Lane, ...], y: float, axis_name: str) -> list[dict]:
    """Words beside the marks, the latest first; none where it would lie on another or on a mark."""
    span = time_span(data)
    taken = [(_pixel(mark.start, span) - 6, _pixel(mark.start, span) + 6) for mark in marks]
    notes = []
    for mark in sorted(marks, key=lambda entry: entry.start, reverse=True):
        place, width = _pixel(mark.start, span), LETTER * len(mark.label)
        for anchor, start in (("left", place + 8), ("right", place - 8 - width)):
            if start >= 0 and start + width <= PLOT and _is_free(start, start + width, taken):
                taken.append((start, start + width))
                shift = 8 if anchor == "left" else -8
                notes.append(_label(mark, y, axis_name) | {"xanchor": anchor, "xshift": shift})
                break
    return notes


def _label(mark: Lane, y: float, axis_name: str) -> dict:
    return words(
        plain(mark.label), xref="x", x=stamp(mark.start), yref=axis_name, y=y, font=font("var(--ink)")
    )


def _is_free(start: float, end: float, taken: list[tuple[float, float]]) -> bool:
    return all(end <= first or start >= last for first, last in taken)


def _pixel(at: datetime, span: tuple[datetime, datetime]) -> float:
    return (max(at, span[0]) - span[0]) / (span[1] - span[0]) * PLOT
