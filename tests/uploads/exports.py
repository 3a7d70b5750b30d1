"""Folders as a FHIR Bulk Data export leaves them, of invented people."""

import json
from collections.abc import Iterable
from pathlib import Path
from random import Random

from tests.uploads.importers.test_fhir import LOINC, PATIENT, observation

SERVER = "https://records.hospital.example/fhir"
INR = {"coding": [{"system": LOINC, "code": "6301-6"}]}
AST = {"coding": [{"system": LOINC, "code": "1920-8"}]}
OTHER = PATIENT | {
    "id": "q",
    "identifier": [{"value": "N-2"}],
    "name": [{"family": "Berg", "given": ["Ole"]}],
}
LABORATORY = {"resourceType": "Organization", "id": "l", "name": "Central laboratory"}


def result(key: str, **more) -> dict:
    """An ALT of 200 U/L of Ito, with an id."""
    return observation(id=key, **more)


def inr(key: str, value: float, **more) -> dict:
    return result(key, code=INR, valueQuantity={"value": value, "unit": "1"}, **more)


def record() -> list[dict]:
    """Two people with whatever refers from one resource to another."""
    here, there = {"reference": "Patient/p"}, {"reference": "Patient/q"}
    by = [{"reference": "Organization/l"}]
    return [
        PATIENT,
        OTHER,
        LABORATORY,
        {"resourceType": "Organization", "id": "m", "name": "North laboratory"},
        {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Sand"}]},
        {"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"}},
        {"resourceType": "Medication", "id": "w", "code": {"text": "warfarin"}},
        {
            "resourceType": "Specimen",
            "id": "s",
            "collection": {"collectedDateTime": "2025-04-01T08:00:00Z"},
        },
        result("a", performer=by),
        inr("b", 1.4, performer=[{"reference": "Practitioner/d", "display": "Sand"}, *by]),
        # The time and laboratory of the next come from its report, of the one behind it from its group's report.
        result("c", effectiveDateTime=None, subject=there),
        inr("d", 2.1, effectiveDateTime=None, subject=there),
        result(
            "g",
            valueQuantity=None,
            effectiveDateTime=None,
            subject=there,
            hasMember=[{"reference": "Observation/d"}],
        ),
        {
            "resourceType": "DiagnosticReport",
            "id": "r",
            "status": "partial",
            "code": {"text": "liver"},
            "subject": there,
            "effectiveDateTime": "2025-03-05T07:00:00Z",
            "performer": [{"reference": "Organization/m"}],
            "result": [{"reference": "Observation/c"}, {"reference": "Observation/g/_history/1"}],
        },
        result("f", effectiveDateTime=None, specimen={"reference": "Specimen/s"}),
        inr("h", 1.9, effectiveDateTime="2025-05-01T08:00:00Z"),
        {
            "resourceType": "Provenance",
            "id": "v",
            "target": [{"reference": "Observation/h"}],
            "recorded": "2025-05-01T09:00:00Z",
            "agent": [{"who": {"reference": "Organization/m"}}],
        },
        {
            "resourceType": "MedicationRequest",
            "id": "x",
            "status": "active",
            "intent": "order",
            "subject": here,
            "authoredOn": "2025-02-01",
            "medicationReference": {"reference": "Medication/w"},
        },
        {
            "resourceType": "Condition",
            "id": "k",
            "subject": there,
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "K74.6"}]},
            "recordedDate": "2019-05-01",
        },
        # Its results are within it, and bear ids that mean others elsewhere.
        {
            "resourceType": "DiagnosticReport",
            "id": "t",
            "status": "preliminary",
            "code": {"text": "liver"},
            "subject": here,
            "effectiveDateTime": "2025-06-01T07:00:00Z",
            "contained": [result("a", subject=None, effectiveDateTime=None)],
            "result": [{"reference": "#a"}],
        },
        # Two reports of one result, that name each other's group in a circle.
        inr("i", 2.4, effectiveDateTime="2025-07-01T08:00:00Z", hasMember=[{"reference": "Observation/j"}]),
        inr("j", 2.5, effectiveDateTime="2025-07-02T08:00:00Z", hasMember=[{"reference": "Observation/i"}]),
        # Of somebody who is not in the export.
        inr("n", 1.1, subject={"reference": "Patient/nobody"}),
    ]


def lines(resources: Iterable[dict]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in resources)


def write(folder: Path, **files: Iterable[dict] | bytes) -> Path:
    """`write(folder, Patient=[...])`: a file a type; bytes as they are."""
    folder.mkdir(exist_ok=True)
    for name, found in files.items():
        (folder / f"{name}.ndjson").write_bytes(found if isinstance(found, bytes) else lines(found))
    return folder


def scattered(folder: Path, resources: list[dict], chance: Random) -> Path:
    """Over files of random names in a random order."""
    folder.mkdir()
    resources = chance.sample(resources, len(resources))
    names = chance.sample("abcdefgh", chance.randint(1, 8))
    parts: dict[str, list[dict]] = {name: [] for name in names}
    for one in resources:
        parts[chance.choice(names)].append(one)
    return write(folder, **parts)


def manifest(folder: Path, *names: str, **more) -> None:
    output = [{"type": name.partition(".")[0], "url": f"{SERVER}/files/{name}"} for name in names]
    told = {
        "transactionTime": "2025-08-01T00:00:00Z",
        "request": f"{SERVER}/Group/liver/$export?_type=Patient,Observation",
        "requiresAccessToken": True,
        "output": output,
        "error": [],
    } | more
    (folder / "manifest.json").write_text(json.dumps(told, indent=1))
