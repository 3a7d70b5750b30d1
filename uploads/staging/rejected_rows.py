"""The rows of a file that were not stored, given back in the sender's own format with the reason of each: to
be corrected and sent again. Read again, the reasons say nothing.

A table comes back as CSV with the same columns, delimiter and encoding and a last column of reasons (a sheet
of a workbook as CSV too); HL7 as whole messages with an NTE behind what is wrong; FHIR as a bundle with an
OperationOutcome behind each entry, Bulk Data as lines of one file.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO

from django.conf import settings

from uploads.formula import as_meant, harmless
from uploads.importers import bulk, fhir, hl7v2
from uploads.importers.bulk.returned import lines_with_reasons
from uploads.importers.dates import serial
from uploads.importers.fhir import returned as fhir_bundle
from uploads.importers.formats.table import raw_rows
from uploads.importers.formats.text import Text
from uploads.importers.formats.workbook import unpack
from uploads.importers.hl7v2 import returned as hl7_messages
from uploads.importers.layouts.labs_wide import REASON
from uploads.importers.main import read_part
from uploads.importers.numbers import Number
from uploads.importers.recognise import KINDS
from uploads.importers.records import FilePart, Parsed
from uploads.mappings import meanings_of
from uploads.models import Message, Upload
from uploads.staging.file_store import fetch, left_over, nameless

_NAME = "rows-to-correct"
_DAYS = {name for module in KINDS.values() for name in module.DATES}
# What Latin-1 and the like do not have.
_PLAIN = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "…": "..."})


@dataclass(frozen=True)
class Returned:
    """The name holds nothing of a patient."""

    file: BinaryIO
    name: str
    type: str


def returned(upload: Upload) -> Returned | None:
    """None where every row was stored or nothing of the file is kept."""
    part = _part(upload)
    if part is None or (not upload.head and not _speaks_of_places(part)) or not left_over(upload).exists():
        return None
    if part.sheet:
        return _csv(_sheet(upload, part), ",", "utf-8-sig", "\r\n", "", _reasons(upload))
    if bulk.sniff(part):
        return _lines(part, _by_place(upload))
    if hl7v2.sniff(part.head):
        content = hl7_messages.messages_with_reasons(part.content, _by_place(upload))
        return Returned(io.BytesIO(content), f"{_NAME}.hl7", "text/plain")
    if fhir.sniff(part.head):
        content = fhir_bundle.bundle_with_reasons(part.content, _by_place(upload))
        return Returned(io.BytesIO(content), f"{_NAME}.json", "application/fhir+json")
    text = Text(part)
    hint, delimiter, rows = raw_rows(text)
    numbered = ((number, number < upload.head, cells) for number, cells in rows)
    end = "\r\n" if "\r\n" in part.head.decode(text.encoding, "ignore") else "\n"
    return _csv(numbered, delimiter, text.encoding, end, hint, _reasons(upload))


def _speaks_of_places(part: FilePart) -> bool:
    """Messages and bundles have no rows, and no names above them."""
    return not part.sheet and (bulk.sniff(part) or hl7v2.sniff(part.head) or fhir.sniff(part.head))


def _lines(part: FilePart, reasons: dict[str, list[str]]) -> Returned:
    file = nameless()
    for line in lines_with_reasons(part, reasons, str(settings.FILE_UPLOAD_TEMP_DIR)):
        file.write(line)
    file.seek(0)
    return Returned(file, f"{_NAME}.ndjson", "application/fhir+ndjson")


def _part(upload: Upload) -> FilePart | None:
    if upload.system_id:
        message = Message.objects.filter(upload=upload).only("raw").first()
        # Its bytes may have gone (manage.py retention).
        return FilePart(bytes(message.raw)) if message and message.raw else None
    root = upload.replays or upload
    return fetch(upload) if root.kept else None


def _reasons(upload: Upload) -> Iterator[tuple[int, str]]:
    """Row number and all that is to be said of the row, in the order of the rows."""
    rows = left_over(upload).order_by("row", "id").values_list("row", "column", "reason")
    for number, found in groupby(rows.iterator(), key=lambda row: row[0]):
        said = dict.fromkeys(f"{column}: {reason}" if column else reason for _, column, reason in found)
        yield number, " | ".join(said)


def _by_place(upload: Upload) -> dict[str, list[str]]:
    """What is said of each "message 2, OBX 3" or "entry 4"."""
    found: dict[str, list[str]] = {}
    for place, column, reason in left_over(upload).values_list("place", "column", "reason"):
        found.setdefault(place, []).append(f"{column}: {reason}" if column else reason)
    return found


def _csv(
    rows: Iterable[tuple[int, bool, list[str]]],
    delimiter: str,
    encoding: str,
    end: str,
    hint: str,
    reasons: Iterator[tuple[int, str]],
) -> Returned:
    """`rows`: number, whether it stands above the data, cells. Reasons of an earlier time give way."""
    file = nameless()
    out = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    plain = encoding not in ("utf-8", "utf-8-sig", "utf-16")
    if hint:
        out.write(hint + end)
    above: list[list[str]] = []
    width, old = 0, None
    wanted = next(reasons, None)
    for number, is_above, cells in rows:
        if is_above:
            above.append(cells)
            continue
        if above:
            old = next((cells.index(REASON) for cells in above if REASON in cells), None)
            above = [_without(cells, old) for cells in above]
            _write_above(writer, above)
            width, above = max(map(len, above)), []
        while wanted and wanted[0] < number:
            wanted = next(reasons, None)
        if wanted and wanted[0] == number:
            reason = wanted[1].translate(_PLAIN) if plain else wanted[1]
            writer.writerow(
                [harmless(as_meant(cell)) for cell in (*_square(_without(cells, old), width), reason)]
            )
    out.flush()
    out.detach()
    file.seek(0)
    return Returned(file, f"{_NAME}.csv", "text/csv")


def _write_above(writer, above: list[list[str]]) -> None:
    """The lines above the data as they are; the fullest one holds the names of the columns."""
    width = max(map(len, above))
    fullest = max(sum(map(bool, cells)) for cells in above)
    names = next(at for at, cells in enumerate(above) if sum(map(bool, cells)) == fullest)
    for at, cells in enumerate(above):
        if at >= names:
            # A second line of names, or a line of units, is as wide as the first.
            cells = [*_square(cells, width), REASON if at == names else ""]
        writer.writerow([harmless(as_meant(cell)) for cell in cells])


def _without(cells: list[str], at: int | None) -> list[str]:
    return [*cells] if at is None else [cell for place, cell in enumerate(cells) if place != at]


def _square(cells: list[str], width: int) -> list[str]:
    """As wide as the table; a row that holds more than the table has columns keeps it."""
    while len(cells) > width and not cells[-1]:
        cells = cells[:-1]
    return [*cells, *[""] * (width - len(cells))]


def _sheet(upload: Upload, part: FilePart) -> Iterator[tuple[int, bool, list[str]]]:
    """The rows of a sheet with its days as text: outside of the workbook a day's number says nothing."""
    rows, about = unpack(part)
    parsed = read_part(part, (), meanings_of(upload.clinic, upload.sender), lazy=True)
    days = _columns_of_days(parsed)
    across = "dates across" in upload.format
    above = [cells for number, cells in rows if number < upload.head]
    if parsed.mrn and not any(parsed.mrn in cell for cells in above for cell in cells):
        yield 0, True, [f"MRN: {parsed.mrn}"]
    for number, cells in rows:
        is_above = number < upload.head
        dated = range(len(cells)) if across and is_above else days
        yield number, is_above, [_as_text(cell, at in dated, about["epoch"]) for at, cell in enumerate(cells)]


def _columns_of_days(parsed: Parsed) -> set[int]:
    titles = {title for name, title in parsed.titles.items() if name.partition(" ")[0] in _DAYS}
    return {at for at, title in enumerate(parsed.header) if title in titles}


def _as_text(cell: str, is_day: bool, epoch: int) -> str:
    """A number in a place of days is one."""
    return serial(cell, epoch) if is_day and isinstance(cell, Number) else str(cell)
