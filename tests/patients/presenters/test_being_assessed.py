"""Whose record a large file has changed: said where the worklist's summary is shown, never with an old grade."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.actions.agenda import take
from meetings.actions.meetings import plan_meeting
from meetings.paper import agenda
from meetings.proposals import proposals
from patients.actions.assess import assess
from patients.models import Assessment, AssessmentMark
from patients.population.counting import count

pytestmark = pytest.mark.django_db


@pytest.fixture
def marked(patient, make_draw):
    """Established when it was assessed, and marked since."""
    for days, alt, inr in [(152, 120, 1.2), (77, 80, 1.4), (2, 40, 1.7)]:
        make_draw(patient, timezone.now() - timedelta(days=days), ALT=(alt, 40), INR=inr)
    assess([patient])
    assert Assessment.objects.get().grade == "established"
    AssessmentMark.objects.create(patient=patient, clinic=patient.clinic, changed=True)
    return patient


@pytest.fixture
def get(client, clinician):
    client.force_login(clinician)
    return lambda address: client.get(address).content.decode()


@pytest.fixture
def meeting(clinic, clinician):
    starts_at = timezone.now() + timedelta(days=7)
    return plan_meeting(clinic=clinic, by=clinician, starts_at=starts_at, title="Weekly", chair=clinician)


@pytest.mark.parametrize("address", ["/?show=all", "/?show=all&sort=name", "/?show=all&grade=established"])
def test_the_worklist_says_so_in_place_of_grade_and_numbers(marked, get, address):
    page = get(address)
    (line,) = page.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
    assert "Being assessed" in line and marked.mrn in line
    for old in ("Established", "1.7", "mark level-", "spark", "none</span>"):
        assert old not in line
    assert "1 patient of an upload: being" in page


def test_a_mark_of_new_knowledge_hides_nothing(marked, get):
    AssessmentMark.objects.update(changed=False)
    page = get("/?show=all")
    assert "Established" in page.split("<tbody>")[1] and "of an upload: being" not in page


def test_the_patient_page_reads_the_record_as_it_is_and_says_so(marked, get):
    page = get(reverse("patients:detail", args=[marked.uuid]))
    assert "being assessed</span>" in page and "Established" in page
    AssessmentMark.objects.all().delete()
    assert "being assessed</span>" not in get(reverse("patients:detail", args=[marked.uuid]))


def test_on_the_plane_nobody_stands_where_an_older_record_put_them(marked):
    counted = count(Assessment.objects.all())
    assert counted.shown == 0 and counted.reasons == {"being_assessed": 1}
    AssessmentMark.objects.all().delete()
    assert count(Assessment.objects.all()).shown == 1


def test_nobody_is_proposed_for_what_an_older_record_said(marked, meeting):
    assert proposals(meeting) == []
    AssessmentMark.objects.all().delete()
    assert [one.patient for one in proposals(meeting)] == [marked]


def test_the_agenda_says_so(marked, meeting, clinician, get):
    take(meeting=meeting, patients={marked: []}, by=clinician)
    (entry,) = agenda(meeting, timezone.now())
    assert entry.row.grade == "being_assessed"
    page = get(reverse("meetings:detail", args=[meeting.uuid]))
    assert "Being assessed" in page and "Established" not in page
