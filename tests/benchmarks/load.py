"""Many people at work at once, reading and writing: python -m tests.benchmarks.load [--users 32] [--minutes 10]

Starts a server of its own with invented people in a folder that is removed at the end. First one person works alone,
then all of them together; each pauses a little between two requests. Reports every error, the times of both, and the
memory of the processes. Fails where there was an error.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import staff_at_work
from tests.benchmarks.staff_at_work import PASSWORD, Answer, Person

ROOT = Path(__file__).parents[2]
PATIENTS, DRAWS = 100, 20
# Seconds between two looks at the memory.
LOOK = 5


@dataclass
class Seen:
    """What the people of one phase were answered."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    refused: Counter = field(default_factory=Counter)
    errors: Counter = field(default_factory=Counter)

    def note(self, answer: Answer) -> None:
        self.seconds.setdefault(answer.kind, []).append(answer.seconds)
        if answer.status in (409, 422):
            self.refused[answer.kind] += 1
        elif answer.status not in (200, 302):
            self.errors[f"{answer.kind}: {answer.status}"] += 1


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.load", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--users", type=int, default=32, help="people at work at once (default 32)")
    parser.add_argument("--minutes", type=float, default=10, help="for how long (default 10)")
    parser.add_argument(
        "--pause", type=float, default=1, help="mean seconds between two requests (default 1)"
    )
    parser.add_argument("--port", type=int, default=8190, help="of the server it starts (default 8190)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="load-") as folder, serving(Path(folder), chosen.port) as server:
        patients = made_people(chosen.users)
        people = [Person(chosen.port, f"load{number}", patients) for number in range(chosen.users)]
        say(f"{chosen.users} people sign in ...")
        together(people, Person.sign_in)
        alone = at_work(people[:1], 60 * min(1, chosen.minutes / 3), chosen.pause)
        memory = Memory(Path(folder), server.pid)
        with memory.watched():
            all_ = at_work(people, 60 * chosen.minutes, chosen.pause)
        report(alone, all_, memory)
    if alone.errors or all_.errors:
        sys.exit("There were errors.")


# --- the server ---


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen]:
    os.environ |= {
        "VAR_DIR": str(folder),
        "BIND": f"127.0.0.1:{port}",
        "WITH_WORKER": "true",
        "DJANGO_SETTINGS_MODULE": "config.owner",
    }
    os.environ.pop("DATABASE_URL", None)
    # It is read by the server's own user of the database.
    folder.chmod(0o755)
    subprocess.run([sys.executable, "-m", "config.prepare"], cwd=ROOT, check=True)
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.serve", "config.wsgi"]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        staff_at_work.wait_for(port)
        yield server
    finally:
        server.terminate()
        server.wait()
        end_database()


def end_database() -> None:
    """Else it would end with this process, after its folder."""
    from django.conf import settings
    from django.db import connections

    from config import embedded

    if settings.configured:
        connections.close_all()
        embedded.stop(settings.VAR_DIR)


def made_people(users: int) -> list[str]:
    """Staff of the demo clinic, and patients with draws in it; gives the patients' addresses."""
    import django

    django.setup()
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    from accounts.models import Clinic, Membership, Role, User
    from tests.benchmarks.people import add_patients_with_draws

    clinic = Clinic.objects.get(code="demo")
    password = make_password(PASSWORD)
    staff = User.objects.bulk_create(User(username=f"load{n}", password=password) for n in range(users))
    Membership.objects.bulk_create(Membership(user=one, clinic=clinic, role=Role.CLINICIAN) for one in staff)
    add_patients_with_draws(clinic, PATIENTS, DRAWS)
    call_command("reassess", clinic=clinic.code, verbosity=0)
    return [f"/patients/{uuid}/" for uuid in clinic.patients.values_list("uuid", flat=True)]


# --- the people ---


def together(people: list[Person], act: Callable[[Person], object]) -> None:
    threads = [threading.Thread(target=act, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def at_work(people: list[Person], seconds: float, pause: float) -> Seen:
    seen, end = Seen(), time.monotonic() + seconds
    say(f"{len(people)} at work for {seconds:.0f} seconds ...")

    def work(person: Person) -> None:
        # What has been open and silent since the sign-in, the server has closed: a browser opens another.
        person.connection.close()
        while time.monotonic() < end:
            for answer in person.step():
                seen.note(answer)
            time.sleep(random.uniform(0, 2 * pause))

    together(people, work)
    return seen


# --- memory ---


class Memory:
    """Megabytes of the server's processes and of PostgreSQL's, each shared page counted once."""

    def __init__(self, folder: Path, server: int) -> None:
        database = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
        self.roots = {"server and worker": server, "PostgreSQL": database}
        self.seen: list[dict[str, float]] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._watch, args=[over])
        thread.start()
        yield
        over.set()
        thread.join()

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(LOOK):
            self.seen.append({name: tree_megabytes(root) for name, root in self.roots.items()})


def tree_megabytes(root: int) -> float:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return sum(megabytes(pid) for pid in parents if is_within(pid, root, parents))


def is_within(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid and pid != root:
        pid = parents.get(pid, 0)
    return pid == root


def megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


# --- report ---


def report(alone: Seen, all_: Seen, memory: Memory) -> None:
    say(
        f"{'Request':22} {'alone p50':>10} {'p99':>8} {'all p50':>10} {'p99':>8} {'ratio p99':>10} {'number':>8}"
    )
    for kind, seconds in sorted(all_.seconds.items()):
        row(kind, alone.seconds.get(kind, []), seconds)
    everything = [[s for found in one.seconds.values() for s in found] for one in (alone, all_)]
    row("all", *everything)
    say(f"refused with a sentence (409, 422): {dict(all_.refused) or 'none'}")
    say(f"errors: {dict(alone.errors + all_.errors) or 'none'}")
    for name in memory.roots:
        course = [look[name] for look in memory.seen]
        quarter = max(1, len(course) // 4)
        first, last = statistics.mean(course[:quarter]), statistics.mean(course[-quarter:])
        say(
            f"{name}: {first:.0f} MB in the first quarter, {last:.0f} MB in the last, {max(course):.0f} MB at most"
        )


def row(kind: str, alone: list[float], all_: list[float]) -> None:
    one, many = ([share(found, part) for part in (0.5, 0.99)] for found in (alone, all_))
    times = " ".join(f"{1000 * found:>7.0f} ms" if found else f"{'-':>10}" for found in (*one, *many))
    ratio = f"{many[1] / one[1]:>10.1f}" if alone else f"{'-':>10}"
    say(f"{kind:24} {times} {ratio} {len(all_):>7}")


def share(found: list[float], part: float) -> float:
    return sorted(found)[min(len(found) - 1, int(part * len(found)))] if found else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
