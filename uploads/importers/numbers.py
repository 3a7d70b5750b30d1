"""Whether a file writes its decimals with a point or a comma: decided by all its numbers."""

import re
from collections.abc import Iterable

from patients.values.number_text import number_part

from .records import FileRefused


class Number(str):
    """The text of a cell that holds a number: its point is a decimal point whatever the texts use."""

    __slots__ = ()


_LEAD = r"[<>=≤≥~ ]*[-+]?"
# 1.234,5 and 1,234.5 hold both marks and say which one is which.
_COMMA = re.compile(_LEAD + r"(\d+,\d+|\d{1,3}(\.\d{3})+,\d+)")
_POINT = re.compile(_LEAD + r"(\d+\.\d+|\d{1,3}(,\d{3})+\.\d+)")
_PLAIN = re.compile(r"\d+(\.\d+)?")
# 1,234: one and a bit, or more than a thousand.
_THOUSAND = re.compile(_LEAD + r"[1-9]\d{0,2},\d{3}")


def decimal_of(cells: Iterable[tuple[int, str]]) -> str:
    """ "." or ",". `cells`: row number and text of each cell that should be a number.

    Cells that hold a number rather than its text say nothing about how this file writes them.
    """
    comma = point = unclear = None
    for row, text in cells:
        if isinstance(text, Number):
            continue
        if _PLAIN.fullmatch(text):
            point = point or ((row, text) if "." in text else None)
            continue
        text = number_part(text)
        if _POINT.fullmatch(text):
            point = point or (row, text)
        elif _THOUSAND.fullmatch(text):
            unclear = unclear or (row, text)
        elif _COMMA.fullmatch(text):
            comma = comma or (row, text)
    if comma and point:
        raise FileRefused(
            f"Numbers are written with a decimal comma (row {comma[0]}: {comma[1]}) and with a decimal "
            f"point (row {point[0]}: {point[1]}). Use one of them in the whole file."
        )
    if unclear and not comma and not point:
        raise FileRefused(
            f"Row {unclear[0]}: {unclear[1]} can be read two ways, as a decimal comma or as thousands. "
            "Write numbers without thousands marks and with a decimal point."
        )
    return "," if comma else "."


def with_mark(cells: tuple[str, ...], decimal: str) -> tuple[str, ...]:
    """The cells with their numbers written as the texts of this file are."""
    if decimal == ".":
        return cells
    return tuple(cell.replace(".", ",") if isinstance(cell, Number) else cell for cell in cells)
