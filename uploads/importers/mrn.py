"""Numbers of patients as spreadsheets leave them: without the zeros in front, or with a decimal behind."""

import re

_NUMBER = re.compile(r"0*([1-9][0-9]*)(?:[.,]0+)?")


def without_zeros(mrn: str) -> str:
    """ "0012345", "12345" and "12345.0" are one number, "12345"; "" for what is no number alone."""
    found = _NUMBER.fullmatch(mrn)
    return found[1] if found else ""
