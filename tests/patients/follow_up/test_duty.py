"""Who is on duty, beside the notices: added and removed by who may, shown to everybody of the clinic."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from patients.actions.duty import add_duty, remove_duty
from patients.actions.errors import Refused
from patients.models import OnDuty

PAGE = reverse("patients:notices")
NOW = timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def add(clinic, clinician):
    """add(starts=-1, ends=8): the clinician, from and until so many hours from now."""

    def add(starts: float = -1, ends: float = 8, user=None) -> OnDuty:
        times = {"starts_at": NOW + timedelta(hours=starts), "ends_at": NOW + timedelta(hours=ends)}
        return add_duty(clinic=clinic, user=user or clinician, by=clinician, **times)

    return add


@pytest.fixture
def page(client):
    def page(user) -> str:
        client.force_login(user)
        return client.get(PAGE).content.decode()

    return page


def send(client, clinic, user, starts="2099-11-30T08:00", ends="2099-12-01T08:00"):
    typed = {"user": user.pk, "starts_at": starts, "ends_at": ends}
    return client.post(reverse("patients:duty-add", args=[clinic.code]), typed)


def test_the_same_twice_is_once(add):
    assert add() == add()
    assert OnDuty.objects.count() == 1


@pytest.mark.parametrize(
    "starts, ends, refused",
    [
        (1, 1, "The end is not after the beginning"),
        (-9, -1, "over already"),
        (0, 31 * 24, ""),
        (0, 31 * 24 + 1, "at most 31 days"),
    ],
)
def test_times_that_cannot_be_meant_are_refused(add, starts, ends, refused):
    if not refused:
        assert add(starts, ends)
        return
    with pytest.raises(Refused, match=refused):
        add(starts, ends)


def test_only_who_can_take_notices_is_on_duty(add, viewer, stranger):
    for user in (viewer, stranger):
        with pytest.raises(Refused, match="cannot take notices in this clinic"):
            add(user=user)


def test_removed_it_is_kept(add, clinician):
    duty = add()
    remove_duty(duty=duty, by=clinician)
    remove_duty(duty=duty, by=clinician)
    duty.refresh_from_db()
    assert duty.removed_by == clinician and not OnDuty.objects.standing().exists()


@pytest.mark.parametrize("changes", [{"ends_at": NOW - timedelta(days=9)}, {"removed_at": NOW}])
def test_half_a_duty_is_refused_by_the_database(add, changes):
    duty = add()
    for name, value in changes.items():
        setattr(duty, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        duty.save()


@pytest.mark.parametrize("who", ["viewer", "clinician", "data_manager", "administrator"])
def test_everybody_of_the_clinic_sees_who_it_is(page, add, request, who):
    add()
    html = page(request.getfixturevalue(who))
    assert "<strong>clinician</strong>" in html
    assert (reverse("patients:duty-add", args=["north"]) in html) is (who in ("clinician", "administrator"))


def test_who_is_off_is_not_shown(page, add, viewer, stranger):
    duty = add()
    assert "<strong>clinician</strong>" not in page(stranger)
    OnDuty.objects.filter(pk=duty.pk).update(ends_at=NOW - timedelta(minutes=1))
    assert "Nobody is named." in page(viewer)


def test_added_and_removed_on_the_page(client, page, clinic, administrator, clinician):
    client.force_login(administrator)
    assert send(client, clinic, clinician).status_code == 302
    duty = OnDuty.objects.get()
    # The clinic's own time: London in winter.
    assert duty.starts_at.isoformat() == "2099-11-30T08:00:00+00:00" and duty.by == administrator
    client.post(reverse("patients:duty-remove", args=[duty.uuid]))
    assert not OnDuty.objects.standing().exists()


def test_a_refused_form_comes_back_as_it_was_typed(client, clinic, clinician):
    client.force_login(clinician)
    response = send(client, clinic, clinician, ends="2099-11-30T08:00")
    assert response.status_code == 422
    html = response.content.decode()
    assert "The end is not after the beginning." in html and 'value="2099-11-30T08:00"' in html
    assert send(client, clinic, clinician, starts="").status_code == 422
    assert not OnDuty.objects.exists()
