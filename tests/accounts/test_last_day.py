"""A last day of work: access ends by itself, by the clinic's clocks; the last administrator stays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.errors import StaffChangeRefused
from accounts.models import Clinic, Membership, Role, User, today_in
from accounts.permissions import Can, clinics_of, people_who, require_any

DAY = timedelta(days=1)


@pytest.fixture
def second(clinic) -> User:
    user = User.objects.create_user("second", password="liver-test")
    Membership.objects.create(user=user, clinic=clinic, role=Role.ADMINISTRATOR)
    return user


@pytest.fixture
def at(monkeypatch):
    """at(moment): the clock of the server."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


def until(user: User, ends_on: date | None) -> Membership:
    member = user.memberships.get()
    return actions.change_member(membership=member, role=member.role, ends_on=ends_on)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def edit(user: User) -> str:
    return reverse("accounts:staff-edit", args=["north", user.username])


@pytest.mark.parametrize(
    ("zone", "last_moment"),
    [
        ("America/New_York", datetime(2026, 3, 4, 4, 59, 59, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 3, 3, 10, 59, 59, tzinfo=UTC)),
    ],
)
def test_access_ends_with_the_day_of_the_clinic(clinic, viewer, at, zone, last_moment):
    Clinic.objects.update(time_zone=zone)
    Membership.objects.filter(user=viewer).update(ends_on="2026-03-03")
    for moment, open_ in ((last_moment, True), (last_moment + timedelta(seconds=1), False)):
        at(moment)
        assert bool(clinics_of(fresh(viewer))) == open_
        assert people_who(Can.READ, Clinic.objects.get()).exists() == open_


def test_whose_work_is_over_is_told_so_on_the_page(client, patient, viewer):
    client.force_login(viewer)
    address = reverse("patients:detail", args=[patient.uuid])
    assert client.get(address).status_code == 200
    Membership.objects.filter(user=viewer).update(ends_on=today_in(patient.clinic) - DAY)
    assert client.get(address).status_code == 404
    with pytest.raises(PermissionDenied, match="Your work in North Hospital ended with"):
        require_any(fresh(viewer), Can.READ)


def test_an_administrator_names_and_lengthens_the_last_day(client, administrator, viewer, clinic):
    client.force_login(administrator)
    soon = today_in(clinic) + 3 * DAY
    page = client.post(edit(viewer), {"role": "viewer", "ends_on": soon.isoformat()}, follow=True)
    assert viewer.memberships.get().ends_on == soon
    assert f"<strong>until the end of {soon.day} {soon:%b} {soon.year}</strong>" in page.content.decode()
    assert "is now viewer until the end of" in page.content.decode()
    client.post(edit(viewer), {"role": "viewer", "ends_on": ""})
    assert viewer.memberships.get().ends_on is None


def test_one_whose_work_is_over_works_again(client, administrator, viewer, clinic):
    Membership.objects.filter(user=viewer).update(ends_on=today_in(clinic) - DAY)
    client.force_login(administrator)
    assert b"ended with" in client.get(reverse("accounts:staff")).content
    client.post(edit(viewer), {"role": "viewer", "ends_on": (today_in(clinic) + DAY).isoformat()})
    assert clinics_of(fresh(viewer)) == [clinic]


def test_a_role_is_changed_beside_a_day_that_has_passed(viewer, administrator, clinic):
    """Nobody has to invent another day."""
    Membership.objects.filter(user=viewer).update(ends_on=today_in(clinic) - DAY)
    member = viewer.memberships.get()
    actions.change_member(membership=member, role="clinician", ends_on=member.ends_on)
    assert viewer.memberships.get().role == "clinician"


def test_a_day_that_has_passed_is_refused_at_its_field(client, administrator, viewer, clinic):
    client.force_login(administrator)
    response = client.post(edit(viewer), {"role": "viewer", "ends_on": (today_in(clinic) - DAY).isoformat()})
    assert response.status_code == 422 and b"This day has passed." in response.content
    response = client.post(edit(viewer), {"role": "viewer", "ends_on": "next week"})
    assert response.status_code == 422 and b"Enter the date as 2026-11-23." in response.content
    assert viewer.memberships.get().ends_on is None


def test_a_new_person_comes_with_a_last_day(client, administrator, clinic):
    client.force_login(administrator)
    soon = today_in(clinic) + DAY
    person = {"clinic": clinic.pk, "kind": "new", "username": "ada", "family_name": "Byron", "role": "viewer"}
    client.post(reverse("accounts:staff-add"), person | {"ends_on": soon.isoformat()})
    assert Membership.objects.get(user__username="ada").ends_on == soon


def test_the_last_administrator_gets_no_last_day(administrator, clinic):
    with pytest.raises(StaffChangeRefused, match="left without an administrator"):
        until(administrator, today_in(clinic) + DAY)


def test_nor_is_the_last_one_without_a_day_ended_or_demoted(administrator, second, clinic):
    until(second, today_in(clinic) + DAY)
    for change in (
        lambda: actions.end_membership(membership=administrator.memberships.get()),
        lambda: actions.change_role(membership=administrator.memberships.get(), role="viewer"),
        lambda: until(administrator, today_in(clinic) + DAY),
    ):
        with pytest.raises(StaffChangeRefused, match="left without an administrator"):
            change()


def test_the_database_keeps_an_administrator_too(administrator, second, clinic):
    soon = today_in(clinic) + DAY
    Membership.objects.filter(user=second).update(ends_on=soon)
    with pytest.raises(IntegrityError, match="keeps an administrator"), transaction.atomic():
        Membership.objects.filter(user=administrator).update(ends_on=soon)
    assert Membership.objects.filter(ends_on=None).count() == 1


def test_it_stands_in_the_history_and_under_ones_own_name(client, administrator, viewer, clinic):
    soon = today_in(clinic) + 3 * DAY
    client.force_login(administrator)
    client.post(edit(viewer), {"role": "viewer", "ends_on": soon.isoformat()})
    page = client.get(reverse("accounts:staff")).content.decode()
    assert f"viewer is now viewer until the end of {soon.day} {soon:%B} {soon.year}" in page
    client.force_login(viewer)
    assert b"Your work in North Hospital ends with" in client.get(reverse("accounts:own")).content
