"""The earlier repeat of ALT, AST and INR that a dissociation asks for. Product defaults [ED]."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from interpretation.knowledge import limits, load
from interpretation.monitoring.known import Known, usable
from interpretation.records import Draw


@dataclass(frozen=True)
class Repeat:
    """The earlier repeat of ALT, AST and INR that a dissociation asks for; overdue after `due_at`."""

    words: str
    from_at: datetime
    due_at: datetime
    state: str
    sources: tuple[str, ...]


def repeat_for(known: Known, grade: str | None, regime: str | None) -> Repeat | None:
    """Possible: 4 weeks, acute 24-48 h; established: 1-2 weeks; critical: same day, acute 6-12 h. [ED]

    The subacute regime counts as chronic: only the acute one has its own, shorter times. An established
    finding in an acute course is never repeated later than a possible one: 24-48 h too.
    """
    rules = load("monitoring")["repeat"]
    rule = (rules.get(f"{grade}_acute") if regime == "acute" else None) or rules.get(grade)
    last_at = _last_pair_at(known, regime) if rule else None
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
    return Repeat(rule["words"], from_at, due_at, state, tuple(rule["sources"]))


def _repeat_state(now, steps: tuple) -> str:
    soon, start, end, late = steps
    if now < start:
        return "due_soon" if now >= soon else "up_to_date"
    if now <= end:
        return "due"
    return "overdue" if now <= late else "long_overdue"


def _dates(steps: tuple[datetime, ...]) -> tuple[date, ...]:
    return tuple(step.date() for step in steps)


def _last_pair_at(known: Known, regime: str | None) -> datetime | None:
    """When INR and ALT or AST were last measured together; else when any of them was."""
    limit = limits("dissociation")
    within = timedelta(hours=limit.acute_pairing_hours if regime == "acute" else limit.pairing_hours)
    enzymes = [d.taken_at for d in known.draws if _holds(d, "ALT") or _holds(d, "AST")]
    inrs = [d.taken_at for d in known.draws if _holds(d, "INR")]
    for at in sorted({*enzymes, *inrs}, reverse=True):
        before = [times[place - 1] for times in (enzymes, inrs) if (place := bisect_right(times, at))]
        if len(before) == 2 and abs(before[0] - before[1]) <= within:
            return at
    return max((times[-1] for times in (enzymes, inrs) if times), default=None)


def _holds(draw: Draw, analyte: str) -> bool:
    result = draw.result(analyte)
    return result is not None and usable(result)
