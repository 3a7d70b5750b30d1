"""Patients, and whose resource another one is."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ..records import REFUSED, WAITING, Identity, Item, Numbers, PatientRow, Place, RowProblem
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
    numbers = numbers_of(resource, authority)
    if not numbers.all:
        return RowProblem(
            place.at("identifier"), "the patient has no identifier that could be the MRN. Add it.", REFUSED
        )
    if _is_replaced(resource):
        text = (
            "the sender marks this record of a person as replaced or no longer in use. Ask the "
            "sender which number holds."
        )
        return RowProblem(place.at("active"), text, WAITING)
    family, given = _name(resource)
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
    return PatientRow(place, numbers.words, family, given, sex, birth, death, numbers.several)


def is_whole(resource: dict, authority: str) -> bool:
    """Whether a contained patient, who often only says whose a result is, could be a person of the record."""
    return bool(numbers_of(resource, authority).all and _name(resource)[0] and resource.get("birthDate"))


def cells_of(resource: dict, authority: str) -> tuple[str, ...]:
    """The person as the file has it, the number first."""
    family, given = _name(resource)
    cells = (
        family or _text_name(resource),
        given,
        word(resource.get("birthDate")),
        word(resource.get("gender")),
    )
    return (numbers_of(resource, authority).words, *(cell[:200] for cell in cells))


def numbers_of(resource: dict, authority: str = "") -> Numbers:
    """The identifiers that are said to be medical record numbers, else those of no type; those of old use and
    ended periods are retired."""
    live, retired, today = [], [], datetime.now(UTC).date().isoformat()
    for one in items(resource.get("identifier")):
        value, system = word(one.get("value")), word(one.get("system"))
        kind = code_in(one.get("type"), _TYPES)
        if not value or kind not in ("MR", "") or (authority and system != authority):
            continue
        period = one.get("period")
        end = word(period.get("end")) if isinstance(period, dict) else ""
        if word(one.get("use")) == "old" or (end and end[:10] < today):
            retired.append(value)
        else:
            live.append((kind != "MR", value, system))
    best = min((rank for rank, _, _ in live), default=False)
    return Numbers.of([(value, system) for rank, value, system in live if rank == best], retired)


def subject_of(entry: BundleEntry, authority: str) -> FhirSubject:
    """By the patient in the bundle; by an identifier on the reference; last by the number in the reference.

    The last two name nobody's birth date: the number then speaks alone, and a person is asked. What is
    contained in a report and names nobody is of whom the report is.
    """
    reference = entry.resource.get("subject") or entry.resource.get("patient")
    if reference is None and entry.parent:
        return subject_of(entry.parent, authority)
    if not isinstance(reference, dict):
        return FhirSubject(problem="it names no patient (subject). Add it.")
    if patient := resolve(entry, reference):
        if patient.type != "Patient":
            return FhirSubject(
                problem=f"its subject is a {patient.type[:30]}, not a patient. Name the patient."
            )
        return _known(patient.resource, authority)
    numbers = numbers_of({"identifier": reference.get("identifier")}, authority)
    number = numbers.words
    kind, _, tail = word(reference.get("reference")).split("/_history/")[0].rpartition("/")
    if not number and not authority and kind.rpartition("/")[2] == "Patient":
        number = tail
    if not number:
        return FhirSubject(
            problem="its patient is not in the bundle, and the reference gives no number. Add the "
            "patient to the bundle."
        )
    return FhirSubject(number[:200], Identity(numbers=numbers.several))


def _known(patient: dict, authority: str) -> FhirSubject:
    numbers = numbers_of(patient, authority)
    if not numbers.all:
        return FhirSubject(problem="its patient has no identifier that could be the MRN. Add it.")
    if _is_replaced(patient):
        numbers = Numbers((), numbers.all)
    family, given = _name(patient)
    try:
        birth = read_date(patient.get("birthDate"))
    except ValueError as error:
        return FhirSubject(problem=f"date of birth: {error}")
    return FhirSubject(numbers.words, Identity(family, given, birth, numbers=numbers.several))


def _is_replaced(patient: dict) -> bool:
    links = items(patient.get("link"))
    return patient.get("active") is False or any(one.get("type") == "replaced-by" for one in links)


def _name(patient: dict) -> tuple[str, str]:
    """Family and given names; the official ones before others, never old ones. A text alone is read where it
    has one reading; the family name is blank where nobody can say which part it is, or it is masked."""
    for name in _names(patient):
        if family := word(name.get("family")):
            return family, _given(name)
    for name in _names(patient):
        if found := _apart(word(name.get("text")), _given(name)):
            return found
    return "", ""


def _text_name(patient: dict) -> str:
    return next((text for name in _names(patient) if (text := word(name.get("text")))), "")


def _names(patient: dict) -> list[dict]:
    names = [name for name in items(patient.get("name")) if word(name.get("use")) != "old"]
    return sorted(
        names,
        key=lambda name: _NAMES.index(use) if (use := word(name.get("use"))) in _NAMES else len(_NAMES),
    )


def _given(name: dict) -> str:
    given = name.get("given")
    return " ".join(filter(None, map(word, given))) if isinstance(given, list) else ""


def _apart(text: str, given: str) -> tuple[str, str] | None:
    """ "Suryani", "Kestrel, Ana", and "Ana Kestrel" beside the given name Ana."""
    family, comma, rest = (part.strip() for part in text.partition(","))
    if comma:
        return (family, rest) if family and "," not in rest else None
    if text and " " not in text:
        return (text, given) if text != given else None
    if given and text.startswith(f"{given} "):
        return text.removeprefix(f"{given} "), given
    return (text.removesuffix(f" {given}"), given) if given and text.endswith(f" {given}") else None
