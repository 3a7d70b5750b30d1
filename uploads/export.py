"""The record as CSV files that upload back to the same record.

What counts is written: current people, diagnoses, events, draws and their counting results. Superseded and
withdrawn versions, verdicts, reviews and decisions stay here. A result is written as it was reported; where
that would not read back to the same value, in the unit in which it is kept.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import IO

from django.db import connection, transaction
from django.db.models import QuerySet

from interpretation.record import analytes
from interpretation.record.date_alone import DateAlone
from interpretation.record.units import unit_label
from patients.models import Diagnosis, Event, OtherResult, Patient, Result
from patients.report.panel import drawn_at
from patients.values.validation import read_result
from uploads.formula import harmless
from uploads.importers.layouts import diagnoses, events, labs_long, patients

# So many rows are fetched at a time: memory stays the same for a patient and for a clinic.
CHUNK = 5000
Cells = dict[str, object]


def archive(people: QuerySet[Patient], to: IO[bytes]) -> dict[str, int]:
    """Writes a ZIP of four CSV files, all of one moment; gives the rows of each, by name of the file."""
    written = {}
    with _one_moment(), zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, module, make in _FILES:
            rows = make(people)
            first = next(rows, None)
            if first is None:
                # A file without rows would be refused when it is uploaded again.
                continue
            with folder.open(f"{name}.csv", "w") as file:
                # Spreadsheets take a CSV file for UTF-8 by its byte-order mark.
                text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
                written[name] = _write(text, [column.name for column in module.COLUMNS], chain([first], rows))
                text.detach()
    return written


@contextmanager
def _one_moment() -> Iterator[None]:
    """A draw that is entered meanwhile is in none of the files, not in one without its patient."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _write(text: IO[str], names: list[str], rows: Iterable[Cells]) -> int:
    # All in quotes: where a list separator is the semicolon, a cell must not fall in two.
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(names)
    count = 0
    for row in rows:
        writer.writerow([harmless(_shown(row.get(name))) for name in names])
        count += 1
    return count


def _shown(value: object) -> str:
    """Times with their zone: the hour that the end of summer time repeats stays what it was."""
    if isinstance(value, DateAlone):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return "" if value is None else str(value)


# --- rows ---


def _patients(people: QuerySet[Patient]) -> Iterator[Cells]:
    for person in people.order_by("mrn", "pk").iterator(CHUNK):
        yield {
            "mrn": person.mrn,
            "family_name": person.family_name,
            "given_name": person.given_name,
            "sex": "" if person.sex == Patient.Sex.UNKNOWN else person.sex,
            "birth_date": person.birth_date,
            "death_date": person.died_on,
            # A drug that is taken comes back with the events.
            "anticoagulant": "none" if person.anticoagulant == Patient.Anticoagulant.NONE else "",
        }


def _diagnoses(people: QuerySet[Patient]) -> Iterator[Cells]:
    rows = Diagnosis.objects.current().filter(patient__in=people).select_related("patient")
    for row in rows.order_by("patient__mrn", "noted_on", "pk").iterator(CHUNK):
        yield {
            "mrn": row.patient.mrn,
            "kind": row.kind,
            "noted_on": row.noted_on,
            "resolved_on": row.resolved_on,
            "codes": ";".join(row.codes),
            "note": row.note,
        }


def _events(people: QuerySet[Patient]) -> Iterator[Cells]:
    rows = Event.objects.current().filter(patient__in=people).select_related("patient__clinic")
    for row in rows.order_by("patient__mrn", "started_at", "pk").iterator(CHUNK):
        zone = row.patient.clinic.zone
        yield {
            "mrn": row.patient.mrn,
            "kind": row.kind,
            "label": row.label,
            "started_at": row.started_at.astimezone(zone),
            "ended_at": row.ended_at and row.ended_at.astimezone(zone),
            "grade": row.grade,
            "route": row.route,
            "note": row.note,
            "stop_confirmed": "yes" if row.stop_confirmed else "",
        }


def _results(people: QuerySet[Patient]) -> Iterator[Cells]:
    rows = Result.objects.filter(
        draw__patient__in=people, draw__withdrawn_at__isnull=True, status__in=Result.COUNTING
    ).select_related("draw__patient__clinic")
    for row in rows.order_by("draw__patient__mrn", "draw__taken_at", "draw_id", "pk").iterator(CHUNK):
        draw, zone = row.draw, row.draw.patient.clinic.zone
        yield {
            "mrn": draw.patient.mrn,
            "collected_at": drawn_at(draw, zone),
            "test": row.analyte,
            **value_cells(row),
            "laboratory": draw.laboratory,
            # The method of a typed draw is that of each of its results.
            "method": row.method or draw.method,
            "received_at": draw.received_at and draw.received_at.astimezone(zone),
            "verified_at": row.verified_at and row.verified_at.astimezone(zone),
            "status": row.status,
            "comment": row.comment,
            "draw_note": draw.note,
            "order_key": row.order_key,
        }
    yield from _others(people)


def _others(people: QuerySet[Patient]) -> Iterator[Cells]:
    """What is kept as sent comes back where the clinic keeps it."""
    rows = OtherResult.objects.current().filter(patient__in=people).select_related("patient__clinic")
    for row in rows.order_by("patient__mrn", "taken_at", "pk").iterator(CHUNK):
        zone = row.patient.clinic.zone
        yield {
            "mrn": row.patient.mrn,
            "collected_at": drawn_at(row, zone),
            "test": row.name,
            "value": row.value,
            "unit": row.unit,
            "range": row.range,
            "laboratory": row.laboratory,
            "method": row.method,
            "verified_at": row.verified_at and row.verified_at.astimezone(zone),
            "status": row.status,
            "loinc": row.code,
            "comment": row.comment,
            "order_key": row.order_key,
        }


def value_cells(row: Result) -> Cells:
    """Value, unit and range as reported where they read back to this result, else as they are kept."""
    cells = {"value": row.reported_value, "unit": row.reported_unit, "range": row.reported_range}
    if _reads_back(row, cells):
        return cells
    kept = {
        "value": f"{row.comparator}{_written_out(row.value)}",
        "unit": unit_label(analytes.get(row.analyte).unit),
        "ref_low": _written_out(row.lower_limit),
        "ref_high": _written_out(row.upper_limit),
    }
    return kept


def _reads_back(row: Result, cells: Cells) -> bool:
    # A comma in one row would decide how the whole file writes its numbers.
    if "," in f"{cells['value']}{cells['range']}":
        return False
    reading, _ = read_result(
        test=row.analyte, value=cells["value"], unit=cells["unit"], range_text=cells["range"]
    )
    fields = ("value", "comparator", "lower_limit", "upper_limit", "reported_value", "reported_range")
    return reading is not None and all(getattr(reading, name) == getattr(row, name) for name in fields)


def _written_out(number: float | None) -> str:
    """All its digits, without an exponent."""
    if number is None:
        return ""
    text = repr(number)
    return f"{number:.12f}".rstrip("0").rstrip(".") if "e" in text else text.removesuffix(".0")


_FILES = (
    ("patients", patients, _patients),
    ("diagnoses", diagnoses, _diagnoses),
    ("events", events, _events),
    ("results", labs_long, _results),
)
