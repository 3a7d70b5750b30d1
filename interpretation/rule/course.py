"""Has the INR risen, where no enzyme picks the baseline? The table of clinical.md 4.4 b.

Read for paired draws with quiet enzymes (`comparison`), and for all INRs as the course (`urgency`). No
baseline is picked: the lowest INR of a noisy series makes noise look like a rise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from interpretation.knowledge import limits
from interpretation.once import once
from interpretation.record.records import Result
from interpretation.rule.trend import kendall_tau_b, theil_sen_line

LIMITS = limits("dissociation").read_by(
    __name__,
    "rise_ratio rise_difference rise_floor trend_draws trend_tau line_ratio line_difference",
)
TOLERANCE = 1e-9
# (seconds, INR)
Point = tuple[float, float]


@dataclass
class InrCourse:
    """The INRs of one window that ends at the latest: `reference` is the median of the `earlier` ones.

    `points` are in time order; `nested`: what a short window shows holds in the 548 days too. What decides is
    worked out when it is asked for.
    """

    points: Sequence[Point]
    earlier: int
    reference: float
    lowest: float
    nested: bool

    @property
    def draws(self) -> int:
        return len(self.points)

    @property
    def latest(self) -> float:
        return self.points[-1][1]

    @property
    def ratio(self) -> float:
        return self.latest / self.reference if self.reference > 0 else 0.0

    @property
    def difference(self) -> float:
        return self.latest - self.reference

    @once
    def tau(self) -> float | None:
        return kendall_tau_b(self.points)

    @once
    def line(self) -> tuple[float, float] | None:
        """The Theil-Sen line at the first and the last draw, where it counts: three draws, risen from the
        lowest, in step with time."""
        if self.draws < LIMITS.trend_draws or not rise(self.lowest, self.latest):
            return None
        if self.tau is None or self.tau < LIMITS.trend_tau - TOLERANCE:
            return None
        return theil_sen_line(self.points)

    @once
    def climbs(self) -> bool:
        return self.line is not None and rise(*self.line)

    @once
    def rising(self) -> bool:
        """The column "possible" of the table."""
        return self.nested and (rise(self.reference, self.latest) or self.climbs)

    @once
    def consistent(self) -> bool:
        """The column "established", as far as the INRs alone decide it."""
        if not self.nested or self.line is None or not self.climbs:
            return False
        return _is_steep_enough(self.draws, self.line)


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
    nested = _holds_in_the_year(points, year, latest)
    return InrCourse(points, len(earlier), median(earlier), min(earlier), nested)


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
