"""What a report was read from, in short: frozen with a sign-off, so that what is new since can be told.

The report itself counts days ("due in 3 days") and so differs each morning with nothing new to read. The
basis is the same for the same record and knowledge, whatever the hour; only `overdue` follows the clock.
"""

import hashlib
import json
from datetime import date, datetime

from interpretation.monitoring import Checklist
from interpretation.record.date_alone import DateAlone
from interpretation.record.records import Case, Draw, Event, Report, Result
from interpretation.report import known

LATE = ("overdue", "long_overdue")


def snapshot_of(case: Case, report: Report) -> dict:
    """Plain JSON types, everything in one order."""
    case = known(case)
    found = report.dissociation
    return {
        "knowledge_version": report.knowledge_version,
        "grade": found.grade,
        "rising": found.grade == "none" and found.inr_state == "rise",
        "headline": found.headline,
        "person": [case.sex, _text(case.birth_date)],
        "died_on": _text(case.died_on),
        "draws": {draw.id: _draw(draw) for draw in case.draws},
        "diagnoses": [[d.kind, _text(d.noted_on), _text(d.resolved_on)] for d in case.diagnoses],
        "events": [_event(event) for event in case.events],
        # The latest verdict on each cause: reviews come in time order.
        "verdicts": {r.cause: [r.verdict, _text(r.on), r.by] for r in case.reviews},
        "overdue": _overdue(report.monitoring),
    }


def fingerprint(basis: dict, overrule_id: int | None) -> str:
    """Differs when the record, the knowledge, the grade or the overrule that stands has changed."""
    seen = {name: value for name, value in basis.items() if name != "overdue"}
    text = json.dumps([seen, overrule_id], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def taken_at(draw: dict) -> datetime:
    """When a draw of a basis was taken; a `DateAlone` where its hour is not known."""
    at = datetime.fromisoformat(draw["at"])
    return at if draw.get("hour_known", True) else DateAlone.of(at)


def _draw(draw: Draw) -> dict:
    return {
        "at": _text(draw.taken_at),
        # Said only of a draw without one: signed reports of before know no other.
        **({} if draw.hour_known else {"hour_known": False}),
        "laboratory": draw.laboratory,
        "method": draw.method,
        "results": {result.analyte: _result(result) for result in draw.results},
    }


def _result(result: Result) -> list:
    return [result.comparator, result.value, result.lower_limit, result.upper_limit, result.method]


def _event(event: Event) -> list:
    """What names the event, then what may be added to it later."""
    more = [_text(event.ended_at), event.grade, event.route, event.stop_confirmed]
    return [event.kind, event.label, _text(event.started_at), *more]


def _overdue(monitoring: Checklist | None) -> dict[str, str]:
    if monitoring is None:
        return {}
    return {item.key: item.name for item in monitoring.items if item.state in LATE}


def _text(at: date | datetime | None) -> str:
    return at.isoformat() if at else ""
