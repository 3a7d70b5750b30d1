"""Which row names the columns: below title lines, and often in two lines (a test over value, unit, range)."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from interpretation.record import analytes
from interpretation.record.spelling import fold_name
from uploads.importers.layouts import labs_wide

# How numbers, limits and days begin.
_VALUE = re.compile(r"[<>=≤≥~(\[ ]*[-+]?[0-9]")
# Within so many rows the names of the columns are looked for.
ROWS = 20
# Below the name of a test: which of its columns this is. "" is the result itself.
_PARTS = {
    **dict.fromkeys(("value", "result", "results", "wert"), ""),
    **{ending: f" {endings[0]}" for endings in labs_wide.SUFFIXES.values() for ending in endings},
}


@dataclass(frozen=True)
class Heading:
    """`at`: the row of the list; `lines`: how many rows it takes; `fit`: what the file is by it."""

    at: int
    lines: int
    header: tuple[str, ...]
    fit: object


def find(rows: list, fits: Callable, wide: Callable) -> Heading | None:
    """The first row whose names make a file that can be read. `fits(header, at)` says what it is, or None.

    A file in wide form may have a second line of names, which `wide(fit)` asks for.
    """
    for at in range(min(len(rows), ROWS)):
        top = _trimmed(rows[at][1])
        if len(top) < 2:
            continue
        alone = fits(spread(top), at + 1)
        if alone and not wide(alone):
            return Heading(at, 1, spread(top), alone)
        if at + 1 < len(rows):
            both = in_two_lines(top, rows[at + 1][1])
            fit = fits(both, at + 2) if both else None
            if fit and not _filled(rows[at + 1][1], fit.where.get("mrn")):
                return Heading(at, 2, both, fit)
        if alone:
            return Heading(at, 1, spread(top), alone)
    return None


def in_two_lines(top: tuple[str, ...], below: tuple[str, ...]) -> tuple[str, ...] | None:
    """Both lines as one, where the second one tells parts of tests or tests of groups; else None."""
    below = _trimmed(below)
    width = max(len(top), len(below))
    top, below = (line + ("",) * (width - len(line)) for line in (top, below))
    titles, test, told = [], "", False
    for upper, lower in zip(top, below, strict=True):
        test = upper or test
        part = _PARTS.get(fold_name(lower)) if lower else None
        if part is not None and (named := labs_wide.test_name(test)):
            titles.append(named + part if part else test)
            told = True
        else:
            told = told or bool(lower and labs_wide.test_name(lower))
            titles.append(lower or upper)
    return tuple(titles) if told else None


def spread(header: tuple[str, ...]) -> tuple[str, ...]:
    """ "ALT, Unit, AST, Unit" as "ALT, ALT unit, AST, AST unit": only where such a word stands twice."""
    times = Counter(fold_name(title) for title in header)
    titles, test = [], ""
    for title in header:
        folded = fold_name(title)
        if analytes.find(title):
            test = title
        doubled = times[folded] > 1 and test and _PARTS.get(folded)
        titles.append(test + _PARTS[folded] if doubled else title)
    return tuple(titles)


def may_name(cells: tuple[str, ...]) -> bool:
    """Whether a row can be names of columns: more than one cell, none of them a number or a day."""
    filled = [cell for cell in cells if cell]
    return len(filled) > 1 and not any(_VALUE.match(cell) for cell in filled)


def _filled(cells: tuple[str, ...], at: int | None) -> bool:
    return at is not None and at < len(cells) and cells[at] != ""


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells
