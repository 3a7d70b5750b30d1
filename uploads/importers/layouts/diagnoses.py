"""Diagnoses: one a row. Ascites and encephalopathy are events in the record and come in as events."""

import re
from datetime import datetime, time

from interpretation.record.spelling import fold_name
from patients.words import DIAGNOSIS_NAMES, EVENT_NAMES
from uploads.importers.columns import MRN, CellRow, KnownColumn
from uploads.importers.dates import read_date
from uploads.importers.identity import COLUMNS as WHOSE
from uploads.importers.records import WAITING, DiagnosisRow, EventRow, Item, RowProblem

KIND = "diagnoses"
WORDS = "diagnoses"
COLUMNS = (
    MRN,
    KnownColumn("kind", ("diagnosis", "condition", "problem", "diagnosis "
        "kind", "diagnosis name"), needed=True),
    KnownColumn(
        "noted_on",
        ("noted", "date", "diagnosis date", "date of diagnosis", "diagnosed on", "onset", "onset date",
         "diagnosed", "recorded on"),
    ),
    KnownColumn("resolved_on", ("resolved", "end date", "resolution date", "date resolved")),
    KnownColumn("codes", ("code", "icd", "icd10", "icd 10", "icd code", "icd codes", "icd10 code", "icd9")),
    KnownColumn("note", ("notes", "comment", "comments", "remark")),
    *WHOSE,
)  # fmt: skip
DATES = ("noted_on", "resolved_on")
NUMBERS = ()
_SYNONYMS = {
    "nafld": "masld", "nash": "masld", "mash": "masld", "hcv": "hepatitis_c", "hbv": "hepatitis_b",
    "aih": "autoimmune_hepatitis", "primary biliary cholangitis": "pbc",
    "primary sclerosing cholangitis": "psc",
    "wilsons disease": "wilson", "wilson s disease": "wilson", "dili": "drug_induced",
    "hepatocellular carcinoma": "hcc", "alcohol related liver disease": "alcohol_related",
    "arld": "alcohol_related",
    "liver cirrhosis": "cirrhosis", "ischaemic hepatitis": "ischaemic", "cld": "chronic_liver_disease",
}  # fmt: skip
KINDS = {
    **{fold_name(key): key for key in DIAGNOSIS_NAMES},
    **{fold_name(name): key for key, name in DIAGNOSIS_NAMES.items()},
    **_SYNONYMS,
}
# Complications that hospitals code as diagnoses; the record keeps them as events.
EVENTS = {
    **{fold_name(key): key for key in ("ascites", "encephalopathy", "variceal_bleed", "infection")},
    "hepatic encephalopathy": "encephalopathy",
    "variceal bleeding": "variceal_bleed",
}


def read(row: CellRow, order: str) -> Item:
    if not row["mrn"]:
        return row.problem("mrn", "the MRN is missing. Fill it in.")
    noted, resolved = row.read("noted_on", read_date, order), row.read("resolved_on", read_date, order)
    for found in (noted, resolved):
        if isinstance(found, RowProblem):
            return found
    if noted and resolved and resolved < noted:
        return row.problem("resolved_on", "the end is before the diagnosis was noted. Correct one.")
    folded = fold_name(row["kind"])
    if folded in EVENTS:
        return _event(row, EVENTS[folded], noted, resolved)
    if folded not in KINDS:
        return row.problem("kind", _unknown(row["kind"]), level=WAITING)
    codes = tuple(code for code in re.split(r"[;,| ]+", row["codes"]) if code)
    return DiagnosisRow(row.place(), row["mrn"], KINDS[folded], noted, resolved, codes, row["note"][:300])


def _event(row: CellRow, kind: str, noted, resolved) -> Item:
    if not noted:
        text = f"{EVENT_NAMES[kind]} is kept as an event and needs a date. Fill in noted_on."
        return row.problem("noted_on", text, level=WAITING)
    start = datetime.combine(noted, time())
    end = datetime.combine(resolved, time()) if resolved else None
    note = " ".join(filter(None, (f"ICD {row['codes']}" if row["codes"] else "", row["note"])))
    return EventRow(row.place(), row["mrn"], kind, "", start, end, None, "", note[:300])


def _unknown(kind: str) -> str:
    if not kind:
        return "the diagnosis is missing. Fill it in or remove the row."
    if fold_name(kind) in {fold_name(key) for key in EVENT_NAMES}:
        return f"“{kind[:60]}” is an event, not a diagnosis. Upload it in an events file."
    return f"“{kind[:60]}” is not a diagnosis this product keeps. Use one such as cirrhosis, or leave it out."
