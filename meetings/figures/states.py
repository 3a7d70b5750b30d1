"""One patient through the months: grade, late or not, and how long a dissociation waited. No database."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interpretation.episodes import Episode, GradePoint, episodes, grades
from interpretation.knowledge import limits
from interpretation.record.records import Case
from interpretation.report import brief
from patients.follow_up.overdue import overdue_days
from patients.worklist import NEVER

LIMITS = limits("dissociation").read_by(__name__, "chronic_lookback_days")
# Nothing was drawn for so long that the last grade says nothing of now: the look-back of the rule itself.
SILENCE = timedelta(days=LIMITS.chronic_lookback_days)


@dataclass(frozen=True)
class MonthState:
    """At one moment. `grade` "" where the last draw lies too far back; `late` None where nothing counts."""

    grade: str
    late: bool | None


@dataclass(frozen=True)
class Flag:
    """A dissociation from the draw that first showed it until it was discussed or ended."""

    at: datetime
    days: int | None
    ended: bool


@dataclass(frozen=True)
class PatientMonths:
    states: list[MonthState | None]
    flags: list[Flag]


def course(case: Case, untils: list[datetime], discussed: list[datetime]) -> PatientMonths:
    """`untils` (in the clinic's own time) and `discussed` in time order.

    A state is None before the first draw and from death on.
    """
    points = grades(case).points
    told = episodes(points, case)
    return PatientMonths([_state(case, points, until) for until in untils], list(_flags(told, discussed)))


def _state(case: Case, points: tuple[GradePoint, ...], until: datetime) -> MonthState | None:
    place = bisect_right(points, until, key=lambda point: point.at)
    if not place or (case.died_on and case.died_on <= until.date()):
        return None
    last = points[place - 1]
    silent = until - last.at > SILENCE
    return MonthState("" if silent else last.grade, _late(case, until))


def _late(case: Case, until: datetime) -> bool | None:
    """Something that was done before is overdue; what was never done is another question."""
    listed = brief(replace(case, as_of=until)).monitoring
    if listed.paused:
        return None
    return any(NEVER < day <= until.date() for day in overdue_days(listed))


def _flags(told: tuple[Episode, ...], discussed: list[datetime]) -> Iterator[Flag]:
    """A discussion answers the dissociation that was there last when it was held."""
    starts = [*(episode.recognised_at for episode in told), None]
    for episode, following in zip(told, starts[1:], strict=True):
        answered = (
            at for at in discussed if at >= episode.recognised_at and (following is None or at < following)
        )
        first = next(answered, None)
        days = (first - episode.recognised_at).days if first else None
        yield Flag(episode.recognised_at, days, episode.closing is not None or following is not None)
