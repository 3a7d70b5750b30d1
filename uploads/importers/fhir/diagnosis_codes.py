"""Which of our diagnoses and events a public code means (`data/diagnosis_codes.toml`)."""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

FILE = Path(__file__).parents[2] / "data" / "diagnosis_codes.toml"
SNOMED = "http://snomed.info/sct"
# The names of ICD-10 in FHIR begin like this; its object identifiers say so by number.
_ICD10 = ("http://hl7.org/fhir/sid/icd-10", "urn:oid:2.16.840.1.113883.6.3", "urn:oid:2.16.840.1.113883.6.90")
_GERMAN = "icd-10"


def kinds_of(codings: Iterable[tuple[str, str, str]], group: str) -> set[str]:
    """`group`: "diagnosis" or "event". Each coding: system, code, display."""
    return {kind for system, code, _ in codings for kind in _kinds(system, code, _listed(group))}


def is_icd(system: str) -> bool:
    return "icd" in system.casefold() or system.startswith(_ICD10)


def _kinds(system: str, code: str, listed: dict) -> list[str]:
    if system == SNOMED:
        return [kind for kind, codes in listed.items() if code in codes["snomed"]]
    if not (system.startswith(_ICD10) or _GERMAN in system.casefold()):
        return []
    bare = _bare(code)
    return [kind for kind, codes in listed.items() if bare.startswith(tuple(map(_bare, codes["icd10"])))]


def _bare(code: str) -> str:
    return code.replace(".", "").upper()


@cache
def _listed(group: str) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))[group]
