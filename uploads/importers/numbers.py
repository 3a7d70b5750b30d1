"""Whether a file writes its decimals with a point or a comma: decided by all its numbers."""

import re
from collections.abc import Iterable

from .records import Refusal

_LEAD = r"[<>=≤≥~ ]*[-+]?"
_COMMA = re.compile(_LEAD + r"\d+,\d+")
_POINT = re.compile(_LEAD + r"\d+\.\d+")
# 1,234: one and a bit, or more than a thousand.
_THOUSAND = re.compile(_LEAD + r"[1-9]\d{0,2},\d{3}")


def decimal_of(cells: Iterable[tuple[int, str]]) -> str:
    """ "." or ",". `cells`: row number and text of each cell that should be a number."""
    comma = point = unclear = None
    for row, text in cells:
        if _POINT.fullmatch(text):
            point = point or (row, text)
        elif _THOUSAND.fullmatch(text):
            unclear = unclear or (row, text)
        elif _COMMA.fullmatch(text):
            comma = comma or (row, text)
    if comma and point:
        raise Refusal(
            f"Numbers are written with a decimal comma (row {comma[0]}: {comma[1]}) and with a decimal "
            f"point (row {point[0]}: {point[1]}). Use one of them in the whole file."
        )
    if unclear and not comma and not point:
        raise Refusal(
            f"Row {unclear[0]}: {unclear[1]} can be read two ways, as a decimal comma or as thousands. "
            "Write numbers without thousands marks and with a decimal point."
        )
    return "," if comma else "."
