"""Diagnoses and events as Conditions, MedicationStatements, Procedures and Observations."""

from patients import codes
from patients.models import Diagnosis, Event, Patient
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def diagnosis(row: Diagnosis, who: dict) -> dict:
    """`who`: a reference to the patient, as in all of these."""
    # Whether its codes are ICD-10 or older is not recorded: they bear no system.
    own = {"system": codes.DIAGNOSIS, "code": row.kind, "display": DIAGNOSIS_NAMES[row.kind]}
    coding = [own, *({"code": code} for code in row.codes)]
    found = {"id": str(row.uuid)} | _condition(
        coding, DIAGNOSIS_NAMES[row.kind], row.resolved_on is None, who
    )
    if row.noted_on:
        found["onsetDateTime"] = row.noted_on.isoformat()
    if row.resolved_on:
        found["abatementDateTime"] = row.resolved_on.isoformat()
    return found | _note(row.note)


def event(row: Event, who: dict) -> dict:
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


def no_anticoagulant(patient: Patient, who: dict) -> dict:
    """A drug that is taken is an event."""
    return {
        "resourceType": "MedicationStatement",
        "id": f"{patient.uuid.hex}-anticoagulant",
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


def type_of(row: Event) -> str:
    """The type of resource that an event is."""
    if row.kind in codes.CONDITIONS:
        return "Condition"
    if row.kind in codes.GIVEN:
        return "MedicationStatement"
    return "Procedure" if row.kind in codes.PROCEDURES else "Observation"
