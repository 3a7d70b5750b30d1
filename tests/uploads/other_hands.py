"""Our FHIR read by two libraries that others wrote, and written again by them."""

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from urllib.parse import urlsplit

from django.test import Client
from fhir.resources.R4B.bundle import Bundle
from fhirclient.models import (
    condition,
    diagnosticreport,
    medicationstatement,
    observation,
    patient,
    procedure,
)
from fhirclient.models.bundle import Bundle as ClientBundle
from fhirclient.server import FHIRServer
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

HOST = "http://testserver"
KINDS = {
    "DiagnosticReport": diagnosticreport.DiagnosticReport,
    "Observation": observation.Observation,
    "Condition": condition.Condition,
    "MedicationStatement": medicationstatement.MedicationStatement,
    "Procedure": procedure.Procedure,
}
Rewriter = Callable[[str], bytes]


def by_fhir_resources(text: str) -> bytes:
    """Strictly checked; every number, time and code is the library's own object in between."""
    return Bundle.model_validate_json(text).model_dump_json().encode()


def by_fhirclient(text: str) -> bytes:
    """SMART's client, strict too; numbers are binary in between, so that 1.10 becomes 1.1."""
    return json.dumps(ClientBundle(json.loads(text)).as_json()).encode()


LIBRARIES: dict[str, Rewriter] = {"fhir.resources": by_fhir_resources, "fhirclient": by_fhirclient}


# --- the read API ---


def read_by_fhir_resources(token: str, mrn: str) -> bytes:
    """All of a patient: every page of every type as the library's bundle, its links followed."""
    pages = list(_pages(token, f"{HOST}/fhir/Patient?identifier={mrn}"))
    id = pages[0].entry[0].resource.id
    for kind in KINDS:
        pages += _pages(token, f"{HOST}/fhir/{kind}?patient={id}&_count=7")
    entries = [entry for page in pages for entry in page.entry or ()]
    found = [{"resource": json.loads(entry.resource.model_dump_json())} for entry in entries]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": found}).encode()


def _pages(token: str, address: str) -> Iterator[Bundle]:
    while address:
        answer = Client().get(address, headers={"Authorization": f"Bearer {token}"})
        page = Bundle.model_validate_json(answer.content)
        yield page
        address = next((link.url for link in page.link if link.relation == "next"), "")


def read_by_fhirclient(token: str, mrn: str) -> bytes:
    """All of a patient, asked for and paged through by the library itself."""
    server = _server(token)
    (person,) = patient.Patient.where({"identifier": mrn}).perform_resources_iter(server)
    found = [person]
    for kind in KINDS.values():
        found += kind.where({"patient": person.id, "_count": "7"}).perform_resources_iter(server)
    entries = [{"resource": resource.as_json()} for resource in found]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


READERS = {"fhir.resources": read_by_fhir_resources, "fhirclient": read_by_fhirclient}


def _server(token: str) -> FHIRServer:
    server = FHIRServer(None, base_uri=f"{HOST}/fhir/")
    server.session.mount(HOST, _ThroughDjango())
    server.session.headers["Authorization"] = f"Bearer {token}"
    return server


class _ThroughDjango(BaseAdapter):
    """Answers the library's requests without a socket."""

    def send(self, request: PreparedRequest, **how: object) -> Response:
        address = urlsplit(request.url or "")
        asked = Client().get(f"{address.path}?{address.query}", headers=dict(request.headers))
        answer = Response()
        answer.status_code, answer.url = asked.status_code, request.url
        answer.raw = HTTPResponse(BytesIO(asked.content), headers=asked.headers, preload_content=False)
        answer.headers.update(asked.headers)
        return answer

    def close(self) -> None:
        """Nothing is open."""
