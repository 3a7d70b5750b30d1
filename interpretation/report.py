"""interpret(): the steps in order and nothing else; and the report as JSON."""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

from interpretation import knowledge
from interpretation.record.records import Case, Event, Report, in_order
from interpretation.rule import dissociation
from interpretation.rule.reading import PreparedCase

from .causes import alternate_causes
from .corroboration import corroboration
from .monitoring import checklist
from .prognosis import prognosis
from .recompensation import recompensation
from .requests import requests
from .scenario import Picture, classify, kind_of
from .scores import as_json as score_json
from .scores import scores
from .statements import statements
from .statements.now import now
from .summary import summary
from .urgency import FRESH_DAYS, InrNow, UrgencyFacts, urgency_of, with_course
from .validity import valid_until

DECIMALS = 4


def interpret(case: Case) -> Report:
    """What the record up to `case.as_of` shows, why, and what to do. Pure: the case is the only input."""
    whole, case = case, known(case)
    reading = PreparedCase(case)
    found = dissociation.graded(reading)
    picture, kind = _course(reading, found)
    found = picture.found
    core = _core(whole, case, reading, picture, kind)
    scenario = classify(picture, kind)
    outlook = prognosis(case, found)
    markers = corroboration(case, found, scenario.kind)
    top = summary(found, core["urgency"], picture.facts, core["causes"])
    return Report(
        **core,
        summary=" ".join(top.values()),
        top=top,
        requests=requests(case, core["causes"], core["vitamin_k"]),
        scenario=scenario,
        prognosis=outlook,
        corroboration=markers,
        recompensation=recompensation(case),
        scores=scores(case),
        statements=statements(case, found, core["urgency"], core["monitoring"], scenario, outlook, markers),
    )


def brief(case: Case) -> Report:
    """The report's first half, as `interpret` gives it: grade, causes, checklist, and what there is to do. What
    a list of patients shows; the other fields, and the sentences of other sections, are left out."""
    whole, case = case, known(case)
    reading = PreparedCase(case)
    picture, kind = _course(reading, dissociation.graded(reading))
    core = _core(whole, case, reading, picture, kind)
    scenario = classify(picture, kind)
    return Report(
        **core,
        requests=requests(case, core["causes"], core["vitamin_k"]),
        scenario=scenario,
        statements=tuple(now(case, picture.found, core["urgency"], core["monitoring"], scenario)),
    )


def _course(reading: PreparedCase, found: dissociation.Dissociation) -> tuple[Picture, str]:
    """The picture with its kind of course. What was new with the last results stays so in the reading of them,
    however old they are; urgency has its own clock, and ages."""
    now, as_of = InrNow(reading), reading.case.as_of
    facts = UrgencyFacts(reading, now, as_of)
    if facts.last_at and as_of - facts.last_at > timedelta(days=FRESH_DAYS):
        facts = UrgencyFacts(reading, now, facts.last_at)
    picture = Picture(reading.case, with_course(found, now), now, facts)
    return picture, kind_of(picture)


def _core(whole: Case, case: Case, reading: PreparedCase, picture: Picture, kind: str) -> dict[str, Any]:
    """`whole` is the case before it was cut to what was known; `kind` that of the scenario: where organs fail
    nobody waits for weeks, however far apart the draws lie. [ED]"""
    found, vitamin_k = picture.found, reading.trials
    facts = picture.facts
    if facts.clock != case.as_of:
        facts = UrgencyFacts(reading, picture.now, case.as_of)
    urgent = urgency_of(picture.found, picture.now, facts, kind)
    acute = found.regime == "acute" or kind in ("aclf", "post_acute")
    checks = checklist(case, urgent.level, acute)
    return {
        "id": case.id,
        "as_of": case.as_of,
        "knowledge_version": knowledge.VERSION,
        "urgency": urgent,
        "dissociation": found,
        "causes": alternate_causes(case, vitamin_k),
        "vitamin_k": vitamin_k,
        "monitoring": checks,
        "valid_until": valid_until(whole, reading, urgent, checks),
    }


def known(case: Case) -> Case:
    """The case cut to what was known at `as_of`, in time order: order of input never matters."""
    at, on = case.as_of, case.as_of.date()
    return replace(
        case,
        draws=tuple(in_order(d for d in case.draws if d.taken_at <= at)),
        events=tuple(sorted((e for e in case.events if e.started_at <= at), key=_event_key)),
        diagnoses=tuple(
            sorted(
                (d for d in case.diagnoses if d.noted_on is None or d.noted_on <= on),
                key=lambda d: (d.noted_on or date.min, d.kind),
            )
        ),
        reviews=tuple(sorted((r for r in case.reviews if r.on <= at), key=lambda r: r.on)),
        said=tuple(sorted((s for s in case.said if s.on <= at), key=lambda s: s.on)),
    )


def as_json(report: Report) -> dict[str, Any]:
    """The report in plain JSON types: times as ISO 8601, tuples as lists, sentences included."""
    data: dict[str, Any] = _plain(asdict(report))
    # The summary says it.
    del data["top"]
    found = report.dissociation
    data["urgency"] |= {"name": report.urgency.name, "act": report.urgency.act}
    data["dissociation"] |= {"headline": found.headline, "sentence": found.sentence, "why": found.why}
    data["verdict"] = found.sentence
    data["scores"] = _plain({key: score_json(score) for key, score in (report.scores or {}).items()})
    return data


def _event_key(event: Event) -> tuple[datetime, str, str, datetime]:
    return (event.started_at, event.kind, event.label, event.ended_at or event.started_at)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return value
