"""The chapters of the knowledge: one a data file, each at its own address, and where each entry stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from django.urls import reverse

from interpretation.catalogue import KnowledgeEntry, KnowledgeFile

from . import files

# From so many entries on a chapter begins with a list of its sections.
LONG = 30


@dataclass(frozen=True)
class Section:
    """Entries of one kind, as they follow each other in the file."""

    name: str
    entries: tuple[KnowledgeEntry, ...]

    @property
    def words(self) -> str:
        """ "Red flag": the kind as the file names it."""
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Chapter:
    """One data file between its neighbours."""

    file: KnowledgeFile
    sections: tuple[Section, ...]
    before: KnowledgeFile | None
    after: KnowledgeFile | None

    @property
    def has_contents(self) -> bool:
        return len(self.sections) > 1 and len(self.file.entries) >= LONG


@cache
def chapter(name: str) -> Chapter | None:
    """None where no file has this name."""
    known = files()
    at = next((number for number, file in enumerate(known) if file.name == name), None)
    if at is None:
        return None
    return Chapter(
        file=known[at],
        sections=tuple(_sections(known[at].entries)),
        before=known[at - 1] if at else None,
        after=known[at + 1] if at + 1 < len(known) else None,
    )


def _sections(entries: Iterable[KnowledgeEntry]) -> list[Section]:
    # A table inside another entry may come between two of a kind: a kind stands once.
    ordered: dict[str, list[KnowledgeEntry]] = {}
    for kind, found in groupby(entries, lambda entry: entry.section):
        ordered.setdefault(kind, []).extend(found)
    return [Section(kind, tuple(found)) for kind, found in ordered.items()]


def entry_address(anchor: str) -> str:
    """Address of the entry with this anchor: its place in its chapter."""
    address = reverse("patients:knowledge-chapter", args=[_chapter_of()[anchor]])
    return f"{address}#{anchor}"


def chapter_title(anchor: str) -> str:
    found = chapter(_chapter_of()[anchor])
    return found.file.title if found else ""


@cache
def _chapter_of() -> dict[str, str]:
    return {entry.anchor: file.name for file in files() for entry in file.entries}
