"""Urgency, an axis of its own beside grade and attribution: how soon somebody must act. [clinical.md 4.4 c]

INR, bilirubin and organs decide it, whatever the enzymes do; it is read for one draw and for a hundred, and
it ages: what nobody has measured again cannot be "today" for ever.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interpretation.knowledge import limits, load
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.reasons import Reason
from interpretation.words import day
from interpretation.words import value as value_text

from .facts import UrgencyFacts
from .inr_now import InrNow
from .reasons import Situation, reasons

LIMITS = limits("urgency").read_by(__name__, "fresh_days stale_days")
load("urgency").read_by(__name__, "level reason")
FRESH_DAYS = LIMITS.fresh_days
# The most urgent first.
LEVELS = ("today", "24_to_48_h", "1_to_2_weeks", "4_weeks", "routine")
# These need a fresh result.
PRESSING = LEVELS[:2]

__all__ = ["FRESH_DAYS", "LEVELS", "InrNow", "Urgency", "UrgencyFacts", "urgency_of", "with_course"]


@dataclass(frozen=True)
class Urgency:
    """How soon to act. `level` is one of LEVELS; `reasons` are those of that level, the first the foremost.

    `course` of the INR: "rising", "non_recovering" or ""; `window` names the longest in which it rises.
    `in_short` says why in a few words; `readable`: the latest INR can be read. `was`: what it would be with a
    fresh result, where it has aged. `last_result_at`: the latest ALT, AST, INR or bilirubin.
    """

    level: str
    reasons: tuple[Reason, ...] = ()
    course: str = ""
    window: str = ""
    readable: bool = True
    inr: float | None = None
    inr_sign: str = ""
    inr_at: datetime | None = None
    in_short: str = ""
    was: str = ""
    last_result_at: datetime | None = None

    @property
    def name(self) -> str:
        return str(load("urgency")["level"][self.level]["name"])

    @property
    def act(self) -> str:
        return str(load("urgency")["level"][self.level]["act"])


def with_course(found: Dissociation, now: InrNow) -> Dissociation:
    """The grade with what the INR does by itself, where the grade alone would reassure."""
    return replace(found, inr_rises=True) if found.grade == "none" and now.rising else found


def urgency_of(found: Dissociation, now: InrNow, facts: UrgencyFacts, kind: str) -> Urgency:
    """The level of a case with its reasons; `kind` of scenario decides whether an acute injury counts."""
    reading = facts.reading
    situation = Situation(found, now, facts, kind)
    last = facts.last_at
    level, why = _worst(_all_reasons(situation))
    was = ""
    age = reading.case.as_of - last if last else timedelta.max
    if last and age > timedelta(days=LIMITS.fresh_days):
        level, why, was = _aged(situation, level, why, last, age)
    return Urgency(
        level=level,
        reasons=why,
        course="rising" if now.rising else "non_recovering" if situation.non_recovering else "",
        window=now.rising[-1][0] if now.rising else "",
        readable=now.is_readable,
        inr=now.level if now.sample else None,
        inr_sign=now.sample.results["INR"].comparator if now.sample else "",
        inr_at=now.sample.at if now.sample else None,
        in_short=_in_short(situation),
        was=was,
        last_result_at=last,
    )


def _all_reasons(situation: Situation) -> Iterator[Reason]:
    """A masked INR may be falsely low: the last one before the blood products is read as well."""
    yield from reasons(situation)
    if situation.now.is_masked:
        reading = situation.facts.reading
        before = situation.now.before_masking
        if before.sample:
            facts = UrgencyFacts(reading, before, situation.facts.clock)
            seen = {reason.code for reason in reasons(situation)}
            own = reasons(Situation(situation.found, before, facts, situation.kind))
            yield from (reason for reason in own if reason.code not in seen)


def _worst(found: Iterable[Reason]) -> tuple[str, tuple[Reason, ...]]:
    """The most urgent level among these reasons, and those of that level."""
    rows = load("urgency")["reason"]
    levels = [(LEVELS.index(rows[reason.code]["level"]), reason) for reason in found]
    if not levels:
        return "routine", ()
    first = min(place for place, _ in levels)
    return LEVELS[first], tuple(reason for place, reason in levels if place == first)


def _aged(
    situation: Situation, level: str, why: tuple[Reason, ...], last: datetime, age: timedelta
) -> tuple[str, tuple[Reason, ...], str]:
    """After two weeks without a result nothing is for today any more, but somebody must call."""
    if age > timedelta(days=LIMITS.stale_days):
        return "routine", (), ""
    facts = UrgencyFacts(situation.facts.reading, situation.now, last)
    then, _ = _worst(_all_reasons(Situation(situation.found, situation.now, facts, situation.kind)))
    pressing = min((each for each in (level, then) if each in PRESSING), key=LEVELS.index, default="")
    if not pressing:
        worst = min(level, then, key=LEVELS.index)
        return worst, why, ""
    row = load("urgency")["reason"]["no_result_since"]
    name = str(load("urgency")["level"][pressing]["name"]).lower()
    text = row["text"].format(level=name, day=day(last))
    reason = Reason("no_result_since", text, tuple(row["sources"]), _drawn_at(situation, last))
    return "1_to_2_weeks", (reason, *why), pressing


def _drawn_at(situation: Situation, at: datetime) -> tuple[str, ...]:
    return tuple(draw.id for draw in situation.facts.case.between(at, at))


def _in_short(s: Situation) -> str:
    """ "INR 2.6 rising, bilirubin 376": what a row of a list has room for."""
    parts = []
    value = s.now.value if s.now.is_readable else s.now.last_value
    if value:
        course = " rising" if s.now.rising and s.now.is_readable else ""
        parts.append(f"INR {value.amount}{course if s.now.is_readable else ' not readable'}")
    if s.facts.bilirubin and s.facts.jaundiced:
        parts.append(f"bilirubin {value_text(s.facts.bilirubin.result)}")
    if s.facts.encephalopathy:
        parts.append("encephalopathy")
    if s.facts.recent_peak:
        parts.append(f"{s.facts.recent_peak.result.analyte} peak {s.facts.recent_peak.amount}")
    return ", ".join(parts)
