"""Rows of a spreadsheet under their header: one draw a row, or one result a row."""

import re
from collections.abc import Iterator

from interpretation.record.spelling import fold_name
from patients.pasted.lines import read_line
from patients.pasted.names import (
    CLOCK_LABELS,
    COLUMNS,
    DAY_LABELS,
    cells_of,
    label,
    name_and_unit,
    shown_name,
)
from patients.pasted.parts import Found, NotTaken, Part, Said
from patients.pasted.values import DIGITS, SIGN, taken_apart
from patients.values.dates import impossible, is_dated
from patients.values.number_text import clean

_NUMBER = re.compile(rf"(?:{SIGN})?{DIGITS}")
ONE_ROW = "Paste one row below its header: one draw at a time. Several are for an upload."


def is_wide(cells: list[str]) -> bool:
    """A header with two tests, or a test beside what says when or where, and nothing that is a number."""
    if any(map(_NUMBER.fullmatch, cells)):
        return False
    tests = sum(bool(name_and_unit(cell)[0]) for cell in cells)
    return tests >= 2 or (tests == 1 and any(map(label, cells)))


def read_wide(header: list[str], lines: list[str]) -> Iterator[Part]:
    """One draw in one row, each test a column."""
    if len(lines) != 1:
        yield from (NotTaken(clean(line), ONE_ROW) for line in lines or [" ".join(header)])
        return
    cells = cells_of(lines[0])
    halves = _halves(header)
    if halves:
        yield _joined([cells[at] for at in halves if at < len(cells)])
    for at, cell in enumerate(cells):
        if cell and at not in halves:
            yield _cell(header[at] if at < len(header) else "", cell)


def long_columns(cells: list[str]) -> dict[str, int]:
    """Where each part stands in rows of one result; {} where this is no header of results."""
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = next((name for name, titles in COLUMNS.items() if fold_name(cell) in titles), label(cell))
        if name:
            found.setdefault(name, at)
    return found if {"test", "value"} <= set(found) else {}


def read_long(columns: dict[str, int], lines: list[str]) -> Iterator[Part]:
    """One result a row."""
    for line in lines:
        cells = cells_of(line)
        if len(cells) == 1:
            yield from read_line(line, cells)
        else:
            yield from _row(columns, cells)


def _cell(title: str, cell: str) -> Part:
    name, unit = name_and_unit(title)
    if name:
        value, own_unit, range_text = taken_apart(name, cell)
        return Found(name, value, own_unit or unit, range_text, line=f"{title}: {cell}")
    said = label(title)
    if said and (said != "taken_at" or is_dated(cell)):
        return Said(said, cell)
    return NotTaken(f"{title}: {cell}" if title else cell, impossible(cell) if said else "")


def _halves(header: list[str]) -> list[int]:
    """The columns of the day and of the time of day, where these are two."""
    folded = [fold_name(title) for title in header]
    found = [at for names in (DAY_LABELS, CLOCK_LABELS) for at, title in enumerate(folded) if title in names]
    return found if len(found) == 2 and set(folded) & CLOCK_LABELS else []


def _joined(halves: list[str]) -> Part:
    text = " ".join(halves)
    return Said("taken_at", text) if is_dated(text) else NotTaken(text)


def _filled(columns: dict[str, int], cells: list[str]) -> dict[str, str]:
    return {name: cells[at] for name, at in columns.items() if at < len(cells) and cells[at]}


def _row(columns: dict[str, int], cells: list[str]) -> Iterator[Part]:
    row = _filled(columns, cells)
    line = " ".join(filter(None, cells))
    name, unit = name_and_unit(row.get("test", ""))
    if not name or "value" not in row:
        yield NotTaken(line, f"No value stands beside {shown_name(name)}." if name else "")
        return
    value, own_unit, own_range = taken_apart(name, row["value"])
    yield Found(
        name, value, row.get("unit") or own_unit or unit, row.get("range") or own_range,
        row.get("lower", ""), row.get("upper", ""), line,
    )  # fmt: skip
    yield from (Said(key, row[key]) for key in ("taken_at", "laboratory", "mrn") if key in row)
    rest = [cell for at, cell in enumerate(cells) if cell and at not in columns.values()]
    yield from (NotTaken(cell, f"It stands beside {shown_name(name)}.") for cell in rest)
