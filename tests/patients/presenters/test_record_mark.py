"""The mark by which a page knows whether its record has changed since."""

import re

import pytest
from django.urls import reverse

from accounts.models import PatientAccess
from patients.models import AssessmentMark

HTMX = {"HX-Request": "true"}
POLL = {"X-Poll": "1"}


@pytest.fixture
def ask(client, clinician, patient):
    """The mark that the server gives to a page that is come back to."""
    client.force_login(clinician)
    return lambda: client.get(reverse("patients:mark", args=[patient.uuid]), headers=POLL).content.decode()


def carried(response) -> str:
    return re.search(r'data-mark="([^"]+)"', response.content.decode())[1]


def exclude(client, patient, **more):
    address = reverse("patients:cause-review", args=[patient.uuid, "vitamin_k_deficiency"])
    return client.post(address, {"verdict": "excluded", "seen": ""}, **more)


def test_a_page_carries_the_mark_of_its_record(client, patient, make_draw, ask):
    make_draw(patient, "2026-01-01T08:00", ALT=112, INR=1.2)
    page = client.get(reverse("patients:detail", args=[patient.uuid]))
    assert carried(page) == ask()
    saved = exclude(client, patient, headers=HTMX)
    assert carried(saved) == ask() != carried(page)


def test_what_a_large_file_brought_counts_before_it_is_assessed(client, patient, make_draw, ask):
    make_draw(patient, "2026-01-01T08:00", ALT=112, INR=1.2)
    before = ask()
    AssessmentMark.objects.create(patient=patient, clinic=patient.clinic, changed=True)
    assert ask() != before


def test_to_ask_takes_no_message_and_logs_no_second_look(client, patient, ask):
    client.get(reverse("patients:detail", args=[patient.uuid]))
    exclude(client, patient)
    looks = PatientAccess.objects.count()
    ask()
    assert PatientAccess.objects.count() == looks
    assert b"excluded, saved" in client.get(reverse("patients:detail", args=[patient.uuid])).content
