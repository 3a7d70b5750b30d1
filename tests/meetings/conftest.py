"""A meeting next week with its chair, a colleague, and people whose summaries a test chooses itself."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership, Role, User
from meetings.actions.agenda import take
from meetings.actions.meetings import plan_meeting, start
from meetings.models import AgendaItem, Meeting
from patients.actions.assess import assess
from patients.models import Assessment, Diagnosis, Patient
from patients.worklist import PLACES
from tests.meetings.attending import everybody_came


@pytest.fixture
def colleague(clinic) -> User:
    user = User.objects.create_user("berg", password="liver-test", first_name="Ola", last_name="Berg")
    Membership.objects.create(user=user, clinic=clinic, role=Role.CLINICIAN)
    return user


@pytest.fixture
def plan(clinic, clinician):
    """plan(days=7, title=…): a meeting so many days ahead."""

    def plan(days: float = 7, **fields) -> Meeting:
        values = {"title": "Tuesday meeting", "chair": clinician} | fields
        starts_at = values.pop("starts_at", timezone.now() + timedelta(days=days))
        return plan_meeting(clinic=clinic, by=clinician, starts_at=starts_at, **values)

    return plan


@pytest.fixture
def meeting(plan) -> Meeting:
    return plan()


@pytest.fixture
def falling(patient: Patient, make_draw) -> Patient:
    """ALT fell from 120 to 40 while INR rose from 1.2 to 1.7 over five months, up to ten days ago."""
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    begin = datetime.now(UTC) - timedelta(days=160)
    for days, alt, inr in [(0, 120, 1.2), (75, 80, 1.4), (150, 40, 1.7)]:
        draw = make_draw(patient, begin + timedelta(days=days), ALT=(alt, 40), INR=(inr, 1.2), albumin=35)
        draw.received_at = draw.taken_at
        draw.save()
    assess([patient.pk])
    return patient


@pytest.fixture
def make_patient(clinic):
    """make_patient("Abel"): one more of the clinic, with an MRN of its own."""

    def make(family_name: str, **fields) -> Patient:
        values = {"clinic": clinic, "mrn": f"M-{family_name}", "birth_date": date(1960, 1, 1), "sex": "F"}
        return Patient.objects.create(family_name=family_name, **(values | fields))

    return make


@pytest.fixture
def summed(make_patient):
    """summed("Abel", grade="possible", …): a patient whose summary says this."""

    def summed(family_name: str, *, grade: str = "none", **fields) -> Patient:
        patient = fields.pop("patient", None) or make_patient(family_name)
        place = fields.pop("place", grade)
        Assessment.objects.create(
            patient=patient,
            clinic=patient.clinic,
            sort_name=family_name.lower(),
            grade=grade,
            base_grade=grade,
            grade_rank=PLACES.index(place),
            knowledge_version="test",
            **fields,
        )
        return patient

    return summed


@pytest.fixture
def begun(meeting, clinician):
    """begun(patient, …): the meeting in progress, all expected there, with these on its agenda; gives the
    items."""

    def begun(*patients: Patient) -> list[AgendaItem]:
        items = take(meeting=meeting, by=clinician, patients={patient: [] for patient in patients})
        start(meeting=meeting, by=clinician, early=True)
        everybody_came(meeting, clinician)
        meeting.refresh_from_db()
        for item in items:
            item.refresh_from_db()
            item.meeting = meeting
        return items

    return begun


@pytest.fixture
def item(begun, falling) -> AgendaItem:
    """The patient of the tests on the screen of a meeting in progress."""
    return begun(falling)[0]
