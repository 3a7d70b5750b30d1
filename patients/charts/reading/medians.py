"""A long history as one robust line: the median of each month, with every draw as a faint point."""

from itertools import groupby

from ..data import ChartData, Point

# Pixels of the plot, and the fewest that a draw takes before months take its place.
PLOT, EACH = 596, 3


def is_dense(data: ChartData) -> bool:
    """More than one draw in three pixels."""
    return max((len(points) for points in data.series.values()), default=0) > PLOT / EACH


def monthly(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """One point a month: the draw whose value is the (lower) median, so that a bound stays a bound."""
    return tuple(_middle(list(group)) for _, group in groupby(points, key=_month))


def _month(point: Point) -> tuple[int, int]:
    return point.at.year, point.at.month


def _middle(points: list[Point]) -> Point:
    found = sorted(points, key=lambda point: point.value)[(len(points) - 1) // 2]
    many = len(points) > 1
    begins = any(point.begins for point in points)
    return found._replace(begins=begins, months=len(points) if many else 0)
