"""What is drawn on a panel besides its lines: corridor and ring, values at points, words at the right edge."""

from math import log10

from interpretation.words import inr

from .axes import time_span
from .data import ENZYMES, ChartData
from .labels import room_for
from .reading.corridor import Corridor, corridor
from .reading.room import Room, words_box
from .sheet import DOT, LETTER, LINE, PLOT, ChartSheet, font, rect, stroke, words
from .values import Reader, log_safe, number, plain, shown, stamp, told

# Marks of the titles.
GLYPHS = {"ALT": "●", "AST": "■", "INR": "◆"}
# Up to so many draws each has its value beside it; from so many on only ends and baseline.
LABELLED = 8
NEAR = 13
RING = 17
# Between an end of the band and its words.
PAD = 6


def level(
    sheet: ChartSheet, panel, value: float, colour: str, opacity: float = 1, data: ChartData | None = None
) -> None:
    """A dotted line across the whole width; with `data` over its corridor, since Plotly puts what is bound to
    the sheet below what is bound to the axes."""
    y = number(value)
    x, xref = ((0, 1), "paper") if data is None else (tuple(map(stamp, time_span(data))), "x")
    line = stroke(x, (y, y), colour, xref=xref, yref=panel.axis, dash=DOT)
    sheet.shapes.append(line | {"opacity": opacity})


def corridor_of(sheet: ChartSheet, data: ChartData, panel, key: str, read: Reader, scale: str) -> None:
    """The band of expected variation from the baseline draw to the right edge, and its ring."""
    found = corridor(data, key, read)
    span = time_span(data)
    if found is None or found.start >= span[1]:
        return
    x = stamp(max(found.start, span[0])), stamp(span[1])
    low, high = (min(max(value, _end(panel, 0)), _end(panel, 1)) for value in (found.low, found.high))
    place = 1 if data.window else 0
    sheet.shapes.insert(place, rect(x, (number(low), number(high)), "var(--corridor)", yref=panel.axis))
    for edge in {low, high} & {found.low, found.high}:
        y = number(edge)
        sheet.shapes.append(
            stroke(x, (y, y), "var(--corridor-edge)", xref="x", yref=panel.axis, dash="4px,3px")
        )
    if found.ring and read(found.ring):
        sheet.data.append(_ring(key, found, panel.axis, read))
    _say_corridor(sheet, panel, key, found, scale, span)


def _end(panel, place: int) -> float:
    edge = (panel.low, panel.high)[place]
    return 10**edge if panel.log else edge


def _say_corridor(sheet: ChartSheet, panel, key: str, found: Corridor, scale: str, span) -> None:
    """At an end of the band, in it, above or below, where nothing else stands; else the note says it."""
    text = corridor_words(key, found, scale, with_ring=panel.axis == "y")
    width, room = LETTER * len(text), Room(sheet, panel, span)
    start = stamp(max(found.start, span[0]))
    top = panel.pixel(min(found.high, _end(panel, 1)))
    bottom = panel.pixel(max(found.low, _end(panel, 0)))
    ends = (
        (PLOT - PAD - width, {"x": 1, "xshift": -PAD, "xanchor": "right"}),
        (room.x(start) + PAD, {"xref": "x", "x": start, "xshift": PAD}),
    )
    for middle in (top + 10, bottom - 10, top - 9, bottom + 9):
        for left, place in ends:
            if left >= room.x(start) and room.is_free(words_box(left, middle, text)):
                sheet.say(text, middle, font=font("var(--ink)", halo="var(--corridor)"), **place)
                return


def corridor_words(key: str, found: Corridor, scale: str, with_ring: bool) -> str:
    """ "expected variation of 420: 262–672 · ring: first beyond"."""
    low, high = told(found.low, key, scale), told(found.high, key, scale)
    middle = inr(found.middle) if key == "INR" else told(found.middle, key, scale)
    of = f"the median {middle}" if found.median else middle
    ring = " · ring: first beyond" if with_ring and found.ring else ""
    return f"expected variation of {of}: {low}–{high}{ring}"


def _ring(key: str, found: Corridor, axis_name: str, read: Reader) -> dict:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{key}, first beyond expected variation",
        "x": [stamp(found.ring.at)],
        "y": [number(read(found.ring))],
        "yaxis": axis_name,
        "marker": {"size": RING, "symbol": "circle-open", "color": "var(--ink)", "line": {"width": 1.6}},
        "hoverinfo": "skip",
    }


def point_labels(
    sheet: ChartSheet, data: ChartData, key: str, panel, reads: dict[str, Reader], scale: str
) -> None:
    """Values beside their marks: all of few draws, else the baseline's. The latest stands at the edge."""
    points, read, span = data.points(key), reads[key], time_span(data)
    baseline = data.window[0] if data.window else None
    last = -1e9
    for point in points[:-1] if len(points) <= LABELLED else [p for p in points[:-1] if p.at == baseline]:
        value = log_safe(read(point)) if panel.log else read(point)
        text = shown(point, read, scale)
        at = (point.at - span[0]) / (span[1] - span[0]) * PLOT
        if value is None or at - last < LETTER * len(text):
            continue
        last = at
        sheet.notes.append(
            words(
                plain(text),
                xref="x",
                x=stamp(point.at),
                xanchor="center",
                yref=panel.axis,
                y=number(log10(value) if panel.log else value),
                yshift=NEAR if _is_above(data, key, point, reads) else -NEAR,
                font=font(f"var(--{key.lower()})", 650, "var(--surface)"),
            )
        )


def _is_above(data: ChartData, key: str, point, reads: dict[str, Reader]) -> bool:
    """The higher of two values of one draw is labelled above, the lower below."""
    for other, read in reads.items():
        beside = next((p for p in data.points(other) if p.draw == point.draw), None) if other != key else None
        if beside is not None and read(beside) is not None:
            mine, theirs = reads[key](point) or 0, read(beside)
            return (mine, key < other) > (theirs, other < key)
    return True


def end_labels(
    sheet: ChartSheet,
    data: ChartData,
    panel,
    reads: dict[str, Reader],
    scale: str,
    lines: list[tuple],
    **more,
) -> None:
    """The latest value of each series and the names of the lines, spread so that none meet."""
    wanted, looks = [], {}
    for key, read in reads.items():
        point = data.points(key)[-1]
        value = log_safe(read(point)) if panel.log else read(point)
        if value is not None:
            text = f"{key} {shown(point, read, scale)}"
            unread = key == "INR" and data.unread_from and point.at >= data.unread_from
            looks[text] = f"var(--{'unreadable' if unread else key.lower()})", 650
            wanted.append((panel.pixel(value), text, ENZYMES.index(key) if key in ENZYMES else 0))
    wanted += [(panel.pixel(value), text, turn + len(ENZYMES)) for value, text, turn in lines]
    placed = room_for(wanted, LINE, reach=1.25)
    sheet.end_labels(
        [(y, plain(text), *looks.get(text, ("var(--ink-soft)", 400))) for y, text in placed], **more
    )
