"""What the finding means: mechanism, variation, synthesis, setting, prognosis. [clinical.md 1, 4.2]"""

from collections.abc import Iterator
from datetime import timedelta

from .. import knowledge
from ..attribution import nearest
from ..confounders import day
from ..dissociation import Dissociation
from ..records import CHRONIC_LIVER_DISEASES, Case, Statement
from ..variation import ONE_SIDED_99, RCV, beyond
from ..verdict import inr, number, percent
from .saying import LIMITS, PATTERN, bad_sample, is_child, kinds, say, with_caveat

HOSPITAL_COHORT = ("cirrhosis", "advanced_fibrosis")


def meaning(case: Case, d: Dissociation) -> Iterator[Statement]:
    if d.grade in PATTERN:
        yield from _pattern(case, d)
    elif d.grade == "not_interpretable":
        text = (
            "This sample cannot be used for INR or clotting factors. "
            "ALT, AST, albumin and bilirubin can be read."
            if bad_sample(d)
            else "While this drug acts, INR cannot be read as liver function. "
            "ALT, AST, albumin and bilirubin can be read."
        )
        yield Statement("not_interpretable", text, ("S24", "ED"), d.draws)
    elif d.grade == "none":
        yield from _none(d)
        yield from _slow_drift(case, d)
    for reason in d.reasons:
        yield Statement(reason.code, reason.text, reason.sources, reason.draws)


def _pattern(case: Case, d: Dissociation) -> Iterator[Statement]:
    if d.inr_state == "non_recovering":
        text = (
            f"INR has stayed raised ({inr(d.inr_from)} → {inr(d.inr_to)}) while {d.enzyme} fell; it should "
            "fall as injury resolves."
        )
        yield Statement("non_recovering", text, ("S13", "ED"), d.draws)
    elif d.transaminase_state != "normal_throughout":
        yield say("S1", "meaning", d.draws)
    yield Statement("variation", _variation(d), ("R14", "R16", "R7", "ED"), d.draws)
    if d.transaminase_state == "normal_throughout":
        yield say("S8", "meaning", d.draws)
    else:
        yield say("S3", "meaning")
        yield say("S4", "meaning")
    yield say("S7", "meaning", *_synthesis(case, d))
    for evidence in d.evidence:
        yield Statement(evidence.code, evidence.text, evidence.sources, evidence.draws)
    yield from _scenario(case, d)
    yield from _prognosis(case, d)
    if _platelets_fell(case, d):
        yield say("S18", "meaning", d.draws)


def _variation(d: Dissociation) -> str:
    """How the changes compare with what happens in stable people. The fall is judged from a peak."""
    change = RCV("INR", two_laboratories=not d.one_series)
    place = "in one laboratory" if d.one_series else "between two laboratories"
    rose = d.inr_change_pct >= 0
    usual = (
        f"rise less than {percent(change.up * 100)}"
        if rose
        else f"fall less than {percent(change.down * 100)}"
    )
    inr_change = f"INR {percent(d.inr_change_pct)} (95 of 100 stable people {place} {usual})"
    if not d.one_series and change.down * 100 < d.inr_change_pct < change.up * 100:
        inr_change += ": no more than two laboratories differ by themselves"
    if d.enzyme_change_pct is None or d.transaminase_state == "normal_throughout":
        return f"{inr_change}."
    fall = RCV(d.enzyme, ONE_SIDED_99).down * 100
    usual = f"99 of 100 stable people fall less than {percent(fall)}"
    return f"{d.enzyme} {percent(d.enzyme_change_pct)} ({usual}), {inr_change}."


def _synthesis(case: Case, d: Dissociation) -> tuple[tuple[str, ...], str]:
    """Albumin and bilirubin over the same window, or that they were not measured."""
    words, draws = [], []
    for key, name, unit in (("albumin", "Albumin", "g/L"), ("bilirubin_total", "Bilirubin", "µmol/L")):
        first, last = _both_ends(case, key, d)
        if first is None or last is None:
            words.append(
                f"{name}: no value within 48 hours of both {day(d.baseline_at)} and {day(d.latest_at)}."
            )
            continue
        real = beyond(key, first[0].value, last[0].value)
        judged = "beyond" if real else "within"
        words.append(
            f"{name} {number(first[0].value)} → {number(last[0].value)} {unit} ({judged} expected variation)."
        )
        draws += [first[1].id, last[1].id]
    return tuple(dict.fromkeys(draws)), f"{with_caveat(knowledge.statement('S7'))} {' '.join(words)}"


def _both_ends(case: Case, analyte: str, d: Dissociation):
    reach = timedelta(hours=LIMITS.pairing_hours)
    ends = [nearest(case, analyte, at, reach) for at in (d.baseline_at, d.latest_at)]
    return [end if end[0] else None for end in ends]


def _platelets_fell(case: Case, d: Dissociation) -> bool:
    first, last = _both_ends(case, "platelets", d)
    if first is None or last is None or last[0].value >= first[0].value:
        return False
    return bool(beyond("platelets", first[0].value, last[0].value))


def _scenario(case: Case, d: Dissociation) -> Iterator[Statement]:
    """The sentence of the source document that fits the setting; the classifier is another module."""
    known = kinds(case) & set(CHRONIC_LIVER_DISEASES)
    if known and d.regime == "chronic" and d.transaminase_state != "normal_throughout":
        yield say("S8", "meaning", d.draws)
    elif known and d.regime != "chronic":
        yield say("S11", "meaning", d.draws)
    elif not known and d.regime != "chronic":
        yield say("S13", "meaning", d.draws)
    else:
        yield say("S2", "meaning", d.draws)


def _prognosis(case: Case, d: Dissociation) -> Iterator[Statement]:
    """Figures of the hospital cohort: for adults with cirrhosis or advanced fibrosis only, never under
    another cause of the INR or after a transplant. [R2]"""
    if not d.one_series:
        # A change between two laboratories carries no prognosis before it is repeated in one.
        return
    if d.inr_state == "rise":
        yield say("S14", "meaning", d.draws)
    cohort = kinds(case) & set(HOSPITAL_COHORT)
    transplanted = any(e.kind == "transplant" for e in case.events)
    if not cohort or transplanted or is_child(case, d) or d.inr_to is None or d.attribution == "confounded":
        return
    band = LIMITS.band_cirrhosis if "cirrhosis" in cohort else LIMITS.band_fibrosis
    if d.inr_to >= band - 1e-9:
        yield say("S9", "meaning", d.draws)
    if d.inr_to >= LIMITS.band_mortality - 1e-9:
        # Whether somebody is in hospital is not recorded here.
        text = f"If this patient is in hospital: {with_caveat(knowledge.statement('S15'))}"
        yield say("S15", "meaning", d.draws, text)


def _none(d: Dissociation) -> Iterator[Statement]:
    if d.transaminase_state in ("falling", "probably_falling"):
        yield say("X_enzymes_alone", "meaning", d.draws)


def _slow_drift(case: Case, d: Dissociation) -> Iterator[Statement]:
    """An INR that has crept up over years, too slowly for any window of the rule."""
    if d.inr_to is None or d.latest_at is None or d.inr_to < LIMITS.rise_floor - 1e-9:
        return
    oldest = d.latest_at - timedelta(days=LIMITS.chronic_lookback_days)
    reset = max((e.started_at for e in case.events if e.kind == "transplant"), default=None)
    earlier = [
        (result.value, draw.taken_at, draw.id)
        for draw in case.draws
        if draw.taken_at < oldest and (reset is None or draw.taken_at > reset)
        if (result := draw.result("INR")) and not result.comparator and result.value > 0
    ]
    if not earlier:
        return
    first, at, draw = min(earlier)
    if d.inr_to < first * LIMITS.rise_ratio - 1e-9 or d.inr_to - first < LIMITS.rise_difference - 1e-9:
        return
    text = (
        f"Over the whole record INR went from {inr(first)} ({day(at)}) to {inr(d.inr_to)} "
        f"({day(d.latest_at)}). The rule compares 18 months, so a drift this slow is not graded: judge it "
        "together with albumin, platelets and the laboratories used."
    )
    yield Statement("slow_drift", text, ("ED", "R7"), (draw, *d.draws[-1:]))
