"""The table behind the chart: every value that is drawn, and those that cannot be."""

from dataclasses import dataclass

from interpretation.words import sign

from .data import ENZYMES, LOWER, ChartData, Point

COLUMNS = (*ENZYMES, "INR", *LOWER)


@dataclass(frozen=True)
class ChartTableRow:
    at: object
    cells: tuple[str, ...]
    source: str
    breaks: bool


def chart_table(data: ChartData) -> list[ChartTableRow]:
    """One row a draw, newest first: text of each value, with the multiple of its limit for ALT and AST."""
    by_draw: dict[str, dict[str, Point]] = {}
    for key in COLUMNS:
        for point in data.points(key):
            by_draw.setdefault(point.draw, {})[key] = point
    rows = [_row(found) for found in by_draw.values()]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _row(found: dict[str, Point]) -> ChartTableRow:
    points = list(found.values())
    cells = tuple(_cell(key, found[key]) if key in found else "" for key in COLUMNS)
    return ChartTableRow(points[0].at, cells, points[0].source, any(p.begins for p in points))


def _cell(key: str, point: Point) -> str:
    if key not in ENZYMES or point.multiple is None:
        return point.text
    assumed = "*" if point.assumed else ""
    return f"{point.text} ({sign(point.comparator)}{point.multiple:.2f} ×{assumed})"
