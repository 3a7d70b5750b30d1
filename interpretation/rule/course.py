"""Has the INR risen, where no enzyme picks the baseline? The table of clinical.md 4.4 b.

Read for paired draws with quiet enzymes (`comparison`), and for all INRs as the course (`urgency`). No
baseline is picked: the lowest INR of a noisy series makes noise look like a rise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from interpretation.knowledge import limits
from interpretation.record.records import Result
from interpretation.rule.trend import kendall_tau_b, theil_sen_line

LIMITS = limits("dissociation").read_by(
    __name__,
    "rise_ratio rise_difference rise_floor trend_draws trend_tau line_ratio line_difference",
)
TOLERANCE = 1e-9
# (seconds, INR)
Point = tuple[float, float]


@dataclass(frozen=True)
class InrCourse:
    """The INRs of one window that ends at the latest: `reference` is the median of the `earlier` ones.

    `line` is the Theil-Sen line at the first and the last draw, `first_at` (seconds) the first earlier draw.
    """

    draws: int
    earlier: int
    reference: float
    lowest: float
    latest: float
    first_at: float
    tau: float | None
    line: tuple[float, float] | None
    rising: bool
    # The column "established" of the table, as far as the INRs alone decide it.
    consistent: bool

    @property
    def ratio(self) -> float:
        return self.latest / self.reference if self.reference > 0 else 0.0

    @property
    def difference(self) -> float:
        return self.latest - self.reference


def sign_of_median(results: Sequence[Result]) -> str:
    """The comparator of the one or two in the middle: a median that rests on a bound is one itself."""
    ordered = sorted(results, key=lambda result: result.value)
    middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    return next((result.comparator for result in middle if result.comparator), "")


def rise(first: float, last: float) -> bool:
    """Beyond what one laboratory's INR varies by: 15 %, 0.2 and to 1.3 at least. [clinical.md 4.2 step 4]"""
    return (
        first > 0
        and last / first >= LIMITS.rise_ratio - TOLERANCE
        and last - first >= LIMITS.rise_difference - TOLERANCE
        and last >= LIMITS.rise_floor - TOLERANCE
    )


def inr_course(points: Sequence[Point], gap: float, year: Sequence[Point] | None = None) -> InrCourse | None:
    """The course of a window; None without an INR at least `gap` seconds before the last.

    `points` are in time order and end at the latest INR. `year`: all INRs of the 548 days up to it, where
    the window is a shorter one: what stands on two or three INRs must hold against those as well.
    """
    if not points:
        return None
    last_at, latest = points[-1]
    earlier = [value for at, value in points[:-1] if last_at - at >= gap - 1e-3]
    if not earlier:
        return None
    reference, lowest = median(earlier), min(earlier)
    tau, line = _trend(points, lowest, latest)
    climbs = line is not None and rise(*line)
    nested = _holds_in_the_year(points, year, latest)
    return InrCourse(
        draws=len(points),
        earlier=len(earlier),
        reference=reference,
        lowest=lowest,
        latest=latest,
        first_at=points[0][0],
        tau=tau,
        line=line,
        rising=nested and (rise(reference, latest) or climbs),
        consistent=nested and climbs and line is not None and _is_steep_enough(len(points), line),
    )


def _trend(
    points: Sequence[Point], lowest: float, latest: float
) -> tuple[float | None, tuple[float, float] | None]:
    """Kendall's tau-b, and the line where the trend counts: three draws, risen from the lowest, in step."""
    tau = kendall_tau_b(points)
    counts = len(points) >= LIMITS.trend_draws and rise(lowest, latest)
    if not counts or tau is None or tau < LIMITS.trend_tau - TOLERANCE:
        return tau, None
    return tau, theil_sen_line(points)


def _is_steep_enough(draws: int, line: tuple[float, float]) -> bool:
    """Three draws alone must climb more than four."""
    if draws > LIMITS.trend_draws:
        return True
    first, last = line
    steep = first > 0 and last / first >= LIMITS.line_ratio - TOLERANCE
    return steep and last - first >= LIMITS.line_difference - TOLERANCE


def _holds_in_the_year(points: Sequence[Point], year: Sequence[Point] | None, latest: float) -> bool:
    if year is None or len(points) > LIMITS.trend_draws or len(year) <= len(points):
        return True
    earlier = [value for at, value in year if at < points[-1][0]]
    return not earlier or rise(median(earlier), latest)
