"""Marked patients and several workers: how much faster two are, and what remains when they are killed.

    python -m tests.benchmarks.workers [--patients N] [--kills N] [--only-kills]

Uses a database of its own, which it drops at the end. It fails where a killed run ends otherwise than a serial one.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.owner")
# Of a summary, what differs from one reading to the next.
OF_THE_MOMENT = ("assessed_at",)
DRAWS = 12
RECORD = """
INSERT INTO patients_patient (uuid, clinic_id, mrn, family_name, given_name, birth_date, sex, version,
                              withdrawn_reason, anticoagulant)
SELECT gen_random_uuid(), %(clinic)s, 'W-' || n, 'Family' || n, '', date '1960-01-01', 'F', 1, '', ''
FROM generate_series(1, %(patients)s) AS n;
INSERT INTO patients_draw (uuid, patient_id, taken_at, laboratory, method, source, note, version, withdrawn_reason,
                           hour_known, ordinal, entered_by_id)
SELECT gen_random_uuid(), p.id, now() - (760 - 60 * k + p.id %% 30) * interval '1 day', 'L1', '', 'hand', '', 1, '',
       true, 0, %(user)s
FROM patients_patient p, generate_series(1, %(draws)s) AS k;
INSERT INTO patients_result (draw_id, analyte, value, comparator, reported_value, reported_unit, reported_range,
                             method, status, status_reason, comment, order_key, unconfirmed, upper_limit)
SELECT d.id, t.analyte, round((t.low + (t.high - t.low) * random())::numeric, 1), '', '', '', '', '', 'final', '', '',
       '', '', t.upper
FROM patients_draw d, (VALUES ('ALT', 20, 160, 40), ('AST', 20, 160, 40), ('INR', 1.0, 2.6, 1.2),
     ('bilirubin_total', 5, 90, 21), ('albumin', 25, 48, 50), ('platelets', 60, 300, 400))
     AS t (analyte, low, high, upper)
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.workers")
    parser.add_argument("--patients", type=int, default=6000)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--only-kills", action="store_true", help="how fast they are is not measured")
    chosen = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.DEBUG = False
    connection.settings_dict["TEST"]["NAME"] = f"bench_workers_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        make(chosen.patients)
        if not chosen.only_kills:
            speed()
        killing(chosen.kills)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def make(patients: int) -> None:
    from django.db import connection

    from accounts.models import Clinic, User

    clinic = Clinic.objects.create(code="bench", name="Benchmark", time_zone="Europe/London")
    values = {"clinic": clinic.pk, "user": User.objects.create_user("bench").pk}
    with connection.cursor() as cursor:
        # Without history and checks row by row: what is made up here is no part of what is measured.
        cursor.execute("SET session_replication_role = replica")
        for statement in RECORD.split(";"):
            cursor.execute(statement, values | {"patients": patients, "draws": DRAWS})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def mark() -> None:
    """Everybody, as if a file had changed the record."""
    from patients.actions.marks.work import mark_all
    from patients.models import AssessmentMark, Patient
    from patients.tasks import hand_over_marked

    mark_all(Patient.objects.all())
    AssessmentMark.objects.update(changed=True)
    hand_over_marked()


def speed() -> None:
    """Patients a second with one worker and with two, in turn; each run begins when all are ready. On a machine
    that does other work too the CPU time of the workers says more: as much for two as for one is twice as fast."""
    rates: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    for _ in range(2):
        for count in rates:
            rates[count].append(rate(count))
    (one, alone), (two, both) = (max(found) for found in rates.values())
    say(f"one worker {one:,.0f} patients/s, two {two:,.0f}: {two / one:.2f} times (budget: at least 1.7)")
    say(f"CPU time of one worker {alone:.1f} s, of two together {both:.1f} s: {2 * alone / both:.2f} times")


def rate(count: int) -> tuple[float, float]:
    """Patients a second, and CPU seconds of the workers from the mark on."""
    from patients.models import AssessmentMark, Patient

    total = Patient.objects.count()
    with workers(count) as started:
        before = sum(map(cpu_of, started))
        mark()
        start = time.perf_counter()
        while AssessmentMark.objects.exists():
            time.sleep(0.05)
        return total / (time.perf_counter() - start), sum(map(cpu_of, started)) - before


def cpu_of(pid: int) -> float:
    """Seconds, of a process that runs."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def killing(kills: int) -> None:
    """Workers killed in the middle of a batch, again and again: the end is that of a serial run, notices included."""
    from patients.actions.assess import BATCH, assess
    from patients.models import Assessment, AssessmentMark, Patient

    Assessment.objects.all().delete()
    start = time.perf_counter()
    assess(Patient.objects.values_list("pk", flat=True))
    batch = (time.perf_counter() - start) * BATCH / Patient.objects.count()
    serial = told()
    Assessment.objects.all().delete()
    mark()
    total, chance, done, caught = Patient.objects.count(), random.Random(1), 0, 0
    for number in range(kills):
        with workers(2):
            while in_hand() < 2 and AssessmentMark.objects.exists():
                time.sleep(0.01)
            time.sleep(batch * chance.uniform(0, 3))
            held = in_hand()
        left = AssessmentMark.objects.count()
        stored = Assessment.objects.count()
        caught += bool(held)
        say(f"kill {number + 1}: {held} batches under way; {stored:,} assessed, {left:,} marked")
        if stored + left != total or stored < done:
            raise SystemExit("A patient is neither assessed nor marked, or both.")
        done = stored
        if not left:
            break
    with workers(1):
        # What the dead ones had in hand is handed over within a minute.
        until = time.monotonic() + 180
        while AssessmentMark.objects.exists() and time.monotonic() < until:
            time.sleep(0.5)
    if told() != serial:
        raise SystemExit("The summaries are not those of a serial run.")
    say(f"after {number + 1} kills of two workers each, {caught} of them in the middle of a batch:")
    say(f"  {total:,} summaries, equal to a serial run")


# A batch writes from its first statement on, and lasts; what a queue writes is over at once.
IN_HAND = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_xid IS NOT NULL AND xact_start < clock_timestamp() - interval '50 ms'
"""


def in_hand() -> int:
    """How many batches are under way: a worker has two at once."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(IN_HAND)
        return cursor.fetchone()[0]


def told() -> tuple[list[dict], list[tuple]]:
    from patients.models import Assessment, Notice

    rows = list(Assessment.objects.order_by("pk").values())
    for row in rows:
        for name in OF_THE_MOMENT:
            del row[name]
    return rows, list(Notice.objects.order_by("patient").values_list("patient", "kind", "inr", "in_short"))


@contextmanager
def workers(count: int) -> Iterator[list[int]]:
    """Once they wait for work; killed at the end, as a machine dies."""
    from django.db import connection

    from tests.uploads.workers import ROOT, database_url

    def ask(sql: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    last = ask("SELECT coalesce(max(id), 0) FROM procrastinate_workers")
    environment = {**os.environ, "DATABASE_URL": database_url()}
    command = [sys.executable, "manage.py", "worker"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [subprocess.Popen(command, cwd=ROOT, env=environment, **silent) for _ in range(count)]
    try:
        while ask(f"SELECT count(*) FROM procrastinate_workers WHERE id > {last}") < count:
            time.sleep(0.05)
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
        # What they held is let go when the database notices.
        time.sleep(1)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
