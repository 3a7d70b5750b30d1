"""Patients, and whose resource another one is."""

from dataclasses import dataclass

from ..records import REFUSED, WAITING, Identity, Item, PatientRow, Place, RowProblem
from .bundle import BundleEntry, items, resolve
from .values import code_in, read_date, word

_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
_SEXES = {"male": "M", "female": "F", "other": "X", "unknown": "U", "": "U"}
_NAMES = ("official", "usual", "")


@dataclass(frozen=True)
class FhirSubject:
    mrn: str = ""
    identity: Identity | None = None
    problem: str = ""


def read(entry: BundleEntry, place: Place, authority: str) -> Item:
    resource = entry.resource
    mrn = number_of(resource, authority)
    if not mrn:
        return RowProblem(
            place.at("identifier"), "the patient has no identifier that could be the MRN.", REFUSED
        )
    if resource.get("active") is False or any(
        one.get("type") == "replaced-by" for one in items(resource.get("link"))
    ):
        text = "the sender marks this record of a person as replaced or no longer in use."
        return RowProblem(place.at("active"), text, WAITING)
    family, given = _name(resource)
    if not family:
        return RowProblem(place.at("name"), "the family name is missing. Fill it in.", REFUSED)
    try:
        birth, death = read_date(resource.get("birthDate")), read_date(resource.get("deceasedDateTime"))
    except ValueError as error:
        return RowProblem(place.at("birthDate"), str(error), REFUSED)
    if birth is None:
        return RowProblem(place.at("birthDate"), "the date of birth is missing. Fill it in.", REFUSED)
    if death and death < birth:
        return RowProblem(
            place.at("deceasedDateTime"), "the death is before the birth. Correct one.", REFUSED
        )
    sex = _SEXES.get(word(resource.get("gender")), "U")
    return PatientRow(place, mrn, family, given, sex, birth, death)


def cells_of(resource: dict, authority: str) -> tuple[str, ...]:
    """The person as the file has it, the number first."""
    family, given = _name(resource)
    cells = (family, given, word(resource.get("birthDate")), word(resource.get("gender")))
    return (number_of(resource, authority)[:200], *(cell[:200] for cell in cells))


def number_of(resource: dict, authority: str = "") -> str:
    """The identifier that is said to be a medical record number, else the first that is no old one."""
    found = []
    for one in items(resource.get("identifier")):
        value, system = word(one.get("value")), word(one.get("system"))
        if not value or word(one.get("use")) == "old" or (authority and system != authority):
            continue
        kind = code_in(one.get("type"), _TYPES)
        if kind in ("MR", ""):
            found.append((kind != "MR", value))
    return min(found, key=lambda pair: pair[0])[1] if found else ""


def subject_of(entry: BundleEntry, authority: str) -> FhirSubject:
    """By the patient in the bundle; by an identifier on the reference; last by the number in the reference.

    The last two name nobody's birth date: the number then speaks alone, and a person is asked.
    """
    reference = entry.resource.get("subject") or entry.resource.get("patient")
    if not isinstance(reference, dict):
        return FhirSubject(problem="it names no patient (subject).")
    if patient := resolve(entry, reference):
        if patient.type != "Patient":
            return FhirSubject(problem=f"its subject is a {patient.type[:30]}, not a patient.")
        return _known(patient.resource, authority)
    number = number_of({"identifier": reference.get("identifier")}, authority)
    kind, _, tail = word(reference.get("reference")).split("/_history/")[0].rpartition("/")
    if not number and not authority and kind.rpartition("/")[2] == "Patient":
        number = tail
    if not number:
        return FhirSubject(problem="its patient is not in the bundle, and the reference gives no number.")
    return FhirSubject(number[:200], Identity())


def _known(patient: dict, authority: str) -> FhirSubject:
    number = number_of(patient, authority)
    if not number:
        return FhirSubject(problem="its patient has no identifier that could be the MRN.")
    family, given = _name(patient)
    try:
        birth = read_date(patient.get("birthDate"))
    except ValueError as error:
        return FhirSubject(problem=f"date of birth: {error}")
    return FhirSubject(number, Identity(family, given, birth))


def _name(patient: dict) -> tuple[str, str]:
    """Family and given names; the official ones before others, never old ones."""
    names = [name for name in items(patient.get("name")) if word(name.get("use")) != "old"]
    names.sort(
        key=lambda name: _NAMES.index(use) if (use := word(name.get("use"))) in _NAMES else len(_NAMES)
    )
    for name in names:
        given = name.get("given")
        if family := word(name.get("family")):
            return family, " ".join(map(word, given)) if isinstance(given, list) else ""
    return "", ""
