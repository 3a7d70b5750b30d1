"""Patients, their diagnoses and events: added, changed, withdrawn."""

from datetime import date, datetime

import pghistory

from accounts.models import Clinic, User
from patients.actions.anticoagulant import follow_event
from patients.actions.assess import assess
from patients.actions.errors import AlreadyEntered, Refused, refusing
from patients.actions.writing import change, withdraw, writing
from patients.models import Diagnosis, Event, Patient

# Signs that show nothing or turn the order of letters round: with them two MRNs look like one.
INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def add_patient(
    *,
    clinic: Clinic,
    by: User,
    mrn: str,
    family_name: str,
    given_name: str,
    sex: str,
    birth_date: date,
    died_on: date | None = None,
) -> Patient:
    fields = {
        "mrn": _plain(mrn),
        "family_name": _plain(family_name),
        "given_name": _plain(given_name),
        "sex": sex,
        "birth_date": birth_date,
        "died_on": died_on,
    }
    try:
        with pghistory.context(user=by.pk), refusing():
            patient = Patient.objects.create(clinic=clinic, entered_by=by, **fields)
            assess([patient.pk])
    except Refused as refusal:
        _say_if_same(refusal, Patient.objects.current().filter(clinic=clinic, entered_by=by, **fields))
        refusal.row = Patient.objects.current().filter(clinic=clinic, mrn=fields["mrn"]).first()
        raise
    return patient


def change_patient(*, patient: Patient, by: User, version: int, **fields) -> Patient:
    fields = {name: _plain(value) if isinstance(value, str) else value for name, value in fields.items()}
    with writing(by=by, patient=patient):
        change(patient, version=version, fields=fields)
    return patient


def withdraw_patient(*, patient: Patient, by: User, reason: str) -> None:
    with writing(by=by, patient=patient):
        withdraw(patient, by=by, reason=reason)


def add_diagnosis(
    *,
    patient: Patient,
    by: User,
    kind: str,
    noted_on: date | None = None,
    resolved_on: date | None = None,
    codes: tuple[str, ...] | list[str] = (),
    note: str = "",
) -> Diagnosis:
    fields = {
        "kind": kind,
        "noted_on": noted_on,
        "resolved_on": resolved_on,
        "codes": list(codes),
        "note": note,
    }
    with writing(by=by, patient=patient):
        _refuse_same(patient.diagnoses.current().filter(**fields))
        return Diagnosis.objects.create(patient=patient, entered_by=by, **fields)


def change_diagnosis(*, diagnosis: Diagnosis, by: User, version: int, **fields) -> Diagnosis:
    if "codes" in fields:
        fields["codes"] = list(fields["codes"])
    with writing(by=by, patient=diagnosis.patient):
        change(diagnosis, version=version, fields=fields)
    return diagnosis


def withdraw_diagnosis(*, diagnosis: Diagnosis, by: User, reason: str) -> None:
    with writing(by=by, patient=diagnosis.patient):
        withdraw(diagnosis, by=by, reason=reason)


def add_event(
    *,
    patient: Patient,
    by: User,
    kind: str,
    started_at: datetime,
    ended_at: datetime | None = None,
    label: str = "",
    grade: int | None = None,
    route: str = "",
    stop_confirmed: bool = False,
    note: str = "",
) -> Event:
    fields = {
        "kind": kind,
        "started_at": started_at,
        "ended_at": ended_at,
        "label": label,
        "grade": grade,
        "route": route,
        "stop_confirmed": stop_confirmed,
        "note": note,
    }
    with writing(by=by, patient=patient):
        _refuse_same(patient.events.current().filter(**fields))
        event = Event.objects.create(patient=patient, entered_by=by, **fields)
        follow_event(patient, by, event)
    return event


def change_event(*, event: Event, by: User, version: int, **fields) -> Event:
    with writing(by=by, patient=event.patient):
        was = event.kind
        if change(event, version=version, fields=fields):
            follow_event(event.patient, by, event, was)
    return event


def withdraw_event(*, event: Event, by: User, reason: str) -> None:
    with writing(by=by, patient=event.patient):
        withdraw(event, by=by, reason=reason)
        follow_event(event.patient, by, event)


def _refuse_same(rows) -> None:
    """A form sent twice stores once."""
    if same := rows.first():
        raise AlreadyEntered(same)


def _say_if_same(refusal: Refused, rows) -> None:
    if refusal.constraint == "patient_mrn_once" and (same := rows.first()):
        raise AlreadyEntered(same) from None


def _plain(text: str) -> str:
    return " ".join(text.translate(INVISIBLE).split())
