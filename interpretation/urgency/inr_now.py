"""The INR as it stands now, paired or not: the latest that can be read, and where it is going.

[clinical.md 4.4 c]
"""

from datetime import timedelta
from statistics import median

from interpretation.knowledge import limits
from interpretation.once import once
from interpretation.record.measured import MeasuredValue
from interpretation.rule import confounders
from interpretation.rule.comparison import DAY, REGIMES, comparable
from interpretation.rule.course import InrCourse, inr_course
from interpretation.rule.pairing import Sample, between
from interpretation.rule.reading import PreparedCase

RULE = limits("dissociation").read_by(
    __name__,
    "acute_lookback_days acute_gap_days subacute_lookback_days subacute_gap_days chronic_lookback_days "
    "chronic_gap_days critical_method_ratio rise_ratio critical_step_hours",
)
LIMITS = limits("urgency").read_by(__name__, "halved halved_hours fell fell_days vitamin_k_hours")
TOLERANCE = 1e-9


class InrNow:
    """The latest readable laboratory INR of the record (`sample`), and its course; None where there is none.

    A masked INR may be falsely low: it counts for every lower limit, and never as a fall.
    """

    def __init__(self, reading: PreparedCase):
        self.reading = reading
        self.laboratory = [s for s in reading.samples if "INR" in s.results and not s.point_of_care]
        self.last = self.laboratory[-1] if self.laboratory else None
        self.readable = [s for s in self.laboratory if not reading.hard(s)]
        newest = reading.samples[-1].seconds if reading.samples else 0.0
        recent = [s for s in self.readable if newest - s.seconds <= RULE.chronic_lookback_days * DAY + 1]
        self.sample: Sample | None = recent[-1] if recent else None

    @property
    def is_readable(self) -> bool:
        """The latest INR of all can be read."""
        return self.sample is not None and self.sample is self.last

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
        """An INR "<2" reaches no limit; ">2" reaches 2 and may be more."""
        if self.sample is None or self.sample.results["INR"].comparator[:1] == "<":
            return False
        return self.level >= limit - TOLERANCE

    # --- its course ---

    @once
    def windows(self) -> dict[str, InrCourse]:
        """The courses of the windows that end at it, by regime."""
        year = self._points("chronic")
        found = {
            regime: inr_course(
                self._points(regime),
                getattr(RULE, f"{regime}_gap_days") * DAY,
                None if regime == "chronic" else year,
            )
            for regime in REGIMES
        }
        return {regime: course for regime, course in found.items() if course}

    @once
    def rising(self) -> dict[str, InrCourse]:
        """Those in which it has risen; the longest stands last."""
        return {regime: course for regime, course in self.windows.items() if course.rising}

    def is_rising_to(self, limit: float) -> bool:
        """It has risen to this limit; across laboratories or methods only by half at least."""
        if not self.reaches(limit):
            return False
        return any(
            self._one_series(regime) or course.ratio >= RULE.critical_method_ratio - TOLERANCE
            for regime, course in self.rising.items()
        )

    def earlier(self, days: float) -> list[Sample]:
        """The readable INRs of these days before it."""
        if self.sample is None:
            return []
        first = self.sample.seconds - days * DAY - 1e-3
        return [s for s in between(self.readable, first, self.sample.seconds) if s is not self.sample]

    @once
    def step(self) -> tuple[Sample, float] | None:
        """The lowest readable INR of the 48 hours before it, and by how much it has risen since."""
        if self.sample is None or not self.sample.hour_known:
            return None
        near = [s for s in self._unmasked(self.earlier(RULE.critical_step_hours / 24)) if s.hour_known]
        lowest = min(near, key=lambda s: (_inr(s), s.seconds), default=None)
        return (lowest, self.level - _inr(lowest)) if lowest else None

    @once
    def is_first_seen(self) -> bool:
        """No readable INR of the 548 days before comes near it."""
        near = self.level / RULE.rise_ratio
        return not any(_inr(s) >= near - TOLERANCE for s in self.earlier(RULE.chronic_lookback_days))

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
        return high[-1] if high and not self._vitamin_k_given() else None

    # --- its own ---

    def _vitamin_k_given(self) -> bool:
        if self.sample is None:
            return False
        at = self.sample.at
        first = at - timedelta(hours=LIMITS.vitamin_k_hours)
        return any(e.kind == "vitamin_k" and first <= e.started_at <= at for e in self.reading.case.events)

    def _unmasked(self, samples: list[Sample]) -> list[Sample]:
        return [s for s in samples if not self.reading.masking(s)]

    def _window(self, regime: str) -> list[Sample]:
        if self.sample is None or (regime == "acute" and not self.sample.hour_known):
            return []
        own = self._unmasked(self.earlier(getattr(RULE, f"{regime}_lookback_days")))
        return [*(s for s in own if regime != "acute" or s.hour_known), self.sample]

    def _points(self, regime: str) -> list[tuple[float, float]]:
        return [(s.seconds, _inr(s)) for s in self._window(regime)]

    def _one_series(self, regime: str) -> bool:
        return comparable([s.inr_series for s in self._window(regime)])

    def drugs(self, kinds: tuple[str, ...]) -> list[str]:
        """Names of the drugs of these kinds that reach the latest INR."""
        if self.last is None:
            return []
        found = confounders.raising(self.reading.case, self.last.at)
        return list(dict.fromkeys(e.label or confounders.NAMES[e.kind] for e in found if e.kind in kinds))


def _inr(sample: Sample) -> float:
    return sample.results["INR"].value


def reference_of(values: list[float]) -> float | None:
    """The median of earlier values; None without any."""
    return median(values) if values else None
