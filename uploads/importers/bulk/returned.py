"""Lines given back to their sender: as they came, each with an OperationOutcome in the next line, and before them what
they refer to. Read again, the outcomes say nothing."""

import json
import re
from collections.abc import Iterator

from ..fhir.returned import outcome, references_in
from ..records import FilePart, FileRefused
from .index import key_of
from .lines import ExportLine
from .reading import Export, Unwatched, entries_of_line, looked_through
from .references import ExportScope, needed_by

# Behind the place of a line: where in the line.
_WITHIN = re.compile(r"(line \d+(?: of .*?)?), (?:contained|parameter|entry) .*$")


def lines_with_reasons(part: FilePart, reasons: dict[str, list[str]], folder: str | None) -> Iterator[bytes]:
    """`reasons`: what is said of "line 3 of Observation.ndjson" or of what stands within it."""
    said: dict[str, list[str]] = {}
    for place, texts in reasons.items():
        said.setdefault(_WITHIN.sub(r"\1", place), []).extend(texts)
    export = looked_through(part, "", folder, Unwatched())
    scope = ExportScope(export.index)
    needed = _needed(export, scope, said)
    kinds = {f'"{key.partition("/")[0]}"'.encode() for key in needed}
    for line in _lines(export):
        texts = said.get(line.place)
        if not texts and not (any(kind in line.content for kind in kinds) and _is_one_of(line, needed)):
            continue
        if line.content:
            yield line.content + b"\n"
        if texts:
            yield (
                json.dumps(outcome([f"{line.place}: {text}" for text in texts]), ensure_ascii=False).encode()
                + b"\n"
            )


def _needed(export: Export, scope: ExportScope, said: dict[str, list[str]]) -> set[str]:
    """The keys of all that the lines refer to, and what that refers to."""
    found: set[str] = set()
    for line in _lines(export):
        if line.place in said:
            found |= _reached(line, scope)
    waiting = list(found)
    while waiting:
        entry = scope.find(waiting.pop())
        new = needed_by(entry, scope, list(references_in(entry.resource))) - found if entry else set()
        found |= new
        waiting += new
    return found


def _reached(line: ExportLine, scope: ExportScope) -> set[str]:
    try:
        entries = entries_of_line(line, scope)
    except FileRefused:
        return set()
    return set().union(*(needed_by(entry, scope, list(references_in(entry.resource))) for entry in entries))


def _is_one_of(line: ExportLine, needed: set[str]) -> bool:
    try:
        found = json.loads(line.content) if line.content else None
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and isinstance(found.get("resourceType"), str) and key_of(found) in needed


def _lines(export: Export) -> Iterator[ExportLine]:
    for name in export.names:
        yield from export.files.lines(name)
