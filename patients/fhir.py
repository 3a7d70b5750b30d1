"""A patient's record as FHIR R4: a bundle that `uploads.importers.fhir` reads back to the same record.

What counts is written: current draws, their counting results, diagnoses and events. Superseded and withdrawn
versions, verdicts and decisions stay here.
"""

import json
import re
from datetime import datetime
from decimal import Decimal
from uuid import uuid5

from django.db.models import Prefetch

from interpretation.record import analytes, units
from patients import codes
from patients.models import Diagnosis, Draw, Event, Patient, Result
from patients.values.validation import UnreadableNumber, read_number
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES

_SEXES = {"F": "female", "M": "male", "X": "other", "U": "unknown"}
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
# Choices of units that UCUM does not know: written as text, beside the code of an equal unit.
_NOT_UCUM = ("mEq/L", "IU/dL", "IU/mL", "U/mL", "lakh/uL")
_NUMBER = re.compile(r'"\\u0000([-+0-9.Ee]+)"')


def bundle_of(patient: Patient, at: datetime) -> dict:
    """The whole record of one patient, as it is at this moment."""
    who = {"reference": f"urn:uuid:{patient.uuid}"}
    counting = Result.objects.filter(status__in=Result.COUNTING).order_by("pk")
    draws = patient.draws.current().prefetch_related(Prefetch("results", counting))
    resources = [(patient.uuid, _patient(patient))]
    for draw in draws:
        resources += _draw(draw, who)
    resources += [(row.uuid, _diagnosis(row, who)) for row in patient.diagnoses.current()]
    resources += [(row.uuid, _event(row, who)) for row in patient.events.current()]
    if patient.anticoagulant == Patient.Anticoagulant.NONE:
        name = uuid5(patient.uuid, "anticoagulant")
        resources.append((name, _no_anticoagulant(patient, str(name), who)))
    entries = [{"fullUrl": _address(name), "resource": resource} for name, resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": at.isoformat(), "entry": entries}


def patient_resource(patient: Patient) -> dict:
    return _patient(patient)


def observation_resource(result: Result) -> dict:
    """One result by itself, as the read API gives it."""
    who = {"reference": f"Patient/{result.draw.patient.uuid}"}
    return _observation(_name(result.draw, result), result.draw, result, who)


def dumps(bundle: dict) -> str:
    """JSON with each number as it was reported: 1.10 stays 1.10."""
    text = json.dumps(bundle, ensure_ascii=False, indent=1, default=lambda number: f"\0{number}")
    return _NUMBER.sub(r"\1", text)


def _address(name: object) -> str:
    return f"urn:uuid:{name}"


def _patient(patient: Patient) -> dict:
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


def _draw(draw: Draw, who: dict) -> list[tuple[object, dict]]:
    """A report of the draw and its observations."""
    results = list(draw.results.all())
    names = [_name(draw, result) for result in results]
    report = {
        "resourceType": "DiagnosticReport",
        "id": str(draw.uuid),
        "status": "final",
        "code": {"text": "Laboratory results"},
        "subject": who,
        "effectiveDateTime": _effective(draw),
        "result": [{"reference": f"Observation/{name}"} for name in names],
    }
    if draw.received_at:
        report["issued"] = draw.received_at.isoformat()
    if draw.laboratory:
        report["performer"] = [{"display": draw.laboratory}]
    if draw.note:
        report["conclusion"] = draw.note
    if not results:
        del report["result"]
    rows = [
        (name, _observation(name, draw, result, who)) for name, result in zip(names, results, strict=True)
    ]
    return [(draw.uuid, report), *rows]


def _effective(draw: Draw) -> str:
    """A date alone where the hour is not known, the clinic's."""
    if draw.hour_known:
        return draw.taken_at.isoformat()
    return f"{draw.taken_at.astimezone(draw.patient.clinic.zone):%Y-%m-%d}"


def _name(draw: Draw, result: Result) -> str:
    """One result of an analyte counts in a draw; an id in FHIR has at most 64 letters and no underscore."""
    return f"{draw.uuid}-{result.analyte.replace('_', '-')}"[:64]


def _observation(name: str, draw: Draw, result: Result, who: dict) -> dict:
    analyte = analytes.get(result.analyte)
    unit, code = _units(analyte, result)
    method = result.method or draw.method
    loinc = {"system": codes.LOINC, "code": analytes.code_for(analyte.key, code or unit, method)}
    quantity = {"unit": unit} | ({"system": codes.UCUM, "code": code} if code else {})
    row = {
        "resourceType": "Observation",
        "id": name,
        "status": str(result.status),
        "category": [{"coding": [{"system": _CATEGORY, "code": "laboratory"}]}],
        "code": {"coding": [loinc], "text": analyte.name},
        "subject": who,
        "effectiveDateTime": _effective(draw),
        "valueQuantity": {"value": _value(result, unit)}
        | ({"comparator": result.comparator} if result.comparator else {})
        | _filled(quantity),
    }
    if draw.laboratory:
        row["performer"] = [{"display": draw.laboratory}]
    if result.verified_at:
        row["issued"] = result.verified_at.isoformat()
    if result.order_key:
        row["identifier"] = [{"value": result.order_key}]
    if method:
        row["method"] = {
            "coding": [{"system": codes.METHOD, "code": method}],
            "text": method.replace("_", " "),
        }
    if result.comment:
        row["note"] = [{"text": result.comment}]
    if limits := _limits(result, unit, quantity):
        row["referenceRange"] = [limits]
    return row


def _units(analyte, result: Result) -> tuple[str, str]:
    """The unit as reported and the UCUM code of an equal one; else the canonical unit for both.

    D-dimer units without a type have no code: FEU and DDU are never put into the laboratory's mouth.
    """
    reported = result.reported_unit
    factor = analyte.factor(reported)
    if reported in analyte.choices and reported not in _NOT_UCUM:
        return reported, reported
    if factor is not None and analyte.key == "d_dimer":
        return reported, ""
    for unit in (analyte.unit, analyte.conventional_unit):
        if unit and factor == analyte.factor(unit) and unit not in _NOT_UCUM:
            return reported, unit
    return analyte.unit, analyte.unit


def _value(result: Result, unit: str) -> Decimal:
    """The digits as reported where they are this number, else the number in `unit`."""
    number = units.from_canonical(result.analyte, result.value, unit)
    try:
        sign, reported = read_number(result.reported_value)
    except UnreadableNumber:
        return _decimal(number)
    if abs(reported - number) > 1e-9 * max(1.0, abs(number)):
        return _decimal(number)
    digits = re.search(r"[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?", result.reported_value)
    # Of "1,234.5" these are the first ones.
    return Decimal(digits[0]) if float(digits[0]) == reported else _decimal(number)


def _limits(result: Result, unit: str, quantity: dict) -> dict:
    ends = {"low": result.lower_limit, "high": result.upper_limit}
    found = {
        name: {"value": _decimal(units.from_canonical(result.analyte, limit, unit))} | _filled(quantity)
        for name, limit in ends.items()
        if limit is not None
    }
    return found | ({"text": result.reported_range} if result.reported_range else {})


def _filled(fields: dict) -> dict:
    """FHIR has no empty strings: an INR has no unit as text."""
    return {name: value for name, value in fields.items() if value}


def _decimal(number: float) -> Decimal:
    """Without the last binary digits of a unit's factor."""
    return Decimal(f"{number:.12g}")


def _diagnosis(row: Diagnosis, who: dict) -> dict:
    # Whether its codes are ICD-10 or older is not recorded: they bear no system.
    own = {"system": codes.DIAGNOSIS, "code": row.kind, "display": DIAGNOSIS_NAMES[row.kind]}
    coding = [own, *({"code": code} for code in row.codes)]
    found = _condition(coding, DIAGNOSIS_NAMES[row.kind], row.resolved_on is None, who)
    if row.noted_on:
        found["onsetDateTime"] = row.noted_on.isoformat()
    if row.resolved_on:
        found["abatementDateTime"] = row.resolved_on.isoformat()
    return found | _note(row.note)


def _event(row: Event, who: dict) -> dict:
    own = {"system": codes.EVENT, "code": row.kind, "display": EVENT_NAMES[row.kind]}
    concept = {"coding": [own]} | ({"text": row.label} if row.label else {})
    start = row.started_at.isoformat()
    period = {"start": start} | ({"end": row.ended_at.isoformat()} if row.ended_at else {})
    if row.kind in codes.CONDITIONS:
        found = _condition([own], row.label, row.ended_at is None, who) | {"onsetDateTime": start}
        if row.ended_at:
            found["abatementDateTime"] = row.ended_at.isoformat()
    elif row.kind in codes.GIVEN:
        status = "active" if row.ended_at is None else "completed"
        found = {"resourceType": "MedicationStatement", "status": status, "effectivePeriod": period}
        found |= {"medicationCodeableConcept": concept, "subject": who}
    elif row.kind in codes.PROCEDURES:
        status = "in-progress" if row.ended_at is None else "completed"
        found = {"resourceType": "Procedure", "status": status, "performedPeriod": period}
        found |= {"code": concept, "subject": who}
    else:
        found = {"resourceType": "Observation", "status": "final", "effectivePeriod": period}
        found |= {"code": concept, "subject": who}
    return found | {"id": str(row.uuid)} | _note(row.note) | _details(row, found)


def _no_anticoagulant(patient: Patient, name: str, who: dict) -> dict:
    """A drug that is taken is an event."""
    return {
        "resourceType": "MedicationStatement",
        "id": name,
        "status": "not-taken",
        "medicationCodeableConcept": {"text": "Anticoagulant"},
        "subject": who,
        "dateAsserted": patient.anticoagulant_said_at.isoformat(),
    }


def _details(row: Event, found: dict) -> dict:
    more = {}
    if row.grade is not None:
        more["stage"] = [{"summary": {"text": str(row.grade)}}]
    if row.route and found["resourceType"] == "MedicationStatement":
        more["dosage"] = [{"route": {"text": row.route}}]
    if row.stop_confirmed:
        more["extension"] = [{"url": codes.STOP_CONFIRMED, "valueBoolean": True}]
    return more if found["resourceType"] == "Condition" else {k: v for k, v in more.items() if k != "stage"}


def _condition(coding: list[dict], text: str, active: bool, who: dict) -> dict:
    state = "active" if active else "resolved"
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": state}]},
        "verificationStatus": {"coding": [{"system": _VERIFICATION, "code": "confirmed"}]},
        "code": {"coding": coding} | ({"text": text} if text else {}),
        "subject": who,
    }


def _note(text: str) -> dict:
    return {"note": [{"text": text}]} if text else {}
