"""Meetings are planned, changed, called off, planned again, and begin."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership, Role
from meetings.actions import meetings as plans
from meetings.models import Meeting
from patients.actions.errors import Refused, Stale
from tests.roles import KEPT


def changed(meeting, clinician, *, version, **fields) -> None:
    values = {name: getattr(meeting, name) for name in plans.FIELDS} | fields
    people = values.pop("attendees", meeting.attendees.all())
    plans.change_meeting(meeting=meeting, by=clinician, version=version, attendees=people, **values)
    meeting.refresh_from_db()


def test_the_chair_attends(plan, clinician, colleague):
    assert set(plan(attendees=[colleague]).attendees.all()) == {clinician, colleague}


def test_the_same_meeting_sent_twice_is_one(plan):
    at = timezone.now() + timedelta(days=3)
    assert plan(starts_at=at) == plan(starts_at=at)


@pytest.mark.parametrize("who", ["viewer", "administrator", "stranger"])
def test_the_chair_must_be_a_clinician_of_the_clinic(plan, who, request):
    with pytest.raises(Refused, match="clinician of this clinic"):
        plan(chair=request.getfixturevalue(who))


@pytest.mark.parametrize("weeks", [0, 53])
def test_every_1_to_52_weeks(plan, weeks):
    with pytest.raises(Refused, match="1 to 52 weeks"):
        plan(every_weeks=weeks)


def test_a_title_of_blanks_is_none(plan):
    with pytest.raises(Refused, match="title"):
        plan(title="  ")


def test_a_change_is_stored_with_who_and_versioned(meeting, clinician, colleague):
    changed(meeting, clinician, version=1, place="Room 2", attendees=[colleague])
    assert (meeting.place, meeting.version, meeting.attendees.count()) == ("Room 2", 2, 2)
    assert meeting.history.last().pgh_context.metadata["user"] == clinician.pk


def test_who_changes_what_somebody_else_has_changed_is_told(meeting, clinician, colleague):
    changed(meeting, clinician, version=1, place="Room 2")
    with pytest.raises(Stale):
        changed(meeting, colleague, version=1, place="Room 3")
    with pytest.raises(Stale):
        changed(meeting, colleague, version=1, attendees=[colleague])
    meeting.refresh_from_db()
    assert meeting.place == "Room 2"


def test_the_next_one_is_at_the_same_hour_across_the_change_of_clocks(plan, clinician):
    london = ZoneInfo("Europe/London")
    meeting = plan(starts_at=datetime(2026, 10, 13, 13, tzinfo=london), every_weeks=4, place="Room 2")
    following = plans.plan_next(meeting=meeting, by=clinician)
    assert following.starts_at.astimezone(london) == datetime(2026, 11, 10, 13, tzinfo=london)
    assert (following.title, following.place, following.every_weeks) == (meeting.title, "Room 2", 4)
    assert following.previous == meeting


def test_the_next_one_is_planned_once(plan, clinician):
    meeting = plan(every_weeks=1)
    assert plans.plan_next(meeting=meeting, by=clinician) == plans.plan_next(meeting=meeting, by=clinician)


def test_the_next_one_can_be_planned_anew_when_it_was_called_off(plan, clinician):
    meeting = plan(every_weeks=1)
    first = plans.plan_next(meeting=meeting, by=clinician)
    plans.call_off(meeting=first, by=clinician, reason="Holiday")
    assert plans.plan_next(meeting=meeting, by=clinician) != first


def test_who_left_the_clinic_is_not_asked_to_the_next_one(plan, clinician, colleague):
    meeting = plan(every_weeks=1, attendees=[colleague])
    Membership.objects.filter(user=colleague).delete()
    assert list(plans.plan_next(meeting=meeting, by=clinician).attendees.all()) == [clinician]


def test_a_single_meeting_has_no_next_one(meeting, clinician):
    with pytest.raises(Refused, match="does not come back"):
        plans.plan_next(meeting=meeting, by=clinician)


def test_called_off_needs_a_reason_and_ends_everything(meeting, clinician):
    with pytest.raises(Refused, match="reason"):
        plans.call_off(meeting=meeting, by=clinician, reason=" ")
    plans.call_off(meeting=meeting, by=clinician, reason="Nobody there")
    with pytest.raises(Refused, match="called off"):
        plans.start(meeting=meeting, by=clinician)
    assert not Meeting.objects.ahead().exists()


def test_what_has_begun_is_not_called_off(meeting, clinician):
    plans.start(meeting=meeting, by=clinician, early=True)
    with pytest.raises(Refused, match="has begun"):
        plans.call_off(meeting=meeting, by=clinician, reason="Too late")


def test_started_twice_keeps_its_start(meeting, clinician):
    plans.start(meeting=meeting, by=clinician, early=True)
    meeting.refresh_from_db()
    began = meeting.started_at
    plans.start(meeting=meeting, by=clinician, early=True)
    meeting.refresh_from_db()
    assert meeting.started_at == began


def test_a_meeting_is_never_deleted(meeting):
    with pytest.raises(Exception, match=KEPT), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).delete()


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "in_progress"},
        {"state": "closed", "started_at": timezone.now()},
        {"started_at": timezone.now()},
        {"withdrawn_at": timezone.now()},
        {"showing_since": timezone.now()},
    ],
)
def test_the_database_holds_states_together(meeting, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(**fields)


def test_a_viewer_attends_without_deciding(plan, viewer):
    assert viewer in plan(attendees=[viewer]).attendees.all()
    assert Membership.objects.get(user=viewer).role == Role.VIEWER
