"""Numbers for Prometheus: who may read them, what they count, and that nobody is named."""

import os
import re
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Backup
from config.operating import tally
from patients.models import Notice
from uploads.interfaces.senders import add_sender, block
from uploads.models import Message, Upload

TOKEN = "a-token-of-this-test-only"
# Before a test puts its own in its place.
SHARED = tally.shared
LINE = re.compile(r'liver_[a-z_]+(\{([a-z]+="[^"\\\n]*",?)+\})? [0-9.e+-]+')
SAID = ("# HELP liver_", "# TYPE liver_")


@pytest.fixture(autouse=True)
def site(settings, monkeypatch):
    settings.METRICS_TOKEN = TOKEN
    fresh = tally.Tally(["health-live", "patients:detail", "none", "static", "admin", "metrics"])
    monkeypatch.setattr(tally, "shared", lambda: fresh)
    return fresh


def read(client) -> dict[str, float]:
    """Series to value; each line is one that Prometheus understands."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain; version=0.0.4")
    found = {}
    for line in answer.content.decode().splitlines():
        if not line.startswith(SAID):
            assert LINE.fullmatch(line), line
            series, _, value = line.rpartition(" ")
            assert series not in found
            found[series] = float(value)
    return found


def upload_of(clinic, by) -> Upload:
    return Upload.objects.create(clinic=clinic, file="x.csv", kind="labs", sha256="0" * 64, size=0, by=by)


def receive(sender, number: int, **ago: int) -> None:
    at = timezone.now() - timedelta(**ago)
    Message.objects.create(
        sender=sender, control_id=str(number), raw=b"MSH", sha256="", content_sha256="", at=at
    )


@pytest.mark.parametrize(
    "given", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}]
)
def test_without_the_token_nobody_reads_them(client, given):
    answer = client.get("/metrics", headers=given)
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", TOKEN])
def test_without_the_setting_there_is_no_such_address(client, settings, token):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 404


def test_requests_are_counted_by_name_and_never_by_address(client, clinician, patient):
    client.get("/health/live")
    client.post("/health/live")
    client.force_login(clinician)
    client.get(f"/patients/{patient.uuid}/")
    client.get("/patients/Okafor/")
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    found = read(client)
    assert found['liver_requests_total{route="health-live",status="2xx"}'] == 1
    assert found['liver_requests_total{route="health-live",status="4xx"}'] == 1
    assert found['liver_requests_total{route="patients:detail",status="2xx"}'] == 1
    assert found['liver_requests_total{route="none",status="4xx"}'] == 1
    assert "Okafor" not in text and str(patient.uuid) not in text and patient.mrn not in text


def test_durations_are_a_histogram(client, site, db):
    for seconds in (0.025, 0.03, 0.4, 99):
        site.count("patients:detail", 200, seconds)
    found = read(client)
    of = 'liver_request_seconds_bucket{route="patients:detail",le="%s"}'
    assert [found[of % le] for le in ("0.025", "0.05", "0.25", "0.5", "10", "+Inf")] == [1, 2, 2, 3, 3, 4]
    assert found['liver_request_seconds_sum{route="patients:detail"}'] == pytest.approx(99.455)
    assert found['liver_request_seconds_count{route="patients:detail"}'] == 4


def test_processes_count_together_and_one_that_dies_stops_nobody(site):
    """As gunicorn's, which part from one; the last dies while it holds the lock."""
    for number in range(4):
        if not os.fork():
            for _ in range(500):
                site.count("none", 200, 0.5)
            if number == 3:
                site._alone().__enter__()
            os._exit(0)
    for _ in range(4):
        os.wait()
    ((name, classes, _, seconds),) = site.rows()
    assert (name, classes, seconds) == ("none", [2000, 0, 0, 0], 1000.0)


def test_a_name_that_is_new_is_counted_as_none(site):
    site.count("patients:invented", 500, 0.1)
    assert [(name, classes) for name, classes, *_ in site.rows()] == [("none", [0, 0, 0, 1])]


def test_every_address_has_a_row_of_its_own():
    assert {"patients:detail", "hl7", "account_login", "admin"} <= set(SHARED().places)


def test_queue_notices_and_feeds(empty_queue, client, clinic, other_clinic, clinician):
    now = timezone.now()
    for taken in ({}, {"taken_at": now, "taken_by": clinician}):
        told = {"clinic": clinic, "kind": "history", "upload": upload_of(clinic, clinician), "raised_at": now}
        Notice.objects.create(**told, **taken)
    lab, _ = add_sender(clinic=clinic, name="Laboratory of Dr Okafor")
    old, _ = add_sender(clinic=clinic, name="Old")
    add_sender(clinic=clinic, name="Silent")
    for number, minutes in enumerate((90, 30, 60)):
        receive(lab, number, minutes=minutes)
    receive(old, 1, minutes=5)
    block(sender=old)
    found = read(client)
    assert found['liver_notices_untaken{clinic="north"}'] == 1
    assert found['liver_notices_untaken{clinic="south"}'] == 0
    assert "liver_backup_age_seconds" not in found
    Backup.objects.create(at=now, file="a", bytes=1, sha256="", head="", is_encrypted=False)
    assert read(client)["liver_backup_age_seconds"] == pytest.approx(0, abs=20)
    feeds = {series: value for series, value in found.items() if "feed_age" in series}
    assert list(feeds) == [f'liver_feed_age_seconds{{clinic="north",sender="{lab.uuid}"}}']
    assert feeds.popitem()[1] == pytest.approx(1800, abs=20)
    assert (found["liver_queue_waiting"], found["liver_workers"], found["liver_database_up"]) == (0, 0, 1)
    assert 0 < found["liver_disk_free_bytes"] <= found["liver_disk_bytes"]
    assert found["liver_database_seconds"] > 0


def test_it_costs_six_queries(client, clinic, django_assert_num_queries):
    add_sender(clinic=clinic, name="Lab")
    with django_assert_num_queries(6):
        read(client)


def test_without_a_database_it_says_so(client, django_db_blocker):
    kept = connections["default"]
    connections["default"] = kept.copy()
    connections["default"].settings_dict["HOST"] = "/nowhere"
    try:
        with django_db_blocker.unblock():
            found = read(client)
    finally:
        connections["default"] = kept
    assert found["liver_database_up"] == 0 and "liver_disk_free_bytes" in found
    assert not any("queue" in series for series in found)
