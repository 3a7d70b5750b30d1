"""The entries of all chapters that a search asks for, some at a time."""

import re
from dataclasses import dataclass, fields, replace
from functools import cache
from urllib.parse import urlencode

from interpretation.catalogue import SURENESS, KnowledgeEntry, KnowledgeFile
from patients.worklist import fold

from . import files, named

PAGE_NUMBER = re.compile(r"[1-9]\d{0,3}", re.ASCII)
REVIEWS = {"open": "not yet reviewed", "done": "reviewed"}
# So many found entries a page.
SHOWN = 40
Found = list[tuple[KnowledgeFile, list[KnowledgeEntry]]]


@dataclass(frozen=True)
class KnowledgeFilter:
    """What the address of the page says; what it says wrongly counts as not said."""

    q: str = ""
    sure: str = ""
    review: str = ""
    page: int = 1

    @classmethod
    def of(cls, given) -> "KnowledgeFilter":
        sure, review, page = (given.get(name, "") for name in ("sure", "review", "page"))
        return cls(
            q=given.get("q", "").strip()[:100],
            sure=sure if sure in SURENESS else "",
            review=review if review in REVIEWS else "",
            page=int(page) if PAGE_NUMBER.fullmatch(page) else 1,
        )

    def to(self, **changes) -> str:
        """The query of the same search with these changes, from its first page on."""
        state = replace(self, **{"page": 1} | changes)
        said = {field.name: getattr(state, field.name) for field in fields(state)}
        said["page"] = state.page if state.page > 1 else ""
        return "?" + urlencode({name: value for name, value in said.items() if value})

    @property
    def filtered(self) -> bool:
        return bool(self.q or self.sure or self.review)


@dataclass(frozen=True)
class FoundPage:
    """Some of the found entries by chapter: from which to which, of how many, and the pages beside."""

    sections: Found
    total: int
    first: int
    last: int
    before: str
    after: str


def found_page(state: KnowledgeFilter) -> FoundPage:
    """A page beyond the last is the last."""
    pairs = [(file, entry) for file, entries in found(state) for entry in entries]
    pages = max(1, -(-len(pairs) // SHOWN))
    page = min(state.page, pages)
    shown = pairs[(page - 1) * SHOWN : page * SHOWN]
    by_file: dict[str, tuple[KnowledgeFile, list[KnowledgeEntry]]] = {}
    for file, entry in shown:
        by_file.setdefault(file.name, (file, []))[1].append(entry)
    first = (page - 1) * SHOWN + 1
    return FoundPage(
        sections=list(by_file.values()),
        total=len(pairs),
        first=first,
        last=first + len(shown) - 1,
        before=state.to(page=page - 1) if page > 1 else "",
        after=state.to(page=page + 1) if page < pages else "",
    )


def found(state: KnowledgeFilter) -> Found:
    """Files with those of their entries that the address asks for; files without any are left out."""
    wanted = fold(state.q).split()
    chosen = [(file, [e for e in file.entries if _fits(e, state, wanted)]) for file in files()]
    return [(file, entries) for file, entries in chosen if entries]


def _fits(entry: KnowledgeEntry, state: KnowledgeFilter, wanted: list[str]) -> bool:
    if state.sure and entry.sureness != state.sure:
        return False
    if state.review and entry.is_reviewed != (state.review == "done"):
        return False
    text = _searched(entry)
    return all(word in text for word in wanted)


@cache
def _searched(entry: KnowledgeEntry) -> str:
    """Everything that the page says of an entry, its sources' names too, folded."""
    lines = [line for field in entry.fields for line in (field.label, *field.lines)]
    sources = [named(source) for source in entry.sources]
    parts = (entry.title, entry.place, entry.number, entry.text, *lines, *sources, *entry.sources)
    return fold(" ".join(parts))
