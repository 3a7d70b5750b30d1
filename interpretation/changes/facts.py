"""Changes by a fact or a verdict: causes excluded or contributing, vitamin K, albumin, encephalopathy."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from interpretation.record.records import Case, Draw, Event, Result, Review
from interpretation.rule import confounders, soft_confounders
from interpretation.rule.comparison import TOLERANCE
from interpretation.rule.dissociation import Dissociation, assess
from interpretation.rule.grading import cause_name
from interpretation.rule.variation import RCV

from ..knowledge import limits, load
from ..words import inr, listed, number, value
from .asking import AXES, WhatIf, WhatIfQuestion

LIMITS = limits("changes").read_by(__name__, "vitamin_k_hours")
load("causes").read_by(__name__, "cause")
RULE = limits("dissociation").read_by(__name__, "pairing_hours vitamin_k_response vitamin_k_response_inr")
SHOWS = ("possible", "established", "critical")
ALBUMIN = ("albumin", "bilirubin_total")


def fact_changes(question: WhatIfQuestion) -> list[WhatIf]:
    if question.found.grade not in SHOWS:
        return []
    found = [
        _exclude(question),
        *_vitamin_k(question),
        _albumin(question),
        _encephalopathy(question),
        _contributing(question),
    ]
    return [change for change in found if change]


def _exclude(question: WhatIfQuestion) -> WhatIf | None:
    """The fewest open causes whose exclusion lifts every soft cap."""
    doubts = {cap.code.removeprefix("soft:") for cap in question.found.caps if cap.code.startswith("soft:")}
    cleared = _cleared_by_cause(question, doubts) if doubts else {}
    chosen: list[str] = []
    while doubts:
        cause = max(cleared, key=lambda key: len(cleared[key] & doubts), default=None)
        if cause is None or not cleared[cause] & doubts:
            return None
        chosen.append(cause)
        doubts = doubts - cleared.pop(cause)
    if not chosen:
        return None
    case = question.case_with(reviews=_judged(chosen, "excluded", question))
    return question.change("exclude", case, causes=_named(chosen))


def _cleared_by_cause(question: WhatIfQuestion, doubts: set[str]) -> dict[str, set[str]]:
    """Which doubts go once a cause is excluded: asked of the rule's own confounders, not listed here."""
    at = question.found.latest_at
    cleared = {}
    for cause in _open_causes(question.case):
        case = question.case_with(reviews=_judged([cause], "excluded", question))
        cleared[cause] = doubts - {c.key for c in soft_confounders.soft(case, at)}
    return cleared


def _open_causes(case: Case) -> list[str]:
    latest = {r.cause: r.verdict for r in sorted(case.reviews, key=lambda r: r.on)}
    return [key for key in load("causes")["cause"] if latest.get(key, "pending") == "pending"]


def _judged(causes: list[str], verdict: str, question: WhatIfQuestion) -> tuple[Review, ...]:
    return tuple(Review(cause, verdict, question.case.as_of) for cause in causes)


def _named(causes: list[str]) -> str:
    return listed([f"“{cause_name(cause)}”" for cause in causes])


def _contributing(question: WhatIfQuestion) -> WhatIf | None:
    """Held back as soon as a person judges any cause to contribute: the first open one stands for all."""
    causes = _open_causes(question.case)[:1]
    if not causes or question.found.attribution == "confounded":
        return None
    case = question.case_with(reviews=_judged(causes, "contributing", question))
    change = question.change("contributing", case, causes=_named(causes))
    # That the attribution follows a verdict goes without saying.
    return change if change and change.axis != "attribution" else None


def _vitamin_k(question: WhatIfQuestion) -> Iterator[WhatIf | None]:
    """A dose now and the next INR: an answer, or none."""
    measured, hours = question.pair.inr, LIMITS.vitamin_k_hours
    now = measured.value
    dose_at = max(question.case.as_of, question.pair.at)
    at = dose_at + timedelta(hours=hours)
    if question.found.vitamin_k or now <= RULE.vitamin_k_response_inr or _unreadable(question, at):
        return
    fallen = math.floor(now * (1 - RULE.vitamin_k_response) * 10 + TOLERANCE) / 10
    answered = max(fallen, RULE.vitamin_k_response_inr)
    dose = Event("vitamin_k", dose_at, route="iv")
    fall, stay = inr(answered), value(measured)
    for kind, after, told in (("vitamin_k_fall", answered, fall), ("vitamin_k_none", now, stay)):
        draws = question.next_draws(at, after)
        case = question.case_with(*draws, at=at, event=dose)
        found = assess(case)
        if found.vitamin_k and (kind == "vitamin_k_fall" or _due_to(dose, case, found)):
            yield question.change(kind, case, found, inr=told, hours=number(hours))


def _due_to(dose: Event, case: Case, found: Dissociation) -> bool:
    """Whether the dose makes the difference, and not the draw after it alone."""
    without = assess(replace(case, events=tuple(event for event in case.events if event is not dose)))
    return any(getattr(found, axis) != getattr(without, axis) for axis in AXES)


def _unreadable(question: WhatIfQuestion, at: datetime) -> bool:
    case = question.case
    return bool(confounders.masking(case, question.pair.at) or confounders.hard(case, at, {}))


def _albumin(question: WhatIfQuestion) -> WhatIf | None:
    """Albumin and bilirubin, known at the baseline, measured beside the latest draw. [S7]"""
    case, found = question.case, question.found
    reach = timedelta(hours=RULE.pairing_hours)
    first, bilirubin = (case.nearest(key, found.baseline_at, reach)[0] for key in ALBUMIN)
    measured = [case.nearest(key, found.latest_at, reach)[0] for key in ALBUMIN]
    if first is None or bilirubin is None or None not in measured or not first.value:
        return None
    # The next whole g/L beyond the reference change.
    albumin = math.ceil(first.value * (1 + RCV("albumin").down)) - 1
    low, high = Result("albumin", albumin), Result("bilirubin_total", bilirubin.value + 1)
    made = tuple(new for new, known in zip((low, high), measured, strict=True) if known is None)
    draw = Draw(found.latest_at, made, laboratory=question.laboratory, id="beside-latest")
    words = number(albumin), value(bilirubin)
    return question.change("albumin", question.case_with(draw), albumin=words[0], bilirubin=words[1])


def _encephalopathy(question: WhatIfQuestion) -> WhatIf | None:
    case = question.case_with(event=Event("encephalopathy", question.case.as_of, grade=1))
    return question.change("encephalopathy", case)
