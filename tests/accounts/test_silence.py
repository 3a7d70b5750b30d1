"""Who makes a clinic silent, and what is kept of it."""

import pytest
from django.db import IntegrityError, transaction

from accounts.actions import switch_silent
from accounts.errors import StaffChangeRefused
from accounts.history import silencings
from accounts.models import Clinic

pytestmark = pytest.mark.django_db
ADDRESS = "/staff/silence/"


def test_a_new_clinic_shows_readings_and_was_never_switched(clinic):
    assert not clinic.is_silent and silencings(clinic) == []


def test_an_administrator_switches_and_who_when_and_why_are_kept(client, clinic, administrator):
    client.force_login(administrator)
    for silent, why in [("yes", "Until the figures were looked at"), ("no", "They were")]:
        answer = client.post(ADDRESS, {"clinic": clinic.code, "silent": silent, "why": why}, follow=True)
        assert answer.status_code == 200
    clinic.refresh_from_db()
    assert not clinic.is_silent
    kept = [(one.silent, one.why, one.by) for one in silencings(clinic)]
    assert kept == [
        (False, "They were", "administrator"),
        (True, "Until the figures were looked at", "administrator"),
    ]
    assert "Until the figures were looked at" in answer.content.decode()


def test_other_changes_of_a_clinic_are_no_switching(clinic, administrator):
    switch_silent(clinic=clinic, silent=True, why="x", by=administrator)
    Clinic.objects.filter(pk=clinic.pk).update(name="North")
    assert len(silencings(clinic)) == 1


@pytest.mark.parametrize("why", ["", "   ", "x" * 301])
def test_without_a_reason_or_with_a_novel_nothing_changes(client, clinic, administrator, why):
    client.force_login(administrator)
    answer = client.post(ADDRESS, {"clinic": clinic.code, "silent": "yes", "why": why})
    clinic.refresh_from_db()
    assert answer.status_code == 422 and not clinic.is_silent
    assert 'role="alert"' in answer.content.decode()


def test_the_second_of_two_who_switch_is_told(clinic, administrator):
    switch_silent(clinic=clinic, silent=True, why="first", by=administrator)
    with pytest.raises(StaffChangeRefused, match="Somebody else"):
        switch_silent(clinic=clinic, silent=True, why="second", by=administrator)
    assert [one.why for one in silencings(clinic)] == ["first"]


def test_the_database_wants_a_reason(clinic):
    with pytest.raises(IntegrityError, match="clinic_silent_why"), transaction.atomic():
        Clinic.objects.filter(pk=clinic.pk).update(is_silent=True)


def test_nobody_switches_another_clinic(client, other_clinic, administrator):
    client.force_login(administrator)
    answer = client.post(ADDRESS, {"clinic": other_clinic.code, "silent": "yes", "why": "x"})
    assert answer.status_code == 404
