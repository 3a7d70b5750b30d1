"""MedicationRequest: that a drug was prescribed, which is not that it was taken; the note says so."""

from ..records import REFUSED, SAME, WAITING, Item, Place, RowProblem
from .bundle import BundleEntry, items
from .histories import drug_concept, event_row, kind_of_drug, label_of, no_drug
from .people import FhirSubject
from .values import notes, read_time, word

_PLANS = ("proposal", "plan", "option")
_NEVER_IN_FORCE = ("cancelled", "draft", "entered-in-error")
PRESCRIBED = "Prescribed; whether it was taken is not said."


def read(entry: BundleEntry, place: Place, subject: FhirSubject) -> Item:
    """An event from its day on: until its end, where one is told."""
    resource = entry.resource
    status, intent = word(resource.get("status")), word(resource.get("intent"))
    if resource.get("doNotPerform") is True:
        return RowProblem(place.at("doNotPerform"), "it says not to give the drug: nothing to keep.", SAME)
    if intent in _PLANS or status in _NEVER_IN_FORCE:
        name, said = ("intent", intent) if intent in _PLANS else ("status", status)
        return RowProblem(place.at(name), f"{said}: not prescribed, nothing to keep.", SAME)
    concept = drug_concept(entry)
    kind = kind_of_drug(concept)
    if not kind:
        return no_drug(place, concept)
    try:
        start, end = _times(resource)
    except ValueError as error:
        return RowProblem(place.at("authoredOn"), str(error), REFUSED)
    if problem := _doubt(status, start, end):
        return RowProblem(place.at("authoredOn" if start is None else "status"), problem, WAITING)
    note = " ".join(filter(None, (PRESCRIBED, notes(resource))))
    return event_row(entry, place, subject, (kind, label_of(concept)), (start, end), note)


def _doubt(status: str, start: object, end: object) -> str:
    if start is None:
        return "the prescription has no date. Add authoredOn."
    if status not in ("active", "completed", "stopped"):
        return f"status “{status[:20]}” does not say whether it is taken. Enter it by hand if it is."
    if status != "active" and end is None:
        return f"the prescription is {status}, and no day says since when. Enter it by hand with its end."
    return ""


def _times(resource: dict) -> tuple:
    """As the dosage bounds it, else from the day on which it was written."""
    timing = next((one.get("timing") for one in items(resource.get("dosageInstruction"))), None)
    repeat = timing.get("repeat") if isinstance(timing, dict) else None
    bounds = repeat.get("boundsPeriod") if isinstance(repeat, dict) else None
    period = bounds if isinstance(bounds, dict) else {}
    return read_time(period.get("start") or resource.get("authoredOn")), read_time(period.get("end"))
