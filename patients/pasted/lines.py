"""Lines as a laboratory prints them, and cells of a spreadsheet without a header."""

import re
from collections.abc import Iterator

from interpretation.record.spelling import fold_name
from patients.pasted.names import (
    COLUMNS,
    DAY_LABELS,
    is_unit,
    label,
    name_and_unit,
    name_at_start,
    shown_name,
)
from patients.pasted.parts import Found, NotTaken, Part, Said
from patients.pasted.values import DIGITS, VALUE, beside, is_remark, why_no_value
from patients.values.dates import impossible, is_dated
from patients.values.number_text import clean

# "<=" and ">=" are signs of a bound.
_SEPARATORS = re.compile(r"(?<=[^\d\s<>])\s*[:=]\s+|(?<=[^\d\s<>,;|])[:=](?=[<>≤≥]?\d)|\.{2,}|_{2,}")
_HEADING_WORDS = set.union(*COLUMNS.values())
_NUMBER = re.compile(DIGITS)


def read_line(line: str, cells: list[str]) -> Iterator[Part]:
    if said := _said(line, cells):
        yield said
        return
    if _is_heading(line, cells):
        return
    cells, before = _from_the_name(cells)
    name = name_and_unit(cells[0])[0]
    if sum(map(bool, map(_NUMBER.fullmatch, cells))) > 1 and not name:
        yield NotTaken(clean(line), "No test is named in this row: paste it together with its header.")
    elif name and len(cells) > 1 and not cells[1]:
        yield NotTaken(clean(line), f"No value stands beside {shown_name(name)}.")
    else:
        yield from _results(" ".join(filter(None, _value_first(cells))), clean(line))
        yield from (_before(cell, name) for cell in before)


def _said(line: str, cells: list[str]) -> Part | None:
    """ "Collected: 30 Nov 2026 08:30", "Laboratory<tab>North". A time that is none says why."""
    title, _, text = (clean(part) for part in line.partition(":"))
    if len(cells) == 2 and label(cells[0].rstrip(":")):
        title, text = cells[0].rstrip(":"), cells[1]
    name = label(title)
    if not text or not name or fold_name(title) in DAY_LABELS:
        return None
    if name != "taken_at" or is_dated(text):
        return Said(name, text)
    return NotTaken(clean(line), impossible(text)) if impossible(text) else None


def _is_heading(line: str, cells: list[str]) -> bool:
    titles = cells if len(cells) > 1 else re.split(r"\s{2,}", line.strip())
    return all(fold_name(title) in _HEADING_WORDS for title in titles)


def _from_the_name(cells: list[str]) -> tuple[list[str], list[str]]:
    """The cells from a test's name on, and what stood before it: numbers and days, but no words."""
    for at, cell in enumerate(cells):
        if name_and_unit(cell)[0]:
            return cells[at:], [before for before in cells[:at] if before]
        if cell and not re.search(r"\d", cell):
            break
    return cells, []


def _before(cell: str, name: str) -> Part:
    return Said("dated", cell) if is_dated(cell) else NotTaken(cell, f"It stands beside {shown_name(name)}.")


def _value_first(cells: list[str]) -> list[str]:
    """A spreadsheet may have the unit before the value."""
    if len(cells) > 2 and VALUE.match(cells[2]) and is_unit(name_and_unit(cells[0])[0], cells[1]):
        return [cells[0], cells[2], cells[1], *cells[3:]]
    return cells


def _results(text: str, line: str) -> Iterator[Part]:
    """The results of a line: name, value, unit, range, and again. Words between them end the reading."""
    rest = clean(_SEPARATORS.sub(" ", text))
    if not name_at_start(rest)[0]:
        yield NotTaken(line)
        return
    while rest:
        parts, rest = _result(rest, line)
        yield from parts


def _result(text: str, line: str) -> tuple[list[Part], str]:
    """The first result of a text, with what stands beside it, and the text of the results after it."""
    name, unit, after = name_at_start(text)
    found = beside(name, after)
    if found is None:
        return [NotTaken(text, why_no_value(name, after))], ""
    if _NUMBER.match(found.rest) and not (found.unit or found.range_text):
        return [NotTaken(text, f"Two numbers stand beside {shown_name(name)}.")], ""
    others, trailing = _next(found.rest)
    if is_remark(f"{found.value} {trailing}"):
        # The funnel refuses the number with its remark.
        return [Found(name, f"{found.value} {trailing}", line=line)], others
    left = [NotTaken(trailing, f"It stands beside {shown_name(name)}.")] if trailing else []
    return [Found(name, found.value, found.unit or unit, found.range_text, line=line), *left], others


def _next(rest: str) -> tuple[str, str]:
    """What goes on with another result, and what does not."""
    rest = rest.lstrip(",; ")
    name, _, after = name_at_start(rest)
    return (rest, "") if name and VALUE.match(after) else ("", rest)
