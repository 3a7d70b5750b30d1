"""What is wrong with a folder of knowledge: each fault in one line with its file and place."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from .. import knowledge
from ..usage import Usage
from . import schemas
from .entries import KnowledgeEntry, KnowledgeFile, catalogue

# Sections in which a name stands for one thing only.
NAMED = {"analyte", "cause", "test", "item", "with_cirrhosis", "reminder", "score", "reference"}


def faults(folder: Path, used: Usage) -> list[str]:
    """Every fault: of the files themselves, then of the whole and its use. Nothing at all is the aim."""
    found = [fault for name in knowledge.files(folder) for fault in knowledge.faults(name, folder)]
    found += missing_files(folder, used)
    if found:
        # What cannot be loaded cannot be walked.
        return found
    files = catalogue(folder)
    return [
        *_not_there(files, used),
        *schemas.faults({name: knowledge.load(name, folder) for name in knowledge.files(folder)}),
        *_headers(files),
        *_without_sources(files),
        *_duplicates(files),
        *_never_read(files, used),
        *_never_shown(files, used),
    ]


def missing_files(folder: Path, used: Usage) -> list[str]:
    """Files that the code loads and the folder has not."""
    wanted = {*used.files, "references", "statements"}
    return [f"{name}.toml: no such file" for name in sorted(wanted - set(knowledge.files(folder)))]


def _not_there(files: tuple[KnowledgeFile, ...], used: Usage) -> Iterator[str]:
    """Statements and references of which sentences of the code need the words."""
    there = {entry.path[-1] for file in files for entry in file.entries}
    for id in used.ids.keys() - there:
        home = "statements.toml: statement" if id.startswith(("S", "X_")) else "references.toml: reference"
        yield f"{home}.{id}: missing: {', '.join(used.users(id))} cites it, add it"


def _headers(files: tuple[KnowledgeFile, ...]) -> Iterator[str]:
    """A date of review with nobody who reviewed would pass for a review."""
    for file in files:
        awaited = file.reviewed_by.casefold().startswith("awaiting")
        if awaited and file.reviewed_on[:1].isdigit():
            yield f"{file.name}.toml: reviewed_on: a date, though the review is awaited"


def _without_sources(files: tuple[KnowledgeFile, ...]) -> Iterator[str]:
    for file in files:
        yield from (f"{entry.place}: no sources" for entry in file.entries if entry.sureness == "none")


def _duplicates(files: tuple[KnowledgeFile, ...]) -> Iterator[str]:
    """Two entries that a reader could not tell apart: one name for two things, one sentence twice."""
    for file in files:
        seen = defaultdict(list)
        for entry in file.entries:
            if entry.section in NAMED:
                seen["name", entry.section, entry.title.casefold()].append(entry)
            if entry.section == "statement":
                seen["text", entry.section, entry.text.casefold()].append(entry)
        for (what, *_), same in seen.items():
            for entry in same[1:]:
                yield f"{entry.place}: the same {what} as {'.'.join(same[0].path)}"


def _never_read(files: tuple[KnowledgeFile, ...], used: Usage) -> Iterator[str]:
    for file in files:
        if file.name not in used.files and file.name not in ("references", "statements"):
            yield f"{file.name}.toml: no module reads this file"
        for entry in file.entries:
            if entry.section == "limit" and not used.limit(file.name, entry.path[-1]):
                yield f"{entry.place}: no module reads this limit"


def _never_shown(files: tuple[KnowledgeFile, ...], used: Usage) -> Iterator[str]:
    """Statements and references that nothing says or cites; a reference may say that it is background."""
    cited = cited_by(files)
    for entry in (entry for file in files for entry in file.entries):
        id = entry.path[-1]
        is_used = id in cited or bool(used.users(id))
        background = any(field.label == "background" for field in entry.fields)
        if entry.section == "statement" and not is_used:
            yield f"{entry.place}: this statement is never shown"
        elif entry.section == "reference" and not is_used and not background:
            yield f"{entry.place}: this reference is never cited"
        elif entry.section == "reference" and is_used and background:
            yield f"{entry.place}: called background, though it is cited"


def cited_by(files: tuple[KnowledgeFile, ...]) -> dict[str, list[KnowledgeEntry]]:
    """The entries that name each source."""
    cited: dict[str, list[KnowledgeEntry]] = defaultdict(list)
    for file in files:
        for entry in file.entries:
            for source in entry.sources:
                cited[source].append(entry)
    return cited
