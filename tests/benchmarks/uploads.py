"""A nightly laboratory file, from the file to stored and assessed, beside a raw COPY of the same results.

In CPU time, ours and that of our connection's process in PostgreSQL, which runs on this machine.
Each size runs in a process of its own, so that its peak memory is its own:
    python -m tests.benchmarks.uploads 10000
    python -m tests.benchmarks.uploads 10000 100
The second number: one row in so many is odd, and waits for a person.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import django

SIZES = (10_000, 100_000)
# Draws of a patient in the file: about ten results each.
DRAWS = 3
TESTS = (
    ("ALT", "U/L", 10, 90, 0, 40), ("AST", "U/L", 10, 90, 0, 40), ("INR", "", 0.9, 1.6, 0.9, 1.2),
    ("Total bilirubin", "umol/L", 4, 40, 0, 21), ("Albumin", "g/L", 28, 50, 35, 50),
    ("Platelets", "10^9/L", 80, 400, 150, 400), ("ALP", "U/L", 30, 200, 30, 130),
    ("GGT", "U/L", 10, 130, 0, 60), ("Creatinine", "umol/L", 50, 120, 60, 110),
    ("Sodium", "mmol/L", 132, 146, 135, 145),
)  # fmt: skip
START = datetime(2025, 1, 6, 6)


def lines(results: int, odd: int = 0) -> Iterator[str]:
    """Rows as a laboratory writes them, night by night: a patient's draws are months apart."""
    chance = random.Random(results)
    patients = -(-results // (DRAWS * len(TESTS)))
    yield "mrn,collected_at,test,value,unit,ref_low,ref_high,laboratory\n"
    made = 0
    for draw in range(DRAWS):
        for patient in range(1, patients + 1):
            at = START + timedelta(days=90 * draw + patient % 60, minutes=patient % 600)
            for test, unit, low, high, *limits in TESTS:
                if made == results:
                    return
                made += 1
                value = round(chance.uniform(low, high), 1 if high < 50 else 0)
                words = "see report" if odd and chance.randrange(odd) == 0 else f"{value:g}"
                cells = (f"B-{patient}", f"{at:%Y-%m-%d %H:%M}", test, words, unit, *limits, "North")
                yield ",".join(map(str, cells)) + "\n"


PEOPLE = """
INSERT INTO patients_patient (uuid, clinic_id, mrn, family_name, given_name, birth_date, sex, version,
                              withdrawn_reason, anticoagulant)
SELECT gen_random_uuid(), %s, 'B-' || n, 'Family' || n, '', date '1960-01-01', 'F', 1, '', ''
FROM generate_series(1, %s) AS n
"""


def measure(results: int, odd: int = 0) -> dict:
    """In this process: rows a CPU second of each, peak memory in MB."""
    from django.conf import settings
    from django.db import connection

    from accounts.models import Clinic, User
    from patients.actions.marks.work import assess_all
    from patients.models import AssessmentMark
    from uploads import actions
    from uploads.importers.records import FilePart

    clinic = Clinic.objects.create(code="bench", name="Benchmark", time_zone="Europe/London")
    user = User.objects.create_user("bench")
    patients = -(-results // (DRAWS * len(TESTS)))
    with connection.cursor() as cursor:
        # By SQL: what this process holds is to be the upload's own.
        cursor.execute(PEOPLE, [clinic.pk, patients])
        cursor.execute("VACUUM ANALYZE")
    settings.MAX_UPLOAD_ROWS = max(settings.MAX_UPLOAD_ROWS, results)
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        for line in lines(results, odd):
            file.write(line.encode())
        before, start = memory(), spent()
        with mock.patch("uploads.actions.assess_all", lambda marks: ()):
            (upload,) = actions.store(contents=[("nightly.csv", FilePart(file=file))], clinic=clinic, by=user)
        stored = spent() - start
        for _ in assess_all(AssessmentMark.objects.all()):
            pass
        assessed = spent() - start - stored
    if upload.new + upload.waiting != results or bool(upload.waiting) != bool(odd):
        raise SystemExit(f"{upload.new} of {results} results were stored: {upload.reason}")
    peak = memory()
    copied, by_row = raw_copy(), raw_copy(HISTORY_BY_ROW)
    rates = {"file": results / stored, "copy": results / copied, "copy_by_row": results / by_row}
    # One worker stores; two cores assess.
    rates["assessed"] = results / (stored + assessed / 2)
    return rates | {"peak": peak, "before": before}


def spent() -> float:
    """CPU seconds so far of this process and of the one that serves its connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        served = Path(f"/proc/{cursor.fetchone()[0]}/schedstat").read_text()
    return time.process_time() + int(served.split()[0]) / 1e9


# History as pghistory writes it unless told otherwise: what the budget was written for.
HISTORY_BY_ROW = """
DO $do$ DECLARE t record; BEGIN
  FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'patients_result'::regclass
      AND tgname LIKE 'pgtrigger_insert%%' LOOP
    EXECUTE format('ALTER TABLE patients_result DISABLE TRIGGER %%I', t.tgname);
  END LOOP;
END $do$;
CREATE FUNCTION history_by_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO patients_resulthistory (pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, {names}, id)
  VALUES (NOW(), 'insert', NEW.id, _pgh_attach_context(), {values}, NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER history_by_row AFTER INSERT ON patients_result FOR EACH ROW EXECUTE FUNCTION history_by_row();
"""


def raw_copy(trigger: str = "") -> float:
    """Seconds for COPY of the stored results into their own table, emptied of them: indexes, constraints and
    triggers in place, their draws and patients there. Foreign keys are checked at once: faster by far."""
    from django.db import connection, transaction

    from patients.models import Result

    columns = [f.column for f in Result._meta.concrete_fields if not f.primary_key]
    names = ", ".join(columns)
    with tempfile.TemporaryFile() as file, connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT {names} FROM patients_result ORDER BY id) TO STDOUT") as copy:
            for block in copy:
                file.write(block)
        # No history of the emptying, which is no part of what is measured.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE patients_resulthistory")
        cursor.execute("DELETE FROM patients_result")
        cursor.execute("SET session_replication_role = DEFAULT")
        if trigger:
            values = ", ".join(f"NEW.{column}" for column in columns)
            cursor.execute(trigger.replace("%%", "%").format(names=names, values=values))
        cursor.execute("VACUUM ANALYZE")
        file.seek(0)
        start = spent()
        with transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with cursor.copy(f"COPY patients_result ({names}) FROM STDIN") as copy:
                while block := file.read(1 << 16):
                    copy.write(block)
        return spent() - start


def memory() -> float:
    """The most that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(results: int, odd: int = 0) -> dict:
    """In a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.uploads", str(results), str(odd)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    # Django's set-up of the database speaks on the same stream, before.
    return json.loads(done.stdout.splitlines()[-1])


def main(results: int, odd: int = 0) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.owner")
    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.DEBUG = False
    connection.settings_dict["TEST"]["NAME"] = f"bench_uploads_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        sys.stdout.write(json.dumps(measure(results, odd)))
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
