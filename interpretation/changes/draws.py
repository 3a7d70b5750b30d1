"""Changes by the next draw: at which INR the rule would grade it otherwise."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interpretation.record.records import ANTICOAGULANTS, Case, Draw, Result
from interpretation.rule import confounders
from interpretation.rule.dissociation import Dissociation, assess
from interpretation.rule.pairing import ENZYMES

from ..knowledge import limits
from ..words import day, enzyme, inr, span, upper_first
from .asking import WhatIf, WhatIfQuestion

LIMITS = limits("changes").read_by(__name__, "lowest_inr inr_reach")
RULE = limits("dissociation").read_by(
    __name__,
    "vka_days_warfarin vka_days_acenocoumarol vka_days_phenprocoumon doac_hours doac_hours_kidney "
    "thrombin_inhibitor_hours",
)
# Days after a confirmed stop at which the INR may be readable again, the shortest first.
WAITS = sorted(
    {
        RULE.vka_days_acenocoumarol,
        RULE.vka_days_warfarin,
        RULE.vka_days_phenprocoumon,
        RULE.doac_hours / 24,
        RULE.doac_hours_kidney / 24,
        RULE.thrombin_inhibitor_hours / 24,
    }
)


@dataclass(frozen=True)
class InrSpan:
    """INRs in tenths, both ends included, that the rule grades alike."""

    first: int
    last: int
    found: Dissociation
    case: Case
    lowest: bool = False

    @property
    def words(self) -> str:
        if self.lowest:
            return f"{inr(self.last / 10)} or less"
        if self.found.grade == "critical":
            return f"{inr(self.first / 10)} or more"
        if self.first == self.last:
            return inr(self.first / 10)
        return f"{inr(self.first / 10)} to {inr(self.last / 10)}"


def draw_changes(question: WhatIfQuestion) -> list[WhatIf]:
    found: list[WhatIf | None]
    if question.found.grade == "not_interpretable":
        found = list(_after_stop(question))
    elif question.found.grade == "not_assessable":
        found = [_second_draw(question)]
    else:
        found = [*_next_draw(question), *_in_baseline_laboratory(question)]
        found.append(_trend(question, found))
    return [change for change in found if change]


def _next_draw(question: WhatIfQuestion) -> Iterator[WhatIf | None]:
    at = question.next_at()
    masked = bool(confounders.masking(question.case, question.pair.at))
    if confounders.hard(question.case, at, {}):
        return
    for segment in _segments(question, lambda value: question.next_draws(at, value), at):
        kind = "after_products" if masked else "next_draw"
        yield question.change(kind, segment.case, segment.found, day=day(at), inr=segment.words)


def _in_baseline_laboratory(question: WhatIfQuestion) -> Iterator[WhatIf | None]:
    """Where two laboratories were compared: a repeat in the one in which the comparison began."""
    first = question.found.draws[:1]
    laboratory = next((d.laboratory for d in question.case.draws if d.id in first), "")
    if question.found.one_series or laboratory in ("", question.laboratory):
        return
    at = question.next_at()
    for segment in _segments(question, lambda value: question.next_draws(at, value, laboratory), at):
        words = {"laboratory": laboratory, "day": day(at), "inr": segment.words}
        yield question.change("baseline_laboratory", segment.case, segment.found, **words)


def _trend(question: WhatIfQuestion, found: list[WhatIf | None]) -> WhatIf | None:
    """A further draw on the same course, where no INR alone would establish the finding."""
    now = question.found
    reached = any(change and change.to_grade == "established" for change in found)
    course = _course(now)
    if now.base_grade != "possible" or reached or course is None:
        return None
    share, value = course
    measured = question.pair.enzymes
    enzymes = {key: measured[key].value * min(share, 1) for key in ENZYMES if _exact(measured.get(key))}
    at = question.next_at()
    case = question.case_with(*question.next_draws(at, value, None, **enzymes), at=at)
    named = [f"{key} {enzyme(enzymes[key])} U/L" for key in ENZYMES if key in enzymes]
    change = question.change("trend", case, values=", ".join([*named, f"INR {inr(value)}"]), day=day(at))
    return change if change and change.after == "established" else None


def _exact(result: Result | None) -> bool:
    return result is not None and not result.comparator


def _course(now: Dissociation) -> tuple[float, float] | None:
    """One step more like those before: the share of the enzyme that stays, and the INR."""
    if any((*now.enzyme_signs, *now.inr_signs)):
        return None
    if not now.enzyme_from or not now.inr_from or now.enzyme_to is None or now.inr_to is None:
        return None
    steps = max((now.trend.n if now.trend else 2) - 1, 1)
    share: float = (now.enzyme_to / now.enzyme_from) ** (1 / steps)
    return share, round(now.inr_to + max((now.inr_to - now.inr_from) / steps, 0.1), 1)


def _second_draw(question: WhatIfQuestion) -> WhatIf | None:
    at = question.next_at()
    case = question.case_with(*question.next_draws(at, question.pair.inr.value), at=at)
    return question.change("second_draw", case, day=day(at))


def _after_stop(question: WhatIfQuestion) -> Iterator[WhatIf | None]:
    """Every anticoagulant that now hides the INR confirmed stopped, and a draw once its reach has passed."""
    case = question.case
    hidden = {c.key for c in confounders.hard(case, question.pair.at, question.pair.sample.results)}
    drugs = hidden & set(ANTICOAGULANTS)
    if not drugs:
        yield from _next_draw(question)
        return
    stopped = replace(
        case,
        events=tuple(
            replace(e, ended_at=e.ended_at or case.as_of, stop_confirmed=True) if e.kind in drugs else e
            for e in case.events
        ),
    )
    wait = next((w for w in WAITS if not confounders.hard(stopped, _after(case, w), {})), None)
    if wait is None:
        return
    at = max(_after(case, wait), question.next_at())
    names = " and ".join(dict.fromkeys(e.label or e.kind for e in stopped.events if e.kind in drugs))
    words = {"drug": upper_first(names), "wait": span(at - case.as_of), "day": day(at)}
    then = WhatIfQuestion(stopped, question.found)
    for segment in _segments(then, lambda value: question.next_draws(at, value), at):
        yield question.change("stop_confirmed", segment.case, segment.found, inr=segment.words, **words)


def _after(case: Case, days: float) -> datetime:
    return case.as_of + timedelta(days=days, hours=1)


def _segments(question: WhatIfQuestion, draws: Callable[[float], list[Draw]], at: datetime) -> list[InrSpan]:
    """The range of near INRs cut where the grade changes: each cut is searched by halves."""
    asked: dict[int, tuple[Dissociation, Case]] = {}

    def ask(tenths: int) -> str:
        if tenths not in asked:
            case = question.case_with(*draws(tenths / 10), at=at)
            asked[tenths] = assess(case), case
        return asked[tenths][0].grade

    def cuts(low: int, high: int) -> list[int]:
        if ask(low) == ask(high):
            return []
        if high - low == 1:
            return [high]
        middle = (low + high) // 2
        return cuts(low, middle) + cuts(middle, high)

    low = round(LIMITS.lowest_inr * 10)
    high = max(low + 1, round((question.pair.inr.value + LIMITS.inr_reach) * 10))
    starts = [low, *cuts(low, high)]
    ends = [start - 1 for start in starts[1:]] + [high]
    # What was asked at the cut itself speaks for its segment.
    picks = [end if start == low else start for start, end in zip(starts, ends, strict=True)]
    found = [
        InrSpan(start, end, *asked[pick], lowest=start == low)
        for start, end, pick in zip(starts, ends, picks, strict=True)
    ]
    # Within a segment only the grade is the same throughout.
    return [segment for segment in found if segment.found.grade != question.found.grade]
