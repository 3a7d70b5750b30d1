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
    finding,
    finding_in,
    label_parts,
    named,
    within,
)
from interpretation.evidence import Evidence
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
)


@facts("vka")
def vitamin_k_antagonist(record: Recorded) -> Iterator[Evidence]:
    yield from entries(_vka(record), "vka", "courses")
    found = record.factors
    if found.pattern == "vitamin_k":
        yield finding("vka", "factor_pattern", *found.values, factors=found.words)
    elif found.v and found.v_low:
        yield finding("vka", "factor_v_low", found.v, factor=found.v.words)
    yield from _stopped(record, "vka", _vka_days)


@facts("unrecorded_antagonist")
def unrecorded_antagonist(record: Recorded) -> Iterator[Evidence]:
    """The factor pattern of an antagonist with none recorded; one that is recorded explains it. [6.2]"""
    cause, found, known = "unrecorded_antagonist", record.factors, _vka(record)
    if found.pattern == "vitamin_k" and known:
        words = {"factors": found.words, "known": "; ".join(known)}
        yield finding(cause, "recorded_antagonist", *found.values, **words)
    elif found.pattern == "vitamin_k":
        yield finding(cause, "factor_pattern", *found.values, factors=found.words)
    elif found.v and found.v_low:
        yield finding(cause, "factor_v_low", found.v, factor=found.v.words)


@facts("doac")
def direct_oral_anticoagulant(record: Recorded) -> Iterator[Evidence]:
    chosen = [course for course in courses(record, ("doac",)) if within(course, record, _doac_days(course))]
    yield from entries([course_words(course, record) for course in chosen], "doac", "courses")
    yield from _stopped(record, "doac", _doac_days)


@facts("direct_thrombin_inhibitor")
def direct_thrombin_inhibitor(record: Recorded) -> Iterator[Evidence]:
    found = events(record, ("direct_thrombin_inhibitor",), SHARED.thrombin_inhibitor_hours / 24)
    yield from entries(found, "direct_thrombin_inhibitor", "courses")
    aptt = record.near("aptt", SHARED.merge_hours) if found else None
    if aptt and aptt.is_above_limit(record.case):
        yield finding("direct_thrombin_inhibitor", "aptt_long", aptt, aptt=aptt.words)


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
    yield from entries(new, "warfarin_interaction", "courses")


@facts("antibiotics")
def antibiotics(record: Recorded) -> Iterator[Evidence]:
    chosen = [c for c in courses(record, ("antibiotic",)) if within(c, record, SHARED.soft_days)]
    for course in chosen:
        words = course_words(course, record)
        if named(course.name, label_parts("nmtt")):
            yield finding("antibiotics", "recorded.nmtt", course=words)
        else:
            yield from entries([words], "antibiotics", "courses")
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
        words = {"stopped": day(max(over)), "given": day(trial.dose_at)}
        yield finding_in("antibiotics", "no_recovery", trial.draws, **words)


@facts("tigecycline")
def tigecycline(record: Recorded) -> Iterator[Evidence]:
    given = [c for c in courses(record, ("tigecycline",)) if within(c, record, SHARED.soft_days)]
    yield from entries([course_words(course, record) for course in given], "tigecycline", "courses")
    fibrinogen = [
        value
        for value in record.lately("fibrinogen")
        if any(c.start <= value.at and (c.end is None or value.at <= c.end) for c in given)
    ]
    if fibrinogen and fibrinogen[-1].below(OWN.tigecycline_fibrinogen):
        words = {"fibrinogen": fibrinogen[-1].words, "limit": number(OWN.tigecycline_fibrinogen, 1)}
        yield finding("tigecycline", "fibrinogen_low", fibrinogen[-1], **words)
    elif fibrinogen and fibrinogen[-1].at_least(OWN.tigecycline_fibrinogen):
        yield finding("tigecycline", "fibrinogen_kept", fibrinogen[-1], fibrinogen=fibrinogen[-1].words)


@facts("nac")
def nac(record: Recorded) -> Iterator[Evidence]:
    """The infusion, the peak of ALT around it, and whether INR went on rising once it had stopped. [R34]"""
    given = courses(record, ("nac",))
    near = [course for course in given if within(course, record, SHARED.nac_hours / 24)]
    yield from entries([course_words(course, record) for course in near], "nac", "courses")
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
        yield finding("nac", "alt_low", peak, peak=peak.words, limit=number(OWN.nac_alt))
    elif multiple >= OWN.nac_alt - 1e-9 and peak.result.comparator[:1] != "<":
        yield finding("nac", "alt_high", peak, peak=peak.words, times=peak.times(multiple))


@facts("paracetamol")
def paracetamol(record: Recorded) -> Iterator[Evidence]:
    """The drug or its poisoning, and whether the liver was injured. [R34, GK]"""
    drugs = [c for c in courses(record, ("hepatotoxic_drug",)) if named(c.name, label_parts("paracetamol"))]
    taken = [course_words(course, record) for course in drugs if within(course, record, SHARED.soft_days)]
    taken += coded(record, "paracetamol", SHARED.soft_days)
    yield from entries(taken, "paracetamol", "exposures")
    alts = record.lately("ALT") if taken else []
    peak = max(alts, key=lambda v: (v.number, v.at), default=None)
    if peak and peak.is_within_limit(record.case):
        yield finding("paracetamol", "alt_normal", peak, peak=peak.words)
    elif peak and peak.is_above_limit(record.case):
        yield finding("paracetamol", "alt_raised", peak, peak=peak.words)


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
        words = {"drug": last.name, "stopped": day(last.end), "days": gone}
        yield finding(kind, "stopped", record.inr, **words)


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
    words = {"change": change(before[-1], highest), "nth": nth, "drug": course.name}
    return finding("antibiotics", "onset", before[-1], highest, **words)


def _rise_after(record: Recorded, course: DrugCourse) -> Iterator[Evidence]:
    """INR that went on rising once the infusion had stopped. [R34]"""
    if course.end is None:
        return
    after = [value for value in record.series if value.at >= course.end]
    if len(after) > 1 and rose(after[0], after[-1]):
        words = {"change": change(after[0], after[-1]), "stopped": day(course.end)}
        yield finding("nac", "rise_after_stop", after[0], after[-1], **words)


def rose(first: MeasuredValue, last: MeasuredValue) -> bool:
    """A rise of INR that is more than noise: step 4 of the rule. [ED]"""
    if not first.exact or last.result.comparator[:1] == "<" or first.number <= 0:
        return False
    more = last.number - first.number >= SHARED.rise_difference - 1e-9
    return more and last.number / first.number >= SHARED.rise_ratio - 1e-9
