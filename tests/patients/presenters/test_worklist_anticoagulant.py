"""The worklist says of whom nobody knows whether they take an anticoagulant, and finds them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from patients.actions.anticoagulant import AnticoagulantSaid, say_anticoagulant
from patients.actions.assess import assess
from patients.models import Patient

pytestmark = pytest.mark.django_db
LIST = "patients:worklist"


@pytest.fixture
def people(clinic, make_draw) -> dict[str, Patient]:
    """By name: raised and not raised, a day ago."""
    found = {}
    for name, inr in (("Raised", 1.6), ("Normal", 1.1)):
        fields = {"clinic": clinic, "mrn": name, "family_name": name, "birth_date": "1961-04-02", "sex": "F"}
        found[name] = Patient.objects.create(**fields)
        make_draw(found[name], timezone.now() - timedelta(days=1), INR=inr, ALT=(60, 40))
    assess(patient.pk for patient in found.values())
    return found


def rows(response) -> dict[str, bool]:
    lines = re.findall(r'<th scope="row">\s*<a [^>]*>([^<]+)</a>(.*?)</tr>', response.content.decode(), re.S)
    return {name: "anticoagulant not known" in line for name, line in lines}


@pytest.mark.parametrize("role", ["viewer", "clinician", "data_manager", "administrator"])
def test_the_row_of_a_raised_inr_says_it_to_everybody(client, request, role, people):
    client.force_login(request.getfixturevalue(role))
    response = client.get(reverse(LIST) + "?show=all")
    assert rows(response) == {"Raised": True, "Normal": False}
    assert len(re.findall("anticoagulant not known", response.content.decode())) == 1


def test_the_filter_finds_them(client, clinician, people):
    client.force_login(clinician)
    response = client.get(reverse(LIST) + "?anticoagulant=unknown")
    assert list(rows(response)) == ["Raised"]
    (chip,) = (chip for chip in response.context["filters"] if chip["key"] == "anticoagulant")
    assert (chip["label"], chip["number"], chip["on"]) == ("Anticoagulant not known", "1", True)
    assert response.context["kept"]["anticoagulant"] == "unknown"


def test_the_filter_counts_within_a_search(client, clinician, people):
    client.force_login(clinician)
    numbers = {}
    for name in people:
        filters = client.get(reverse(LIST) + f"?q={name}&anticoagulant=unknown", follow=True).context[
            "filters"
        ]
        numbers[name] = next(chip["number"] for chip in filters if chip["key"] == "anticoagulant")
    assert numbers == {"Raised": "1", "Normal": "0"}


def test_once_it_is_said_row_and_filter_go(client, clinician, people):
    say_anticoagulant(patient=people["Raised"], by=clinician, said=AnticoagulantSaid("none"))
    client.force_login(clinician)
    response = client.get(reverse(LIST) + "?show=all")
    assert rows(response) == {"Raised": False, "Normal": False}
    assert "anticoagulant" not in [chip["key"] for chip in response.context["filters"]]
