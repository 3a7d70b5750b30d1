"""The INR as it stands now, paired or not: the latest that can be read, and where it is going.

[clinical.md 4.4 c]
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from interpretation import words
from interpretation.knowledge import limits
from interpretation.once import once
from interpretation.record.measured import MeasuredValue
from interpretation.rule import confounders
from interpretation.rule.comparison import DAY, REGIMES, comparable, compare, gap_of
from interpretation.rule.course import InrCourse, Point, inr_course, sign_of_median
from interpretation.rule.pairing import Sample, between
from interpretation.rule.reading import PreparedCase

RULE = limits("dissociation").read_by(
    __name__,
    "acute_lookback_days acute_gap_days subacute_lookback_days subacute_gap_days chronic_lookback_days "
    "chronic_gap_days critical_method_ratio rise_ratio critical_step_hours non_recovering_inr",
)
LIMITS = limits("urgency").read_by(__name__, "halved halved_hours fell fell_days vitamin_k_hours")
TOLERANCE = 1e-9


@dataclass
class WindowCourse:
    """The course of one window; what is asked only of a rise is worked out when it is asked for."""

    course: InrCourse
    # Its INRs in time order, and the least seconds between those compared and the last.
    window: list[Sample]
    gap: float

    @once
    def comparable(self) -> bool:
        """No known change of laboratory or method among the INRs that are compared."""
        last = self.window[-1]
        own = (s for s in self.window if s is last or last.seconds - s.seconds >= self.gap)
        return comparable([s.inr_series for s in own])

    @once
    def one_series(self) -> bool:
        """No change of laboratory or method at all."""
        return len({s.inr_series for s in self.window}) == 1

    @once
    def reference(self) -> str:
        """The reference INR as it is written."""
        earlier = [s.results["INR"] for s in self.window[: self.course.earlier]]
        return words.inr(self.course.reference, sign_of_median(earlier))


class InrNow:
    """The latest readable laboratory INR of the record (`sample`), and its course; None where there is none.

    A masked INR may be falsely low: it counts for every lower limit, and never as a fall.
    """

    def __init__(self, reading: PreparedCase, unmasked: bool = False) -> None:
        """`unmasked`: the last one that no blood product may hide stands in its place."""
        self.reading = reading
        self.last = reading.last_inr
        reach = RULE.chronic_lookback_days * DAY + 1
        everything = reading.all_samples
        newest = everything[-1].seconds if everything else 0.0
        recent = (s for s in reversed(between(everything, newest - reach)) if self._may_be_read(s, unmasked))
        self.sample: Sample | None = next(recent, None)
        oldest = (self.sample.seconds if self.sample else newest) - reach
        # Point-of-care INRs only stand for what was seen before.
        self.readable_of_any = [
            s for s in between(everything, oldest) if "INR" in s.results and not reading.hard(s)
        ]
        self.readable = [s for s in self.readable_of_any if not s.point_of_care]

    def _may_be_read(self, sample: Sample, unmasked: bool) -> bool:
        if "INR" not in sample.results or sample.point_of_care or self.reading.hard(sample):
            return False
        return not (unmasked and self.reading.masking(sample))

    @property
    def is_readable(self) -> bool:
        """The latest INR of all can be read."""
        return bool(self.readable) and self.readable[-1] is self.last and self.sample is not None

    @property
    def is_masked(self) -> bool:
        return self.sample is not None and bool(self.reading.masking(self.sample))

    @once
    def before_masking(self) -> "InrNow":
        """The last one that no blood product may hide in its place."""
        return InrNow(self.reading, unmasked=True)

    @property
    def level(self) -> float:
        return 0.0 if self.sample is None else _inr(self.sample)

    @property
    def value(self) -> MeasuredValue | None:
        return None if self.sample is None else MeasuredValue(self.sample.draw, self.sample.results["INR"])

    @property
    def last_value(self) -> MeasuredValue | None:
        return None if self.last is None else MeasuredValue(self.last.draw, self.last.results["INR"])

    def reaches(self, limit: float) -> bool:
        """Its number, also where it is a bound: who reports "<2" has not excluded 1.9."""
        return self.sample is not None and self.level >= limit - TOLERANCE

    # --- its course ---

    @once
    def windows(self) -> list[tuple[str, WindowCourse]]:
        """The courses of the windows that end at it, the shortest first: of the laboratory's INRs, and with
        those measured at the bedside among the earlier."""
        series = [self.readable]
        if len(self.readable) < len(self.readable_of_any):
            series.append(self.readable_of_any)
        years = [(own, year, _points(year)) for own in series for year in [self._window("chronic", own)]]
        found = [(regime, self._course_of(regime, *own)) for regime in REGIMES for own in years]
        return [(regime, course) for regime, course in found if course]

    def _course_of(
        self, regime: str, readable: list[Sample], year: list[Sample], year_points: list[Point]
    ) -> WindowCourse | None:
        gap = getattr(RULE, f"{regime}_gap_days") * DAY
        if regime == "chronic":
            window, course = year, inr_course(year_points, gap)
        else:
            window = self._window(regime, readable)
            course = inr_course(_points(window), gap, year_points)
        return None if course is None else WindowCourse(course, window, gap_of(regime))

    @once
    def rising(self) -> list[tuple[str, InrCourse]]:
        """Those in which it has risen; the longest stands last."""
        return [(regime, found.course) for regime, found in self.windows if found.course.rising]

    @property
    def reference(self) -> str:
        """What the longest window in which it rises compares it with; "" where it does not rise."""
        risen = [found.reference for _, found in self.windows if found.course.rising]
        return risen[-1] if risen else ""

    @once
    def is_consistent(self) -> bool:
        """It has risen by the column "established", in one laboratory and method."""
        return any(found.course.consistent and found.one_series for _, found in self.windows)

    def is_rising_to(self, limit: float) -> bool:
        """It has risen to this limit; across laboratories or methods only by half at least."""
        if not self.reaches(limit):
            return False
        return any(
            found.comparable or found.course.ratio >= RULE.critical_method_ratio - TOLERANCE
            for _, found in self.windows
            if found.course.rising
        )

    @once
    def is_non_recovering(self) -> bool:
        """As high as at the peak of an enzyme that has fallen since: step 4 at this INR. [clinical.md 4.2]"""
        if not self.reaches(RULE.non_recovering_inr):
            return False
        return any(self._stays(regime) for regime in ("acute", "subacute"))

    def _stays(self, regime: str) -> bool:
        reading = self.reading
        pairs = reading.laboratory(reading.readable(regime))
        latest = next((pair for pair in reversed(pairs) if pair.sample is self.sample), None)
        if latest is None:
            return False
        earlier = [pair for pair in reading.unmasked(pairs) if pair.seconds < latest.seconds]
        child = reading.is_child(latest.at)
        found = compare(regime, [*earlier, latest], latest, sex=reading.case.sex, child=child)
        return any(comparison.inr_state == "non_recovering" for comparison in found)

    def earlier(self, days: float, readable: list[Sample] | None = None) -> list[Sample]:
        """The readable INRs of these days before it, of any method unless others are given."""
        if self.sample is None:
            return []
        own = self.readable_of_any if readable is None else readable
        first = self.sample.seconds - days * DAY - 1e-3
        return [s for s in between(own, first, self.sample.seconds) if s is not self.sample]

    @once
    def step(self) -> tuple[Sample, float] | None:
        """The lowest readable INR of the 48 hours before it, and by how much it has risen since."""
        if self.sample is None or not self.sample.hour_known:
            return None
        recent = self._unmasked(self.earlier(RULE.critical_step_hours / 24))
        near = [s for s in recent if s.hour_known]
        lowest = min(near, key=lambda s: (_inr(s), s.seconds), default=None)
        return (lowest, self.level - _inr(lowest)) if lowest else None

    @once
    def is_first_seen(self) -> bool:
        """No readable INR of the 548 days before comes near it."""
        if self.sample is None:
            return True
        near = self.level / RULE.rise_ratio - TOLERANCE
        before = self.earlier(RULE.chronic_lookback_days)
        return not any(_inr(s) >= near for s in before if s.seconds < self.sample.seconds)

    @once
    def fell_lately(self) -> bool:
        """By its reference change or more from its highest of 14 days; a masked INR has not fallen."""
        if self.sample is None or self.reading.masking(self.sample):
            return False
        highest = max((_inr(s) for s in self.earlier(LIMITS.fell_days)), default=0.0)
        return self.level <= highest * (1 - LIMITS.fell) + TOLERANCE

    @once
    def halved(self) -> Sample | None:
        """The INR of the 24 hours before that was twice as high, with nothing given that lowers one."""
        if self.sample is None or not self.sample.hour_known or self.reading.masking(self.sample):
            return None
        before = [s for s in self.earlier(LIMITS.halved_hours / 24) if s.hour_known]
        high = [s for s in before if self.level <= _inr(s) * LIMITS.halved + TOLERANCE]
        return high[-1] if high and not self._anything_given() else None

    # --- its own ---

    def _anything_given(self) -> bool:
        """Vitamin K or a blood product that lowers an INR."""
        if self.sample is None:
            return False
        at = self.sample.at
        first = at - timedelta(hours=LIMITS.vitamin_k_hours)
        given = (e for e in self.reading.case.events if first <= e.started_at <= at)
        return any(e.kind == "vitamin_k" or e.kind in confounders.MASKING_HOURS for e in given)

    def _unmasked(self, samples: list[Sample]) -> list[Sample]:
        return [s for s in samples if not self.reading.masking(s)] if self.reading.any_exposure else samples

    def _window(self, regime: str, readable: list[Sample]) -> list[Sample]:
        if self.sample is None or (regime == "acute" and not self.sample.hour_known):
            return []
        own = self._unmasked(self.earlier(getattr(RULE, f"{regime}_lookback_days"), readable))
        return [*(s for s in own if regime != "acute" or s.hour_known), self.sample]

    @once
    def last_of_any(self) -> MeasuredValue | None:
        """The latest INR of all, also one measured at the bedside."""
        own = [s for s in self.reading.all_samples if "INR" in s.results]
        return MeasuredValue(own[-1].draw, own[-1].results["INR"]) if own else None

    def drugs(self, kinds: tuple[str, ...]) -> list[str]:
        """Names of the drugs of these kinds that reach the latest INR of all; where its hour is not known, some
        time of its day."""
        if self.last_of_any is None:
            return []
        draw = self.last_of_any.draw
        at, span = draw.taken_at, timedelta()
        if not draw.hour_known:
            at, span = datetime.combine(at.date(), time(), at.tzinfo), timedelta(days=1, seconds=-1)
        found = confounders.raising(self.reading.case, at, span)
        return list(dict.fromkeys(e.label or confounders.NAMES[e.kind] for e in found if e.kind in kinds))


def _inr(sample: Sample) -> float:
    return sample.results["INR"].value


def _points(samples: list[Sample]) -> list[Point]:
    return [(s.seconds, s.results["INR"].value) for s in samples]
