"""A signed report for its page: read from its JSON alone, nothing computed anew.

A report signed years ago may lack what today's has and hold what today's has not: each part is shown as far
as its keys go, and the whole JSON stands at the end, so that nothing that was signed is hidden.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from interpretation import knowledge
from interpretation.record.analytes import ANALYTES
from patients.models import Patient, SignOff
from patients.report.panel import in_zone
from patients.review.snapshot import taken_at
from patients.values.display import Units

TITLES = {
    "meaning": "What this means",
    "other_causes": "What else it could be",
    "now": "What to do now",
    "caveats": "Caveats on INR",
}
# Where a part of unknown shape keeps its sentence.
SENTENCES = ("sentence", "words", "text", "headline", "name", "label", "reason")


def frozen_context(signed: SignOff, patient: Patient) -> dict:
    report = json.loads(signed.report)
    found = _dict(report.get("dissociation"))
    zone = patient.clinic.zone
    days = {id: draw["at"] for id, draw in signed.basis.get("draws", {}).items()}
    return {
        "signed": signed,
        "signed_at": in_zone(signed.at, zone),
        "overruled_at": in_zone(signed.overrule.at, zone) if signed.overrule else None,
        "grade": found.get("grade", signed.grade),
        "sentence": report.get("verdict") or found.get("sentence", ""),
        "why": found.get("why", ""),
        "held": [_said(cap, days) for cap in _list(found.get("caps"))],
        "critical_because": [_said(reason, days) for reason in _list(found.get("escalations"))],
        "reasons": [_said(reason, days) for reason in _list(found.get("reasons"))],
        "numbers": _numbers(_list(found.get("draws")), signed.basis, Units(patient.clinic.display_units)),
        # The draws of the verdict as the basis holds them, in time order.
        "draws": _draws(_list(found.get("draws")), signed.basis),
        "sections": _sections(_list(report.get("statements")), days),
        "scenario": _sentence(report.get("scenario")),
        "scores": list(_scores(report.get("scores"))),
        "causes": [_cause(cause) for cause in _list(report.get("causes")) if isinstance(cause, dict)],
        "checklist": _dict(report.get("monitoring")),
        # Not "checklist.items": a template would call the dictionary's own.
        "checklist_items": [_dict(item) for item in _list(_dict(report.get("monitoring")).get("items"))],
        "problems": [_said(problem, days) for problem in _list(report.get("problems"))],
        "whole": json.dumps(report, ensure_ascii=False, indent=1),
    }


# --- sentences ---


def _said(item, days: dict) -> dict:
    """A sentence with its sources and the days of its draws, whether it came alone or with them."""
    given = _dict(item)
    draws = [_moment(days[id]) for id in _list(given.get("draws")) if id in days]
    return {
        "text": _sentence(item),
        "sources": _sources(_list(given.get("sources"))),
        "first": draws[0] if draws else None,
        "last": draws[-1] if len(draws) > 1 else None,
    }


def _sections(statements: list, days: dict) -> list[dict]:
    sections: dict[str, list] = {}
    for statement in statements:
        sections.setdefault(_dict(statement).get("section", "meaning"), []).append(_said(statement, days))
    places = [*TITLES, *sections]
    return [
        {"title": TITLES.get(key, key.replace("_", " ").capitalize()), "statements": said}
        for key, said in sorted(sections.items(), key=lambda pair: places.index(pair[0]))
    ]


def _sentence(part) -> str:
    if isinstance(part, str):
        return part
    return next((part[key] for key in SENTENCES if _is_text(_dict(part).get(key))), "")


def _is_text(value) -> bool:
    return isinstance(value, str) and bool(value)


def _sources(ids: Iterable) -> str:
    """ "S3, Dufour 2000": the short names that today's list of references still has, else the ids.

    A sentence of the product's own names itself (X_...): that is no source for a reader.
    """
    known = {reference.id: reference.short for reference in knowledge.references()}
    return ", ".join(dict.fromkeys(known.get(id, str(id)) for id in ids if not str(id).startswith("X_")))


# --- numbers ---


def _draws(ids: list, basis: dict) -> list[dict]:
    return [basis.get("draws", {})[id] for id in ids if id in basis.get("draws", {})]


def _numbers(ids: list, basis: dict, units: Units) -> dict:
    """The draws of the verdict, a line each, in the clinic's units."""
    draws = _draws(ids, basis)
    keys = {key for draw in draws for key in draw["results"] if key in ANALYTES}
    columns = [key for key in ANALYTES if key in keys]
    return {
        "columns": [{"name": ANALYTES[key].short, "unit": units.label(key)} for key in columns],
        "lines": [
            {
                "at": taken_at(draw),
                "source": draw.get("laboratory", ""),
                "cells": [_cell(key, draw["results"].get(key), units) for key in columns],
            }
            for draw in draws
        ],
    }


def _cell(key: str, result: list | None, units: Units) -> str:
    return "·" if result is None else units.text(key, result[1], result[0])


def _scores(scores) -> Iterator[dict[str, str]]:
    """[key -> {value, grade, ...} or {reason}]: the word or the number, or why there is none."""
    pairs = scores.items() if isinstance(scores, dict) else ((_sentence(one), one) for one in _list(scores))
    for key, score in pairs:
        given = _dict(score)
        name = given.get("name") or str(key).replace("_", " ").upper()
        parts = [_number(given.get("value")), _sentence(given.get("grade"))]
        text = ", ".join(part for part in parts if part) or _sentence(given.get("reason"))
        if text:
            yield {"name": name, "text": text}


def _number(value) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    return f"{value:g}" if isinstance(value, int | float) else value if isinstance(value, str) else ""


# --- causes ---


def _cause(cause: dict) -> dict:
    review = _dict(cause.get("review"))
    return {
        "name": cause.get("name") or cause.get("key", ""),
        "verdict": cause.get("verdict", "pending"),
        "recorded": [_sentence(fact) for fact in _list(cause.get("recorded"))],
        "by": review.get("by", ""),
        "on": _moment(review["on"]) if _is_text(review.get("on")) else None,
        "note": review.get("note", ""),
    }


def _dict(value) -> dict:
    return value if isinstance(value, dict) else {}


def _list(value) -> list:
    return value if isinstance(value, list) else []


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
