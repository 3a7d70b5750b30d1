"""The door: a pasted text in, results as the form takes them out, with all that was not taken over."""

import re
from collections.abc import Iterable, Iterator

from interpretation.record import analytes, units
from interpretation.record.spelling import fold_unit
from patients.pasted.lines import read_line
from patients.pasted.names import cells_of
from patients.pasted.parts import Found, NotTaken, Part, Pasted, PastedResult, Said
from patients.pasted.tables import is_wide, long_columns, read_long, read_wide
from patients.values.number_text import UnreadableNumber, clean, read_range, read_value, with_point

LONGEST = 20_000
TOO_LONG = "This is too long for one draw: upload it as a file."
ONE_DRAW = "The report has more than one {}: paste one draw at a time."
SAID = {"taken_at": "time of collection", "laboratory": "laboratory", "mrn": "MRN"}
_NUMBERS = re.compile(r"\d[\d.,]*\d")
_MARKED = re.compile(r"\d+([.,])\d+")
# 150.000 and 1,234: thousands in one country, decimals in the other.
_TWO_WAYS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}[.,]\d{3}(?![\d.,])")


def read_pasted(text: str) -> Pasted:
    """What a pasted report plainly says."""
    if len(text) > LONGEST:
        return Pasted(left=(NotTaken(f"{text[:40]}…", TOO_LONG),))
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    parts = list(_parts(lines))
    several = [what for name, what in SAID.items() if name != "laboratory" and len(_said(parts, name)) > 1]
    if several:
        return Pasted(left=tuple(NotTaken(clean(line), ONE_DRAW.format(several[0])) for line in lines))
    return _report(parts)


def _parts(lines: list[str]) -> Iterator[Part]:
    for at, line in enumerate(lines):
        cells = cells_of(line)
        if is_wide(cells):
            yield from read_wide(cells, lines[at + 1 :])
            return
        if columns := long_columns(cells):
            yield from read_long(columns, lines[at + 1 :])
            return
        yield from read_line(line, cells)


def _said(parts: Iterable[Part], name: str) -> list[str]:
    """What the report says of this, each once. A day beside a result may be another draw's."""
    names = (name, "dated") if name == "taken_at" else (name,)
    said = (part.text for part in parts if isinstance(part, Said) and part.name in names)
    return list(dict.fromkeys(said))


def _texts(parts: Iterable[Part], name: str) -> list[str]:
    """What the report itself says of this: no day of a result among them."""
    return [part.text for part in parts if isinstance(part, Said) and part.name == name]


def _report(parts: list[Part]) -> Pasted:
    found = [part for part in parts if isinstance(part, Found)]
    read = [_result(one, _decimal_mark(found)) for one in found]
    results, twice = _once([one for one in read if isinstance(one, PastedResult)])
    left = [part for part in (*parts, *read) if isinstance(part, NotTaken)] + twice
    left += [
        NotTaken(text, "It may be the day of anything. Type the time of the draw.") for text in _dated(parts)
    ]
    said = {name: _texts(parts, name) for name in SAID}
    if len(laboratories := dict.fromkeys(said["laboratory"])) > 1:
        left += [
            NotTaken(text, "The report names more than one laboratory. Type the one that measured.")
            for text in laboratories
        ]
        said["laboratory"] = []
    once = {name: next(iter(texts), "") for name, texts in said.items()}
    return Pasted(tuple(results), tuple(left), **once)


def _dated(parts: Iterable[Part]) -> list[str]:
    return list(dict.fromkeys(part.text for part in parts if isinstance(part, Said) and part.name == "dated"))


def _decimal_mark(found: Iterable[Found]) -> str:
    """The mark of the decimals of this report, "" where it does not show or where it has both."""
    texts = (f"{one.value} {one.range_text} {one.lower} {one.upper}" for one in found)
    numbers = [number for text in texts for number in _NUMBERS.findall(text)]
    marked = (_MARKED.fullmatch(number) for number in numbers if not _TWO_WAYS.fullmatch(number))
    marks = {found[1] for found in marked if found}
    return marks.pop() if len(marks) == 1 else ""


def _result(found: Found, decimal: str) -> PastedResult | NotTaken:
    analyte, warning = analytes.find_with_warning(found.name)
    if analyte.derived:
        warning = f"{analyte.name} is calculated from other results and is not stored."
    elif not decimal and (number := _TWO_WAYS.search(f"{found.value} {found.range_text}")):
        warning = f"“{number[0]}” can be read two ways: with decimals, or as thousands. Type it below."
    if warning:
        return NotTaken(found.line, warning)
    try:
        # Of a report with both marks each number stays as written: its row asks.
        value = with_point(found.value, decimal) if decimal else found.value
        read_value(value.replace(",", "."))
    except UnreadableNumber as error:
        return NotTaken(found.line, f"{analyte.name}: {error}")
    return PastedResult(analyte.key, value, found.unit, *_limits(found, decimal or "."))


def _limits(found: Found, decimal: str) -> tuple[str, str]:
    if found.lower or found.upper:
        return found.lower.replace(decimal, "."), found.upper.replace(decimal, ".")
    ends = read_range(found.range_text, decimal) if found.range_text else (None, None)
    low, high = ("" if end is None else f"{end:.10g}" for end in ends)
    return low, high


def _once(results: list[PastedResult]) -> tuple[list[PastedResult], list[NotTaken]]:
    """A test that stands twice with different numbers is not settled by its order."""
    kept, twice = [], []
    for key in dict.fromkeys(one.key for one in results):
        same = [one for one in results if one.key == key]
        if (
            len({one.value for one in same}) == 1
            and len({fold_unit(one.unit) for one in same if one.unit}) < 2
        ):
            kept.append(max(same, key=lambda one: (bool(one.unit), bool(one.lower or one.upper))))
        else:
            shown = ", ".join(f"{one.value} {units.unit_label(one.unit)}".strip() for one in same)
            name = analytes.get(key).name
            twice.append(NotTaken(f"{name}: {shown}", f"{name} stands there more than once."))
    return kept, twice
