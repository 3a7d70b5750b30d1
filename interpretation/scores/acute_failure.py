"""Acute liver failure, severe acute liver injury, and King's College criteria. [clinical.md 7.7]"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interpretation.record.analytes import usual_upper_limit
from interpretation.record.records import Case, Draw, Event
from interpretation.rule.pairing import ENZYMES
from interpretation.scores.evaluate import gate, graded, remarks, score
from interpretation.scores.facts import encephalopathy, jaundice, jaundice_days
from interpretation.scores.given import Given
from interpretation.scores.spec import LIMITS, TOLERANCE, because
from interpretation.scores.values import WEEK, Values
from interpretation.words import day, enzyme, number, sign, value

LIMITS.read_by(
    __name__,
    "adult_age illness_days failure_inr failure_inr_child injury_multiple hyperacute_days "
    "acute_failure_days kings_ph kings_inr kings_creatinine kings_encephalopathy kings_lactate "
    "kings_lactate_later kings_inr_other kings_bilirubin kings_young kings_old kings_jaundice_days "
    "kings_needed",
    cites="R25 R26 ED GK",
)

FAILURE, INJURY = "acute liver failure", "severe acute liver injury"
SOURCES = ("R25", "R26", "GK", "ED")
ACUTE_DIAGNOSES = ("acute_liver_injury", "drug_induced", "ischaemic")


@dataclass(frozen=True)
class Failure:
    """`grade` is "acute liver failure", "severe acute liver injury" or ""; `criteria` say why."""

    grade: str = ""
    criteria: tuple[str, ...] = ()
    tempo: str = ""
    child: bool = False
    draws: tuple[str, ...] = ()
    sources: tuple[str, ...] = SOURCES


def acute_liver_failure(case: Case) -> Failure:
    """Acute liver failure at the latest laboratory INR; not with cirrhosis. [R25, R26]"""
    values = Values(case)
    draw = values.latest("INR")
    return failure_at(values, draw) if draw else Failure()


def failure_at(values: Values, draw: Draw) -> Failure:
    at, inr = draw.taken_at, draw.by_analyte["INR"]
    age = values.age(at)
    child = age is not None and age < LIMITS.adult_age
    known = values.chronic_disease(at.date()) if child else values.diagnosis(("cirrhosis",), at.date())
    event = encephalopathy(values, at, WEEK)
    grade = failure_grade(inr=inr.value, encephalopathy=event is not None, child=child)
    if known or not grade or values.hard(draw):
        return Failure(child=child)
    injured = _injury(values, draw)
    if not injured:
        return Failure(child=child)
    return Failure(
        grade=grade,
        criteria=(f"INR {value(inr)} on {day(at)}", _brain(event), injured, _no_disease(child)),
        tempo=_tempo(jaundice_days(values, at, WEEK)),
        child=child,
        draws=(draw.id,),
    )


def failure_grade(*, inr: float, encephalopathy: bool, child: bool = False) -> str:
    """By INR and encephalopathy; in children an INR of 2.0 is failure without it. [R25, R26]"""
    if inr < LIMITS.failure_inr - TOLERANCE:
        return ""
    if encephalopathy or (child and inr >= LIMITS.failure_inr_child - TOLERANCE):
        return FAILURE
    return INJURY


def _injury(values: Values, draw: Draw) -> str:
    """Words for an acute injury of the last 26 weeks, "" without one."""
    first = draw.taken_at - timedelta(days=LIMITS.illness_days)
    found = [
        (multiple, name, d.taken_at, result.comparator)
        for name in ENZYMES
        for d, result in values.measured(name, first, draw.taken_at)
        if (multiple := values.multiple_of(result, d)) is not None
    ]
    multiple, name, at, comparator = max(found, default=(0, "", None, ""))
    if multiple >= LIMITS.injury_multiple - TOLERANCE:
        return f"{name} {sign(comparator)}{number(multiple)} × its upper limit on {day(at)}"
    if words := _injury_without_limit(values, first, draw.taken_at):
        return words
    diagnosis = values.diagnosis(ACUTE_DIAGNOSES, draw.taken_at.date())
    if diagnosis and diagnosis.noted_on and diagnosis.noted_on >= first.date():
        return f"acute injury recorded on {day(diagnosis.noted_on)}"
    return ""


def _injury_without_limit(values: Values, first: datetime, last: datetime) -> str:
    """A child's enzyme that no limit was sent for: an injury is not overlooked for that. Ten times an
    adult's limit is more than ten times a child's would be at most ages. [ED]"""
    found = [
        (result.value, name, d.taken_at)
        for name in ENZYMES
        for d, result in values.measured(name, first, last)
        if values.asks_limit(result, d.taken_at) and not values.flagged(d)
    ]
    if not found:
        return ""
    value, name, at = max(found)
    usual = usual_upper_limit(name, values.case.sex)
    if usual is None or value < LIMITS.injury_multiple * usual - TOLERANCE:
        return ""
    return f"{name} {enzyme(value)} U/L on {day(at)}, the laboratory's upper limit for this age not recorded"


def _brain(event: Event | None) -> str:
    if event is None:
        return "no encephalopathy recorded"
    grade = f" grade {event.grade}" if event.grade else ""
    return f"encephalopathy{grade} since {day(event.started_at)}"


def _no_disease(child: bool) -> str:
    return "no chronic liver disease recorded" if child else "no cirrhosis recorded"


def _tempo(days: float | None) -> str:
    """Hyperacute, acute or subacute by the time from jaundice to encephalopathy. [R25]"""
    if days is None:
        return ""
    if days <= LIMITS.hyperacute_days:
        return "hyperacute"
    return "acute" if days <= LIMITS.acute_failure_days else "subacute"


# --- King's College ---


def kings_paracetamol(
    *,
    INR: float,
    encephalopathy: int,
    creatinine: float | None = None,
    arterial_ph: float | None = None,
    lactate: float | None = None,
) -> dict[str, bool | None]:
    """Each criterion after paracetamol: met, not met, or None where it cannot be judged; µmol/L. [R24]"""
    return {
        "ph": None if arterial_ph is None else arterial_ph < LIMITS.kings_ph - TOLERANCE,
        "inr": LIMITS.kings_inr + TOLERANCE < INR,
        "creatinine": None if creatinine is None else creatinine > LIMITS.kings_creatinine + TOLERANCE,
        "encephalopathy": encephalopathy >= LIMITS.kings_encephalopathy,
        "lactate": _lactate(lactate),
    }


def _lactate(lactate: float | None) -> bool | None:
    """Between the two limits it counts only after resuscitation, which the record does not tell."""
    if lactate is None:
        return None
    if lactate > LIMITS.kings_lactate + TOLERANCE:
        return True
    return None if lactate > LIMITS.kings_lactate_later + TOLERANCE else False


def kings_other(
    *,
    INR: float,
    age: int | None = None,
    unfavourable_cause: bool = False,
    jaundice_days: float | None = None,
    bilirubin_total: float | None = None,
) -> dict[str, bool | None]:
    """Each criterion for other causes; µmol/L, days from jaundice to encephalopathy. [R24]"""
    late = jaundice_days is not None and jaundice_days > LIMITS.kings_jaundice_days
    return {
        "age": None if age is None else age < LIMITS.kings_young or age > LIMITS.kings_old,
        "cause": unfavourable_cause or None,
        # Jaundice may have begun before the first bilirubin: an interval is only ever at least this.
        "jaundice": True if late else None,
        "inr_other": LIMITS.kings_inr_other + TOLERANCE < INR,
        "bilirubin": None
        if bilirubin_total is None
        else bilirubin_total > LIMITS.kings_bilirubin + TOLERANCE,
    }


def kings_met(criteria: dict[str, bool | None], *, inr: float) -> bool:
    """Whether these criteria, of either list, are enough. [R24]"""
    if "ph" in criteria:
        three = all(criteria[name] for name in ("inr", "creatinine", "encephalopathy"))
        return bool(criteria["ph"] or criteria["lactate"] or three)
    return inr > LIMITS.kings_inr + TOLERANCE or sum(map(bool, criteria.values())) >= LIMITS.kings_needed


def criteria_of(
    *,
    paracetamol: bool,
    INR: float,
    encephalopathy: int,
    creatinine: float | None,
    arterial_ph: float | None,
    lactate: float | None,
    **others: Any,
) -> dict[str, bool | None]:
    """The criteria of the list that applies."""
    if not paracetamol:
        return kings_other(INR=INR, **others)
    return kings_paracetamol(
        INR=INR,
        encephalopathy=encephalopathy,
        creatinine=creatinine,
        arterial_ph=arterial_ph,
        lactate=lactate,
    )


@score("kings_college")
def kings_college(**used: Any) -> int:
    """How many criteria of the list that applies are met. [R24]"""
    return sum(map(bool, criteria_of(**used).values()))


@graded("kings_college")
def _kings_grade(given: Given, raw: float) -> str:
    return "met" if kings_met(criteria_of(**given.used), inr=given.used["INR"]) else "not met"


@gate("kings_college")
def _no_failure(values: Values, draw: Draw | None) -> str:
    return "" if draw and failure_at(values, draw).grade else because("no_failure")


@remarks("kings_college")
def _kings(given: Given, raw: float) -> Iterator[str]:
    said, criteria = given.spec.remarks, criteria_of(**given.used)
    names = given.spec.remarks["criterion"]
    yield said["paracetamol" if given.used["paracetamol"] else "other"]
    for kind, answer in (("met", True), ("open", None)):
        found = [names[name] for name, met in criteria.items() if met is answer]
        if found:
            yield said[kind].format(criteria="; ".join(found))
    began = jaundice(given.values, given.at)
    if not given.used["paracetamol"] and began:
        yield said["jaundice"].format(day=day(began))
    yield from _failure(given, failure_at(given.values, given.draw))


def _failure(given: Given, found: Failure) -> Iterator[str]:
    said = given.spec.remarks
    yield said["failure"].format(grade=found.grade.capitalize(), criteria=", ".join(found.criteria))
    if not found.child:
        yield said["inr"]
    if found.tempo:
        yield said["tempo"].format(tempo=found.tempo)
    if found.child:
        doses = [e for e in given.values.events if e.kind == "vitamin_k" and e.route != "oral"]
        given_on = f"given on {day(doses[-1].started_at)}" if doses else "no dose is recorded"
        yield said["child"].format(vitamin_k=given_on)
