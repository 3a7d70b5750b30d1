"""What besides the INR decides how soon: bilirubin, encephalopathy, ascites, organs, the peak of the enzymes.

Results are looked at from the latest ALT, AST or INR back, events from `as_of` back. [clinical.md 4.4 c]
"""

from datetime import datetime, timedelta
from statistics import median

from interpretation import words
from interpretation.knowledge import limits
from interpretation.once import once
from interpretation.organ_failure import OrganFailure, new_failures
from interpretation.record.measured import MeasuredValue
from interpretation.record.records import CHRONIC_LIVER_DISEASES, Case, Diagnosis, Event
from interpretation.rule.comparison import DAY, upper_limit
from interpretation.rule.confounders import active
from interpretation.rule.course import sign_of_median
from interpretation.rule.pairing import ENZYMES, between
from interpretation.rule.reading import PreparedCase
from interpretation.urgency.inr_now import TOLERANCE, InrNow

LIMITS = limits("urgency").read_by(
    __name__, "new_days encephalopathy_days bilirubin_days bilirubin_up bilirubin_step peak_times peak_days"
)
RULE = limits("dissociation").read_by(__name__, "critical_bilirubin")
SCENARIO = limits("scenario").read_by(__name__, "post_acute_days")


class UrgencyFacts:
    """The facts of one case as seen at `clock`, each looked up once."""

    def __init__(self, reading: PreparedCase, now: InrNow, clock: datetime) -> None:
        self.reading, self.case, self.now, self.clock = reading, reading.case, now, clock

    @once
    def last_at(self) -> datetime | None:
        """The latest ALT, AST or INR."""
        samples = self.reading.samples
        return samples[-1].at if samples else None

    # --- bilirubin ---

    @once
    def bilirubin(self) -> MeasuredValue | None:
        """The latest, no more than 28 days from the latest ALT, AST or INR."""
        found = [v for v in _measured(self.case, "bilirubin_total") if self._since_transplant(v.at)]
        last = found[-1] if found else None
        if last is None or self.last_at is None:
            return last
        near = abs(last.at - self.last_at) <= timedelta(days=LIMITS.bilirubin_days)
        return last if near else None

    @once
    def jaundiced(self) -> bool:
        return self.bilirubin is not None and self.bilirubin.at_least(RULE.critical_bilirubin)

    @once
    def _bilirubins_before(self) -> list[MeasuredValue]:
        """Those of the 28 days before the latest."""
        if self.bilirubin is None:
            return []
        first = self.bilirubin.at - timedelta(days=LIMITS.bilirubin_days)
        return [
            v
            for v in _measured(self.case, "bilirubin_total")
            if first <= v.at < self.bilirubin.at and self._since_transplant(v.at)
        ]

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
        return self.bilirubin.above(before * (1 + LIMITS.bilirubin_up))

    @once
    def bilirubin_climbs(self) -> bool:
        """By 50 µmol/L or more above its lowest of 28 days."""
        lowest = min((value.number for value in self._bilirubins_before), default=None)
        if self.bilirubin is None or lowest is None:
            return False
        return self.bilirubin.at_least(lowest + LIMITS.bilirubin_step)

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
        today = self.clock.date()
        return tuple(
            d
            for d in self.case.diagnoses
            if d.kind in CHRONIC_LIVER_DISEASES and (d.resolved_on is None or d.resolved_on > today)
        )

    @once
    def failures(self) -> tuple[OrganFailure, ...]:
        """Organ failures that are new."""
        return new_failures(
            bilirubin=self._series("bilirubin_total"),
            creatinine=self._series("creatinine"),
            inr=[(s.at, s.results["INR"].value, s.results["INR"].comparator) for s in self.now.readable],
            encephalopathy=[e for e in self._events("encephalopathy") if self.is_new(e)],
            dialysis=[e for e in self._events("dialysis") if self.is_new(e)],
            last_at=self.last_at,
        )

    @once
    def peak(self) -> MeasuredValue | None:
        """The highest ALT or AST of ten times its limit or more within 26 weeks."""
        return self._peak(SCENARIO.post_acute_days)

    @once
    def recent_peak(self) -> MeasuredValue | None:
        """The same within 28 days."""
        return self._peak(LIMITS.peak_days)

    def _peak(self, days: float) -> MeasuredValue | None:
        if self.last_at is None:
            return None
        sex = self.case.sex
        window = between(self.reading.samples, self.last_at.timestamp() - days * DAY - 1e-3)
        high = [
            (s.results[key].value / upper_limit(s.results[key], sex), MeasuredValue(s.draw, s.results[key]))
            for s in window
            for key in ENZYMES
            if key in s.results and s.results[key].comparator[:1] != "<"
        ]
        times, value = max(high, key=lambda found: found[0], default=(0.0, None))
        return value if times >= LIMITS.peak_times - TOLERANCE else None

    def _series(self, analyte: str) -> list[tuple[datetime, float, str]]:
        return [
            (v.at, v.number, v.result.comparator)
            for v in _measured(self.case, analyte)
            if v.result.comparator[:1] != "<" and self._since_transplant(v.at)
        ]

    def _since_transplant(self, at: datetime) -> bool:
        return self.reading.transplanted_at is None or at > self.reading.transplanted_at


def _measured(case: Case, analyte: str) -> list[MeasuredValue]:
    return [MeasuredValue(draw, result) for draw, result in case.measured(analyte)]


def _recorded_since(event: Event, first: datetime) -> bool:
    return event.started_at >= first or (event.ended_at is not None and event.ended_at >= first)
