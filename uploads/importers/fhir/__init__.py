"""FHIR R4 in JSON: bundles of every kind, also in one another, and single resources.

`bundle`: JSON to entries and references; `check`: are they FHIR; `people`, `observations`, `histories`: what
they say. An entry that cannot be read is a problem of its own; the rest goes on.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from interpretation.words import plural
from patients.codes import EVENT

from ..dates import dates_alone
from ..records import (
    DECLARED,
    REFUSED,
    WAITING,
    FileRefused,
    Item,
    LabRow,
    Parsed,
    PatientRow,
    Place,
    RowProblem,
)
from . import histories, observations, people
from .bundle import BundleEntry, entries_of, load
from .check import TYPES, complaint
from .values import code_in, word, words_of

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CONTEXT = ("DiagnosticReport",)
_EVENTS = ("Procedure",)
_DRUGS = ("MedicationStatement", "MedicationAdministration")
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
    reports = observations.Reports()
    reports.gather(entries)
    items: list[Item] = []
    passed: Counter[str] = Counter()
    for entry in _without_repeated_people(entries, authority):
        items += list(_items(entry, reports, passed, authority, len(items), zoned))
    labs = all(isinstance(item, LabRow | RowProblem) for item in items)
    people_only = bool(items) and all(isinstance(item, PatientRow) for item in items)
    kind = "patients" if people_only else "labs" if labs else "record"
    words = f"FHIR R4, {len(entries):,} {plural(len(entries), 'entry', 'entries')} · {encoding}"
    return Parsed(kind, words, _notes(reports, passed, items), titles=TITLES, items=items)


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


def _items(
    entry: BundleEntry, reports, passed: Counter, authority: str, count: int, zoned: bool
) -> Iterator[Item]:
    """What one entry brings, each item with its row number."""
    place = Place(count + 1, "", (entry.type,), entry.name)
    if entry.type not in TYPES or entry.type in _CONTEXT or _is_elsewhere(entry):
        passed[word(entry.type) or "entries without a resource"] += 1
        return
    path, wrong = complaint(entry.resource, zoned)
    if wrong:
        yield RowProblem(place.at(path), f"not valid FHIR R4: {wrong}", REFUSED)
        return
    for at, item in enumerate(_read(entry, place, reports, authority)):
        yield item if at == 0 else replace(item, place=replace(item.place, row=count + 1 + at))


def _read(entry: BundleEntry, place: Place, reports: observations.Reports, authority: str) -> Iterator[Item]:
    if entry.resource.get("modifierExtension"):
        # FHIR: whoever does not understand one must not use the resource.
        text = "a modifier extension changes its meaning in a way that is not known here."
        yield RowProblem(place.at("modifierExtension"), text, WAITING)
        return
    if entry.type == "Patient":
        yield people.read(entry, replace(place, cells=people.cells_of(entry.resource, authority)), authority)
        return
    if entry.type == "Observation" and observations.is_group(entry.resource):
        reports.groups += 1
        return
    subject = people.subject_of(entry, authority)
    place = replace(place, cells=(subject.mrn, *place.cells, words_of(entry.resource.get("code"))[:200]))
    if subject.problem:
        test = observations.test_of(entry.resource) if entry.type == "Observation" else ("", "")
        yield RowProblem(place.at("subject"), subject.problem, WAITING, test=test)
    elif entry.type == "Condition":
        yield histories.read_condition(entry, place, subject)
    elif entry.type in _DRUGS:
        yield histories.read_drug(entry, place, subject)
    elif entry.type in _EVENTS or code_in(entry.resource.get("code"), EVENT):
        yield histories.read_event(entry, place, subject)
    else:
        yield from observations.read(entry, place, subject, reports)


def _is_elsewhere(entry: BundleEntry) -> bool:
    """Vital signs, surveys and the like: no results of a laboratory, unless they are events of ours."""
    if entry.type != "Observation" or code_in(entry.resource.get("code"), EVENT):
        return False
    return not observations.is_laboratory(entry.resource)


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


def _notes(reports: observations.Reports, passed: Counter, items: list[Item]) -> tuple[str, ...]:
    notes = []
    if passed:
        notes.append("Read for what they say about others, or not at all: " + _counted(passed) + ".")
    if reports.groups:
        notes.append(f"{reports.groups:,} groups of results hold no value of their own.")
    if reports.missing:
        notes.append(
            f"Results that reports name and this file does not hold: {reports.missing:,}. Send them with it."
        )
    if reports.worded:
        notes.append(f"Reports in words or documents alone: {reports.worded:,}. Read them in the file.")
    notes += dates_alone(reports.bare)
    if any(isinstance(item, LabRow) for item in items):
        notes.append(DECLARED)
    return tuple(notes)


def _counted(passed: Counter) -> str:
    return ", ".join(f"{count:,} {name[:30]}" for name, count in sorted(passed.items())[:12])
