"""The rows of an export, a resource after the other; what cannot be read is a problem at its line, the rest goes on."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from interpretation.words import plural

from ..fhir import TITLES, people
from ..fhir.bundle import BundleEntry, Scope, entries_in, load_line
from ..fhir.check import TYPES
from ..fhir.entries import EntryReader
from ..meanings import Meanings, Names
from ..records import REFUSED, FilePart, FileRefused, Item, Parsed, Place, RowProblem
from ..row_buffer import OverflowFile, RowBuffer
from ..signs import one_line
from .index import ExportIndex
from .lines import ExportFiles, ExportLine
from .manifest import ExportManifest, manifest_of
from .references import ExportReports, ExportScope, gather_provenance

# After so many lines it is told how far the work is.
TOLD = 500
# So many files are named that hold nothing of FHIR; and so many letters of a line that cannot be read are kept.
_NAMED, _SHOWN = 5, 200
_ERRORS = "OperationOutcome"
NOTHING = "Nothing in it is FHIR: no line of a file names a resourceType. Export it again as FHIR Bulk Data (NDJSON)."


class Unwatched:
    """As `staging.progress`, where nobody wants to know how far the work is."""

    def stage(self, name: str, total: int | None = None) -> None:
        """From now on it does this."""

    def advance(self, rows: int) -> None:
        """So many more are done."""


@dataclass
class Export:
    """An export of which every line was looked at once."""

    files: ExportFiles
    index: ExportIndex
    manifest: ExportManifest = field(default_factory=ExportManifest)
    # Files with resources, and those without any.
    names: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    lines: int = 0
    # Resources in which the sender says what could not be exported.
    errors: int = 0


def read(
    part: FilePart,
    unseen: Iterable[int],
    meanings: Meanings,
    folder: str | None,
    most: int,
    progress: Unwatched | None = None,
) -> Parsed:
    """`unseen` signs are taken out of each text, wherever it stands. `folder`: where rows and references wait; `most`
    rows."""
    progress = progress or Unwatched()
    export = looked_through(part, meanings.authority, folder, progress)
    scope = ExportScope(export.index)
    gather_provenance(scope)
    entries = EntryReader(ExportReports(scope), meanings.authority, bool(meanings.profile.time_zone))
    names, rows = Names(), RowBuffer(OverflowFile(folder))
    progress.stage("reading", export.lines)
    for item in _items(export, scope, entries, progress):
        item = meanings.applied(item)
        names.add([item])
        rows.add(item)
        if len(rows) > most:
            raise FileRefused(
                f"It holds more than {most:,} rows or results, which is the most that can be read at once. Export in "
                "parts (_since, _type) and upload those."
            )
    words = _words(export)
    notes = (*_notes(export), *entries.notes)
    return Parsed(entries.kind, words, notes, titles=TITLES, items=rows, unknown=names.found)


def looked_through(part: FilePart, authority: str, folder: str | None, progress: Unwatched) -> Export:
    """Once over every line, for what others refer to."""
    export = Export(ExportFiles(part), ExportIndex(folder, authority))
    data = [name for name in export.files.names if not _took_manifest(export, name)]
    export.index.base = export.manifest.base
    for name in data:
        known = False
        for line in export.files.lines(name):
            known |= _look_at(export, line)
            if export.lines % TOLD == 0:
                progress.stage("reading")
        (export.names if known else export.foreign).append(name)
    if not export.names and not export.manifest.is_of_nothing:
        raise FileRefused(NOTHING)
    return export


def entries_of_line(line: ExportLine, scope: Scope) -> list[BundleEntry]:
    """FileRefused: why the line is no resource, and what mends it."""
    if line.broken:
        raise FileRefused(line.broken)
    try:
        resource = load_line(line.content.decode())
    except UnicodeDecodeError:
        raise FileRefused(
            "the letters of this line are not UTF-8, as JSON must be. Export it again."
        ) from None
    except FileRefused:
        if line.whole:
            raise
        raise FileRefused(
            "the file ends in the middle of this line: it was cut off. Send it whole; what stands before it was read."
        ) from None
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise FileRefused(
            "this line is JSON but no FHIR: it names no resourceType. Send one resource a line."
        )
    return entries_in(resource, line.place, scope)


def _took_manifest(export: Export, name: str) -> bool:
    if not name.lower().endswith(".json"):
        return False
    found = manifest_of(export.files.whole(name))
    if found:
        export.manifest.add(found)
    return found is not None


def _look_at(export: Export, line: ExportLine) -> bool:
    """Whether a line holds a resource."""
    export.lines += 1
    try:
        resource = json.loads(line.content) if line.content else None
    except (ValueError, RecursionError):
        return False
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return False
    export.errors += resource["resourceType"] == _ERRORS and _is_of_errors(export, line.file)
    if resource["resourceType"] in ("Bundle", "Parameters"):
        _look_within(export, resource)
    else:
        export.index.add(resource)
    return True


def _look_within(export: Export, resource: dict) -> None:
    """What a bundle holds its own references find; only its people are known to all."""
    try:
        entries = entries_in(resource, "", Scope())
    except FileRefused:
        return
    for entry in entries:
        if entry.type == "Patient" and not entry.parent:
            export.index.tell(entry.resource)


def _is_of_errors(export: Export, name: str) -> bool:
    *folders, last = name.split("/")
    return last in export.manifest.errors or "error" in folders


def _items(export: Export, scope: ExportScope, entries: EntryReader, progress: Unwatched) -> Iterator[Item]:
    done = 0
    for name in export.names:
        for line in export.files.lines(name):
            yield from _items_of(line, scope, entries)
            done += 1
            if done % TOLD == 0:
                progress.advance(TOLD)


def _items_of(line: ExportLine, scope: ExportScope, entries: EntryReader) -> Iterator[Item]:
    try:
        found = entries_of_line(line, scope)
    except FileRefused as refusal:
        shown = one_line(line.content[:_SHOWN].decode(errors="replace"))
        place = Place(0, "", (shown,), line.place)
        yield entries.numbered(RowProblem(place, _within_a_sentence(str(refusal)), REFUSED))
        return
    entries.about.take_line(found)
    for entry in found:
        if _is_new(entry, scope.index, entries.authority):
            yield from entries.read(entry)


def _is_new(entry: BundleEntry, index: ExportIndex, authority: str) -> bool:
    """As in a bundle: a contained patient who is told elsewhere only says whose a result is."""
    if entry.parent is None:
        return True
    if entry.type != "Patient":
        return entry.type in TYPES
    if index.is_told(entry.resource) or not people.is_whole(entry.resource, authority):
        return False
    index.tell(entry.resource)
    return True


def _within_a_sentence(text: str) -> str:
    return text[:1].lower() + text[1:]


def _words(export: Export) -> str:
    lines = f"{export.lines:,} {plural(export.lines, 'line', 'lines')}"
    if not export.files.is_folder:
        return f"FHIR R4, NDJSON, {lines}"
    files = len(export.names)
    return f"FHIR R4 Bulk Data, {files:,} {plural(files, 'file', 'files')}, {lines}"


def _notes(export: Export) -> Iterator[str]:
    """What is missing of an export is said first."""
    if not export.names:
        yield "The export is empty: its manifest names no files, so nothing was new for the sender."
    if export.errors:
        yield (
            f"The sender could not export everything, in its own words (OperationOutcome) {export.errors:,} "
            f"{plural(export.errors, 'time', 'times')}. Ask the sender what is missing."
        )
    if short := export.manifest.short_of(export.index.types):
        yield f"The manifest promises more than is here: {', '.join(short)}. Send the export again, whole."
    # A sender that names no counts names its files; whoever fetched them may have named them anew.
    files = len(export.names) + len(export.foreign)
    if not export.manifest.counts and files < len(export.manifest.files):
        yield f"The manifest names {len(export.manifest.files):,} files, and {files:,} came. Send all of them."
    if export.foreign:
        named = ", ".join(one_line(name)[:60] or "the file" for name in export.foreign[:_NAMED])
        more = f" and {len(export.foreign) - _NAMED:,} more" if len(export.foreign) > _NAMED else ""
        yield f"Nothing of FHIR, and not read: {named}{more}."
