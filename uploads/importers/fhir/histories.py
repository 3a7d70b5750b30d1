"""Procedures and drugs given to events. What is not known is for a person."""

from datetime import datetime

from interpretation.record.spelling import fold_name
from patients.codes import EVENT, GIVEN, STOP_CONFIRMED
from patients.values.anticoagulants import kind_of
from patients.words import EVENT_NAMES
from uploads.importers.layouts import diagnoses, events

from ..records import (
    REFUSED,
    SAME,
    WAITING,
    AnticoagulantRow,
    EventRow,
    Item,
    Place,
    RowProblem,
)
from .bundle import BundleEntry, items, resolve
from .people import FhirSubject
from .values import code_in, codings, effective, notes, read_time, word, words_of

# What says that a drug was not given, or not for sure.
_NOT_GIVEN = {"not-taken", "intended", "not-done", "entered-in-error"}
_GIVEN = {"active", "completed", "stopped", "in-progress"}


def read_event(entry: BundleEntry, place: Place, subject: FhirSubject) -> Item:
    """A procedure, or an observation that bears one of our own kinds of event."""
    kind = event_kind(entry.resource.get("code"))
    name = "performed" if entry.type == "Procedure" else "effective"
    if not kind:
        words = words_of(entry.resource.get("code"))[:60]
        return RowProblem(
            place.at("code"),
            f"“{words}” is not an event known here. Enter it by hand if it is one of ours.",
            WAITING,
        )
    if word(entry.resource.get("status")) in _NOT_GIVEN:
        return RowProblem(place.at("status"), "not done or entered in error: not kept.", SAME)
    try:
        return read_period(entry, place, subject, kind, name)
    except ValueError as error:
        return RowProblem(place.at(name), str(error), REFUSED)


def read_drug(entry: BundleEntry, place: Place, subject: FhirSubject) -> Item:
    """MedicationStatement and MedicationAdministration, by the words of the drug's name."""
    resource = entry.resource
    status = word(resource.get("status"))
    if status == "not-taken" and _is_anticoagulant(words_of(drug_concept(entry))):
        return AnticoagulantRow(place, subject.mrn, identity=subject.identity)
    if status in _NOT_GIVEN:
        return RowProblem(place.at("status"), f"{status}: not given, nothing to keep.", SAME)
    if status not in _GIVEN:
        return RowProblem(
            place.at("status"),
            f"status “{status[:20]}” does not say whether it was given. Enter it by hand if it was.",
            WAITING,
        )
    concept = drug_concept(entry)
    kind = kind_of_drug(concept)
    if not kind:
        return no_drug(place, concept)
    if _is_over_without_end(resource):
        text = f"it is {status}, and no day says since when. Add the end of effectivePeriod."
        return RowProblem(place.at("effective"), text, WAITING)
    try:
        return read_period(entry, place, subject, kind, "effective", label=label_of(concept))
    except ValueError as error:
        return RowProblem(place.at("effective"), str(error), REFUSED)


def kind_of_drug(concept: dict) -> str:
    """The kind of event that a drug or product is, "" where it is none of ours."""
    kind = code_in(concept, EVENT) or drug_kind(words_of(concept))
    return kind if kind in EVENT_NAMES else ""


def no_drug(place: Place, concept: dict) -> RowProblem:
    words = words_of(concept)[:60] or "(no name)"
    text = f"“{words}” is not a drug known here. Enter it by hand if it is one of ours."
    return RowProblem(place.at("medication"), text, WAITING)


def _is_over_without_end(resource: dict) -> bool:
    period = resource.get("effectivePeriod")
    over = word(resource.get("status")) in ("completed", "stopped")
    return over and isinstance(period, dict) and bool(period.get("start")) and not period.get("end")


def drug_kind(name: str) -> str:
    """The kind of what was given: by its whole name or the one substance in it; "" for none or several."""
    folded = fold_name(name)
    if events.KINDS.get(folded) in GIVEN:
        return events.KINDS[folded]
    found = {events.KINDS[words] for words in events.SUBSTANCES if f" {words} " in f" {folded} "}
    return found.pop() if len(found) == 1 else ""


def _is_anticoagulant(name: str) -> bool:
    return bool(kind_of(name)) or fold_name(name) in ("anticoagulant", "anticoagulants", "anticoagulation")


def code_of(concept: object) -> str:
    return next((code for _, code, _ in codings(concept) if code), "")


def drug_concept(entry: BundleEntry) -> dict:
    concept = entry.resource.get("medicationCodeableConcept")
    if isinstance(concept, dict):
        return concept
    medication = resolve(entry, entry.resource.get("medicationReference"))
    found = medication.resource.get("code") if medication else None
    if isinstance(found, dict):
        return found
    reference = entry.resource.get("medicationReference")
    return {"text": word(reference.get("display"))} if isinstance(reference, dict) else {}


def label_of(concept: dict) -> str:
    """Our own export writes no text where there was no label."""
    return word(concept.get("text")) or ("" if code_in(concept, EVENT) else words_of(concept))


def event_kind(concept: object) -> str:
    kind = code_in(concept, EVENT)
    if kind in EVENT_NAMES:
        return kind
    folded = fold_name(words_of(concept))
    if folded in diagnoses.KINDS:
        return ""
    return diagnoses.EVENTS.get(folded) or events.KINDS.get(folded, "")


def read_period(
    entry: BundleEntry,
    place: Place,
    subject: FhirSubject,
    kind: str,
    name: str,
    until: str = "",
    label: str | None = None,
) -> Item:
    """ValueError carries a sentence about a time."""
    resource = entry.resource
    start = effective(resource, name) or read_time(resource.get("recordedDate") if until else None)
    if start is None:
        return RowProblem(
            place.at(name), f"{EVENT_NAMES[kind]} is kept as an event and needs a date. Add it.", WAITING
        )
    end = read_time(resource.get(f"{until}DateTime")) if until else _end(entry, name, start)
    if label is None:
        label = label_of(resource.get("code") or {})
    return event_row(entry, place.at(name), subject, (kind, label), (start, end), notes(resource))


def event_row(
    entry: BundleEntry,
    place: Place,
    subject: FhirSubject,
    what: tuple[str, str],
    times: tuple[datetime, datetime | None],
    note: str,
) -> Item:
    """`what`: kind and label; `times`: start and end. `place`: with the column of the times."""
    start, end = times
    if end and (end.tzinfo is None) != (start.tzinfo is None):
        return RowProblem(place, "only one of start and end names a time zone. Give both or none.", REFUSED)
    if end and end < start:
        return RowProblem(place, "the end is before the start. Correct one of them.", REFUSED)
    kind, label = what
    confirmed = any(
        one.get("url") == STOP_CONFIRMED and one.get("valueBoolean") is True
        for one in items(entry.resource.get("extension"))
    )
    more = (_grade(entry.resource), _route(entry.resource), note[:300], confirmed, subject.identity)
    return EventRow(place.at(""), subject.mrn, kind, label[:120], start, end, *more)


def _end(entry: BundleEntry, name: str, start: datetime) -> datetime | None:
    """A period's end; what was given once, or is over, ends when it began; what goes on has none."""
    period = entry.resource.get(f"{name}Period")
    if isinstance(period, dict):
        return read_time(period.get("end"))
    over = entry.type == "MedicationAdministration" or word(entry.resource.get("status")) in (
        "stopped",
        "completed",
    )
    return start if over else None


def _grade(resource: dict) -> int | None:
    """West Haven, as our own export writes it."""
    for stage in items(resource.get("stage")):
        text = words_of(stage.get("summary"))
        if text in ("0", "1", "2", "3", "4"):
            return int(text)
    return None


def _route(resource: dict) -> str:
    dosages = items(resource.get("dosage"))
    named = words_of(dosages[0].get("route")) if dosages else ""
    return events.ROUTES.get(fold_name(named), "")
