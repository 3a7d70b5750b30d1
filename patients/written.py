"""Numbers and ranges as laboratories and people write them. Nothing here is guessed: what could be read two
ways, and what is no number, is for a person, with a sentence that says why.
"""

import math
import re
from dataclasses import dataclass

from interpretation.spelling import SUPERSCRIPTS

REFUSE, CONFIRM, PERSON = "refuse", "confirm", "person"

_SIGNS = {
    "≤": "<=",
    "≥": ">=",
    "=<": "<=",
    "=>": ">=",
    "less than": "<",
    "greater than": ">",
    "more than": ">",
}
_SIGN = r"<=|>=|=<|=>|<|>|≤|≥|less than|greater than|more than"
_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|[+-]?\.[0-9]+"
_VALUE = re.compile(rf"({_SIGN})?\s*({_NUMBER})", re.IGNORECASE)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|∞)", re.IGNORECASE)
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|−|—|_|\.\.|to)\s*({_NUMBER})", re.IGNORECASE)
_UP_TO = re.compile(r"^up to\s+", re.IGNORECASE)
# 1.5 x 10^5, 1.5×10⁵, 10⁹: a power of ten written out.
_RAISED = "⁰¹²³⁴-⁹"
_POWER = re.compile(
    r"(?:([0-9]+(?:[.,][0-9]+)?)\s*[x×*·]\s*)?"
    rf"10(?:\^|\*\*|(?=[⁻{_RAISED}]))([-⁻]?[0-9{_RAISED}]{{1,2}})"
)
# 10E3 may be ten thousand or a thousand.
_TEN_E = re.compile(rf"(?:{_SIGN})?\s*10e\+?[0-9]+", re.IGNORECASE)
# 1.234,5 and 1,234.5: with both marks there is one way to read them.
_POINTS_THEN_COMMA = re.compile(r"([^0-9]*[0-9]{1,3}(?:\.[0-9]{3})+),([0-9]+)")
_COMMAS_THEN_POINT = re.compile(r"([^0-9]*[0-9]{1,3}(?:,[0-9]{3})+)\.([0-9]+)")
_ONE_COMMA = re.compile(rf"((?:{_SIGN})?\s*)([0-9]+),([0-9]+)", re.IGNORECASE)
# Spaces that no keyboard types between words: inside a number they group its digits.
GROUP = "\u202f"
_GROUPED = re.compile("(?<![0-9])[0-9]{1,3}(?:[\u00a0\u2007\u2009\u202f][0-9]{3})+(?![0-9])")
# 12 H, 12H, 12 (HH), 12*, 12 H*, H 12: the laboratory's flag. The L of "35 U/L" is none.
_LETTER, _STARS = r"(?:\(?(?:HH|LL|H|L|A)\)?|↑{1,2}|↓{1,2})", r"\*{1,3}"
_FLAG_AFTER = re.compile(
    rf"(.*[0-9].*?)(?<![^\W\d_])(?<!/)\s*(?:{_LETTER}(?:\s*{_STARS})?|{_STARS}(?:\s*{_LETTER})?)"
)
_FLAG_BEFORE = re.compile(rf"(?:{_LETTER}|{_STARS})\s*([<>=≤≥]*\s*[0-9].*)")
# 35 (0-40), 35 [0 - 40], 35 (<40): the range beside the value.
_LOOSE = r"[0-9][0-9.,]*"
_RANGE_BESIDE = re.compile(
    rf"(.*?[0-9].*?)\s*[(\[]\s*((?:<|>|≤|≥)=?\s*{_LOOSE}|{_LOOSE}\s*(?:-|–|−|—|_|to)\s*{_LOOSE})\s*[)\]]\s*(.*)"
)
# Longer text is prose: no number is looked for in it.
_LONG = 80
# What most cells hold: nothing of the above is looked for in them.
_PLAIN = re.compile(r"[<>]?\s*[0-9.,]+")

_BAD_SAMPLE = re.compile(
    r"\b(ha?emoly[sz]\w*|clotted|clots?|insufficient\w*|qns|lipa?emic|contaminated|mislabell?ed|unlabell?ed|"
    r"unsuitable|underfilled|under-filled|overfilled|leaked|wrong tube|expired|rejected)\b",
    re.IGNORECASE,
)
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


class Unreadable(ValueError):
    """Text that is no number. Carries the problem's code and level."""

    def __init__(self, text: str, code: str = "not_a_number", level: str = PERSON):
        super().__init__(text)
        self.code, self.level = code, level


@dataclass(frozen=True)
class Written:
    """A result's cell taken apart. `shown` is the text without the range that stood beside it."""

    comparator: str
    number: float
    shown: str
    range_text: str = ""


def clean(text: str | None) -> str:
    """One space between words, none inside a number grouped by non-breaking or thin spaces."""
    text = text or ""
    if not text.isascii():
        text = _GROUPED.sub(lambda found: re.sub(r"\s", "", found[0]), text)
    return " ".join(text.split())


def tidy(text: str) -> str:
    """A file's cell: one space between words. Spaces that group digits stay what they are: in a number they
    go (`clean`), in an MRN they are spaces."""
    if text.isascii():
        return " ".join(text.split())
    text = _GROUPED.sub(lambda found: re.sub(r"\s", GROUP, found[0]), text)
    return GROUP.join(" ".join(piece.split()) for piece in text.split(GROUP))


def read_value(text: str, decimal: str = ".") -> Written:
    """A value with what laboratories write beside it: a flag, or its range in brackets."""
    text = clean(text)
    if _PLAIN.fullmatch(text):
        return Written(*read_number(text, decimal), text)
    if remark := _remark(text):
        raise remark
    if len(text) > _LONG:
        raise Unreadable(f"“{text[:40]}…” is not a number. Enter a number such as 1.4 or <5.")
    shown, range_text = _beside(text)
    return Written(*read_number(_without_flag(shown), decimal), shown, range_text)


def read_number(text: str, decimal: str = ".") -> tuple[str, float]:
    """The comparator ("", "<", ">", "<=", ">=") and the number of a result's text."""
    text = clean(text)
    if _NOT_FINITE.fullmatch(text):
        raise Unreadable("this is not a number.", "not_a_number", REFUSE)
    if _TEN_E.fullmatch(text):
        raise Unreadable(
            f"“{text[:40]}” can be read two ways: a power of ten, or ten times one. Write it out.",
            "two_ways",
        )
    plain = with_point(_without_power(text), decimal)
    match = _VALUE.fullmatch(plain)
    if not match:
        raise Unreadable(f"“{text[:40]}” is not a number. Enter a number such as 1.4 or <5.")
    sign, number = (match[1] or "").lower(), float(match[2])
    if not math.isfinite(number):
        raise Unreadable("this number is too large.", "not_a_number", REFUSE)
    return _SIGNS.get(sign, sign), number


def read_range(text: str, decimal: str = ".") -> tuple[float | None, float | None]:
    """Both ends of "a-b", "a to b", "a_b", "<b", "up to b", ">a". An end that cannot be read is missing."""
    plain = _UP_TO.sub("<=", clean(text).strip("()[] "))
    try:
        plain = with_point(plain, decimal)
    except Unreadable:
        return None, None
    if between := _RANGE.fullmatch(plain):
        return float(between[1]), float(between[2])
    one = _VALUE.fullmatch(plain)
    if not one or not one[1]:
        return None, None
    sign = _SIGNS.get(one[1].lower(), one[1])
    return (None, float(one[2])) if sign.startswith("<") else (float(one[2]), None)


def with_point(text: str, decimal: str) -> str:
    """The text with a decimal point. The mark that is not the decimal one is never skipped over."""
    if both := _POINTS_THEN_COMMA.fullmatch(text):
        return f"{both[1].replace('.', '')}.{both[2]}"
    if both := _COMMAS_THEN_POINT.fullmatch(text):
        return f"{both[1].replace(',', '')}.{both[2]}"
    if decimal == ",":
        if re.search(r"[0-9]\.[0-9]", text):
            raise Unreadable(
                f"“{text[:40]}” has a point where decimals are written with a comma.", "decimal_mark"
            )
        return text.replace(",", ".")
    if re.search(r"[0-9],[0-9]", text):
        raise Unreadable(f"“{text[:40]}” has a comma. Write decimals with a point: 1.4.", "decimal_mark")
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
    return _without_flag(_beside(text)[0]) if len(text) <= _LONG else text


def _remark(text: str) -> Unreadable | None:
    """Words where a number belongs. A number beside a remark on the sample is not taken either."""
    if found := _BAD_SAMPLE.search(text):
        return Unreadable(
            f"the laboratory remarks on the sample: “{found[0][:20]}”. No value is taken. See the report.",
            "bad_sample",
        )
    if _WORDS.fullmatch(text):
        return Unreadable(f"“{text[:40]}” is a finding in words. A number is needed here.", "in_words")
    if _NO_VALUE.fullmatch(text):
        return Unreadable(f"“{text[:40]}” stands for no value: see the laboratory’s report.", "no_value")
    return None


def _beside(text: str) -> tuple[str, str]:
    """The value's own text and the range in brackets beside it, "" where there is none."""
    found = _RANGE_BESIDE.fullmatch(text)
    if not found:
        return text, ""
    return f"{found[1].strip()} {found[3]}".strip(), found[2]


def _without_flag(text: str) -> str:
    found = _FLAG_AFTER.fullmatch(text) or _FLAG_BEFORE.fullmatch(text)
    return found[1].rstrip() if found else text


def _without_power(text: str) -> str:
    sign = re.match(rf"(?:{_SIGN})?\s*", text, re.IGNORECASE)[0]
    found = _POWER.fullmatch(text[len(sign) :])
    if not found:
        return text
    return f"{sign}{found[1] or '1'}e{found[2].translate(SUPERSCRIPTS)}"
