"""What besides the INR decides how soon: bilirubin, encephalopathy, ascites, organs, the peak of the enzymes.

Results are looked at from the latest ALT, AST or INR back, events from `as_of` back. [clinical.md 4.4 c]
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median

from interpretation import words
from interpretation.knowledge import limits
from interpretation.once import once
from interpretation.organ_failure import OrganFailure, new_failures
from interpretation.record.measured import MeasuredValue
from interpretation.record.records import Diagnosis, Draw, Event, Result
from interpretation.rule.comparison import DAY, upper_limit
from interpretation.rule.confounders import active
from interpretation.rule.course import sign_of_median
from interpretation.rule.pairing import ENZYMES, Sample, between, counted
from interpretation.rule.reading import PreparedCase
from interpretation.urgency.inr_now import TOLERANCE, InrNow

LIMITS = limits("urgency").read_by(
    __name__, "new_days encephalopathy_days bilirubin_days bilirubin_up bilirubin_step peak_times peak_days"
)
RULE = limits("dissociation").read_by(__name__, "critical_bilirubin merge_hours")
SCENARIO = limits("scenario").read_by(__name__, "post_acute_days")
ORGANS = limits("scenario").read_by(__name__, "liver_failure kidney_failure coagulation_failure")


class UrgencyFacts:
    """The facts of one case as seen at `clock`, each looked up once."""

    def __init__(self, reading: PreparedCase, now: InrNow, clock: datetime) -> None:
        self.reading, self.case, self.now, self.clock = reading, reading.case, now, clock

    @once
    def last_at(self) -> datetime | None:
        """The latest ALT, AST, INR or bilirubin."""
        latest = [s.at for s in self.reading.all_samples[-1:]]
        latest += [v.at for v in self._bilirubins[-1:]]
        return max(latest, default=None)

    # --- bilirubin ---

    @once
    def _bilirubins(self) -> list[MeasuredValue]:
        """Those that can matter: of the latest and the 28 days before it."""
        measured = self.case.measured("bilirubin_total")
        if not measured:
            return []
        last = measured[-1][0].taken_at
        first = last - timedelta(days=LIMITS.bilirubin_days) - timedelta(hours=RULE.merge_hours)
        return self._counted(self.case.measured_between("bilirubin_total", first, last))

    @once
    def bilirubin(self) -> MeasuredValue | None:
        """The latest, no more than 28 days before the latest ALT, AST or INR; a bound counts by its number."""
        last = self._bilirubins[-1] if self._bilirubins else None
        if last is None or self.last_at is None:
            return None
        return last if self.last_at - last.at <= timedelta(days=LIMITS.bilirubin_days) else None

    @once
    def jaundiced(self) -> bool:
        return self.bilirubin is not None and self.bilirubin.number >= RULE.critical_bilirubin - TOLERANCE

    @once
    def _bilirubins_before(self) -> list[MeasuredValue]:
        """Those of the 28 days before the latest."""
        if self.bilirubin is None:
            return []
        first = self.bilirubin.at - timedelta(days=LIMITS.bilirubin_days)
        return [v for v in self._bilirubins if first <= v.at < self.bilirubin.at]

    @once
    def bilirubin_before(self) -> float | None:
        """The median of the 28 days before the latest."""
        values = [value.number for value in self._bilirubins_before]
        return median(values) if values else None

    @property
    def before_in_words(self) -> str:
        """The same as it is written: with the comparator where it rests on a bound."""
        if self.bilirubin_before is None:
            return ""
        sign = sign_of_median([value.result for value in self._bilirubins_before])
        return words.sign(sign) + words.number(self.bilirubin_before)

    @once
    def bilirubin_up(self) -> bool:
        """Beyond its reference change above that median."""
        before = self.bilirubin_before
        if self.bilirubin is None or before is None or before <= 0:
            return False
        return self.bilirubin.number > before * (1 + LIMITS.bilirubin_up) + TOLERANCE

    @once
    def bilirubin_climbs(self) -> bool:
        """By 50 µmol/L or more above its lowest of 28 days."""
        lowest = min((value.number for value in self._bilirubins_before), default=None)
        if self.bilirubin is None or lowest is None:
            return False
        return self.bilirubin.number >= lowest + LIMITS.bilirubin_step - TOLERANCE

    # --- events ---

    @once
    def encephalopathy(self) -> Event | None:
        """New within 28 days, or recorded in the last seven; of several the highest grade."""
        recent = self.clock - timedelta(days=LIMITS.encephalopathy_days)
        own = [e for e in self._events("encephalopathy") if self.is_new(e) or _recorded_since(e, recent)]
        return max(own, key=lambda e: (e.grade or 0, e.started_at), default=None)

    @once
    def new_ascites(self) -> Event | None:
        return next((e for e in reversed(self._events("ascites")) if self.is_new(e)), None)

    @once
    def new_encephalopathy(self) -> Event | None:
        return next((e for e in reversed(self._events("encephalopathy")) if self.is_new(e)), None)

    def is_new(self, event: Event) -> bool:
        """Started or worse within 28 days, with none as bad in the 28 days before."""
        days = timedelta(days=LIMITS.new_days)
        if event.started_at < self.clock - days:
            return False
        before = [
            e
            for e in self._events(event.kind)
            if e.started_at < event.started_at and active(e, event.started_at, days)
        ]
        return all((e.grade or 0) < (event.grade or 0) for e in before)

    def _events(self, kind: str) -> list[Event]:
        """Known by `clock` and since any transplant; grade 0 is its absence."""
        return [
            e
            for e in self.case.events
            if e.kind == kind
            and e.grade != 0
            and e.started_at <= self.clock
            and self._since_transplant(e.started_at)
        ]

    # --- disease, organs, enzymes ---

    @once
    def disease(self) -> tuple[Diagnosis, ...]:
        """Known chronic liver disease that has not resolved."""
        return self.case.liver_diseases(self.clock.date())

    @once
    def failures(self) -> tuple[OrganFailure, ...]:
        """Organ failures that are new."""
        return new_failures(
            bilirubin=self._series("bilirubin_total", ORGANS.liver_failure),
            creatinine=self._series("creatinine", ORGANS.kidney_failure),
            inr=self._inrs(self.now.readable),
            bedside_inr=self._inrs(s for s in self.now.readable_of_any if s.point_of_care),
            encephalopathy=[e for e in self._events("encephalopathy") if self.is_new(e)],
            dialysis=[e for e in self._events("dialysis") if self.is_new(e)],
            last_at=self.last_at,
        )

    @once
    def highest(self) -> tuple[float, MeasuredValue | None]:
        """The highest ALT or AST within 26 weeks, and how many times its limit it is."""
        return self._highest(SCENARIO.post_acute_days)

    @once
    def peak(self) -> MeasuredValue | None:
        """The same where it is ten times its limit or more."""
        return _of_an_injury(*self.highest)

    @once
    def recent_peak(self) -> MeasuredValue | None:
        """The same within 28 days."""
        return _of_an_injury(*self._highest(LIMITS.peak_days))

    def _highest(self, days: float) -> tuple[float, MeasuredValue | None]:
        if self.last_at is None:
            return 0.0, None
        sex = self.case.sex
        window = between(self.reading.all_samples, self.last_at.timestamp() - days * DAY - 1e-3)
        own = [(s, result) for s in window for key in ENZYMES if (result := s.results.get(key))]
        if not own:
            return 0.0, None
        times = [result.value / upper_limit(result, sex) for _, result in own]
        # In time order: of values as high, the first.
        top = max(times)
        sample, result = own[times.index(top)]
        return top, MeasuredValue(sample.draw, result)

    def _series(self, analyte: str, limit: float) -> list[tuple[datetime, float, str]]:
        """Empty where no value fails."""
        measured = self.case.measured(analyte)
        if not any(result.value is not None and result.value >= limit - TOLERANCE for _, result in measured):
            return []
        return [(v.at, v.number, v.result.comparator) for v in self._counted(measured)]

    def _inrs(self, own: Iterable[Sample]) -> list[tuple[datetime, float, str]]:
        """Up to the one that is read; empty where that does not fail."""
        if not self.now.reaches(ORGANS.coagulation_failure):
            return []
        last = self.now.sample.seconds if self.now.sample else 0.0
        results = ((s.at, s.results["INR"]) for s in own if s.seconds <= last)
        return [(at, result.value, result.comparator) for at, result in results]

    def _counted(self, measured: list[tuple[Draw, Result]]) -> list[MeasuredValue]:
        """Since any transplant; of repeats the last counts. [clinical.md 4.4 a]"""
        own = [
            (draw, result)
            for draw, result in measured
            if result.value is not None and self._since_transplant(draw.taken_at)
        ]
        return [MeasuredValue(draw, result) for draw, result in counted(own, self.reading.given)]

    def _since_transplant(self, at: datetime) -> bool:
        return self.reading.transplanted_at is None or at > self.reading.transplanted_at


def _of_an_injury(times: float, value: MeasuredValue | None) -> MeasuredValue | None:
    return value if times >= LIMITS.peak_times - TOLERANCE else None


def _recorded_since(event: Event, first: datetime) -> bool:
    return event.started_at >= first or (event.ended_at is not None and event.ended_at >= first)
