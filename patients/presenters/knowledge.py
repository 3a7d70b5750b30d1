"""The knowledge as its page and command show it: entries, where each is used, search, filters and counts."""

from collections import Counter
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import import_module
from urllib.parse import urlencode

from django.conf import settings

from interpretation import knowledge
from interpretation.catalogue import SURENESS, KnowledgeEntry, KnowledgeFile, catalogue
from interpretation.catalogue.faults import cited_by
from interpretation.catalogue.wording import statement_name
from interpretation.usage import USAGE, Usage
from patients.review.signed_report import TITLES
from patients.worklist import fold

# Where a reader meets the entries of a file.
PLACES = {
    "analytes": "draw entry, uploads, results and charts",
    "causes": "card “Other causes of a raised INR”",
    "characteristics": "page “What the rule does, measured”",
    "corroboration": "panel: albumin, platelets and bilirubin beside the verdict",
    "dissociation": "verdict and chart",
    "monitoring": "card “Checklist”",
    "prognosis": "panel: prognosis",
    "recompensation": "panel: recompensation",
    "scenario": "panel: scenario",
    "scores": "card “Scores”",
    "variation": "whether a change is more than expected variation",
}
CITED_SHOWN = 8
REVIEWS = {"open": "not yet reviewed", "done": "reviewed"}


@dataclass(frozen=True)
class Use:
    """Where an entry shows or is used: words, and the entry they lead to where it is one."""

    words: str
    anchor: str = ""


@dataclass(frozen=True)
class KnowledgeFilter:
    """What the address of the page says; what it says wrongly counts as not said."""

    q: str = ""
    sure: str = ""
    review: str = ""

    @classmethod
    def of(cls, given) -> "KnowledgeFilter":
        sure, review = given.get("sure", ""), given.get("review", "")
        return cls(
            q=given.get("q", "").strip()[:100],
            sure=sure if sure in SURENESS else "",
            review=review if review in REVIEWS else "",
        )

    def to(self, **changes) -> str:
        """The query of the same page with these changes."""
        state = replace(self, **changes)
        said = {field.name: getattr(state, field.name) for field in fields(state)}
        return "?" + urlencode({name: value for name, value in said.items() if value})

    @property
    def filtered(self) -> bool:
        return bool(self.q or self.sure or self.review)


def use_of_code() -> Usage:
    """What the modules say that they use: every module behind a page has been imported then."""
    import_module(settings.ROOT_URLCONF)
    return USAGE


@cache
def digest() -> str:
    return knowledge.digest()


@cache
def files() -> tuple[KnowledgeFile, ...]:
    """Knowledge does not change while the server runs: it is walked once."""
    return catalogue()


def found(state: KnowledgeFilter) -> list[tuple[KnowledgeFile, list[KnowledgeEntry]]]:
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


def named(source: str) -> str:
    """The short name of a reference, the number of a statement, the words of one of our own."""
    known = {reference.id: reference.short for reference in knowledge.references()}
    return known.get(source) or statement_name(source)


@cache
def uses(entry: KnowledgeEntry) -> tuple[Use, ...]:
    """Where the entry shows, what rests on it, and which modules read it."""
    used = use_of_code()
    last = entry.path[-1]
    if entry.section in ("statement", "reference"):
        sections = [f"panel: {TITLES.get(name, name.replace('_', ' '))}" for name in used.shown(last)]
        return (*map(Use, sections), *_cited(last), *_modules(used.users(last)))
    place = PLACES.get(entry.file)
    modules = used.limit(entry.file, last) if entry.section == "limit" else ()
    modules = modules or used.readers(entry.file, entry.section)
    return (*([Use(place)] if place else []), *_modules(modules))


def _cited(id: str) -> list[Use]:
    cited = cited_by(files()).get(id, [])
    shown = [Use(f"source of {entry.title}", entry.anchor) for entry in cited[:CITED_SHOWN]]
    more = len(cited) - len(shown)
    return [*shown, *([Use(f"and of {more} more")] if more else [])]


def _modules(modules: tuple[str, ...]) -> list[Use]:
    return [Use(module.removeprefix("interpretation.")) for module in modules]


# --- counts ---

COUNTED = {"reference": "references", "names": "lists of names"}


@dataclass(frozen=True)
class Counts:
    entries: int
    reviewed: int
    sureness: dict[str, int]

    @property
    def words(self) -> str:
        """ "212 entries, 0 reviewed: 40 general knowledge, ..."."""
        present = [(level, count) for level, count in self.sureness.items() if count]
        parts = [f"{count} {COUNTED.get(level, SURENESS[level])}" for level, count in present]
        return f"{self.entries} entries, {self.reviewed} reviewed: {', '.join(parts)}"


def counts(of: tuple[KnowledgeFile, ...]) -> Counts:
    entries = [entry for file in of for entry in file.entries]
    levels = Counter(entry.sureness for entry in entries)
    return Counts(
        entries=len(entries),
        reviewed=sum(entry.is_reviewed for entry in entries),
        sureness={level: levels[level] for level in SURENESS},
    )
