"""History that cannot be changed: each statement on each protected table, as the runtime role and as the owner."""

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from accounts.models import PatientAccess, Purge
from accounts.protection import tables
from accounts.protection.purge import purging
from patients.models import Patient
from tests.roles import as_owner

LISTS = {name: value for name, value in vars(tables).items() if name.isupper() and isinstance(value, tuple)}
# Each table in one of these; the rest of the lists are sums of them.
SUMS = {"SEALED", "NEVER_CHANGED", "NEVER_DELETED", "EXEMPT"}
STATEMENTS = {
    "UPDATE": "UPDATE {table} SET {column} = {column}",
    "DELETE": "DELETE FROM {table}",
    "TRUNCATE": "TRUNCATE {table} CASCADE",
}
REFUSALS = [(table, verb) for table, verbs in sorted(tables.REFUSED.items()) for verb in verbs]
needs_two_roles = pytest.mark.skipif(not settings.RUNTIME_ROLE, reason="DATABASE_URL names one role")


def connect(role: dict) -> psycopg.Connection:
    given = {name: value for name, value in connection.get_connection_params().items() if name != "options"}
    names = ("user", "password", "host", "port", "dbname")
    mine = {"user": role["USER"], "password": role["PASSWORD"]}
    return psycopg.connect(**{name: (given | mine).get(name) for name in names})


@pytest.fixture(scope="module")
def runtime(django_db_setup) -> Iterator[psycopg.Connection]:
    """A session of its own as a web process has it."""
    with connect(settings.RUNTIME) as session:
        yield session


@pytest.fixture(scope="module")
def owner(django_db_setup) -> Iterator[psycopg.Connection]:
    with connect(settings.OWNER) as session:
        yield session


def try_(session: psycopg.Connection, table: str, verb: str, *, purge: str = "") -> str:
    """Says why it was refused, else nothing; leaves nothing behind."""
    sql = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1"
    (column,) = session.execute(sql, [table]).fetchone()
    try:
        with session.transaction(force_rollback=True):
            session.execute("SET LOCAL lock_timeout = '20s'")
            session.execute("SELECT set_config('liver.purge', %s, true)", [purge])
            session.execute(STATEMENTS[verb].format(table=table, column=column))
    except psycopg.DatabaseError as error:
        return str(error)
    return ""


def test_each_table_stands_in_one_list(db):
    listed = [table for name, value in LISTS.items() if name not in SUMS for table in value]
    assert sorted(listed) == sorted(connection.introspection.table_names())
    assert sorted(listed) == sorted(tables.RIGHTS)


@needs_two_roles
@pytest.mark.parametrize(("table", "verb"), REFUSALS)
def test_the_runtime_role_has_no_right_to(runtime, table, verb):
    assert "permission denied" in try_(runtime, table, verb)
    assert "permission denied" in try_(runtime, table, verb, purge="I say so")


@pytest.mark.parametrize(("table", "verb"), REFUSALS)
def test_the_owner_is_refused_and_may_purge(owner, table, verb):
    assert f"rows of {table}: they are kept for good" in try_(owner, table, verb) or (
        # TRUNCATE goes on to the tables that point here: one of those may say it.
        verb == "TRUNCATE" and "they are kept for good" in try_(owner, table, verb)
    )
    assert try_(owner, table, verb, purge="kept for ten years") == ""


@needs_two_roles
@pytest.mark.parametrize("table", sorted(tables.EXEMPT + tables.SCHEMA))
def test_no_table_may_be_emptied_at_once(runtime, table):
    assert "permission denied" in try_(runtime, table, "TRUNCATE")


@needs_two_roles
@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE patients_result DISABLE TRIGGER ALL",
        "DROP TRIGGER liver_delete ON patients_result",
        "DROP TABLE patients_resulthistory",
        "CREATE TABLE mine (id int)",
        "CREATE OR REPLACE FUNCTION liver_purging() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "SET session_replication_role = replica",
        "SET ROLE liver_owner",
        "INSERT INTO accounts_purge VALUES (DEFAULT, now(), 'x', 'x', 'x', 'x')",
        "UPDATE django_migrations SET name = name",
    ],
)
def test_the_runtime_role_is_weak(runtime, sql):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), runtime.transaction():
        runtime.execute(sql)


@needs_two_roles
def test_a_temporary_table_does_not_stand_in_for_ours(runtime):
    with runtime.transaction(force_rollback=True):
        runtime.execute("CREATE TEMP TABLE accounts_purge (id int)")
        runtime.execute("SET LOCAL liver.purge = 'mine'")
        assert runtime.execute("SELECT liver_purging()").fetchone() == (False,)


def test_a_purge_leaves_a_row_of_audit(patient, viewer):
    PatientAccess.objects.create(user=viewer, patient=patient, page="detail")
    with as_owner(), purging("kept for ten years"):
        assert PatientAccess.objects.all().delete()[0] == 1
    found = Purge.objects.get()
    assert (found.table_name, found.statement) == ("accounts_patientaccess", "DELETE")
    assert (found.role, found.reason) == (connection.settings_dict["USER"], "kept for ten years")


def test_a_purge_ends_with_its_block(patient):
    with as_owner():
        with purging("once"):
            pass
        with pytest.raises(Exception, match="Cannot delete rows"), transaction.atomic():
            Patient.objects.all().delete()


def test_what_is_purged_leaves_no_history(patient):
    before = patient.history.count()
    with as_owner(), purging("asked for by the patient"):
        Patient.objects.filter(pk=patient.pk).update(given_name="")
    assert patient.history.count() == before
    Patient.objects.filter(pk=patient.pk).update(given_name="Eve")
    assert patient.history.count() == before + 1


def test_no_setting_turns_history_off(patient):
    before = patient.history.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true) FROM pg_trigger")
    Patient.objects.filter(pk=patient.pk).update(given_name="Eve")
    assert patient.history.count() == before + 1
