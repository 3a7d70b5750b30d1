"""The grades as a strip of 13 pixels on the time axis, with the word inside: geometry in percent of its width."""

from collections.abc import Callable
from dataclasses import dataclass

from ..ribbon import Bar, Ribbon, RibbonCell
from ..sheet import LETTER, PLOT

# Percent of the width that a place one can press takes at least: 24 pixels.
LEAST = round(24 / PLOT * 100, 3)
PAD = 12


@dataclass(frozen=True)
class StripBar:
    """One grade as long as it stood; `word`: there is room for it."""

    grade: str
    x: float
    width: float
    word: bool


@dataclass(frozen=True)
class StripLink:
    """From one draw until the next that is far enough to be pressed."""

    x: float
    width: float
    words: str
    href: str
    current: bool
    starts: bool


@dataclass(frozen=True)
class Strip:
    """`key` is the range of days it belongs to; `now` the grade at its end."""

    key: str
    bars: tuple[StripBar, ...]
    links: tuple[StripLink, ...]
    now: str


def strip(key: str, ribbon: Ribbon, word_of: Callable[[str], str]) -> Strip:
    """`word_of` a grade, as it is written into its bar."""
    cells = ribbon.cells
    return Strip(
        key=key,
        bars=tuple(_bar(bar, word_of(bar.grade)) for bar in ribbon.bars),
        links=links(cells),
        now=cells[-1].grade if cells else "",
    )


def _bar(bar: Bar, name: str) -> StripBar:
    return StripBar(bar.grade, bar.x, bar.width, bar.width / 100 * PLOT >= LETTER * len(name) + PAD)


def links(cells: tuple[RibbonCell, ...]) -> tuple[StripLink, ...]:
    """The draws that can be pressed: the page's own, those where the grade changes, the others as room is left.
    One at the very end begins as far before it as a finger needs."""
    chosen: list[tuple[float, RibbonCell]] = []
    for cell in sorted(cells, key=lambda one: (not one.current, not one.starts, -one.x)):
        x = min(cell.x, 100 - LEAST)
        if all(abs(x - other) >= LEAST for other, _ in chosen):
            chosen.append((x, cell))
    chosen.sort(key=lambda one: one[0])
    ends = [*(x for x, _ in chosen[1:]), 100.0]
    return tuple(
        StripLink(x, round(end - x, 3), cell.words, cell.href, cell.current, cell.starts)
        for (x, cell), end in zip(chosen, ends, strict=True)
    )
