"""What would become of each row: compared with the record, a few queries a chunk, nothing stored.

Files dropped together are read in the order patients, diagnoses, events, results; later files see what the
earlier ones would bring.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import chain

from accounts.models import Clinic
from interpretation.record import analytes
from patients.models import OtherNumber
from uploads.identity.decisions import Key, as_decided, as_numbered, claim_of, decisions_of, is_accepted
from uploads.identity.merged import as_survivor
from uploads.importers.meanings import test_of
from uploads.importers.profile import IGNORE, NOTHING_SET, WritingProfile
from uploads.importers.records import (
    AnticoagulantRow,
    DeathRow,
    DiagnosisRow,
    EventRow,
    Item,
    LabRow,
    OtherRow,
    Parsed,
    PatientRow,
    RefutedRow,
    RowProblem,
)
from uploads.matching.record_view import RecordView
from uploads.models import IdentityDecision

from .files import ReadFile, StoreOptions, chunks, mrns_in, part_of, people_in, read, read_again
from .match import CHANGED, LEFT_OUT, NEW, REFUSED, SAME, WAITING, Match
from .numbers import with_one_number
from .others import Others
from .people import (
    match_anticoagulant,
    match_death,
    match_diagnosis,
    match_event,
    match_patient,
    match_refuted,
)
from .results import ResultMatcher
from .sorting import SortedRows, Sorter

_RANKS = (
    RowProblem, PatientRow, DeathRow, DiagnosisRow, RefutedRow, EventRow, AnticoagulantRow, LabRow, OtherRow,
)  # fmt: skip


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
    decisions = decisions_of(clinic, sender, mrns_in(items))
    # Files of one batch come from one sender.
    profile = files[0].profile if files else NOTHING_SET
    as_said = _each(items, lambda item: as_decided(item, decisions))
    as_said, view, before = _as_known(as_said, profile, clinic, now, asked)
    found = []
    for number, (file, chosen) in enumerate(zip(files, as_said, strict=True)):
        matches = _match(file.parsed, chosen, number, view, asked, decisions)
        for match, item, said in zip(matches, items[number], chosen, strict=True):
            match.mrn = profile.mrn(match.mrn)
            _note_of(match, item, file.parsed)
            # A row under a number from before is kept under it: a merge that is undone takes it back.
            if said is not item and not isinstance(said, RowProblem) and item.mrn not in before:
                match.mrn = said.mrn
        found.append(matches)
    return found


def _as_known(
    items: list[list[Item]], profile: WritingProfile, clinic: Clinic, now: datetime, asked: StoreOptions
) -> tuple[list[list[Item]], RecordView, Mapping[str, OtherNumber]]:
    """The items under the numbers of today, what the record has of them, and the numbers from before."""

    def seen(said: list[list[Item]]) -> RecordView:
        return RecordView(clinic, list(chain(*said)), now, asked.arrived)

    view = seen(items)
    before = view.before
    if before:
        items = _each(items, lambda item: as_survivor(item, before))
        view = seen(items)
    if view.alike and profile.mrn_zeros == IGNORE:
        alike = view.alike
        items = _each(items, lambda item: as_numbered(item, alike))
        view = seen(items)
    here = frozenset(view.patients)
    return _each(items, lambda item: with_one_number(item, here)), view, before


def _each(items: list[list[Item]], change: Callable[[Item], Item]) -> list[list[Item]]:
    return [[change(item) for item in chosen] for chosen in items]


def _note_of(match: Match, item: Item, parsed: Parsed) -> None:
    """What is kept with a match of the row as the file has it."""
    if match.unclear:
        match.asked = claim_of(item, match.unclear)
    match.analyte = _analyte_of(match, item, parsed)


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
        RefutedRow: lambda item: match_refuted(item, view),
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
    "CHANGED", "LEFT_OUT", "NEW", "REFUSED", "SAME", "WAITING", "StoreOptions", "ReadFile", "Match", "SortedRows",
    "Sorter", "chunks", "match", "part_of", "people_in", "read", "read_again",
]  # fmt: skip
