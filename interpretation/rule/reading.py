"""A case made ready for the rule: its samples since the last transplant, and what confounds each INR."""

from dataclasses import replace
from datetime import datetime, timedelta

from interpretation.evidence import Evidence
from interpretation.knowledge import limits
from interpretation.once import once
from interpretation.record.records import POINT_OF_CARE, Case
from interpretation.rule import confounders
from interpretation.rule.attribution import hepatic_evidence
from interpretation.rule.comparison import TOLERANCE, Comparison, upper_limit
from interpretation.rule.pairing import ENZYMES, Pair, Sample, after, between, paired, paired_whole, samples
from interpretation.vitamin_k import Response, response

LIMITS = limits("dissociation").read_by(
    __name__,
    "acute_lookback_days subacute_lookback_days chronic_lookback_days acute_pairing_hours "
    "pairing_hours transplant_days soft_days vitamin_k_hours_last vitamin_k_baseline_days",
)
EXPOSURES = frozenset(confounders.HARD) | frozenset(confounders.MASKING_HOURS) | {"dialysis"}
# No INR older than this can be the one before a dose of the last three days.
VITAMIN_K_REACH = timedelta(days=LIMITS.vitamin_k_baseline_days, hours=LIMITS.vitamin_k_hours_last)


class PreparedCase:
    """A case made ready: its samples since the last transplant, and what confounds each INR, once each."""

    def __init__(self, case: Case):
        self.case = case
        self.transplanted_at = max(
            (e.started_at for e in case.events if e.kind == "transplant" and e.started_at <= case.as_of),
            default=None,
        )
        own = case.timeline
        if self.transplanted_at:
            own = [d for d in own if d.taken_at > self.transplanted_at]
        self.samples = samples(own)
        self._whole = paired_whole(self.samples)
        self.all_pairs = paired(self.samples, self._whole, LIMITS.pairing_hours)
        self.latest = self.all_pairs[-1] if self.all_pairs else None
        # Only these events bear on whether an INR can be read: kept apart, since each draw asks.
        exposures = tuple(e for e in case.events if e.kind in EXPOSURES)
        self._exposures = replace(case, events=exposures) if exposures != case.events else case
        self._any_hard = bool(exposures or case.measured("haematocrit"))
        self._any_point_of_care = bool(POINT_OF_CARE & {s.inr_method for s in self.samples})
        self._hard: dict[int, list[confounders.Confounder]] = {}
        self._masking: dict[int, list[confounders.Confounder]] = {}
        self._soft: dict[int, list[confounders.Confounder]] = {}
        self._evidence: dict[tuple[float, float], tuple[Evidence, ...]] = {}
        self._responses: dict[int, Response | None] = {}
        self._trim()

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
        self._whole = between(self._whole, oldest)
        self.all_pairs = between(self.all_pairs, oldest)

    @property
    def newest(self) -> Pair:
        """The latest pair, of a case that has one."""
        if self.latest is None:
            raise ValueError("No ALT or AST is recorded with an INR.")
        return self.latest

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
        if len(self._whole) == len(self.all_pairs):
            return self.all_pairs
        return paired(self.samples, self._whole, LIMITS.acute_pairing_hours)

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
        """The samples after a paired draw."""
        return after(self.samples, than.seconds + 1)

    def unmasked(self, pairs: list[Pair]) -> list[Pair]:
        """Those whose INR no blood product may hide."""
        return [pair for pair in pairs if not self.masking(pair)] if self._exposures.events else pairs

    def soft(self, pair: Pair) -> list[confounders.Confounder]:
        key = id(pair.inr)
        if key not in self._soft:
            self._soft[key] = confounders.soft(self.case, pair.inr_at)
        return self._soft[key]

    def evidence(self, comparison: Comparison) -> tuple[Evidence, ...]:
        """What speaks for and against a hepatic cause over this comparison, once each."""
        key = (comparison.baseline.seconds, comparison.latest.seconds)
        if key not in self._evidence:
            response = self.vitamin_k(comparison.latest)
            self._evidence[key] = hepatic_evidence(self.case, comparison, response)
        return self._evidence[key]

    def hard(self, pair: Pair) -> list[confounders.Confounder]:
        if not self._any_hard:
            return []
        key = id(pair.inr)
        if key not in self._hard:
            self._hard[key] = confounders.hard(self._exposures, pair.inr_at, pair.results)
        return self._hard[key]

    def masking(self, pair: Pair) -> list[confounders.Confounder]:
        if not self._exposures.events:
            return []
        key = id(pair.inr)
        if key not in self._masking:
            self._masking[key] = confounders.masking(self._exposures, pair.inr_at)
        return self._masking[key]

    def normal_throughout(self, regime: str, latest: Pair) -> bool:
        """Every ALT and AST of the window is within its limit, paired or not."""
        oldest = latest.seconds - getattr(LIMITS, f"{regime}_lookback_days") * 86400 - 1e-3
        measured = False
        for sample in between(self.samples, oldest, latest.seconds):
            for result in map(sample.results.get, ENZYMES):
                if result and result.value > upper_limit(result, self.case.sex) + TOLERANCE:
                    return False
                measured = measured or result is not None
        return measured

    @once
    def just_transplanted(self) -> bool:
        """The last draw (or today, without one) lies within 14 days of a transplant."""
        if not self.transplanted_at:
            return False
        at = self.latest.at if self.latest else self.case.as_of
        return at < self.transplanted_at + timedelta(days=LIMITS.transplant_days)

    def vitamin_k(self, latest: Pair) -> Response | None:
        """The answer of this INR to vitamin K, against readable INRs of the same laboratory and method."""
        key = id(latest.inr)
        if key not in self._responses:
            self._responses[key] = self._response(latest)
        return self._responses[key]

    def _response(self, latest: Pair) -> Response | None:
        if self.masking(latest) or not self.is_readable(latest):
            return None
        if not any(e.kind == "vitamin_k" for e in self.case.events):
            return None
        oldest = latest.inr_at - VITAMIN_K_REACH
        series = [
            (s.at, s.results["INR"])
            for s in self.samples
            if oldest <= s.at <= latest.inr_at and "INR" in s.results and self._same(s, latest)
        ]
        return response(self.case, series, latest.inr_at)

    def answered_before(self, latest: Pair) -> tuple[Response, datetime] | None:
        """The last answer of an earlier INR to vitamin K, with its time, within two weeks before this one."""
        if not any(e.kind == "vitamin_k" for e in self.case.events):
            return None
        since = latest.inr_at - timedelta(days=LIMITS.soft_days)
        series = [
            (s.at, s.results["INR"])
            for s in self.samples
            if since - VITAMIN_K_REACH <= s.at < latest.inr_at
            and "INR" in s.results
            and self._same(s, latest)
        ]
        answers = ((response(self.case, series, at), at) for at, _ in reversed(series) if at >= since)
        return next(((found, at) for found, at in answers if found and found.kind == "responder"), None)

    def _same(self, sample: Sample, latest: Pair) -> bool:
        if (sample.laboratory, sample.inr_method) != latest.series[:2]:
            return False
        unreadable = confounders.hard(self._exposures, sample.at, sample.results)
        return not unreadable and not confounders.masking(self._exposures, sample.at)
