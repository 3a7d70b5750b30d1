"""A record system as others run it: signs tokens, publishes its keys, supplies FHIR resources of a case."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from interpretation.record import analytes
from interpretation.record.records import Case
from patients.codes import CONDITIONS, DIAGNOSIS, EVENT, GIVEN

ISSUER = "https://records.example"


class KeySet:
    """`keys`: those that are published, by their id; each is made when it is first asked for."""

    def __init__(self) -> None:
        self.private: dict[str, object] = {}
        self.published: set[str] = set()
        self.asked = 0
        self.address = ""

    def key(self, kid: str, kind: str = "EC"):
        if kid not in self.private:
            made = (
                ec.generate_private_key(ec.SECP384R1())
                if kind == "EC"
                else rsa.generate_private_key(65537, 2048)
            )
            self.private[kid] = made
        return self.private[kid]

    def body(self) -> bytes:
        self.asked += 1
        return json.dumps({"keys": [self._public(kid) for kid in sorted(self.published)]}).encode()

    def _public(self, kid: str) -> dict:
        key = self.key(kid)
        kind = ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else RSAAlgorithm
        return json.loads(kind.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"}


@contextmanager
def published(keys: KeySet) -> Iterator[KeySet]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = keys.body()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *about: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    keys.address = f"http://127.0.0.1:{server.server_port}/jwks"
    try:
        yield keys
    finally:
        server.shutdown()
        server.server_close()


def token(
    keys: KeySet, address: str, *, kid: str = "one", algorithm: str = "ES384", headers=None, **claims
) -> str:
    now = int(time.time())
    said = {"iss": ISSUER, "aud": address, "iat": now, "exp": now + 300, "jti": str(uuid4())} | claims
    said = {name: value for name, value in said.items() if value is not None}
    key = keys.key(kid, "EC" if algorithm.startswith("ES") else "RSA")
    return jwt.encode(said, key, algorithm=algorithm, headers={"kid": kid, **(headers or {})})


def resources(case: Case, patient: str = "p-1", **person) -> dict[str, dict]:
    """The prefetch of a case: results, conditions and drugs, each a search set."""
    subject = {"reference": f"Patient/{patient}"}
    results = [
        _observation(draw.taken_at, draw.laboratory, result, subject)
        for draw in case.draws
        for result in draw.results
    ]
    conditions = [_condition(DIAGNOSIS, one.kind, one.noted_on, subject) for one in case.diagnoses]
    conditions += [
        _condition(EVENT, one.kind, one.started_at, subject) | _grade(one)
        for one in case.events
        if one.kind in CONDITIONS
    ]
    drugs = [_drug(one, subject) for one in case.events if one.kind in GIVEN]
    signs = [_sign(one, subject) for one in case.events if one.kind not in (*GIVEN, *CONDITIONS)]
    known = {"gender": "female", "birthDate": "1965-05-05"} | person
    return {
        "patient": {"resourceType": "Patient", "id": patient, **known},
        "results": bundle(results),
        "conditions": bundle(conditions + signs),
        "statements": bundle(drugs),
    }


def bundle(found: list[dict]) -> dict:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in found]}


def _observation(at: datetime, laboratory: str, result, subject: dict) -> dict:
    analyte = analytes.get(result.analyte)
    value = {"value": result.value, "unit": analyte.unit}
    limits = {"referenceRange": [{"high": {"value": result.upper_limit}}]} if result.upper_limit else {}
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": subject,
        "code": {
            "coding": [{"system": "http://loinc.org", "code": analyte.loinc[0], "display": analyte.name}]
        },
        "effectiveDateTime": at.isoformat(),
        "valueQuantity": value | ({"comparator": result.comparator} if result.comparator else {}),
        "performer": [{"display": laboratory}],
        **limits,
    }


def _condition(system: str, kind: str, on, subject: dict) -> dict:
    return {
        "resourceType": "Condition",
        "subject": subject,
        "code": {"coding": [{"system": system, "code": kind}]},
        "onsetDateTime": on.isoformat(),
    }


def _grade(event) -> dict:
    return {"stage": [{"summary": {"text": str(event.grade)}}]} if event.grade is not None else {}


def _drug(event, subject: dict) -> dict:
    coding = {"coding": [{"system": EVENT, "code": event.kind}]}
    return {
        "resourceType": "MedicationStatement",
        "status": "active" if event.ended_at is None else "completed",
        "subject": subject,
        "medicationCodeableConcept": coding | ({"text": event.label} if event.label else {}),
        "effectivePeriod": _period(event.started_at, event.ended_at),
        **({"dosage": [{"route": {"text": event.route}}]} if event.route else {}),
    }


def _sign(event, subject: dict) -> dict:
    """A diagnosis or flag that FHIR has no place for but Observation."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": subject,
        "code": {"coding": [{"system": EVENT, "code": event.kind}]},
        "effectivePeriod": _period(event.started_at, event.ended_at),
    }


def _period(start: datetime, end: datetime | None) -> dict:
    return {"start": start.isoformat()} | ({"end": end.isoformat()} if end else {})


def request_body(prefetch: dict | None = None, **changes) -> dict:
    body = {
        "hook": "patient-view",
        "hookInstance": str(uuid4()),
        "fhirServer": "https://records.example/fhir",
        "context": {"userId": "Practitioner/7", "patientId": "p-1"},
        "prefetch": prefetch,
    } | changes
    return {name: value for name, value in body.items() if value is not None}
