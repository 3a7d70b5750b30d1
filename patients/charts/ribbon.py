"""The grade at each past draw as a ribbon on the time axis of the chart: geometry in percent of its width.

A cell reaches from its draw to the next, since the grade stands until then; cells of one grade in a row are
one bar. Its height and pattern, its colour, a shape and, where there is room, a word say the grade. Draws
after the page's moment have no place on that axis: they follow in its right margin, in order, not to scale.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from interpretation.episodes import GradePoint
from interpretation.rule.grading import GRADES
from interpretation.words import inr, moment

# Pixels: bars, the row of shapes and words above them, the ticks of draws below them.
HEIGHTS = {"critical": 24, "established": 18, "possible": 12, "not_interpretable": 12}
FLAT, WORDS, TICKS = 3, 20, 5
BASE = WORDS + HEIGHTS["critical"]
# Percent of the width that a shape and a letter take on a laptop.
SHAPE, LETTER = 3.4, 1.55
# How many later draws the right margin of each view has room for.
LATER = {"stacked": 4, "overlay": 1, "trajectory": 4}


@dataclass(frozen=True)
class RibbonCell:
    """One draw. `starts`: its grade is another than before; only these are stops of the Tab key."""

    at: datetime
    grade: str
    words: str
    href: str
    x: float = 0
    width: float = 0
    starts: bool = True
    current: bool = False


@dataclass(frozen=True)
class Bar:
    """One grade as long as it stood."""

    grade: str
    x: float
    width: float

    @property
    def height(self) -> int:
        return HEIGHTS.get(self.grade, FLAT)

    @property
    def y(self) -> int:
        return BASE - self.height


@dataclass(frozen=True)
class Mark:
    """The shape of a bar, and its word where there is room."""

    grade: str
    x: float
    word: bool


@dataclass(frozen=True)
class Ribbon:
    cells: tuple[RibbonCell, ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    later: tuple[RibbonCell, ...] = ()
    more_later: int = 0
    first: datetime | None = None
    last: datetime | None = None
    base: int = BASE
    height: int = BASE + TICKS


def ribbon(
    points: Iterable[GradePoint],
    later: Iterable[GradePoint],
    more_later: int,
    span: tuple[datetime, datetime],
    href: Callable[[datetime], str],
) -> Ribbon:
    """`points` up to the page's moment, `later` those of the margin; `href` is the page of a moment."""
    cells = _cells(list(points), span, href)
    bars = _bars(cells)
    return Ribbon(
        cells=cells,
        bars=bars,
        marks=_marks(bars),
        later=tuple(RibbonCell(p.at, p.grade, words_of(p), href(p.at)) for p in later),
        more_later=more_later,
        first=span[0],
        last=span[1],
    )


def words_of(point: GradePoint) -> str:
    """ "11 Aug 2025, 08:10: Possible dissociation, INR 1.5 → 1.9"."""
    return ", ".join(filter(None, [f"{moment(point.at)}: {point.headline}", inrs_of(point)]))


def inrs_of(point: GradePoint) -> str:
    first, last = point.found.inr_from, point.inr_words
    if not last:
        return ""
    return f"INR {last}" if first is None else f"INR {inr(first, point.found.inr_signs[0])} → {last}"


def _cells(points: list[GradePoint], span: tuple[datetime, datetime], href) -> tuple[RibbonCell, ...]:
    edges = [*(_share(point.at, span) for point in points), 100.0]
    cells, before = [], None
    for place, (point, (x, end)) in enumerate(zip(points, pairwise(edges), strict=True)):
        # Draws without any value of the chart may lie before its first day.
        if end > x:
            cells.append(
                RibbonCell(
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


def _bars(cells: tuple[RibbonCell, ...]) -> tuple[Bar, ...]:
    starts = [cell for cell in cells if cell.starts]
    ends = [*(cell.x for cell in starts[1:]), 100.0]
    return tuple(
        Bar(cell.grade, cell.x, round(end - cell.x, 3)) for cell, end in zip(starts, ends, strict=True)
    )


def _marks(bars: tuple[Bar, ...]) -> tuple[Mark, ...]:
    """A shape for each bar, the worst first where two would lie on each other."""
    chosen: list[Bar] = []
    for bar in sorted(bars, key=lambda bar: (GRADES.index(bar.grade), bar.x)):
        if all(abs(bar.x - other.x) >= SHAPE for other in chosen):
            chosen.append(bar)
    chosen.sort(key=lambda bar: bar.x)
    ends = [*(bar.x for bar in chosen[1:]), 100.0]
    return tuple(
        Mark(bar.grade, bar.x, end - bar.x >= SHAPE + LETTER * len(bar.grade))
        for bar, end in zip(chosen, ends, strict=True)
    )
