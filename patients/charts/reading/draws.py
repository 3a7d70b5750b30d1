"""Each draw in words: what the keyboard reads from the chart."""

from interpretation.record.date_alone import DateAlone
from interpretation.words import day, moment

from ..data import ENZYMES, ChartData, Point
from ..values import stamp


def draws_in_words(data: ChartData) -> list[dict[str, str]]:
    """In time order, with the stamp by which the figures know each: "29 Nov 2026, 08:00: ALT 82 U/L, INR 2.6"."""
    found: dict[str, list[tuple[str, Point]]] = {}
    for key in (*ENZYMES, "INR"):
        for point in data.points(key):
            found.setdefault(point.draw, []).append((key, point))
    rows = sorted(found.values(), key=lambda row: row[0][1].at)
    return [{"at": stamp(row[0][1].at), "words": _words(row, data)} for row in rows]


def _words(row: list[tuple[str, Point]], data: ChartData) -> str:
    at = row[0][1].at
    unread = data.unread_from is not None and at >= data.unread_from
    values = [f"{key} {point.text} {data.units[key]}".strip() for key, point in row]
    if unread and row[-1][0] == "INR":
        values[-1] += " (cannot be read)"
    return f"{day(at) if isinstance(at, DateAlone) else moment(at)}: {', '.join(values)}"
