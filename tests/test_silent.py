"""A silent clinic shows no reading at any address, and values, charts, entry and uploads work as ever."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Clinic, Membership
from interpretation.report import interpret
from patients.actions.assess import assess
from patients.imprints.memory import MEMORY
from patients.models import Assessment, Diagnosis, Event, Notice, Patient
from patients.report.panel import case_for
from patients.tasks import mail_notices
from tests.test_permissions import NEVER, OURS, TABLE, address
from tests.test_permissions import things as things

pytestmark = pytest.mark.django_db
ROLES = ("viewer", "clinician", "data_manager", "administrator")
# What stands on them is of no patient: the knowledge itself, what a silent run counts, and what reviewers are asked,
# with the answers that they can give.
OF_NOBODY = ("patients:knowledge", "patients:silent", "patients:chart-review")
GENERAL = {name for name in TABLE if name.startswith(OF_NOBODY)}
READABLE = sorted(name for name in TABLE if name in OURS and TABLE[name][0] != NEVER and name not in GENERAL)
# Of the patient of the walk: falling ALT, rising INR, cirrhosis, jaundice and encephalopathy.
# A colour and the address of a code system bear such a name, too.
GRADE = re.compile(
    r"(?<!--)\b[Cc]ritical\b|\b[Ee]stablished\b|[Nn]ot interpretable|(?<!iver[ -])\b[Dd]issociation"
)
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
    Notice.objects.filter(patient=patient).update(in_short="INR 2.8 rising", mailed_at=None)
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
    told = {
        report.dissociation.headline,
        report.dissociation.sentence,
        report.urgency.in_short,
        stored.reason,
    }
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
    found = walk(request.getfixturevalue(role), things, ill)
    assert not found, found


def test_the_walk_finds_readings_where_they_are_shown(clinician, things, ill):
    """Else the test above could not fail."""
    found = walk(clinician, things, ill)
    must = "worklist detail notices requests summary ribbon changes"
    assert {f"patients:{name}" for name in must.split()} <= found.keys()
    assert {"meetings:detail", "meetings:item"} <= found.keys()


REFUSED = """requests summary ribbon changes score signoff population population-point notices call-list overrules"""
OF_MEETINGS = "plan detail present item audience patient nominate letter letter-write paper-agenda figures"


@pytest.mark.parametrize(
    "name", [f"patients:{n}" for n in REFUSED.split()] + [f"meetings:{n}" for n in OF_MEETINGS.split()]
)
def test_what_shows_readings_refuses_and_says_why(name, silent, clinician, things):
    refused = answer(clinician, name, things)
    assert refused.status_code == 403
    assert "Silent: North Hospital does not show readings yet." in shown(refused)


def test_values_charts_entry_exports_and_uploads_work(silent, clinician, things, ill):
    page = shown(answer(clinician, "patients:detail", things))
    assert "220" in page and "2.8" in page and "<svg" in page and "Add draw" in page
    assert "Silent: North Hospital does not show readings yet." in page
    names = (
        "chart chart-figures chart-drawing fhir draw-add draw-edit event-add diagnosis-edit contact-add edit"
    )
    for name in (*(f"patients:{one}" for one in names.split()), "uploads:list", "uploads:export-patient"):
        got = answer(clinician, name, things)
        assert got.status_code == 200, name
        assert shown(got)


def test_a_draw_is_stored_and_its_assessment_kept(silent, clinician, ill, client):
    client.force_login(clinician)
    before = Assessment.objects.get(patient=ill).assessed_at
    assess([ill.pk])
    stored = Assessment.objects.get(patient=ill)
    assert stored.assessed_at > before and (stored.grade, stored.urgency) == ("critical", "today")


def test_a_page_that_was_kept_is_not_shown_after_the_switch(clinic, clinician, things, ill):
    def grades() -> bool:
        return bool(GRADE.search(shown(answer(clinician, "patients:detail", things))))

    def switch(silent: bool) -> None:
        Clinic.objects.filter(pk=clinic.pk).update(is_silent=silent, silent_why="x")

    seen = [grades()]
    for silent in (True, False):
        switch(silent)
        seen.append(grades())
    assert seen == [True, False, True]


def test_patients_are_found_by_name_in_a_list_without_readings(silent, clinician, ill, client):
    client.force_login(clinician)
    page = shown(client.get("/"))
    assert "Okafor" in page and "cirrhosis" in page.lower() and not told(page, ill)
    found = client.post("/search/", {"q": "Oka"}, follow=True)
    assert "Okafor" in shown(found) and not told(shown(found), ill)
    assert "No patient matches" in shown(client.post("/search/", {"q": "Zebra"}, follow=True))


def test_who_works_in_two_clinics_sees_the_readings_of_the_other(
    silent, other_clinic, clinician, ill, client
):
    Membership.objects.create(user=clinician, clinic=other_clinic, role="clinician")
    client.force_login(clinician)
    page = shown(client.get("/?show=all"))
    assert "Patients of North Hospital, by name" in page and "Okafor" not in page
    assert "Okafor" in shown(client.get("/?clinic=north"))
    assert client.get("/notices/").status_code == client.get("/population/").status_code == 200


def test_nobody_is_told_by_e_mail(silent, ill, settings):
    settings.EMAIL_HOST = "mail.example"
    Clinic.objects.filter(pk=silent.pk).update(notice_email="liver@example.org")
    mail_notices(clinic=silent.pk)
    assert mail.outbox == []
    Clinic.objects.filter(pk=silent.pk).update(is_silent=False)
    mail_notices(clinic=silent.pk)
    assert len(mail.outbox) == 1
