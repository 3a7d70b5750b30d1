"""Files to fill in: the columns that the importers know, with one row of an invented person."""

import csv
import io

from interpretation.record import analytes
from interpretation.record.units import unit_label
from uploads.importers.layouts import diagnoses, events, labs_long, labs_wide, patients

FILES = {
    "patients": "patients",
    "diagnoses": "diagnoses",
    "events": "events",
    "labs-long": "results, one a row",
    "labs-wide": "results, one draw a row",
    "labs-down": "results of one person, tests down",
}
_MRN, _TAKEN = "EXAMPLE-1", "2025-02-28 08:30"
_EXAMPLES = {
    "patients": {"family_name": "Example", "given_name": "Erin", "sex": "F", "birth_date": "1970-05-01"},
    "diagnoses": {"kind": "cirrhosis", "noted_on": "2024-11-05", "codes": "K74.6"},
    "events": {"kind": "vitamin_k", "label": "Phytomenadione", "started_at": _TAKEN, "route": "iv"},
    "labs-long": {
        "collected_at": _TAKEN,
        "test": "ALT",
        "value": "5",
        "comparator": "<",
        "unit": "U/L",
        "ref_high": "40",
        "laboratory": "Main",
        "status": "final",
        "loinc": "1742-6",
    },
}
_MODULES = {"patients": patients, "diagnoses": diagnoses, "events": events, "labs-long": labs_long}
# An ordinary value of each test in its canonical unit, for the tests that nearly every report holds.
_ORDINARY = {
    "ALT": "35", "AST": "32", "ALP": "80", "GGT": "30", "bilirubin_total": "12", "albumin": "41",
    "platelets": "210", "INR": "1.0", "creatinine": "70", "sodium": "140",
}  # fmt: skip


def csv_of(kind: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(_rows(kind))
    return text.getvalue()


def _rows(kind: str) -> list[list[str]]:
    if kind == "labs-wide":
        return _wide()
    if kind == "labs-down":
        return _down()
    example = {"mrn": _MRN, **_EXAMPLES[kind]}
    names = [column.name for column in _MODULES[kind].COLUMNS if column.name != "order_key"]
    return [names, [example.get(name, "") for name in names]]


def _wide() -> list[list[str]]:
    fixed = [column.name for column in labs_wide.COLUMNS]
    example = {"mrn": _MRN, "collected_at": _TAKEN, "status": "final"}
    tests = [(_title(analytes.get(key)), value) for key, value in _ORDINARY.items()]
    return [
        [*fixed, *(title for title, _ in tests)],
        [*(example.get(name, "") for name in fixed), *(value for _, value in tests)],
    ]


def _down() -> list[list[str]]:
    found = [(analytes.get(key), value) for key, value in _ORDINARY.items()]
    rows = [[analyte.name, unit_label(analyte.unit), "", value] for analyte, value in found]
    return [["MRN", _MRN], ["test", "unit", "range", _TAKEN], *rows]


def _title(analyte: analytes.Analyte) -> str:
    unit = unit_label(analyte.unit)
    return f"{analyte.name} ({unit})" if unit else analyte.name
