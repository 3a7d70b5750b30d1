"""Drugs that raise the INR, by time window, and what results say of their effect. [clinical.md 6.2]"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from interpretation.causes.facts.register import facts
from interpretation.causes.recorded import (
    DrugCourse,
    Recorded,
    coded,
    course_words,
    courses,
    entries,
    events,
    label_parts,
    named,
    within,
)
from interpretation.evidence import Evidence, speaks_against, speaks_for
from interpretation.factors import SOURCES
from interpretation.knowledge import limits
from interpretation.record.measured import MeasuredValue, change
from interpretation.words import day, number

from .vitamin_k import last_answer

OWN = limits("causes").read_by(__name__, "onset_first onset_last tigecycline_fibrinogen nac_alt")
# What decides whether an INR can be read decides here whether an entry is listed: one number for both.
SHARED = limits("dissociation").read_by(
    __name__,
    "merge_hours rise_ratio rise_difference vka_days_warfarin vka_days_acenocoumarol "
    "vka_days_phenprocoumon vka_days_unconfirmed doac_hours_kidney doac_days_unconfirmed "
    "thrombin_inhibitor_hours soft_days nac_hours vitamin_k_baseline_days",
    cites="S24 R31 R33 R34 ED GK",
)


@facts("vka")
def vitamin_k_antagonist(record: Recorded) -> Iterator[Evidence]:
    yield from entries(_vka(record), "S24", "ED")
    found = record.factors
    if found.pattern == "vitamin_k":
        text = f"{found.words}: factor V is kept while factor VII is low"
        yield speaks_for("factor_pattern", text, SOURCES, *found.values)
    elif found.v and found.v_low:
        text = f"{found.v.words} is low, which a vitamin K antagonist alone does not explain"
        yield speaks_against("factor_v_low", text, SOURCES, found.v)
    yield from _stopped(record, "vka", _vka_days)


@facts("unrecorded_antagonist")
def unrecorded_antagonist(record: Recorded) -> Iterator[Evidence]:
    """The factor pattern of an antagonist with none recorded; one that is recorded explains it. [6.2]"""
    found, known = record.factors, _vka(record)
    if found.pattern == "vitamin_k" and known:
        text = f"{found.words} is explained by what is recorded: {'; '.join(known)}"
        yield speaks_against("recorded_antagonist", text, SOURCES, *found.values)
    elif found.pattern == "vitamin_k":
        text = f"{found.words}: factor VII is low while V is kept, with no antagonist on record"
        yield speaks_for("factor_pattern", text, SOURCES, *found.values)
    elif found.v and found.v_low:
        text = f"{found.v.words} is low, which an antagonist alone does not explain"
        yield speaks_against("factor_v_low", text, SOURCES, found.v)


@facts("doac")
def direct_oral_anticoagulant(record: Recorded) -> Iterator[Evidence]:
    chosen = [course for course in courses(record, ("doac",)) if within(course, record, _doac_days(course))]
    yield from entries([course_words(course, record) for course in chosen], "S24", "R31", "ED")
    yield from _stopped(record, "doac", _doac_days)


@facts("direct_thrombin_inhibitor")
def direct_thrombin_inhibitor(record: Recorded) -> Iterator[Evidence]:
    found = events(record, ("direct_thrombin_inhibitor",), SHARED.thrombin_inhibitor_hours / 24)
    yield from entries(found, "S24", "ED")
    aptt = record.near("aptt", SHARED.merge_hours) if found else None
    if aptt and aptt.is_above_limit(record.case):
        yield speaks_for("aptt_long", f"{aptt.words} is long as well", ("GK",), aptt)


@facts("warfarin_interaction")
def warfarin_interaction(record: Recorded) -> Iterator[Evidence]:
    """New interacting drugs; an antibiotic or paracetamol only beside a vitamin K antagonist. [R33]"""
    chosen = courses(record, ("interacting_drug",))
    if _vka(record):
        names = label_parts("warfarin_interaction")
        others = courses(record, ("antibiotic", "hepatotoxic_drug"))
        chosen += [course for course in others if named(course.name, names)]
    earliest = record.inr_at - timedelta(days=SHARED.soft_days)
    new = [course_words(course, record) for course in chosen if course.start >= earliest]
    yield from entries(new, "R33", "GK")


@facts("antibiotics")
def antibiotics(record: Recorded) -> Iterator[Evidence]:
    chosen = [c for c in courses(record, ("antibiotic",)) if within(c, record, SHARED.soft_days)]
    for course in chosen:
        nmtt = named(course.name, label_parts("nmtt"))
        note = ", which has the NMTT side chain that blocks vitamin K" if nmtt else ""
        yield from entries([f"{course_words(course, record)}{note}"], "S24", "R33")
    rise = next(filter(None, (_onset(record, course) for course in chosen)), None)
    if rise:
        yield rise
    yield from _not_recovered(record, chosen)


def _not_recovered(record: Recorded, chosen: list[DrugCourse]) -> Iterator[Evidence]:
    """All of them stopped before the latest INR, which vitamin K did not bring down."""
    trial = last_answer(record)
    over = [course.end for course in chosen if course.end is not None and course.end <= record.inr_at]
    if trial is None or trial.response is None or trial.response.kind != "non_responder":
        return
    if over and len(over) == len(chosen):
        stopped = day(max(over))
        text = (
            f"INR did not fall after the last antibiotic was stopped ({stopped}) and vitamin K given "
            f"({day(trial.dose_at)})"
        )
        yield Evidence("no_recovery", text, ("R33",), trial.draws, "against")


@facts("tigecycline")
def tigecycline(record: Recorded) -> Iterator[Evidence]:
    given = [c for c in courses(record, ("tigecycline",)) if within(c, record, SHARED.soft_days)]
    yield from entries([course_words(course, record) for course in given], "R33")
    fibrinogen = [
        value
        for value in record.lately("fibrinogen")
        if any(c.start <= value.at and (c.end is None or value.at <= c.end) for c in given)
    ]
    if fibrinogen and fibrinogen[-1].below(OWN.tigecycline_fibrinogen):
        text = f"{fibrinogen[-1].words} on treatment, below {number(OWN.tigecycline_fibrinogen, 1)} g/L"
        yield speaks_for("fibrinogen_low", text, ("R33", "ED"), fibrinogen[-1])
    elif fibrinogen and fibrinogen[-1].at_least(OWN.tigecycline_fibrinogen):
        text = f"{fibrinogen[-1].words} on treatment, not low"
        yield speaks_against("fibrinogen_kept", text, ("R33", "ED"), fibrinogen[-1])


@facts("nac")
def nac(record: Recorded) -> Iterator[Evidence]:
    """The infusion, the peak of ALT around it, and whether INR went on rising once it had stopped. [R34]"""
    given = courses(record, ("nac",))
    near = [course for course in given if within(course, record, SHARED.nac_hours / 24)]
    yield from entries([course_words(course, record) for course in near], "R34")
    lately = [course for course in given if within(course, record, SHARED.soft_days)]
    peak = max(record.lately("ALT"), key=lambda v: (v.number, v.at), default=None) if lately else None
    if peak:
        yield from _alt_around(record, peak, near)
    if lately and record.inr:
        yield from _rise_after(record, lately[-1])


def _alt_around(record: Recorded, peak: MeasuredValue, near: list[DrugCourse]) -> Iterator[Evidence]:
    """A low peak of ALT leaves the infusion to explain the INR; a high one tells of the liver."""
    multiple = peak.multiple(record.case)
    if multiple is None:
        return
    if multiple < OWN.nac_alt - 1e-9 and near and peak.exact:
        text = f"Peak {peak.words} is below {number(OWN.nac_alt)} times its limit"
        yield speaks_for("alt_low", text, ("R34", "ED"), peak)
    elif multiple >= OWN.nac_alt - 1e-9 and peak.result.comparator[:1] != "<":
        text = f"Peak {peak.words}: {peak.times(multiple)} times its limit, so the liver itself was injured"
        yield speaks_against("alt_high", text, ("R34", "ED"), peak)


@facts("paracetamol")
def paracetamol(record: Recorded) -> Iterator[Evidence]:
    """The drug or its poisoning, and whether the liver was injured. [R34, GK]"""
    drugs = [c for c in courses(record, ("hepatotoxic_drug",)) if named(c.name, label_parts("paracetamol"))]
    taken = [course_words(course, record) for course in drugs if within(course, record, SHARED.soft_days)]
    taken += coded(record, "paracetamol", SHARED.soft_days)
    yield from entries(taken, "R34", "GK")
    alts = record.lately("ALT") if taken else []
    peak = max(alts, key=lambda v: (v.number, v.at), default=None)
    if peak and peak.is_within_limit(record.case):
        yield speaks_for("alt_normal", f"Highest {peak.words}, within its limit", ("R34", "GK"), peak)
    elif peak and peak.is_above_limit(record.case):
        text = f"Highest {peak.words}, above its limit: there is liver injury"
        yield speaks_against("alt_raised", text, ("R34", "GK"), peak)


def _vka(record: Recorded) -> list[str]:
    chosen = [course for course in courses(record, ("vka",)) if within(course, record, _vka_days(course))]
    return [course_words(course, record) for course in chosen]


def _vka_days(course: DrugCourse) -> float:
    """Look-back after a vitamin K antagonist, by agent once the stop is confirmed. [ED]"""
    if not course.confirmed:
        return SHARED.vka_days_unconfirmed
    if named(course.name, label_parts("acenocoumarol")):
        return SHARED.vka_days_acenocoumarol
    if named(course.name, label_parts("warfarin")):
        return SHARED.vka_days_warfarin
    return SHARED.vka_days_phenprocoumon


def _doac_days(course: DrugCourse) -> float:
    """After a confirmed stop the longer time, that of a poor kidney: the list only names what to exclude."""
    return SHARED.doac_hours_kidney / 24 if course.confirmed else SHARED.doac_days_unconfirmed


def _stopped(record: Recorded, kind: str, days: Callable[[DrugCourse], float]) -> Iterator[Evidence]:
    """A confirmed stop, longer before the latest INR than the drug acts, when no other course is near."""
    given = courses(record, (kind,))
    if not given or not record.inr or any(within(course, record, days(course)) for course in given):
        return
    last = given[-1]
    if last.confirmed and last.end:
        gone = number((record.inr_at - last.end).total_seconds() / 86400)
        text = f"{last.name} stopped {day(last.end)}, confirmed, {gone} days before the latest INR"
        yield Evidence("stopped", text, ("ED",), (record.inr.draw.id,), "against")


def _onset(record: Recorded, course: DrugCourse) -> Evidence | None:
    """INR that rose between the start of an antibiotic and its days 3 to 10. [R33]"""
    reach = timedelta(days=SHARED.vitamin_k_baseline_days)
    before = [v for v in record.inrs if course.start - reach <= v.at <= course.start]
    first, last = (course.start + timedelta(days=d) for d in (OWN.onset_first - 1, OWN.onset_last))
    after = [v for v in record.inrs if first <= v.at <= last and before and v.series == before[-1].series]
    highest = max(after, key=lambda v: (v.number, v.at), default=None)
    if highest is None or not rose(before[-1], highest):
        return None
    nth = (highest.at.date() - course.start.date()).days + 1
    text = f"{change(before[-1], highest)}, by day {nth} of {course.name}"
    return speaks_for("onset", text, ("R33",), before[-1], highest)


def _rise_after(record: Recorded, course: DrugCourse) -> Iterator[Evidence]:
    """INR that went on rising once the infusion had stopped. [R34]"""
    if course.end is None:
        return
    after = [value for value in record.series if value.at >= course.end]
    if len(after) > 1 and rose(after[0], after[-1]):
        text = f"{change(after[0], after[-1])}, after the infusion had stopped ({day(course.end)})"
        yield speaks_against("rise_after_stop", text, ("R34",), after[0], after[-1])


def rose(first: MeasuredValue, last: MeasuredValue) -> bool:
    """A rise of INR that is more than noise: step 4 of the rule. [ED]"""
    if not first.exact or last.result.comparator[:1] == "<" or first.number <= 0:
        return False
    more = last.number - first.number >= SHARED.rise_difference - 1e-9
    return more and last.number / first.number >= SHARED.rise_ratio - 1e-9
