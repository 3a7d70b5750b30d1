"""A letter to the referrer: what it rests on, the text to start from, what its sheet freezes.

It reads the frozen report of the latest discussion or signed review, whichever is later: what a colleague
elsewhere is told is what clinicians here judged.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from interpretation.knowledge import sources_text
from interpretation.record.analytes import ANALYTES
from interpretation.words import day, sign
from patients.charts.data import ENZYMES
from patients.models import Patient, SignOff
from patients.presenters.header import SEXES
from patients.report.panel import in_zone
from patients.review.changes_since import ChangesSince, new_since
from patients.review.signed_report import frozen_context
from patients.values.display import Units
from patients.words import publications

from .comparison import SHOWN
from .models import Discussion
from .words import in_words

# The baseline and the last draws of the verdict.
DRAWS = 6
CAUSES = 6
WORDS = Path(__file__).parent / "data" / "letters.toml"


@dataclass(frozen=True)
class Basis:
    """What a letter rests on; `frozen` is its report as `patients.review.signed_report` reads it."""

    held: Discussion | SignOff
    at: datetime
    frozen: dict

    @property
    def discussed(self) -> bool:
        return isinstance(self.held, Discussion)

    @property
    def words(self) -> str:
        if self.discussed:
            return f"discussed in our meeting on {day(self.at)}"
        return f"reviewed in our clinic on {day(self.at)}"

    def since(self, now: dict) -> ChangesSince:
        """What is new in the basis of now."""
        return new_since(self.held.basis, now)


def basis_of_letter(patient: Patient) -> Basis | None:
    """Two queries. None where nobody has discussed or signed off this patient."""
    discussed = Discussion.objects.filter(patient=patient).select_related("by", "overrule__by")
    signed = patient.sign_offs.select_related("by", "overrule__by")
    found = [one for one in (discussed.order_by("-as_of", "-id").first(), signed.first()) if one]
    if not found:
        return None
    held = max(found, key=lambda one: one.as_of)
    return Basis(held, in_zone(held.as_of, patient.clinic.zone), frozen_context(held, patient))


# --- the text to start from ---


def first_text(basis: Basis, patient: Patient, author: str) -> str:
    parts = [
        "Dear colleague,",
        f"{patient} was {basis.words}.",
        basis.frozen["sentence"],
        explanation(basis.frozen)["text"],
        _overruled(basis),
        _causes(basis),
        _decided(basis),
        _agreed(basis),
        basis.frozen["checklist"].get("paused") or _repeat(basis),
        f"With kind regards,\n{author}",
    ]
    return "\n\n".join(part for part in parts if part)


@cache
def _words() -> dict:
    return tomllib.loads(WORDS.read_text())


def explanation(frozen: dict) -> dict[str, str]:
    """What a word of ours means, with its sources in short, where the verdict uses it; else no text."""
    if "dissociation" not in frozen["sentence"].lower():
        return {"text": "", "sources": ""}
    words = _words()["dissociation"]
    return {"text": words["text"], "sources": sources_text(words["sources"])}


def _overruled(basis: Basis) -> str:
    given = basis.held.overrule
    if given is None:
        return ""
    grade = given.grade_given.replace("_", " ")
    return f"A clinician graded this as {grade} instead: {given.reason}"


def _causes(basis: Basis) -> str:
    """Of a raised INR: those judged, and those open with something recorded."""
    causes = basis.frozen["causes"]
    groups = (
        ("Contributing to the raised INR", [c for c in causes if c["verdict"] == "contributing"]),
        ("Excluded", [c for c in causes if c["verdict"] == "excluded"]),
        ("Still open", [c for c in causes if c["verdict"] == "pending" and c["recorded"]]),
    )
    return "\n".join(f"{title}: {_named(found)}." for title, found in groups if found)


def _named(causes: list[dict]) -> str:
    names = [cause["name"] for cause in causes[:CAUSES]]
    more = len(causes) - CAUSES
    return "; ".join(names) + (f" and {more} more" if more > 0 else "")


def _decided(basis: Basis) -> str:
    if basis.discussed:
        decision = f"Decision: {basis.held.decision_words.lower()}." if basis.held.decision else ""
        return "\n".join(filter(None, [decision, basis.held.note]))
    return basis.held.note


def _agreed(basis: Basis) -> str:
    found = [in_words(action) for action in basis.held.actions] if basis.discussed else []
    standing = [one for one in found if one["ended_as"] != "dropped"]
    lines = [f"- {one['words']}, by {day(one['due_on'])} ({one['owner']})" for one in standing]
    return "\n".join(["Agreed:", *lines]) if lines else ""


def _repeat(basis: Basis) -> str:
    return (basis.frozen["checklist"].get("repeat") or {}).get("words", "")


# --- what is frozen with it ---


def content_of(basis: Basis, patient: Patient) -> dict:
    """Plain JSON: whatever the sheet prints beside recipient, text, author and time."""
    return {
        "name": str(patient),
        "mrn": patient.mrn,
        "born": patient.birth_date.isoformat() if patient.birth_date else "",
        "sex": SEXES.get(patient.sex, "not recorded"),
        "clinic": patient.clinic.name,
        "time_zone": patient.clinic.time_zone,
        "rests_on": basis.words,
        "grade": basis.frozen["grade"],
        "numbers": numbers(basis, Units(patient.clinic.display_units)),
        "sources": _sources(basis.frozen),
        "knowledge_version": basis.held.knowledge_version,
    }


def numbers(basis: Basis, units: Units) -> dict:
    """The draws of the verdict in the clinic's units; ALT and AST with the multiple of their limit."""
    lines = basis.frozen["draws"]
    lines = lines if len(lines) <= DRAWS else [lines[0], *lines[1 - DRAWS :]]
    keys = [key for key in SHOWN if any(key in draw["results"] for draw in lines)]
    return {
        "columns": [{"name": ANALYTES[key].name.split(",")[0], "unit": units.label(key)} for key in keys],
        "lines": [
            {
                "at": draw["at"],
                **({} if draw.get("hour_known", True) else {"hour_known": False}),
                "laboratory": draw.get("laboratory", ""),
                "cells": [_cell(key, draw["results"].get(key), units) for key in keys],
            }
            for draw in lines
        ],
        "left_out": len(basis.frozen["draws"]) - len(lines),
    }


def _cell(key: str, result: list | None, units: Units) -> str:
    if result is None:
        return ""
    comparator, value, _, upper = result[:4]
    text = units.text(key, value, comparator)
    return f"{text} ({sign(comparator)}{value / upper:.2f} ×)" if key in ENZYMES and upper else text


def _sources(frozen: dict) -> str:
    said = [*frozen["critical_because"], *frozen["held"], *frozen["reasons"], explanation(frozen)]
    names = [name for one in said for name in publications(one["sources"])]
    return ", ".join(dict.fromkeys(names))
