"""What stands beside a test's name: value, flag, unit, range."""

import re
from dataclasses import dataclass

from patients.pasted.names import is_unit, shown_name
from patients.values.dates import is_dated
from patients.values.number_text import UnreadableNumber, read_value

SIGN = r"(?:<=|>=|=<|=>|[<>≤≥])\s*"
DIGITS = r"\d+(?:[.,'’]\d+)*(?:[eE][+-]?\d+)?"
# "150 x10^9/L" is 150 in a unit; "1.5 x 10^5" is a number.
_POWER = r"(?:\s*[x×*]\s*10(?:\^|\*\*)\d+(?![\d\s]*/))?"
# Letters and the like that follow without a space and are no unit or flag: 1O5, 44x, 10^3.
_GLUED = re.compile(r"[\w'’^]")
# A titre (1:640), a ratio (3/4) and the like are no number.
VALUE = re.compile(rf"(?:{SIGN})?{DIGITS}{_POWER}(?![.,]?\d|[:=~<>]|/\d)")
_FLAG = r"(?:\(?(?:HH|LL|H|L|A|high|low|normal|abnormal)\)?|\*{1,3}|[↑↓]{1,2}|!)(?=\s|$)"
_PLUS = r"\+{1,3}(?=\s|$)"
# "45+" and "32-" are flagged; "45 - 50" is not.
_FLAGS = re.compile(rf"(?:-{{1,3}}(?=\s|$))?(?:\s*{_FLAG}|\s*{_PLUS})*", re.IGNORECASE)
_FLAG_BEFORE = re.compile(rf"{_FLAG}\s+(?={SIGN}|\d)", re.IGNORECASE)
BETWEEN = re.compile(rf"{DIGITS}\s*(?:-|–|−|—|to|bis)\s*{DIGITS}", re.IGNORECASE)
_RANGE_AT = re.compile(
    r"[(\[]?\s*(?:(?:ref(?:erence)?(?: range| interval)?|normal|range)\.?:?\s*)?"
    rf"({BETWEEN.pattern}|{SIGN}{DIGITS}|(?:up to|bis)\s+{DIGITS})(?![\d.,])\s*[)\]]?",
    re.IGNORECASE,
)
_UNIT_LIKE = re.compile(r"(?=.*[^\W\d_]|%)[^\s()\[\]]*[/%][^\s()\[\]]*")
_MOST_WORDS_OF_A_UNIT = 3


@dataclass(frozen=True)
class Beside:
    """A value with what belongs to it; `rest` is what follows."""

    value: str
    unit: str
    range_text: str
    rest: str


def beside(name: str, text: str) -> Beside | None:
    """Value, flag, unit and range at the start of a text; None where no value stands there."""
    text = _FLAG_BEFORE.sub("", text, count=1) if _FLAG_BEFORE.match(text) else text
    value = VALUE.match(text)
    if not value or BETWEEN.match(text) or is_dated(text):
        return None
    behind = text[value.end() :]
    unit, rest = _unit_at_start(name, _without_flags(behind))
    if rest == behind and _GLUED.match(rest):
        return None
    range_text, rest = _range_at_start(_without_flags(rest), unit)
    rest = _without_flags(rest)
    if range_text and not unit:
        unit, rest = _unit_at_start(name, rest)
    return Beside(value[0], unit, range_text, rest)


def taken_apart(name: str, cell: str) -> tuple[str, str, str]:
    """Value, unit and range of one cell; a cell that is more than these is left whole, as the value."""
    found = beside(name, cell)
    return (found.value, found.unit, found.range_text) if found and not found.rest else (cell, "", "")


def why_no_value(name: str, text: str) -> str:
    """What stands where the value belongs, in the words of the funnel."""
    none = f"No value stands beside {shown_name(name)}."
    if not text or is_unit(name, text.split(" ")[0]) or BETWEEN.match(text):
        return none
    try:
        read_value(text)
    except UnreadableNumber as error:
        return f"{shown_name(name)}: {error}"
    return f"{shown_name(name)}: “{text[:40]}” is not plainly one number."


def is_remark(text: str) -> bool:
    """A number beside a remark on the sample."""
    try:
        read_value(text)
    except UnreadableNumber as error:
        return error.code == "bad_sample"
    return False


def _without_flags(text: str) -> str:
    return text[_FLAGS.match(text).end() :].strip()


def _unit_at_start(name: str, text: str) -> tuple[str, str]:
    words = text.split(" ")
    for count in range(min(_MOST_WORDS_OF_A_UNIT, len(words)), 0, -1):
        unit = " ".join(words[:count]).rstrip(",;").strip("()")
        if is_unit(name, unit):
            return unit, " ".join(words[count:])
    # An unknown unit is kept as it is sent: its row asks.
    if _UNIT_LIKE.fullmatch(words[0]) and not is_dated(words[0]):
        return words[0], " ".join(words[1:])
    return "", text


def _range_at_start(text: str, unit: str) -> tuple[str, str]:
    found = _RANGE_AT.match(text)
    if not found:
        return "", text
    rest = text[found.end() :].strip()
    if unit and rest.casefold().startswith(unit.casefold()):
        rest = rest[len(unit) :]
    return re.sub(r"\bbis\b", "to", re.sub(r"^bis\b", "up to", found[1])), rest.lstrip(" )],;")
