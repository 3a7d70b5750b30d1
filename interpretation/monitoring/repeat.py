"""The earlier repeat of ALT, AST and INR that the urgency asks for. Product defaults [ED]."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from interpretation.knowledge import limits, load
from interpretation.monitoring.due import JUST_AFTER, STATES
from interpretation.monitoring.known import KnownTests
from interpretation.record.date_alone import DateAlone

LIMITS = limits("dissociation").read_by(__name__, "acute_pairing_hours pairing_hours")
load("monitoring").read_by(__name__, "repeat")
Steps = tuple[datetime, datetime, datetime, datetime]
DAY = timedelta(days=1)
# What is repeated together.
PAIRED = ("ast", "alt", "inr")
# Due within so long of the last draw, a test is told in hours: two days of the calendar would be one date.
HOURS_WITHIN = timedelta(days=2)


@dataclass(frozen=True)
class Repeat:
    """The earlier repeat of ALT, AST and INR that the urgency asks for; overdue after `due_at`. After a draw
    without an hour both moments are days. `changes_at`: when the state becomes the next worse one."""

    words: str
    from_at: datetime
    due_at: datetime
    state: str
    sources: tuple[str, ...]
    changes_at: datetime | None = None

    @property
    def in_hours(self) -> bool:
        """It is due by an hour: elsewhere days count, and the hour of the last draw says nothing."""
        wait = self.due_at - self.from_at
        return timedelta(0) < wait < HOURS_WITHIN and not isinstance(self.due_at, DateAlone)

    @property
    def tests(self) -> str:
        """ "ALT, AST and INR": what its sentence asks to repeat together."""
        return self.words.removeprefix("Repeat ").partition(" together")[0]


def repeat_for(known: KnownTests, level: str, acute: bool = False) -> Repeat | None:
    """By the level of urgency, which overrides the usual interval; `acute`: an acute course or one in which
    organs fail, where hours count. None at "routine". [clinical.md 4.4 c]"""
    rules = load("monitoring")["repeat"]
    rule = (rules.get(f"{level}_acute") if acute else None) or rules.get(level)
    last_at = _last_pair_at(known, acute) if rule else None
    if last_at is None:
        return None
    unit = timedelta(hours=1) if rule["unit"] == "h" else timedelta(days=1)
    from_at, due_at = last_at + unit * rule["from"], last_at + unit * rule["to"]
    late = max(unit * rule["to"] / 2, unit)
    steps = (from_at - unit * rule["soon"], from_at, due_at, due_at + late)
    now = known.as_of
    changes = _to_the_hour(steps) if rule["unit"] == "h" else _to_the_day(steps, now)
    state = STATES[sum(at <= now for at in changes)]
    if isinstance(last_at, DateAlone):
        from_at, due_at = DateAlone.of(from_at), DateAlone.of(due_at)
    next_at = min((at for at in changes if at > now), default=None)
    return Repeat(rule["words"], from_at, due_at, state, tuple(rule["sources"]), next_at)


def due_at(key: str, due_on: date | None, repeat: Repeat | None) -> date | None:
    """When an item is due: the moment of the repeat where that gives its day, else the day."""
    if repeat is None or key not in PAIRED or due_on != repeat.due_at.date():
        return due_on
    return repeat.due_at


def due_by(
    key: str, last_on: date | None, due_on: date | None, repeat: Repeat | None, now: datetime
) -> datetime | None:
    """Until when an item is to be repeated where hours count; None where its day says enough."""
    if repeat is None or key not in PAIRED or last_on is None or due_on != repeat.due_at.date():
        return None
    if due_on - last_on > HOURS_WITHIN:
        return None
    if repeat.due_at == repeat.from_at:
        # A whole day, which ends at midnight of the calendar of `now`.
        return datetime.combine(due_on + DAY, time(), tzinfo=now.tzinfo)
    return None if isinstance(repeat.due_at, DateAlone) else repeat.due_at


def _to_the_hour(steps: Steps) -> Steps:
    """When it becomes due soon, due, overdue and long overdue: the last moment of each still counts."""
    soon, start, end, late = steps
    return soon, start, end + JUST_AFTER, late + JUST_AFTER


def _to_the_day(steps: Steps, now: datetime) -> Steps:
    """The same where whole days count, of the calendar of `now`."""
    soon, start, end, late = (datetime.combine(step.date(), time(), tzinfo=now.tzinfo) for step in steps)
    return soon, start, end + DAY, late + DAY


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
