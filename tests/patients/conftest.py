"""Who is reviewed: a patient whose pattern is established, a colleague, and what a page has shown."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Clinic, Membership, Role, User
from patients.actions.assess import assess
from patients.models import Diagnosis, Patient
from patients.signing import present_for


@pytest.fixture
def colleague(clinic: Clinic) -> User:
    user = User.objects.create_user("colleague", password="liver-test", first_name="Ola", last_name="Berg")
    Membership.objects.create(user=user, clinic=clinic, role=Role.CLINICIAN)
    return user


@pytest.fixture
def established(patient: Patient, make_draw) -> Patient:
    """ALT fell from 120 to 40 while INR rose from 1.2 to 1.7 over five months, up to ten days ago."""
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    start = datetime.now(UTC) - timedelta(days=160)
    for days, alt, inr in [(0, 120, 1.2), (75, 80, 1.4), (150, 40, 1.7)]:
        make_draw(patient, start + timedelta(days=days), ALT=(alt, 40), INR=(inr, 1.2))
    assess([patient.pk])
    return patient


@pytest.fixture
def seen():
    """seen(patient): the fingerprint of the page as it is now."""
    return lambda patient: present_for(patient, timezone.now()).fingerprint
