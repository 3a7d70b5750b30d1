"""Contacts and who is left out: what is stored, what is refused, two at once."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from patients.actions.assess import assess
from patients.actions.contacts import (
    LONGEST_WAIT,
    NOTE_LENGTH,
    leave_out,
    lift,
    record_death,
    withdraw_contact,
)
from patients.actions.errors import Refused, Stale
from patients.actions.people import change_patient
from patients.follow_up.contacts import plan_state
from patients.models import Contact, Diagnosis, LeftOut
from patients.worklist import NEVER
from tests.patients.asking import CORE, DAY, listed, noon, row, text, today

pytestmark = pytest.mark.django_db


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
    shown = text(client.get("/?show=all"))
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
