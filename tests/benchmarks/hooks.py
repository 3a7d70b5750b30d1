"""How soon `/cds-services/` answers under load: python -m tests.benchmarks.hooks [--clients 8 16 32] [--seconds 30]

Starts a server of its own with invented people in a folder that is removed at the end. A process apart asks for the
card of a patient with 60 draws, some at once, while another process loads pages. Of each number of clients: the times
of the answers, alone and beside the pages, those of clients that ask again at once and of such that pause. CPU time a
call is that of the server's processes and of PostgreSQL, without pages, one client.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks import load
from tests.benchmarks.courses import case
from tests.benchmarks.staff_at_work import Person

ISSUER, SERVICE = "https://records.example", "/cds-services/liver-dissociation"
JSON = {"Content-Type": "application/json"}
BUDGET, WARM, READERS = 0.3, 3, 4
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Asking:
    """What the clients of a phase share. `bodies`: of a patient of the record, and of nobody here."""

    port: int
    bodies: tuple[bytes, ...]
    key: str
    pause: float = 0


def main() -> None:
    chosen = _arguments()
    os.environ["SENDER_RATE"] = "1000000"
    with (
        tempfile.TemporaryDirectory(prefix="hooks-") as folder,
        load.serving(Path(folder), chosen.port) as server,
    ):
        addresses = load.made_people(READERS)
        with _record_system() as key:
            asking = Asking(chosen.port, _bodies(chosen.draws), key)
            _phase(asking, 1, WARM, "")
            load.say(f"{chosen.draws} draws, {len(asking.bodies[0]) // 1024} kB a request")
            _cpu(asking, Path(folder), server.pid)
            _measure(asking, addresses, chosen)


def _measure(asking: Asking, addresses: list[str], chosen: argparse.Namespace) -> None:
    _row_of_names()
    for pause in (chosen.pause, 0):
        one = replace(asking, pause=pause)
        for clients in chosen.clients:
            _phase(one, clients, chosen.seconds, "without pages")
            with _pages(one.port, addresses):
                _phase(one, clients, chosen.seconds, "beside pages")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.hooks", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--clients", type=int, nargs="+", default=[8, 16, 32], help="at once (default 8 16 32)"
    )
    parser.add_argument("--seconds", type=float, default=20, help="of each measurement (default 20)")
    parser.add_argument("--pause", type=float, default=5, help="mean seconds between two (default 5)")
    parser.add_argument("--draws", type=int, default=60, help="of the patient asked about (default 60)")
    parser.add_argument("--port", type=int, default=8191, help="of the server it starts (default 8191)")
    return parser.parse_args()


# --- what is asked ---


def _bodies(draws: int) -> tuple[bytes, ...]:
    """The same results of a patient who is in the record with as many draws, and of one who is not."""
    from accounts.models import Clinic
    from tests.benchmarks.people import add_patient_with_draws
    from tests.uploads.interfaces.cds.record_system import request_body, resources

    there = add_patient_with_draws(Clinic.objects.get(code="demo"), draws)
    people = (there.mrn, there.birth_date.isoformat()), ("Z-1", "1961-01-01")
    found = [
        resources(case(draws), identifier=[{"value": mrn}], birthDate=born, gender="female")
        for mrn, born in people
    ]
    return tuple(json.dumps(request_body(one)).encode() for one in found)


@contextmanager
def _record_system() -> Iterator[str]:
    """Its private key, as PEM; meanwhile a thread of this process publishes its key set."""
    from cryptography.hazmat.primitives import serialization

    from accounts.models import Clinic
    from tests.uploads.interfaces.cds.record_system import KeySet, published
    from uploads.interfaces.senders import add_record_system

    keys = KeySet()
    keys.published.add("one")
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    clinic = Clinic.objects.get(code="demo")
    with published(keys):
        add_record_system(clinic=clinic, name="EHR", issuer=ISSUER, key_set=keys.address)
        yield keys.key("one").private_bytes(serialization.Encoding.PEM, form, plain).decode()


# --- the clients, in a process of their own ---


def _phase(asking: Asking, clients: int, seconds: float, name: str) -> list[float]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        taken, failed = pool.apply(ask, (asking, clients, seconds))
    if failed:
        sys.exit(f"{len(failed)} of {len(taken)} calls had no card: {failed[0]}")
    if name:
        _row(clients, asking.pause, name, taken)
    return taken


def ask(asking: Asking, clients: int, seconds: float) -> tuple[list[float], list[str]]:
    """The seconds of every answer, and those that had no card."""
    taken: list[float] = []
    failed: list[str] = []
    end = time.monotonic() + seconds

    def one(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", asking.port, timeout=60)
        time.sleep(random.uniform(0, 2 * asking.pause))
        while time.monotonic() < end:
            number += 1
            if asking.pause:
                connection.close()
            headers = JSON | {"Authorization": f"Bearer {_signed(asking)}"}
            start = time.perf_counter()
            connection.request("POST", SERVICE, asking.bodies[number % len(asking.bodies)], headers)
            answer = connection.getresponse()
            text = answer.read()
            taken.append(time.perf_counter() - start)
            if answer.status != 200 or b'"summary"' not in text:
                failed.append(f"{answer.status} {text[:300]!r}")
            time.sleep(random.uniform(0, 2 * asking.pause))

    threads = [threading.Thread(target=one, args=[number]) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken, failed


def _signed(asking: Asking) -> str:
    """A token for one call; its making is not in the time of the answer."""
    from uuid import uuid4

    import jwt

    now = int(time.time())
    claims = {"iss": ISSUER, "iat": now, "exp": now + 300, "jti": str(uuid4())}
    claims["aud"] = f"http://127.0.0.1:{asking.port}{SERVICE}"
    return jwt.encode(claims, asking.key, algorithm="ES384", headers={"kid": "one"})


# --- beside them ---


@contextmanager
def _pages(port: int, addresses: list[str]) -> Iterator[None]:
    """People who read pages, in another process, until the measurement is over."""
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    process = context.Process(target=read_pages, args=(port, addresses, over))
    process.start()
    time.sleep(2)
    try:
        yield
    finally:
        over.set()
        process.join()
    if process.exitcode:
        sys.exit("The pages could not be read.")


def read_pages(port: int, addresses: list[str], over) -> None:
    people = [Person(port, f"load{number}", addresses) for number in range(READERS)]

    def work(person: Person) -> None:
        person.sign_in()
        while not over.is_set():
            answers = list(random.choice((person.look, person.page))())
            if any(answer.status != 200 for answer in answers):
                os._exit(1)
            time.sleep(random.uniform(0, 2))

    load.together(people, work)


# --- report ---


def _cpu(asking: Asking, folder: Path, server: int) -> None:
    database = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    for name, body in zip(("of this record", "of nobody here"), asking.bodies, strict=True):
        before = _ticks(server), _ticks(database)
        taken = _phase(Asking(asking.port, (body,), asking.key), 1, 10, "")
        spent = (
            1000 * (now - then) / TICKS / len(taken)
            for now, then in zip((_ticks(server), _ticks(database)), before, strict=True)
        )
        ours, theirs = spent
        load.say(f"A patient {name}: {ours:.0f} ms CPU a call, PostgreSQL {theirs:.0f} ms")


def _ticks(root: int) -> int:
    """CPU time of a process and all that it started."""
    parents, spent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid = int(stat.parent.name)
        parents[pid], spent[pid] = int(fields[1]), sum(map(int, fields[11:15]))
    return sum(ticks for pid, ticks in spent.items() if load.is_within(pid, root, parents))


def _row_of_names() -> None:
    load.say(
        f"{'clients':>7} {'pause':>6} {'':14} {'calls':>6} {'p50':>8} {'p95':>8} {'p99':>8} {'in 300 ms':>10} load"
    )


def _row(clients: int, pause: float, name: str, taken: list[float]) -> None:
    times = " ".join(f"{1000 * load.share(taken, part):>5.0f} ms" for part in (0.5, 0.95, 0.99))
    quick = sum(one <= BUDGET for one in taken) / len(taken) if taken else 0
    load.say(
        f"{clients:>7} {pause:>4g} s {name:14} {len(taken):>6} {times} {quick:>9.0%}  {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
