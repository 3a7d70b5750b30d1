"""A unit that stands in the cell of its value: "88 U/L", "LESS THAN 10 U/L", "35 U/L H", "12.5mg/dL"."""

import re

from interpretation.analytes import Analyte

_NUMBER_FIRST = re.compile(r"([^0-9]*[0-9][0-9.,]*)\s*(\S.*)")
# No unit has more words.
_WORDS = 5


def apart(analyte: Analyte, text: str) -> tuple[str, str]:
    """The value's text without its unit, and the unit: one in which this test is measured. "" where none is.

    A flag or range beside them stays with the value. A figure alone is no unit, though INR is measured in 1.
    """
    found = _NUMBER_FIRST.fullmatch(text)
    words = found[2].split() if found else []
    for start in range(min(len(words), 2)):
        for end in range(min(len(words), start + _WORDS), start, -1):
            unit = " ".join(words[start:end])
            if any(sign.isalpha() or sign == "%" for sign in unit) and analyte.factor(unit) is not None:
                return " ".join([found[1], *words[:start], *words[end:]]), unit
    return text, ""
