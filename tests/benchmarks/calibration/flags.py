"""What is said of each visit, the first flagged visit of a person, and unflagged visits like it."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from interpretation.report import interpret
from interpretation.rule.grading import PATTERN

from .pbcseq import Conversion, Visit, case

CONTROLS = 3
# A control's bilirubin may be so many times higher or lower.
ALIKE = 1.5
AST_FALL, SECONDS_RISE = 0.2, 0.1


@dataclass(frozen=True)
class ReadVisit:
    """A visit from the second on, as `interpret` reads it from what was known then."""

    visit: Visit
    grade: str
    urgency: str
    crude: bool


Flag = Callable[[ReadVisit], bool]
FLAGS: dict[str, Flag] = {
    "pattern": lambda read: read.grade in PATTERN,
    "urgent": lambda read: read.urgency != "routine",
    "crude": lambda read: read.crude,
}


def read_visits(visits: list[Visit], conversion: Conversion) -> list[ReadVisit]:
    return list(_read(visits, conversion))


def _read(visits: list[Visit], conversion: Conversion) -> Iterator[ReadVisit]:
    for end in range(2, len(visits) + 1):
        report = interpret(case(visits[:end], conversion))
        crude = crude_rule(visits[end - 2], visits[end - 1])
        yield ReadVisit(visits[end - 1], report.dissociation.grade, report.urgency.level, crude)


def crude_rule(before: Visit, after: Visit) -> bool:
    """AST down by a fifth or more and seconds up by a tenth or more: no rule of this product."""
    fell = after.ast <= (1 - AST_FALL) * before.ast
    return fell and after.seconds >= (1 + SECONDS_RISE) * before.seconds


def landmarks(people: list[list[ReadVisit]], flag: Flag) -> tuple[list[Visit], list[Visit]]:
    """First flagged visits, and up to three unflagged visits like each: nobody gives more than one visit.

    Controls were never flagged; the visit has the same number, and bilirubin is as near as there is.
    """
    firsts = [next((read.visit for read in reads if flag(read)), None) for reads in people]
    never = [reads for reads, first in zip(people, firsts, strict=True) if reads and not first]
    flagged = [visit for visit in firsts if visit]
    controls: list[Visit] = []
    for visit in flagged:
        taken = {control.person for control in controls}
        controls += _like(visit, (reads for reads in never if reads[0].visit.person not in taken))
    return flagged, controls


def _like(visit: Visit, people: Iterable[list[ReadVisit]]) -> list[Visit]:
    """Up to three visits with the same number and the nearest bilirubin."""
    there = (read.visit for reads in people for read in reads if read.visit.number == visit.number)
    near = sorted((_apart(visit, one), one.person, one) for one in there)
    return [one for apart, _, one in near[:CONTROLS] if apart <= math.log(ALIKE)]


def _apart(one: Visit, other: Visit) -> float:
    return abs(math.log(one.bilirubin / other.bilirubin))
