"""Contacts and who is left out: what is stored, what it does to the checklist, the page and the worklist."""

import re
import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import PatientAccess
from patients.actions.assess import assess
from patients.actions.contacts import (
    LONGEST_WAIT,
    NOTE_LENGTH,
    leave_out,
    lift,
    record_contact,
    record_death,
    withdraw_contact,
)
from patients.actions.errors import Refused, Stale
from patients.actions.people import change_patient
from patients.actions.undo import undo
from patients.contacts import plan_state
from patients.models import Assessment, Contact, Diagnosis, LeftOut, Patient
from patients.signing import present_for
from patients.worklist import NEVER, State, counts, page
from uploads.models import Upload

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)
CORE = {"ALT": 30, "AST": 30, "ALP": 90, "GGT": 40, "bilirubin_direct": 4, "albumin": 40, "platelets": 150}


def today() -> date:
    return timezone.now().astimezone(LONDON).date()


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


def row(patient) -> Assessment:
    return Assessment.objects.get(patient=patient)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=LONDON)


def listed(clinic, on: date, me=None, **state) -> bool:
    """Whether the worklist of that day shows anybody."""
    return bool(page(State(me=me, **state), [clinic], noon(on)).rows)


# --- is the next attempt still to be made? ---

MADE, NEXT = date(2026, 3, 1), date(2026, 3, 15)
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def state(*, next_on=NEXT, left_out=None, died_on=None, overdue_on=(), drawn=None) -> str:
    contact = Contact(made_on=MADE, next_on=next_on, at=AT)
    return plan_state(
        contact, left_out=left_out, died_on=died_on, overdue_on=list(overdue_on), last_draw_on=drawn
    )


def test_without_a_contact_or_without_a_day_nothing_is_planned():
    assert plan_state(None, left_out=None, died_on=None, overdue_on=[], last_draw_on=None) == ""
    assert state(next_on=None) == ""


@pytest.mark.parametrize(
    ("drawn", "overdue_on", "expected"),
    [
        (None, [], "open"),
        (MADE - DAY, [], "open"),
        (MADE, [], "answered"),
        (MADE + DAY, [], "answered"),
        (MADE, [NEXT + DAY], "answered"),
        (MADE, [NEXT], "open"),
        (MADE, [NEXT - DAY], "open"),
        (MADE, [NEVER], "open"),
    ],
)
def test_a_draw_settles_the_plan_once_nothing_will_be_overdue_on_its_day(drawn, overdue_on, expected):
    assert state(drawn=drawn, overdue_on=overdue_on) == expected


@pytest.mark.parametrize(
    ("minutes", "ends_on", "expected"),
    [
        (-1, None, "open"),
        (0, None, "open"),
        (1, None, "left_out"),
        (1, NEXT - DAY, "open"),
        (1, NEXT, "left_out"),
        (1, NEXT + DAY, "left_out"),
    ],
)
def test_leaving_out_settles_an_earlier_plan_for_a_day_within_it(minutes, ends_on, expected):
    left_out = LeftOut(at=AT + timedelta(minutes=minutes), starts_on=MADE, ends_on=ends_on)
    assert state(left_out=left_out) == expected


def test_death_settles_every_plan():
    assert state(died_on=NEXT + DAY) == "died"


# --- contacts ---


def test_a_contact_is_kept_with_who_when_and_what(ask, clinician):
    made = ask(note="  Rang\n twice ", next_on=today() + DAY)
    kept = Contact.objects.get()
    assert (kept.by, kept.kind, kept.outcome, kept.note) == (
        clinician,
        "telephone",
        "no_answer",
        "Rang twice",
    )
    assert (kept.next_on, kept.owner, kept.made_on) == (today() + DAY, clinician, today())
    assert made == kept and timezone.now() - kept.at < timedelta(minutes=1)


def test_a_form_sent_twice_is_one_contact(ask):
    assert ask(seen=None) == ask(seen=None)


def test_the_same_call_again_is_another_contact(ask):
    first = ask(seen=None)
    assert ask(seen=first.pk) != first


def test_a_contact_of_a_colleague_is_told(ask, colleague):
    first = ask(by=colleague)
    with pytest.raises(Stale) as stale:
        ask(seen=None)
    assert stale.value.by == colleague
    assert ask(seen=first.pk).pk


def test_a_contact_withdrawn_meanwhile_is_told(ask, colleague):
    first = ask(by=colleague)
    withdraw_contact(contact=first, by=colleague, reason="Another patient")
    with pytest.raises(Stale):
        ask(seen=first.pk)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"kind": "owl"}, "kind", "Choose how"),
        ({"outcome": "fine"}, "outcome", "Choose what came"),
        ({"outcome": ""}, "outcome", "needs its outcome"),
        ({"kind": "plan"}, "outcome", "a plan only has none"),
        ({"kind": "plan", "outcome": ""}, "next_on", "A plan needs the day"),
        ({"outcome": "other"}, "note", "Say in the note"),
        ({"note": "x" * (NOTE_LENGTH + 1)}, "note", "longer than"),
        ({"made_on": date(1961, 4, 1)}, "made_on", "before the patient was born"),
        ({"owner": "me"}, "next_on", "a day and an owner"),
    ],
)
def test_a_contact_is_refused_with_a_sentence(ask, clinician, given, field, words):
    if given.get("owner"):
        given = {"owner": clinician}
    with pytest.raises(Refused, match=words) as refusal:
        ask(**given)
    assert refusal.value.field == field
    assert not Contact.objects.exists()


@pytest.mark.parametrize(("days", "kept"), [(-1, True), (0, True), (1, False)])
def test_a_contact_is_of_today_or_earlier(ask, days, kept):
    if kept:
        assert ask(made_on=today() + timedelta(days=days)).pk
        return
    with pytest.raises(Refused, match="lies in the future"):
        ask(made_on=today() + timedelta(days=days))


def test_today_is_the_clinics_own(clinic, ask):
    clinic.time_zone = "Pacific/Kiritimati"
    clinic.save()
    there = timezone.now().astimezone(clinic.zone).date()
    assert ask(made_on=there).pk
    with pytest.raises(Refused, match="lies in the future"):
        ask(made_on=there + DAY)


@pytest.mark.parametrize(("wait", "kept"), [(LONGEST_WAIT, True), (LONGEST_WAIT + DAY, False)])
def test_the_next_attempt_is_at_most_a_year_ahead(ask, wait, kept):
    if kept:
        assert ask(next_on=today() + wait).pk
        return
    with pytest.raises(Refused, match="at most a year"):
        ask(next_on=today() + wait)


def test_the_next_attempt_is_not_before_this_one(ask):
    with pytest.raises(Refused, match="before this one") as refusal:
        ask(next_on=today() - DAY)
    assert refusal.value.field == "next_on"


def test_the_owner_works_in_the_clinic_and_may_record(ask, stranger, viewer):
    for owner in (stranger, viewer):
        with pytest.raises(Refused, match="choose another owner"):
            ask(next_on=today(), owner=owner)


def test_a_plan_gives_a_day_and_an_owner_before_anybody_was_contacted(ask, overdue, colleague):
    ask(kind="plan", outcome="", next_on=today() + DAY, owner=colleague)
    found = row(overdue)
    assert (found.next_contact_on, found.contact_owner) == (today() + DAY, colleague)
    assert (found.last_contact_on, found.last_contact) == (None, "")


def test_handing_over_keeps_the_last_attempt_in_sight(ask, overdue, colleague):
    ask(next_on=today())
    ask(kind="plan", outcome="", next_on=today() + DAY, owner=colleague)
    found = row(overdue)
    assert (found.last_contact_on, found.last_contact) == (today(), "no_answer")
    assert found.contact_owner == colleague


def test_a_withdrawn_contact_gives_the_plan_back_to_the_one_before(ask, overdue, clinician):
    ask(next_on=today() + 3 * DAY)
    second = ask(next_on=today() + 9 * DAY)
    withdraw_contact(contact=second, by=clinician, reason="Another patient")
    assert row(overdue).next_contact_on == today() + 3 * DAY
    with pytest.raises(Refused, match="withdrawn this already: Another patient"):
        withdraw_contact(contact=second, by=clinician, reason="Another patient")
    assert list(second.history.order_by("pgh_id").values_list("withdrawn_reason", flat=True)) == [
        "",
        "Another patient",
    ]


def test_a_withdrawal_needs_a_reason(ask, clinician):
    with pytest.raises(Refused, match="needs a reason"):
        withdraw_contact(contact=ask(), by=clinician, reason=" ")


def test_no_attempt_is_planned_for_who_has_died(ask, overdue, clinician):
    record_death(patient=overdue, by=clinician, died_on=today(), version=overdue.version)
    with pytest.raises(Refused, match="has died"):
        ask(next_on=today())
    assert ask(outcome="booked").pk


def test_new_results_settle_the_plan_in_the_same_transaction(ask, overdue, make_draw):
    ask(next_on=today() + 7 * DAY, made_on=today() - DAY)
    assert row(overdue).contact_on == today() + 7 * DAY
    make_draw(overdue, timezone.now(), **CORE, INR=1.1)
    assess([overdue.pk])
    found = row(overdue)
    assert (found.next_contact_on, found.contact_owner) == (None, None)
    assert found.contact_on == found.first_overdue_on > today() + 150 * DAY
    assert found.last_contact == "no_answer"


def test_a_part_of_the_tests_does_not_settle_the_plan(ask, overdue, make_draw):
    ask(next_on=today() + 7 * DAY)
    make_draw(overdue, timezone.now(), ALT=30)
    assess([overdue.pk])
    assert row(overdue).next_contact_on == today() + 7 * DAY


# --- left out ---


def test_who_is_left_out_open_ended_is_never_overdue(overdue, leave, clinic):
    assert len(row(overdue).overdue_on) == 8
    leave(reason="elsewhere", note="University clinic")
    found = row(overdue)
    assert (found.left_out, found.left_out_from, found.left_out_until) == ("elsewhere", today(), None)
    assert (found.overdue_on, found.first_overdue_on, found.contact_on) == ([], None, None)
    in_a_year = today() + timedelta(days=365)
    assert not listed(clinic, in_a_year, overdue=True) and not listed(clinic, in_a_year, contact=True)
    assert listed(clinic, in_a_year, left_out=True) and listed(clinic, in_a_year)


@pytest.mark.parametrize(("after", "is_left_out"), [(-1, True), (0, True), (1, False)])
def test_until_the_last_day_left_out_and_overdue_from_the_next(leave, clinic, after, is_left_out):
    leave(ends_on=today() + 30 * DAY)
    day = today() + 30 * DAY + after * DAY
    assert listed(clinic, day, left_out=True) is is_left_out
    assert listed(clinic, day, overdue=True) is not is_left_out
    assert listed(clinic, day, contact=True) is not is_left_out


def test_a_test_due_after_the_last_day_is_overdue_on_its_own(patient, clinician, clinic, make_draw):
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    make_draw(patient, timezone.now(), **CORE, INR=1.1)
    assess([patient.pk])
    before = row(patient).first_overdue_on
    leave_out(patient=patient, by=clinician, reason="moved", starts_on=today(), ends_on=today() + DAY)
    assert row(patient).first_overdue_on == before


def test_who_is_left_out_until_a_day_has_no_overdue_test_in_the_row(client, clinician, leave):
    leave(ends_on=today() + 30 * DAY)
    client.force_login(clinician)
    shown = text(client.get("/"))
    assert "left out moved away until" in shown and "8 overdue" not in shown


def test_the_same_form_twice_leaves_out_once(leave):
    assert leave() == leave()


def test_a_second_writer_is_told(leave, colleague):
    leave(by=colleague, reason="elsewhere")
    with pytest.raises(Refused, match="Ola Berg has left this patient out already .treated elsewhere"):
        leave()
    assert LeftOut.objects.count() == 1


def test_after_its_last_day_somebody_is_left_out_anew(overdue, clinician, leave):
    start = today() - 20 * DAY
    LeftOut.objects.create(
        patient=overdue, by=clinician, at=noon(start), reason="moved", starts_on=start, ends_on=today() - DAY
    )
    assess([overdue.pk])
    assert (row(overdue).left_out, len(row(overdue).overdue_on)) == ("", 8)
    leave(reason="declined")
    assert row(overdue).left_out == "declined"
    assert LeftOut.objects.get(reason="moved").lifted_by == clinician


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"reason": "holiday"}, "reason", "Choose why"),
        ({"reason": "died"}, "reason", "own date of death"),
        ({"starts_on": date(1961, 4, 1)}, "starts_on", "before the patient was born"),
        ({"starts_on": date(2020, 2, 1), "ends_on": date(2020, 1, 31)}, "ends_on", "before the first"),
        ({"starts_on": date(2020, 2, 1), "ends_on": date(2020, 2, 1)}, "ends_on", "passed already"),
        ({"note": "x" * (NOTE_LENGTH + 1)}, "note", "longer than"),
    ],
)
def test_leaving_out_is_refused_with_a_sentence(leave, given, field, words):
    with pytest.raises(Refused, match=words) as refusal:
        leave(**given)
    assert refusal.value.field == field and not LeftOut.objects.exists()


def test_nobody_is_left_out_from_tomorrow(leave):
    with pytest.raises(Refused, match="lies in the future"):
        leave(starts_on=today() + DAY)
    assert leave(starts_on=today(), ends_on=today()).pk


def test_a_lift_makes_overdue_again_and_is_kept(overdue, leave, colleague):
    found = leave()
    with pytest.raises(Refused, match="Say why"):
        lift(left_out=found, by=colleague, reason=" ")
    lift(left_out=found, by=colleague, reason="Came back")
    assert (row(overdue).left_out, len(row(overdue).overdue_on)) == ("", 8)
    kept = LeftOut.objects.get()
    assert (kept.lifted_by, kept.lifted_reason) == (colleague, "Came back")
    assert kept.history.count() == 2


def test_a_lift_sent_twice_is_one_and_of_another_is_told(leave, clinician, colleague):
    found = leave()
    lift(left_out=found, by=colleague, reason="Came back")
    lift(left_out=found, by=colleague, reason="Came back")
    with pytest.raises(Refused, match="Ola Berg has lifted this already: Came back"):
        lift(left_out=found, by=clinician, reason="A mistake")


def test_leaving_out_by_mistake_gives_the_plan_back(overdue, ask, leave, clinician):
    ask(next_on=today() + 3 * DAY)
    found = leave()
    assert row(overdue).next_contact_on is None
    lift(left_out=found, by=clinician, reason="Another patient")
    assert row(overdue).next_contact_on == today() + 3 * DAY


def test_an_attempt_planned_afterwards_counts_though_left_out(overdue, ask, leave, clinic):
    leave(reason="declined")
    ask(kind="plan", outcome="", next_on=today() + 90 * DAY)
    assert not listed(clinic, today() + 89 * DAY, contact=True)
    assert listed(clinic, today() + 90 * DAY, contact=True)
    assert not listed(clinic, today() + 90 * DAY, overdue=True)


# --- death ---


def test_who_has_died_is_left_out_by_the_date_of_death(overdue, ask, clinician, clinic):
    ask(next_on=today())
    record_death(patient=overdue, by=clinician, died_on=today(), version=overdue.version)
    found = row(overdue)
    assert (found.left_out, found.left_out_from, found.overdue_on) == ("died", today(), [])
    assert (found.next_contact_on, found.contact_on) == (None, None)
    assert listed(clinic, today(), left_out=True) and not LeftOut.objects.exists()


def test_who_has_died_is_not_left_out_otherwise(overdue, leave, clinician):
    change_patient(patient=overdue, by=clinician, version=overdue.version, died_on=today())
    with pytest.raises(Refused, match="has died"):
        leave()


def test_a_death_that_was_a_mistake_gives_everything_back(overdue, ask, clinician):
    ask(next_on=today())
    record_death(patient=overdue, by=clinician, died_on=today(), version=overdue.version)
    overdue.refresh_from_db()
    change_patient(patient=overdue, by=clinician, version=overdue.version, died_on=None)
    found = row(overdue)
    assert (found.left_out, len(found.overdue_on), found.next_contact_on) == ("", 8, today())


def test_a_death_is_not_stored_over_what_a_colleague_changed(overdue, clinician, colleague):
    seen = overdue.version
    change_patient(patient=overdue, by=colleague, version=seen, sex="X")
    with pytest.raises(Stale) as stale:
        record_death(patient=overdue, by=clinician, died_on=today(), version=seen)
    assert stale.value.by == colleague


def test_a_death_lies_not_in_the_future(overdue, clinician):
    with pytest.raises(Refused, match="lies in the future"):
        record_death(patient=overdue, by=clinician, died_on=today() + DAY, version=overdue.version)


# --- the worklist ---


def test_overdue_without_any_attempt_is_to_contact(overdue, clinic):
    assert listed(clinic, today(), contact=True)


def test_overdue_with_an_attempt_but_none_planned_is_to_contact(ask, clinic):
    ask(outcome="declined")
    assert listed(clinic, today(), contact=True)


def test_who_is_not_overdue_is_not_to_contact(patient, clinic, make_draw):
    make_draw(patient, timezone.now(), **CORE, INR=1.1)
    assess([patient.pk])
    assert not listed(clinic, today(), contact=True)


@pytest.mark.parametrize(("after", "due"), [(-1, False), (0, True), (1, True)])
def test_a_planned_attempt_is_to_contact_from_its_day_on(ask, clinic, after, due):
    ask(next_on=today() + 5 * DAY)
    assert listed(clinic, today() + (5 + after) * DAY, contact=True) is due


def test_an_attempt_planned_before_anything_is_overdue_counts(patient, clinician, clinic):
    assess([patient.pk])
    plan = {"kind": "plan", "made_on": today(), "next_on": today() + DAY, "owner": clinician}
    record_contact(patient=patient, by=clinician, **plan)
    assert not listed(clinic, today(), contact=True) and listed(clinic, today() + DAY, contact=True)


def test_a_planned_attempt_is_due_by_the_clinics_own_date(ask, clinic):
    ask(next_on=today() + 5 * DAY)
    clinic.time_zone = "Pacific/Kiritimati"
    evening_before = datetime.combine(today() + 4 * DAY, datetime.min.time(), UTC) + timedelta(hours=20)
    assert page(State(contact=True), [clinic], evening_before).rows


def test_mine_are_those_whose_next_attempt_i_own(ask, clinic, clinician, colleague):
    ask(next_on=today() + 5 * DAY, owner=colleague)
    assert listed(clinic, today(), me=colleague.pk, mine=True)
    assert not listed(clinic, today(), me=clinician.pk, mine=True)
    assert not listed(clinic, today(), mine=True)
    assert not listed(clinic, today(), me=colleague.pk, mine=True, contact=True)


def test_the_new_filters_are_counted(ask, leave, clinic, clinician, other_clinic):
    ask(next_on=today())
    number = counts(State(me=clinician.pk), [clinic, other_clinic], timezone.now())
    assert (number["contact"], number["mine"], number["left_out"], number["overdue"]) == (1, 1, 0, 1)
    leave()
    number = counts(State(me=clinician.pk, q="oka"), [clinic, other_clinic], timezone.now())
    assert (number["contact"], number["mine"], number["left_out"], number["overdue"]) == (0, 0, 1, 0)


def test_the_longest_due_stands_first(ask, overdue, clinician, clinic):
    later = Patient.objects.create(
        clinic=clinic, mrn="N-2", family_name="B", birth_date=date(1960, 1, 1), sex="M"
    )
    plan = {"kind": "plan", "made_on": today(), "owner": clinician}
    record_contact(patient=later, by=clinician, next_on=today() + DAY, **plan)
    nothing = Patient.objects.create(
        clinic=clinic, mrn="N-3", family_name="A", birth_date=date(1960, 1, 1), sex="M"
    )
    assess([nothing.pk])
    ask(next_on=today())
    rows = page(State(sort="contact"), [clinic], timezone.now()).rows
    assert [one.patient for one in rows] == [overdue, later, nothing]


def test_the_row_says_who_asks_next(client, clinician, ask):
    client.force_login(clinician)
    assert "not planned" in text(client.get("/"))
    ask(next_on=today())
    shown = client.get("/").content.decode()
    assert re.search(r'class="state due">\d+ \w+</time> <span class="soft">clinician</span>', shown)
    assert "no answer" in shown


def test_mine_is_in_the_address_and_who_i_am_is_not():
    state = State.of({"mine": "1", "contact": "due", "left_out": "1"}, me=7)
    assert state.fields() == {"mine": "1", "contact": "due", "left_out": "1"}
    assert state.filtered and not State.of({"sort": "contact"}, me=7).filtered


def test_the_list_to_contact_takes_ten_queries(client, clinician, ask, django_assert_max_num_queries):
    ask(next_on=today())
    client.force_login(clinician)
    with django_assert_max_num_queries(10):
        client.get("/?contact=due&mine=1&sort=contact")


# --- the call list ---


def test_the_call_list_shows_who_is_due_and_records_the_look(client, viewer, ask, overdue):
    ask(next_on=today(), note="Not to be printed")
    client.force_login(viewer)
    shown = text(client.get(reverse("patients:call-list")))
    assert "Okafor, Ada" in shown and "2 Apr 1961" in shown and "8 overdue" in shown and "clinician" in shown
    assert "Not to be printed" not in shown
    assert PatientAccess.objects.get(patient=overdue).page == "call-list"


def test_the_call_list_keeps_the_filters_and_is_empty_in_words(client, viewer, ask, overdue):
    ask(next_on=today())
    client.force_login(viewer)
    assert "Nobody is to be contacted today." in text(client.get(reverse("patients:call-list") + "?mine=1"))
    assert "Nobody" in text(client.get(reverse("patients:call-list") + "?q=zzz"))
    assert not PatientAccess.objects.exists()


def test_the_call_list_is_cut_and_says_so(client, viewer, overdue, monkeypatch, clinic):
    monkeypatch.setattr("patients.views.contacts.CALLS", 1)
    other = Patient.objects.create(
        clinic=clinic, mrn="N-2", family_name="B", birth_date=date(1960, 1, 1), sex="M"
    )
    Diagnosis.objects.create(patient=other, kind="cirrhosis")
    assess([other.pk])
    client.force_login(viewer)
    assert "The 1 longest due of 2." in text(client.get(reverse("patients:call-list")))


def test_a_stranger_calls_nobody_of_ours(client, stranger, ask, overdue):
    ask(next_on=today())
    client.force_login(stranger)
    assert "Okafor" not in text(client.get(reverse("patients:call-list")))


# --- the patient page ---


def address(patient, name="detail", **more) -> str:
    return reverse(f"patients:{name}", kwargs={"uuid": patient.uuid, **more})


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_checklist_says_that_nobody_asks(client, clinician, overdue):
    client.force_login(clinician)
    shown = text(client.get(address(overdue)))
    assert "Overdue, and no next attempt is planned" in shown and "Record contact" in shown


def test_the_checklist_says_who_asked_and_who_asks_next(client, clinician, colleague, ask, overdue):
    ask(by=colleague, next_on=today() + 5 * DAY, note="Rang twice")
    client.force_login(clinician)
    shown = text(client.get(address(overdue)))
    assert "Telephone: no answer. Rang twice (Ola Berg)" in shown
    assert f"Next attempt {today() + 5 * DAY:%-d %b %Y} , clinician" in shown
    assert "no next attempt is planned" not in shown


@pytest.mark.parametrize(("days", "words"), [(0, "Next attempt due"), (1, "Next attempt ")])
def test_an_attempt_of_today_is_due(client, clinician, ask, overdue, days, words):
    ask(next_on=today() + days * DAY)
    client.force_login(clinician)
    shown = text(client.get(address(overdue)))
    assert words in shown and ("Next attempt due" in shown) is (days == 0)


def test_the_checklist_of_who_is_left_out_is_calm(client, clinician, colleague, leave, overdue):
    client.force_login(clinician)
    assert "long overdue" in text(client.get(address(overdue)))
    leave(by=colleague, reason="elsewhere", note="University clinic", ends_on=today() + 30 * DAY)
    shown = text(client.get(address(overdue)))
    assert (
        f"Left out of monitoring since {today():%-d %b %Y} because the patient is treated elsewhere" in shown
    )
    assert f"until {today() + 30 * DAY:%-d %b %Y}" in shown
    assert "Recorded by Ola Berg on" in shown and "“University clinic”" in shown
    assert "overdue" not in shown and "not counted, due" in shown and "Monitor again" in shown


def test_the_checklist_of_who_has_died_says_why(client, clinician, overdue):
    record_death(patient=overdue, by=clinician, died_on=today(), version=overdue.version)
    client.force_login(clinician)
    shown = text(client.get(address(overdue)))
    assert (
        "because the patient died. Not so? Correct the date of death" in shown and "Leave out…" not in shown
    )


def test_the_past_shows_what_was_recorded_by_then(client, clinician, overdue):
    at = timezone.now() - timedelta(days=10)
    day = at.astimezone(LONDON).date()
    made = {"patient": overdue, "by": clinician, "at": at}
    Contact.objects.create(**made, kind="letter", outcome="left", made_on=day, note="Then")
    gone = LeftOut.objects.create(**made, reason="moved", starts_on=day)
    lift(left_out=gone, by=clinician, reason="Came back")
    record_contact(
        patient=overdue, by=clinician, kind="letter", outcome="left", made_on=today(), note="Later"
    )
    client.force_login(clinician)
    shown = text(client.get(address(overdue) + f"?as_of={day + DAY}"))
    assert "Then" in shown and "Later" not in shown and "because the patient moved away" in shown
    assert "Came back" not in shown and "Record contact" not in shown and "Monitor again" not in shown
    assert "Left out of monitoring since" not in text(client.get(address(overdue) + f"?as_of={day - DAY}"))
    assert "Came back" in text(client.get(address(overdue)))


def test_a_contact_withdrawn_later_stood_in_the_past(client, clinician, overdue):
    at = timezone.now() - timedelta(days=10)
    day = at.astimezone(LONDON).date()
    made = {"patient": overdue, "by": clinician, "at": at, "made_on": day}
    row = Contact.objects.create(**made, kind="letter", outcome="left", note="Then")
    withdraw_contact(contact=row, by=clinician, reason="Another patient")
    client.force_login(clinician)
    assert "Another patient" not in text(client.get(address(overdue) + f"?as_of={day + DAY}"))
    assert "Another patient" in text(client.get(address(overdue)))


def test_a_viewer_reads_and_enters_nothing(client, viewer, ask, leave, overdue):
    ask()
    leave()
    client.force_login(viewer)
    shown = text(client.get(address(overdue)))
    assert "no answer" in shown and "Left out of monitoring" in shown
    for action in ("Record contact", "Leave out…", "Monitor again", "withdraw…"):
        assert action not in shown


def test_the_page_with_contacts_takes_twelve_queries(
    client, clinician, colleague, ask, leave, overdue, django_assert_max_num_queries
):
    for by in (clinician, colleague) * 3:
        ask(by=by, next_on=today())
    leave()
    client.force_login(clinician)
    client.get(address(overdue))
    with django_assert_max_num_queries(12):
        client.get(address(overdue))


def test_a_review_of_who_is_left_out_tells_of_nothing_overdue(overdue, leave):
    assert present_for(overdue, timezone.now()).basis["overdue"]
    before = present_for(overdue, timezone.now()).fingerprint
    leave()
    after = present_for(overdue, timezone.now())
    assert after.basis["overdue"] == {} and after.fingerprint == before


@pytest.mark.parametrize("how", ["ask", "leave"])
def test_a_file_is_not_undone_under_a_contact(request, overdue, clinician, how):
    brought = {"clinic": overdue.clinic, "file": "people.csv", "kind": "patients", "sha256": "0" * 64}
    overdue.upload = upload = Upload.objects.create(**brought, size=0, by=clinician)
    overdue.save()
    overdue.draws.update(upload=upload)
    overdue.diagnoses.update(upload=upload)
    request.getfixturevalue(how)()
    with pytest.raises(Refused, match="Withdraw that first"):
        undo(upload=upload, by=clinician)


# --- the forms ---


def post(client, patient, name="contact-add", headers=None, **data):
    more = {"item": data.pop("item")} if "item" in data else {}
    if name == "contact-add":
        data = {"kind": "telephone", "outcome": "no_answer", "made_on": today(), "seen": ""} | data
    return client.post(address(patient, name, **more), data, headers=headers or {})


@pytest.fixture
def ours(client, clinician):
    client.force_login(clinician)
    return client


def test_the_form_stores_and_the_page_follows(ours, overdue, clinician):
    shown = post(ours, overdue, headers=HTMX, next_on=today(), owner=clinician.pk)
    assert shown.status_code == 200 and '<div id="workspace">' in shown.content.decode()
    assert "The contact is stored." in text(shown) and "Next attempt due" in text(shown)


def test_without_scripts_the_form_leads_back_to_the_page(ours, overdue):
    response = post(ours, overdue)
    assert response.status_code == 302 and response.url == address(overdue)
    assert "The contact is stored." in text(ours.get(response.url))


def test_a_refused_form_comes_back_beside_the_checklist(ours, overdue):
    shown = post(ours, overdue, headers=HTMX, outcome="")
    assert (shown.status_code, shown["HX-Retarget"]) == (422, "#contact")
    assert "Choose what came of it." in text(shown) and not Contact.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"made_on": ""}, "Enter the day."),
        ({"made_on": "tomorrow"}, "Enter the date as"),
        ({"outcome": "other"}, "Say in the note"),
        ({"kind": "plan"}, "A plan has no outcome yet"),
        ({"kind": "plan", "outcome": ""}, "A plan needs the day"),
        ({"next_on": date(2020, 1, 1)}, "This day has passed"),
        ({"next_on": date(2199, 1, 1)}, "within a year"),
        ({"owner": "7777777"}, "Select a valid choice"),
    ],
)
def test_the_form_says_what_is_wrong(ours, overdue, data, words):
    assert words in text(post(ours, overdue, **data))
    assert not Contact.objects.exists()


def test_a_day_needs_an_owner_and_another_owner_a_day(ours, overdue, colleague):
    assert "Choose who makes" in text(post(ours, overdue, next_on=today(), owner=""))
    assert "Choose the day of the next attempt" in text(post(ours, overdue, owner=colleague.pk))


def test_the_offered_owner_without_a_day_is_none(ours, overdue, clinician):
    post(ours, overdue, owner=clinician.pk)
    assert Contact.objects.get().owner is None


def test_the_form_offers_the_staff_who_may_record(ours, overdue, colleague, viewer, stranger):
    shown = text(ours.get(address(overdue, "contact-add")))
    assert "Ola Berg" in shown and "clinician (me)" in shown
    assert "viewer" not in shown and "stranger" not in shown


def test_who_comes_too_late_is_told_and_may_send_again(ours, overdue, ask, colleague):
    first = ask(by=colleague, next_on=today() + DAY)
    shown = post(ours, overdue, headers=HTMX)
    assert shown.status_code == 422
    assert "Ola Berg recorded on" in text(shown) and "telephone, no answer. Next attempt" in text(shown)
    assert Contact.objects.count() == 1
    assert f'name="seen" value="{first.pk}"' in shown.content.decode()
    assert post(ours, overdue, seen=first.pk).status_code == 302


def test_a_contact_is_withdrawn_on_its_form(ours, overdue, ask):
    made = ask()
    assert "telephone, no answer" in text(ours.get(address(overdue, "contact-withdraw", item=made.uuid)))
    assert "Say why." in text(post(ours, overdue, "contact-withdraw", item=made.uuid, reason=""))
    post(ours, overdue, "contact-withdraw", item=made.uuid, reason="Another patient")
    assert not Contact.objects.current().exists()


def test_leaving_out_and_monitoring_again_on_their_forms(ours, overdue):
    left = {"reason": "moved", "starts_on": today(), "ends_on": "", "note": "", "version": overdue.version}
    assert "is left out of monitoring." in text(post(ours, overdue, "left-out-add", headers=HTMX, **left))
    found = LeftOut.objects.get()
    back = post(ours, overdue, "left-out-lift", headers=HTMX, item=found.uuid, reason="Came back")
    assert "is monitored again." in text(back)
    assert not LeftOut.objects.standing().exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"reason": ""}, "Choose why"),
        ({"starts_on": date(2199, 1, 1)}, "lies in the future"),
        ({"ends_on": date(2020, 1, 1)}, "The last day is before the first."),
        ({"starts_on": date(2020, 1, 1), "ends_on": date(2020, 1, 2)}, "passed already"),
        ({"reason": "died", "ends_on": date(2199, 1, 1)}, "A death has no last day."),
        ({"reason": "died", "note": "At home"}, "Only the date of death is stored"),
    ],
)
def test_the_form_to_leave_out_says_what_is_wrong(ours, overdue, data, words):
    given = {"reason": "moved", "starts_on": today(), "version": overdue.version} | data
    assert words in text(post(ours, overdue, "left-out-add", **given))
    overdue.refresh_from_db()
    assert overdue.died_on is None and not LeftOut.objects.exists()


def test_died_is_stored_as_the_date_of_death(ours, overdue):
    given = {"reason": "died", "starts_on": today() - DAY, "version": overdue.version}
    assert "The date of death is stored" in text(post(ours, overdue, "left-out-add", headers=HTMX, **given))
    overdue.refresh_from_db()
    assert overdue.died_on == today() - DAY and not LeftOut.objects.exists()


def test_died_over_changed_details_is_told_and_may_be_sent_again(ours, overdue, colleague):
    given = {"reason": "died", "starts_on": today(), "version": overdue.version}
    change_patient(patient=overdue, by=colleague, version=overdue.version, sex="X")
    shown = post(ours, overdue, "left-out-add", headers=HTMX, **given)
    assert "Ola Berg changed the patient's own details" in text(shown).replace("&#x27;", "'")
    overdue.refresh_from_db()
    assert overdue.died_on is None
    assert post(ours, overdue, "left-out-add", **given | {"version": overdue.version}).status_code == 302


def test_an_item_of_another_patient_is_not_found(ours, overdue, ask, leave, clinic):
    other = Patient.objects.create(
        clinic=clinic, mrn="N-9", family_name="B", birth_date=date(1960, 1, 1), sex="M"
    )
    for name, item in (("contact-withdraw", ask()), ("left-out-lift", leave())):
        assert post(ours, other, name, item=item.uuid, reason="x").status_code == 404


# --- two at once ---


def both(*acts) -> list:
    """What each said or raised, run at the same moment."""
    start, said = threading.Barrier(len(acts)), []

    def run(act):
        start.wait()
        try:
            said.append(act())
        except (Stale, Refused) as refusal:
            said.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


@pytest.mark.django_db(transaction=True)
def test_of_two_contacts_at_once_one_is_told(ask, colleague, overdue):
    said = both(
        lambda: ask(seen=None, next_on=today()), lambda: ask(seen=None, by=colleague, next_on=today() + DAY)
    )
    assert sum(isinstance(one, Stale) for one in said) == 1
    assert row(overdue).next_contact_on == Contact.objects.get().next_on


@pytest.mark.django_db(transaction=True)
def test_of_two_leaving_out_at_once_one_is_told(leave, colleague, overdue):
    said = both(lambda: leave(), lambda: leave(by=colleague, reason="declined"))
    assert sum(isinstance(one, Refused) for one in said) == 1
    assert row(overdue).left_out == LeftOut.objects.get().reason


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_contact(ask):
    said = both(lambda: ask(seen=None), lambda: ask(seen=None))
    assert said[0] == said[1] == Contact.objects.get()
