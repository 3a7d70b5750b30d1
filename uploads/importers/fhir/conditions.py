"""Conditions to diagnoses and events of ours, by our own code, by a public one or by their words."""

from collections.abc import Iterator
from datetime import date

from interpretation.record.spelling import fold_name
from patients.codes import DIAGNOSIS
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES
from uploads.importers.layouts import diagnoses

from ..records import REFUSED, SAME, WAITING, DiagnosisRow, Item, Place, RefutedRow, RowProblem
from .bundle import BundleEntry
from .diagnosis_codes import is_icd, kinds_of
from .histories import code_of, event_kind, read_period
from .people import FhirSubject
from .values import code_in, codings, effective, notes, read_date, read_time, words_of

_NEVER = ("refuted", "entered-in-error")
_GOING_ON = ("active", "recurrence", "relapse")
# In remission it is there, without signs.
_OVER = ("inactive", "resolved")


def read(entry: BundleEntry, place: Place, subject: FhirSubject) -> Iterator[Item]:
    """One item a diagnosis: a code may be two of ours."""
    resource = entry.resource
    verified = code_of(resource.get("verificationStatus"))
    kinds, event = sorted(_diagnosis_kinds(resource.get("code"))), _event_kind(resource.get("code"))
    if verified in _NEVER:
        rows = [RefutedRow(place, subject.mrn, kind, verified, subject.identity) for kind in kinds]
        yield from rows or [RowProblem(place.at("verificationStatus"), f"{verified}: not kept.", SAME)]
    elif problem := _doubt(resource, verified):
        column = "code" if verified in ("", "confirmed") else "verificationStatus"
        yield RowProblem(place.at(column), problem, WAITING)
    elif kinds or event:
        yield from _known(entry, place, subject, kinds, event)
    else:
        yield RowProblem(place.at("code"), _unknown(resource.get("code")), WAITING)


def _known(
    entry: BundleEntry, place: Place, subject: FhirSubject, kinds: list[str], event: str
) -> Iterator[Item]:
    resource = entry.resource
    try:
        noted, resolved = _noted(resource), _abated(resource)
        if event:
            yield read_period(entry, place, subject, event, "onset", "abatement")
            return
    except ValueError as error:
        yield RowProblem(place.at("onset"), str(error), REFUSED)
        return
    if noted and resolved and resolved < noted:
        text = "the end is before the diagnosis was noted. Correct one of them."
        yield RowProblem(place.at("abatement"), text, REFUSED)
        return
    told = codings(resource.get("code"))
    codes = tuple(code for system, code, _ in told if code and (not system or is_icd(system)))
    note = notes(resource)[:300]
    for kind in kinds:
        yield DiagnosisRow(place, subject.mrn, kind, noted, resolved, codes, note, subject.identity)


def _doubt(resource: dict, verified: str) -> str:
    """Why a person must look, "" where nothing is in doubt."""
    if verified not in ("", "confirmed"):
        return f"{verified[:20]}, not confirmed. Enter it by hand if it holds."
    clinical = code_of(resource.get("clinicalStatus"))
    ended = _has_ended(resource)
    if clinical in _GOING_ON and ended:
        return f"its status is {clinical}, and it gives an end. Correct one of them."
    if (clinical in _OVER or ended) and not _dates_its_end(resource):
        said = clinical if clinical in _OVER else "over"
        return f"it is {said}, and no day says since when. Add abatementDateTime, or enter it by hand."
    return ""


def _has_ended(resource: dict) -> bool:
    return any(name.startswith("abatement") for name in resource)


def _dates_its_end(resource: dict) -> bool:
    period = resource.get("abatementPeriod")
    return bool(resource.get("abatementDateTime") or (isinstance(period, dict) and period.get("start")))


def _unknown(concept: object) -> str:
    words = words_of(concept)[:60]
    return f"“{words}” is not a diagnosis known here. Enter it by hand if it is one of ours."


def _event_kind(concept: object) -> str:
    if code_in(concept, DIAGNOSIS) in DIAGNOSIS_NAMES:
        return ""
    found = kinds_of(codings(concept), "event")
    return event_kind(concept) or (found.pop() if len(found) == 1 else "")


def _diagnosis_kinds(concept: object) -> set[str]:
    kind = code_in(concept, DIAGNOSIS)
    if kind in DIAGNOSIS_NAMES:
        return {kind}
    if event_kind(concept) in EVENT_NAMES:
        return set()
    names = {fold_name(words_of(concept)), *(fold_name(display) for _, _, display in codings(concept))}
    named = {diagnoses.KINDS[name] for name in names if name in diagnoses.KINDS}
    # Words of two diagnoses, and no code, are neither.
    return kinds_of(codings(concept), "diagnosis") or (named if len(named) == 1 else set())


def _noted(resource: dict) -> date | None:
    start = effective(resource, "onset") or read_time(resource.get("recordedDate"))
    return start.date() if start else None


def _abated(resource: dict) -> date | None:
    period = resource.get("abatementPeriod")
    end = period.get("start") if isinstance(period, dict) else resource.get("abatementDateTime")
    return read_date(end)
