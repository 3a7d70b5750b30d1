"""A bound that comes beside its value: the flag of a result that lies off the scale of the instrument."""

import re
from collections.abc import Iterable

# HL7 table 0078 and FHIR's interpretations: < below, > above the scale.
_SIGNS = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">="}
_NUMBER = re.compile(
    r"\s*(?P<sign>[<>≤≥]=?|=[<>]|less than|greater than|more than)?\s*[-+]?\.?[0-9]", re.IGNORECASE
)


def with_bound(value: str, flags: Iterable[str]) -> str:
    """The value with the sign that its flags give it; ValueError with a sentence where they contradict it."""
    signs = {_SIGNS[flag.strip()] for flag in flags if flag.strip() in _SIGNS}
    found = _NUMBER.match(value)
    if not signs or not found:
        return value
    ways = {sign[0] for sign in signs} | ({_way(found["sign"])} if found["sign"] else set())
    if len(ways) > 1:
        raise ValueError("the value and its flag name two different bounds, < and >: see the report.")
    return value if found["sign"] else f"{min(signs)}{value.strip()}"


def _way(sign: str) -> str:
    return "<" if sign.casefold().startswith("less") or set(sign) & set("<≤") else ">"
