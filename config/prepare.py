"""Brings database and files up to date before serving: python -m config.prepare (called by script/server)."""

import errno
import os
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.loader import MigrationLoader

from config.logs import tell

# Seconds; gunicorn's processes end within `graceful_timeout` of their parent.
PATIENCE = 20


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.owner")
    try:
        check_port(os.environ["BIND"])
        django.setup()
        prepare()
    except (ImproperlyConfigured, CommandError) as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database cannot be used. Check DATABASE_URL and that the server runs.\n{error}")
    except KeyboardInterrupt:
        sys.exit(130)


def check_port(bind: str) -> None:
    host, _, port = bind.rpartition(":")
    try:
        _wait_for_port(host, int(port))
    except OverflowError:
        raise CommandError(f"{port} is not a port: they go to 65535. Try: script/server 8001") from None
    except PermissionError:
        raise CommandError(f"This user may not use port {port}. Try: script/server 8001") from None
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CommandError(f"Cannot serve at {bind}: {error.strerror}.") from None
        other = int(port) + 1
        raise CommandError(f"Port {port} is taken by another program. Try: script/server {other}") from None


def _wait_for_port(host: str, port: int) -> None:
    """After a crash the old web processes hold it for some seconds, while they finish what they had."""
    end, is_said = time.monotonic() + PATIENCE, False
    while (failure := _bound(host, port)) and time.monotonic() < end:
        if failure.errno != errno.EADDRINUSE:
            break
        if not is_said:
            tell(f"Port {port} is still held: waiting for up to {PATIENCE} seconds ...")
            is_said = True
        time.sleep(0.2)
    if failure:
        raise failure


def _bound(host: str, port: int) -> OSError | None:
    """Why not, where it cannot be."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def prepare() -> None:
    from django.conf import settings

    from accounts.models import Clinic
    from config import older

    if older.is_older():
        begin_anew()
    bring_up_to_date()
    if settings.COLLECTED:
        collect(settings.STATIC_ROOT)
    if settings.PRODUCTION:
        return
    if not Clinic.objects.exists():
        call_command("load_demo")  # says how to sign in
    elif Clinic.objects.filter(is_demo=True).exists():
        tell(
            "Demo sign-ins, password liver-demo: viewer, clinician, datamanager, administrator, privacyofficer"
        )


def bring_up_to_date() -> None:
    """Makes or changes the tables; where that takes a while it is said before."""
    loader = MigrationLoader(connection)
    missing = loader.graph.nodes.keys() - loader.applied_migrations.keys()
    if missing:
        doing = "Bringing the tables up to date" if loader.applied_migrations else "Making the tables"
        tell(f"{doing} (up to a minute, only this once) ...")
    call_command("migrate", verbosity=0, interactive=False)


def collect(folder: Path) -> None:
    """Gathers and compresses what the pages load; where that takes a while it is said before."""
    if not (folder / "staticfiles.json").exists():
        tell("Compressing the files of the pages (some seconds, only this once) ...")
    call_command("collectstatic", verbosity=0, interactive=False)


def begin_anew() -> None:
    """Keeps the older database aside and starts this program again, on an empty one."""
    from django.conf import settings

    from config import older

    if settings.DATABASE_URL:
        raise CommandError(f"The database {older.OLDER}. {older.remedy()}")
    connections.close_all()
    try:
        kept = older.set_aside(settings.VAR_DIR, datetime.now(UTC).date())
    except OSError as error:
        raise CommandError(
            f"The database in {settings.VAR_DIR} {older.OLDER}. It could not be moved aside "
            f"({error.strerror}) and is untouched: move it yourself, or name another folder in VAR_DIR."
        ) from None
    tell(older.told(kept))
    os.execv(sys.executable, [sys.executable, "-m", "config.prepare"])


if __name__ == "__main__":
    main()
