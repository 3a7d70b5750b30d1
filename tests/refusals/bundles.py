"""FHIR bundles that are refused, asked about or marked."""

import json

from tests.refusals.telling import FileCase, case
from tests.uploads.importers.test_cases_fhir import patient, report
from tests.uploads.importers.test_fhir import PATIENT, UCUM, bundle, drug, observation

Json = dict[str, object]


def raw(text: str | bytes) -> FileCase:
    return case(text.encode() if isinstance(text, str) else text, name="labs.json")


def of(*resources: Json, **how) -> FileCase:
    return case(bundle(*resources, **how), name="labs.json")


def obs(**more) -> FileCase:
    return of(observation(**more))


def person(**more) -> FileCase:
    return of(patient=patient(**more))


def coded(code: str) -> Json:
    return {"coding": [{"code": code}]}


def condition(text: str = "Cirrhosis", **more) -> FileCase:
    given = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/p"},
        "code": {"text": text},
        "verificationStatus": coded(more.pop("verified", "confirmed")),
    }
    return of(given | more)


def prescription(**more) -> FileCase:
    given = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "Warfarin"},
        "authoredOn": "2025-03-01",
    }
    return of(given | more)


def procedure(text: str = "TIPS", **more) -> FileCase:
    given = {
        "resourceType": "Procedure",
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "code": {"text": text},
        "performedDateTime": "2025-03-01T08:00:00Z",
    }
    return of(given | more)


def quantity(**more) -> Json:
    return {"value": 200, "unit": "U/L", "system": UCUM, "code": "U/L"} | more


def ranges(*found: Json) -> FileCase:
    return obs(referenceRange=list(found))


def nested(depth: int) -> Json:
    inner: Json = observation()
    for _ in range(depth):
        inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}]}
    return inner


ABSENT = coded("not-performed")
CODES = {
    "coding": [
        {"system": "http://loinc.org", "code": "1742-6"},
        {"system": "http://loinc.org", "code": "1920-8"},
    ]
}
FILES = {
    "XML": raw("<Bundle xmlns='http://hl7.org/fhir'/>"),
    "not UTF-8": raw(b'{"resourceType": "Bundle", "x": "\xff\xfe"}'),
    "cut off": raw('{"resourceType": "Bundle", "entry": ['),
    "no FHIR": raw('{"a": 1}'),
    "bundles in bundles": raw(json.dumps(nested(8))),
    "an entry that is no list": raw('{"resourceType": "Bundle", "type": "collection", "entry": {"a": 1}}'),
    "a number too long": raw('{"resourceType": "Bundle", "x": ' + "9" * 90 + "}"),
    "no number": raw('{"resourceType": "Bundle", "x": NaN}'),
    "a number beyond all": raw('{"resourceType": "Bundle", "x": 1e999999999999999999999}'),
    "nested too deep": raw('{"resourceType": "Bundle", "x": ' + "[" * 80 + "]" * 80 + "}"),
    "nothing of ours": of(
        {"resourceType": "Device", "id": "d"},
        {
            "resourceType": "DiagnosticReport",
            "status": "final",
            "code": {"text": "LFT"},
            "subject": {"reference": "Patient/p"},
        },
        {
            "resourceType": "DiagnosticReport",
            "status": "final",
            "code": {"text": "LFT"},
            "subject": {"reference": "Patient/p"},
            "result": [{"reference": "Observation/x"}],
        },
        observation(valueQuantity=None, hasMember=[{"reference": "Observation/y"}]),
    ),
    "a day alone": obs(effectiveDateTime="2025-03-01"),
}
ELEMENTS = {
    "no time zone": obs(effectiveDateTime="2025-03-01T08:00:00"),
    "no seconds": obs(effectiveDateTime="2025-03-01T08:00+01:00"),
    "an impossible date": obs(effectiveDateTime="2025-02-30"),
    "an impossible month": obs(effectiveDateTime="2025-13-01"),
    "an impossible hour": obs(effectiveDateTime="2025-03-01T25:00:00Z"),
    "a year alone": obs(effectiveDateTime="2025"),
    "an impossible birth": person(birthDate="1970-02-31"),
    "a birth in another form": person(birthDate="01.05.1970"),
    "a birth that is none": person(birthDate="1970-13-05"),
    "no number": obs(valueQuantity={"value": "many", "unit": "U/L"}),
    "two values": obs(valueString="5"),
    "an unknown element": obs(colour=1),
    "an element missing": obs(code=None),
    "no list": obs(category={"text": "x"}),
    "no text": obs(status=1),
    "no object": obs(subject="Patient/p"),
    "objects": obs(valueQuantity=[1]),
    "an empty text": obs(id=" "),
    "modifier": obs(modifierExtension=[{"url": "http://x/y", "valueBoolean": True}]),
}
VALUES = {
    "two codes": obs(code=CODES),
    "registered": obs(status="registered"),
    "an unknown status": obs(status="unknown"),
    "no time": obs(effectiveDateTime=None),
    "absent": obs(valueQuantity=None, dataAbsentReason=ABSENT),
    "nothing": obs(valueQuantity=None),
    "a boolean": obs(valueQuantity=None, valueBoolean=True),
    "two units": obs(valueQuantity=quantity(unit="ukat/L")),
    "two bounds": obs(valueQuantity=quantity(comparator="<"), interpretation=[{"coding": [{"code": ">"}]}]),
    "several ranges": ranges({"low": {"value": 7}}, {"low": {"value": 8}}),
    "a range in another unit": ranges({"low": {"value": 7, "unit": "ukat/L"}}),
    "a report that was cancelled": of(
        observation(id="o"),
        {
            "resourceType": "DiagnosticReport",
            "status": "cancelled",
            "code": {"text": "LFT"},
            "subject": {"reference": "Patient/p"},
            "result": [{"reference": "Observation/o"}],
        },
    ),
    "a report taken back without its results": of(
        observation(),
        {
            "resourceType": "DiagnosticReport",
            "status": "entered-in-error",
            "code": {"text": "LFT"},
            "subject": {"reference": "Patient/p"},
            "result": [{"reference": "Observation/elsewhere"}],
        },
    ),
    "cancelled": obs(status="cancelled", valueQuantity=None, dataAbsentReason=ABSENT),
}
WHOSE = {
    "no number": person(identifier=None),
    "replaced": person(active=False),
    "no birth": person(birthDate=None),
    "dead before birth": person(deceasedDateTime="1960-01-01"),
    "no subject": obs(subject=None),
    "a subject that is none": of(
        observation(subject={"reference": "Device/d"}), {"resourceType": "Device", "id": "d"}
    ),
    "a patient without a number": of(observation(), patient=patient(identifier=None)),
    "a patient not in the bundle": of(observation(subject={"display": "Ito"}), patient=None),
    "a number alone": of(observation(subject={"reference": "Patient/N-1"}), patient=None),
    "a birth that cannot be": of(observation(), patient=PATIENT | {"birthDate": "1970"}),
    "no family name": of(
        observation(), patient=patient(identifier=[{"value": "N-9"}], name=[{"text": "Mai X Y"}])
    ),
    "several numbers": of(observation(), patient=patient(identifier=[{"value": "N-1"}, {"value": "N-2"}])),
    "a contained report": of(report(PATIENT, {**observation(subject=None), "id": "o"})),
}
HISTORIES = {
    "refuted": condition(verified="refuted"),
    "refuted, and in the record": case(
        *condition().files, *condition(verified="refuted").files, name="labs.json"
    ),
    "provisional": condition(verified="provisional"),
    "an unknown diagnosis": condition("Gout"),
    "ends first": condition(onsetDateTime="2025-03-01", abatementDateTime="2024-03-01"),
    "an event without a date": condition("Ascites"),
    "an unknown event": procedure("Walk"),
    "not done": procedure(status="not-done"),
    "an event that ends first": procedure(
        performedDateTime=None,
        performedPeriod={"start": "2025-03-01T08:00:00Z", "end": "2025-02-01T08:00:00Z"},
    ),
    "one zone": procedure(
        performedDateTime=None, performedPeriod={"start": "2025-03-01T08:00:00Z", "end": "2025-03-02"}
    ),
    "not taken": of(drug(status="not-taken")),
    "on hold": of(drug(status="on-hold")),
    "an unknown drug": of(drug("Aspirin")),
    "active, and ended": condition(
        clinicalStatus=coded("active"), onsetDateTime="2024-03-01", abatementDateTime="2025-03-01"
    ),
    "over, since no day": condition(clinicalStatus=coded("resolved"), onsetDateTime="2024-03-01"),
    "taken until no day": of(drug(status="completed")),
    "prescribed": prescription(),
    "prescribed, not to be given": prescription(doNotPerform=True),
    "prescribed as a plan": prescription(intent="plan"),
    "prescribed without a date": prescription(authoredOn=None),
    "prescribed, on hold": prescription(status="on-hold"),
    "prescribed until no day": prescription(status="completed"),
    "deleted by the sender": raw(
        json.dumps(
            {
                "resourceType": "Bundle",
                "type": "history",
                "entry": [
                    {"resource": PATIENT},
                    {"request": {"method": "DELETE", "url": "Observation/o"}},
                ],
            }
        )
    ),
}
GROUPS = {
    "bundles": FILES,
    "bundle_elements": ELEMENTS,
    "bundle_values": VALUES,
    "bundle_people": WHOSE,
    "bundle_histories": HISTORIES,
}
