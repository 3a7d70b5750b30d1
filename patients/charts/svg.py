"""A figure as a drawing for paper: the same dictionary that Plotly draws on the screen, written as SVG.

A print must not depend on a script having drawn. Only what our stacked figures hold is known here: lines,
marks, steps with a filled band, dotted levels, shaded windows and words. Colours stay names of CSS variables,
as in the figure; attributes only, because the security policy allows no style of a page's own.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .ticks import even_ticks, time_ticks

WIDTH = 760
TICK = 4
LETTER = 6.2
# Of a letter where words must not meet, whatever the font.
WIDEST = 7
LINE = 10
DASHES = {"dot": "1.5 2.5", "solid": ""}
ANCHORS = {"left": "start", "right": "end", "center": "middle"}


@dataclass(frozen=True)
class Axis:
    """From values of one axis to places on the drawing; `start` and `end` are pixels."""

    kind: str
    low: float
    high: float
    start: float
    end: float

    def place(self, value, *, as_log: bool = False) -> float | None:
        """None where the value has no place. `as_log`: it is a logarithm already, as in annotations."""
        number = self._number(value, as_log)
        if number is None or self.high == self.low:
            return None
        return self.start + (self.end - self.start) * (number - self.low) / (self.high - self.low)

    def _number(self, value, as_log: bool) -> float | None:
        if value is None:
            return None
        if self.kind == "date":
            return _seconds(value)
        if self.kind != "log" or as_log:
            return value
        return math.log10(value) if value > 0 else None

    def share(self, part: float) -> float:
        return self.start + (self.end - self.start) * part


class Drawing:
    """The plot inside its margins, with the axes by name."""

    def __init__(self, figure: dict, width: float):
        layout = figure["layout"]
        margin = layout["margin"]
        self.figure, self.layout = figure, layout
        self.width = width
        self.left, self.right = margin["l"], width - margin["r"]
        self.top, self.bottom = margin["t"], layout["height"] - margin["b"]
        # One line of ticks, where the screen has two.
        self.height = self.bottom + 24
        self.x = _axis(layout["xaxis"], self.left, self.right)
        self.y = {name: self._y(spec) for name, spec in _y_axes(layout)}

    def _y(self, spec: dict) -> Axis:
        low, high = spec.get("domain", (0, 1))
        height = self.bottom - self.top
        return _axis(spec, self.bottom - low * height, self.bottom - high * height)


def svg(figure: dict, words: str, width: float = WIDTH) -> SafeString:
    """The drawing with `words` for whoever cannot see it."""
    drawing = Drawing(figure, width)
    parts = [
        *_shapes(drawing, below=True),
        *_axes(drawing),
        *_shapes(drawing, below=False),
        *_traces(drawing),
        *_annotations(drawing),
        *_legend(drawing),
    ]
    return mark_safe(
        f'<svg class="drawn" role="img" aria-label="{escape(words)}" viewBox="0 0 {_n(width)} '
        f'{_n(drawing.height)}" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


# --- axes ---


def _y_axes(layout: dict) -> list[tuple[str, dict]]:
    names = [name for name in layout if name.startswith("yaxis")]
    return [(name.replace("axis", ""), layout[name]) for name in names]


def _axis(spec: dict, start: float, end: float) -> Axis:
    low, high = spec["range"]
    kind = spec.get("type", "linear")
    if kind == "date":
        low, high = _seconds(low), _seconds(high)
    return Axis(kind, low, high, start, end)


def _seconds(stamp: str) -> float:
    """Wall-clock times without zone, as the figure holds them: only differences count."""
    return (datetime.fromisoformat(stamp) - datetime(1970, 1, 1)).total_seconds()


def _axes(drawing: Drawing) -> Iterator[str]:
    first, last = (datetime.fromisoformat(stamp) for stamp in drawing.layout["xaxis"]["range"])
    clear = -math.inf
    for at, words in time_ticks(first, last):
        x = drawing.x.place(at.isoformat())
        yield _line(x, drawing.top, x, drawing.bottom, "var(--line)", 0.7)
        half = WIDEST * len(words) / 2
        # A narrow drawing has no room for every day.
        if x - half >= clear:
            yield _text(words, x, drawing.bottom + 15, "middle")
            clear = x + half + LETTER
    for name, spec in _y_axes(drawing.layout):
        yield from _y_ticks(drawing, drawing.y[name], spec)


def _y_ticks(drawing: Drawing, axis: Axis, spec: dict) -> Iterator[str]:
    if spec.get("showticklabels", True):
        for value, words in _ticks(spec):
            y = axis.place(value)
            if spec.get("showgrid", True):
                yield _line(drawing.left, y, drawing.right, y, "var(--line)", 0.7)
            yield _text(words, drawing.left - TICK, y + 4, "end")
    yield _line(drawing.left, axis.start, drawing.left, axis.end, "var(--edge)", 1)
    if title := spec.get("title", {}).get("text"):
        x, y = 14, (axis.start + axis.end) / 2
        yield _text(title, x, y, "middle", more=f' transform="rotate(-90 {_n(x)} {_n(y)})"')


def _ticks(spec: dict) -> list[tuple[float, str]]:
    if "tickvals" in spec:
        return list(zip(spec["tickvals"], spec["ticktext"], strict=True))
    return even_ticks(*spec["range"], spec.get("nticks", 6))


# --- curves ---


def _traces(drawing: Drawing) -> Iterator[str]:
    before: list[tuple[float, float]] = []
    for trace in drawing.figure["data"]:
        runs = _runs(drawing, trace)
        line = trace.get("line", {})
        if trace.get("fill") == "tonexty" and runs and before:
            yield _area(before, runs[0], trace["fillcolor"])
        if "lines" in trace.get("mode", "") and line.get("width"):
            yield from (_path(run, line) for run in runs if len(run) > 1)
        if "markers" in trace.get("mode", ""):
            yield from _marks(drawing, trace)
        before = runs[0] if runs else []


def _runs(drawing: Drawing, trace: dict) -> list[list[tuple[float, float]]]:
    """The points of a line in pieces: it breaks where a value is missing."""
    axis, runs = drawing.y[trace.get("yaxis", "y")], [[]]
    steps = trace.get("line", {}).get("shape") == "hv"
    for x, y in zip(trace["x"], trace["y"], strict=True):
        place = drawing.x.place(x), axis.place(y)
        if None in place:
            runs.append([])
            continue
        if steps and runs[-1]:
            runs[-1].append((place[0], runs[-1][-1][1]))
        runs[-1].append(place)
    return [run for run in runs if run]


def _path(run: list[tuple[float, float]], line: dict) -> str:
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in run)
    dash = line.get("dash", "solid")
    dash = DASHES.get(dash, dash.replace("px", "").replace(",", " "))
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    pen = f'stroke="{line["color"]}" stroke-width="{line["width"]}"{dashes}'
    return f'<polyline points="{points}" fill="none" {pen}/>'


def _area(lower: list, upper: list, colour: str) -> str:
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in [*lower, *reversed(upper)])
    return f'<polygon points="{points}" fill="{colour}"/>'


def _marks(drawing: Drawing, trace: dict) -> Iterator[str]:
    axis, marker = drawing.y[trace.get("yaxis", "y")], trace["marker"]
    symbols = marker.get("symbol", "circle")
    for place, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        at = drawing.x.place(x), axis.place(y)
        if None not in at:
            symbol = symbols if isinstance(symbols, str) else symbols[place]
            yield _mark(symbol, *at, marker["size"] / 2, marker["color"])


# Corners of each mark in units of its radius.
SHAPES = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "triangle-up": ((0, -1.1), (1.1, 0.9), (-1.1, 0.9)),
    "cross": (
        *((-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4)),
        *((0.4, 1.1), (-0.4, 1.1), (-0.4, 0.4), (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4)),
    ),
}


def _mark(symbol: str, x: float, y: float, radius: float, colour: str) -> str:
    """A bound ("-open") is hollow."""
    shape, hollow = symbol.removesuffix("-open"), symbol.endswith("-open")
    fill, width = ("var(--surface)", 1.4) if hollow else (colour, 0)
    paint = f'fill="{fill}" stroke="{colour}" stroke-width="{width}"'
    if shape not in SHAPES:
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" {paint}/>'
    points = " ".join(f"{_n(x + radius * dx)},{_n(y + radius * dy)}" for dx, dy in SHAPES[shape])
    return f'<polygon points="{points}" {paint}/>'


# --- what stands around them ---


def _shapes(drawing: Drawing, *, below: bool) -> Iterator[str]:
    for shape in drawing.layout.get("shapes", ()):
        if (shape["type"] == "rect") != below:
            continue
        if below:
            x0, x1 = (drawing.x.place(shape[name]) for name in ("x0", "x1"))
            yield (
                f'<rect x="{_n(x0)}" y="{_n(drawing.top)}" width="{_n(x1 - x0)}" '
                f'height="{_n(drawing.bottom - drawing.top)}" fill="{shape["fillcolor"]}" '
                f'fill-opacity="{max(shape["opacity"], 0.1)}"/>'
            )
            continue
        y = drawing.y[shape["yref"]].place(shape["y0"])
        dash = DASHES[shape["line"]["dash"]]
        yield _line(drawing.left, y, drawing.right, y, shape["line"]["color"], 1, dash)


def _annotations(drawing: Drawing) -> Iterator[str]:
    """Words that would lie on earlier ones are left out: the figure's own spacing is for a wide drawing."""
    taken: list[tuple[float, float, float]] = []
    for note in drawing.layout.get("annotations", ()):
        x = drawing.left + note["x"] * (drawing.right - drawing.left) + note.get("xshift", 0)
        name, _, domain = note["yref"].partition(" ")
        axis = drawing.y[name]
        y = axis.share(note["y"]) if domain else axis.place(note["y"], as_log=True)
        down = {"top": 10, "bottom": -2}.get(note.get("yanchor", "middle"), 4)
        anchor = ANCHORS[note.get("xanchor", "center")]
        y += down - note.get("yshift", 0)
        left, right = _reach(note["text"], x, anchor)
        if all(right < one[0] or left > one[1] or abs(y - one[2]) >= LINE for one in taken):
            taken.append((left, right, y))
            yield _text(note["text"], x, y, anchor)


def _reach(words: str, x: float, anchor: str) -> tuple[float, float]:
    width = WIDEST * len(unescape(words))
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return left, left + width


def _legend(drawing: Drawing) -> Iterator[str]:
    x, y = drawing.left + 4, drawing.top - 12
    for trace in drawing.figure["data"]:
        if trace.get("showlegend", True) and "marker" in trace and trace.get("name"):
            symbol = trace["marker"]["symbol"]
            shape = symbol if isinstance(symbol, str) else symbol[0].removesuffix("-open")
            yield _path([(x, y), (x + 22, y)], trace["line"] | {"width": 1.8})
            yield _mark(shape, x + 11, y, 4, trace["marker"]["color"])
            yield _text(trace["name"], x + 28, y + 4, "start", colour="var(--ink)")
            x += 44 + LETTER * len(trace["name"])


def _line(x1, y1, x2, y2, colour: str, width: float, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" '
        f'stroke="{colour}" stroke-width="{width}"{dashes}/>'
    )


def _text(
    words: str, x: float, y: float, anchor: str, colour: str = "var(--ink-soft)", more: str = ""
) -> str:
    # A figure's words are HTML already (`values.plain`).
    words = escape(unescape(words))
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" fill="{colour}"{more}>{words}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
