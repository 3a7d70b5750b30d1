"""What the scenario is read from: the facts of one case since any transplant, each looked up once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

from interpretation.record.analytes import is_adults
from interpretation.record.records import CHRONIC_LIVER_DISEASES, Case, Diagnosis, Draw, Event, Result
from interpretation.rule.attribution import encephalopathy, present
from interpretation.rule.comparison import DAY, TOLERANCE, upper_limit
from interpretation.rule.confounders import active
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.pairing import ENZYMES
from interpretation.rule.variation import beyond

from ..knowledge import limits, load
from ..once import once
from ..organ_failure import OrganFailure, organ_failures
from ..urgency.facts import UrgencyFacts
from ..urgency.inr_now import InrNow
from ..words import age
from .transplant import since

LIMITS = limits("scenario").read_by(__name__, "post_acute_days aclf_days aclf_days_longest dialysis_days")
load("scenario").read_by(__name__, "codes")
SHARED = limits("dissociation").read_by(__name__, "acute_pairing_hours pairing_hours adult_age")
ADVANCED = frozenset({"cirrhosis", "advanced_fibrosis"})
# These may themselves be the acute illness: they are known chronic disease only when noted before it.
MAY_PRESENT_ACUTELY = frozenset({"hepatitis_b", "hepatitis_c", "autoimmune_hepatitis", "wilson"})


@dataclass(frozen=True)
class Peak:
    """The highest value of an enzyme in multiples of its own limit."""

    enzyme: str
    result: Result
    times: float
    at: datetime
    draw: str


class Picture:
    """Facts of a case around the draw that the verdict reads (`at`); None is not measured."""

    def __init__(self, case: Case, found: Dissociation, now: InrNow, facts: UrgencyFacts) -> None:
        self.found, self.now, self.facts = found, now, facts
        self.transplanted_at = max(
            (e.started_at for e in case.events if e.kind == "transplant"), default=None
        )
        self.case = since(case, self.transplanted_at)
        self.graded = found.baseline_at is not None
        self.drawn_at = found.latest_at or self._last_draw_at()
        self.inr = found.inr_to if self.graded else None

    def _last_draw_at(self) -> datetime | None:
        wanted = (*ENZYMES, "INR")
        return next((d.taken_at for d in reversed(self.case.draws) if any(map(d.result, wanted))), None)

    # --- time ---

    @property
    def at(self) -> datetime:
        """The draw that is read, of a record that holds one (`drawn_at`)."""
        if self.drawn_at is None:
            raise ValueError("No ALT, AST or INR is recorded.")
        return self.drawn_at

    @once
    def window(self) -> timedelta | None:
        """From baseline to latest draw of the verdict."""
        first, last = self.found.baseline_at, self.found.latest_at
        return last - first if first and last else None

    @property
    def window_days(self) -> float | None:
        return None if self.window is None else self.window.total_seconds() / DAY

    # --- who ---

    @once
    def disease(self) -> tuple[Diagnosis, ...]:
        """Chronic liver disease known before the injury that is read, not resolved, most advanced first."""
        day = (self.drawn_at or self.case.as_of).date()
        injured_on = self.peak.at.date() if self.peak else day
        found = [
            d
            for d in self.case.diagnoses
            if d.kind in CHRONIC_LIVER_DISEASES
            and (d.resolved_on is None or d.resolved_on > day)
            and (d.kind not in MAY_PRESENT_ACUTELY or d.noted_on is None or d.noted_on < injured_on)
        ]
        return tuple(sorted(found, key=lambda d: CHRONIC_LIVER_DISEASES.index(d.kind)))

    @property
    def is_advanced(self) -> bool:
        """Cirrhosis or advanced fibrosis is known: then an injury is not acute liver failure."""
        return any(d.kind in ADVANCED for d in self.disease)

    @once
    def kinds(self) -> frozenset[str]:
        """Diagnoses that stand on the day of the draw."""
        day = (self.drawn_at or self.case.as_of).date()
        return frozenset(d.kind for d in self.case.diagnoses if d.resolved_on is None or d.resolved_on > day)

    def has_code(self, group: str) -> bool:
        """Whether a diagnosis carries an ICD code of this group of scenario.toml."""
        codes = tuple(load("scenario")["codes"][group])
        return any(c.replace(".", "").upper().startswith(codes) for d in self.case.diagnoses for c in d.codes)

    @once
    def is_child(self) -> bool:
        born = self.case.birth_date
        return born is not None and age(born, self.drawn_at or self.case.as_of) < SHARED.adult_age

    # --- enzymes ---

    @once
    def series(self) -> dict[str, list[tuple[datetime, Result, str]]]:
        """ALT and AST of the last 26 weeks before the draw that is read, and whatever came after it."""
        if self.drawn_at is None:
            return {key: [] for key in ENZYMES}
        first = self.at - timedelta(days=LIMITS.post_acute_days)
        return {
            key: [(d.taken_at, r, d.id) for d, r in self.case.measured_between(key, first, self.case.as_of)]
            for key in ENZYMES
        }

    @once
    def peaks(self) -> dict[str, Peak]:
        found = {}
        for key, points in self.series.items():
            if points:
                times = [self.times(result) for _, result, _ in points]
                # In time order: of values as high, the first is the peak.
                top = max(times)
                at, result, draw = points[times.index(top)]
                found[key] = Peak(key, result, top, at, draw)
        return found

    @once
    def peak(self) -> Peak | None:
        """The higher of the peaks of ALT and AST within 26 weeks, by multiples of the limit."""
        return max(self.peaks.values(), key=lambda p: (p.times, p.enzyme == "ALT"), default=None)

    @property
    def injury(self) -> Peak:
        """The peak, of a record that holds one."""
        if self.peak is None:
            raise ValueError("No ALT or AST is recorded.")
        return self.peak

    @once
    def compared_peak(self) -> Peak | None:
        """The highest ALT or AST from the baseline of the verdict on, where that reaches back further."""
        first = self.found.baseline_at
        if first is None or self.at - first <= timedelta(days=LIMITS.post_acute_days):
            return self.peak
        draws = self.case.between(first, self.at)
        found = [
            self._peak(key, d.taken_at, r, d.id)
            for d in draws
            for key in ENZYMES
            if (r := d.result(key)) and r.comparator[:1] != "<"
        ]
        return max(found, key=lambda p: (p.times, -p.at.timestamp(), p.enzyme), default=self.peak)

    @property
    def read_after_peak(self) -> bool:
        """The verdict reads an INR with the peak of the enzymes or after it; one of the day before does not
        show what the injury did."""
        reach = timedelta(hours=SHARED.acute_pairing_hours)
        return self.graded and self.peak is not None and self.at >= self.peak.at - reach

    @once
    def fallen_since_peak(self) -> tuple[str, Result, Result] | None:
        """(enzyme, peak, last value) where it has fallen beyond variation since; None without a fall."""
        if self.peak is None:
            return None
        key, top = self.peak.enzyme, self.peak.result
        later = [r for at, r, _ in self.series[key] if self.peak.at < at <= self.at]
        if not later or later[-1].comparator[:1] == ">":
            return None
        if later[-1].value >= top.value or not beyond(key, top.value, later[-1].value):
            return None
        return key, top, later[-1]

    def _peak(self, enzyme: str, at: datetime, result: Result, draw: str) -> Peak:
        return Peak(enzyme, result, self.times(result), at, draw)

    def times(self, result: Result) -> float:
        return result.value / (result.upper_limit or upper_limit(result, self.case.sex))

    def knows_limit(self, result: Result) -> bool:
        """False for a child's result without the laboratory's limit: no multiple is told of it then, and the
        usual limit of adults only says whether an injury is looked for at all. [clinical.md 4.4 h]"""
        return bool(result.upper_limit) or not (self.is_child and is_adults(result.analyte, 0))

    def ratio(self, at: datetime) -> tuple[float, str] | None:
        """AST/ALT of the draw nearest to `at`, with its id; both must come from one draw."""
        reach = timedelta(hours=SHARED.acute_pairing_hours)
        both = [
            (abs(d.taken_at - at), d.taken_at, d.id, ast.value / alt.value)
            for d in self.case.between(at - reach, at + reach)
            if (ast := d.result("AST"))
            and (alt := d.result("ALT"))
            and alt.value > 0
            and not (ast.comparator or alt.comparator)
        ]
        if not both:
            return None
        _, _, draw, ratio = min(both)
        return ratio, draw

    @once
    def alp_and_alt(self) -> tuple[Result, Result] | tuple[None, None]:
        """The latest ALP of 26 weeks that has an ALT within 48 hours, with that ALT."""
        last, reach = self.facts.last_at, timedelta(hours=SHARED.pairing_hours)
        if last is None:
            return None, None
        first = last - timedelta(days=LIMITS.post_acute_days)
        for draw, alp in reversed(self.case.measured_between("ALP", first, self.case.as_of)):
            alt, _ = self.case.nearest("ALT", draw.taken_at, reach)
            if alt is not None:
                return alp, alt
        return None, None

    # --- other tests ---

    @once
    def _values(self) -> dict[str, tuple[Result | None, Draw | None]]:
        return {}

    def value(self, analyte: str) -> tuple[Result | None, Draw | None]:
        """The result nearest to the draw that is read, within 48 hours."""
        if analyte not in self._values:
            reach = timedelta(hours=SHARED.pairing_hours)
            self._values[analyte] = (
                self.case.nearest(analyte, self.at, reach) if self.drawn_at else (None, None)
            )
        return self._values[analyte]

    def moved(self, analyte: str) -> tuple[int, tuple[Draw, Draw]] | None:
        """-1, 0 or 1 for a fall, no change or a rise beyond variation over the window; None untold."""
        last, last_draw = self.value(analyte)
        if last is None or last_draw is None or self.found.baseline_at is None:
            return None
        reach = timedelta(hours=SHARED.pairing_hours)
        first, first_draw = self.case.nearest(analyte, self.found.baseline_at, reach)
        if first is None or first_draw is None or first_draw is last_draw:
            return None
        if first.comparator or last.comparator:
            return None
        if not beyond(analyte, first.value, last.value):
            return 0, (first_draw, last_draw)
        return (1 if last.value > first.value else -1), (first_draw, last_draw)

    def rise_took(self, analyte: str) -> timedelta | None:
        """Time from the lowest value of the last 90 days to now; None without a rise beyond variation."""
        last, draw = self.value(analyte)
        if last is None or draw is None:
            return None
        first = draw.taken_at - timedelta(days=LIMITS.aclf_days_longest)
        earlier = [
            (r.value, d.taken_at) for d in self.case.between(first, draw.taken_at) if (r := d.result(analyte))
        ]
        lowest, at = min(earlier)
        rose = last.value > lowest and beyond(analyte, lowest, last.value)
        return draw.taken_at - at if rose else None

    # --- complications ---

    @once
    def encephalopathy(self) -> Event | None:
        return encephalopathy(self.case, self.at) if self.drawn_at else None

    @once
    def complications(self) -> dict[str, Event]:
        """Ascites, encephalopathy and variceal bleeding in the last 90 days before the draw or since.

        Ascites without an end stands; an encephalopathy whose end nobody recorded counts for 90 days.
        """
        if self.drawn_at is None:
            return {}
        since = self.at - timedelta(days=LIMITS.aclf_days_longest)
        found = {}
        for kind in ("ascites", "encephalopathy", "variceal_bleed"):
            events = [e for e in present(self.case, kind, since) if e.grade != 0]
            if kind == "encephalopathy":
                events = [e for e in events if e.ended_at is not None or e.started_at >= since]
            if events:
                found[kind] = max(events, key=lambda e: e.started_at)
        return found

    @once
    def recent_complications(self) -> dict[str, Event]:
        """Those that began in these 90 days."""
        if self.drawn_at is None:
            return {}
        since = self.at - timedelta(days=LIMITS.aclf_days_longest)
        return {kind: event for kind, event in self.complications.items() if event.started_at >= since}

    @once
    def new_complications(self) -> dict[str, Event]:
        """Ascites and encephalopathy that began in those days and were not there before."""
        if self.drawn_at is None:
            return {}
        since = self.at - timedelta(days=LIMITS.aclf_days_longest)
        found = {}
        for kind, event in self.complications.items():
            before = [
                e
                for e in self.case.events
                if e.kind == kind and e.grade != 0 and e.started_at < since and active(e, since)
            ]
            if kind != "variceal_bleed" and event.started_at >= since and not before:
                found[kind] = event
        return found

    def has_entry(self, kind: str) -> bool:
        """Anything recorded of it in 90 days, its absence (grade 0) too."""
        since = self.at - timedelta(days=LIMITS.aclf_days_longest)
        return bool(present(self.case, kind, since))

    def recent(self, kind: str) -> bool:
        """An event of this kind within the four weeks before the draw, or since."""
        return bool(present(self.case, kind, self.at - timedelta(days=LIMITS.aclf_days)))

    def recent_diagnosis(self, kind: str) -> bool:
        first = (self.at - timedelta(days=LIMITS.aclf_days)).date()
        return any(
            d.kind == kind and d.noted_on is not None and d.noted_on >= first for d in self.case.diagnoses
        )

    @once
    def failures(self) -> tuple[OrganFailure, ...]:
        """Organ failures by the values held, with an INR only where it can be read."""
        bilirubin, creatinine = self.value("bilirubin_total")[0], self.value("creatinine")[0]
        week = timedelta(days=LIMITS.dialysis_days)
        dialysis = any(e.kind == "dialysis" and active(e, self.at, week) for e in self.case.events)
        return organ_failures(
            bilirubin.value if bilirubin else None,
            creatinine.value if creatinine else None,
            self.inr,
            self.encephalopathy.grade if self.encephalopathy else None,
            dialysis,
            {
                "bilirubin": bilirubin.comparator if bilirubin else "",
                "creatinine": creatinine.comparator if creatinine else "",
                "inr": self.found.inr_signs[1],
            },
        )

    def inr_reaches(self, limit: float) -> bool:
        """The INR now; where blood products may hide it, also the last one before them."""
        now = self.now
        return now.reaches(limit) or (now.is_masked and now.before_masking.reaches(limit))

    def reaches(self, value: float | None, limit: float) -> TypeGuard[float]:
        return value is not None and value >= limit - TOLERANCE
