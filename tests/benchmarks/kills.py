"""Processes are killed at random while people upload, write notes, take back and back up; nothing may be lost.

    python -m tests.benchmarks.kills [--kills 200] [--minutes M] [--seed N]

A server of its own, with an embedded database, as script/server starts it. After each kill it must answer again, after
a restart where one is needed, the first time; at the end everything that was acknowledged must be there, once, nothing
half, every backup whole, and the chain of audit unbroken.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import psycopg

from config.backups.archive import UNFINISHED
from tests.benchmarks.cluster import one
from tests.benchmarks.killed_server import EVERYTHING, ROOT, Server
from tests.benchmarks.ledger import NEVER, ByFile, ByHand, ByMessage, Ledger, compare
from tests.benchmarks.notes_and_undo import ALLOWED, Noter, TakerBack

# Each so often, of those that run.
WEIGHTS = {
    "first web process": 3,
    "web process": 4,
    "worker": 3,
    "what watches the worker": 1,
    "first process of the database": 3,
    "process of the database": 3,
    "backup": 5,
    EVERYTHING: 3,
}
# Mean seconds from one kill to the next, once it answers.
PAUSE = 2.5
PEOPLE = """
import json, os
from tests.benchmarks.site import made_people
patients, token = made_people()
from tests.benchmarks.kills import planned_item
print(json.dumps([patients, token, planned_item()]))
"""
FAULTS = {
    "draws without a result": """
        SELECT count(*) FROM patients_draw d WHERE NOT EXISTS (SELECT FROM patients_result WHERE draw_id = d.id)""",
    "messages kept twice": """
        SELECT count(*) FROM (SELECT FROM uploads_message GROUP BY sender_id, control_id HAVING count(*) > 1) AS m""",
    "draws of files that are not stored": """
        SELECT count(*) FROM patients_draw d JOIN uploads_upload u ON u.id = d.upload_id
        WHERE d.withdrawn_at IS NULL AND u.state NOT IN ('stored')""",
    "draws without a first row of history": """
        SELECT count(*) FROM patients_draw d
        WHERE NOT EXISTS (SELECT FROM patients_drawhistory WHERE pgh_obj_id = d.id)""",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.kills")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=120, help="no kill after so many (120)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = parser.parse_args()
    random.seed(chosen.seed)
    say(f"Seed {chosen.seed}.")
    folder = Path(tempfile.mkdtemp(prefix="kills"))
    folder.chmod(0o755)
    server = Server(folder)
    try:
        faults = run(server, chosen.kills, chosen.minutes)
    finally:
        if server.master and server.master.poll() is None:
            server.stop()
    if faults:
        raise SystemExit("\n".join([*faults, f"All of it is kept in {folder}."]))
    shutil.rmtree(folder)


def run(server: Server, kills: int, minutes: float) -> list[str]:
    patients, token, item = prepared(server)
    say(f"Started in {server.start():.0f} s.")
    ledger, over = Ledger(), threading.Event()
    given = [(server.port, f"staff{n}", ledger, n, patients[n]) for n in range(len(patients))]
    people = [ByHand(*given[1]), ByHand(*given[2]), ByFile(*given[5]), ByMessage(*given[7], token=token)]
    noter, taker = Noter(*given[3], item=item), TakerBack(*given[0])
    for person in (*people, noter, taker):
        person.sign_in()
    threads = [threading.Thread(target=person.work, args=[over]) for person in (*people, noter, taker)]
    for thread in threads:
        thread.start()
    try:
        killed, starts = rounds(server, kills, time.monotonic() + 60 * minutes)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    tell_of_kills(killed, starts, ledger)
    return list(found_wrong(server, ledger, noter, taker))


def prepared(server: Server) -> tuple[list[str], str, str]:
    if server.manage("migrate", "--verbosity=0").wait():
        raise SystemExit(f"No tables: see {server.folder}/log")
    environment = {**server.environment, "DJANGO_SETTINGS_MODULE": "config.owner"}
    made = subprocess.run(
        [sys.executable, "-c", PEOPLE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return tuple(json.loads(made.stdout.splitlines()[-1]))


def planned_item() -> str:
    """The address of a patient on the agenda of a meeting; in a process of its own."""
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import Clinic, User
    from meetings.actions.agenda import take
    from meetings.actions.meetings import plan_meeting

    clinic, chair = Clinic.objects.get(), User.objects.get(username="staff3")
    at = timezone.now() + timedelta(days=7)
    meeting = plan_meeting(clinic=clinic, by=chair, starts_at=at, title="Killed", chair=chair)
    (item,) = take(meeting=meeting, by=chair, patients={clinic.patients.get(mrn="F-3"): []})
    return f"/meetings/{meeting.uuid}/items/{item.uuid}/"


def rounds(server: Server, kills: int, end: float) -> tuple[Counter, list[float]]:
    killed, starts = Counter(), []
    while killed.total() < kills and time.monotonic() < end:
        if server.backup is None or server.backup.poll() is not None:
            server.back_up()
        time.sleep(random.uniform(0, 2 * PAUSE))
        there = server.victims()
        kinds = [kind for kind in WEIGHTS if kind in there or kind == EVERYTHING]
        kind = random.choices(kinds, [WEIGHTS[kind] for kind in kinds])[0]
        server.kill(kind)
        killed[kind] += 1
        if took := server.mend(kind):
            starts.append(took)
        say(f"{killed.total():4} {kind:32} {f'started in {took:.0f} s' if took else ''}")
    return killed, starts


def tell_of_kills(killed: Counter, starts: list[float], ledger: Ledger) -> None:
    for kind, number in killed.most_common():
        say(f"{kind:40} killed {number} times")
    say(
        f"{len(starts)} starts, each worked the first time: {statistics.median(starts or [0]):.0f} s (median)"
    )
    say(f"{len(ledger.successes)} answers that were a success, {len(ledger.failures)} that were none")


def found_wrong(server: Server, ledger: Ledger, noter: Noter, taker: TakerBack):
    """Each fault in a sentence."""
    found = compare(ledger, server.url)
    yield from amiss("writes", found)
    yield from amiss("notes of a meeting", noter.compare(server.url))
    yield from amiss("files taken back", taker.compare(server.url))
    if found[NEVER, 1]:
        yield f"{found[NEVER, 1]} draws that nobody sent"
    with psycopg.connect(server.url) as connection:
        for what, sql in FAULTS.items():
            number = one(connection, sql)
            say(f"{what}: {number}")
            if number:
                yield f"{what}: {number}"
    yield from backups_amiss(server)
    if server.manage("verify_audit").wait():
        yield f"The chain of audit is broken: see {server.folder}/log"


def amiss(what: str, found: Counter):
    for (told, times), number in sorted(found.items()):
        if told != NEVER:
            say(f"{what} that were told “{told}”: {number} there {times} times")
            if times not in ALLOWED[told]:
                yield f"{what} that were told “{told}” and are there {times} times: {number}"


def backups_amiss(server: Server):
    """One more finds what the killed ones left, and all that has its name is whole."""
    from django.core.management.base import CommandError

    from config.backups.archive import open_archive

    server.backup.wait()
    server.back_up()
    if server.backup.wait():
        yield f"The last backup failed: see {server.folder}/log"
    if left := [path.name for path in server.backups.glob(f"*{UNFINISHED}")]:
        yield f"Left of killed backups: {left}"
    whole = list(server.backups.glob("*.zip"))
    for path in whole:
        try:
            open_archive(path).check()
        except CommandError as error:
            yield str(error)
    say(f"backups: {len(whole)}, each whole")


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
