"""Real results as other systems send them: lines of CSV as HL7 v2 messages and as a FHIR bundle."""

import csv
import json
from datetime import UTC, datetime


def as_oru(people: list[str], labs: list[str]) -> bytes:
    """A message a result, as a laboratory sends them one by one."""
    born = {row["mrn"]: row["birth_date"].replace("-", "") for row in csv.DictReader(people)}
    found = []
    for number, row in enumerate(csv.DictReader(labs), 1):
        taken = datetime.fromisoformat(row["collected_at"]).strftime("%Y%m%d%H%M%S")
        limits = f"{row['ref_low']}-{row['ref_high']}" if row["ref_low"] and row["ref_high"] else ""
        found += [
            rf"MSH|^~\&|LIS||||20250301||ORU^R01|{number}|P|2.5.1",
            f"PID|1||{row['mrn']}^^^^MR||Demo||{born[row['mrn']]}",
            f"OBR|1|||^Panel|||{taken}",
            f"OBX|1|ST|^{row['test']}^L||{row['value']}|{row['unit']}|{limits}||||F",
        ]
    return "\r".join(found).encode()


def as_fhir(people: list[str], labs: list[str]) -> bytes:
    """One bundle of people and observations; FHIR has no time without a zone: the clinic's is UTC."""
    resources = []
    for row in csv.DictReader(people):
        sex = {"F": "female", "M": "male"}[row["sex"]]
        name = [{"family": row["family_name"], "given": [row["given_name"]]}]
        who = {"resourceType": "Patient", "id": row["mrn"], "identifier": [{"value": row["mrn"]}]}
        resources.append(who | {"name": name, "gender": sex, "birthDate": row["birth_date"]})
    resources += [_observation(row) for row in csv.DictReader(labs)]
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def _observation(row: dict) -> dict:
    sign = row["value"][:1] if row["value"][:1] in "<>" else ""
    quantity = {"value": float(row["value"].lstrip("<>")), "comparator": sign, "unit": row["unit"]}
    ends = {"low": row["ref_low"], "high": row["ref_high"]}
    limits = {name: {"value": float(limit)} for name, limit in ends.items() if limit}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": row["test"]},
        "subject": {"reference": f"Patient/{row['mrn']}"},
        "effectiveDateTime": datetime.fromisoformat(row["collected_at"]).replace(tzinfo=UTC).isoformat(),
        "valueQuantity": {name: value for name, value in quantity.items() if value != ""},
    } | ({"referenceRange": [limits]} if limits else {})
