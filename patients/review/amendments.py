"""The amendments that clinicians propose, as a patch of the data files that `git apply` takes."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from difflib import unified_diff

from interpretation import knowledge
from interpretation.catalogue import KnowledgeEntry
from interpretation.catalogue.amending import amended, values
from interpretation.words import day
from patients.models import Signature
from patients.review.behind import signable
from patients.review.signatures import AMEND, Stances, every_stance

# Where the files lie in the repository.
FOLDER = "interpretation/data"
Amendment = tuple[KnowledgeEntry, Signature]
Named = Callable[[Signature], str]


def amendments(stances: dict[str, Stances]) -> list[Amendment]:
    """Every one that stands, the oldest first."""
    entries = signable()
    found = [(entries[anchor], row) for anchor, of in stances.items() for row in of.of(AMEND)]
    return sorted(found, key=lambda pair: pair[1].pk)


def patch(named: Named) -> str:
    """ "" where nobody proposes anything. `named` says who a signature is of. Where two propose another value for
    the same place the later one is in the patch, and both are told above it."""
    by_file: dict[str, list[Amendment]] = defaultdict(list)
    for entry, row in amendments(every_stance()):
        by_file[entry.file].append((entry, row))
    return "\n".join("\n".join(_of_file(name, rows, named)) for name, rows in sorted(by_file.items()))


def _of_file(name: str, rows: list[Amendment], named: Named) -> Iterator[str]:
    place = f"{FOLDER}/{name}.toml"
    for entry, row in rows:
        yield from _told(entry, row, named)
    before = (knowledge.DATA / f"{name}.toml").read_text(encoding="utf-8")
    after = _amended(before, rows)
    yield f"diff --git a/{place} b/{place}"
    lines = unified_diff(before.splitlines(), after.splitlines(), f"a/{place}", f"b/{place}", lineterm="")
    yield from (*lines, "")


def _told(entry: KnowledgeEntry, row: Signature, named: Named) -> Iterator[str]:
    """Above the patch, where `git apply` reads over it; indented, so that no line looks like a part of it."""
    yield f"  {entry.place}: {row.place}, by {named(row)}, {day(row.at.date())}"
    yield f"    {values(entry.content)[row.place]} -> {json.loads(row.proposed)}"
    yield f"    Reason: {row.reason}"


def _amended(text: str, rows: Iterable[Amendment]) -> str:
    latest = {(entry.anchor, row.place): (entry, row) for entry, row in rows}
    for entry, row in latest.values():
        text = amended(text, entry, row.place, json.loads(row.proposed))
    return text
