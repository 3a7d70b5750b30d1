"""Whether what is said of somebody is said of the same person: names, date of birth and sex beside one another."""

from interpretation.words import listed
from patients.models import Patient
from uploads.importers.hl7v2.people import PersonSaid
from uploads.matching.people import fold_family

FIELDS = ("family_name", "given_name", "birth_date", "sex")


def differing(patient: Patient, other: Patient | PersonSaid) -> list[str]:
    """What differs of the two, in words; what one of them does not say differs from nothing."""
    found = []
    if _other_text(patient.family_name, other.family_name):
        found.append("family name")
    if _other_given(patient.given_name, other.given_name):
        found.append("given name")
    if other.birth_date and patient.birth_date != other.birth_date:
        found.append("date of birth")
    if {patient.sex, other.sex} in ({"F", "M"},):
        found.append("sex")
    if isinstance(other, Patient) and patient.died_on and other.died_on and patient.died_on != other.died_on:
        found.append("date of death")
    return found


def may_be_another(patient: Patient, said: PersonSaid) -> str:
    """Why a change of somebody's details may be about somebody else: two of three that name a person differ.

    Twins share family name and date of birth: another given name beside another sex counts as well. Another
    sex beside any other one detail is a correction.
    """
    found = [name for name in differing(patient, said) if name != "date of death"]
    if "given name" not in found:
        found = [name for name in found if name != "sex"]
    return f"{listed(found)} differ" if len(found) > 1 else ""


def changes(patient: Patient, said: PersonSaid) -> dict:
    """The fields that become others; what the message leaves out stays."""
    fields = {name: getattr(said, name) for name in FIELDS}
    found = {name: value for name, value in fields.items() if value and getattr(patient, name) != value}
    if said.mrn and said.mrn != patient.mrn and patient.mrn in said.numbers.retired:
        found["mrn"] = said.mrn
    return found


def _other_text(one: str, other: str) -> bool:
    return bool(one and other) and fold_family(one) != fold_family(other)


def _other_given(one: str, other: str) -> bool:
    """The first of several given names tells: Mai and Mai Lin are one."""
    return bool(one and other) and fold_family(one.split()[0]) != fold_family(other.split()[0])
