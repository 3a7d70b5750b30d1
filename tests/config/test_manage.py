"""What manage.py says of an error that a command does not know."""

import logging

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError

import manage
from config.logs import Quiet


class Refused(Exception):
    """As psycopg gives it."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("DETAIL: Key (mrn)=(N-100) already exists.")
        self.sqlstate = sqlstate


def raised(kind: type[Exception], sqlstate: str | None = None) -> Exception:
    error = kind("permission denied for schema public")
    error.__cause__ = Refused(sqlstate)
    return error


@pytest.mark.parametrize(
    ("error", "command", "said"),
    [
        (ImproperlyConfigured("DEBUG is “x”."), "check", "Settings: DEBUG is “x”."),
        (raised(OperationalError), "worker", "The database cannot be reached. Check DATABASE_URL"),
        (raised(OperationalError, "57014"), "worker", ""),
        (
            raised(ProgrammingError, "42501"),
            "migrate",
            "migrate works as the owner of the tables",
        ),
        (raised(ProgrammingError, "42501"), "worker", ""),
        (raised(ProgrammingError, "42P01"), "migrate", ""),
        (ValueError("N-100"), "migrate", ""),
    ],
)
def test_a_remedy_where_one_is_known(error, command, said):
    found = manage.remedy(error, command)
    assert found.startswith(said) and bool(found) == bool(said)


def test_in_production_an_error_is_logged_without_its_words(settings, caplog):
    settings.PRODUCTION = True
    with caplog.at_level(logging.CRITICAL, logger="manage"):
        assert manage.quietly(raised(ProgrammingError, "23505"))
    (record,) = caplog.records
    assert Quiet().format(record).endswith("django.db.utils.ProgrammingError")
    assert "N-100" not in Quiet().format(record) and "schema public" not in Quiet().format(record)


def test_elsewhere_the_error_is_shown_whole(settings):
    settings.PRODUCTION = False
    assert not manage.quietly(ValueError("x"))
