"""The results of one record, looked up once: the latest of a test, the nearest to a draw, the highest.

Only draws since the last transplant are read, and no result of a flagged sample; its INR is found, so that
it can be said why it is not used.
"""

import math
from datetime import UTC, datetime, timedelta

from interpretation.knowledge import limits
from interpretation.record.analytes import default_upper_limit, is_adults
from interpretation.record.records import Case, Draw, Result, is_point_of_care
from interpretation.scores.spec import LIMITS

LIMITS.read_by(__name__, "hys_days")
SHARED = limits("dissociation").read_by(__name__, "bad_sample_minutes")

BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
BAD_SAMPLE = timedelta(minutes=SHARED.bad_sample_minutes)
HYS = timedelta(days=LIMITS.hys_days)
Found = tuple[Result, Draw]


class ScoreResults:
    """The results of the case as the scores read them. `case.as_of` is the clock."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.events = [e for e in case.events if e.started_at <= case.as_of]
        transplants = (e.started_at for e in self.events if e.kind == "transplant")
        self.transplanted_at = max(transplants, default=None)
        self._bad = [e.started_at for e in self.events if e.kind == "bad_sample"]
        self._latest: dict[str, Draw | None] = {}
        self._near: dict[tuple[datetime, timedelta], dict[str, Found]] = {}
        # A point-of-care INR later than the one that is read.
        self.point_of_care_at: datetime | None = None

    def latest(self, name: str) -> Draw | None:
        """The latest draw that holds this test; of INR the latest from a laboratory."""
        if name not in self._latest:
            measured = reversed(self.case.measured(name))
            found = (draw for draw, result in measured if self._is_own(draw) and self._anchors(draw, result))
            self._latest[name] = next(found, None)
        return self._latest[name]

    def anchors(self, name: str) -> list[Draw]:
        """Every draw that holds this test, in time order."""
        return [draw for draw, result in self.measured(name) if self._anchors(draw, result)]

    def measured(
        self, name: str, first: datetime = BEGINNING, last: datetime | None = None
    ) -> list[tuple[Draw, Result]]:
        """The draws of these times that hold this test, with its result, in time order."""
        found = self.case.measured_between(name, first, min(last or self.case.as_of, self.case.as_of))
        if not self.transplanted_at:
            return found
        return [(draw, result) for draw, result in found if self._is_own(draw)]

    def _anchors(self, draw: Draw, result: Result) -> bool:
        if result.analyte != "INR":
            return self._fit(draw, result)
        if not _usable(result):
            return False
        if is_point_of_care(result.method or draw.method):
            self.point_of_care_at = self.point_of_care_at or draw.taken_at
            return False
        return True

    def near(self, name: str, at: datetime, reach: timedelta) -> Found | None:
        """The result closest in time, no further away than `reach`."""
        return self.around(at, reach).get(name)

    def around(self, at: datetime, reach: timedelta) -> dict[str, Found]:
        """The result of each test closest in time, no further away than `reach`. Not to be changed."""
        asked = (at, reach)
        if asked not in self._near:
            self._near[asked] = self._nearest(at, reach)
        return self._near[asked]

    def _nearest(self, at: datetime, reach: timedelta) -> dict[str, Found]:
        found: dict[str, Found] = {}
        draws = self.between(at - reach, at + reach)
        for draw in sorted(draws, key=lambda d: (abs(d.taken_at - at), d.taken_at, d.id)):
            if self.flagged(draw):
                continue
            for result in draw.results:
                if result.analyte not in found and _counts(result, draw):
                    found[result.analyte] = (result, draw)
        return found

    def between(self, first: datetime, last: datetime) -> list[Draw]:
        found = self.case.between(first, min(last, self.case.as_of))
        return list(filter(self._is_own, found)) if self.transplanted_at else found

    def _is_own(self, draw: Draw) -> bool:
        """Known at `as_of`, and of the liver that is there now."""
        own = self.transplanted_at is None or draw.taken_at > self.transplanted_at
        return own and draw.taken_at <= self.case.as_of

    def _fit(self, draw: Draw, result: Result) -> bool:
        return _counts(result, draw) and not (self._bad and self.flagged(draw))

    def flagged(self, draw: Draw) -> bool:
        """A person has flagged this sample as bad."""
        return any(abs(at - draw.taken_at) <= BAD_SAMPLE for at in self._bad)

    def upper_limit(self, result: Result, at: datetime) -> tuple[float | None, bool]:
        """The upper limit sent with the result; else the default one, and that it was assumed."""
        if result.upper_limit and result.upper_limit > 0:
            return result.upper_limit, False
        return default_upper_limit(result.analyte, self.case.sex, self.age(at)), True

    def multiple(self, name: str, draw: Draw) -> float | None:
        """A result of this draw as a multiple of its upper limit."""
        result = draw.result(name)
        return self.multiple_of(result, draw) if result else None

    def multiple_of(self, result: Result, draw: Draw) -> float | None:
        if not self._fit(draw, result):
            return None
        limit = result.upper_limit
        if not limit or limit < 0:
            limit, _ = self.upper_limit(result, draw.taken_at)
        return result.value / limit if limit else None

    def highest(self, name: str, at: datetime) -> Found | None:
        """The highest result from this draw until 30 days after it."""
        found = [(r, d) for d, r in self.measured(name, at, at + HYS) if self._fit(d, r)]
        return max(found, key=lambda pair: pair[0].value, default=None)

    def age(self, at: datetime) -> int | None:
        """Completed years on that day; None where the birth date is not known or lies after it."""
        return self.case.age(at)

    def asks_limit(self, result: Result, at: datetime) -> bool:
        """A child's result that no limit of an adult may be read against. [clinical.md 4.4 h]"""
        own = result.upper_limit and result.upper_limit > 0
        return not own and is_adults(result.analyte, self.age(at))


def _counts(result: Result, draw: Draw) -> bool:
    value = result.value
    if value is None or not math.isfinite(value):
        return False
    return not (result.analyte == "INR" and is_point_of_care(result.method or draw.method))


def _usable(result: Result) -> bool:
    """Any number counts, zero and "<5" too."""
    return result.value is not None and math.isfinite(result.value)
