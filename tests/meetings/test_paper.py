"""Agenda and minutes on paper."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.actions.agenda import ask, take
from meetings.actions.closing import add_addendum, close_meeting
from meetings.actions.outcomes import save_outcome
from meetings.actions.tasks import add_action
from meetings.models import Action
from patients.actions.assess import assess
from patients.models import CauseReview
from tests.looks import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, viewer):
    client.force_login(viewer)
    return client


def sheet(page, name: str, meeting) -> str:
    answer = page.get(reverse(f"meetings:paper-{name}", args=[meeting.uuid]))
    assert answer.status_code == 200
    # The token of the bar's forms is another one each time; where lines break is of the template, not of the sheet.
    written = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", unescape(answer.content.decode()))
    return re.sub(r"\s+", " ", written)


@pytest.fixture
def decided(item, clinician, falling):
    note = "Not a recovery."
    save_outcome(item=item, by=clinician, version=item.version, decision="change", note=note)
    common = {"patient": falling, "item": item, "by": clinician, "owner": clinician, "due_on": "2027-01-05"}
    add_action(kind=Action.Kind.REPEAT, text="", tests=["INR"], **common)
    item.refresh_from_db()
    return item


def test_the_agenda_says_who_what_why_and_what_is_open(page, meeting, falling, clinician, viewer):
    reasons = [["critical", "Established, not discussed before"]]
    item = take(meeting=meeting, by=clinician, patients={falling: reasons})[0]
    ask(item=item, by=clinician, question="Refer now?")
    add_action(
        patient=falling,
        by=clinician,
        owner=clinician,
        due_on="2027-01-05",
        kind="task",
        text="Ring",
        tests=[],
    )
    said = sheet(page, "agenda", meeting)
    assert "Okafor, Ada" in said and "MRN N-100" in said and "born 2 Apr 1961" in said
    assert "ALT 120 → 40 U/L (−67 %), INR 1.2 → 1.7 (+42 %)" in said
    assert "Established, not discussed before" in said and "Refer now?" in said
    assert "To do: Ring" in said and "due 5 Jan 2027" in said
    assert seen() == [(viewer.pk, falling.pk, "meeting-paper-agenda")]


def test_the_agenda_costs_as_many_queries_for_many(
    page, meeting, clinician, summed, django_assert_max_num_queries
):
    take(meeting=meeting, by=clinician, patients={summed(f"Name{n}"): [] for n in range(30)})
    with django_assert_max_num_queries(14):
        said = sheet(page, "agenda", meeting)
    assert said.count("<tr>") == 31


def test_minutes_of_an_open_meeting_are_marked_as_a_draft(page, meeting, decided, begun, make_patient):
    said = sheet(page, "minutes", meeting)
    assert "Draft: this meeting is not closed." in said and 'data-who="DRAFT · Minutes' in said
    assert "Plan changed." in said and "Not a recovery." in said and "Repeat INR" in said


def test_minutes_of_a_closed_meeting_stay_as_they_were_frozen(
    page, meeting, decided, falling, clinician, make_draw
):
    close_meeting(meeting=meeting, by=clinician)
    meeting.refresh_from_db()
    add_addendum(meeting=meeting, by=clinician, text="Agreed by telephone.", item=decided)
    before = sheet(page, "minutes", meeting)
    assert "Draft" not in before and "DRAFT" not in before
    assert "INR 1.2 → 1.7 (+42 %)" in before and "Frozen at the close with knowledge" in before
    assert "Agreed by telephone." in before

    make_draw(falling, timezone.now(), ALT=(30, 40), INR=(2.9, 1.2))
    assess([falling.pk])
    after = sheet(page, "minutes", meeting)
    assert "2.9" not in after
    assert after.split("<article")[1] == before.split("<article")[1]


def test_verdicts_on_causes_given_in_the_meeting_stand_in_minutes_and_record(
    client, page, meeting, item, falling, clinician, viewer
):
    before = {"cause": "vitamin_k_deficiency", "at": meeting.started_at - timedelta(days=1)}
    CauseReview.objects.create(patient=falling, verdict="contributing", by=clinician, **before)
    client.force_login(clinician)
    address = reverse("meetings:verdict", args=[meeting.uuid, item.uuid, "doac"])
    assert client.post(address, {"verdict": "excluded", "note": "Level not detectable."}).status_code < 400
    client.force_login(viewer)
    said = f"Verdicts on causes: Direct oral anticoagulant excluded: Level not detectable. ({clinician})."
    assert said in sheet(page, "minutes", meeting)
    close_meeting(meeting=meeting, by=clinician)
    assert said in sheet(page, "minutes", meeting)
    assert said in unescape(page.get(reverse("meetings:detail", args=[meeting.uuid])).content.decode())


def test_the_agenda_of_a_closed_meeting_leads_to_its_minutes(page, meeting, decided, clinician):
    close_meeting(meeting=meeting, by=clinician)
    answer = page.get(reverse("meetings:paper-agenda", args=[meeting.uuid]))
    assert answer.url == reverse("meetings:paper-minutes", args=[meeting.uuid])


def test_who_was_not_reached_is_named(page, meeting, begun, falling, make_patient, clinician):
    items = begun(falling, make_patient("Abel"))
    save_outcome(item=items[0], by=clinician, version=1, decision="no_change", note="")
    assert "Not discussed yet" in sheet(page, "minutes", meeting)
    close_meeting(meeting=meeting, by=clinician)
    said = sheet(page, "minutes", meeting)
    assert "Not reached" in said and "Abel" in said


def test_minutes_cost_as_many_queries_for_many(
    page, meeting, begun, make_patient, clinician, django_assert_max_num_queries
):
    items = begun(*(make_patient(f"Name{n}") for n in range(12)))
    for item in items:
        save_outcome(item=item, by=clinician, version=1, decision="no_change", note="")
    with django_assert_max_num_queries(17):
        assert sheet(page, "minutes", meeting).count('class="minute ') == 12
    close_meeting(meeting=meeting, by=clinician)
    with django_assert_max_num_queries(12):
        assert sheet(page, "minutes", meeting).count('class="minute ') == 12


def test_the_meeting_leads_to_its_sheets(page, meeting, decided):
    said = page.get(reverse("meetings:detail", args=[meeting.uuid])).content.decode()
    for name in ("agenda", "minutes"):
        assert reverse(f"meetings:paper-{name}", args=[meeting.uuid]) in said
