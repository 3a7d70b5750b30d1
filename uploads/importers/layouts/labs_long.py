"""Laboratory results, one result a row."""

import re
from collections.abc import Callable
from dataclasses import replace
from operator import itemgetter

from interpretation.record.spelling import fold_name
from patients.values.number_text import GROUP
from uploads.importers.columns import CLOCK, MRN, CellRow, KnownColumn, SharedColumns
from uploads.importers.dates import read_time
from uploads.importers.formats.table import is_blank
from uploads.importers.identity import COLUMNS as WHOSE
from uploads.importers.records import WAITING, Item, LabRow, Place, RowProblem

KIND = "labs"
WORDS = "laboratory results"
COLUMNS = (
    MRN,
    KnownColumn(
        "collected_at",
        ("collected", "collection time", "collection date", "collection datetime", "collection date time",
         "collection", "taken at", "taken", "taken on", "sample time", "sample date", "sampled at",
         "specimen time",
         "specimen date", "date collected", "time collected", "draw time", "draw date", "drawn at", "drawn",
         "charttime", "datetime", "date time", "date", "time", "timestamp", "effective", "observed at",
         "collected date", "collected time"),
        needed=True,
        halves=("collected", "collection", "sample", "specimen", "draw", "drawn", "taken", "abnahme",
                "entnahme", "proben", ""),
        abroad=("abnahmedatum", "abnahmezeit", "abnahmezeitpunkt", "entnahmedatum", "entnahmezeit",
                "entnahmezeitpunkt", "probendatum", "datum", "date de prélèvement",
                "date prélèvement", "prélèvement", "fecha", "fecha de extracción", "fecha extracción",
                "data prelievo", "afnamedatum"),
    ),
    KnownColumn(
        "test",
        ("analyte", "test name", "lab test", "parameter", "component", "test description",
         "investigation",
         "observation", "measurement", "label"),
        needed=True,
        weak=("name",),
        abroad=("analyt", "untersuchung", "laborparameter", "bezeichnung", "messgröße", "analyse",
                "paramètre", "prueba", "determinación", "esame", "bepaling"),
    ),
    KnownColumn("value", ("result", "result value", "test result", "numeric result", "valuenum",
    "reading"), needed=True,
        abroad=("ergebnis", "wert", "messwert", "resultat", "résultat", "valeur", "resultado", "valor",
                "risultato", "valore", "uitslag")),
    KnownColumn("unit", ("units", "unit of measure", "uom", "valueuom", "result unit",
    "result units"), needed=True, abroad=("einheit", "unité", "unidad", "unidades", "unità", "eenheid")),
    KnownColumn(
        "ref_low",
        ("reference low", "lower limit", "lln", "low", "lower", "ref range low", "ref range lower",
         "reference lower",
         "reference range low", "normal low", "range low", "lower reference limit", "ref lower"),
        abroad=("untergrenze", "unterer grenzwert"),
    ),
    KnownColumn(
        "ref_high",
        ("reference high", "upper limit", "uln", "high", "upper", "ref range high", "ref range upper",
         "reference upper", "reference range high", "normal high", "range high", "upper reference limit",
         "ref upper"),
        abroad=("obergrenze", "oberer grenzwert"),
    ),
    KnownColumn("range", ("reference range", "ref range", "normal range", "reference interval", "reference",
                     "ref", "ref interval"),
           abroad=("normbereich", "referenzbereich", "referenzwerte", "normwerte", "normwert",
                   "valeurs de référence", "valores de referencia", "rango de referencia",
                   "intervallo di riferimento", "valori di riferimento", "referentiewaarden")),
    KnownColumn("laboratory", ("lab", "laboratory name", "performing lab", "performing "
        "laboratory", "source lab"),
           abroad=("labor", "laboratoire", "laboratorio")),
    KnownColumn("method", ("assay", "analyser", "analyzer", "instrument"), abroad=("methode", "méthode")),
    KnownColumn("received_at", ("received", "received time", "date received", "received on"),
           halves=("received",)),
    KnownColumn("verified_at", ("verified", "verified time", "authorised at", "authorized at", "reported at",
                           "released at", "validated at", "storetime"),
           halves=("verified", "reported")),
    KnownColumn("status", ("result status", "report status")),
    KnownColumn("loinc", ("code", "loinc code", "test code")),
    KnownColumn("comparator", ("operator", "qualifier", "sign")),
    KnownColumn("comment", ("comments", "note", "notes", "result comment", "remark", "remarks"),
           abroad=("kommentar", "bemerkung", "bemerkungen")),
    KnownColumn("draw_note"),
    # The laboratory's own name of the result, as our exports write it.
    KnownColumn("order_key"),
    *WHOSE,
)  # fmt: skip
DATES = ("collected_at", "received_at", "verified_at")
NUMBERS = ("value", "ref_low", "ref_high")
STATUSES = {
    "": "final", "final": "final", "f": "final", "complete": "final", "completed": "final",
    "verified": "final",
    "authorised": "final", "authorized": "final", "preliminary": "preliminary", "p": "preliminary",
    "provisional": "preliminary", "interim": "preliminary", "corrected": "corrected", "c": "corrected",
    "amended": "corrected",
}  # fmt: skip


# Before a value this would become part of its number.
_NUMERAL = re.compile(r"[0-9.,+-]")


def read(row: CellRow, order: str) -> Item:
    item = _read(row, order)
    return replace(item, test=(row["test"], row["loinc"])) if isinstance(item, RowProblem) else item


def _read(row: CellRow, order: str) -> Item:
    mrn, value = row["mrn"], row["value"]
    if not mrn:
        return row.problem("mrn", "the MRN is missing. Fill it in.")
    code = row["loinc"]
    test = row["test"] or code
    if not test:
        return row.problem("test", "the name of the test is missing. Fill it in.")
    if is_blank(value):
        return row.problem("value", "the value is missing. Fill it in or remove the row.")
    times = read_times(row, order)
    if isinstance(times, RowProblem):
        return times
    sign = limit(row["comparator"])
    if _NUMERAL.search(sign):
        text = f"“{sign[:20]}” is no sign such as < or >. Correct it or leave it empty."
        return row.problem("comparator", text, level=WAITING)
    said = row["status"]
    status = STATUSES.get(fold_name(said)) if said else "final"
    if status is None:
        text = f"status “{said[:20]}” is not known. Use final, preliminary or corrected."
        return row.problem("status", text, level=WAITING)
    return LabRow(
        row.place(),
        mrn,
        times[0],
        test,
        sign + value,
        limit(row["unit"]),
        limit(row["ref_low"]),
        limit(row["ref_high"]),
        row["range"],
        row["laboratory"][:80],
        row["method"][:40],
        code,
        status,
        *times[1:],
        order=row["order_key"][:120],
        comment=row["comment"][:300],
        draw_note=row["draw_note"][:300],
    )


_USUAL = (
    "mrn", "collected_at", "test", "value", "unit", "ref_low", "ref_high", "range", "laboratory", "method",
    "loinc", "comparator",
)  # fmt: skip


def reader(where: dict[str, int], order: str) -> Callable[[int, tuple[str, ...]], Item]:
    """As `read`, for many rows: where a cell stands is looked up once. What is odd is left to `read`."""

    def slowly(number: int, cells: tuple[str, ...]) -> Item:
        return read(CellRow(number, cells, where), order)

    if any(name.endswith(CLOCK) for name in where):
        return slowly
    # A column that is not there is the empty cell put at the end.
    pick = itemgetter(*(where.get(name, -1) for name in _USUAL))
    rare = [where[name] for name in ("received_at", "verified_at", "status") if name in where]

    def quickly(number: int, cells: tuple[str, ...]) -> Item:
        mrn, collected, test, value, unit, low, high, words, lab, method, code, sign = pick((*cells, ""))
        if not mrn or not test or GROUP in mrn or is_blank(value) or sign or any(cells[at] for at in rare):
            return slowly(number, cells)
        try:
            taken_at = read_time(collected, order)
        except ValueError:
            return slowly(number, cells)
        limits = limit(low), limit(high), words
        place = Place(number, "", cells)
        return LabRow(place, mrn, taken_at, test, value, limit(unit), *limits, lab[:80], method[:40], code)

    return quickly


# Whose draw it is, when it was taken and by whom it was read.
_OF_DRAW = ("mrn", "collected_at", f"collected_at{CLOCK}", "laboratory", *(column.name for column in WHOSE))


def shared_columns(where: dict[str, int]) -> SharedColumns:
    draw = tuple(at for name, at in where.items() if name in _OF_DRAW)
    return SharedColumns(draw, tuple(at for at in where.values() if at not in draw))


def read_times(row: CellRow, order: str) -> tuple | RowProblem:
    """Collection, arrival and verification; only the first is needed."""
    times = []
    for column in DATES:
        text = row[column]
        if not text or is_blank(text):
            times.append(None)
            continue
        try:
            times.append(read_time(text, order))
        except ValueError as error:
            return row.problem(column, str(error))
    if times[0] is None:
        return row.problem("collected_at", "the time of collection is missing. Fill it in.")
    return tuple(times)


def limit(text: str) -> str:
    return "" if not text or is_blank(text) else text
