"""What the finding means here: its numbers against variation, and its evidence. [clinical.md 1, 4.2]"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from interpretation.record.records import Case, Statement
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN
from interpretation.rule.variation import ONE_SIDED_99, known_change

from ..words import bounded_percent, day, inr, percent
from .saying import LIMITS, PanelSection, bad_sample

PANEL = PanelSection(__name__, "meaning")

LIMITS.read_by(__name__, "chronic_lookback_days rise_ratio rise_difference rise_floor")

# In the place of a percentage.
UNTOLD = "change cannot be told from a bound"
# An earlier INR: its value, when it was, and of which draw.
Earlier = tuple[float, datetime, str]


def meaning(case: Case, d: Dissociation) -> Iterator[Statement]:
    if d.grade in PATTERN:
        yield from _pattern(d)
    elif d.grade == "not_interpretable":
        yield PANEL.own("not_interpretable.sample" if bad_sample(d) else "not_interpretable.drug", d.draws)
    elif d.grade == "none":
        yield from _none(d)
        yield from _slow_drift(case, d)
    for reason in d.reasons:
        yield Statement(reason.code, reason.text, reason.sources, reason.draws)


def _pattern(d: Dissociation) -> Iterator[Statement]:
    if d.inr_state == "non_recovering" and d.inr_from is not None and d.inr_to is not None:
        before, now = inr(d.inr_from, d.inr_signs[0]), inr(d.inr_to, d.inr_signs[1])
        yield PANEL.own("non_recovering", d.draws, before=before, now=now, enzyme=d.enzyme)
    elif d.transaminase_state != "quiet":
        yield PANEL.general("less_inflammation", d.draws)
    yield _variation(d)
    for evidence in d.evidence:
        yield Statement(evidence.code, evidence.text, evidence.sources, evidence.draws)


def _variation(d: Dissociation) -> Statement:
    """How the changes compare with what happens in stable people. The fall is judged from a peak."""
    words = _inr_words(d)
    if d.enzyme_change_pct is None or d.transaminase_state == "quiet":
        return PANEL.own("variation.inr", d.draws, **words)
    words["enzyme"] = d.enzyme
    words["fall"] = bounded_percent(d.enzyme_change_pct, d.enzyme_signs) or UNTOLD
    words["least"] = percent(known_change(d.enzyme, ONE_SIDED_99).down * 100)
    return PANEL.own("variation.both", d.draws, **words)


def _inr_words(d: Dissociation) -> dict[str, str]:
    change = known_change("INR", two_laboratories=not d.one_series)
    rises, falls = change.up * 100, change.down * 100
    changed = d.inr_change_pct or 0.0
    place = "in one laboratory" if d.one_series else "between two laboratories"
    usual = f"rise less than {percent(rises)}" if changed >= 0 else f"fall less than {percent(falls)}"
    no_more = not d.one_series and falls < changed < rises
    return {
        "change": bounded_percent(d.inr_change_pct, d.inr_signs) or UNTOLD,
        "usual": f"{place} {usual}",
        "noise": ": no more than two laboratories differ by themselves" if no_more else "",
    }


def _none(d: Dissociation) -> Iterator[Statement]:
    if d.transaminase_state in ("falling", "probably_falling"):
        yield PANEL.general("enzymes_alone", d.draws)


def _slow_drift(case: Case, d: Dissociation) -> Iterator[Statement]:
    """An INR that has crept up over years, too slowly for any window of the rule."""
    if d.inr_to is None or d.latest_at is None or d.inr_state == "rise":
        return
    oldest = d.latest_at - timedelta(days=LIMITS.chronic_lookback_days)
    lowest = min(_before_the_windows(case, oldest), default=None)
    if lowest is None or not _has_drifted(lowest[0], d.inr_to):
        return
    if _has_swung(case, lowest[0], d.inr_to, (oldest, d.latest_at)):
        return
    first, at, draw = lowest
    words = {"first": inr(first), "began": day(at)}
    words |= {"last": inr(d.inr_to, d.inr_signs[1]), "ended": day(d.latest_at)}
    yield PANEL.own("slow_drift", (draw, *d.draws[-1:]), **words)


def _before_the_windows(case: Case, oldest: datetime) -> Iterator[Earlier]:
    """Measured INRs of before, since the last transplant."""
    reset = max((e.started_at for e in case.events if e.kind == "transplant"), default=None)
    for draw in case.draws:
        result = draw.result("INR")
        if result is None or draw.taken_at >= oldest or (reset is not None and draw.taken_at <= reset):
            continue
        if not result.comparator and result.value > 0:
            yield result.value, draw.taken_at, draw.id


def _has_drifted(first: float, last: float) -> bool:
    """By what would be a rise within a window."""
    return (
        last >= LIMITS.rise_floor - 1e-9
        and last >= first * LIMITS.rise_ratio - 1e-9
        and last - first >= LIMITS.rise_difference - 1e-9
    )


def _has_swung(case: Case, first: float, last: float, window: tuple[datetime, datetime]) -> bool:
    """An INR of these 18 months is nearer to the old one than to today's: no drift but a swing."""
    lately = [result.value for _, result in case.measured_between("INR", *window) if not result.comparator]
    return min([last, *lately]) - first < (last - first) / 2 - 1e-9
