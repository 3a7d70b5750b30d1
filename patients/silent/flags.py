"""What counts as a flag, and what the record itself says afterwards. No database.

A flag is the reading that begins an episode: the first that reaches a level. The episode goes on while readings reach
it, and across readings that cannot say; it is over once a reading has fallen below and 30 days have passed since the
level was last reached. [ED]
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.monitoring.known import DECOMPENSATION

from .readings import Reading, reaches

QUIET = timedelta(days=30)
# So long after a flag an event is looked for; a lead counts from the first flag, however long before. [ED]
AFTER = timedelta(days=90)
OUTCOMES = ("decompensation", "transplant", "death")
ANY = "any"


@dataclass(frozen=True)
class Outcome:
    """The first of its kind that the record says."""

    kind: str
    at: datetime


def flags(readings: Iterable[Reading], level: str) -> Iterator[Reading]:
    """`readings` in time order."""
    last: datetime | None = None
    is_below = True
    for reading in readings:
        reached = reaches(reading, level)
        if reached:
            if is_below and (last is None or reading.at - last > QUIET):
                yield reading
            last, is_below = reading.at, False
        elif reached is False:
            is_below = True


def kind_of(event_kind: str, grade: int | None) -> str:
    """ "" for an event that is no outcome; grade 0 says that there is none."""
    if event_kind == "transplant":
        return "transplant"
    return "decompensation" if event_kind in DECOMPENSATION and grade != 0 else ""


def first_of_each(found: Iterable[Outcome]) -> dict[str, Outcome]:
    """The first of each kind, and of any."""
    first: dict[str, Outcome] = {}
    for outcome in sorted(found, key=lambda one: one.at):
        first.setdefault(outcome.kind, outcome)
        first.setdefault(ANY, outcome)
    return first


def lead(outcome: Outcome, flagged: list[Reading]) -> timedelta | None:
    """From the first flag to the outcome; None where none was there before."""
    before = [flag.at for flag in flagged if flag.at < outcome.at]
    return outcome.at - min(before) if before else None


def followed_by(flag: Reading, outcomes: Iterable[Outcome], until: datetime) -> bool | None:
    """Whether an outcome came within AFTER; None where the record ends before that is known."""
    if any(flag.at < one.at <= flag.at + AFTER for one in outcomes):
        return True
    return False if until >= flag.at + AFTER else None
