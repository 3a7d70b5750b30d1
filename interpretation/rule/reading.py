"""A case made ready for the rule: its samples since the last transplant, and what confounds each INR."""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from statistics import median
from typing import TYPE_CHECKING

from interpretation.evidence import Evidence
from interpretation.knowledge import limits
from interpretation.once import once
from interpretation.record.records import POINT_OF_CARE, Case, Draw, Result, in_order
from interpretation.rule import confounders, soft_confounders
from interpretation.rule.attribution import hepatic_evidence
from interpretation.rule.comparison import TOLERANCE, Comparison, own_limit, upper_limit
from interpretation.rule.pairing import ENZYMES, Pair, Sample, after, between, minute, paired, samples
from interpretation.vitamin_k import Trial, trials_of
from interpretation.words import age

if TYPE_CHECKING:
    from interpretation.rule.grading import Candidate

LIMITS = limits("dissociation").read_by(
    __name__,
    "acute_lookback_days subacute_lookback_days chronic_lookback_days transplant_days merge_hours "
    "bad_sample_minutes vka_first_hours haematocrit_citrate entry_multiple opposed_ALT opposed_AST adult_age",
)
EXPOSURES = frozenset(confounders.HARD) | frozenset(confounders.MASKING_HOURS) | {"dialysis", "vitamin_k"}
# What starts between two repeats makes two draws of them.
SEPARATING = EXPOSURES - {"bad_sample", "dialysis"}
DAY_LENGTH = timedelta(days=1)
_is_whole = attrgetter("is_whole")


class PreparedCase:
    """A case made ready: its samples since the last transplant, and what confounds each INR, once each."""

    def __init__(self, case: Case) -> None:
        bad = _flagged(case)
        # Flagged bad samples leave first, with all their results. [clinical.md 4.4 a]
        self.case = replace(case, draws=tuple(d for d in case.draws if id(d) not in bad)) if bad else case
        # The comparisons that were graded, each with what would make it critical.
        self.candidates: list[Candidate] = []
        self.transplanted_at = _transplanted_at(case)
        # Only these events bear on whether an INR can be read: kept apart, since each draw asks.
        exposures = tuple(e for e in case.events if e.kind in EXPOSURES)
        self._exposures = replace(self.case, events=exposures) if exposures != case.events else self.case
        self._prepare([d for d in case.timeline if id(d) in bad] if bad else [])
        self.all_pairs = paired(self.samples, "chronic")
        self.pair_count = len(self.all_pairs)
        self.latest = self.all_pairs[-1] if self.all_pairs else None
        self.any_exposure = bool(exposures)
        self._any_hard = bool(exposures or self.bad_inrs)
        self._any_point_of_care = not POINT_OF_CARE.isdisjoint(s.inr_method for s in self.samples)
        self.all_samples = self.samples
        self._look_up_once()
        # Nothing before this time (in seconds) is compared.
        self.oldest = -math.inf
        self._trim()

    def _look_up_once(self) -> None:
        """What is asked again and again of one sample or comparison."""
        self._hard: dict[int, list[confounders.Confounder]] = {}
        self._masking: dict[int, list[confounders.Confounder]] = {}
        self._soft: dict[int, list[confounders.Confounder]] = {}
        self._evidence: dict[tuple[float, float], tuple[Evidence, ...]] = {}

    def _prepare(self, bad: list[Draw]) -> None:
        self.given = _given(self._exposures)
        own = self._since_transplant(self.case.timeline)
        self._thick = _thick_blood(self.case)
        thick = {id(d) for d in own if d.result("INR") and self._thickness(d)} if self._thick else set()
        left = in_order([*self._since_transplant(bad), *(d for d in own if id(d) in thick)])
        self.samples = samples([_without_inr(d) if id(d) in thick else d for d in own], self.given)
        found = samples(left, self.given) if left else []
        self.bad_inrs = [s for s in found if "INR" in s.results and not s.point_of_care]

    def _since_transplant(self, draws: list[Draw]) -> list[Draw]:
        at = self.transplanted_at
        return draws if at is None else [d for d in draws if d.taken_at > at]

    def _trim(self) -> None:
        """Drops what no window can reach: 18 months before the last current draw whose INR can be read.

        A later draw that is left out of grading must not shorten the window of the graded one.
        """
        if not self.latest:
            return
        anchor = self._anchor() or self.latest
        self.oldest = anchor.seconds - LIMITS.chronic_lookback_days * 86400 - 1
        self.samples = between(self.samples, self.oldest)
        self.bad_inrs = between(self.bad_inrs, self.oldest)
        self.all_pairs = between(self.all_pairs, self.oldest)

    def _anchor(self) -> Pair | None:
        """The last current draw that can be read and that no blood product may hide; without one the last
        that can be read: a masked INR that rises all the same is graded."""
        masked = None
        for pair in reversed(self.all_pairs):
            if self.is_current(pair) and self.is_readable(pair):
                if not self.masking(pair):
                    return pair
                masked = masked or pair
        return masked

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
        own = (s for s in reversed(self.all_samples) if "INR" in s.results and not s.point_of_care)
        good, bad = next(own, None), self.bad_inrs[-1] if self.bad_inrs else None
        if bad is None or (good and bad.seconds - good.seconds <= LIMITS.merge_hours * 3600 + 1e-3):
            return good
        return bad

    def is_readable(self, pair: Pair) -> bool:
        """A laboratory INR that nothing makes unreadable."""
        return not pair.point_of_care and not self.hard(pair)

    def is_current(self, pair: Pair) -> bool:
        """Not older than the widest window before the latest paired draw: worth grading today."""
        return self.newest.seconds - pair.seconds <= LIMITS.chronic_lookback_days * 86400 + 1

    def is_over(self, regime: str, last: Pair) -> bool:
        """An acute course that ended more than 14 days before the last draw that can be read."""
        if regime != "acute":
            return False
        newest = self.laboratory(self.readable("chronic"))[-1]
        return newest.seconds - last.seconds > LIMITS.acute_lookback_days * 86400 + 1

    @property
    def last_laboratory(self) -> Pair | None:
        """The latest paired draw whose INR was not measured at the point of care."""
        return next((pair for pair in reversed(self.all_pairs) if not pair.point_of_care), None)

    def pairs(self, regime: str) -> list[Pair]:
        return self._acute_pairs if regime == "acute" else self.all_pairs

    @once
    def _acute_pairs(self) -> list[Pair]:
        whole = all(map(_is_whole, self.all_pairs))
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
        if not self.any_exposure:
            return []
        return [pair for pair in pairs if self.masking(pair) and not self.hard(pair)]

    def later(self, than: Pair) -> list[Sample]:
        """The samples after a paired draw has closed."""
        return after(self.samples, than.closes + 1)

    def unmasked(self, pairs: list[Pair]) -> list[Pair]:
        """Those whose INR no blood product may hide."""
        return [pair for pair in pairs if not self.masking(pair)] if self.any_exposure else pairs

    def soft(self, pair: Pair) -> list[confounders.Confounder]:
        key = id(pair.inr)
        if key not in self._soft:
            self._soft[key] = soft_confounders.soft(self.case, pair.at)
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
        results = {"INR": sample.results["INR"]} | self._thickness(sample.draw)
        start = _start_of_day(sample)
        if sample.hour_known:
            found = confounders.hard(self._exposures, sample.at, results)
        else:
            found = confounders.hard_within(self._exposures, start, DAY_LENGTH, results)
        if not any(sample is s for s in self.bad_inrs):
            # Only samples that have left are spoiled by a flag.
            return [c for c in found if c.key != "bad_sample"]
        return found if sample.hour_known else found + confounders.flagged(self._exposures, start, DAY_LENGTH)

    def _thickness(self, drawn: Draw) -> dict[str, Result]:
        """A haematocrit above 0.55 within 4 h of the INR, or of its day where an hour is not known."""
        reach = timedelta(hours=LIMITS.merge_hours)
        near = [r for d, r in self._thick if _belongs(d, drawn, reach)]
        return {"haematocrit": max(near, key=lambda r: r.value)} if near else {}

    def masking(self, drawn: Pair | Sample) -> list[confounders.Confounder]:
        if not self.any_exposure:
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
        window = self._window(regime, latest)
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

    def _window(self, regime: str, latest: Pair) -> list[Sample]:
        """The samples of the window that ends with this draw, paired or not."""
        oldest = latest.seconds - getattr(LIMITS, f"{regime}_lookback_days") * 86400 - 1e-3
        window = between(self.samples, oldest, latest.closes)
        return [s for s in window if s.hour_known] if regime == "acute" else window

    def peak_seconds(self, regime: str, comparison: Comparison) -> float:
        """When the enzyme stood highest in the window, paired or not; of values as high, the first."""
        key = comparison.enzyme
        measured = [s for s in self._window(regime, comparison.latest) if key in s.results]
        return max(measured, key=lambda s: s.results[key].value).seconds

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
        return trials_of(self, self.all_samples)

    def vitamin_k(self, latest: Pair) -> Trial | None:
        """The trial that bears on this draw: from 12 h after its dose to 7 days after its answer."""
        if not self.is_readable(latest):
            return None
        return next((trial for trial in self.trials if trial.bears_on(latest.at)), None)


def _flagged(case: Case) -> set[int]:
    """The draws of bad samples, by identity."""
    flags = [e.started_at for e in case.events if e.kind == "bad_sample"]
    if not flags:
        return set()
    near = [(d, at) for d in case.draws for at in flags if _is_flagged(d, at)]
    # A flag in the minute of a draw is that draw's alone.
    placed = {at for d, at in near if _is_of_its_minute(d, at)}
    return {id(d) for d, at in near if at not in placed or _is_of_its_minute(d, at)}


def _is_of_its_minute(draw: Draw, at: datetime) -> bool:
    return draw.hour_known and minute(draw.taken_at) == minute(at)


def _given(case: Case) -> list[int]:
    """The minutes at which an exposure makes two draws of repeats: a vitamin K antagonist at its dose, and
    when it begins to count."""
    given = {minute(e.started_at) for e in case.events if e.kind in SEPARATING}
    counts = timedelta(hours=LIMITS.vka_first_hours)
    return sorted(given | {minute(e.started_at + counts) for e in case.events if e.kind == "vka"})


def _transplanted_at(case: Case) -> datetime | None:
    at = (e.started_at for e in case.events if e.kind == "transplant" and e.started_at <= case.as_of)
    return max(at, default=None)


def _thick_blood(case: Case) -> list[tuple[Draw, Result]]:
    """Haematocrits with which an INR reads high."""
    limit = LIMITS.haematocrit_citrate
    measured = ((d, d.by_analyte["haematocrit"]) for d in case.timeline if "haematocrit" in d.by_analyte)
    return [(d, r) for d, r in measured if r.value is not None and r.value > limit]


def _is_flagged(draw: Draw, at: datetime) -> bool:
    if not draw.hour_known:
        return at.astimezone(draw.taken_at.tzinfo).date() == draw.taken_at.date()
    return abs(draw.taken_at - at) <= timedelta(minutes=LIMITS.bad_sample_minutes)


def _start_of_day(sample: Sample) -> datetime:
    return sample.at.replace(hour=0, minute=0, second=0, microsecond=0)


def _without_inr(draw: Draw) -> Draw:
    return replace(draw, results=tuple(r for r in draw.results if r.analyte != "INR"))


def _belongs(thick: Draw, drawn: Draw, reach: timedelta) -> bool:
    if thick.hour_known and drawn.hour_known:
        return abs(thick.taken_at - drawn.taken_at) <= reach
    return thick.taken_at.date() == drawn.taken_at.date()
