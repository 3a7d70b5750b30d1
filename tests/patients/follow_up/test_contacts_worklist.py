"""Whom the worklist and the call list show as to be contacted, on which day and to whom."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from patients.actions.assess import assess
from patients.actions.contacts import (
    record_contact,
)
from patients.models import Diagnosis, Patient
from patients.worklist import WorklistState, counts, page
from tests.looks import pages_seen, seen
from tests.patients.asking import CORE, DAY, listed, text, today

pytestmark = pytest.mark.django_db


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
    assert page(WorklistState(contact=True), [clinic], evening_before).rows


def test_mine_are_those_whose_next_attempt_i_own(ask, clinic, clinician, colleague):
    ask(next_on=today() + 5 * DAY, owner=colleague)
    assert listed(clinic, today(), me=colleague.pk, mine=True)
    assert not listed(clinic, today(), me=clinician.pk, mine=True)
    assert not listed(clinic, today(), mine=True)
    assert not listed(clinic, today(), me=colleague.pk, mine=True, contact=True)


def test_the_new_filters_are_counted(ask, leave, clinic, clinician, other_clinic):
    ask(next_on=today())
    number = counts(WorklistState(me=clinician.pk), [clinic, other_clinic], timezone.now())
    assert (number["contact"], number["mine"], number["left_out"], number["overdue"]) == (1, 1, 0, 1)
    leave()
    number = counts(WorklistState(me=clinician.pk, q="oka"), [clinic, other_clinic], timezone.now())
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
    rows = page(WorklistState(sort="contact"), [clinic], timezone.now()).rows
    assert [one.patient for one in rows] == [overdue, later, nothing]


def test_the_row_says_who_asks_next(client, clinician, ask):
    client.force_login(clinician)
    assert "not planned" in text(client.get("/?contact=due"))
    assert "not planned" not in text(client.get("/?show=all"))
    ask(next_on=today())
    shown = client.get("/?show=all").content.decode()
    assert re.search(r'class="state due">\d+ \w+</time> <span class="soft">clinician</span>', shown)
    assert "no answer" in shown


def test_mine_is_in_the_address_and_who_i_am_is_not():
    state = WorklistState.of({"mine": "1", "contact": "due", "left_out": "1"}, me=7)
    assert state.fields() == {"mine": "1", "contact": "due", "left_out": "1"}
    assert state.filtered and not WorklistState.of({"sort": "contact"}, me=7).filtered


def test_the_list_to_contact_takes_eleven_queries(client, clinician, ask, django_assert_max_num_queries):
    ask(next_on=today())
    client.force_login(clinician)
    with django_assert_max_num_queries(11):
        client.get("/?contact=due&mine=1&sort=contact")


# --- the call list ---


def test_the_call_list_shows_who_is_due_and_records_the_look(client, viewer, ask, overdue):
    ask(next_on=today(), note="Not to be printed")
    client.force_login(viewer)
    shown = text(client.get(reverse("patients:call-list")))
    assert "Okafor, Ada" in shown and "2 Apr 1961" in shown and "8 overdue" in shown and "clinician" in shown
    assert "Not to be printed" not in shown
    assert pages_seen(overdue) == ["call-list"]


def test_the_call_list_keeps_the_filters_and_is_empty_in_words(client, viewer, ask, overdue):
    ask(next_on=today())
    client.force_login(viewer)
    assert "Nobody is to be contacted today." in text(client.get(reverse("patients:call-list") + "?mine=1"))
    assert "Nobody" in text(client.get(reverse("patients:call-list") + "?q=zzz"))
    assert not seen()


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
