"""What would become of each row: compared with the record, a few queries a batch, nothing stored.

Files dropped together are read in the order patients, diagnoses, events, results; later files see what the
earlier ones would bring.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Clinic
from patients.actions.people import INVISIBLE
from uploads.importers.main import USUAL, read_file, read_part
from uploads.importers.meanings import Meanings
from uploads.importers.records import (
    DiagnosisRow,
    EventRow,
    LabRow,
    Parsed,
    Part,
    PatientRow,
    Problem,
)
from uploads.importers.workbook import Limits

from .book import Book
from .match import CHANGED, NEW, OUTCOMES, REFUSED, SAME, WAITING, Match
from .people import match_diagnosis, match_event, match_patient
from .results import Results

ORDER = ("patients", "record", "diagnoses", "events", "labs", "")
_RANKS = (Problem, PatientRow, DiagnosisRow, EventRow, LabRow)


@dataclass
class File:
    """One file, or one sheet of a workbook, with what was read and what became of its rows."""

    name: str
    part: Part
    parsed: Parsed
    matches: list[Match] = field(default_factory=list)

    @property
    def mrns(self) -> set[str]:
        return {item.mrn for item in self.parsed.items if hasattr(item, "mrn")}

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(match.outcome for match in self.matches)
        return {"read": len(self.matches)} | {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def signature(self) -> list[tuple]:
        return [(m.place.row, m.place.column[:80], m.outcome, m.reason[:300]) for m in self.matches]


def read(contents: list[tuple[str, bytes]], meanings: Meanings, limits: Limits = USUAL) -> list[File]:
    """The files and sheets in the order in which they are stored; the record is not asked."""
    files = [
        File(name, part, parsed)
        for name, content in contents
        for part, parsed in read_file(content, INVISIBLE, meanings, limits)
    ]
    return _in_order(files)


def read_again(parts: list[tuple[str, Part]], meanings: Meanings) -> list[File]:
    """As `read`, for what waits: each name and the part of its file that was kept."""
    return _in_order([File(name, part, read_part(part, INVISIBLE, meanings)) for name, part in parts])


def _in_order(files: list[File]) -> list[File]:
    return sorted(files, key=lambda file: ORDER.index(file.parsed.kind))


def match(
    files: list[File],
    *,
    clinic: Clinic,
    now: datetime,
    apply_changes: bool = False,
    accept_questions: bool = False,
    arrived: datetime | None = None,
) -> None:
    """Gives each file its matches, against the record as it is now. `arrived`: when a message came in."""
    book = Book(clinic, [item for file in files for item in file.parsed.items], now, arrived)
    for number, file in enumerate(files):
        results = Results(book, file.parsed, number, apply_changes, accept_questions)
        file.matches = _match(file, number, book, results)


def _match(file: File, number: int, book: Book, results: Results) -> list[Match]:
    matchers = {
        Problem: lambda item: Match(item.place, item.level, item.text, settled=item.settled),
        PatientRow: lambda item: match_patient(item, book, number),
        DiagnosisRow: lambda item: match_diagnosis(item, book, number),
        EventRow: lambda item: match_event(item, book, number),
        LabRow: results.match,
    }
    parsed, items = file.parsed, file.parsed.items
    # People come before what is said about them, wherever they stand in a file that holds both.
    ordered = sorted(range(len(items)), key=lambda at: _RANKS.index(type(items[at])))
    found = {at: matchers[type(items[at])](items[at]) for at in ordered}
    matches = [found[at] for at in range(len(items))]
    titles, header = parsed.titles, parsed.header
    mrn_at = header.index(titles["mrn"]) if titles.get("mrn") in header else 0
    for match in matches:
        place, title = match.place, titles.get(match.place.column)
        match.mrn = parsed.mrn or (place.cells[mrn_at] if mrn_at < len(place.cells) else "")
        if title:
            match.place = place.at(title)
    return matches


__all__ = ["CHANGED", "NEW", "REFUSED", "SAME", "WAITING", "File", "Match", "match", "read", "read_again"]
