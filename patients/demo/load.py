"""Stores the demo clinic, its staff and its people. Safe to run again: who is there is left alone."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Clinic, Membership, Role, User
from interpretation.record import units
from interpretation.record.analytes import ANALYTES
from patients.actions.anticoagulant import AnticoagulantSaid, say_anticoagulant
from patients.actions.assess import assess_once
from patients.actions.contacts import leave_out, record_contact
from patients.actions.draws import add_draw
from patients.actions.people import add_diagnosis, add_event, add_patient
from patients.actions.reviews import review_cause
from patients.demo.people import DemoDraw, Person, people
from patients.models import Assessment, Patient
from patients.values.validation import CheckedResult, read_result

CODE = "demo"
PASSWORD = "liver-demo"
STAFF = {
    "viewer": (Role.VIEWER, "Vera", "Lund"),
    "clinician": (Role.CLINICIAN, "Chidi", "Okafor"),
    "datamanager": (Role.DATA_MANAGER, "Dana", "Mehta"),
    "administrator": (Role.ADMINISTRATOR, "Ada", "Bergström"),
    "privacyofficer": (Role.PRIVACY_OFFICER, "Priya", "Nair"),
}
# What apps that build on this one add to the demo, with the clinic and the time of loading.
more: list[Callable[[Clinic, datetime], object]] = []
# The people come all at once; their open causes have waited so long already.
WAITED = timedelta(weeks=6)
# The laboratory's own upper limits, in canonical units.
UPPER = {"ALT": 40, "AST": 40, "INR": 1.2}


def load(now: datetime) -> tuple[int, int]:
    """Loads who is missing: (newly loaded, there now)."""
    clinic = add_clinic()
    clinician = User.objects.get(username="clinician")
    there = set(Patient.objects.filter(clinic=clinic).values_list("mrn", flat=True))
    missing = [person for person in people(now, clinic.zone) if person.mrn not in there]
    for person in missing:
        add_person(person, clinic, clinician)
    if missing:
        let_wait(clinic, now)
    for add in more:
        add(clinic, now)
    return len(missing), len(there) + len(missing)


@transaction.atomic
def add_clinic() -> Clinic:
    clinic, _ = Clinic.objects.get_or_create(
        code=CODE, defaults={"name": "Hepatology demo", "time_zone": "Europe/London", "is_demo": True}
    )
    for username, (role, given, family) in STAFF.items():
        names = {"first_name": given, "last_name": family}
        user, new = User.objects.get_or_create(username=username, defaults=names)
        if new:
            user.set_password(PASSWORD)
            user.save()
        # A sign-in of this name that was there before keeps its password.
        Membership.objects.get_or_create(user=user, clinic=clinic, defaults={"role": role})
    return clinic


def add_person(person: Person, clinic: Clinic, by: User) -> Patient:
    with assess_once():
        patient = add_patient(
            clinic=clinic,
            by=by,
            mrn=person.mrn,
            family_name=person.family_name,
            given_name=person.given_name,
            sex=person.sex,
            birth_date=person.birth_date,
            died_on=person.died_on,
        )
        for draw in person.draws:
            add_draw(
                patient=patient,
                by=by,
                taken_at=draw.taken_at,
                readings=readings(draw),
                laboratory=draw.laboratory,
            )
        for diagnosis in person.diagnoses:
            add_diagnosis(patient=patient, by=by, **diagnosis)
        for event in person.events:
            add_event(patient=patient, by=by, **event)
        if person.anticoagulant:
            said = AnticoagulantSaid(person.anticoagulant)
            say_anticoagulant(patient=patient, by=by, said=said)
        for review in person.reviews:
            review_cause(patient=patient, by=by, **review)
        for contact in person.contacts:
            owner = {"owner": User.objects.get(username=contact["owner"])} if "owner" in contact else {}
            record_contact(patient=patient, by=by, **contact | owner)
        if person.left_out:
            leave_out(patient=patient, by=by, **person.left_out)
    return patient


def let_wait(clinic: Clinic, now: datetime) -> None:
    since = (now - WAITED).astimezone(clinic.zone).date()
    for row in Assessment.objects.filter(clinic=clinic, causes_open_since__isnull=False):
        row.open_since, row.causes_open_since = dict.fromkeys(row.open_since, since.isoformat()), since
        row.save(update_fields=["open_since", "causes_open_since"])


def readings(draw: DemoDraw) -> list[CheckedResult]:
    """Through the same check as typed results; a cell that it refuses is a mistake of ours."""
    found = []
    for analyte, cell in draw.cells.items():
        value, _, unit = cell.partition(" ")
        unit = unit or ANALYTES[analyte].unit
        upper = UPPER.get(analyte, ANALYTES[analyte].upper())
        given = "" if upper is None else f"{units.from_canonical(analyte, upper, unit):.4g}"
        reading, problems = read_result(test=analyte, value=value, unit=unit, upper=given)
        if reading is None:
            raise ValueError(f"demo: {analyte} {cell}: {problems[0].text}")
        found.append(reading)
    return found
