"""One series of results: its line with breaks and hollow marks, its upper limit."""

from datetime import datetime

from interpretation.words import hour, sign

from .data import MARKER_SHAPES, ChartData, Point
from .sheet import DOT
from .values import Reader, log_safe, number, plain, stamp, y_units

# From so many points on the cursor says less; with more than these only some have marks.
MANY, MARKED = 150, 60
MARK = 8


def line(data: ChartData, key: str, axis: str, read=y_units, log: bool = False, name: str = "") -> dict:
    """One series: breaks where the points say so, hollow marks for `<` and `>`."""
    points = data.points(key)
    colour = f"var(--{key.lower()})" if key in MARKER_SHAPES else "var(--ink-soft)"
    x, y, text, symbols, sizes = [], [], [], [], []
    shape = MARKER_SHAPES.get(key, "circle")
    for point in points:
        if point.begins and x:
            x.append(stamp(point.at)), y.append(None), text.append(""), symbols.append(shape), sizes.append(0)
        value = read(point)
        x.append(stamp(point.at))
        y.append(number(log_safe(value) if log else value))
        text.append(_hover(point, data, key, len(points) < MANY))
        symbols.append(f"{shape}-open" if point.comparator else shape)
        sizes.append(_size(point, data, points))
    marker: dict = {"size": MARK, "color": colour, "symbol": shape}
    if len(set(sizes)) > 1:
        # Plotly takes marks of several sizes for bubbles and lets them shine through.
        marker |= {"size": sizes, "opacity": 1}
    if any(point.comparator for point in points):
        marker |= {"symbol": symbols, "line": {"width": 2}}
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name or key,
        "x": x,
        "y": y,
        "yaxis": axis,
        "connectgaps": False,
        "line": {"color": colour, "width": 2.4 if key == "INR" else 2},
        "marker": marker,
        "text": text,
        "hovertemplate": _templates(points, read, y_units),
    }
    if key == "AST":
        trace["line"]["dash"] = "5px,3px"
    return trace


def _size(point: Point, data: ChartData, points: tuple[Point, ...]) -> float:
    """Many draws have no marks but the baseline's, the latest and those of bounds."""
    marked = point.comparator or point is points[-1] or (data.window and point.at == data.window[0])
    return MARK if len(points) <= MARKED or marked else 0


def inr_traces(data: ChartData, axis: str) -> list[dict]:
    """The line of INR; what cannot be read hollow and joined by dots."""
    read, unread = read_inr(data)
    found = [line(read, "INR", axis)] if read.points("INR") else []
    return [*found, *([_unread(data, unread, read.points("INR")[-1:], axis)] if unread else [])]


def read_inr(data: ChartData) -> tuple[ChartData, tuple[Point, ...]]:
    """INRs that can be read, and those that cannot."""
    if data.unread_from is None:
        return data, ()
    points = data.points("INR")
    read = tuple(point for point in points if point.at < data.unread_from)
    return data.with_series({**data.series, "INR": read}), points[len(read) :]


def _unread(data: ChartData, points: tuple[Point, ...], before: tuple[Point, ...], axis: str) -> dict:
    """Hollow marks, joined by dots to the last one that can be read."""
    made = line(
        data.with_series({**data.series, "INR": (*before, *points)}), "INR", axis, name="INR, not read"
    )
    made["line"] = {"color": "var(--unreadable)", "width": 1.6, "dash": "2px,3px"}
    made["marker"] = {
        "size": [*[0] * len(before), *[9] * (len(made["x"]) - len(before))],
        "color": "var(--unreadable)",
        "symbol": "diamond-open",
        "opacity": 1,
        "line": {"width": 2},
    }
    if before:
        made["text"][0] = ""
    return made


def faint(data: ChartData, key: str, axis: str, read=y_units, log: bool = False) -> dict:
    """Every draw as a faint point behind the medians of its month."""
    found = [(stamp(p.at), number(log_safe(read(p)) if log else read(p))) for p in data.points(key)]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{key}, each draw",
        "x": [x for x, _ in found],
        "y": [y for _, y in found],
        "yaxis": axis,
        "opacity": 0.4,
        "marker": {"size": 3, "color": f"var(--{key.lower()})", "symbol": "circle"},
        "hoverinfo": "skip",
    }


def _templates(points: tuple[Point, ...], read: Reader, units: Reader) -> str | list[str]:
    """What the cursor shows: one for all, one a mark where some are bounds, whose multiple is a bound too."""
    if read is units:
        return "%{text}"
    if not any(point.comparator for point in points):
        return f"%{{text}}{_times('')}"
    found = []
    for place, point in enumerate(points):
        # A break stands before the point that begins anew.
        found += [_times(point.comparator)] * (2 if point.begins and place else 1)
    return [f"%{{text}}{times}" for times in found]


def _times(comparator: str) -> str:
    return f" · {plain(sign(comparator))}%{{y:.2~f}} ×"


def _hover(point: Point, data: ChartData, key: str, whole: bool) -> str:
    """ "34 U/L (limit 40), North Laboratory"; of very many points the value only, the table has the rest."""
    words = f"{plain(point.text)} {data.units[key]}".strip()
    if point.months:
        return f"{words}, median of {point.months} draws"
    words += f", {hour(point.at)}" if data.has_days_alone else ""
    if not whole:
        return words
    if point.upper is not None:
        low = f"{point.lower:g} to " if point.lower is not None else "limit "
        words += f" ({low}{point.upper:g}{', assumed' if point.assumed else ''})"
    return f"{words}, {plain(point.source)}" if point.source else words


def limit_line(data: ChartData, key: str, axis: str, span: tuple[datetime, datetime]) -> list[dict]:
    """The upper limit as it came with each draw, in steps: from each draw until the next."""
    steps = [(p.at, p.upper) for p in data.points(key) if p.upper is not None]
    if not steps:
        return []
    steps = _changes(steps)
    upper = [number(high) for _, high in steps]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"{key} upper limit",
            "x": [stamp(span[0]), *(stamp(at) for at, _ in steps[1:]), stamp(span[1])],
            "y": [*upper, upper[-1]],
            "yaxis": axis,
            "hoverinfo": "skip",
            "line": {"width": 1, "shape": "hv", "color": "var(--ink-soft)", "dash": DOT},
        }
    ]


def _changes(steps: list[tuple]) -> list[tuple]:
    """Only the first draw and those whose limits differ from the draw before."""
    return [s for i, s in enumerate(steps) if i == 0 or s[1:] != steps[i - 1][1:]]


def empty(span: tuple[datetime, datetime], axis_name: str) -> dict:
    """Plotly draws no panel without a trace: this one shows nothing."""
    return {
        "type": "scatter",
        "x": [stamp(span[0])],
        "y": [None],
        "yaxis": axis_name,
        "showlegend": False,
        "hoverinfo": "skip",
    }
