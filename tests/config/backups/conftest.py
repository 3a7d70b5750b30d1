"""A record with something in it, and a second, empty database in the same cluster."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection

from accounts.models import PatientAccess
from patients.actions import draws
from patients.values.validation import CheckedResult
from tests.waiting import until

ROOT = Path(__file__).parents[3]
BEGIN = datetime(2025, 3, 1, 8, tzinfo=UTC)
BESIDE = "liver_restored"


@pytest.fixture
def add_draws(transactional_db, patient, clinician) -> Callable[[int, int], None]:
    """add_draws(first, number): one a minute, by hand."""

    def add(first: int, number: int) -> None:
        for minute in range(first, first + number):
            value = 20 + minute % 60
            reading = CheckedResult("ALT", value, reported_value=str(value))
            at = BEGIN + timedelta(minutes=minute)
            draws.add_draw(patient=patient, by=clinician, taken_at=at, readings=[reading], laboratory="L1")

    return add


@pytest.fixture
def record(add_draws, patient, clinician) -> None:
    add_draws(0, 5)
    PatientAccess.objects.create(user=clinician, patient=patient, page="detail")


def as_owner(**more: str) -> psycopg.Connection:
    """In the database of the tests, or in another one of its cluster."""
    given = connection.get_connection_params()
    owner = django_settings.OWNER
    names = ("host", "port", "dbname")
    parts = {name: given[name] for name in names if given.get(name)} | more
    return psycopg.connect(user=owner["USER"], password=owner["PASSWORD"], autocommit=True, **parts)


@pytest.fixture
def beside(transactional_db) -> Iterator[str]:
    """The address of an empty database, as its owner."""
    with as_owner() as cluster:
        cluster.execute(f"DROP DATABASE IF EXISTS {BESIDE} WITH (FORCE)")
        cluster.execute(f"CREATE DATABASE {BESIDE}")
        info = cluster.info
        yield f"postgresql://{info.user}:{info.password}@/{BESIDE}?host={info.host}&port={info.port}"
        until(lambda: _is_dropped(cluster))


def _is_dropped(cluster: psycopg.Connection) -> bool:
    """False while the server itself tidies up in it (autovacuum), which its owner may not end."""
    try:
        cluster.execute(f"DROP DATABASE {BESIDE} WITH (FORCE)")
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def restore(path: Path, *words: str) -> subprocess.CompletedProcess:
    """As an operator does, in a process of its own."""
    command = [sys.executable, "manage.py", "restore", str(path), *words]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
