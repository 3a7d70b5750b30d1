"""What would become of each row: compared with the record, a few queries a chunk, nothing stored.

Files dropped together are read in the order patients, diagnoses, events, results; later files see what the
earlier ones would bring.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

from accounts.models import Clinic
from interpretation.record import analytes
from patients.actions.people import INVISIBLE
from uploads.identity.decisions import Key, as_decided, as_numbered, claim_of, decisions_of, is_accepted
from uploads.importers.formats.workbook import WorkbookLimits
from uploads.importers.main import USUAL, read_file, read_part
from uploads.importers.meanings import Meanings, test_of
from uploads.importers.profile import IGNORE, NOTHING_SET, WritingProfile
from uploads.importers.records import (
    AnticoagulantRow,
    DeathRow,
    DiagnosisRow,
    EventRow,
    FilePart,
    Item,
    LabRow,
    OtherRow,
    Parsed,
    PatientRow,
    RowProblem,
)
from uploads.importers.row_buffer import OverflowFile, PartitionedRows
from uploads.importers.shapes import Items
from uploads.matching.record_view import RecordView
from uploads.models import IdentityDecision

from .match import CHANGED, LEFT_OUT, NEW, REFUSED, SAME, WAITING, Match
from .numbers import numbers_in, with_one_number
from .others import Others
from .people import match_anticoagulant, match_death, match_diagnosis, match_event, match_patient
from .results import ResultMatcher
from .tally import OutcomeTally

ORDER = ("patients", "record", "diagnoses", "events", "labs", "")
# So many rows are matched and written at a time.
CHUNK = 5000
_RANKS = (RowProblem, PatientRow, DeathRow, DiagnosisRow, EventRow, AnticoagulantRow, LabRow, OtherRow)


@dataclass
class ReadFile:
    """One file, or one sheet of a workbook, with what was read and what became of its rows."""

    name: str
    part: FilePart
    parsed: Parsed
    # With which it was read.
    profile: WritingProfile = NOTHING_SET
    tally: OutcomeTally = field(default_factory=OutcomeTally)


@dataclass(frozen=True)
class StoreOptions:
    """What a person said beside “store”. `arrived`: when a message came in."""

    apply_changes: bool = False
    accept_questions: bool = False
    arrived: datetime | None = None

    @property
    def nothing(self) -> bool:
        return not (self.apply_changes or self.accept_questions)

    @property
    def as_previewed(self) -> "StoreOptions":
        """As the preview was made."""
        return StoreOptions(arrived=self.arrived)


def read(
    contents: list[tuple[str, FilePart | bytes]], meanings: Meanings, limits: WorkbookLimits = USUAL
) -> list[ReadFile]:
    """The files and sheets in the order in which they are stored; the record is not asked."""
    files = [
        ReadFile(name, part, parsed, meanings.profile)
        for name, content in contents
        for part, parsed in read_file(content, INVISIBLE, meanings, limits, lazy=True)
    ]
    return _in_order(files)


def read_again(
    parts: list[tuple[str, FilePart]], meanings: Meanings, limits: WorkbookLimits = USUAL
) -> list[ReadFile]:
    """As `read`, for what waits: each name and the part of its file that was kept."""
    read = ((name, part, read_part(part, INVISIBLE, meanings, limits, lazy=True)) for name, part in parts)
    return _in_order([ReadFile(*file, meanings.profile) for file in read])


def part_of(content: FilePart | bytes) -> FilePart:
    return content if isinstance(content, FilePart) else FilePart(content)


def _in_order(files: list[ReadFile]) -> list[ReadFile]:
    return sorted(files, key=lambda file: ORDER.index(file.parsed.kind))


def chunks(files: list[ReadFile], folder: str | None = None) -> Iterator[list[list[Item]]]:
    """The items of all files, some thousand rows at a time, a list for each file.

    Whatever is said of one person is in one chunk: rows are judged beside the others of their draw, and by
    what earlier files bring. A small batch is one chunk, in its own order. The rows of a large one wait
    sorted in `folder`: memory holds one chunk.
    """
    count = sum(len(file.parsed.items) for file in files)
    if count <= CHUNK:
        yield [list(file.parsed.items) for file in files]
        return
    size, overflow = -(-count // CHUNK), OverflowFile(folder)
    sorted_rows = [_sorted(file.parsed, size, overflow) for file in files]
    for number in range(size):
        yield [take(number) for take in sorted_rows]


def _sorted(parsed: Parsed, size: int, overflow: OverflowFile) -> Callable[[int], list[Item]]:
    """The rows of a file sorted into parts by whose they are; gives the items of a part."""
    parts, items = PartitionedRows(size, overflow), parsed.items
    if isinstance(items, Items):
        for row in items.rows:
            parts.add(crc32(items.mrn_of(row).encode()) % size, row)
        return lambda number: items.read(parts.take(number))
    for item in items:
        parts.add(crc32(_mrn_of(item).encode()) % size, item)
    return parts.take


def _mrn_of(item: Item) -> str:
    return "" if isinstance(item, RowProblem) else item.mrn


def people_in(files: list[ReadFile]) -> set[str]:
    """Every MRN in them."""
    found: set[str] = set()
    for file in files:
        items = file.parsed.items
        if isinstance(items, Items):
            found.update(map(items.mrn_of, items.rows))
        else:
            found.update(map(_mrn_of, items), numbers_in(items))
    return found - {""}


def match(
    files: list[ReadFile],
    items: list[list[Item]],
    *,
    clinic: Clinic,
    now: datetime,
    asked: StoreOptions,
    sender: str = "",
) -> list[list[Match]]:
    """What becomes of each item of a chunk, against the record as it is now: a list for each file.

    `sender`: whose names and numbers these are, for what persons have decided about them.
    """
    decisions = decisions_of(clinic, sender, [item for chosen in items for item in chosen])
    as_said = [[as_decided(item, decisions) for item in chosen] for chosen in items]
    # Files of one batch come from one sender.
    profile = files[0].profile if files else NOTHING_SET
    view = RecordView(clinic, [item for chosen in as_said for item in chosen], now, asked.arrived)
    if view.alike and profile.mrn_zeros == IGNORE:
        as_said = [[as_numbered(item, view.alike) for item in chosen] for chosen in as_said]
        view = RecordView(clinic, [item for chosen in as_said for item in chosen], now, asked.arrived)
    here = frozenset(view.patients)
    as_said = [[with_one_number(item, here) for item in chosen] for chosen in as_said]
    found = []
    for number, (file, chosen) in enumerate(zip(files, as_said, strict=True)):
        matches = _match(file.parsed, chosen, number, view, asked, decisions)
        for match, item, said in zip(matches, items[number], chosen, strict=True):
            match.mrn = profile.mrn(match.mrn)
            if match.unclear:
                match.asked = claim_of(item, match.unclear)
            match.analyte = _analyte_of(match, item, file.parsed)
            if said is not item and not isinstance(said, RowProblem):
                match.mrn = said.mrn
        found.append(matches)
    return found


def _analyte_of(match: Match, item: Item, parsed: Parsed) -> str:
    """Of a result that waits; a row that could not be read may name it in its own column."""
    if match.outcome not in (WAITING, CHANGED):
        return ""
    if isinstance(item, LabRow):
        names = [test_of(item)]
    elif isinstance(item, RowProblem):
        title, cells = parsed.titles.get("test"), item.place.cells
        at = parsed.header.index(title) if title in parsed.header else len(cells)
        names = [*item.test, *cells[at : at + 1]]
    else:
        return ""
    return next((found.key for name in names if name and (found := analytes.find(name))), "")


def _match(
    parsed: Parsed,
    items: list[Item],
    number: int,
    view: RecordView,
    asked: StoreOptions,
    decisions: dict[Key, IdentityDecision],
) -> list[Match]:
    results = ResultMatcher(view, parsed, items, number, asked)
    matchers = {
        RowProblem: lambda item: Match(item.place, item.level, item.text, settled=item.settled),
        PatientRow: lambda item: match_patient(item, view, number, is_accepted(item, decisions)),
        DeathRow: lambda item: match_death(item, view, number),
        DiagnosisRow: lambda item: match_diagnosis(item, view, number),
        EventRow: lambda item: match_event(item, view, number),
        AnticoagulantRow: lambda item: match_anticoagulant(item, view, number),
        LabRow: results.match,
        OtherRow: Others(results).match,
    }
    # People come before what is said about them, wherever they stand in a file that holds both.
    kinds = [_RANKS.index(type(item)) for item in items]
    found: list[Match | None] = [None] * len(items)
    for at in sorted(range(len(items)), key=kinds.__getitem__):
        found[at] = matchers[type(items[at])](items[at])
    titles, header = parsed.titles, parsed.header
    mrn_at = header.index(titles["mrn"]) if titles.get("mrn") in header else 0
    for match in found:
        place = match.place
        match.mrn = parsed.mrn or (place.cells[mrn_at] if mrn_at < len(place.cells) else "")
        if place.column and (title := titles.get(place.column)):
            match.place = place.at(title)
    return found


__all__ = [
    "CHANGED", "LEFT_OUT", "NEW", "REFUSED", "SAME", "WAITING", "StoreOptions", "ReadFile", "Match", "chunks", "match",
    "part_of", "people_in", "read", "read_again",
]  # fmt: skip
