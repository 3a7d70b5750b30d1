"""One door: a file in, its kind, what was detected, and an item for each row out."""

from collections.abc import Iterable
from dataclasses import replace

from . import fhir, hl7v2, workbook
from .file_kinds import RTF
from .meanings import Meanings, in_our_words
from .records import Parsed, Part, Refusal, Unmapped
from .shapes import read_table
from .spool import Shelf, spooled
from .table import Lines, read_lines
from .text import Text
from .workbook import Limits

NOTHING_SAID, USUAL = Meanings(), Limits()
SHEETS_LEFT = "Sheets not read, nothing known in them: "


def read_file(
    content: Part | bytes,
    unseen: Iterable[int] = (),
    meanings: Meanings = NOTHING_SAID,
    limits: Limits = USUAL,
    *,
    lazy: bool = False,
) -> list[tuple[Part, Parsed]]:
    """The tables of a file: one of a text file, one for each sheet of a workbook that holds something known.

    Never raises for what a file holds: what cannot be read has a reason.
    `unseen`: signs that show nothing, taken out wherever they stand. `lazy`: the items of a table are made
    when they are asked for, and its notes and unknown names are whole when all were.
    """
    whole = content if isinstance(content, Part) else Part(content)
    if not workbook.is_workbook(whole.head):
        return [(whole, read_part(whole, unseen, meanings, limits, lazy=lazy))]
    try:
        parts, empty = workbook.sheets_of(whole.content, limits)
    except Refusal as refusal:
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
    return read_file(Part(content), unseen, meanings)[0][1]


def read_part(
    part: Part,
    unseen: Iterable[int] = (),
    meanings: Meanings = NOTHING_SAID,
    limits: Limits = USUAL,
    *,
    lazy: bool = False,
) -> Parsed:
    """One table again: what waits for confirmation is kept as the part it was."""
    try:
        reads = next(reads for fits, reads in READERS if fits(part))
        parsed = reads(part, unseen, meanings, limits)
        return parsed if lazy else parsed.whole
    except Unmapped as refusal:
        told = {"unknown": refusal.unknown, "foreign": refusal.foreign, "unmapped": bool(refusal.unknown)}
        return Parsed(reason=str(refusal), **told)
    except Refusal as refusal:
        return Parsed(reason=str(refusal))


def _text(part: Part, unseen: Iterable[int], meanings: Meanings, limits: Limits) -> Parsed:
    return read_table(read_lines(Text(part, unseen), Shelf(limits.folder)), meanings, limits.rows)


def _sheet(part: Part, unseen: Iterable[int], meanings: Meanings, limits: Limits) -> Parsed:
    rows, about = workbook.unpack(part, unseen)
    if not rows:
        raise Refusal("The sheet is empty. Save it again and check that it holds a header and rows.")
    notes = ("This sheet is hidden in the workbook.",) if about.get("hidden") else ()
    if about["form"] == "XLS":
        notes += (
            f"{about['form']}: an error such as #N/A is read as an empty cell, what shows 85% as 0.85.",
        )
    rows = spooled(rows, Shelf(limits.folder))
    lines = Lines(rows, about["form"], "", part.sheet, notes, about["epoch"])
    return read_table(lines, meanings, limits.rows)


def _hl7v2(part: Part, unseen: Iterable[int], meanings: Meanings, limits: Limits) -> Parsed:
    return in_our_words(hl7v2.read(part.content, unseen, meanings.authority), meanings)


def _fhir(part: Part, unseen: Iterable[int], meanings: Meanings, limits: Limits) -> Parsed:
    return in_our_words(fhir.read(part.content, unseen, meanings.authority), meanings)


# What records can come from, asked in this order. The last one takes whatever is left.
READERS = (
    (lambda part: bool(part.sheet), _sheet),
    (lambda part: hl7v2.sniff(part.head), _hl7v2),
    # It begins as JSON does.
    (lambda part: part.head.startswith(RTF), _text),
    (lambda part: fhir.sniff(part.head), _fhir),
    (lambda part: True, _text),
)
