"""Three web processes and two workers over one PostgreSQL with a standby, behind nginx; then the primary is killed.

    python -m tests.benchmarks.machines [--seconds 20] [--outage 8]

Each process has a folder of its own, as on machines of their own. Ends within eight minutes, and takes everything away
again, also when it is interrupted. Fails where a write that was acknowledged is missing, or is there twice.
"""

import argparse
import math
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests import nginx
from tests.benchmarks.cluster import until
from tests.benchmarks.ledger import (
    IN_DOUBT,
    NEVER,
    NOT_SAVED,
    SAVED,
    ByFile,
    ByMessage,
    Ledger,
    Reader,
    Writer,
    compare,
    kinds,
)
from tests.benchmarks.site import WEBS, WORKERS, Site
from tests.benchmarks.staff_at_work import Answer, Person

LIMIT = 470
# Rows of the file that a worker reads and stores: a page leaves it to one.
LARGE = 60_000
# The job that a worker holds is known by its lock, the worker by its name.
HOLDER = """
    SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s
"""
TWICE = """
    SELECT count(*) FROM (SELECT 1 FROM uploads_message GROUP BY sender_id, control_id HAVING count(*) > 1) AS m
"""
# How often a write may be there, by what was told of it.
ALLOWED = {SAVED: {1}, NOT_SAVED: {0}, IN_DOUBT: {0, 1}}
TIMES = {0: "not there", 1: "there once", 2: "there TWICE"}
# Seconds after the promotion in which every web must answer again.
AGAIN = 15


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.machines")
    parser.add_argument("--seconds", type=float, default=20, help="of work before the kill, and after (20)")
    parser.add_argument("--outage", type=float, default=8, help="seconds from the kill to the promotion (8)")
    chosen = parser.parse_args()
    if not nginx.PROGRAM:
        raise SystemExit(nginx.MISSING)
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("ended before it was through"))
    signal.alarm(LIMIT)
    table = Table()
    with tempfile.TemporaryDirectory(prefix="machines-") as folder, ExitStack() as stack:
        Path(folder).chmod(0o755)
        site = Site(Path(folder), stack)
        site.start()
        table.row("What was tried", "found")
        what_one_knows(site, table)
        a_worker_dies(site, table)
        outage = the_primary_dies(site, chosen.seconds, chosen.outage)
        tell_of_writes(site, outage, table)
        tell_of_answers(outage, table)
        tell_of_work(site, outage, table)
    if table.faults:
        raise SystemExit("\n".join(table.faults))


@dataclass
class Table:
    faults: list[str] = field(default_factory=list)

    def tell(self, what: str, found: str, ok: bool) -> None:
        self.row(what, found, "as it must be" if ok else "NOT SO")
        if not ok:
            self.faults.append(f"{what}: {found}")

    def row(self, what: str, found: str, verdict: str = "") -> None:
        sys.stdout.write(f"{what:52} {found:58} {verdict}\n")
        sys.stdout.flush()


# --- one site ---


def what_one_knows(site: Site, table: Table) -> None:
    """What one web is told, every web knows."""
    person = ByFile(site.ports["web1"], "staff0", Ledger(), 0, site.patients[0])
    person.sign_in()
    pages = [seen_at(person, port).ask("", person.patient).status for port in site.ports.values()]
    table.tell("signed in at web1: a patient at all three", str(pages), pages == [200] * 3)
    at = person.next_minute()
    seen = person.upload(f"mrn,collected_at,test,value,unit\nF-0,{at:%Y-%m-%d %H:%M},ALT,41,U/L\n".encode())
    shown = seen_at(person, site.ports["web2"]).ask("", seen.location)
    stored = seen_at(person, site.ports["web3"]).send("", f"{seen.location}store/", {})
    there = site.ask_database("SELECT count(*) FROM patients_draw WHERE taken_at = %s", (at,))
    ok = (shown.status, "one.csv" in shown.text, stored.status, there) == (200, True, 302, 1)
    table.tell("file sent to web1, seen at web2, stored at web3", f"{there} draw", ok)
    lists = {(site.folder / name / "static/staticfiles.json").read_text() for name in WEBS}
    table.tell("names of scripts and styles", f"{len(lists)} list at {len(WEBS)} webs", len(lists) == 1)
    left = [path for name in (*WEBS, *WORKERS) for path in left_in(site.folder / name)]
    table.tell("files in the folders, but scripts and styles", str(len(left)), not left)


def left_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and "static" not in path.parts)


def seen_at(person: Person, port: int) -> Person:
    """The same browser, at another web."""
    other = Person(port, person.name, person.patients)
    other.cookies = person.cookies
    return other


# --- a worker that dies ---


def a_worker_dies(site: Site, table: Table) -> None:
    """While it stores a file: the other one takes it up."""
    job = large_file(site, 1)
    until(lambda: is_storing(site, job), pause=0.02)
    victim = held_by(site)
    site.kill(victim)
    took = until(lambda: is_over(site, job), patience=150)
    table.tell(f"{victim} killed while it stored a file", *outcome(site, job, 1, took))
    site.start_worker(victim)


def large_file(site: Site, number: int) -> int:
    """Uploaded, read by a worker and asked to be stored; the job of storing."""
    person = ByFile(site.port, "staff0", Ledger(), 0, site.patients[0])
    person.sign_in()
    begin = datetime(2010 + number, 1, 1, 8)
    times = ((n, begin + timedelta(minutes=20 * (n // 3))) for n in range(LARGE))
    lines = [f"F-{n % 3},{at:%Y-%m-%d %H:%M},ALT,{20 + n % 70},U/L" for n, at in times]
    lines.insert(0, "mrn,collected_at,test,value,unit")
    seen = person.upload("\n".join(lines).encode(), name=f"large{number}.csv")
    batch = seen.location.strip("/").rpartition("/")[2]
    read = "SELECT count(*) FROM uploads_job WHERE state = 'done' AND task = 'read' AND batch = %s"
    until(lambda: site.ask_database(read, (batch,)))
    person.send("", f"{seen.location}store/", {})
    return site.ask_database("SELECT max(id) FROM uploads_job WHERE batch = %s", (batch,))


def held_by(site: Site) -> str:
    from uploads.staging.progress import LOCK

    return site.ask_database(HOLDER, (LOCK,))


def is_storing(site: Site, job: int) -> bool:
    return site.ask_database(f"SELECT stage FROM uploads_job WHERE id = {job}") == "storing"


def is_over(site: Site, job: int) -> bool:
    return site.ask_database(f"SELECT ended_at IS NOT NULL FROM uploads_job WHERE id = {job}")


def outcome(site: Site, job: int, number: int, took: float) -> tuple[str, bool]:
    """What is there of a large file, and whether that is all of it, once."""
    sql = f"SELECT count(*) FROM patients_draw WHERE extract(year FROM taken_at) = {2010 + number}"
    there = site.ask_database(sql)
    told = site.ask_database(
        f"SELECT outcome || ' In ' || attempts || ' tries' FROM uploads_job WHERE id = {job}"
    )
    return f"{there:,} rows there. {told}, {took:.0f} s", there == LARGE


# --- a primary that dies ---


class Poll:
    """Asks one web for the worklist again and again: when, and what came."""

    def __init__(self, person: Person) -> None:
        self.person, self.seen = person, []

    def work(self, over: threading.Event) -> None:
        while not over.wait(0.2):
            answer = self.person.ask("", "/")
            self.seen.append((time.monotonic(), answer.status))

    def again(self, promoted: float) -> float:
        """Seconds after the promotion until it answered for good."""
        failed = max((at for at, status in self.seen if status != 200), default=promoted)
        return min(
            (at - promoted for at, status in self.seen if status == 200 and at > failed), default=math.inf
        )


@dataclass
class Outage:
    """`killed`, `promoted`: when; `job`: of the file that was being stored, over `took` seconds after the work."""

    ledger: Ledger
    polls: dict[str, Poll]
    killed: float
    promoted: float
    job: int
    took: float


def the_primary_dies(site: Site, seconds: float, pause: float) -> Outage:
    """Under load, with a large file being stored."""
    ledger, over = Ledger(), threading.Event()
    people = crowd(site, ledger)
    for person in people:
        person.sign_in()
    polls = {name: Poll(seen_at(people[0], port)) for name, port in site.ports.items()}
    threads = [threading.Thread(target=one.work, args=[over]) for one in (*people, *polls.values())]
    for thread in threads:
        thread.start()
    try:
        time.sleep(seconds)
        job = large_file(site, 2)
        until(lambda: is_storing(site, job), pause=0.02)
        site.cluster.kill_primary()
        killed = time.monotonic()
        time.sleep(pause)
        site.cluster.promote()
        promoted = time.monotonic()
        time.sleep(seconds)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    took = until(lambda: is_over(site, job), patience=150)
    return Outage(ledger, polls, killed, promoted, job, took)


def crowd(site: Site, ledger: Ledger) -> list[Writer]:
    people = []
    for number, kind in enumerate(kinds(), 1):
        token = {"token": site.token} if kind in (ByMessage, Reader) else {}
        given = (site.port, f"staff{number}", ledger, number, site.patients[number])
        people.append(kind(*given, **token))
    return people


def tell_of_writes(site: Site, outage: Outage, table: Table) -> None:
    later = f"standby promoted {outage.promoted - outage.killed:.1f} s later"
    table.row("primary killed under load, every process of it", later)
    found = compare(outage.ledger, site.cluster.url)
    for told, allowed in ALLOWED.items():
        times = {times: number for (said, times), number in sorted(found.items()) if said == told}
        said = ", ".join(f"{number} {TIMES.get(times, times)}" for times, number in times.items())
        table.tell(f"writes that were told “{told}”", said or "none", set(times) <= allowed)
    table.tell("draws that nobody sent", str(found[NEVER, 1]), not found[NEVER, 1])
    doubled = site.ask_database(TWICE)
    table.tell("messages kept twice", f"{doubled}; sent again {outage.ledger.resent} times", not doubled)


def tell_of_answers(outage: Outage, table: Table) -> None:
    for name, poll in outage.polls.items():
        again = poll.again(outage.promoted)
        table.tell(f"{name} answers again", f"{again:.1f} s after the promotion", again < AGAIN)
    failures = outage.ledger.failures
    during = [answer for at, answer in failures if outage.killed - 1 < at]
    before = len(failures) - len(during)
    table.tell("failures before the kill", str(before), not before)
    unclear = [answer for answer in during if not is_clear(answer)]
    table.tell("answers that were no success, since", str(len(during)), bool(during))
    table.tell("  of them no 503 that says what it is", str(len(unclear)), not unclear)
    for answer in {(one.kind, one.status): one for one in unclear}.values():
        table.row(f"    {answer.kind}", f"{answer.status} {answer.text[:50]!r}")
    for kind, number in Counter(answer.kind for answer in during).items():
        table.row(f"  {kind}", str(number))
    waits = sorted(answer.seconds for answer in during) or [0]
    table.row("  until it came", f"median {statistics.median(waits):.2f} s, at most {waits[-1]:.2f} s")


def tell_of_work(site: Site, outage: Outage, table: Table) -> None:
    table.tell("the file that was being stored", *outcome(site, outage.job, 2, outage.took))
    table.tell("webs and workers were not restarted", f"{len(site.running)} run", site.is_running())


def is_clear(answer: Answer) -> bool:
    """It says what it is, in the form of its address, and nothing else."""
    form = {"message": "MSA|AE|", "FHIR": '"OperationOutcome"'}.get(
        answer.kind, "The database does not answer"
    )
    return answer.status == 503 and form in answer.text and "Traceback" not in answer.text


if __name__ == "__main__":
    main()
