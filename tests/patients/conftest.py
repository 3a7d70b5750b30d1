"""Who is reviewed: a patient whose pattern is established, a colleague, and what a page has shown."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Clinic, Membership, Role, User
from patients.actions.assess import assess
from patients.actions.contacts import leave_out, record_contact
from patients.models import Contact, Diagnosis, LeftOut, Patient
from patients.review.signing import present_for
from tests.patients.asking import CORE, today


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


@pytest.fixture
def overdue(patient, make_draw) -> Patient:
    """All eight tests last done 300 days ago in cirrhosis."""
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    make_draw(patient, timezone.now() - timedelta(days=300), **CORE, INR=1.1)
    assess([patient.pk])
    return patient


@pytest.fixture
def ask(overdue, clinician):
    """ask(next_on=...): a telephone call of today that nobody answered."""

    def ask(by=None, **given) -> Contact:
        given = {"kind": "telephone", "outcome": "no_answer", "made_on": today()} | given
        if given.get("next_on"):
            given = {"owner": clinician} | given
        return record_contact(patient=overdue, by=by or clinician, **given)

    return ask


@pytest.fixture
def leave(overdue, clinician):
    def leave(by=None, **given) -> LeftOut:
        given = {"reason": "moved", "starts_on": today()} | given
        return leave_out(patient=overdue, by=by or clinician, **given)

    return leave
