"""Names of tests, units and columns as they stand in a report."""

import re

from interpretation.record import analytes
from interpretation.record.spelling import fold_name
from patients.values.number_text import clean

TIME_LABELS = {
    "collected", "collected at", "collected on", "collection", "collection date", "collection time",
    "collection date time", "date collected", "date of collection", "specimen collected", "specimen date",
    "sample collected", "sample date", "sample taken", "sampled", "sampled at", "drawn", "drawn at",
    "drawn on", "date drawn", "draw date", "taken", "taken at", "taken on", "blood taken", "entnahme",
    "entnahmedatum", "entnahmezeit", "entnahmezeitpunkt", "entnommen", "abnahme", "abnahmedatum",
    "abnahmezeit", "abgenommen", "probenentnahme",
}  # fmt: skip
DAY_LABELS, CLOCK_LABELS = {"date", "datum", "day"}, {"time", "uhrzeit", "zeit"}
LABORATORY_LABELS = {
    "laboratory", "lab", "labor", "performing laboratory", "performing lab", "performed by",
    "laboratory name",
}  # fmt: skip
MRN_LABELS = {
    "mrn", "medical record number", "hospital number", "hospital no", "patient id", "patient number",
    "patient no", "patient mrn",
}  # fmt: skip
COLUMNS = {
    "test": {"test", "analyte", "parameter", "test name", "investigation", "analysis", "untersuchung"},
    "value": {"value", "result", "results", "ergebnis", "wert", "messwert"},
    "unit": {"unit", "units", "einheit", "uom"},
    "lower": {"lower", "lower limit", "low", "lln", "reference low"},
    "upper": {"upper", "upper limit", "high", "uln", "reference high"},
    "range": {
        "range", "reference range", "ref range", "reference", "reference interval", "normal range", "limits",
        "referenzbereich", "normbereich", "normwert", "referenz",
    },
    "flag": {"flag", "flags", "h l", "abnormal", "status", "bewertung"},
}  # fmt: skip
MOST_WORDS = 8
# Folding a name drops its signs: those of a number ("ALT <5") must not be lost with it.
_NAME = re.compile(r"(?![\d.,\s]+$)[^<>≤≥=~]*[\w)\]%+.]")
_NAME_AND_UNIT = re.compile(r"(.*?)[\s,]*[(\[]([^()\[\]]+)[)\]]")


def cells_of(line: str) -> list[str]:
    return [clean(cell.strip("\"' ")) for cell in re.split(r"[\t;|]", line)]


def label(title: str) -> str:
    """What a title says of the whole draw: taken_at, laboratory, mrn; "" for none of these."""
    folded = fold_name(title)
    if folded in TIME_LABELS or folded in DAY_LABELS:
        return "taken_at"
    if folded in LABORATORY_LABELS:
        return "laboratory"
    return "mrn" if folded in MRN_LABELS else ""


def name_and_unit(text: str) -> tuple[str, str]:
    """A known test's name as written, and a unit of it in brackets behind; ("", "") for anything else."""
    if not _NAME.fullmatch(text):
        return "", ""
    if analytes.find(text):
        return text, ""
    found = _NAME_AND_UNIT.fullmatch(text)
    return (found[1], found[2]) if found and is_unit(found[1], found[2]) else ("", "")


def name_at_start(text: str) -> tuple[str, str, str]:
    """The test named by the first words (as many as name one), the unit in its brackets, and the rest."""
    words = text.split(" ")
    for count in range(min(len(words), MOST_WORDS), 0, -1):
        name, unit = name_and_unit(" ".join(words[:count]).rstrip(":=,"))
        if name:
            return _with_code(name, unit, " ".join(words[count:]))
    return "", "", text


def is_unit(name: str, unit: str) -> bool:
    """A unit of this test that no number can be taken for."""
    analyte = analytes.find(name)
    return bool(analyte and unit) and not unit.isdecimal() and analyte.factor(unit) is not None


def shown_name(name: str) -> str:
    return analytes.find(name).name


def _with_code(name: str, unit: str, rest: str) -> tuple[str, str, str]:
    """ "1742-6 ALT 34": a code and the name that it is the code of."""
    again, its_unit, after = name_at_start(rest) if rest else ("", "", "")
    same = again and analytes.find(again) is analytes.find(name)
    return (again, its_unit or unit, after) if same else (name, unit, rest)
