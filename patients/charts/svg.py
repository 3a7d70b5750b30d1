"""A figure as a drawing: the same dictionary that Plotly draws, written as SVG.

It stands on the screen with the first paint, without scripts, and on paper. Only what our figures hold is known
here: lines, marks, steps, filled shapes, levels, shaded windows and words. Colours stay names of CSS variables,
as in the figure; attributes only, because the security policy allows no style of a page's own.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .sheet import WIDTH

TICK = 4
# The line under a drawing that is a file.
FOOT = 22
SOFT = {"color": "var(--ink-soft)"}
# Of a letter and a line where words must not meet, whatever the font.
WIDEST, GAP, CLEAR = 7, 6, 10
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


class Drawing:
    """The plot inside its margins, with the axes by name."""

    def __init__(self, figure: dict, width: float) -> None:
        layout = figure["layout"]
        margin = layout["margin"]
        self.figure, self.layout = figure, layout
        self.width, self.height = width, layout["height"]
        self.left, self.right = margin["l"], width - margin["r"]
        self.top, self.bottom = margin["t"], layout["height"] - margin["b"]
        self.x = _axis(layout["xaxis"], self.left, self.right)
        self.y = {name: self._y(spec) for name, spec in _y_axes(layout)}

    def _y(self, spec: dict) -> Axis:
        low, high = spec.get("domain", (0, 1))
        height = self.bottom - self.top
        return _axis(spec, self.bottom - low * height, self.bottom - high * height)

    def place(self, letter: str, ref: str, value, *, as_log: bool = False) -> float:
        """Where a shape or an annotation stands: on an axis, or as a share of the plot."""
        if ref == "paper":
            ends = (self.left, self.right) if letter == "x" else (self.bottom, self.top)
            return ends[0] + (ends[1] - ends[0]) * value
        axis = self.x if letter == "x" else self.y[ref]
        return axis.place(value, as_log=as_log)


def svg(figure: dict, words: str, width: float = WIDTH, as_file: str = "") -> SafeString:
    """The drawing with `words` for whoever cannot see it; `as_file`: what a file says, on a ground of its own."""
    drawing = Drawing(figure, width)
    parts = [
        *(_ground(drawing, as_file) if as_file else ()),
        *_shapes(drawing, "rect"),
        *_axes(drawing),
        *_shapes(drawing, "line"),
        *_traces(drawing),
        *_annotations(drawing),
    ]
    low = FOOT if as_file else 0
    size = f' width="{_n(width)}" height="{_n(drawing.height + low)}" font-family="sans-serif"' if low else ""
    return mark_safe(
        f'<svg class="drawn" role="img" aria-label="{escape(words)}" viewBox="0 0 {_n(width)} '
        f'{_n(drawing.height + low)}" font-size="12"{size} xmlns="http://www.w3.org/2000/svg">'
        f"{''.join(parts)}</svg>"
    )


def _ground(drawing: Drawing, words: str) -> Iterator[str]:
    height = drawing.height + FOOT
    yield f'<rect width="{_n(drawing.width)}" height="{_n(height)}" fill="var(--surface)"/>'
    yield _text(f"{words} · decision support, not a diagnosis", drawing.left, height - 8, "start", SOFT)


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
    spec = drawing.layout["xaxis"]
    clear = -math.inf
    for value, text in zip(spec["tickvals"], spec["ticktext"], strict=True):
        x = drawing.x.place(value)
        yield _line(x, drawing.top, x, drawing.bottom, spec["gridcolor"], 1)
        yield _line(x, drawing.bottom, x, drawing.bottom + TICK, "var(--edge)", 1)
        half = WIDEST * len(text) / 2
        # A drawing narrower than its sheet has no room for every day.
        if drawing.width >= WIDTH or x - half >= clear:
            yield _text(text, x, drawing.bottom + 16.5, "middle", SOFT)
            clear = x + half + GAP
    yield _line(drawing.left, drawing.bottom, drawing.right, drawing.bottom, "var(--edge)", 1)
    for name, spec in _y_axes(drawing.layout):
        yield from _y_ticks(drawing, drawing.y[name], spec)


def _y_ticks(drawing: Drawing, axis: Axis, spec: dict) -> Iterator[str]:
    right = spec.get("side") == "right"
    x, anchor = (drawing.right + 6, "start") if right else (drawing.left - 6, "end")
    if spec.get("showticklabels", True):
        for value, words in zip(spec["tickvals"], spec["ticktext"], strict=True):
            y = axis.place(value)
            if spec.get("showgrid", True):
                yield _line(drawing.left, y, drawing.right, y, spec["gridcolor"], 1)
            yield _text(words, x, y + 3.5, anchor, spec["tickfont"])


# --- curves ---


def _traces(drawing: Drawing) -> Iterator[str]:
    for trace in drawing.figure["data"]:
        runs = _runs(drawing, trace)
        line = trace.get("line", {})
        if trace.get("fill") == "toself" and runs:
            yield _area(runs[0], trace["fillcolor"])
        if "lines" in trace.get("mode", "") and line.get("width"):
            yield from (_path(run, line) for run in runs if len(run) > 1)
        if "markers" in trace.get("mode", ""):
            yield from _marks(drawing, trace, [place for run in runs for place in run])


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
    dash = _dashes(line)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    pen = f'stroke="{line["color"]}" stroke-width="{line["width"]}"{dashes}'
    return f'<polyline points="{points}" fill="none" {pen}/>'


def _area(around: list, colour: str) -> str:
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in around)
    return f'<polygon points="{points}" fill="{colour}"/>'


def _marks(drawing: Drawing, trace: dict, places: list) -> Iterator[str]:
    axis, marker = drawing.y[trace.get("yaxis", "y")], trace["marker"]
    if "opacity" in trace:
        yield _dots(places, marker, trace["opacity"])
        return
    width = marker.get("line", {}).get("width", 2)
    for place, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        at = drawing.x.place(x), axis.place(y)
        size = _each(marker["size"], place)
        if None not in at and size:
            yield _mark(_each(marker.get("symbol", "circle"), place), *at, size / 2, marker["color"], width)


def _each(value: list | float | str, place: int) -> float | str:
    return value[place] if isinstance(value, list) else value


def _dots(places: list, marker: dict, opacity: float) -> str:
    """Very many small points as one path: a tenth of the bytes."""
    path = "".join(f"M{_n(x)} {_n(y)}h0" for x, y in places)
    pen = f'stroke="{marker["color"]}" stroke-width="{marker["size"]}" stroke-linecap="round"'
    return f'<path d="{path}" {pen} opacity="{opacity}"/>'


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


def _mark(symbol: str, x: float, y: float, radius: float, colour: str, width: float) -> str:
    """A bound ("-open") is hollow; a ring lets through what it surrounds."""
    shape, hollow = symbol.removesuffix("-open"), symbol.endswith("-open")
    paint = f'fill="{colour}"'
    if hollow:
        inside = "none" if radius > 8 else "var(--surface)"
        paint = f'fill="{inside}" stroke="{colour}" stroke-width="{width}"'
    if shape not in SHAPES:
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" {paint}/>'
    points = " ".join(f"{_n(x + radius * dx)},{_n(y + radius * dy)}" for dx, dy in SHAPES[shape])
    return f'<polygon points="{points}" {paint}/>'


# --- what stands around them ---


def _shapes(drawing: Drawing, kind: str) -> Iterator[str]:
    for shape in drawing.layout.get("shapes", ()):
        if shape["type"] != kind:
            continue
        (x0, x1), (y0, y1) = (
            [drawing.place(axis, shape[f"{axis}ref"], shape[f"{axis}{end}"]) for end in (0, 1)]
            for axis in "xy"
        )
        opacity = shape.get("opacity", 1)
        faint = f' opacity="{opacity}"' if opacity != 1 else ""
        if kind == "rect":
            box = f'x="{_n(min(x0, x1))}" y="{_n(min(y0, y1))}" width="{_n(abs(x1 - x0))}"'
            yield f'<rect {box} height="{_n(abs(y1 - y0))}" fill="{shape["fillcolor"]}"{faint}/>'
        else:
            line = shape["line"]
            dash = _dashes(line)
            more = f' stroke-dasharray="{dash}"{faint}' if dash else faint
            yield _line(x0, y0, x1, y1, line["color"], line["width"], more)


def _annotations(drawing: Drawing) -> Iterator[str]:
    """In a drawing narrower than its sheet words that would lie on earlier ones are left out."""
    taken: list[tuple[float, float, float]] = []
    for note in drawing.layout.get("annotations", ()):
        x = drawing.place("x", note["xref"], note["x"], as_log=True) + note.get("xshift", 0)
        y = drawing.place("y", note["yref"], note["y"], as_log=True) - note.get("yshift", 0)
        if note["showarrow"]:
            yield _arrow(drawing, note, x, y)
        elif note["text"]:
            y += {"top": 11, "bottom": -3}.get(note.get("yanchor", "middle"), 3.5)
            anchor = ANCHORS[note.get("xanchor", "center")]
            left, right = _reach(note["text"], x, anchor)
            room = all(right < one[0] or left > one[1] or abs(y - one[2]) >= CLEAR for one in taken)
            if room or drawing.width >= WIDTH:
                taken.append((left, right, y))
                yield _text(note["text"], x, y, anchor, note["font"])


def _reach(words: str, x: float, anchor: str) -> tuple[float, float]:
    width = WIDEST * len(unescape(words))
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return left, left + width


def _arrow(drawing: Drawing, note: dict, x: float, y: float) -> str:
    """The head only: its line is that of the path."""
    ax = drawing.place("x", note["axref"], note["ax"], as_log=True)
    ay = drawing.place("y", note["ayref"], note["ay"], as_log=True)
    long = math.hypot(x - ax, y - ay) or 1
    ux, uy = (x - ax) / long, (y - ay) / long
    corners = ((0, 0), (-9, 4), (-9, -4))
    points = " ".join(f"{_n(x + ux * a - uy * b)},{_n(y + uy * a + ux * b)}" for a, b in corners)
    return f'<polygon points="{points}" fill="{note["arrowcolor"]}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, more: str = "") -> str:
    place = f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
    return f'<line {place} stroke="{colour}" stroke-width="{width}"{more}/>'


def _dashes(line: dict) -> str:
    dash = line.get("dash", "solid")
    return DASHES.get(dash, dash.replace("px", "").replace(",", " "))


def _text(text: str, x: float, y: float, anchor: str, font: dict, more: str = "") -> str:
    # A figure's words are HTML already (`values.plain`).
    text = escape(unescape(text))
    weight = f' font-weight="{font["weight"]}"' if "weight" in font else ""
    halo = ""
    if "shadow" in font:
        colour = font["shadow"].rpartition("px ")[2]
        halo = f' paint-order="stroke" stroke="{colour}" stroke-width="3.5" stroke-linejoin="round"'
    place = f'x="{_n(x)}" y="{_n(y)}"' + ("" if anchor == "start" else f' text-anchor="{anchor}"')
    return f'<text {place} fill="{font["color"]}"{weight}{halo}{more}>{text}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
