"""Two more who write while processes are killed: one writes the notes of a meeting, one takes files back."""

import re
from collections import Counter
from collections.abc import Iterator

import psycopg

from tests.benchmarks.ledger import HEADER, IN_DOUBT, NOT_SAVED, SAVED, ByFile, Writer, told_by
from tests.benchmarks.staff_at_work import Answer

VERSION = re.compile(r'name="version" id="outcome-version" value="(\d+)"')
NOTES = "SELECT note, count(*) FROM meetings_agendaitemhistory WHERE note LIKE 'note %' GROUP BY 1"
# Of each file of the one who takes back: its state, and how many of its draws stand and how many are withdrawn.
TAKEN_BACK = """
SELECT to_char(d.taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), d.withdrawn_at IS NOT NULL, u.state
FROM patients_draw d JOIN patients_patient p ON p.id = d.patient_id JOIN uploads_upload u ON u.id = d.upload_id
WHERE p.mrn = 'F-0'
"""


class Noter(Writer):
    """`item`: the address of an item on the agenda."""

    def __init__(self, *given, item: str) -> None:
        super().__init__(*given)
        self.item, self.version, self.notes = item, "", {}

    def step(self) -> Iterator[Answer]:
        if not self.version:
            page = self.ask("item", self.item)
            found = VERSION.search(page.text)
            yield page
            if not found:
                return
            self.version = found[1]
        self.count += 1
        note = f"note {self.count}"
        answer = self.send("note", f"{self.item}outcome/", {"version": self.version, "note": note})
        self.notes[note] = told_by(answer)
        # What it is now is looked up: whether it was saved may be in doubt.
        self.version = ""
        yield answer

    def compare(self, url: str) -> Counter:
        with psycopg.connect(url) as connection:
            there = dict(connection.execute(NOTES).fetchall())
        return Counter((told, there.get(note, 0)) for note, told in self.notes.items())


class TakerBack(ByFile):
    """Stores a file and takes it back."""

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self.undone: dict[str, str] = {}

    def step(self) -> Iterator[Answer]:
        at = self.next_minute()
        seen = self.upload(f"{HEADER}\n{self.mrn},{at:%Y-%m-%d %H:%M},ALT,41,U/L,,40\n".encode())
        yield seen
        if seen.status != 302:
            return
        stored = self.send("file is stored", f"{seen.location}store/", {})
        yield stored
        if stored.status == 302:
            answer = self.send("file is taken back", f"{seen.location}undo/", {})
            self.undone[f"{at:%Y-%m-%d %H:%M}"] = told_by(answer)
            yield answer

    def compare(self, url: str) -> Counter:
        """(told, how often it is taken back) -> number; half of it taken back counts as twice."""
        with psycopg.connect(url) as connection:
            rows = connection.execute(TAKEN_BACK).fetchall()
        there = {at: int(gone) if gone == (state == "undone") else 2 for at, gone, state in rows}
        return Counter((told, there.get(at, 2)) for at, told in self.undone.items())


# How often a write may be there, by what was told of it.
ALLOWED = {SAVED: {1}, NOT_SAVED: {0}, IN_DOUBT: {0, 1}}
