"""Vitamin K: too little of it. [clinical.md 6.2, 6.3]"""

from collections.abc import Iterator
from datetime import timedelta

from interpretation.causes.facts.register import facts
from interpretation.causes.recorded import (
    Recorded,
    coded,
    course_words,
    courses,
    diagnoses,
    entries,
    events,
    finding,
    finding_in,
    label_parts,
    named,
    within,
)
from interpretation.evidence import Evidence
from interpretation.factors import listed
from interpretation.knowledge import limits
from interpretation.record.measured import MeasuredValue
from interpretation.record.records import OTHER_DRUGS
from interpretation.vitamin_k import Response, Trial
from interpretation.words import day, number

OWN = limits("causes").read_by(__name__, "cholestatic_r cholestatic_alp cholestatic_bilirubin")
SHARED = limits("dissociation").read_by(__name__, "soft_days antibiotic_days")
CAUSE = "vitamin_k_deficiency"


@facts(CAUSE)
def deficiency(record: Recorded) -> Iterator[Evidence]:
    yield from entries(diagnoses(record, ("cholestasis", "pbc", "psc", "malnutrition")), CAUSE, "diagnoses")
    yield from entries(coded(record, "malabsorption"), CAUSE, "codes")
    yield from entries(events(record, ("nil_by_mouth",), SHARED.soft_days), CAUSE, "nil_by_mouth")
    yield from entries(_binding_drugs(record), CAUSE, "binding_drugs")
    days = _antibiotic_days(record)
    if days >= SHARED.antibiotic_days:
        text = f"Antibiotics on {days} of the {SHARED.soft_days} days before {day(record.inr_at)}"
        yield from entries([text], CAUSE, "antibiotics")
    yield from _cholestasis(record)
    yield from factor_pattern(record)
    trial = last_answer(record)
    if trial and trial.response:
        yield _answer(trial, trial.response)


def factor_pattern(record: Recorded) -> Iterator[Evidence]:
    """Factor V kept with VII low for a lack of vitamin K or its antagonist; V low against. [R28, ED]"""
    found = record.factors
    if found.pattern == "vitamin_k":
        yield finding(CAUSE, "factor_pattern", *found.values, factors=found.words)
    elif found.v and found.v_low:
        yield finding(CAUSE, "factor_v_low", found.v, factor=found.v.words)


def last_answer(record: Recorded) -> Trial | None:
    """The latest trial of the look-back that could be read."""
    earliest = record.inr_at - timedelta(days=SHARED.soft_days)
    read = (trial for trial in record.trials if trial.state == "read" and trial.dose_at >= earliest)
    return next(read, None)


def _answer(trial: Trial, found: Response) -> Evidence:
    words = {"day": day(found.dose_at), "levels": found.levels}
    return finding_in(CAUSE, f"vitamin_k_{found.kind}", trial.draws, **words)


def _binding_drugs(record: Recorded) -> list[str]:
    """Drugs that bind, waste or keep out vitamin K, under whatever kind they were entered."""
    chosen = [
        course
        for course in courses(record, OTHER_DRUGS)
        if named(course.name, label_parts("vitamin_k_binding")) and within(course, record, SHARED.soft_days)
    ]
    return [course_words(course, record) for course in chosen]


def _antibiotic_days(record: Recorded) -> int:
    """Calendar days with any antibiotic in the look-back that ends with the day of the latest INR."""
    last = record.inr_at.date()
    first = last - timedelta(days=SHARED.soft_days - 1)
    days: set[int] = set()
    for course in courses(record, ("antibiotic", "tigecycline")):
        start = max(course.start.date(), first)
        end = last if course.end is None else min(course.end.date(), last)
        days.update(range(start.toordinal(), end.toordinal() + 1))
    return len(days)


def _cholestasis(record: Recorded) -> Iterator[Evidence]:
    """A cholestatic pattern of injury, or high ALP with high direct bilirubin. [R40, ED]"""
    alp = record.near("ALP")
    multiple = alp.multiple(record.case) if alp else None
    if alp is None or multiple is None or multiple <= 1 + 1e-9 or alp.result.comparator[:1] == "<":
        return
    alt = record.near("ALT")
    share = alt.multiple(record.case) if alt and alt.exact and alp.exact else None
    if alt and share is not None and share / multiple <= OWN.cholestatic_r + 1e-9:
        words = {"enzymes": listed((alt, alp)), "ratio": number(share / multiple, 1)}
        yield finding(CAUSE, "cholestatic_r", alt, alp, **words)
    direct = _direct_bilirubin(record)
    high = multiple >= OWN.cholestatic_alp - 1e-9
    if direct and direct.at_least(OWN.cholestatic_bilirubin) and high:
        words = {"tests": listed((alp, direct)), "times": alp.times(multiple, 1)}
        yield finding(CAUSE, "cholestasis_tests", alp, direct, **words)


def _direct_bilirubin(record: Recorded) -> MeasuredValue | None:
    return record.near("bilirubin_direct") or record.near("bilirubin_conjugated")
