"""The grade at each past draw as a ribbon on the time axis of the chart: geometry in percent of its width.

A cell reaches from its draw to the next, since the grade stands until then. Its height and pattern, its
colour and, where there is room, a shape and a word say the grade. Draws after the page's moment have no
place on that axis: they follow in its right margin, in order and not to scale.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from interpretation.episodes import GradePoint
from interpretation.grading import GRADES
from interpretation.verdict import inr, moment

# Pixels of a bar, of the ribbon and of the row of shapes and words above it.
HEIGHTS = {"critical": 24, "established": 18, "possible": 12, "not_interpretable": 12}
FLAT, HEIGHT, TOP = 3, 46, 18
# Percent of the width that a shape and a letter take on a laptop.
SHAPE, LETTER = 3.0, 1.35
# How many later draws the right margin of each view has room for.
LATER = {"stacked": 4, "overlay": 1, "trajectory": 4}


@dataclass(frozen=True)
class Cell:
    """One draw. `starts`: its grade is another than before; only these are stops of the Tab key."""

    at: datetime
    grade: str
    words: str
    href: str
    x: float = 0
    width: float = 0
    starts: bool = True
    current: bool = False

    @property
    def height(self) -> int:
        return HEIGHTS.get(self.grade, FLAT)

    @property
    def y(self) -> int:
        return HEIGHT - self.height


@dataclass(frozen=True)
class Mark:
    """A shape, and a word where there is room."""

    x: float
    grade: str
    word: bool


@dataclass(frozen=True)
class Ribbon:
    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...]
    later: tuple[Cell, ...] = ()
    more_later: int = 0
    first: datetime | None = None
    last: datetime | None = None
    height: int = HEIGHT
    top: int = TOP


def ribbon(
    points: Iterable[GradePoint],
    later: Iterable[GradePoint],
    more_later: int,
    span: tuple[datetime, datetime],
    href: Callable[[datetime], str],
) -> Ribbon:
    """`points` up to the page's moment, `later` those of the margin; `href` is the page of a moment."""
    cells = _cells(list(points), span, href)
    return Ribbon(
        cells=cells,
        marks=_marks(cells),
        later=tuple(Cell(p.at, p.grade, words_of(p), href(p.at)) for p in later),
        more_later=more_later,
        first=span[0],
        last=span[1],
    )


def words_of(point: GradePoint) -> str:
    """ "11 Aug 2025, 08:10: Possible dissociation, INR 1.5 → 1.9"."""
    return ", ".join(filter(None, [f"{moment(point.at)}: {point.headline}", inrs_of(point)]))


def inrs_of(point: GradePoint) -> str:
    first, last = point.found.inr_from, point.inr
    if last is None:
        return ""
    return f"INR {inr(last)}" if first is None else f"INR {inr(first)} → {inr(last)}"


def _cells(points: list[GradePoint], span: tuple[datetime, datetime], href) -> tuple[Cell, ...]:
    edges = [*(_share(point.at, span) for point in points), 100.0]
    cells, before = [], None
    for place, (point, (x, end)) in enumerate(zip(points, pairwise(edges), strict=True)):
        # Draws without any value of the chart may lie before its first day.
        if end > x:
            cells.append(
                Cell(
                    at=point.at,
                    grade=point.grade,
                    words=words_of(point),
                    href=href(point.at),
                    x=x,
                    width=round(end - x, 3),
                    starts=point.grade != before,
                    current=place == len(points) - 1,
                )
            )
            before = point.grade
    return tuple(cells)


def _share(at: datetime, span: tuple[datetime, datetime]) -> float:
    first, last = span
    return round(min(max((at - first) / (last - first), 0), 1) * 100, 3)


def _marks(cells: tuple[Cell, ...]) -> tuple[Mark, ...]:
    """A shape at each change of grade, the worst first where two would lie on each other."""
    starts = [cell for cell in cells if cell.starts]
    chosen: list[Cell] = []
    for cell in sorted(starts, key=lambda c: (GRADES.index(c.grade), c.x)):
        if all(abs(cell.x - other.x) >= SHAPE for other in chosen):
            chosen.append(cell)
    chosen.sort(key=lambda c: c.x)
    ends = [*(cell.x for cell in chosen[1:]), 100.0]
    return tuple(
        Mark(cell.x, cell.grade, end - cell.x >= SHAPE + LETTER * len(cell.grade))
        for cell, end in zip(chosen, ends, strict=True)
    )
