"""The grade at each past draw: the rule asked again with the record cut to that moment."""

from dataclasses import dataclass, replace
from datetime import datetime

from interpretation.record.records import Case
from interpretation.rule.dissociation import Dissociation, graded
from interpretation.rule.grading import PATTERN
from interpretation.rule.reading import PreparedCase
from interpretation.urgency import InrNow, with_course

from .. import words
from ..knowledge import limits
from ..report import known
from .recent import RecentPart, parts

LIMITS = limits("episodes").read_by(__name__, "points")


@dataclass(frozen=True)
class GradePoint:
    """What the rule said at one draw. `draw` is its id; of draws at one moment, the last."""

    at: datetime
    draw: str
    found: Dissociation

    @property
    def grade(self) -> str:
        return self.found.grade

    @property
    def base_grade(self) -> str:
        return self.found.base_grade

    @property
    def attribution(self) -> str:
        return self.found.attribution

    @property
    def regime(self) -> str:
        return self.found.regime

    @property
    def enzyme(self) -> str:
        return self.found.enzyme

    @property
    def inr(self) -> float | None:
        """The latest INR that was graded."""
        return self.found.inr_to

    @property
    def inr_words(self) -> str:
        """ "1.8", ">8.0"; "" without one."""
        return "" if self.inr is None else words.inr(self.inr, self.found.inr_signs[1])

    @property
    def headline(self) -> str:
        return self.found.headline

    @property
    def sentence(self) -> str:
        return self.found.sentence

    @property
    def shows_pattern(self) -> bool:
        return self.grade in PATTERN

    @property
    def answered_vitamin_k(self) -> bool:
        response = self.found.vitamin_k
        return self.grade == "none" and response is not None and response.kind == "responder"


@dataclass(frozen=True)
class Grades:
    """Points in time order; `left_out` counts the moments of draws that a long record had to leave out."""

    points: tuple[GradePoint, ...]
    left_out: int = 0


def grades(case: Case) -> Grades:
    """The grade at each draw up to `as_of`, from draws, events and verdicts that lie before it. [ED]

    By collection time: corrections made later count, as they do on a page opened for an earlier day.
    """
    case = known(case)
    moments = list({draw.taken_at: draw.id for draw in case.draws}.items())
    chosen = _thinned(moments) if len(moments) > LIMITS.points else moments
    points = tuple(_point(case, at, draw) for at, draw in chosen)
    return Grades(points, left_out=len(moments) - len(points))


def grade_at(case: Case, at: datetime, draw: str) -> GradePoint:
    """The grade at one moment, that of the draw named."""
    return _point(known(replace(case, as_of=at)), at, draw)


def _point(case: Case, at: datetime, draw: str) -> GradePoint:
    found = next(found for part in parts(case, at) if (found := _graded(part)))
    return GradePoint(at, draw, found)


def _graded(part: RecentPart) -> Dissociation | None:
    """None where this part of the record does not tell it."""
    reading = PreparedCase(part.case)
    if not part.is_enough(reading):
        return None
    found = graded(reading)
    return with_course(found, InrNow(reading)) if found.grade == "none" else found


def _thinned(moments: list[tuple[datetime, str]]) -> list[tuple[datetime, str]]:
    """The last moment of each calendar day, the newest of these."""
    last = {at.date(): (at, draw) for at, draw in moments}
    return list(last.values())[-int(LIMITS.points) :]
