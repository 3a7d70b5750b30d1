"""What probes are told: that it lives, and whether it can serve."""

from unittest.mock import patch

import pytest
from django.db import connection, connections
from django.test import override_settings

from config.operating import health, vitals
from uploads import room

BY_NUMBER = {"headers": {"Host": "10.0.0.7:8000"}}


@pytest.fixture(autouse=True)
def afresh():
    health.forget()
    yield
    health.forget()


@pytest.fixture
def worker(empty_queue):
    """One that was seen just now."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        return cursor.fetchone()[0]


def wait(minutes: int, *, later: bool = False) -> None:
    """A job that can be done since so many minutes, or can in an hour."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, scheduled_at) "
            "VALUES ('uploads', 'x', 0, '{}', %s) RETURNING id",
            ["9999-01-01" if later else None],
        )
        number = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - make_interval(mins => %s) WHERE job_id = %s",
            [minutes, number],
        )


def test_it_lives_without_a_database(client):
    """No query is allowed here."""
    with override_settings(SECURE_SSL_REDIRECT=True):
        answer = client.get("/health/live", **BY_NUMBER)
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert "no-store" in answer["Cache-Control"] and not answer.cookies


def test_it_is_ready(client, worker):
    with override_settings(SECURE_SSL_REDIRECT=True):
        answer = client.get("/health/ready", **BY_NUMBER)
    found = answer.json()
    assert (answer.status_code, found["status"]) == (200, "ready")
    assert set(found) == {"status", "disk", "database", "migrations", "queue", "worker"}
    assert found["worker"]["seen_seconds_ago"] < 60 and found["disk"]["free_mb"] > 0


def test_nobody_knocks_at_the_database_twice_in_two_seconds(client, worker, django_assert_num_queries):
    client.get("/health/ready")
    with django_assert_num_queries(0):
        assert client.get("/health/ready").json()["status"] == "ready"


def test_it_costs_four_queries(client, worker, django_assert_num_queries):
    """The answer's time, whether migrations are written down at all, which, and the queue."""
    with django_assert_num_queries(4):
        client.get("/health/ready")


def test_without_a_worker_pages_are_served(client, empty_queue):
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["worker"] == {"ok": False, "seen_seconds_ago": None}


def test_a_worker_that_fell_silent_is_none(client, worker):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    assert client.get("/health/ready").json()["worker"] == {"ok": False, "seen_seconds_ago": 120}


@pytest.mark.parametrize(("minutes", "status"), [(5, "ready"), (16, "degraded")])
def test_a_job_that_waits_long_is_told(client, worker, minutes, status):
    wait(1)
    wait(minutes)
    wait(600, later=True)
    found = client.get("/health/ready").json()
    assert found["status"] == status
    assert (found["queue"]["waiting"], found["queue"]["oldest_seconds"]) == (2, minutes * 60)


def test_a_migration_that_is_missing(client, worker, monkeypatch):
    there = vitals._last_migrations()
    monkeypatch.setattr(vitals, "_last_migrations", lambda: [*there, ("meetings", "9999_later")])
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["migrations"]["missing"] == ["meetings.9999_later"]


@pytest.mark.parametrize(("free", "status"), [(99, 503), (100, 200), (499, 200)])
def test_a_disk_with_little_room_and_a_full_one(client, worker, free, status):
    """With little room pages are still read and filled in: only files are refused."""
    with patch.object(room.shutil, "disk_usage") as usage:
        usage.return_value.free, usage.return_value.total = free * 1024**2, 1024**4
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["disk"]) == (status, {"ok": False, "free_mb": free})
    assert answer.json()["status"] == ("not ready" if status == 503 else "degraded")


def test_without_a_database(client, django_db_blocker):
    kept = connections["default"]
    connections["default"] = kept.copy()
    connections["default"].settings_dict["HOST"] = "/nowhere"
    try:
        with django_db_blocker.unblock():
            answer = client.get("/health/ready")
    finally:
        connections["default"] = kept
    assert (answer.status_code, answer.json()["database"]) == (503, {"ok": False})
