"""A browser keeps titles and addresses: no name of a patient and no whole MRN stands in one."""

import re

import pytest

from patients.words import discreet
from tests.test_permissions import NEVER, OURS, TABLE, address, things  # noqa: F401 (a fixture)

TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
PAGES = sorted(
    name for name in TABLE if name in OURS and TABLE[name][0] != NEVER and TABLE[name][0][3] == "o"
)
OF_PATIENT = {"patients:detail", "patients:summary", "patients:draw-add", "meetings:item", "meetings:letter"}


@pytest.mark.parametrize("name", PAGES)
def test_no_title_names_a_patient(name, client, clinician, patient, things):  # noqa: F811
    client.force_login(clinician)
    response = client.get(address(name, things))
    if response.streaming:
        b"".join(response)
        return
    if not response["Content-Type"].startswith("text/html"):
        return
    titles = TITLE.findall(response.content.decode())
    assert not re.search(r"okafor|\bada\b|n-100", " ".join(titles), re.IGNORECASE)
    if name in OF_PATIENT:
        assert "AO …100" in titles[0]


@pytest.mark.parametrize(
    ("given", "family", "mrn", "told"),
    [
        ("Ada", "Okafor", "N-100", "AO …100"),
        ("Ana María", "de la Cruz", "0012345", "AMDLC …345"),
        ("", "øst", "7", "Ø …7"),
        ("", "", "12", " …12"),
    ],
)
def test_a_title_holds_initials_and_the_end_of_the_mrn(patient, given, family, mrn, told):
    patient.given_name, patient.family_name, patient.mrn = given, family, mrn
    assert discreet(patient) == told.strip()
