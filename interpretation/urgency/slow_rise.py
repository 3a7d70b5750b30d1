"""An INR that climbs over years, too slowly for any window of the rule: named where nothing else is.

Not the pattern, and no urgency of its own; the limits of a rise are those of clinical.md 4.4, `rise(x, y)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from interpretation.knowledge import limits, load
from interpretation.record.records import Case, Draw, Result, is_point_of_care
from interpretation.rule.comparison import DAY, TOLERANCE, comparable
from interpretation.rule.course import Point, rise
from interpretation.rule.pairing import Sample
from interpretation.rule.reading import PreparedCase
from interpretation.rule.trend import kendall_tau_b
from interpretation.words import number

RULE = limits("dissociation").read_by(__name__, "trend_tau critical_method_ratio")
LIMITS = limits("urgency").read_by(__name__, "slow_span_days slow_level_days slow_level_draws")
load("urgency").read_by(__name__, "slow")


@dataclass(frozen=True)
class SlowRise:
    """From which INR to which, and the day of the first draw that it is read from."""

    start: float
    end: float
    since: date

    @property
    def words(self) -> str:
        """ "INR rising slowly: 1.0 to 1.7 since 2017"."""
        text = str(load("urgency")["slow"]["rise"]["text"])
        return text.format(start=number(self.start, 1), end=number(self.end, 1), year=self.since.year)


def slow_rise(case: Case) -> SlowRise | None:
    """The slow rise of the readable laboratory INRs since the last transplant, None where there is none. [ED]"""
    if not _may_rise(case.measured("INR")):
        return None
    reading = PreparedCase(case)
    own = [sample for sample in reading.all_samples if _is_read(reading, sample)]
    levels = slow_levels([(sample.seconds, sample.results["INR"].value) for sample in own])
    if levels is None or not _is_one_series(own, levels):
        return None
    return SlowRise(*levels, own[0].at.date())


def slow_levels(points: Sequence[Point]) -> tuple[float, float] | None:
    """The median INR of the first year and of the last, where it has risen from the one to the other in step
    with time and the latest INR keeps to it; `points` (seconds, INR) are in time order. [clinical.md 4.4 b]"""
    if not points or points[-1][0] - points[0][0] <= LIMITS.slow_span_days * DAY:
        return None
    reach = LIMITS.slow_level_days * DAY
    first = [value for at, value in points if at - points[0][0] <= reach]
    last = [value for at, value in points if points[-1][0] - at <= reach]
    if min(len(first), len(last)) < LIMITS.slow_level_draws:
        return None
    start, end = median(first), median(last)
    if not rise(start, end) or not rise(start, points[-1][1]):
        return None
    tau = kendall_tau_b(points)
    return None if tau is None or tau < RULE.trend_tau - TOLERANCE else (start, end)


def _may_rise(measured: Sequence[tuple[Draw, Result]]) -> bool:
    """A look without reading the case: most records end here."""
    values = [result.value for _, result in measured if not is_point_of_care(result.method)]
    if len(values) < 2 * LIMITS.slow_level_draws:
        return False
    span = measured[-1][0].taken_at - measured[0][0].taken_at
    return span.days >= LIMITS.slow_span_days and rise(min(values), max(values))


def _is_read(reading: PreparedCase, sample: Sample) -> bool:
    if "INR" not in sample.results or sample.point_of_care:
        return False
    return not reading.hard(sample) and not reading.masking(sample)


def _is_one_series(own: Sequence[Sample], levels: tuple[float, float]) -> bool:
    """After a change of laboratory or method only a rise by half counts. [clinical.md 4.2]"""
    start, end = levels
    if comparable([sample.inr_series for sample in own]):
        return True
    return end / start >= RULE.critical_method_ratio - TOLERANCE
