"""Where the cells of a sheet stand that do not say so themselves: the format allows them to be counted.

Imports nothing of the product: the process that opens workbooks loads this file by its path.
"""

import re

# No sign "<" within a tag: what never ends is not searched for its end again and again.
_TAG = re.compile(rb"<(/?)(?:\w+:)?(row|c)(?=[\s/>])([^<>]*)>")
_REFERENCE = re.compile(rb'\sr="([A-Z]{0,3})([0-9]{1,7})"')
_UNPLACED = re.compile(rb'<(?:\w+:)?c(?=[\s/>])(?![^<>]*\sr=")')


def placed(sheet: bytes) -> bytes:
    """The sheet with a reference in each cell."""
    return _TAG.sub(_Counter().tag, sheet) if _UNPLACED.search(sheet) else sheet


class _Counter:
    """`row` and `column` of the next cell, from 1."""

    def __init__(self) -> None:
        self.row, self.column = 1, 1

    def tag(self, found: re.Match[bytes]) -> bytes:
        closes, name, about = found.groups()
        reference = _REFERENCE.search(about)
        if name == b"row":
            self._at_row(bool(closes) or about.endswith(b"/"), reference)
            return found[0]
        return found[0] if closes else self._cell(found[0], reference)

    def _at_row(self, ends: bool, reference: re.Match[bytes] | None) -> None:
        if reference:
            self.row = int(reference[2])
        self.row, self.column = self.row + ends, 1

    def _cell(self, tag: bytes, reference: re.Match[bytes] | None) -> bytes:
        if reference:
            self.column = _number(reference[1]) + 1
            return tag
        place = b' r="%s%d"' % (_letters(self.column), self.row)
        self.column += 1
        name = re.match(rb"<[\w:]+", tag)[0]
        return name + place + tag[len(name) :]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _letters(number: int) -> bytes:
    letters = b""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = bytes([65 + rest]) + letters
    return letters
