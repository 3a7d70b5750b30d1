"""FHIR R4 in JSON: bundles of every kind, also in one another, and single resources.

`bundle`: JSON to entries and references; `check`: are they FHIR; `entries`: what each brings, by `people`,
`observations`, `conditions`, `histories`, `prescriptions`; `reports`: what is said about others. An entry that
cannot be read is a problem of its own; the rest goes on.
"""

import codecs
import re
from collections.abc import Iterable, Iterator

from interpretation.words import plural

from ..records import FileRefused, Parsed
from . import people, reports
from .bundle import BundleEntry, entries_of, load
from .check import TYPES
from .entries import EntryReader

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
TITLES = {
    "mrn": "subject", "collected_at": "effective", "birth_date": "Patient.birthDate", "test": "code",
    "family_name": "Patient.name", "death_date": "Patient.deceasedDateTime",
    "ref_low": "referenceRange", "ref_high": "referenceRange",
}  # fmt: skip
_JSON = re.compile(r"\{|\[\s*\{")


def sniff(content: bytes) -> bool:
    """JSON, or XML that says it is FHIR: no table begins like that."""
    start = _start(content)
    return bool(_JSON.match(start)) or (start.startswith("<") and "hl7.org/fhir" in start)


def read(content: bytes, unseen: Iterable[int] = (), authority: str = "", *, zoned: bool = False) -> Parsed:
    """`unseen` signs can stand in escapes too: `signs.one_line` takes them out of each text. `zoned`: the
    zone of times without one is known."""
    if _start(content).startswith("<"):
        raise FileRefused("This is FHIR as XML. Export it as JSON and upload that.")
    text, encoding = _decode(content)
    entries = entries_of(load(text))
    about = reports.Reports()
    about.gather(entries)
    reader = EntryReader(about, authority, zoned)
    items = [item for entry in _without_repeated_people(entries, authority) for item in reader.read(entry)]
    words = f"FHIR R4, {len(entries):,} {plural(len(entries), 'entry', 'entries')} · {encoding}"
    return Parsed(reader.kind, words, reader.notes, titles=TITLES, items=items)


def _without_repeated_people(entries: list[BundleEntry], authority: str) -> Iterator[BundleEntry]:
    """A contained patient often only says whose a result is, and many times over; what else is contained and
    is none of ours says something about its container."""
    told = {_person(entry, authority) for entry in entries if entry.type == "Patient" and not entry.parent}
    for entry in entries:
        if entry.parent and entry.type == "Patient":
            person = _person(entry, authority)
            if person in told or not people.is_whole(entry.resource, authority):
                continue
            told.add(person)
        if entry.parent is None or entry.type in TYPES:
            yield entry


def _person(entry: BundleEntry, authority: str) -> tuple[str, ...]:
    return people.cells_of(entry.resource, authority)


def _start(content: bytes) -> str:
    mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
    return content[:2000].decode(_MARKS.get(mark, "utf-8"), "ignore").lstrip("\ufeff \t\r\n")


def _decode(content: bytes) -> tuple[str, str]:
    """JSON is Unicode; anything else is refused, not guessed."""
    mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
    try:
        text = content.decode(_MARKS.get(mark, "utf-8"))
    except UnicodeDecodeError:
        raise FileRefused(
            "The letters of this file are not UTF-8, as JSON must be. Export it again."
        ) from None
    return text, _MARKS.get(mark, "utf-8").upper().removesuffix("-SIG")
