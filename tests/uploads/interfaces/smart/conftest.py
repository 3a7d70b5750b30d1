from urllib.parse import urlsplit

import pytest
import requests

from tests.uploads.interfaces.cds.record_system import resources
from tests.uploads.interfaces.cds.test_service import moved
from tests.uploads.interfaces.smart.record_system import CLIENT, SECRET, RecordSystem, running
from uploads.interfaces.cds.tokens import forget_keys
from uploads.interfaces.senders import add_launching_system
from uploads.interfaces.smart.clients import set_client


@pytest.fixture
def system():
    """A record system with one patient, who is not in this record."""
    forget_keys()
    made = RecordSystem()
    fill(made, "p-1", {"value": "R-7001"})
    with running(made) as found:
        yield found


def fill(system: RecordSystem, patient: str, identifier: dict, **person) -> None:
    """With the case of a vignette."""
    found = resources(moved("2 ACLF"), patient, identifier=[identifier], **person)
    name = {"family": "Quillfeather", "given": ["Ida"]}
    system.patients[patient] = found["patient"] | {"name": [name]}
    for key in ("results", "conditions", "statements"):
        system.resources += [entry["resource"] for entry in found[key]["entry"]]


@pytest.fixture
def registered(clinic, system):
    """This product as a client of it, with a secret."""
    sender = add_launching_system(clinic=clinic, name="Record system")
    return set_client(sender=sender, fhir_base=system.base, client_id=CLIENT, secret=SECRET)


@pytest.fixture
def launched(client, clinician, system, registered):
    """launched(**how) -> the answer to the way back from the record system, as the clinician's browser gets it."""

    def launched(browser=client, patient: str = "p-1"):
        return browser.get(back_from(begun(browser, system.launch(patient))))

    client.force_login(clinician)
    return launched


def begun(browser, query: str) -> str:
    """Where the browser is sent to sign in there."""
    return browser.get(f"/smart/launch?{query}").url


def back_from(address: str) -> str:
    """The person signs in there; the address back here."""
    answer = requests.get(address, allow_redirects=False, timeout=20)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


@pytest.fixture
def page(client, launched):
    """page() -> the visit as a page, all redirects followed."""

    def page(patient: str = "p-1"):
        return client.get(launched(patient=patient).url)

    return page


def text(response) -> str:
    return response.content.decode()
