"""A silent clinic shows no reading at any address, and values, charts, entry and uploads work as ever."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Clinic
from interpretation.report import interpret
from patients.actions.assess import assess
from patients.imprints.memory import MEMORY
from patients.models import Assessment, Diagnosis, Event, Notice, Patient
from patients.report.panel import case_for
from tests.test_permissions import NEVER, OURS, TABLE, address
from tests.test_permissions import things as things

pytestmark = pytest.mark.django_db
ROLES = ("viewer", "clinician", "data_manager", "administrator")
# What stands on them is of no clinic: the knowledge itself.
GENERAL = {name for name in TABLE if name.startswith("patients:knowledge")}
READABLE = sorted(name for name in TABLE if name in OURS and TABLE[name][0] != NEVER and name not in GENERAL)
# Of the patient of the walk: falling ALT, rising INR, cirrhosis, jaundice and encephalopathy.
GRADE = re.compile(r"\b[Cc]ritical\b|\b[Ee]stablished\b|[Nn]ot interpretable|(?<!Liver )\b[Dd]issociation")
URGENCY = re.compile(r"“today”|For today|24 to 48 h|1 to 2 weeks|within 4 weeks|today, and why")
SHAPE = re.compile(r'class="[^"]*\b(critical|established|possible|act-today|untaken)\b')


@pytest.fixture
def ill(patient: Patient, make_draw) -> Patient:
    """Critical and for today, with a notice."""
    Diagnosis.objects.get_or_create(patient=patient, kind="cirrhosis")
    start = datetime.now(UTC) - timedelta(days=151)
    for days, alt, inr, bilirubin in [(0, 220, 1.2, 20), (75, 120, 1.6, 80), (150, 40, 2.8, 240)]:
        values = {"ALT": (alt, 40), "INR": (inr, 1.2), "bilirubin_total": (bilirubin, 21)}
        make_draw(patient, start + timedelta(days=days), **values)
    kind = {"kind": "encephalopathy", "grade": 2, "started_at": datetime.now(UTC) - timedelta(hours=20)}
    Event.objects.create(patient=patient, **kind)
    assess([patient.pk])
    return patient


@pytest.fixture
def silent(clinic: Clinic) -> Clinic:
    Clinic.objects.filter(pk=clinic.pk).update(is_silent=True, silent_why="Before the figures are known")
    MEMORY.clear()
    return clinic


def shown(response) -> str:
    """All that a person may come to read or hear, without addresses."""
    body = b"".join(response) if response.streaming else response.content
    text = body.decode(errors="replace")
    return unescape(re.sub(r'\s(href|hx-[a-z]+|action)="[^"]*"', " ", text))


def told(text: str, patient: Patient) -> set[str]:
    """What of the reading stands there: words of grade and urgency, their shapes, sentences, the notice."""
    found = {match[0] for kind in (GRADE, URGENCY, SHAPE) for match in kind.finditer(text)}
    return found | {sentence for sentence in sentences(patient) if sentence and sentence in text}


def sentences(patient: Patient) -> set[str]:
    report = interpret(case_for(patient, timezone.now()))
    stored = Assessment.objects.get(patient=patient)
    notices = Notice.objects.filter(clinic=patient.clinic)
    told = {report.dissociation.headline, report.dissociation.sentence, report.urgency.in_short, stored.reason}
    told |= {reason.text for reason in report.urgency.reasons} | set(report.top.values())
    return told | {text for notice in notices for text in (notice.in_short, notice.reason)}


def answer(user, name: str, things: dict):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client.get(address(name, things))


def walk(user, things: dict, patient: Patient) -> dict[str, set[str]]:
    """By address what of the reading it tells."""
    answers = {name: answer(user, name, things) for name in READABLE}
    found = {name: told(shown(got), patient) for name, got in answers.items()}
    return {name: words for name, words in found.items() if words}


@pytest.mark.parametrize("role", ROLES)
def test_no_address_tells_a_reading(role, request, silent, things, ill):
    assert walk(request.getfixturevalue(role), things, ill) == {}


def test_the_walk_finds_readings_where_they_are_shown(clinician, things, ill):
    """Else the test above could not fail."""
    found = walk(clinician, things, ill)
    must = "worklist detail notices requests summary ribbon changes population-point score signoff chart"
    assert {f"patients:{name}" for name in must.split()} - found.keys() - {"patients:chart"} == set()
    assert {"meetings:detail", "meetings:item", "meetings:present", "meetings:figures"} <= found.keys()
