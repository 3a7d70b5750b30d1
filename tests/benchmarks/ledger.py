"""Who writes in the run of many machines, and what they were told: the record must say the same afterwards.

Each writer has a patient of its own and never writes the same minute twice, so that a write is known by both.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg

from tests.benchmarks.staff_at_work import Answer, Person
from tests.uploads.oru import oru

BEGIN = datetime(2025, 3, 1, 8, tzinfo=UTC)
SAVED, NOT_SAVED, IN_DOUBT, NEVER = "saved", "not saved", "in doubt", "never sent"
BOUNDARY = "----a-file-of-one-row"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
HEADER = "mrn,collected_at,test,value,unit,ref_low,ref_high"
# Mean seconds between two requests of one of them.
PAUSE = 0.3
# The sentences by which a page tells which of the two it is (config.errors).
NOTHING, PERHAPS = "Nothing of what you sent was saved.", "it may be there all the same"


@dataclass
class Ledger:
    """What was told of each write, by patient and time; and every answer that was no success, with its moment."""

    told: dict[tuple[str, datetime], str] = field(default_factory=dict)
    failures: list[tuple[float, Answer]] = field(default_factory=list)
    successes: list[tuple[float, str]] = field(default_factory=list)
    resent: int = 0

    def note(self, answer: Answer) -> None:
        now = time.monotonic()
        if answer.status in (200, 302):
            self.successes.append((now, answer.kind))
        else:
            self.failures.append((now, answer))


class Writer(Person):
    """Signed in, at its patient; `number` of the patient."""

    def __init__(self, port: int, name: str, ledger: Ledger, number: int, patient: str) -> None:
        super().__init__(port, name, [patient])
        self.ledger, self.mrn, self.patient, self.count = ledger, f"F-{number}", patient, 0

    def next_minute(self) -> datetime:
        self.count += 1
        return BEGIN + timedelta(minutes=self.count)

    def work(self, over: threading.Event) -> None:
        while not over.wait(random.uniform(0, 2 * PAUSE)):
            for answer in self.step():
                self.ledger.note(answer)


class ByHand(Writer):
    def step(self) -> Iterator[Answer]:
        at = self.next_minute()
        form = {"taken_at": f"{at:%Y-%m-%dT%H:%M}", "laboratory": "L1", "method": "", "note": ""}
        form |= {"ALT-value": f"{random.randrange(20, 90)}", "ALT-unit": "U/L", "ALT-upper": "40"}
        answer = self.send("draw by hand", f"{self.patient}draws/add/", form)
        self.ledger.told[self.mrn, at] = told_by(answer)
        yield answer


class ByFile(Writer):
    """A file of one row: previewed, then stored."""

    def step(self) -> Iterator[Answer]:
        at = self.next_minute()
        row = f"{self.mrn},{at:%Y-%m-%d %H:%M},ALT,{random.randrange(20, 90)},U/L,,40"
        seen = self.upload(f"{HEADER}\n{row}\n".encode())
        yield seen
        if seen.status != 302:
            # Nobody has asked to store it.
            self.ledger.told[self.mrn, at] = NOT_SAVED
            return
        stored = self.send("file is stored", f"{seen.location}store/", {})
        self.ledger.told[self.mrn, at] = told_by(stored)
        yield stored

    def upload(self, content: bytes, name: str = "one.csv") -> Answer:
        parts = {
            "csrfmiddlewaretoken": self.cookies["csrftoken"].encode(),
            'files"; filename="' + name: content,
        }
        body = b"".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'.encode() + part + b"\r\n"
            for key, part in parts.items()
        )
        return self.ask("file is read", "/uploads/", FORM, body + f"--{BOUNDARY}--\r\n".encode())


class ByMessage(Writer):
    """As a laboratory's system: it sends a message until that is accepted, then the next one."""

    def __init__(self, *given, token: str) -> None:
        super().__init__(*given)
        self.headers = of_a_program(token) | {"Content-Type": "text/plain"}
        self.waiting: tuple[datetime, bytes] | None = None

    def step(self) -> Iterator[Answer]:
        if self.waiting:
            self.ledger.resent += 1
        else:
            at, id = self.next_minute(), f"{self.mrn}-{self.count}"
            told = {"taken": f"{at:%Y%m%d%H%M%S}", "reported": f"{at:%Y%m%d%H%M%S}", "id": id, "filler": id}
            self.waiting = at, oru(mrn=self.mrn, name=f"Figures^{self.mrn[2:]}", born="19600101", **told)
        at, raw = self.waiting
        answer = self.ask("message", "/hl7/", self.headers, raw)
        accepted = answer.status == 200 and "\rMSA|AA|" in answer.text
        self.ledger.told[self.mrn, at] = SAVED if accepted else IN_DOUBT
        if accepted:
            self.waiting = None
        yield answer


class Reader(Writer):
    """Pages, and the same patient by FHIR."""

    def __init__(self, *given, token: str) -> None:
        super().__init__(*given)
        self.headers = of_a_program(token)

    def step(self) -> Iterator[Answer]:
        yield self.ask("worklist", "/")
        yield self.ask("patient page", self.patient)
        yield self.ask("FHIR", f"/fhir/Patient?identifier={self.mrn}", self.headers)


def of_a_program(token: str) -> dict[str, str]:
    """It is no browser and has no session."""
    return {"Authorization": f"Bearer {token}", "Cookie": ""}


# Of each kind, so many at once.
CROWD = {ByHand: 4, ByFile: 2, ByMessage: 3, Reader: 2}


def kinds() -> list[type]:
    return [kind for kind, number in CROWD.items() for _ in range(number)]


def told_by(answer: Answer) -> str:
    if answer.status == 302:
        return SAVED
    return NOT_SAVED if NOTHING in answer.text else IN_DOUBT


def compare(ledger: Ledger, url: str) -> Counter:
    """How many writes were told what, and are there how often: (told, times) -> number."""
    sql = """
        SELECT p.mrn, d.taken_at, count(*)
        FROM patients_result r JOIN patients_draw d ON d.id = r.draw_id JOIN patients_patient p ON p.id = d.patient_id
        WHERE d.taken_at > %s AND d.taken_at < %s AND r.analyte = 'ALT' AND p.mrn <> 'F-0' GROUP BY 1, 2
    """
    last = max((at for _, at in ledger.told), default=BEGIN)
    with psycopg.connect(url) as connection:
        rows = connection.execute(sql, [BEGIN, last + timedelta(minutes=1)])
        there = {(mrn, at.astimezone(UTC)): count for mrn, at, count in rows}
    found = Counter((told, there.pop(key, 0)) for key, told in ledger.told.items())
    # What nobody is known to have written. (F-0 is nobody's patient.)
    found[NEVER, 1] += len(there)
    return found
