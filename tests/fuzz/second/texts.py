"""Numbers, bounds, units, names and times that a text can be read as. Knows nothing of the product."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

ANALYTES = tomllib.loads(Path(__file__).with_name("analytes.toml").read_text("utf-8"))["analyte"]
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad\x00-\x08\x0e-\x1b\x1d-\x1f]")

# --- numbers ---

_SIGN_WORDS = {
    "<": r"<|less than|lower than|below|under|lt",
    ">": r">|greater than|more than|higher than|above|over|gt",
    "<=": r"<=|=<|≤|≦|less than or equal to|at most",
    ">=": r">=|=>|≥|≧|greater than or equal to|at least",
}
_SIGNS = [
    (sign, re.compile(rf"(?:^|[^\w<>=]|\b)(?:{words})\s*$", re.I)) for sign, words in _SIGN_WORDS.items()
]
_ANY_SIGN = re.compile(r"[<>≤≥≦≧]")
_TOKEN = re.compile(r"[-+−]?(?:\d+(?:[.,]\d+)*|(?<![.,\d])[.,]\d+)(?:[eE][-+]?\d+)?")
_POWER = re.compile(r"\s*[x×*·]\s*10\s*(?:\^|\*\*)?\s*([-+]?\d{1,2})(?!\d)")
_TEN = re.compile(r"10(?:\^|\*\*)([-+]?\d{1,2})(?!\d)")
_GROUPED = re.compile(r"(?<![\d.,])([1-9]\d{0,2})((?: \d{3})+|(?:['’]\d{3})+)(?!\d)")
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_FLAG = re.compile(r"(?:[\s(\[]*(?:HH|LL|H|L|A|\*{1,3}|\+{1,3}|-{1,3}|−|↑{1,2}|↓{1,2})[\s)\]]*)*")
_NO_CLOT = re.compile(
    r"[;,(\s]*(?:no clot\w*|not clot\w*|did not clot|unclott\w+|clot\w* not \w+|max\.?|not haemolysed)"
    r"(?:\s+(?:in|after|within)\s+\d+\s*s\w*)?[)\s.]*",
    re.I,
)


class WrittenNumber(NamedTuple):
    """`signs`: the bounds that the text can mean by it. `rest`: what else stands there."""

    value: float
    signs: frozenset[str]
    rest: str


def plain(text: str) -> str:
    """Digits of every script, usual widths, single spaces, nothing unseen."""
    text = unicodedata.normalize("NFKC", text.replace("×", "x").translate(_powers(text)))
    text = "".join(str(unicodedata.decimal(sign, sign)) if sign.isdecimal() else sign for sign in text)
    return " ".join(UNSEEN.sub("", text).split())


def _powers(text: str) -> dict[int, str]:
    """10⁹ is ten to the nine, never 109."""
    return {ord(sign): "^" + sign.translate(_RAISED) for sign in "⁰¹²³⁴⁵⁶⁷⁸⁹" if sign in text}


def numbers(text: str) -> Iterator[WrittenNumber]:
    """Every number that a result's text can mean: its first one, in each way of writing numbers."""
    text = plain(text)
    bare = _NO_CLOT.sub(" ", text)
    unclotted = bare != text
    for variant in {bare, _GROUPED.sub(lambda f: f[1] + re.sub(r"\D", "", f[2]), bare)}:
        for one in _first(variant):
            signs = one.signs | {">"} if unclotted and "" in one.signs else one.signs
            yield one._replace(signs=signs)


def _first(text: str) -> Iterator[WrittenNumber]:
    outside = _BRACKETS.sub(lambda f: f[0] if not text.replace(f[0], "").strip(" <>=") else " ", text)
    token = _TOKEN.search(outside)
    if token is None:
        return
    before, after = outside[: token.start()], outside[token.end() :]
    if found := _TEN.match(outside[token.start() :]):
        yield WrittenNumber(
            10.0 ** int(found[1]), _bounds(before), _rest(before, outside[token.start() + found.end() :])
        )
        return
    power = _POWER.match(after)
    for value in readings(token[0]):
        yield WrittenNumber(value, _bounds(before), _rest(before, after))
        if power:
            yield WrittenNumber(
                value * 10.0 ** int(power[1]), _bounds(before), _rest(before, after[power.end() :])
            )


def readings(token: str) -> set[float]:
    """1.234 and 1,234 can be both; 1.234,5 only one thing."""
    found = set()
    number, _, exponent = token.replace("−", "-").lower().partition("e")
    for point, group in ((".", ","), (",", ".")):
        whole, _, part = number.partition(point)
        groups = whole.lstrip("+-").split(group)
        grouped = len(groups) == 1 or (1 <= len(groups[0]) <= 3 and all(len(one) == 3 for one in groups[1:]))
        if grouped and group not in part and point not in part:
            text = f"{whole.replace(group, '') or '0'}.{part or '0'}"
            found.add(float(f"{text}e{exponent}" if exponent else text))
    return found


def _bounds(before: str) -> frozenset[str]:
    before = before.strip(" ([")
    for sign in ("<=", ">=", "<", ">"):
        if dict(_SIGNS)[sign].search(before):
            return frozenset({sign})
    return frozenset({"?"}) if _ANY_SIGN.search(before) else frozenset({""})


def _rest(before: str, after: str) -> str:
    """What stands around the number and is neither a bound nor a flag."""
    before = before.strip(" ([")
    for sign in ("<=", ">=", "<", ">"):
        before = dict(_SIGNS)[sign].sub("", before)
    before = re.sub(r"^\s*INR\b[\s:=]*", "", before, flags=re.I)
    before = "" if _FLAG.fullmatch(before) else before.strip()
    return f"{before} {'' if _FLAG.fullmatch(after) else after}".strip(" )];,")


def without_flag(rest: str) -> str:
    """A unit beside a flag: "U/L H", "H U/L"."""
    return re.sub(
        r"^(?:HH|LL|H|L|A|\*+)\s+|(?:\s+(?:HH|LL|H|L|A)|\s*\(.*\)|\s*\*+|\s*[↑↓]+)$", "", rest
    ).strip()


# --- units and names ---


def unit_factors(analyte: str, text: str) -> set[float]:
    """What a number in this unit is multiplied by; none where it is no unit of the analyte."""
    known = ANALYTES[analyte]
    text = plain(text)
    found = {factor for unit, factor in known.get("exact_units", {}).items() if unit == text.replace(" ", "")}
    factor = known["units"].get(fold_unit(text))
    return found | ({factor} if factor is not None else set())


def fold_unit(text: str) -> str:
    unit = re.sub(r"\.([a-z]?l)-1$", r"/\1", text.strip(), flags=re.I)
    unit = (
        re.sub(r"[\s\[\](){}.]", "", unit.casefold())
        .replace("μ", "u")
        .replace("µ", "u")
        .replace("mm^3", "mm3")
    )
    unit = re.sub(r"mc(?=mol|g|kat|l)", "u", unit)
    unit = re.sub(r"^([mun]?)g(?:ms?|r)?(?:%|/100ml)$", r"\1g/dl", unit)
    unit = re.sub(r"^([mun]?)(?:gms?|gr)(?=/)", r"\1g", unit)
    unit = re.sub(r"^mval(?=/)", "meq", re.sub(r"/(?:litre|liter|ltr)$", "/l", unit))
    return re.sub(r"^x?10(?:\*\*|\*|\^|e)?([359])/", r"10*\1/", unit)


def fold_name(text: str) -> str:
    words = plain(text).casefold().replace("%", " percent ")
    return " ".join(re.sub(r"[\W_]+", " ", words).split())


def names_it(analyte: str, text: str) -> bool:
    """Whether a name, alone or with a unit behind it, is one of the analyte's."""
    names = ANALYTES[analyte]["names"]
    if plain(text) in names or fold_name(text) in names:
        return True
    bare = re.fullmatch(r"(.+?)(?:\s*[(\[].*[)\]]|\s*[,;:]\s*\S.*|[\s_]+\S+)", plain(text))
    return bool(bare) and fold_name(bare[1]) in names


# --- times ---

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r"(?<!\d)(\d{1,4})[-/. ] ?(\d{1,2}|[A-Za-z]{3,9})[-/. ] ?(\d{1,4})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d)(?:(\d\d)(\d\d)?)?)?(?!\d)")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d\d)(?::(\d\d?))?\s*([ap])?\.?m?", re.I)
_BARE_CLOCK = re.compile(r"(\d\d)(\d\d)")
_SERIAL = re.compile(r"(?<![\d.,])(\d{4,5}(?:[.,]\d+)?)(?![\d.,])")
_FRACTION = re.compile(r"0?[.,]\d+(?:[eE]-\d+)?")
_OFFSET = re.compile(r"(?<=\d)\s*(?:(Z)|([+-])(\d\d):?(\d\d))(?!\d)")


def moments(texts: tuple[str, ...]) -> set[datetime]:
    """Every wall time that dates and clocks in these texts can make together."""
    text = " ; ".join(map(plain, texts))
    days, clocks = set(_days(text)), {time()} | set(_clocks(text))
    clocks |= {time(int(f[1]), int(f[2])) for one in texts if (f := _BARE_CLOCK.fullmatch(plain(one)))
               and int(f[1]) < 24 and int(f[2]) < 60}  # fmt: skip
    clocks |= {
        _serial(0, float(plain(one).replace(",", "."))).time()
        for one in texts
        if _FRACTION.fullmatch(plain(one))
    }
    whole = set(_compact(text)) | set(_serials(text))
    days |= {one.date() for one in whole}
    return whole | {datetime.combine(day, clock) for day in days for clock in clocks}


def offsets(texts: tuple[str, ...]) -> set[timedelta]:
    found = set()
    for zulu, sign, hours, minutes in _OFFSET.findall(" ; ".join(map(plain, texts))):
        offset = timedelta() if zulu else timedelta(hours=int(hours), minutes=int(minutes))
        found.add(-offset if sign == "-" else offset)
    return found


def _days(text: str) -> Iterator[date]:
    for a, b, c in _DATE.findall(text):
        month = (
            b if b.isdigit() else str(_MONTHS.index(b[:3].lower()) + 1) if b[:3].lower() in _MONTHS else "0"
        )
        orders = [(a, month, c)] if len(a) == 4 else [(c, month, a), (c, a, month)]
        for year, mon, day in orders if b.isdigit() else orders[:1]:
            if len(year) == 4 and (found := _made(year, mon, day)):
                yield found.date()


def _clocks(text: str) -> Iterator[time]:
    for hour, minute, second, half in _CLOCK.findall(text):
        hours = int(hour) % 12 + (12 if half.lower() == "p" else 0) if half else int(hour)
        if hours < 24 and int(minute) < 60 and int(second or 0) < 60:
            yield time(hours, int(minute), int(second or 0))


def _compact(text: str) -> Iterator[datetime]:
    for parts in _COMPACT.findall(text):
        if found := _made(*(part or "0" for part in parts)):
            yield found


def _serials(text: str) -> Iterator[datetime]:
    for number in _SERIAL.findall(text):
        days = float(number.replace(",", "."))
        yield from (_serial(days, 0), _serial(days + 1462, 0))


def _serial(days: float, more: float) -> datetime:
    return datetime(1899, 12, 30) + timedelta(seconds=round((days + more) * 86400))


def _made(*parts: str) -> datetime | None:
    try:
        return datetime(*map(int, parts))
    except ValueError:
        return None


def bounded(text: str) -> Iterator[tuple[float, frozenset[str]]]:
    """Each number of a line in each reading, with what bounds it just before."""
    text = plain(text)
    for variant in (text, _GROUPED.sub(lambda f: f[1] + re.sub(r"\D", "", f[2]), text)):
        for token in _TOKEN.finditer(variant):
            for value in readings(token[0]):
                yield value, _bounds(re.split(r"\d", variant[: token.start()])[-1])


def tokens(text: str) -> Iterator[set[float]]:
    """Each number of a text, in all its readings; as it stands, and without what groups its digits."""
    text = plain(text)
    for variant in (text, _GROUPED.sub(lambda f: f[1] + re.sub(r"\D", "", f[2]), text)):
        for token in _TOKEN.findall(variant):
            yield readings(token)
