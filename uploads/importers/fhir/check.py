"""Whether a resource is what FHIR R4 says it is: the models of `fhir.resources`, loaded when first needed."""

from functools import cache

from ..signs import one_line

TYPES = (
    "Patient", "Observation", "DiagnosticReport", "Condition", "Procedure", "MedicationStatement",
    "MedicationAdministration",
)  # fmt: skip


def complaint(resource: dict) -> tuple[str, str]:
    """(path, sentence) of the first thing that is wrong; two empty strings where nothing is."""
    from pydantic import ValidationError

    try:
        _model(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        path = ".".join(str(part) for part in first["loc"]) or resource["resourceType"]
        return one_line(path)[:70], _WORDS.get(first["type"], "it is not as FHIR R4 defines it") + "."
    except (ValueError, TypeError, RecursionError, OverflowError, AttributeError, KeyError):
        return resource["resourceType"], "it cannot be read as FHIR R4."
    return "", ""


@cache
def _model(name: str):
    # The models are heavy: whoever uploads no FHIR never waits for them.
    from fhir.resources.R4B import get_fhir_model_class

    return get_fhir_model_class(name)


_WORDS = {
    "extra_forbidden": "FHIR R4 knows no such element",
    "missing": "this element is missing",
    "model_missing": "this element is missing",
}
