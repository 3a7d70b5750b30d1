"""interpret(): the steps in order and nothing else; and the report as JSON."""

from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from interpretation import knowledge
from interpretation.record.records import Case, Event, Report, in_order
from interpretation.rule import dissociation
from interpretation.rule.reading import PreparedCase

from .causes import alternate_causes
from .corroboration import corroboration
from .monitoring import checklist
from .prognosis import prognosis
from .requests import requests
from .scenario import Picture, classify, kind_of
from .scores import as_json as score_json
from .scores import scores
from .statements import statements
from .urgency import InrNow, UrgencyFacts, urgency_of
from .validity import valid_until

DECIMALS = 4


def interpret(case: Case) -> Report:
    """What the record up to `case.as_of` shows, why, and what to do. Pure: the case is the only input."""
    whole, case = case, known(case)
    reading = PreparedCase(case)
    found = dissociation.graded(reading)
    now = InrNow(reading)
    facts = UrgencyFacts(reading, now, case.as_of)
    picture = Picture(case, found, now, facts)
    kind = kind_of(picture)
    core = _core(whole, reading, picture, kind)
    scenario = classify(picture, kind)
    outlook = prognosis(case, found)
    markers = corroboration(case, found, scenario.kind)
    return Report(
        **core,
        requests=requests(case, core["causes"], core["vitamin_k"]),
        scenario=scenario,
        prognosis=outlook,
        corroboration=markers,
        scores=scores(case),
        statements=statements(case, found, core["urgency"], core["monitoring"], scenario, outlook, markers),
    )


def brief(case: Case) -> Report:
    """The report's first half: grade, causes and checklist, as `interpret` gives them. What a list of
    patients shows; the other fields are left out."""
    whole, case = case, known(case)
    reading = PreparedCase(case)
    found = dissociation.graded(reading)
    now = InrNow(reading)
    picture = Picture(case, found, now, UrgencyFacts(reading, now, case.as_of))
    return Report(**_core(whole, reading, picture, kind_of(picture)))


def _core(whole: Case, reading: PreparedCase, picture: Picture, kind: str) -> dict[str, Any]:
    """`whole` is the case before it was cut to what was known; `kind` that of the scenario: where organs fail
    nobody waits for weeks, however far apart the draws lie. [ED]"""
    case, found, vitamin_k = reading.case, picture.found, reading.trials
    urgent = urgency_of(reading, found, picture.now, picture.facts, kind)
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
    )


def as_json(report: Report) -> dict[str, Any]:
    """The report in plain JSON types: times as ISO 8601, tuples as lists, sentences included."""
    data: dict[str, Any] = _plain(asdict(report))
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
