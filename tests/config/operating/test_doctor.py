"""What the doctor says of each thing that can be wrong, and that it says nothing of a sound installation."""

import json
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from accounts.models import Backup
from config.operating import doctor, vitals
from config.operating.oldest import TooOld
from uploads import room


@pytest.fixture(autouse=True)
def sound(empty_queue, settings, monkeypatch):
    """Production behind a proxy, with a worker, on a role of its own."""
    settings.PRODUCTION = settings.BEHIND_PROXY = True
    settings.DATABASE_URL = ""
    settings.DISK_FREE_MB = 1
    settings.BACKUP_DAYS = 0
    for name in ("BIND", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")


def found() -> dict[str, str]:
    return {finding.about: finding.sentence for finding in doctor.findings()}


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_of_a_sound_installation_nothing_is_said():
    said = StringIO()
    call_command("doctor", stdout=said)
    assert said.getvalue() == "Nothing is wrong.\n"


def test_what_is_wrong_is_said_in_sentences_and_it_fails(settings):
    settings.BEHIND_PROXY = False
    said = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("doctor", stdout=said)
    assert failure.value.returncode == 1
    assert (
        said.getvalue().startswith("In production only HTTPS is answered")
        and said.getvalue().count("\n") == 1
    )


def test_it_is_said_to_programs(settings):
    settings.BEHIND_PROXY = False
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", "--json", stdout=said)
    ((about, sentence),) = [one.values() for one in json.loads(said.getvalue())]
    assert about == "proxy" and "BEHIND_PROXY" in sentence
    settings.BEHIND_PROXY = True
    said = StringIO()
    call_command("doctor", "--json", stdout=said)
    assert json.loads(said.getvalue()) == []


def test_debug_in_production(monkeypatch, settings):
    monkeypatch.setenv("DEBUG", "true")
    assert list(found()) == ["debug"]
    settings.PRODUCTION = False
    assert found() == {}


@pytest.mark.parametrize("bind", ["0.0.0.0:8000", "[::]:8000", ":8000"])
def test_a_port_that_everybody_reaches_behind_the_proxy(monkeypatch, settings, bind):
    monkeypatch.setenv("BIND", bind)
    assert list(found()) == ["proxy"]
    monkeypatch.setenv("BIND", "10.0.0.7:8000")
    assert found() == {}


def test_a_disk_that_is_nearly_full(settings):
    with patch.object(room.shutil, "disk_usage") as usage:
        usage.return_value = SimpleNamespace(free=3 * 1024**2, total=1024**4)
        assert found()["disk"].startswith(f"{settings.VAR_DIR} has 3 MB of room left; below 1 MB")
        usage.return_value.free = 4 * 1024**2
        assert found() == {}


def test_a_database_that_is_too_old():
    with patch.object(connection, "ensure_connection", side_effect=TooOld("PostgreSQL is 14; ...")):
        assert found() == {"version": "PostgreSQL is 14; ..."}


def test_clocks_that_differ(monkeypatch):
    real = doctor.time.time
    monkeypatch.setattr(doctor, "time", SimpleNamespace(time=lambda: real() - 90))
    assert "are 90 s apart" in found()["clock"]


@pytest.mark.parametrize(
    ("is_superuser", "owned", "said"),
    [(True, 1, "is a superuser"), (False, 1, "owns the tables"), (False, 0, "")],
)
def test_a_role_that_is_too_strong(settings, monkeypatch, is_superuser, owned, said):
    settings.DATABASE_URL = "postgresql://x"
    answers = {"rolsuper": is_superuser, "relowner": owned}

    def one(statement: str) -> object:
        return next(answer for name, answer in answers.items() if name in statement)

    monkeypatch.setattr(doctor, "_clock", lambda: iter(()))
    monkeypatch.setattr(doctor, "_one", one)
    assert [said in sentence for sentence in found().values()] == ([True] if said else [])


def test_the_owner_is_known_by_the_tables(settings):
    """As which the tests sign in, before they go on as the runtime role."""
    settings.DATABASE_URL = "postgresql://x"
    assert "role" not in found()
    run("SET LOCAL ROLE NONE")
    assert "owns the tables" in found()["role"]


def test_a_clinic_of_its_own_without_production(settings, clinic):
    assert found() == {}
    settings.PRODUCTION = False
    assert list(found()) == ["production"]
    clinic.is_demo = True
    clinic.save()
    assert found() == {}


def test_without_a_worker():
    run("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 minutes'")
    assert found()["worker"].startswith("No worker was seen for 5 min: ")
    run("DELETE FROM procrastinate_workers")
    assert found()["worker"].startswith("No worker is there: ")


def test_a_queue_that_stands():
    run(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args) VALUES ('uploads', 'x', 0, '{}')"
    )
    assert found() == {}
    run("UPDATE procrastinate_events SET at = now() - interval '40 minutes'")
    assert found()["queue"].startswith("1 job waits, the oldest for 40 min.")


def test_a_migration_that_is_missing(monkeypatch):
    monkeypatch.setattr(vitals, "_last_migrations", lambda: [("uploads", "9999_later")])
    assert list(found()) == ["migrations"]
    assert "uploads." in found()["migrations"] and found()["migrations"].endswith("Run: manage.py migrate")


def test_without_a_database(settings):
    kept = connections["default"]
    connections["default"] = kept.copy()
    connections["default"].settings_dict["HOST"] = "/nowhere"
    settings.BEHIND_PROXY = False
    try:
        found = doctor.findings()
    finally:
        connections["default"] = kept
    assert [finding.about for finding in found] == ["database", "proxy"]
    assert "/nowhere" in found[0].sentence


@pytest.mark.parametrize(("days", "said"), [(None, "No backup was ever made."), (4, "4 days old."), (1, "")])
def test_a_backup_that_is_old(clinic, settings, days, said):
    settings.BACKUP_DAYS = 2
    if days is not None:
        at = timezone.now() - timedelta(days=days)
        Backup.objects.create(at=at, file="a", bytes=1, sha256="", head="", is_encrypted=False)
    assert said in found().get("backup", "") and ("backup" in found()) == bool(said)
    settings.BACKUP_DAYS = 0
    assert "backup" not in found()


def test_a_demo_needs_no_backup(clinic, settings):
    settings.BACKUP_DAYS = 2
    clinic.is_demo = True
    clinic.save()
    assert "backup" not in found()
