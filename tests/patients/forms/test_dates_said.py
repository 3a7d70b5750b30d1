"""Days and times of the entry forms, said back as they were read."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone


@pytest.fixture
def staff(client, clinician):
    client.force_login(clinician)
    return client


def check(client, kind, zone="Europe/London", **typed):
    address = reverse("patients:date-check") + f"?kind={kind}&field=on&zone={zone}"
    response = client.post(address, typed)
    return " ".join(response.content.decode().split()), response.status_code


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("day", {"on": "2020-11-30"}, "<span>Mon 30 Nov 2020, "),
        ("day", {"on": "2026-02-30"}, "30 February 2026 does not exist."),
        ("day", {"on": "0026-02-03"}, "Check the year 26"),
        ("day-and-time", {"on_day": "2020-11-30", "on_clock": ""}, "<span>Mon 30 Nov 2020, "),
        ("day-and-time", {"on_day": "2020-11-30", "on_clock": "01:11"}, "<span>Mon 30 Nov 2020, 01:11, "),
        ("time", {"on": "2020-11-30T01:11"}, "<span>Mon 30 Nov 2020, 01:11, "),
        ("time", {"on": "2026-02-30T01:11"}, "30 February 2026 does not exist."),
    ],
)
def test_what_is_typed_is_said_back(staff, kind, typed, said):
    assert said in check(staff, kind, **typed)[0]


@pytest.mark.parametrize("kind", ["day", "day-and-time", "time"])
def test_nothing_typed_is_nothing_said(staff, kind):
    assert check(staff, kind) == ("", 200)


def test_today_is_that_of_the_clinic(staff):
    now = timezone.now()
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        today = now.astimezone(ZoneInfo(zone)).date()
        assert ", today" in check(staff, "day", zone, on=f"{today}")[0]


@pytest.mark.parametrize(("kind", "zone"), [("x", "UTC"), ("day", "Mars/Base"), ("day", "../etc/passwd")])
def test_what_is_no_field_is_refused(staff, kind, zone):
    assert check(staff, kind, zone, on="2026-01-01")[1] == 400


def test_a_stored_date_is_said_when_its_form_opens(staff, patient):
    page = staff.get(reverse("patients:edit", args=[patient.uuid])).content.decode()
    born = patient.birth_date
    assert f"{born:%a} {born.day} {born:%b} {born.year}, " in page


def test_a_refused_form_says_its_dates_without_scripts(staff, patient):
    on = timezone.now().date() - timedelta(days=6)
    data = {"kind": "", "started_at_day": f"{on}", "started_at_clock": ""}
    page = staff.post(reverse("patients:event-add", args=[patient.uuid]), data).content.decode()
    assert "6 days ago" in page
