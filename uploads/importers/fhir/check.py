"""Whether a resource is what FHIR R4 says it is: the models of `fhir.resources`, loaded when first needed."""

import re
from functools import cache
from typing import TYPE_CHECKING

from patients.values.dates import why_impossible

from ..dates import YEARS
from ..signs import one_line

if TYPE_CHECKING:
    from fhir_core.fhirabstractmodel import FHIRAbstractModel

TYPES = (
    "Patient", "Observation", "DiagnosticReport", "Condition", "Procedure", "MedicationStatement",
    "MedicationAdministration", "MedicationRequest",
)  # fmt: skip


# What many resources of a file have in common, and what stands for it where it must be there.
_ALIKE = ("category", "code", "encounter", "method", "performer", "referenceRange", "subject")
_NEEDED = {
    "code": ("CodeableConcept", {"text": "as before"}),
    "subject": ("Reference", {"display": "as before"}),
}
_MOST = 10_000


class RightParts(set[tuple[str, str, str]]):
    """Parts that were found right in one reading, each with its type and element: half of the work is to look at
    the same ones again. Whether a part is right depends on nothing beside it."""

    def rest(self, resource: dict) -> tuple[dict, list[tuple[str, str, str]]]:
        """What is still to be looked at, and the parts of it that will then be known."""
        rest, new = dict(resource), []
        for name in _ALIKE:
            if not isinstance(part := resource.get(name), dict | list):
                continue
            key = (resource["resourceType"], name, repr(part))
            if key not in self:
                new.append(key)
            elif name in _NEEDED:
                rest[name] = _right_one(name)
            else:
                del rest[name]
        return rest, new[: max(0, _MOST - len(self))]


def complaint(resource: dict, zoned: bool = False, right: RightParts | None = None) -> tuple[str, str]:
    """(path, sentence) of the first thing that is wrong and what mends it; empty strings where nothing is.

    `zoned`: times may lack their zone, since the sender's is known. `right`: what was found right before.
    """
    from pydantic import ValidationError

    right = RightParts() if right is None else right
    try:
        rest, new = right.rest(resource)
        _model(resource["resourceType"]).model_validate(_with_zones(rest) if zoned else rest)
        right.update(new)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        path = ".".join(str(part) for part in first["loc"]) or resource["resourceType"]
        # What a person's own resource holds is said nowhere.
        given = first["input"] if resource["resourceType"] != "Patient" else None
        return one_line(path)[:70], _sentence(first["type"], first["msg"], given, _impossible(first["input"]))
    except (ValueError, TypeError, RecursionError, OverflowError, AttributeError, KeyError):
        return resource["resourceType"], "it cannot be read as FHIR R4. Export it again."
    return "", ""


def _with_zones(found: object) -> object:
    """A copy in which no time lacks a zone: for the check alone."""
    if isinstance(found, dict):
        return {name: _with_zones(part) for name, part in found.items()}
    if isinstance(found, list):
        return [_with_zones(part) for part in found]
    return f"{found}Z" if isinstance(found, str) and _NO_ZONE.fullmatch(found) else found


def _sentence(kind: str, message: str, given: object, impossible: str) -> str:
    if kind.startswith(("datetime_", "date_")) or impossible:
        why = f": {impossible}" if impossible and given is not None else " or time"
        return f"{_shown(given)} is an impossible date{why}. Correct it."
    for name, words in _FORMS.items():
        if name in message:
            bare = isinstance(given, str) and name != "Date value" and _NO_ZONE.fullmatch(given)
            return f"{_shown(given)} {_ZONE.format(bare[1]) if bare else words}"
    return _WORDS.get(kind, "it is not as FHIR R4 defines it. Compare this element with the standard.")


def _impossible(given: object) -> str:
    """Why a text that begins as a date is none of the calendar, "" for any other."""
    found = _DAY.match(given) if isinstance(given, str) else None
    return why_impossible(*map(int, found.groups())) if found and int(found[1]) in YEARS else ""


def _shown(given: object) -> str:
    return f"“{one_line(given)[:30]}”" if isinstance(given, str) else "this"


@cache
def _right_one(name: str) -> object:
    """The model's own object, at which it looks no more."""
    kind, content = _NEEDED[name]
    return _model(kind).model_validate(content)


@cache
def _model(name: str) -> type["FHIRAbstractModel"]:
    # The models are heavy: whoever uploads no FHIR never waits for them.
    from fhir.resources.R4B import get_fhir_model_class

    return get_fhir_model_class(name)


_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?![0-9])")
_NO_ZONE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?")
_ZONE = (
    "has no time zone. Write it with its zone, such as {0}+01:00, or say under Senders in which zone this "
    "sender writes."
)
_TIME = "is not a time as FHIR writes it: 2025-02-28T08:30:00+01:00, with seconds and zone, or 2025-02-28."
# What the models say of a text that has not its form.
_FORMS = {
    "DateTime value": _TIME,
    "Instant value": _TIME,
    "Date value": "is not a date as FHIR writes it: 2025-02-28.",
    "Decimal value": "is not a number. Send the number alone, such as 88, and words as valueString.",
    "got multiple": "has several values of which one is allowed. Leave one.",
}
_WORDS = {
    "extra_forbidden": "FHIR R4 knows no such element. Leave it out or correct its name.",
    "missing": "this element is missing. Add it.",
    "model_missing": "this element is missing. Add it.",
    "model_field_validation.missing": "this element is missing. Add it.",
    "list_type": "FHIR R4 has a list here: write it in square brackets.",
    "string_type": "FHIR R4 has a text here: write it in quotation marks.",
    "string_pattern_mismatch": "this is empty or holds signs that FHIR R4 does not allow here. Correct it.",
    "json_invalid": "FHIR R4 has an object here, with named parts in braces.",
    "model_validation_format": "FHIR R4 has one object here, with named parts in braces.",
}
