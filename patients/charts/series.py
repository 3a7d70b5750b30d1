"""One series of results: its line with breaks and hollow marks, its reference band."""

from collections.abc import Callable
from datetime import datetime

from interpretation.words import hour, sign

from .data import MARKER_SHAPES, ChartData, Point
from .values import log_safe, number, plain, stamp, y_limit, y_units

# From so many points on the marks are small and say less.
MANY = 150


def line(data: ChartData, key: str, axis: str, read=y_units, log: bool = False, name: str = "") -> dict:
    """One series: breaks where the points say so, hollow marks for `<` and `>`."""
    points = data.points(key)
    colour = f"var(--{key.lower()})" if key in MARKER_SHAPES else "var(--ink-soft)"
    x, y, text, symbols = [], [], [], []
    shape = MARKER_SHAPES.get(key, "circle")
    for point in points:
        if point.begins:
            x.append(stamp(point.at)), y.append(None), text.append(""), symbols.append(shape)
        value = read(point)
        x.append(stamp(point.at))
        y.append(number(log_safe(value) if log else value))
        text.append(_hover(point, data, key, len(points) < MANY))
        symbols.append(f"{shape}-open" if point.comparator else shape)
    marker: dict = {"size": _size(len(points)), "color": colour, "symbol": shape}
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
        "line": {"color": colour, "width": 2.4 if len(points) < MANY else 1.2},
        "marker": marker,
        "text": text,
        "hovertemplate": _templates(points, read),
    }
    if key == "AST":
        trace["line"]["dash"] = "4px,3px"
    return trace


def _templates(points: tuple[Point, ...], read: Callable[[Point], float | None]) -> str | list[str]:
    """What the cursor shows: one for all, one a mark where some are bounds, whose multiple is a bound too."""
    if read is not y_limit:
        return "%{text}"
    if not any(point.comparator for point in points):
        return f"%{{text}}{_times('')}"
    found = []
    for point in points:
        # A break stands before the point that begins anew.
        found += [_times(point.comparator)] * (2 if point.begins else 1)
    return [f"%{{text}}{times}" for times in found]


def _times(comparator: str) -> str:
    return f" · {plain(sign(comparator))}%{{y:.2~f}} ×"


def _hover(point: Point, data: ChartData, key: str, whole: bool) -> str:
    """ "34 U/L (limit 40), North Laboratory"; of very many points the value only, the table has the rest."""
    words = f"{plain(point.text)} {data.units[key]}".strip()
    words += f", {hour(point.at)}" if data.has_days_alone else ""
    if not whole:
        return words
    if point.upper is not None:
        low = f"{point.lower:g} to " if point.lower is not None else "limit "
        words += f" ({low}{point.upper:g}{', assumed' if point.assumed else ''})"
    return f"{words}, {plain(point.source)}" if point.source else words


def _size(count: int) -> int:
    return 8 if count < 60 else 5 if count < MANY else 3


def band(data: ChartData, key: str, axis: str, bottom: float, span: tuple[datetime, datetime]) -> list[dict]:
    """The reference range as it came with each draw, in steps: from each draw until the next."""
    steps = [(p.at, p.lower, p.upper) for p in data.points(key) if p.upper is not None]
    if not steps:
        return []
    steps = _changes(steps)
    x = [stamp(span[0]), *(stamp(at) for at, _, _ in steps[1:]), stamp(span[1])]
    lower = [number(low if low is not None else bottom) for _, low, _ in steps]
    upper = [number(high) for _, _, high in steps]
    common = {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "yaxis": axis,
        "hoverinfo": "skip",
        "showlegend": False,
        "line": {"width": 0, "shape": "hv"},
    }
    return [
        {**common, "name": f"{key} lower limit", "y": [*lower, lower[-1]]},
        {
            **common,
            "name": f"{key} upper limit",
            "y": [*upper, upper[-1]],
            "fill": "tonexty",
            "fillcolor": "var(--band)",
            "line": {"width": 1, "shape": "hv", "color": "var(--ink-soft)", "dash": "dot"},
        },
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
