"""How a file writes its numbers: decided by all of them, else by what is known of the sender, else asked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from patients.values.number_text import number_part

from .records import WRITING, FileRefused, UnknownName, Unmapped


class Number(str):
    """The text of a cell that holds a number: its point is a decimal point whatever the texts use."""

    __slots__ = ()


class NumberShown(str):
    """The text that a cell with a number shows, with signs around the number: <5, 35%."""

    __slots__ = ()


@dataclass(frozen=True)
class Marks:
    """The decimal mark, and the one between thousands; "" where no number may have one."""

    decimal: str = "."
    thousands: str = ""


OTHER = {".": ",", ",": "."}
_LEAD = r"[<>=≤≥~ ]*[-+]?"
# 1.234,5 and 1,234.5 hold both marks and say which one is which; a mark that stands twice is no decimal one.
_COMMA = re.compile(_LEAD + r"(\d+,\d+|\d{1,3}(\.\d{3})+,\d+|[1-9]\d{0,2}(\.\d{3}){2,})")
_POINT = re.compile(_LEAD + r"(\d+\.\d+|\d{1,3}(,\d{3})+\.\d+|[1-9]\d{0,2}(,\d{3}){2,})")
_PLAIN = re.compile(r"\d+(\.\d+)?")
# 1,234 and 1.234: one and a bit, or more than a thousand.
_THOUSAND = re.compile(_LEAD + r"[1-9]\d{0,2}([,.])\d{3}")
# A number with a unit behind.
_WITH_UNIT = re.compile(r"([^0-9]*[0-9][0-9.,]*?)\s*[A-Za-zµμ%/].*")
Cell = tuple[int, str]


@dataclass
class _Seen:
    """The first number of each way to write one. `two_ways`: by the mark that stands in it."""

    comma: Cell | None = None
    point: Cell | None = None

    def __post_init__(self) -> None:
        self.two_ways: dict[str, Cell] = {}
        self.count = 0

    def add(self, row: int, text: str) -> None:
        if found := _THOUSAND.fullmatch(text):
            self.two_ways.setdefault(found[1], (row, text))
            self.count += 1
        elif _POINT.fullmatch(text):
            self.point = self.point or (row, text)
        elif _COMMA.fullmatch(text):
            self.comma = self.comma or (row, text)


def marks_of(cells: Iterable[Cell], said: str = "", doubtful: bool = False) -> Marks:
    """`cells`: row number and text of each cell that should be a number.

    Cells that hold a number rather than its text say nothing about how this file writes them. `said`: the
    decimal mark of this sender, where a person has said so. `doubtful`: the file looks like one of a country
    that writes 1.234 for a thousand.
    """
    seen = _Seen()
    for row, text in cells:
        if isinstance(text, (Number, NumberShown)):
            continue
        if not _PLAIN.fullmatch(text):
            text = number_part(text)
            if found := _WITH_UNIT.fullmatch(text):
                text = found[1].rstrip()
        elif "." not in text:
            continue
        seen.add(row, text)
    return _said(seen, said) if said else _decided(seen, doubtful)


def _decided(seen: _Seen, doubtful: bool) -> Marks:
    comma, point = seen.comma, seen.point
    if comma and point:
        raise FileRefused(
            f"Numbers are written with a decimal comma (row {comma[0]}: {comma[1]}) and with a decimal "
            f"point (row {point[0]}: {point[1]}). Use one of them in the whole file."
        )
    if comma or point:
        decimal = "," if comma else "."
        return Marks(decimal, OTHER[decimal])
    mark = next((mark for mark in ",." if mark in seen.two_ways), "")
    if mark and (mark == "," or doubtful or len(seen.two_ways) > 1):
        raise _two_ways(*seen.two_ways[mark], seen.count)
    return Marks(".")


def _said(seen: _Seen, said: str) -> Marks:
    """What a person has said goes before numbers that can be read two ways, not against the others."""
    own, other = (seen.comma, seen.point) if said == "," else (seen.point, seen.comma)
    if other and not own:
        words = {",": "a decimal comma", ".": "a decimal point"}
        raise FileRefused(
            f"Files of this sender have {words[said]}, as was said under Senders, but row {other[0]} has "
            f"{other[1]}. Change that under Senders, or upload this file under another sender."
        )
    return Marks(said, OTHER[said])


def _two_ways(row: int, text: str, count: int) -> Unmapped:
    words = (
        f"Row {row}: {text} can be read two ways, as a decimal {'comma' if ',' in text else 'point'} or as "
        "thousands. Write numbers without thousands marks and with a decimal point, or say once how this "
        "sender writes them."
    )
    asked = UnknownName(WRITING, "decimal", f"Numbers such as {text}", "numbers", count, ((text, ""),))
    return Unmapped(words, unknown=(asked,))


def with_mark(cells: tuple[str, ...], decimal: str) -> tuple[str, ...]:
    """The cells with their numbers written as the texts of this file are."""
    if decimal == ".":
        return cells
    return tuple(
        cell.replace(".", ",", 1) if isinstance(cell, (Number, NumberShown)) else cell for cell in cells
    )
