"""Who came, when it began and ended, and that nothing is closed or begun without a word."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from meetings.actions import meetings as plans
from meetings.actions.attendance import AttendanceSaid, record_attendance
from meetings.actions.closing import close_meeting, likely_end
from meetings.actions.outcomes import save_outcome
from meetings.attendance import attendance_of
from meetings.models import AgendaItem, Attendance, Meeting
from patients.actions.errors import Refused, Stale
from tests.meetings.attending import everybody_came, times

pytestmark = pytest.mark.django_db


def at(name: str, *things) -> str:
    return reverse(f"meetings:{name}", args=[thing.uuid for thing in things])


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def page(client, clinician):
    client.force_login(clinician)
    return client


@pytest.fixture
def started(plan, clinician, colleague) -> Meeting:
    """In progress, with two expected of whom nothing was said."""
    meeting = plan(attendees=[colleague], starts_at=timezone.now())
    plans.start(meeting=meeting, by=clinician)
    meeting.refresh_from_db()
    return meeting


def said(meeting, by, *, version=None, guests="", **words) -> None:
    """said(meeting, by, clinician=("present", "Hepatology"))"""
    people = {one.user.username: one.user_id for one in meeting.attendances.select_related("user")}
    record_attendance(
        meeting=meeting,
        by=by,
        version=meeting.version if version is None else version,
        said={people[name]: AttendanceSaid(*pair) for name, pair in words.items()},
        guests=guests,
    )
    meeting.refresh_from_db()


HERE, AWAY = ("present", "Hepatology"), ("apologies", "")


def test_a_meeting_closes_only_with_its_attendance(started, clinician, colleague):
    with pytest.raises(Refused, match="Nobody has said yet whether clinician and Ola Berg came"):
        close_meeting(meeting=started, by=clinician)
    said(started, clinician, clinician=AWAY, berg=AWAY)
    with pytest.raises(Refused, match="Nobody is recorded as present.*Attendance"):
        close_meeting(meeting=started, by=clinician)
    said(started, clinician, clinician=HERE)
    close_meeting(meeting=started, by=clinician)
    card = attendance_of(started)
    assert (card.present, card.apologies) == ({"Hepatology": ["clinician"]}, ["Ola Berg"])


def test_the_database_closes_nothing_without_attendance_either(started, clinician):
    closed = {"state": "closed", "closed_at": timezone.now(), "closed_by": clinician}
    with pytest.raises(IntegrityError, match="Say first who was there"), transaction.atomic():
        Meeting.objects.filter(pk=started.pk).update(**closed)
    Attendance.objects.filter(meeting=started).update(attended="absent")
    with pytest.raises(IntegrityError, match="Say first who was there"), transaction.atomic():
        Meeting.objects.filter(pk=started.pk).update(**closed)


@pytest.mark.parametrize("fields", [{"attended": "maybe"}, {"attended": "present"}])
def test_the_database_knows_what_attendance_is(started, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.filter(meeting=started).update(**fields)


def test_attendance_stays_after_the_close(started, clinician):
    everybody_came(started, clinician)
    close_meeting(meeting=started, by=clinician)
    with pytest.raises(DatabaseError), transaction.atomic():
        Attendance.objects.filter(meeting=started).update(attended="apologies")
    with pytest.raises(Refused, match="closed"):
        said(started, clinician, clinician=AWAY)


def test_who_was_present_sat_there_for_a_speciality(started, clinician):
    with pytest.raises(Refused, match="speciality of Ola Berg"):
        said(started, clinician, berg=("present", " "))
    with pytest.raises(Refused, match="Choose present"):
        said(started, clinician, berg=("perhaps", "Radiology"))
    with pytest.raises(Refused, match="up to 60"):
        said(started, clinician, berg=("present", "x" * 61))


def test_two_who_enter_attendance_do_not_overwrite_each_other(started, clinician, colleague):
    opened = started.version
    said(started, colleague, berg=HERE)
    with pytest.raises(Stale):
        said(started, clinician, version=opened, berg=AWAY)
    # The same words sent twice are no conflict.
    said(started, clinician, version=opened, berg=HERE)
    assert attendance_of(started).present == {"Hepatology": ["Ola Berg"]}


def test_each_change_of_attendance_is_kept_with_who(started, clinician):
    said(started, clinician, berg=AWAY)
    one = Attendance.objects.get(meeting=started, user__username="berg")
    assert [row.attended for row in one.history.order_by("pgh_id")] == ["", "apologies"]
    assert one.history.last().pgh_context.metadata["user"] == clinician.pk


def test_the_speciality_of_the_last_meeting_is_proposed(started, plan, clinician, colleague):
    said(started, clinician, berg=("present", "Radiology"))
    following = plan(14, attendees=[colleague])
    assert following.attendances.get(user=colleague).speciality == "Radiology"


def test_the_page_of_attendance(page, started, colleague, django_assert_max_num_queries):
    address, ids = at("attendance", started), {u.username: u.pk for u in started.attendees.all()}
    with django_assert_max_num_queries(11):
        shown = text(page.get(address))
    assert "Everybody not marked above was present" in shown and " checked" not in shown.split("<template")[0]
    typed = {
        "version": started.version,
        f"attended-{ids['berg']}": "apologies",
        f"speciality-{ids['berg']}": "",
        f"speciality-{ids['clinician']}": "Hepatology",
        "rest": "present",
        "guests": "Dr Lind, Radiology",
    }
    assert page.post(address, typed).status_code == 302
    told = text(page.get(at("detail", started)))
    assert "Hepatology: clinician" in told and "guests: Dr Lind, Radiology" in told
    assert "<dt>Apologies</dt> <dd>Ola Berg</dd>" in told

    refused = page.post(address, typed | {f"attended-{ids['berg']}": "present"})
    assert refused.status_code == 422 and "speciality of Ola Berg" in text(refused)
    typed |= {f"attended-{ids['berg']}": "absent"}
    meanwhile = page.post(address, typed)
    assert meanwhile.status_code == 422
    assert "Stored now is: clinician present; Ola Berg apologies." in text(meanwhile)


def test_the_close_asks_for_attendance_and_times_on_one_page(page, started, clinician):
    address = at("close", started)
    opened = page.get(address)
    typed = times(opened) | {"version": opened.context["meeting"].version}
    refused = page.post(address, typed)
    assert refused.status_code == 422
    assert "Nobody has said yet whether" in text(refused) and 'id="attendance"' in text(refused)
    rows = {f"speciality-{one.user_id}": "Nursing" for one in started.attendances.all()}
    assert page.post(address, typed | rows | {"rest": "present"}).status_code == 302
    started.refresh_from_db()
    assert (started.held_from, started.state) == (started.started_at, "closed")
    assert "Nursing:" in text(page.get(at("detail", started)))
    assert "<dt>Held</dt>" in text(page.get(at("paper-minutes", started)))


@pytest.mark.parametrize(
    ("began", "ended", "why"), [(0, -10, "before the start"), (0, 10, "ahead"), (-9, -10, "before")]
)
def test_the_times_make_sense(started, clinician, began, ended, why):
    everybody_came(started, clinician)
    now = timezone.now()
    held = tuple(now + timedelta(minutes=minutes) for minutes in (began, ended))
    with pytest.raises(Refused, match=why):
        close_meeting(meeting=started, by=clinician, held=held)


def test_the_times_are_kept_as_said(started, clinician):
    everybody_came(started, clinician)
    now = timezone.now()
    held = (now - timedelta(minutes=50), now - timedelta(minutes=5))
    close_meeting(meeting=started, by=clinician, held=held)
    started.refresh_from_db()
    assert (started.held_from, started.held_until) == held


def test_the_database_holds_the_times_together(started):
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.filter(pk=started.pk).update(held_from=timezone.now(), held_until=timezone.now())


def test_a_meeting_left_open_overnight_ended_when_somebody_last_wrote(started, clinician, falling):
    assert likely_end(started, started.started_at) == started.started_at
    AgendaItem.objects.create(meeting=started, patient=falling, place=1, by=clinician)
    save_outcome(item=started.items.get(), by=clinician, version=1, note="Refer")
    written_at = started.items.get().written_at
    assert likely_end(started, started.started_at + timedelta(days=1, hours=3)) == written_at


def test_a_meeting_begins_before_its_day_only_on_purpose(page, meeting, clinician):
    with pytest.raises(Refused, match="still to come"):
        plans.start(meeting=meeting, by=clinician)
    asked = page.post(at("start", meeting))
    assert asked.status_code == 422 and "before its day?" in text(asked)
    meeting.refresh_from_db()
    assert meeting.state == "planned"
    assert "Start it now" in text(page.get(at("start", meeting)))
    assert page.post(at("start", meeting), {"early": "1"}).url == at("present", meeting)
    assert page.get(at("start", meeting)).url == at("detail", meeting)


def test_on_its_day_it_begins_at_once_whatever_the_hour(plan, clinician, clinic):
    tonight = timezone.now().astimezone(clinic.zone).replace(hour=23, minute=59)
    meeting = plan(starts_at=tonight)
    plans.start(meeting=meeting, by=clinician)
    meeting.refresh_from_db()
    assert meeting.state == "in_progress"
