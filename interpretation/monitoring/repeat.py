"""The earlier repeat of ALT, AST and INR that the urgency asks for. Product defaults [ED]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from interpretation.knowledge import limits, load
from interpretation.monitoring.known import KnownTests
from interpretation.record.date_alone import DateAlone

LIMITS = limits("dissociation").read_by(__name__, "acute_pairing_hours pairing_hours")
load("monitoring").read_by(__name__, "repeat")
# To the hour or to the day.
Moment = TypeVar("Moment", datetime, date)


@dataclass(frozen=True)
class Repeat:
    """The earlier repeat of ALT, AST and INR that the urgency asks for; overdue after `due_at`. After a draw
    without an hour both moments are days."""

    words: str
    from_at: datetime
    due_at: datetime
    state: str
    sources: tuple[str, ...]


def repeat_for(known: KnownTests, level: str, acute: bool = False) -> Repeat | None:
    """By the level of urgency, which overrides the usual interval; `acute`: an acute course or one in which
    organs fail, where hours count. None at "routine". [clinical.md 4.4 c]"""
    rules = load("monitoring")["repeat"]
    rule = (rules.get(f"{level}_acute") if acute else None) or rules.get(level)
    last_at = _last_pair_at(known, acute) if rule else None
    if last_at is None:
        return None
    unit = timedelta(hours=1) if rule["unit"] == "h" else timedelta(days=1)
    soon_at, from_at, due_at = (
        last_at + unit * amount for amount in (rule["from"] - rule["soon"], rule["from"], rule["to"])
    )
    late = max(unit * rule["to"] / 2, unit)
    steps = (soon_at, from_at, due_at, due_at + late)
    now = known.as_of
    state = _repeat_state(now, steps) if rule["unit"] == "h" else _repeat_state(now.date(), _dates(steps))
    if isinstance(last_at, DateAlone):
        from_at, due_at = DateAlone.of(from_at), DateAlone.of(due_at)
    return Repeat(rule["words"], from_at, due_at, state, tuple(rule["sources"]))


def _repeat_state(now: Moment, steps: Sequence[Moment]) -> str:
    soon, start, end, late = steps
    if now < start:
        return "due_soon" if now >= soon else "up_to_date"
    if now <= end:
        return "due"
    return "overdue" if now <= late else "long_overdue"


def _dates(steps: tuple[datetime, ...]) -> tuple[date, ...]:
    return tuple(step.date() for step in steps)


def _last_pair_at(known: KnownTests, acute: bool) -> datetime | None:
    """When INR and ALT or AST were last measured together; else when any of them was."""
    within = timedelta(hours=LIMITS.acute_pairing_hours if acute else LIMITS.pairing_hours)
    enzymes, inrs = known.times_back("ALT", "AST"), known.times_back("INR")
    enzyme_at, inr_at = next(enzymes, None), next(inrs, None)
    last_at = max(filter(None, (enzyme_at, inr_at)), default=None)
    while enzyme_at and inr_at:
        if abs(enzyme_at - inr_at) <= within:
            return max(enzyme_at, inr_at)
        # The later of the two has nothing near before it.
        if enzyme_at > inr_at:
            enzyme_at = next(enzymes, None)
        else:
            inr_at = next(inrs, None)
    return last_at
