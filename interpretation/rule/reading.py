"""A case made ready for the rule: its samples since the last transplant, and what confounds each INR."""

from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from interpretation.evidence import Evidence
from interpretation.knowledge import limits
from interpretation.once import once
from interpretation.record.records import Case, Draw, Result
from interpretation.rule import confounders
from interpretation.rule.attribution import hepatic_evidence
from interpretation.rule.comparison import TOLERANCE, Comparison, own_limit, upper_limit
from interpretation.rule.pairing import ENZYMES, Pair, Sample, after, between, minute, paired, samples
from interpretation.vitamin_k import Trial, trials_of
from interpretation.words import age

LIMITS = limits("dissociation").read_by(
    __name__,
    "acute_lookback_days subacute_lookback_days chronic_lookback_days transplant_days merge_hours "
    "bad_sample_minutes haematocrit_citrate entry_multiple opposed_ALT opposed_AST adult_age",
)
EXPOSURES = frozenset(confounders.HARD) | frozenset(confounders.MASKING_HOURS) | {"dialysis", "vitamin_k"}
# What starts between two repeats makes two draws of them.
SEPARATING = EXPOSURES - {"bad_sample", "dialysis"}
DAY_LENGTH = timedelta(days=1)


class PreparedCase:
    """A case made ready: its samples since the last transplant, and what confounds each INR, once each."""

    def __init__(self, case: Case):
        self.case = case
        self.transplanted_at = max(
            (e.started_at for e in case.events if e.kind == "transplant" and e.started_at <= case.as_of),
            default=None,
        )
        # Only these events bear on whether an INR can be read: kept apart, since each draw asks.
        exposures = tuple(e for e in case.events if e.kind in EXPOSURES)
        self._exposures = replace(case, events=exposures) if exposures != case.events else case
        self._prepare([d for d in case.timeline if self._since_transplant(d)])
        self.all_pairs = paired(self.samples, "chronic")
        self.pair_count = len(self.all_pairs)
        self.latest = self.all_pairs[-1] if self.all_pairs else None
        self._any_hard = bool(exposures or self.bad_inrs)
        self._any_point_of_care = any(s.point_of_care for s in self.samples)
        self._hard: dict[int, list[confounders.Confounder]] = {}
        self._masking: dict[int, list[confounders.Confounder]] = {}
        self._soft: dict[int, list[confounders.Confounder]] = {}
        self._evidence: dict[tuple[float, float], tuple[Evidence, ...]] = {}
        self._all_samples = self.samples
        self._trim()

    def _since_transplant(self, draw: Draw) -> bool:
        return self.transplanted_at is None or draw.taken_at > self.transplanted_at

    def _prepare(self, own: list[Draw]) -> None:
        """Flagged samples leave first; an INR of thick blood after them. [clinical.md 4.4 a]"""
        bad = self._flagged(own)
        given = sorted({minute(e.started_at) for e in self._exposures.events if e.kind in SEPARATING})
        self.samples = samples([d for d in own if id(d) not in bad] if bad else own, given)
        flagged = samples(list(bad.values()), given) if bad else []
        self.flagged_draws = frozenset(d.id for d in bad.values())
        thick = self._take_thick(bad)
        inrs = [s for s in (*flagged, *thick) if "INR" in s.results]
        self.bad_inrs = sorted(inrs, key=lambda s: s.seconds)

    def _flagged(self, own: list[Draw]) -> dict[int, Draw]:
        """Those that somebody called bad samples, by identity: two may share an id."""
        flags = [e.started_at for e in self._exposures.events if e.kind == "bad_sample"]
        if not flags:
            return {}
        return {id(d): d for d in own if any(_is_flagged(d, at) for at in flags)}

    def _take_thick(self, bad: dict[int, Draw]) -> list[Sample]:
        """The samples whose blood was thick, so that their INR reads high: it leaves the others."""
        self._thick = [
            (d, r)
            for d, r in self.case.measured("haematocrit")
            if r.value is not None and r.value > LIMITS.haematocrit_citrate and id(d) not in bad
        ]
        thick = [s for s in self.samples if self._thickness(s)] if self._thick else []
        if thick:
            without = (s.without_inr() if s in thick else s for s in self.samples)
            self.samples = [s for s in without if s.results]
        return thick

    def _trim(self) -> None:
        """Drops what no window can reach: 18 months before the last current draw whose INR can be read.

        A later draw that is left out of grading must not shorten the window of the graded one.
        """
        if not self.latest:
            return
        current = (p for p in reversed(self.all_pairs) if self.is_current(p))
        readable = (p for p in current if self.is_readable(p) and not self.masking(p))
        anchor = next(readable, self.latest)
        oldest = anchor.seconds - LIMITS.chronic_lookback_days * 86400 - 1
        self.samples = between(self.samples, oldest)
        self.bad_inrs = between(self.bad_inrs, oldest)
        self.all_pairs = between(self.all_pairs, oldest)

    @property
    def newest(self) -> Pair:
        """The latest pair, of a case that has one."""
        if self.latest is None:
            raise ValueError("No ALT or AST is recorded with an INR.")
        return self.latest

    @once
    def last_inr(self) -> Sample | None:
        """The latest laboratory INR of all, paired or not. One of a bad sample counts where no good one
        stands within 4 h before it: it stays hard. [clinical.md 4.4 a, d]"""
        own = [s for s in self._all_samples if "INR" in s.results and not s.point_of_care]
        good, bad = own[-1] if own else None, self.bad_inrs[-1] if self.bad_inrs else None
        if bad is None or (good and bad.seconds - good.seconds <= LIMITS.merge_hours * 3600 + 1e-3):
            return good
        return bad

    def is_readable(self, pair: Pair) -> bool:
        """A laboratory INR that nothing makes unreadable."""
        return not pair.point_of_care and not self.hard(pair)

    def is_current(self, pair: Pair) -> bool:
        """Not older than the widest window before the latest paired draw: worth grading today."""
        return self.newest.seconds - pair.seconds <= LIMITS.chronic_lookback_days * 86400 + 1

    def pairs(self, regime: str) -> list[Pair]:
        return self._acute_pairs if regime == "acute" else self.all_pairs

    @once
    def _acute_pairs(self) -> list[Pair]:
        whole = all(pair.is_whole for pair in self.all_pairs)
        return self.all_pairs if whole else paired(self.samples, "acute")

    def readable(self, regime: str) -> list[Pair]:
        """The paired draws of a window whose INR nothing makes unreadable."""
        pairs = self.pairs(regime)
        return [pair for pair in pairs if not self.hard(pair)] if self._any_hard else pairs

    def laboratory(self, pairs: list[Pair]) -> list[Pair]:
        """Those whose INR was not measured at the point of care."""
        return [pair for pair in pairs if not pair.point_of_care] if self._any_point_of_care else pairs

    def unreadable(self, pairs: list[Pair]) -> list[Pair]:
        """Those whose INR something makes unreadable."""
        return [pair for pair in pairs if self.hard(pair)] if self._any_hard else []

    def masked(self, pairs: list[Pair]) -> list[Pair]:
        """Those whose INR could be read but for a blood product that may hide it."""
        if not self._exposures.events:
            return []
        return [pair for pair in pairs if self.masking(pair) and not self.hard(pair)]

    def later(self, than: Pair) -> list[Sample]:
        """The samples after a paired draw has closed."""
        return after(self.samples, than.closes + 1)

    def unmasked(self, pairs: list[Pair]) -> list[Pair]:
        """Those whose INR no blood product may hide."""
        return [pair for pair in pairs if not self.masking(pair)] if self._exposures.events else pairs

    def soft(self, pair: Pair) -> list[confounders.Confounder]:
        key = id(pair.inr)
        if key not in self._soft:
            self._soft[key] = confounders.soft(self.case, pair.at)
        return self._soft[key]

    def evidence(self, comparison: Comparison) -> tuple[Evidence, ...]:
        """What speaks for and against a hepatic cause over this comparison, once each."""
        key = (comparison.baseline.seconds, comparison.latest.seconds)
        if key not in self._evidence:
            trial = self.vitamin_k(comparison.latest)
            self._evidence[key] = hepatic_evidence(self.case, comparison, trial)
        return self._evidence[key]

    def hard(self, drawn: Pair | Sample) -> list[confounders.Confounder]:
        """Why this INR cannot be read."""
        if not self._any_hard:
            return []
        sample = drawn.sample if isinstance(drawn, Pair) else drawn
        key = id(sample)
        if key not in self._hard:
            self._hard[key] = self._find_hard(sample)
        return self._hard[key]

    def _find_hard(self, sample: Sample) -> list[confounders.Confounder]:
        results = {"INR": sample.results["INR"]} | self._thickness(sample)
        if sample.hour_known:
            return confounders.hard(self._exposures, sample.at, results)
        return confounders.hard_within(self._exposures, _start_of_day(sample), DAY_LENGTH, results)

    def _thickness(self, sample: Sample) -> dict[str, Result]:
        """A haematocrit above 0.55 within 4 h of the INR, or of its day where an hour is not known."""
        reach = timedelta(hours=LIMITS.merge_hours)
        near = [r for d, r in self._thick if _belongs(d, sample, reach)]
        return {"haematocrit": max(near, key=lambda r: r.value)} if near else {}

    def masking(self, drawn: Pair | Sample) -> list[confounders.Confounder]:
        if not self._exposures.events:
            return []
        sample = drawn.sample if isinstance(drawn, Pair) else drawn
        key = id(sample)
        if key not in self._masking:
            at = sample.at if sample.hour_known else _start_of_day(sample)
            self._masking[key] = confounders.masking(self._exposures, at)
        return self._masking[key]

    def quiet(self, regime: str, latest: Pair) -> str:
        """ "within_limit" or "near_normal" where every ALT and AST of the window, paired or not, is below 1.5
        times its limit, and neither has risen; "" otherwise. [clinical.md 4.4 b]"""
        oldest = latest.seconds - getattr(LIMITS, f"{regime}_lookback_days") * 86400 - 1e-3
        window = between(self.samples, oldest, latest.closes)
        if regime == "acute":
            window = [s for s in window if s.hour_known]
        child, highest = self.is_child(latest.at), 0.0
        for sample in window:
            for result in map(sample.results.get, ENZYMES):
                if result is None:
                    continue
                limit = own_limit(result, self.case.sex, child)
                if limit is None or result.value >= LIMITS.entry_multiple * limit - TOLERANCE:
                    return ""
                highest = max(highest, result.value / limit)
        if any(self._risen(key, latest, window) for key in latest.enzymes):
            return ""
        return "within_limit" if highest <= 1 + TOLERANCE else "near_normal"

    def _risen(self, key: str, latest: Pair, window: list[Sample]) -> bool:
        """Above its limit and beyond its reference change above the median of its earlier values."""
        last, at = latest.enzymes[key], latest.enzyme_samples[key].seconds
        if last.value <= upper_limit(last, self.case.sex) + TOLERANCE:
            return False
        earlier = [s.results[key].value for s in window if key in s.results and s.seconds < at]
        if not earlier:
            return False
        most: float = (1 + getattr(LIMITS, f"opposed_{key}")) * median(earlier)
        return last.value > most + TOLERANCE

    def is_child(self, at: datetime) -> bool:
        born = self.case.birth_date
        return born is not None and age(born, at) < LIMITS.adult_age

    @once
    def just_transplanted(self) -> bool:
        """The last draw (or today, without one) lies within 14 days of a transplant."""
        if not self.transplanted_at:
            return False
        at = self.latest.at if self.latest else self.case.as_of
        return at < self.transplanted_at + timedelta(days=LIMITS.transplant_days)

    @once
    def trials(self) -> tuple[Trial, ...]:
        """Every trial of vitamin K of the record, the latest first."""
        if not any(e.kind == "vitamin_k" for e in self.case.events):
            return ()
        return trials_of(self, self._all_samples)

    def vitamin_k(self, latest: Pair) -> Trial | None:
        """The trial that bears on this draw: from 12 h after its dose to 7 days after its answer."""
        if not self.is_readable(latest):
            return None
        return next((trial for trial in self.trials if trial.bears_on(latest.at)), None)


def _is_flagged(draw: Draw, at: datetime) -> bool:
    if not draw.hour_known:
        return at.astimezone(draw.taken_at.tzinfo).date() == draw.taken_at.date()
    return abs(draw.taken_at - at) <= timedelta(minutes=LIMITS.bad_sample_minutes)


def _start_of_day(sample: Sample) -> datetime:
    return sample.at.replace(hour=0, minute=0, second=0, microsecond=0)


def _belongs(draw: Draw, sample: Sample, reach: timedelta) -> bool:
    if draw.hour_known and sample.hour_known:
        return abs(draw.taken_at - sample.at) <= reach
    return draw.taken_at.date() == sample.day
