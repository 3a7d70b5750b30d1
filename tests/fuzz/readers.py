"""The readers of the product on changed files: what each makes of a file, and what the second reader says."""

from collections.abc import Iterable, Iterator
from functools import partial

from patients.actions.people import INVISIBLE
from patients.pasted.report import read_pasted
from patients.values.validation import CheckedResult, read_result
from tests.fuzz.second import bundles, judge, messages, tables, texts
from tests.fuzz.second.judge import Claim, Evidence
from uploads.importers.main import read_file
from uploads.importers.meanings import test_of
from uploads.importers.records import NO_VALUE, WITHDRAWN, LabRow, OtherRow, Parsed


class Stale(Exception):
    """Something was neither read nor refused."""


def faults(content: bytes) -> tuple[int, list[str]]:
    """How many values were judged, and what cannot be among what the readers take from this file."""
    found, wrong, look = 0, pasted_faults(content), None
    for part, parsed in read_file(content, INVISIBLE):
        if not (parsed.reason or parsed.format):
            raise Stale("a file is neither read nor refused")
        for claim in claims(parsed, part.sheet):
            look = look or looker(content)
            if look is None:
                continue
            found += 1
            if why := judge.cannot_be(claim, look(claim)):
                wrong.append(f"{claim.place}: {why}")
    return found, wrong


def pasted_faults(content: bytes) -> list[str]:
    """What a pasted text gives as a value that stands in none of its lines, with its bound."""
    text = content.decode("utf-8", "replace")[:5000]
    wrong = []
    for one in read_pasted(text).results if "\x00" not in text else ():
        own = {(number.value, sign) for number in texts.numbers(one.value) for sign in number.signs}
        there = {
            (value, sign)
            for line in text.splitlines()
            for value, signs in texts.bounded(line)
            for sign in signs
        }
        if not own & there:
            wrong.append(f"pasted {one.key}: {one.value!r} stands in no line")
    return wrong


def looker(content: bytes):
    """What finds the evidence of a claim in this file; None where the second reader cannot open it."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        books = tables.of_workbook(content)
        return None if books is None else partial(tables.evidence, books)
    text = tables.decoded(content)
    start = text.lstrip("\ufeff \t\r\n\x0b")
    if start.startswith(("MSH", "FHS", "BHS")):
        return partial(messages.evidence, content)
    if start[:1] in ("{", "["):
        return partial(bundles.evidence, content)
    return partial(tables.evidence, tables.of_text(content))


def claims(parsed: Parsed, sheet: str) -> Iterator[Claim]:
    items: Iterable = parsed.items
    for item in items:
        if type(item) is OtherRow or not isinstance(item, LabRow) or item.status in (WITHDRAWN, NO_VALUE):
            continue
        reading, _ = read_result(
            test=test_of(item), value=item.value, unit=item.unit, lower=item.lower, upper=item.upper,
            range_text=item.range_text, decimal=parsed.decimal, thousands=parsed.thousands,
        )  # fmt: skip
        if reading:
            yield _claim(item, reading, sheet)


def _claim(item: LabRow, reading: CheckedResult, sheet: str) -> Claim:
    place = (item.place.words,) if item.place.words else (sheet, item.place.row, item.place.column)
    return Claim(
        place, item.mrn, reading.analyte, reading.value, reading.comparator, item.taken_at,
        reading.lower_limit, reading.upper_limit,
    )  # fmt: skip


__all__ = ["Claim", "Evidence", "Stale", "claims", "faults", "looker"]
