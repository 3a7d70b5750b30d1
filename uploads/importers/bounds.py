"""A bound that comes beside its value: the flag of a result that lies off the scale of the instrument."""

import re
from collections.abc import Iterable

from patients.values.number_text import SIGN, SIGNS, plain_signs

# HL7 table 0078 and FHIR's interpretations: < below, > above the scale. In words they speak of the range.
_FLAGS = {sign for sign in SIGNS if not any(map(str.isalpha, sign))}
_NUMBER = re.compile(rf"\s*(?P<sign>{SIGN})?\s*[-+]?\.?[0-9]", re.IGNORECASE)


def with_bound(value: str, flags: Iterable[str]) -> str:
    """The value with the sign that its flags give it; ValueError with a sentence where they contradict it."""
    signs = {SIGNS[flag] for flag in map(str.strip, map(plain_signs, flags)) if flag in _FLAGS}
    found = _NUMBER.match(plain_signs(value))
    if not signs or not found:
        return value
    own = SIGNS[found["sign"].lower()] if found["sign"] else ""
    if len({sign[0] for sign in {*signs, own} - {""}}) > 1:
        raise ValueError("the value and its flag name two different bounds, < and >: see the report.")
    return value if own else f"{min(signs)}{value.strip()}"
