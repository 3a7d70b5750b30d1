"""What the finding means here: its numbers against variation, and its evidence. [clinical.md 1, 4.2]"""

from collections.abc import Iterator
from datetime import timedelta

from interpretation.record.records import Case, Statement
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN
from interpretation.rule.variation import ONE_SIDED_99, RCV

from ..words import bounded_percent, day, inr, percent
from .saying import LIMITS, bad_sample, say, says

says(__name__, meaning="S1 X_enzymes_alone", cites="S13 S24 R7 R14 R16 ED")

LIMITS.read_by(__name__, "chronic_lookback_days rise_ratio rise_difference rise_floor")

# In the place of a percentage.
UNTOLD = "change cannot be told from a bound"


def meaning(case: Case, d: Dissociation) -> Iterator[Statement]:
    if d.grade in PATTERN:
        yield from _pattern(d)
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


def _pattern(d: Dissociation) -> Iterator[Statement]:
    if d.inr_state == "non_recovering":
        text = (
            f"INR has stayed raised ({inr(d.inr_from, d.inr_signs[0])} → {inr(d.inr_to, d.inr_signs[1])}) while "
            f"{d.enzyme} fell; it should fall as injury resolves."
        )
        yield Statement("non_recovering", text, ("S13", "ED"), d.draws)
    elif d.transaminase_state != "quiet":
        yield say("S1", "meaning", d.draws)
    yield Statement("variation", _variation(d), ("R14", "R16", "R7", "ED"), d.draws)
    for evidence in d.evidence:
        yield Statement(evidence.code, evidence.text, evidence.sources, evidence.draws)


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
    told = bounded_percent(d.inr_change_pct, d.inr_signs)
    inr_change = f"INR {told or UNTOLD} (95 of 100 stable people {place} {usual})"
    if not d.one_series and change.down * 100 < d.inr_change_pct < change.up * 100:
        inr_change += ": no more than two laboratories differ by themselves"
    if d.enzyme_change_pct is None or d.transaminase_state == "quiet":
        return f"{inr_change}."
    fall = RCV(d.enzyme, ONE_SIDED_99).down * 100
    usual = f"99 of 100 stable people fall less than {percent(fall)}"
    told = bounded_percent(d.enzyme_change_pct, d.enzyme_signs)
    return f"{d.enzyme} {told or UNTOLD} ({usual}), {inr_change}."


def _none(d: Dissociation) -> Iterator[Statement]:
    if d.transaminase_state in ("falling", "probably_falling"):
        yield say("X_enzymes_alone", "meaning", d.draws)


def _slow_drift(case: Case, d: Dissociation) -> Iterator[Statement]:
    """An INR that has crept up over years, too slowly for any window of the rule."""
    if d.inr_to is None or d.latest_at is None or d.inr_to < LIMITS.rise_floor - 1e-9:
        return
    if d.inr_state == "rise":
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
    recent = case.measured_between("INR", oldest, d.latest_at)
    lately = [result.value for _, result in recent if not result.comparator]
    # An INR of these 18 months that is nearer to the old one than to today's: no drift but a swing.
    lowest = min([d.inr_to, *lately])
    if lowest - first < (d.inr_to - first) / 2 - 1e-9:
        return
    if d.inr_to < first * LIMITS.rise_ratio - 1e-9 or d.inr_to - first < LIMITS.rise_difference - 1e-9:
        return
    text = (
        f"Over the whole record INR went from {inr(first)} ({day(at)}) to {inr(d.inr_to, d.inr_signs[1])} "
        f"({day(d.latest_at)}). The rule compares 18 months, so a drift this slow is not graded: judge it "
        "together with albumin, platelets and the laboratories used."
    )
    yield Statement("slow_drift", text, ("ED", "R7"), (draw, *d.draws[-1:]))
