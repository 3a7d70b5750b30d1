"""What would become of each row: compared with the record, a few queries a chunk, nothing stored.

Files dropped together are read in the order patients, diagnoses, events, results; later files see what the
earlier ones would bring.
"""

from datetime import datetime

from accounts.models import Clinic
from interpretation.record import analytes
from uploads.identity.decisions import Key, as_decided, as_numbered, claim_of, decisions_of, is_accepted
from uploads.importers.meanings import test_of
from uploads.importers.profile import IGNORE, NOTHING_SET
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
