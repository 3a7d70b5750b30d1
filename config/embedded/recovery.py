"""A start after a crash: what is left of the old server ends first, and its recovery is waited for."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

# Seconds: recovery reads what was written since the last checkpoint, at most a few GB; for less nothing is said.
PATIENCE, UNSAID = 900, 2
# The last line of the file of a server that answers; a file with fewer lines was not finished.
READY, STOPPING, LINES = "ready", "stopping", 8
LEFT = "The database in {} was not ended well: waiting for what is left of it ..."
RECOVERING = "The database in {} recovers from a crash (this may take minutes) ..."
ENDING = "The database in {} is being stopped and waits for whoever still uses it ..."


def make_way(data: Path) -> None:
    """Before a start, alone: afterwards a server answers here, or none is left and no lock of a stranger."""
    forget_the_dead(data / ".handle_pids.json")
    lock = data / "postmaster.pid"
    if not Path("/proc/self").exists():
        return
    if _pid(lock) not in processes(data):
        _wait(lambda: not processes(data), LEFT.format(data))
        _begin_anew(data)
        _forget_stranger(lock)
        for socket_lock in data.glob(".s.PGSQL.*.lock"):
            _forget_stranger(socket_lock)
    else:
        wait_until_ready(data)


def _begin_anew(data: Path) -> None:
    """Takes away what was begun and never finished: nothing was in it yet."""
    if unfinished(data).exists():
        shutil.rmtree(data, ignore_errors=True)
    if not (data / "PG_VERSION").exists():
        unfinished(data).touch()


def unfinished(data: Path) -> Path:
    """The mark of a database that is being made: `config.embedded` takes it away once it is."""
    return data.with_name(f"{data.name}-unfinished")


def wait_until_ready(data: Path) -> None:
    """Until it answers, or has ended by itself: then the next start says why."""
    sentence = ENDING if _state(data) == STOPPING else RECOVERING
    _wait(lambda: is_ready(data) or not processes(data), sentence.format(data))


def is_ready(data: Path) -> bool:
    return _state(data) == READY


def _state(data: Path) -> str:
    """As the server itself says; "" where it has said nothing yet."""
    with suppress(OSError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        return lines[-1].strip() if len(lines) >= LINES else ""
    return ""


def processes(data: Path) -> set[int]:
    """Those of a server that works in this folder, or of what makes one; titles say anything, folders do not."""
    serving = {pid for pid in _named("postgres") if _folder(pid) == data.resolve()}
    return serving | {pid for pid in _named("initdb") if str(data.resolve()) in _command(pid)}


def forget_the_dead(pids: Path) -> None:
    """Takes killed processes off the library's list, so that the last living one stops the server."""
    with suppress(FileNotFoundError):
        try:
            listed = json.loads(pids.read_text() or "[]")
        except ValueError:
            # Somebody was killed while writing it.
            return pids.unlink()
        alive = [pid for pid in listed if Path(f"/proc/{pid}").exists()]
        if alive != listed and Path("/proc/self").exists():
            pids.write_text(json.dumps(alive))


def _forget_stranger(lock: Path) -> None:
    """A number is given again: library and server would take whoever has it now for the server."""
    if lock.exists():
        pid = _pid(lock)
        if pid is None or Path(f"/proc/{pid}").exists() or _is_unfinished(lock):
            lock.unlink()


def _is_unfinished(lock: Path) -> bool:
    """The library reads a server's own in full."""
    return lock.name == "postmaster.pid" and len(lock.read_text().splitlines()) < LINES


def _pid(lock: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        return int(lock.read_text().splitlines()[0])
    return None


def _named(name: str) -> Iterator[int]:
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with suppress(OSError):
            if comm.read_text().strip() == name:
                yield int(comm.parent.name)


def _folder(pid: int) -> Path | None:
    # Of somebody else's server it is not shown.
    with suppress(OSError):
        return Path(f"/proc/{pid}/cwd").readlink()
    return None


def _command(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return []


def _wait(holds: Callable[[], bool], sentence: str) -> None:
    began, is_said = time.monotonic(), False
    while not holds():
        waited = time.monotonic() - began
        if waited > PATIENCE:
            raise subprocess.TimeoutExpired("postgres", PATIENCE)
        if waited > UNSAID and not is_said:
            is_said = True
            sys.stderr.write(f"{sentence}\n")
            sys.stderr.flush()
        time.sleep(0.1)
