"""The page of the clinic: what its administrator decides, with its history, and what a time zone changes."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Clinic, Role, User
from patients.actions.errors import Refused, Stale
from patients.clinic.changing import change_clinic
from patients.context import counts_of
from patients.models import AssessmentMark, Draw, Event, Notice

PAGE = reverse("patients:clinic-settings", args=["north"])
SAID = {
    "name": "North Hospital",
    "time_zone": "Europe/London",
    "display_units": "si",
    "chart_scale": "",
    "notice_hours": "",
    "version": 1,
}


@pytest.fixture
def manager(administrator) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def store(client: Client, **said: object):
    return client.post(PAGE, SAID | said, follow=True)


def change(clinic: Clinic, by: User, **fields: object) -> list[str]:
    now = {name: getattr(clinic, name) for name in ("name", "time_zone", "display_units", "chart_scale")}
    kept = now | {"notice_hours": clinic.notice_hours, "version": clinic.version}
    return change_clinic(clinic=clinic, by=by, **kept | fields)


def test_what_is_stored_shows_with_who_when_and_what_it_was(manager, clinic, administrator):
    page = store(manager, name="Northern Hospital", display_units="conventional", notice_hours=12)
    assert "Stored: name, units, hours of notices." in text(page)
    clinic.refresh_from_db()
    assert (clinic.name, clinic.display_units, clinic.notice_hours) == (
        "Northern Hospital",
        "conventional",
        12,
    )
    assert f"{administrator} Name North Hospital Northern Hospital" in text(page)
    assert f"{administrator} Hours of notices as the installation says, 4 12" in text(page)
    assert "SI (µmol/L, g/L) Conventional (mg/dL, g/dL)" in text(page)


def test_nothing_different_stores_nothing(manager, clinic):
    assert "Nothing was different" in text(store(manager))
    assert clinic.history.count() == 1


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"name": " "}, "name", "Enter the clinic’s name."),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "Select a valid choice."),
        ({"notice_hours": 0}, "notice_hours", "greater than or equal to 1"),
        ({"notice_hours": 169}, "notice_hours", "less than or equal to 168"),
        ({"notice_hours": "few"}, "notice_hours", "Enter a whole number of hours."),
        ({"display_units": "stone"}, "display_units", "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(manager, clinic, said, field, sentence):
    response = store(manager, **said)
    (error,) = re.findall(rf'id="entry-{field}_error">([^<]+)<', response.content.decode())
    assert response.status_code == 422 and sentence in error and clinic.history.count() == 1


def test_two_do_not_overwrite_each_other(manager, clinic, administrator):
    change(clinic, administrator, name="Northern Hospital")
    response = store(manager, notice_hours=2)
    assert response.status_code == 422 and "changed this on" in text(response)
    assert "Name : stored now is Northern Hospital" in text(response).replace("Name:", "Name :")
    clinic.refresh_from_db()
    assert (clinic.name, clinic.notice_hours) == ("Northern Hospital", None)
    assert "Stored: hours of notices." in text(
        store(manager, name="Northern Hospital", notice_hours=2, version=2)
    )


def test_the_action_refuses_an_older_version(clinic, administrator):
    change(clinic, administrator, name="Northern Hospital")
    with pytest.raises(Stale):
        change(clinic, administrator, name="Nord")


@pytest.mark.parametrize(
    "wrong", [{"notice_hours": 0}, {"notice_hours": 200}, {"display_units": "x"}, {"chart_scale": "x"}]
)
def test_the_database_refuses_what_no_clinic_may_be(clinic, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Clinic.objects.update(**wrong)


def test_another_zone_changes_no_stored_moment_and_has_the_worklist_read_anew(
    clinic, administrator, patient, make_draw
):
    draw = make_draw(patient, "2026-01-01T08:30", ALT=112, INR=1.2)
    assert change(clinic, administrator, time_zone="America/New_York") == ["time_zone"]
    assert Draw.objects.get().taken_at == draw.taken_at
    assert AssessmentMark.objects.get().patient == patient


@pytest.mark.parametrize(
    ("zone", "refused"), [("America/New_York", True), ("Europe/Berlin", True), ("Europe/Lisbon", False)]
)
def test_days_without_an_hour_are_not_moved(clinic, administrator, patient, make_draw, zone, refused):
    make_draw(patient, "2026-01-01T00:00", hour_known=False, ALT=112)
    if not refused:
        assert change(clinic, administrator, time_zone=zone) == ["time_zone"]
        return
    with pytest.raises(Refused, match="without an hour: 1 draw. In") as refusal:
        change(clinic, administrator, time_zone=zone)
    assert refusal.value.field == "time_zone" and zone in refusal.value.sentence
    clinic.refresh_from_db()
    assert clinic.time_zone == "Europe/London"


def test_nor_are_events_that_begin_with_a_day(clinic, administrator, patient, make_draw):
    midnight = make_draw(patient, "2026-01-01T00:00").taken_at
    Event.objects.create(patient=patient, kind="vka", started_at=midnight)
    with pytest.raises(Refused, match="1 event"):
        change(clinic, administrator, time_zone="Europe/Berlin")


def test_hours_of_notices_are_the_clinics_own(clinic, other_clinic, viewer, patient):
    told = {"kind": "today", "level": "today", "raised_at": timezone.now() - timedelta(hours=6)}
    Notice.objects.create(clinic=clinic, patient=patient, **told)
    assert (counts_of(viewer).late, counts_of(viewer).hours) == (1, 4)
    Clinic.objects.update(notice_hours=8)
    again = User.objects.get(pk=viewer.pk)
    assert (counts_of(again).late, counts_of(again).untaken, counts_of(again).hours) == (0, 1, 8)


@pytest.mark.parametrize("scale", ["limit", "units", "baseline"])
def test_charts_open_as_the_clinic_wants(client, clinic, viewer, patient, make_draw, scale):
    make_draw(patient, "2026-01-01T08:00", ALT=(112, 40), INR=1.2)
    make_draw(patient, "2026-01-08T08:00", ALT=(90, 40), INR=1.3)
    client.force_login(viewer)
    Clinic.objects.update(chart_scale=scale)
    page = client.get(reverse("patients:chart", args=[patient.uuid])).content.decode()
    (choices,) = re.findall(r'data-choice="scale".*?</nav>', page, re.DOTALL)
    assert re.findall(r'data-key="(\w+)"[^>]*aria-current="true"', choices) == [scale]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CLINICIAN, Role.DATA_MANAGER, Role.PRIVACY_OFFICER])
def test_only_an_administrator_comes_here(client, clinic, viewer, role):
    viewer.memberships.update(role=role)
    client.force_login(viewer)
    assert client.get(PAGE).status_code == (404 if role == Role.PRIVACY_OFFICER else 403)
    assert client.get(reverse("patients:clinic")).status_code == 403
    assert client.get(reverse("uploads:sender-new")).status_code == 403
    seen = client.get(reverse("uploads:tokens")).status_code
    assert seen == (200 if role == Role.DATA_MANAGER else 403)


def test_a_clinic_of_others_does_not_exist(manager, other_clinic):
    address = reverse("patients:clinic-settings", args=["south"])
    assert manager.get(address).status_code == manager.post(address, SAID).status_code == 404
    assert manager.get(reverse("patients:clinic")).url == PAGE
