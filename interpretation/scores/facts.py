"""Inputs that are not tests: age and sex, what was seen at the bedside, what supports an organ."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.causes.recorded import label_parts, named
from interpretation.knowledge import limits, load
from interpretation.record.records import Diagnosis, Event
from interpretation.rule.confounders import active
from interpretation.scores.spec import LIMITS, TOLERANCE, WORDS, note
from interpretation.scores.values import Values
from interpretation.words import day

WORDS.read_by(__name__, "label")
load("causes").read_by(__name__, "codes")
LIMITS.read_by(__name__, "infant_age child_age adult_age illness_days jaundice growth_days")

SHARED = limits("dissociation").read_by(__name__, "episode_days soft_days")
SEVERE_ENCEPHALOPATHY = 3
PARACETAMOL_CODES = tuple(load("causes")["codes"]["paracetamol"]["words"])
NEGATION = re.compile(rf"\b({'|'.join(WORDS['label']['negations'])})\b")

# "Growth failure: no".
ABSENT = re.compile(r"\W*(no|none|absent|excluded)\b")


@dataclass
class Fact:
    """`value` None: not known. `note` is a sentence for the reader ("" if there is nothing to say)."""

    value: float | int | str | bool | None
    note: str = ""
    at: datetime | None = None


def _age(values: Values, at: datetime, reach: timedelta) -> Fact:
    return Fact(values.age(at))


def _sex(values: Values, at: datetime, reach: timedelta) -> Fact:
    return Fact(values.case.sex if values.case.sex in ("F", "M") else None)


def _adolescent(values: Values, at: datetime, reach: timedelta) -> Fact:
    age = values.age(at)
    return Fact(age is not None and LIMITS.child_age <= age < LIMITS.adult_age)


def _infant(values: Values, at: datetime, reach: timedelta) -> Fact:
    age = values.age(at)
    return Fact(None if age is None else age < LIMITS.infant_age)


def _growth_failure(values: Values, at: datetime, reach: timedelta) -> Fact:
    """What the latest note of the last year says of it; asked for where none does. [GK, ED]"""
    first = at - timedelta(days=LIMITS.growth_days)
    notes = [e for e in values.events if e.kind == "note" and first <= e.started_at <= at + reach]
    for event in sorted(notes, key=lambda e: e.started_at, reverse=True):
        label = event.label.casefold()
        part = next((part for part in WORDS["label"]["growth_failure"] if part in label), "")
        if part:
            before, _, after = label.partition(part)
            absent = bool(NEGATION.search(before) or ABSENT.match(after))
            return Fact(not absent, at=event.started_at)
    return Fact(None)


def _ascites(values: Values, at: datetime, reach: timedelta) -> Fact:
    """The latest entry counts: 1 mild or controlled by diuretics, 2 moderate, 3 severe or refractory."""
    found = values.present("ascites", at, reach)
    if not found or found[-1].grade == 0:
        return Fact(0, _none(values, "ascites", at, reach))
    event = found[-1]
    return Fact(event.grade or 1, "" if event.grade else note("ascites_degree"), event.started_at)


def _encephalopathy(values: Values, at: datetime, reach: timedelta) -> Fact:
    """The latest entry counts (West Haven); one without an end for 90 days."""
    event = encephalopathy(values, at, reach)
    if event is None:
        return Fact(0, _none(values, "encephalopathy", at, reach))
    return Fact(event.grade or 1, "" if event.grade else note("encephalopathy_grade"), event.started_at)


def _none(values: Values, kind: str, at: datetime, reach: timedelta) -> str:
    """That it was not there; and that it was there later, which a reader of today may know."""
    later = [e for e in values.events if e.kind == kind and e.started_at > at + reach and e.grade != 0]
    words = note(f"no_{kind}")
    if not later:
        return words
    first = min(later, key=lambda e: e.started_at)
    return f"{words} {note('later', name=kind.capitalize(), day=day(first.started_at))}"


def encephalopathy(values: Values, at: datetime, reach: timedelta) -> Event | None:
    oldest = at - timedelta(days=SHARED.episode_days)
    found = [
        e
        for e in values.present("encephalopathy", at, reach)
        if e.ended_at is not None or e.started_at >= oldest
    ]
    return found[-1] if found and found[-1].grade != 0 else None


def _biliary_disease(values: Values, at: datetime, reach: timedelta) -> Fact:
    return Fact(values.diagnosis(("pbc", "psc"), at.date()) is not None)


def _renal_replacement(values: Values, at: datetime, reach: timedelta) -> Fact:
    return Fact(True) if values.dialysis(at) else Fact(False, note("no_renal_replacement"))


def _vasopressors(values: Values, at: datetime, reach: timedelta) -> Fact:
    return _labelled("vasopressors", "Vasopressor", values, at, reach)


def _ventilation(values: Values, at: datetime, reach: timedelta) -> Fact:
    found = _labelled("ventilation", "Mechanical ventilation", values, at, reach)
    event = encephalopathy(values, at, reach)
    if found.value and event is not None and (event.grade or 0) >= SEVERE_ENCEPHALOPATHY:
        return Fact(False, note("airway"))
    return found


def _labelled(name: str, what: str, values: Values, at: datetime, reach: timedelta) -> Fact:
    """Whether the label of a procedure or note near the draw names this treatment."""
    parts = WORDS["label"][name]
    for kind in ("procedure", "note"):
        for event in reversed(values.present(kind, at, reach)):
            label = event.label.casefold()
            if any(part in label for part in parts) and not NEGATION.search(label):
                words = note("counted", what=what, label=event.label.strip(), day=day(event.started_at))
                return Fact(True, words, event.started_at)
    return Fact(False, note(f"no_{name}"))


# --- cause and tempo of acute failure ---


def _paracetamol(values: Values, at: datetime, reach: timedelta) -> Fact:
    """Paracetamol in the two weeks before, or its poisoning coded in the last 26 weeks."""
    drug = timedelta(days=SHARED.soft_days)
    taken = any(
        named(e.label, label_parts("paracetamol"))
        for e in values.events
        if e.kind == "hepatotoxic_drug" and active(e, at, drug)
    )
    return Fact(taken or any(_is_poisoning(d, at) for d in values.case.diagnoses))


def _is_poisoning(diagnosis: Diagnosis, at: datetime) -> bool:
    noted = diagnosis.noted_on
    if noted is not None and not timedelta() <= at.date() - noted <= timedelta(days=LIMITS.illness_days):
        return False
    codes = (code.replace(".", "").upper() for code in diagnosis.codes)
    return any(code.startswith(PARACETAMOL_CODES) for code in codes)


def _unfavourable_cause(values: Values, at: datetime, reach: timedelta) -> Fact:
    """Drug-induced injury; what is seronegative or due to halothane no diagnosis of ours tells. [R24]"""
    return Fact(values.diagnosis(("drug_induced",), at.date()) is not None)


def _jaundice_days(values: Values, at: datetime, reach: timedelta) -> Fact:
    days = jaundice_days(values, at, reach)
    return Fact(None if days is None else round(days, 1))


def jaundice_days(values: Values, at: datetime, reach: timedelta) -> float | None:
    """Days from the first bilirubin of 3 mg/dL to encephalopathy; None where either is missing."""
    event, began = encephalopathy(values, at, reach), jaundice(values, at)
    if event is None or began is None or event.started_at < began:
        return None
    return (event.started_at - began).total_seconds() / 86400


def jaundice(values: Values, at: datetime) -> datetime | None:
    """The first draw of the illness with a bilirubin of 3 mg/dL or more."""
    first = at - timedelta(days=LIMITS.illness_days)
    measured = values.measured("bilirubin_total", first, at)
    return next((d.taken_at for d, result in measured if result.value >= LIMITS.jaundice - TOLERANCE), None)


FACTS: dict[str, Callable[[Values, datetime, timedelta], Fact]] = {
    "age": _age,
    "sex": _sex,
    "adolescent": _adolescent,
    "ascites": _ascites,
    "encephalopathy": _encephalopathy,
    "biliary_disease": _biliary_disease,
    "renal_replacement": _renal_replacement,
    "vasopressors": _vasopressors,
    "ventilation": _ventilation,
    "paracetamol": _paracetamol,
    "unfavourable_cause": _unfavourable_cause,
    "infant": _infant,
    "growth_failure": _growth_failure,
    "jaundice_days": _jaundice_days,
}
