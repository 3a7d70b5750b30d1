"""The readings of a clinic counted: flags, what followed, what could not be read. Numbers, no patients."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .flags import ANY, OUTCOMES, Outcome, first_of_each, flags, followed_by, lead
from .readings import FLAGGED, UNREAD, Reading

MONTH = timedelta(days=30.44)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Course:
    """One patient: every reading in time order, what the record says today happened, and when its last draw came."""

    readings: tuple[Reading, ...]
    outcomes: tuple[Outcome, ...]
    until: datetime | None


@dataclass
class SilentTally:
    """Of one version of the knowledge, between two moments; both None: of the whole record."""

    first: datetime | None = None
    last: datetime | None = None
    patients: int = 0
    months: float = 0.0
    readings: int = 0
    grades: Counter = field(default_factory=Counter)
    # Reasons of readings without a grade, and causes open at flags: by grade or level.
    why: dict[str, Counter] = field(default_factory=lambda: {grade: Counter() for grade in UNREAD})
    causes: dict[str, Counter] = field(default_factory=lambda: {level: Counter() for level in FLAGGED})
    flags: Counter = field(default_factory=Counter)
    flagged: Counter = field(default_factory=Counter)
    # By level: flags that an outcome followed, that none followed, of which it is not known.
    after: dict[str, Counter] = field(default_factory=lambda: {level: Counter() for level in FLAGGED})
    outcomes: Counter = field(default_factory=Counter)
    # Days from the first flag to an outcome, by outcome and level; without a flag before: none.
    leads: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: {kind: {level: [] for level in FLAGGED} for kind in (ANY, *OUTCOMES)}
    )

    def add(self, course: Course) -> None:
        """Of a patient nothing of whom lies in the period, nothing."""
        here = [reading for reading in course.readings if self._holds(reading.at)]
        if not here:
            return
        self.patients += 1
        self.months += max(here[-1].at - here[0].at, MONTH) / MONTH
        self.readings += len(here)
        self.grades.update(reading.grade for reading in here)
        for reading in here:
            if reading.grade in UNREAD:
                self.why[reading.grade].update(reading.why)
        self._add_flags(course, here)

    def _add_flags(self, course: Course, here: list[Reading]) -> None:
        outcomes = [one for one in course.outcomes if one.at > here[0].at]
        until = max([course.until or here[-1].at, *(one.at for one in outcomes)])
        firsts = first_of_each(one for one in outcomes if self._holds(one.at))
        self.outcomes.update(firsts.keys())
        for level in FLAGGED:
            # An episode that began before the period is none of it.
            found = [flag for flag in flags(course.readings, level) if self._holds(flag.at)]
            self.flags[level] += len(found)
            self.flagged[level] += bool(found)
            for flag in found:
                self.causes[level].update(flag.open_causes or ("none",))
                self.after[level][_AFTER[followed_by(flag, outcomes, until)]] += 1
            for kind, outcome in firsts.items():
                days = lead(outcome, found)
                if days is not None:
                    self.leads[kind][level].append(round(days / DAY, 2))

    def _holds(self, at: datetime) -> bool:
        return (self.first is None or at >= self.first) and (self.last is None or at < self.last)

    def as_json(self) -> dict[str, Any]:
        return {
            "patients": self.patients,
            "months": round(self.months, 3),
            "readings": self.readings,
            "grades": dict(self.grades),
            "why": {grade: dict(counted) for grade, counted in self.why.items()},
            "flags": {level: self.flags[level] for level in FLAGGED},
            "flagged": {level: self.flagged[level] for level in FLAGGED},
            "causes": {level: dict(counted) for level, counted in self.causes.items()},
            "after": {level: dict(counted) for level, counted in self.after.items()},
            "outcomes": {kind: self.outcomes[kind] for kind in (ANY, *OUTCOMES)},
            "leads": {
                kind: {level: sorted(days) for level, days in found.items()}
                for kind, found in self.leads.items()
            },
        }


_AFTER = {True: "followed", False: "not_followed", None: "not_known"}


def counted(
    courses: Iterable[Course], first: datetime | None = None, last: datetime | None = None
) -> SilentTally:
    tally = SilentTally(first, last)
    for course in courses:
        tally.add(course)
    return tally
