"""The two roles of a database: who owns the tables, and as whom web and worker processes work.

The embedded database gets both; of a database of one's own the check says where there is one only.
An embedded database that was made before there were any is theirs from its next start on, with all that is in it.
"""

import psycopg
from django.conf import settings
from django.core.checks import Tags, Warning, register
from psycopg import Connection
from psycopg.sql import SQL, Identifier

OWNER, RUNTIME = "liver_owner", "liver_app"
ONE_ROLE = "MIGRATE_URL is not set: a role in DATABASE_URL that owns the tables, too, could change history."
REMEDY = "Name the owner there and a second role in DATABASE_URL (docs/operating.md, History). doctor asks which it is."
# One process makes them, the others wait.
TURN = "SELECT pg_advisory_xact_lock(7205759403)"
THERE = "SELECT 1 FROM pg_roles WHERE rolname = %s"
# The tests make databases, and work in them as the runtime role. Benchmarks fill tables past triggers.
MAKE = """
CREATE ROLE liver_owner LOGIN CREATEDB;
CREATE ROLE liver_app LOGIN;
GRANT liver_app TO liver_owner;
GRANT SET ON PARAMETER session_replication_role TO liver_owner;
"""
# The server's own log never quotes a statement or the values of a row: they would be patients'.
QUIET = """
ALTER ROLE liver_owner SET log_min_error_statement = panic;
ALTER ROLE liver_owner SET log_error_verbosity = terse;
ALTER ROLE liver_app SET log_min_error_statement = panic;
ALTER ROLE liver_app SET log_error_verbosity = terse;
"""
DATABASES = "SELECT datname FROM pg_database WHERE NOT datistemplate"
# What lies in the schema; sequences and indexes follow their tables.
REASSIGN = """
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('ALTER TABLE %s OWNER TO liver_owner', oid::regclass) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO liver_owner', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO liver_owner', oid::regtype) FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND (typtype IN ('e', 'd')
            OR typrelid IN (SELECT oid FROM pg_class WHERE relkind = 'c'))
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;
"""


def ensure(address: str) -> None:
    """As the server's superuser; all of it or nothing."""
    with psycopg.connect(address) as server:
        if server.execute(THERE, [RUNTIME]).fetchone():
            return
        server.execute(TURN)
        if not server.execute(THERE, [RUNTIME]).fetchone():
            _make(server)


def _make(server: Connection) -> None:
    server.execute(MAKE)
    server.execute(QUIET)
    for (name,) in server.execute(DATABASES).fetchall():
        server.execute(SQL("ALTER DATABASE {} OWNER TO liver_owner").format(Identifier(name)))
    server.execute(REASSIGN)


@register(Tags.security, deploy=True)
def check_roles(app_configs: object, **options: object) -> list[Warning]:
    return [] if settings.RUNTIME_ROLE else [Warning(ONE_ROLE, hint=REMEDY, id="config.W001")]
