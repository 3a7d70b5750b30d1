"""Drugs, blood products, complications and procedures: one a row."""

from datetime import datetime

from interpretation.record.spelling import fold_name
from patients.values.anticoagulants import KINDS as ANTICOAGULANTS
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES
from uploads.importers.columns import MRN, CellRow, KnownColumn
from uploads.importers.dates import read_time
from uploads.importers.formats.table import is_blank
from uploads.importers.identity import COLUMNS as WHOSE
from uploads.importers.records import WAITING, EventRow, Item, RowProblem

KIND = "events"
WORDS = "events"
COLUMNS = (
    MRN,
    KnownColumn("kind", ("event", "event kind", "event type", "type", "category"), needed=True),
    KnownColumn("label", ("name", "drug", "product", "description", "drug name", "medication")),
    KnownColumn(
        "started_at",
        ("started", "start", "start time", "start date", "starttime", "given at", "from", "date", "begin",
         "started on", "event date", "event time", "started date", "started time"),
        needed=True,
        halves=("started", "start", "event", ""),
    ),
    KnownColumn(
        "ended_at",
        ("ended", "end", "end time", "end date", "endtime", "stopped", "stopped at", "to", "stop", "until",
         "stop time", "stop date", "ended on", "ended date", "ended time"),
        halves=("ended", "end", "stop"),
    ),
    KnownColumn("grade", ("west haven", "severity")),
    KnownColumn("route", ("administration route", "route of administration")),
    KnownColumn("note", ("notes", "comment", "comments", "remark")),
    KnownColumn("stop_confirmed", ("stop confirmed", "confirmed stopped")),
    *WHOSE,
)  # fmt: skip
DATES = ("started_at", "ended_at")
NUMBERS = ()
_SYNONYMS = {
    **ANTICOAGULANTS,
    "phytonadione": "vitamin_k",
    "phytomenadione": "vitamin_k", "ffp": "plasma", "fresh frozen plasma": "plasma",
    "n acetylcysteine": "nac", "acetylcysteine": "nac", "transplantation": "transplant",
    "variceal bleeding": "variceal_bleed", "hepatic encephalopathy": "encephalopathy", "he": "encephalopathy",
    "red blood cells": "red_cells", "packed red cells": "red_cells", "npo": "nil_by_mouth",
}  # fmt: skip
KINDS = {
    **{fold_name(key): key for key in EVENT_NAMES},
    **{fold_name(name): key for key, name in EVENT_NAMES.items()},
    **_SYNONYMS,
}
# Substances: they are known within longer names too ("Warfarin 5 mg tablets"), products and words are not:
# Plasma-Lyte is no plasma.
SUBSTANCES = (
    *ANTICOAGULANTS, "phytonadione", "phytomenadione", "vitamin k", "acetylcysteine", "tigecycline",
)  # fmt: skip
ROUTES = {
    "iv": "iv", "intravenous": "iv", "i v": "iv", "oral": "oral", "po": "oral", "p o": "oral",
    "by mouth": "oral",
    "sc": "sc", "subcutaneous": "sc", "s c": "sc", "im": "im", "intramuscular": "im", "": "",
}  # fmt: skip
YES, NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0", ""}
_GRADES = ("0", "1", "2", "3", "4")
# Columns of few answers: whether a cell is one of them, and what is said where it is not.
_ANSWERS = {
    "grade": (lambda cell: is_blank(cell) or cell in _GRADES, "is not a grade. Use 0 to 4."),
    "route": (
        lambda cell: fold_name(cell) in ROUTES,
        "is not a route. Use iv, oral, sc, im or leave it empty.",
    ),
    "stop_confirmed": (
        lambda cell: fold_name(cell) in YES | NO,
        "is not an answer. Use yes, no or leave it empty.",
    ),
}


def read(row: CellRow, order: str) -> Item:
    if not row["mrn"]:
        return row.problem("mrn", "the MRN is missing. Fill it in.")
    kind = KINDS.get(fold_name(row["kind"]))
    if kind is None:
        return row.problem("kind", _unknown(row["kind"]), level=WAITING)
    start, end = row.read("started_at", read_time, order), row.read("ended_at", read_time, order)
    confirmed = fold_name(row["stop_confirmed"]) in YES
    if wrong := _wrong_times(row, start, end) or _wrong_answer(row):
        return wrong
    if confirmed and end is None:
        return row.problem("stop_confirmed", "a confirmed stop needs its date. Fill in ended_at.")
    grade = None if is_blank(row["grade"]) else int(row["grade"])
    label, route, note = row["label"][:120], ROUTES[fold_name(row["route"])], row["note"][:300]
    return EventRow(row.place(), row["mrn"], kind, label, start, end, grade, route, note, confirmed)


def _wrong_times(
    row: CellRow, start: datetime | RowProblem | None, end: datetime | RowProblem | None
) -> RowProblem | None:
    if start is None:
        return row.problem("started_at", "the start is missing. Fill it in.")
    if unread := next((found for found in (start, end) if isinstance(found, RowProblem)), None):
        return unread
    if end and (end.tzinfo is None) != (start.tzinfo is None):
        return row.problem("ended_at", "only one of start and end names a time zone. Give both or none.")
    if end and end < start:
        return row.problem("ended_at", "the end is before the start. Correct one of them.")
    return None


def _wrong_answer(row: CellRow) -> RowProblem | None:
    for column, (is_known, words) in _ANSWERS.items():
        if not is_known(row[column]):
            return row.problem(column, f"“{row[column][:20]}” {words}")
    return None


def _unknown(kind: str) -> str:
    if not kind:
        return "the kind of event is missing. Fill it in or remove the row."
    if fold_name(kind) in {fold_name(key) for key in DIAGNOSIS_NAMES}:
        return f"“{kind[:60]}” is a diagnosis, not an event. Upload it in a diagnoses file."
    return (
        f"“{kind[:60]}” is not an event this product keeps. Use one such as vka or plasma, or leave it out."
    )
