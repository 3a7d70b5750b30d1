"""The path of the patient through the plane of enzyme and INR: falling is leftward, failing is upward."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from interpretation.words import day, day_of_month, hour, moment

from ..words import month as month_of
from .axes import inr_range, log_range
from .data import MARKER_SHAPES, ChartData, Point
from .frame import TONES
from .marks import GLYPHS, level
from .panel import AxesPanel
from .reading.corridor import Corridor, corridor
from .sheet import DOT, HEIGHT, LETTER, PLOT, ChartSheet, font, rect, stroke, words
from .ticks import even_ticks, log_ticks
from .values import TITLES, Reader, log_safe, number, plain, reader, stamp

NORMAL_INR = 1.2
# Labels nearer than this share of the plot to one another are left out.
APART = 0.09
# More steps than these are drawn lighter; more than these have no arrows.
MANY, MOST_LABELS, ARROWS = 60, 10, 24
HOURS_MATTER = timedelta(days=14)
# Room in pixels for the words of the corners, above and below the path.
CORNERS = 22


@dataclass(frozen=True)
class TrajectoryStep:
    enzyme: Point
    inr: Point
    x: float
    begins: bool
    # "Mar 2026": the medians of a month, not one draw.
    month: str = ""


def steps(data: ChartData, read: Reader) -> list[TrajectoryStep]:
    """The draws that hold both values and whose INR can be read, in time order."""
    inr = {point.draw: point for point in data.points("INR")}
    found, begins = [], False
    for point in data.points(data.enzyme):
        begins = begins or point.begins
        x = log_safe(read(point))
        unread = data.unread_from is not None and point.at >= data.unread_from
        if point.draw in inr and x is not None and not unread:
            found.append(TrajectoryStep(point, inr[point.draw], x, begins or inr[point.draw].begins))
            begins = False
    return found


def trajectory_figure(data: ChartData, scale: str = "units", height: float = HEIGHT) -> dict:
    read = reader(scale, data, data.enzyme)
    path = steps(data, read)
    sheet = ChartSheet(height)
    limit = 1.0 if scale != "units" else _latest_limit(path)
    across, up = _ranges(data, path, limit, sheet.plot)
    panel = AxesPanel("y", 0, sheet.plot, *up)
    boxes = corridor(data, data.enzyme, read), corridor(data, "INR")
    names: list[dict] = []
    if all(boxes):
        names = _movements(sheet, data, boxes, across, up)
    elif path and limit:
        names = _corners(limit, across, up)
    panel.lay(sheet, even_ticks(*up, 6))
    level(sheet, panel, NORMAL_INR, "var(--ink-soft)")
    if limit:
        sheet.shapes.append(stroke((number(limit),) * 2, (0, 1), "var(--ink-soft)", xref="x", dash=DOT))
    sheet.data = _traces(data, path)
    sheet.notes += names + _labels(data, path, across, up) + _arrows(data, path)
    _titles(sheet, data, scale)
    if not path:
        sheet.say(f"No draw holds both {data.enzyme} and INR.", sheet.plot / 2, x=0.5, xanchor="center")
        sheet.data = [{"type": "scatter", "x": [1], "y": [None], "hoverinfo": "skip"}]
    return sheet.figure(hovermode="closest", xaxis=_x_axis(across))


def _titles(sheet: ChartSheet, data: ChartData, scale: str) -> None:
    name = f"{GLYPHS[data.enzyme]} {data.enzyme}"
    sheet.say(f"{GLYPHS['INR']} INR", -12, font=font("var(--inr)", 650))
    sheet.say("upwards, against", -12, xshift=56)
    sheet.say(name, -12, xshift=168, font=font(f"var(--{data.enzyme.lower()})", 650))
    sheet.say(f"{TITLES[scale]} · arrows follow time", -12, xshift=216)


def _x_axis(across: tuple[float, float]) -> dict:
    ticks = log_ticks(*across)
    return {
        "type": "log",
        "anchor": "y",
        "range": [number(end) for end in across],
        "tickvals": [number(value) for value, _ in ticks],
        "ticktext": [text for _, text in ticks],
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": "var(--edge)",
        "tickfont": font(),
        "gridcolor": "var(--grid)",
        "linecolor": "var(--edge)",
        "showline": True,
        "zeroline": False,
        "fixedrange": True,
    }


def _ranges(
    data: ChartData, path: list[TrajectoryStep], limit: float | None, plot: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Across in powers of ten, up in INR, with room for the words of the corners."""
    across = log_range([*(step.x for step in path), *([limit] if limit else [])])
    low, high = inr_range(data)
    room = CORNERS / plot * (high - low)
    return across, (low - room, high + room)


def _latest_limit(path: list[TrajectoryStep]) -> float | None:
    return next((s.enzyme.upper for s in reversed(path) if s.enzyme.upper), None)


# --- the path ---


def _traces(data: ChartData, path: list[TrajectoryStep]) -> list[dict]:
    """The whole path soft, the dissociation window strong over it."""
    if not path:
        return []
    window = data.window
    inside = [s for s in path if window and window[0] <= s.enzyme.at <= window[1]]
    whole = _path(path, "path", "var(--ink-soft)", 1.4)
    if len(path) > MANY:
        # So many steps are a tangle as lines; as points they are a cloud that drifts.
        whole |= {"mode": "markers", "opacity": 0.35 if inside else 0.6}
    strong = _monthly(inside) if len(inside) > MANY // 2 else inside
    return [whole, *([_path(strong, "dissociation window", "var(--inr)", 2.6)] if strong else [])]


def _monthly(path: list[TrajectoryStep]) -> list[TrajectoryStep]:
    """The medians of each month: of many steps the way they drift."""
    found = []
    for _, steps_of_month in groupby(path, key=lambda step: (step.enzyme.at.year, step.enzyme.at.month)):
        group = list(steps_of_month)
        middle = (len(group) - 1) // 2
        across = sorted(group, key=lambda step: step.x)[middle]
        up = sorted(group, key=lambda step: step.inr.value)[middle]
        begins = any(step.begins for step in group)
        found.append(TrajectoryStep(across.enzyme, up.inr, across.x, begins, month_of(across.enzyme.at)))
    return found


def _path(path: list[TrajectoryStep], name: str, colour: str, width: float) -> dict:
    x, y, text, symbols, at = [], [], [], [], []
    for i, step in enumerate(path):
        if step.begins and i:
            x.append(None), y.append(None), text.append(""), symbols.append("circle"), at.append("")
        x.append(number(step.x))
        y.append(number(step.inr.value))
        values = f"{plain(step.enzyme.text)} U/L · INR {plain(step.inr.text)}"
        when = f"{step.month}, medians" if step.month else moment(step.enzyme.at)
        text.append(f"{when}<br>{values}")
        hollow = step.enzyme.comparator or step.inr.comparator
        symbols.append("circle-open" if hollow else MARKER_SHAPES["ALT"])
        at.append("" if step.month else stamp(step.enzyme.at))
    few = len(path) <= MANY // 2
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": x,
        "y": y,
        "connectgaps": False,
        "line": {"color": colour, "width": width},
        "marker": {"size": 8 if few else 4, "color": colour, "symbol": symbols if few else "circle"},
        "text": text,
        "customdata": at,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _arrows(data: ChartData, path: list[TrajectoryStep]) -> list[dict]:
    """Of few steps each has its arrow, of many the last; none where the line breaks or nothing moved."""
    found = []
    for place in range(1, len(path)):
        before, step, last = path[place - 1], path[place], place == len(path) - 1
        if step.begins or (before.x, before.inr.value) == (step.x, step.inr.value):
            continue
        if last or len(path) <= ARROWS:
            found.append(_arrow(before, step, 1 if last else 0.55))
    return found


def _arrow(before: TrajectoryStep, step: TrajectoryStep, part: float) -> dict:
    """From the step before, so far of the way."""
    x0, x1 = math.log10(before.x), math.log10(step.x)
    y0, y1 = before.inr.value, step.inr.value
    return {
        "text": "",
        "x": number(x0 + part * (x1 - x0)),
        "y": number(y0 + part * (y1 - y0)),
        "ax": number(x0),
        "ay": number(y0),
        "xref": "x",
        "yref": "y",
        "axref": "x",
        "ayref": "y",
        "showarrow": True,
        "arrowhead": 2,
        "arrowsize": 1.1,
        "arrowwidth": 1.6,
        "arrowcolor": "var(--inr)",
        "standoff": 5 if part == 1 else 0,
    }


# --- words ---


def _labels(data: ChartData, path: list[TrajectoryStep], across, up) -> list[dict]:
    """Dates of the points: the last, the first, the window's and the peaks; all where there are few."""
    taken: list[tuple[float, float]] = []
    notes = []
    for i in _worth_naming(data, path):
        step = path[i]
        spot = (
            (math.log10(step.x) - across[0]) / (across[1] - across[0]),
            (step.inr.value - up[0]) / (up[1] - up[0]),
        )
        if any(abs(spot[0] - x) < 2 * APART and abs(spot[1] - y) < APART / 1.6 for x, y in taken):
            continue
        taken.append(spot)
        notes.append(_date_label(data, step, spot, _date_words(path), step is path[-1]))
    return notes


def _worth_naming(data: ChartData, path: list[TrajectoryStep]) -> list[int]:
    """The most important first, because a label that lies on another is left out."""
    if not path:
        return []
    places = range(len(path))
    peaks = [max(places, key=lambda i: path[i].x), max(places, key=lambda i: path[i].inr.value)]
    every = places if len(path) <= MOST_LABELS else ()
    return list(dict.fromkeys([len(path) - 1, 0, *_window_steps(data, path), *peaks, *every]))


def _date_words(path: list[TrajectoryStep]) -> Callable[[datetime], str]:
    """Hours where days do not tell the points apart, the year where it is not the same for all."""
    first, last = path[0].enzyme.at, path[-1].enzyme.at
    if last - first < HOURS_MATTER:
        return lambda at: f"{day_of_month(at)}, {hour(at)}"
    return day_of_month if first.year == last.year else day


def _window_steps(data: ChartData, path: list[TrajectoryStep]) -> list[int]:
    return [i for i, s in enumerate(path) if data.window and s.enzyme.at in data.window]


def _date_label(data: ChartData, step: TrajectoryStep, spot, written, last: bool) -> dict:
    """The latest with its values."""
    text = written(step.enzyme.at)
    if last:
        text += f": {data.enzyme} {step.enzyme.text}, INR {step.inr.text}"
    right = spot[0] * PLOT + LETTER * len(text) < PLOT + 100
    return words(
        plain(text),
        xref="x",
        yref="y",
        x=number(math.log10(step.x)),
        y=number(step.inr.value),
        xanchor="left" if right else "right",
        xshift=9 if right else -9,
        yshift=9,
        font=font("var(--ink)", 650 if last else 400, "var(--surface)"),
    )


# --- the corners ---


def _movements(
    sheet: ChartSheet, data: ChartData, boxes: tuple[Corridor, Corridor], across, up
) -> list[dict]:
    """Around the baseline draw: its corridor as a box, what each way out of it means, the pattern's tinted."""
    enzyme, inr = boxes
    left, right = number(10 ** across[0]), number(10 ** across[1])
    tone = TONES.get(data.grade, "var(--none)")
    own = rect((left, number(enzyme.low)), (number(inr.high), number(up[1])), tone, yref="y")
    box = (max(enzyme.low, left), min(enzyme.high, right)), (inr.low, inr.high)
    sheet.shapes += [
        own | {"opacity": 0.1},
        rect(tuple(map(number, box[0])), tuple(map(number, box[1])), "var(--corridor)", yref="y"),
    ]
    key = data.enzyme
    return [
        _corner("left", "top", f"{key} falls, INR rises: dissociation", "var(--ink)", 650),
        _corner("right", "top", "both rise: injury and failing synthesis"),
        _corner("left", "bottom", "both fall: recovery"),
        _corner("right", "bottom", f"{key} rises, INR falls"),
    ]


def _corners(limit: float, across, up) -> list[dict]:
    """Without a baseline: what each corner of the plane means, where there is room for the words."""
    share = (math.log10(limit) - across[0]) / (across[1] - across[0])
    height = (NORMAL_INR - up[0]) / (up[1] - up[0])
    corners = (
        ("left", "top", "enzymes normal, INR raised"),
        ("right", "top", "injury and raised INR"),
        ("left", "bottom", "both normal"),
        ("right", "bottom", "injury, INR normal"),
    )
    return [
        _corner(x, y, text)
        for x, y, text in corners
        if (share if x == "left" else 1 - share) * PLOT > LETTER * len(text)
        and (height if y == "bottom" else 1 - height) > 0.06
    ]


def _corner(x: str, y: str, text: str, colour: str = "var(--ink-soft)", weight: int = 400) -> dict:
    return words(
        text,
        yref="paper",
        x=0 if x == "left" else 1,
        y=1 if y == "top" else 0,
        xanchor=x,
        xshift=6 if x == "left" else -6,
        yshift=-12 if y == "top" else 11,
        font=font(colour, weight, "var(--surface)"),
    )
