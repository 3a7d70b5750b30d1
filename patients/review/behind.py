"""Which entries of the knowledge stand behind a reading: what the rule always reads, and what this one says."""

from collections.abc import Iterable, Iterator
from functools import cache

from interpretation.catalogue import KnowledgeEntry, catalogue
from interpretation.record.records import Report

# The numbers of the rule and of its clock are compared with every record, whatever they then say.
RULE = ("dissociation", "urgency")
# The enzymes and the INR: their expected variation makes a change one.
VARIED = ("ALT", "AST", "INR")


def entries_behind(report: Report) -> tuple[KnowledgeEntry, ...]:
    """Each once, in the order of the chapters. References are left out: they claim nothing of their own."""
    said = {*_rule(), *_said(report), *_sources(report)}
    return tuple(entry for anchor, entry in signable().items() if anchor in said)


@cache
def signable() -> dict[str, KnowledgeEntry]:
    """Every entry that can be signed, by its anchor."""
    return {entry.anchor: entry for file in catalogue() for entry in file.entries if entry.can_be_signed}


@cache
def _rule() -> frozenset[str]:
    limits = {
        anchor for anchor, entry in signable().items() if entry.section == "limit" and entry.file in RULE
    }
    return frozenset({*limits, *(f"cv-variation-{key}" for key in VARIED)})


def _said(report: Report) -> Iterator[str]:
    yield from (statement.id for statement in report.statements)
    yield f"level-urgency-{report.urgency.level}"
    yield from (f"reason-urgency-{reason.code}" for reason in report.urgency.reasons)
    yield from (f"cause-causes-{cause.key}" for cause in report.causes)
    asked = report.requests
    yield from (f"test-causes-{one.key}" for one in (*asked.first, *asked.others)) if asked else ()
    yield from _checked(report)
    yield from (f"score-scores-{key}" for key, one in (report.scores or {}).items() if one.value is not None)
    yield from _course(report)


def _checked(report: Report) -> Iterator[str]:
    checks = report.monitoring
    if checks:
        yield from (f"item-monitoring-{item.key}" for item in checks.items)
        yield from (f"with_cirrhosis-monitoring-{item.key}" for item in checks.optional)
        yield from (f"reminder-monitoring-{one.key}" for one in checks.reminders)


def _course(report: Report) -> Iterator[str]:
    """What the course was told by: the features that spoke, the markers beside, the figures of prognosis."""
    if report.scenario:
        features = (*report.scenario.features, *report.scenario.overlay_features)
        yield from (f"feature-scenario-{'-'.join(one.key.split('.'))}" for one in features)
    if report.corroboration:
        yield from (f"marker-corroboration-{one.key}" for one in report.corroboration.markers)
    if report.prognosis:
        yield from (f"figure-prognosis-{one.id}" for one in report.prognosis.figures)


def _sources(report: Report) -> Iterator[str]:
    """Statements that a sentence, a reason or a cause rests on."""
    found = report.dissociation
    cited: Iterable = (
        *report.statements,
        *found.escalations,
        *found.caps,
        *report.urgency.reasons,
        *report.causes,
        *((report.scenario,) if report.scenario else ()),
        *((report.monitoring,) if report.monitoring else ()),
    )
    yield from (source for one in cited for source in one.sources)
