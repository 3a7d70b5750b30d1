"""The FHIR resources that came with a request as a case: read as a file would be, and nothing of it stored."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from interpretation.record import analytes, records
from interpretation.record.date_alone import DateAlone
from patients.report.panel import in_zone
from patients.values.validation import read_result
from uploads.importers import fhir
from uploads.importers.fhir.bundle import items
from uploads.importers.fhir.check import TYPES
from uploads.importers.fhir.people import numbers_of
from uploads.importers.fhir.values import read_date
from uploads.importers.records import (
    NO_VALUE,
    WITHDRAWN,
    AnticoagulantRow,
    DiagnosisRow,
    EventRow,
    FileRefused,
    Item,
    LabRow,
    RowProblem,
)

from .asked import HookRequest
from .problems import HookProblem

# Stands for the patient of the context, whatever numbers the other system gives.
_SOMEBODY = "the-patient"
_REFERENCES = ("subject", "patient")
_SEXES = {"male": "M", "female": "F", "other": "X"}
# A prescription is no proof that a drug is taken, but it is the best that a record system knows of it.
# Until when it was taken is seldom said: what was in force counts on.
_IN_FORCE = ("active", "completed", "stopped", "on-hold")


@dataclass(frozen=True)
class Supplied:
    """`unread`: results of our tests that could not be read, in words. `keys`: the templates that were answered.
    `numbers`: those of the patient in use. `others`: resources of somebody else, which are left alone. `is_cut`: of
    a search its first page alone came, and there are more."""

    case: records.Case
    keys: frozenset[str]
    unread: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    others: int = 0
    is_cut: bool = False


def read(request: HookRequest, *, zone: ZoneInfo, at: datetime, authority: str = "") -> Supplied:
    """Raises HookProblem: 412 where nothing of the patient came, 422 where it cannot be read as FHIR.
    `authority`: only its numbers are the clinic's."""
    return read_of(request.patient, request.prefetch, zone=zone, at=at, authority=authority)


def read_of(
    patient: str, prefetch: dict[str, dict[str, Any]], *, zone: ZoneInfo, at: datetime, authority: str = ""
) -> Supplied:
    """The same of resources that were fetched by `queries`."""
    found = [resource for value in prefetch.values() for resource in _resources(value)]
    own = [one for one in found if _is_of(one, patient)]
    person = next((one for one in own if one.get("resourceType") == "Patient"), {})
    if not own:
        raise HookProblem(412, "Nothing of this patient was supplied: send the prefetch of this service.")
    case, unread = _case(_items(_anonymous(own, person, patient)), person, zone, at)
    numbers = numbers_of(person, authority).live
    is_cut = any(map(_has_next, prefetch.values()))
    return Supplied(case, frozenset(prefetch), tuple(unread), numbers, len(found) - len(own), is_cut)


def queries(patient: str) -> dict[str, str]:
    """What is read of a patient of a record system, by its key here; addresses below that of its FHIR server."""
    codes = ",".join(code for analyte in analytes.ANALYTES.values() for code in analyte.loinc)
    of = f"patient={patient}"
    return {
        "patient": f"Patient/{patient}",
        "results": f"Observation?{of}&code={codes}&_sort=-date&_count=1000",
        "conditions": f"Condition?{of}",
        "statements": f"MedicationStatement?{of}",
        "requests": f"MedicationRequest?{of}",
        "administrations": f"MedicationAdministration?{of}",
    }


def _resources(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A bundle's resources, each once; or the one resource."""
    if value.get("resourceType") != "Bundle":
        yield value
        return
    for entry in items(value.get("entry")):
        resource = entry.get("resource")
        if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            yield from _resources(resource)


def _has_next(value: dict[str, Any]) -> bool:
    return any(link.get("relation") == "next" for link in items(value.get("link")))


def _is_of(resource: dict[str, Any], patient: str) -> bool:
    """Of the patient in the context; what names nobody, such as a medication, is anybody's."""
    if resource.get("resourceType") == "Patient":
        return resource.get("id") == _id(patient)
    reference = next((resource[name] for name in _REFERENCES if isinstance(resource.get(name), dict)), None)
    named = reference.get("reference") if reference else None
    return named is None or (isinstance(named, str) and _id(named) == _id(patient))


def _id(reference: str) -> str:
    return reference.split("/_history/")[0].rpartition("/")[2]


def _anonymous(own: list[dict], person: dict, patient: str) -> list[dict]:
    """With a Patient of nothing but sex, birth date and death, whom all the others name."""
    kept = {key: person[key] for key in ("gender", "birthDate", "deceasedDateTime") if key in person}
    somebody = {"resourceType": "Patient", "id": _id(patient), "identifier": [{"value": _SOMEBODY}], **kept}
    rest = [_as_statement(one) for one in own if one.get("resourceType") != "Patient"]
    subject = {"reference": f"Patient/{_id(patient)}"}
    return [somebody, *({**one, "subject": subject} if one["resourceType"] in TYPES else one for one in rest)]


def _as_statement(resource: dict[str, Any]) -> dict[str, Any]:
    """A prescription as what it says of the drug: taken from then on; a drug of which no end is told, as taken."""
    if resource.get("status") not in _IN_FORCE:
        return resource
    if resource.get("resourceType") == "MedicationStatement":
        return {**resource, "status": "active"} if _begins_only(resource) else resource
    if resource.get("resourceType") != "MedicationRequest":
        return resource
    drug = {
        key: resource[key] for key in ("medicationCodeableConcept", "medicationReference") if key in resource
    }
    period = {"start": resource.get("authoredOn")} if resource.get("authoredOn") else {}
    return {"resourceType": "MedicationStatement", "status": "active", "effectivePeriod": period, **drug}


def _begins_only(resource: dict[str, Any]) -> bool:
    period = resource.get("effectivePeriod")
    begins = isinstance(period, dict) and "start" in period and "end" not in period
    return begins and resource.get("status") != "on-hold"


def _items(resources: list[dict]) -> list[Item]:
    entries = [{"resource": one} for one in resources]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    try:
        return list(fhir.read(json.dumps(bundle).encode(), zoned=True).items)
    except FileRefused as refusal:
        raise HookProblem(422, str(refusal)) from None


def _case(found: list[Item], person: dict, zone: ZoneInfo, at: datetime) -> tuple[records.Case, list[str]]:
    draws, unread = _draws([item for item in found if _is_result(item)], zone)
    unread += [item.text for item in found if isinstance(item, RowProblem) and _is_ours(*item.test)]
    case = records.Case(
        as_of=in_zone(at, zone),
        sex=_SEXES.get(person.get("gender", ""), ""),
        birth_date=_date(person.get("birthDate")),
        died_on=_date(person.get("deceasedDateTime")),
        draws=tuple(draw for draw in draws if draw.taken_at <= at),
        diagnoses=tuple(_diagnosis(item) for item in found if isinstance(item, DiagnosisRow)),
        events=tuple(_event(item, zone) for item in found if isinstance(item, EventRow)),
        anticoagulant=_anticoagulant(found),
    )
    return case, unread


def _is_result(item: Item) -> bool:
    return isinstance(item, LabRow) and item.status not in (WITHDRAWN, NO_VALUE)


def _diagnosis(row: DiagnosisRow) -> records.Diagnosis:
    return records.Diagnosis(row.kind, row.noted_on, row.resolved_on, row.codes)


def _anticoagulant(found: list[Item]) -> str:
    """ "none" where it is said that one is not taken, and nothing says that another is."""
    said = [item for item in found if isinstance(item, AnticoagulantRow)]
    return "none" if said and not any(item.kind for item in said) else ""


def _draws(rows: list[LabRow], zone: ZoneInfo) -> tuple[list[records.Draw], list[str]]:
    """Results of one time and laboratory are a draw."""
    groups: dict[tuple, list[records.Result]] = defaultdict(list)
    unread = []
    for row in rows:
        result, problem = _result(row)
        if result:
            groups[_moment(row.taken_at, zone), row.laboratory].append(result)
        elif problem:
            unread.append(problem)
    return [
        records.Draw(at, tuple(results), laboratory, hour_known=not isinstance(at, DateAlone))
        for (at, laboratory), results in groups.items()
    ], unread


def _result(row: LabRow) -> tuple[records.Result | None, str]:
    """None with "" for a test that is none of ours."""
    checked, problems = read_result(
        test=row.code or row.test,
        value=row.value,
        unit=row.unit or None,
        lower=row.lower,
        upper=row.upper,
        range_text=row.range_text,
    )
    if checked is None:
        foreign = any(problem.field == "test" for problem in problems)
        return None, "" if foreign or not problems else problems[0].text
    slip = next((problem for problem in problems if problem.suggestion_unit), None)
    if slip:
        return None, slip.text
    return records.Result(
        checked.analyte,
        checked.value,
        checked.comparator,
        checked.lower_limit,
        checked.upper_limit,
        row.method,
    ), ""


def _moment(at: datetime, zone: ZoneInfo) -> datetime:
    """In the clinic's zone; of a date alone its midnight there."""
    if isinstance(at, DateAlone):
        return DateAlone.of(in_zone(datetime(at.year, at.month, at.day, tzinfo=zone), zone))
    return in_zone(at if at.tzinfo else at.replace(tzinfo=zone), zone)


def _event(row: EventRow, zone: ZoneInfo) -> records.Event:
    ended = _moment(row.ended_at, zone) if row.ended_at else None
    return records.Event(
        row.kind, _moment(row.started_at, zone), ended, row.label, row.grade, row.route, row.stop_confirmed
    )


def _is_ours(name: str, code: str) -> bool:
    return (analytes.find(code) or analytes.find(name)) is not None if name or code else False


def _date(text: object) -> date | None:
    """None where it is none, as of a person who may be read all the same."""
    try:
        return read_date(text)
    except ValueError:
        return None
