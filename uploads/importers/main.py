"""One door: a file in, its kind, what was detected, and an item for each row out."""

from collections.abc import Iterable
from dataclasses import replace

from uploads.importers import bulk, fhir, hl7v2
from uploads.importers.formats import workbook
from uploads.importers.formats.file_kinds import RTF
from uploads.importers.formats.table import TableLines, read_lines
from uploads.importers.formats.text import Text
from uploads.importers.formats.workbook import WorkbookLimits
from uploads.importers.row_buffer import OverflowFile, buffered

from .meanings import Meanings, in_our_words
from .records import FilePart, FileRefused, Parsed, Unmapped
from .shapes import read_table

NOTHING_SAID, USUAL = Meanings(), WorkbookLimits()
SHEETS_LEFT = "Sheets not read, nothing known in them: "


def read_file(
    content: FilePart | bytes,
    unseen: Iterable[int] = (),
    meanings: Meanings = NOTHING_SAID,
    limits: WorkbookLimits = USUAL,
    *,
    lazy: bool = False,
    progress: object = None,
) -> list[tuple[FilePart, Parsed]]:
    """The tables of a file: one of a text file, one for each sheet of a workbook that holds something known.

    Never raises for what a file holds: what cannot be read has a reason.
    `unseen`: signs that show nothing, taken out wherever they stand. `lazy`: the items of a table are made
    when they are asked for, and its notes and unknown names are whole when all were. `progress`: of
    `staging.progress`, told how far a long reading is.
    """
    whole = content if isinstance(content, FilePart) else FilePart(content)
    if bulk.sniff(whole) or not workbook.is_workbook(whole.head):
        return [(whole, read_part(whole, unseen, meanings, limits, lazy=lazy, progress=progress))]
    try:
        parts, empty = workbook.sheets_of(whole.content, limits)
    except FileRefused as refusal:
        return [(whole, Parsed(reason=str(refusal)))]
    found = [(part, read_part(part, unseen, meanings, limits, lazy=lazy)) for part in parts]
    known = [(part, parsed) for part, parsed in found if not parsed.foreign]
    if not known:
        return found
    left = [part.sheet for part, parsed in found if parsed.foreign] + empty
    if left:
        part, parsed = known[0]
        note = f"{SHEETS_LEFT}{', '.join(left)[:200]}."
        known[0] = part, replace(parsed, notes=(*parsed.notes, note))
    return known


def parse(content: bytes, unseen: Iterable[int] = (), meanings: Meanings = NOTHING_SAID) -> Parsed:
    """The first table of a file."""
    return read_file(FilePart(content), unseen, meanings)[0][1]


def read_part(
    part: FilePart,
    unseen: Iterable[int] = (),
    meanings: Meanings = NOTHING_SAID,
    limits: WorkbookLimits = USUAL,
    *,
    lazy: bool = False,
    progress: object = None,
) -> Parsed:
    """One table again: what waits for confirmation is kept as the part it was."""
    try:
        if not part.sheet and bulk.sniff(part):
            parsed = bulk.read(part, unseen, meanings, limits.folder, limits.rows, progress)
            return parsed if lazy else parsed.whole
        reads = next(reads for fits, reads in READERS if fits(part))
        parsed = reads(part, unseen, meanings, limits)
        return parsed if lazy else parsed.whole
    except Unmapped as refusal:
        told = {"unknown": refusal.unknown, "foreign": refusal.foreign, "unmapped": bool(refusal.unknown)}
        return Parsed(reason=str(refusal), **told)
    except FileRefused as refusal:
        return Parsed(reason=str(refusal))


def _text(part: FilePart, unseen: Iterable[int], meanings: Meanings, limits: WorkbookLimits) -> Parsed:
    return read_table(read_lines(Text(part, unseen), OverflowFile(limits.folder)), meanings, limits.rows)


def _sheet(part: FilePart, unseen: Iterable[int], meanings: Meanings, limits: WorkbookLimits) -> Parsed:
    rows, about = workbook.unpack(part, unseen)
    if not rows:
        raise FileRefused("The sheet is empty. Save it again and check that it holds a header and rows.")
    notes = ("This sheet is hidden in the workbook.",) if about.get("hidden") else ()
    if about.get("blind"):
        notes += (
            "Older than Excel 97: an error such as #N/A is read as an empty cell, what shows 85% as 0.85.",
        )
    rows = buffered(rows, OverflowFile(limits.folder))
    lines = TableLines(rows, about["form"], "", part.sheet, notes, about["epoch"])
    return read_table(lines, meanings, limits.rows)


def _hl7v2(part: FilePart, unseen: Iterable[int], meanings: Meanings, limits: WorkbookLimits) -> Parsed:
    zone = None if meanings.profile.time_zone else meanings.zone
    return in_our_words(hl7v2.read(part.content, unseen, meanings.authority, zone), meanings)


def _fhir(part: FilePart, unseen: Iterable[int], meanings: Meanings, limits: WorkbookLimits) -> Parsed:
    zoned = bool(meanings.profile.time_zone)
    return in_our_words(fhir.read(part.content, unseen, meanings.authority, zoned=zoned), meanings)


# What records can come from, asked in this order. The last one takes whatever is left.
READERS = (
    (lambda part: bool(part.sheet), _sheet),
    (lambda part: hl7v2.sniff(part.head), _hl7v2),
    # It begins as JSON does.
    (lambda part: part.head.startswith(RTF), _text),
    (lambda part: fhir.sniff(part.head), _fhir),
    (lambda part: True, _text),
)
