"""The card below the first screen: one tab open, each at an address of its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from interpretation import knowledge
from interpretation.record.records import Report

from ..options import Options

NAMES = {
    "why": "Why",
    "results": "Results",
    "scores": "Scores",
    "checklist": "Checklist",
    "events": "Events",
    "notes": "Notes",
    "meetings": "Meetings",
    "sources": "Sources",
}
# In which tab a place of the page stands, for whoever comes back to it.
TAB_OF = {
    "results": "results",
    "scores": "scores",
    "contact": "checklist",
    "events": "events",
    "written": "notes",
}


@dataclass(frozen=True)
class Tab:
    """`count` is said beside the name, "" where there is nothing to count."""

    key: str
    name: str
    href: str
    current: bool
    count: str = ""


@dataclass(frozen=True)
class Source:
    """`id` is its place on the knowledge page."""

    id: str
    name: str
    text: str


def tabs_of(
    keys: tuple[str, ...], options: Options, opened: str, address: str, counts: dict[str, str]
) -> tuple[Tab, ...]:
    return tuple(
        Tab(key, NAMES[key], address + options.query(tab=key), opened == key, counts.get(key, ""))
        for key in keys
    )


def opened_tab(keys: tuple[str, ...], options: Options, report: Report) -> str:
    """The one asked for, where it is one of `keys`; else why, and where there is nothing to explain the results."""
    if options.tab not in ("", "all", *keys):
        return keys[0]
    quiet = report.dissociation.grade in ("none", "not_assessable") and report.urgency.level == "routine"
    return options.tab or ("results" if quiet else "why")


def sources_of(report: Report) -> tuple[Source, ...]:
    """What the sentences of this report rest on, each once, statements of the document first."""
    ids: dict[str, None] = {}
    for sources in _cited(report):
        ids |= dict.fromkeys(sources)
    known = {reference.id: reference for reference in knowledge.references()}
    said = [knowledge.statement(id) for id in ids if id not in known]
    lines = [Source(one.id, one.id, f"{one.text} {one.caveat}".strip()) for one in said if one.id[0] == "S"]
    return (
        *lines,
        *(Source(id, known[id].short, known[id].text) for id in sorted(known.keys() & ids.keys())),
    )


def _cited(report: Report) -> Iterable[tuple[str, ...]]:
    found = report.dissociation
    yield from (one.sources for one in report.statements)
    yield from (one.sources for one in (*found.escalations, *found.caps, *report.urgency.reasons))
    yield from (cause.sources for cause in report.causes if cause.evidence)
    if report.scenario:
        yield report.scenario.sources
    if report.monitoring:
        yield report.monitoring.sources
