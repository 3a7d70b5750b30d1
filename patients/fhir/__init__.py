"""A patient's record as FHIR R4: a bundle that `uploads.importers.fhir` reads back to the same record.

What counts is written: current draws, their counting results, diagnoses and events, and who brought them when.
Superseded and withdrawn versions, verdicts and decisions stay here. `results`, `histories`, `provenance`: the
resources; `rows`: which of them a patient has, for the bundle and for the read API.
"""

import json
import re
from datetime import datetime
from uuid import UUID, uuid5

from django.db.models import Prefetch, QuerySet

from patients import codes
from patients.models import Draw, Patient, Result

from . import histories, provenance, results

_SEXES = {"F": "female", "M": "male", "X": "other", "U": "unknown"}
_NUMBER = re.compile(r'"\\u0000([-+0-9.Ee]+)"')


def bundle_of(patient: Patient, at: datetime) -> dict:
    """The whole record of one patient, as it is at this moment."""
    who = {"reference": f"urn:uuid:{patient.uuid}"}
    draws, diagnoses, events = _rows(patient)
    resources = [patient_resource(patient)]
    for draw in draws:
        resources += [resource for _, resource in results.draw_resources(draw, who)]
    resources += [histories.diagnosis(row, who) for row in diagnoses]
    told = [(row, histories.event(row, who)) for row in events]
    resources += [resource for _, resource in told]
    resources += said_of_anticoagulant(patient, who)
    names = {f"{resource['resourceType']}/{row.uuid}": row for row, resource in told}
    resources += provenance.provenance(patient, provenance.rows_of(draws, diagnoses, names))
    addresses = {f"{one['resourceType']}/{one['id']}": _address(patient, one["id"]) for one in resources}
    entries = [
        {"fullUrl": _address(patient, one["id"]), "resource": _linked(one, addresses)} for one in resources
    ]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": at.isoformat(), "entry": entries}


def provenance_of(patient: Patient) -> list[dict]:
    """All that is known of who brought what the read API gives out: events that are Observations it does not."""
    draws, diagnoses, events = _rows(patient)
    kinds = [(row, histories.type_of(row)) for row in events]
    names = {f"{kind}/{row.uuid}": row for row, kind in kinds if kind != "Observation"}
    return provenance.provenance(patient, provenance.rows_of(draws, diagnoses, names))


def with_results(draws: QuerySet[Draw]) -> QuerySet[Draw]:
    """With the results that count, for `results`."""
    counting = Result.objects.filter(status__in=Result.COUNTING).order_by("pk")
    clinics = draws.select_related("patient__clinic", "upload", "entered_by")
    return clinics.prefetch_related(Prefetch("results", counting))


def said_of_anticoagulant(patient: Patient, who: dict) -> list[dict]:
    """A drug that is taken is an event."""
    is_none = patient.anticoagulant == Patient.Anticoagulant.NONE
    return [histories.no_anticoagulant(patient, who)] if is_none else []


def patient_resource(patient: Patient) -> dict:
    name = {"use": "official", "family": patient.family_name}
    if patient.given_name:
        name["given"] = [patient.given_name]
    identifier = {"type": {"coding": [codes.MR_TYPE]}, "system": codes.MRN, "value": patient.mrn}
    return {
        "resourceType": "Patient",
        "id": str(patient.uuid),
        "identifier": [identifier],
        "name": [name],
        "gender": _SEXES[patient.sex],
        "birthDate": patient.birth_date.isoformat(),
    } | ({"deceasedDateTime": patient.died_on.isoformat()} if patient.died_on else {})


def dumps(bundle: dict) -> str:
    """JSON with each number as it was reported: 1.10 stays 1.10."""
    text = json.dumps(bundle, ensure_ascii=False, indent=1, default=lambda number: f"\0{number}")
    return _NUMBER.sub(r"\1", text)


def _address(patient: Patient, name: str) -> str:
    try:
        return UUID(name).urn
    except ValueError:
        return uuid5(patient.uuid, name).urn


def _linked(part: object, addresses: dict[str, str]) -> object:
    """With each reference as the address that its entry bears in the bundle."""
    if isinstance(part, list):
        return [_linked(one, addresses) for one in part]
    if not isinstance(part, dict):
        return part
    found = {name: _linked(one, addresses) for name, one in part.items()}
    if part.get("reference") in addresses:
        found["reference"] = addresses[part["reference"]]
    return found


def _rows(patient: Patient) -> tuple:
    brought = ("upload", "entered_by")
    draws = with_results(patient.draws.current())
    return (
        list(draws),
        list(patient.diagnoses.current().select_related(*brought)),
        list(patient.events.current().select_related(*brought)),
    )
