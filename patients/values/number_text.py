"""Numbers and ranges as laboratories and people write them. Nothing here is guessed: what could be read two
ways, and what is no number, is for a person, with a sentence that says why.
"""

import math
import re
import unicodedata
from dataclasses import dataclass

from interpretation.record.spelling import SUPERSCRIPTS
from patients.values import remarks

_WRITE = "Enter a number such as 1.4 or <5."
REFUSE, CONFIRM, PERSON = "refuse", "confirm", "person"

# Comparators as they are written, in signs and in words.
SIGNS = {
    "<": "<", ">": ">", "<=": "<=", ">=": ">=", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=",
    "less than": "<", "lower than": "<", "below": "<", "under": "<", "lt": "<",
    "greater than": ">", "more than": ">", "higher than": ">", "above": ">", "over": ">", "gt": ">",
    "less than or equal to": "<=", "at most": "<=", "greater than or equal to": ">=", "at least": ">=",
}  # fmt: skip
SIGN = "|".join(sorted(SIGNS, key=len, reverse=True))
_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|[+-]?\.[0-9]+"
_VALUE = re.compile(rf"({SIGN})?\s*({_NUMBER})", re.IGNORECASE)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|∞)", re.IGNORECASE)
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|−|—|_|\.\.|to)\s*({_NUMBER})", re.IGNORECASE)
_UP_TO = re.compile(r"^(?:up to|bis|jusqu'à|hasta|fino a)\s+", re.IGNORECASE)
# A number in a range.
_END = re.compile(r"[0-9]+(?:[.,'’][0-9]+)*")
# 1.5 x 10^5, 1.5×10⁵, 10⁹: a power of ten written out.
_RAISED = "⁰¹²³⁴-⁹"
_POWER = re.compile(
    r"(?:([0-9]+(?:[.,][0-9]+)?)\s*[x×*·]\s*)?"
    rf"10(?:\^|\*\*|(?=[⁻{_RAISED}]))([-⁻]?[0-9{_RAISED}]{{1,2}})"
)
# 10E3 may be ten thousand or a thousand.
_TEN_E = re.compile(rf"(?:{SIGN})?\s*10e\+?[0-9]+", re.IGNORECASE)
# 1.234,5 and 1,234.5: with both marks there is one way to read them.
_POINTS_THEN_COMMA = re.compile(r"([^0-9]*[0-9]{1,3}(?:\.[0-9]{3})+),([0-9]+)")
_COMMAS_THEN_POINT = re.compile(r"([^0-9]*[0-9]{1,3}(?:,[0-9]{3})+)\.([0-9]+)")
# 1 234 and 1'234: what stands between groups of three digits only groups them.
_SPACED = re.compile(r"([^0-9]*)([1-9][0-9]{0,2}(?:(?: [0-9]{3})+|(?:['’][0-9]{3})+))([.,][0-9]+)?")
_NO_GROUP = dict.fromkeys(map(ord, " '’"))
# 1.234 where the comma is the decimal mark, 1,234 where the point is.
_THOUSANDS = {
    mark: re.compile(rf"([^0-9]*)([1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+)") for mark in ".,"
}
# ( 300 ): no result is negative, as accounts mean it by brackets.
_BRACKETED = re.compile(r"\(\s*((?:<|>|≤|≥)?=?\s*[0-9][0-9.,]*)\s*\)")
_ONE_COMMA = re.compile(rf"((?:{SIGN})?\s*)([0-9]+),([0-9]+)", re.IGNORECASE)
# Spaces that no keyboard types between words: inside a number they group its digits.
GROUP = "\u202f"
# The forms of ASCII that are as wide as a Chinese sign.
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# Behind a decimal mark they group nothing: 1.1 234 is no 1.1234.
_GROUPED = re.compile("(?<![0-9.,])[0-9]{1,3}(?:[\u00a0\u2007\u2009\u202f][0-9]{3})+(?![0-9])")
# 12 H, 12H, 12 (HH), 12*, 12 H*, H 12: the laboratory's flag. The L of "35 U/L" is none.
_LETTER, _STARS = r"(?:\(?(?:HH|LL|H|L|A)\)?|\((?:\+{1,3}|-{1,3}|−)\)|↑{1,2}|↓{1,2})", r"\*{1,3}"
_FLAG_AFTER = re.compile(
    rf"(.*[0-9].*?)(?<![^\W\d_])(?<!/)\s*(?:{_LETTER}(?:\s*{_STARS})?|{_STARS}(?:\s*{_LETTER})?)"
)
_FLAG_BEFORE = re.compile(rf"(?:{_LETTER}|{_STARS})\s*([<>=≤≥]*\s*[0-9].*)")
# 35 (0-40), 35 [0 - 40], 35 (<40): the range beside the value.
_LOOSE = r"[0-9][0-9.,]*"
_RANGE_BESIDE = re.compile(
    rf"(.*?[0-9].*?)\s*[(\[]\s*((?:<|>|≤|≥)=?\s*{_LOOSE}|{_LOOSE}\s*(?:-|–|−|—|_|to)\s*{_LOOSE})\s*[)\]]\s*(.*)"
)
# Longer text is prose: no number is looked for in it, and remarks only where it begins.
_LONG, _PROSE = 80, 400
# What most cells hold: nothing of the above is looked for in them.
_PLAIN = re.compile(r"[<>]?\s*[0-9.,]+")

_WORDS = re.compile(
    r"(neg|negative|pos|positive|trace|traces|absent|present|normal|abnormal|nil|detected|not detected|"
    r"undetectable|reactive|non-reactive)\.?",
    re.IGNORECASE,
)
_NO_VALUE = re.compile(
    r"(_+|see (the )?(comment|comments|note|notes|report|below)|comment|pending|to follow|awaited|tbc|"
    r"cancell?ed|not done|not performed|not tested|#[a-z0-9/]+[!?]?)\.?",
    re.IGNORECASE,
)


class UnreadableNumber(ValueError):
    """Text that is no number. Carries the problem's code and level."""

    def __init__(self, text: str, code: str = "not_a_number", level: str = PERSON) -> None:
        super().__init__(text)
        self.code, self.level = code, level


@dataclass(frozen=True)
class WrittenNumber:
    """A result's cell taken apart. `shown` is the text without the range that stood beside it. `beyond`: see
    `Remarks`."""

    comparator: str
    number: float
    shown: str
    range_text: str = ""
    beyond: str = ""


def clean(text: str | None) -> str:
    """One space between words, none inside a number grouped by non-breaking or thin spaces."""
    text = text or ""
    if not text.isascii():
        text = _GROUPED.sub(lambda found: re.sub(r"\s", "", found[0]), plain_signs(text))
    return " ".join(text.split())


def plain_signs(text: str) -> str:
    """Full-width signs and the digits of every script as those of ASCII: they have one reading."""
    text = text.translate(_WIDE)
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign, sign)) if sign.isdecimal() else sign for sign in text)


def tidy(text: str) -> str:
    """A file's cell: one space between words. Spaces that group digits stay what they are: in a number they
    go (`clean`), in an MRN they are spaces."""
    if text.isascii():
        return " ".join(text.split())
    text = _GROUPED.sub(lambda found: re.sub(r"\s", GROUP, found[0]), plain_signs(text))
    return GROUP.join(" ".join(piece.split()) for piece in text.split(GROUP))


def read_value(text: str, decimal: str = ".", thousands: str = "") -> WrittenNumber:
    """A value with what laboratories write beside it: a flag, or its range in brackets.

    `thousands`: the mark between groups of three digits, where it is known. What groups digits is not shown
    again: elsewhere it could be read as a decimal mark.
    """
    text = clean(text)
    if _PLAIN.fullmatch(text):
        text = ungrouped(text, thousands)
        return WrittenNumber(*read_number(text, decimal), text)
    said = remarks.read(text[:_PROSE])
    if remark := _remark(text, said):
        raise remark
    if len(text) > _LONG:
        raise UnreadableNumber(f"“{text[:40]}…” is not a number. {_WRITE}")
    number, range_text = beside(said.rest)
    bare = without_flag(number)
    plain = ungrouped(bare, thousands)
    shown = (number if said.rest == text else text).replace(bare, plain, 1)
    return WrittenNumber(*read_number(plain, decimal), shown, range_text, said.beyond)


def read_number(text: str, decimal: str = ".") -> tuple[str, float]:
    """The comparator ("", "<", ">", "<=", ">=") and the number of a result's text."""
    text = clean(text)
    if _NOT_FINITE.fullmatch(text):
        raise UnreadableNumber(f"“{text[:40]}” is not a number. {_WRITE}", "not_a_number", REFUSE)
    if _TEN_E.fullmatch(text):
        raise UnreadableNumber(
            f"“{text[:40]}” can be read two ways: a power of ten, or ten times one. Write it out.",
            "two_ways",
        )
    plain = with_point(_without_power(text), decimal)
    match = _VALUE.fullmatch(plain)
    if not match:
        raise UnreadableNumber(f"“{text[:40]}” is not a number. {_WRITE}")
    sign, number = (match[1] or "").lower(), float(match[2])
    if not math.isfinite(number):
        raise UnreadableNumber(f"“{text[:20]}” is too large a number. Correct it.", "not_a_number", REFUSE)
    return SIGNS.get(sign, sign), number


def read_range(text: str, decimal: str = ".", thousands: str = "") -> tuple[float | None, float | None]:
    """Both ends of "a-b", "a to b", "a_b", "<b", "up to b", ">a". An end that cannot be read is missing."""
    plain = _UP_TO.sub("<=", clean(text).strip("()[] "))
    try:
        plain = _END.sub(lambda found: _end(found[0], decimal, thousands), plain)
    except UnreadableNumber:
        return None, None
    if between := _RANGE.fullmatch(plain):
        return float(between[1]), float(between[2])
    one = _VALUE.fullmatch(plain)
    if not one or not one[1]:
        return None, None
    sign = SIGNS[one[1].lower()]
    return (None, float(one[2])) if sign.startswith("<") else (float(one[2]), None)


def _end(text: str, decimal: str, thousands: str) -> str:
    """An end of a range with a point. Beside numbers with the other mark, 0.8 still has one reading."""
    text = ungrouped(text, thousands)
    other = "." if decimal == "," else ","
    if re.fullmatch(rf"(?:0{re.escape(other)}[0-9]+|[0-9]+{re.escape(other)}[0-9]{{1,2}})", text):
        return text.replace(",", ".")
    return with_point(text, decimal)


def with_point(text: str, decimal: str) -> str:
    """The text with a decimal point. The mark that is not the decimal one is never skipped over."""
    if both := _POINTS_THEN_COMMA.fullmatch(text):
        return f"{both[1].replace('.', '')}.{both[2]}"
    if both := _COMMAS_THEN_POINT.fullmatch(text):
        return f"{both[1].replace(',', '')}.{both[2]}"
    if decimal == ",":
        if re.search(r"[0-9]\.[0-9]", text):
            raise UnreadableNumber(
                f"“{text[:40]}” has a point where decimals are written with a comma.",
                "decimal_mark",
            )
        return text.replace(",", ".")
    if re.search(r"[0-9],[0-9]", text):
        meant = next(iter(without_comma(text)), "1.4")
        raise UnreadableNumber(
            f"“{text[:40]}” has a comma. Write decimals with a point: {meant}.", "decimal_mark"
        )
    return text


def without_comma(text: str) -> tuple[str, ...]:
    """How a number with a comma may be meant: "44,5" is 44.5; "1,234" is 1.234 or 1234."""
    found = _ONE_COMMA.fullmatch(clean(text))
    if not found:
        return ()
    sign, whole, rest = found.groups()
    meant = (f"{sign}{whole}.{rest}",)
    may_be_thousands = len(rest) == 3 and len(whole) <= 3 and not whole.startswith("0")
    return (*meant, f"{sign}{whole}{rest}") if may_be_thousands else meant


def number_part(text: str) -> str:
    """What of a cell decides between decimal comma and point: without flag and range."""
    return ungrouped(without_flag(beside(text)[0])) if len(text) <= _LONG else text


def ungrouped(text: str, thousands: str = "") -> str:
    """A number without what groups its digits; anything else as it is."""
    if found := _SPACED.fullmatch(text):
        return f"{found[1]}{found[2].translate(_NO_GROUP)}{found[3] or ''}"
    if thousands and (found := _THOUSANDS[thousands].fullmatch(text)):
        return found[1] + found[2].replace(thousands, "")
    return text


def _remark(text: str, said: remarks.Remarks) -> UnreadableNumber | None:
    """Words where a number belongs. A number beside a remark on the sample is not taken either."""
    if said.bad:
        return UnreadableNumber(
            f"the laboratory remarks on the sample: “{said.bad[:20]}”. No value is taken. See the report.",
            "bad_sample",
        )
    if _WORDS.fullmatch(text):
        return UnreadableNumber(
            f"“{text[:40]}” is a finding in words. A number is needed here.",
            "in_words",
        )
    if _NO_VALUE.fullmatch(text):
        return UnreadableNumber(
            f"“{text[:40]}” stands for no value: see the laboratory’s report.",
            "no_value",
        )
    if said.beyond and not said.rest:
        return UnreadableNumber(
            f"“{text[:40]}” gives no number. Enter the method’s limit, such as >120.", "beyond"
        )
    if not said.rest:
        return UnreadableNumber(
            f"“{text[:40]}” speaks of the sample and gives no value.",
            "no_value",
        )
    return None


def beside(text: str) -> tuple[str, str]:
    """The value's own text and the range in brackets beside it, "" where there is none."""
    found = _RANGE_BESIDE.fullmatch(text)
    if not found:
        return text, ""
    return f"{found[1].strip()} {found[3]}".strip(), found[2]


def without_flag(text: str) -> str:
    """A value's text without the laboratory's flag, or without brackets around the whole of it."""
    found = _FLAG_AFTER.fullmatch(text) or _FLAG_BEFORE.fullmatch(text) or _BRACKETED.fullmatch(text)
    return found[1].rstrip() if found else text


def _without_power(text: str) -> str:
    sign = re.match(rf"(?:{SIGN})?\s*", text, re.IGNORECASE)[0]
    found = _POWER.fullmatch(text[len(sign) :])
    if not found:
        return text
    return f"{sign}{found[1] or '1'}e{found[2].translate(SUPERSCRIPTS)}"
