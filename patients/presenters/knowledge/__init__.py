"""The knowledge as its pages and command show it: entries, where each is used, and counts."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.conf import settings

from interpretation import knowledge
from interpretation.catalogue import SURENESS, KnowledgeEntry, KnowledgeFile, catalogue
from interpretation.catalogue.faults import cited_by
from interpretation.catalogue.wording import statement_name
from interpretation.usage import USAGE, Usage
from interpretation.words import plural
from patients.review.signed_report import TITLES

# Where a reader meets the entries of a file.
PLACES = {
    "analytes": "draw entry, uploads, results and charts",
    "causes": "card “Other causes of a raised INR”",
    "characteristics": "page “What the rule does, measured”",
    "corroboration": "panel: albumin, platelets and bilirubin beside the verdict",
    "dissociation": "verdict and chart",
    "monitoring": "card “Checklist”",
    "panel": "panel",
    "prognosis": "panel: prognosis",
    "reasons": "verdict: the reasons of its grade",
    "recompensation": "panel: recompensation",
    "scenario": "panel: scenario",
    "scores": "card “Scores”",
    "variation": "whether a change is more than expected variation",
}
CITED_SHOWN = 8


@dataclass(frozen=True)
class Use:
    """Where an entry shows or is used: words, and the entry they lead to where it is one."""

    words: str
    anchor: str = ""


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

COUNTED = {"reference": ("reference", "references"), "names": ("list of names", "lists of names")}


@dataclass(frozen=True)
class Counts:
    entries: int
    reviewed: int
    sureness: dict[str, int]

    @property
    def words(self) -> str:
        """ "212 entries, 0 reviewed: 40 general knowledge, ..."."""
        present = [(level, count) for level, count in self.sureness.items() if count]
        parts = [f"{count} {_counted(level, count)}" for level, count in present]
        return f"{self.entries} entries, {self.reviewed} reviewed: {', '.join(parts)}"


def _counted(level: str, count: int) -> str:
    one, many = COUNTED.get(level, (SURENESS[level], SURENESS[level]))
    return plural(count, one, many)


def counts(of: tuple[KnowledgeFile, ...]) -> Counts:
    entries = [entry for file in of for entry in file.entries]
    levels = Counter(entry.sureness for entry in entries)
    return Counts(
        entries=len(entries),
        reviewed=sum(entry.is_reviewed for entry in entries),
        sureness={level: levels[level] for level in SURENESS},
    )
