"""4.4 b: the course of INR without a picked baseline, for quiet enzymes and for the urgency."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from tests.interpretation.alternative.limits import EPS, LOOK_BACK, at_least, rise
from tests.interpretation.alternative.record import Inr
from tests.interpretation.alternative.statistics import days, median, tau_b, theil_sen_ends


class Course(NamedTuple):
    """What the table of 4.4 b says of one window; `m` is the reference INR, `earlier` are the INRs of e."""

    regime: str
    possible: bool
    established: bool
    m: float
    earlier: tuple[Inr, ...]
    window: tuple[Inr, ...]

    @property
    def changed_series(self) -> bool:
        """Laboratory or method changed within e and j."""
        return len({i.series for i in (*self.earlier, self.window[-1])}) > 1

    @property
    def one_series(self) -> bool:
        return len({i.series for i in self.window}) == 1


def inr_course(
    inrs: Sequence[Inr], regime: str, look_back: float, gap: float, all_548: Sequence[Inr]
) -> Course | None:
    """The last of `inrs` is INR_j; `all_548` are those the nested windows are held against."""
    latest = inrs[-1]
    window = [i for i in inrs if days(latest.at, i.at) <= look_back + EPS]
    earlier = [i for i in window if days(latest.at, i.at) >= gap - EPS]
    if not earlier:
        return None
    possible, established = _column(window, earlier)
    if possible and regime != "chronic" and len(window) in (2, 3):
        possible = _nested(window, all_548)
    m = median([i.value for i in earlier])
    return Course(regime, possible, possible and established, m, tuple(earlier), tuple(window))


def _column(window: list[Inr], earlier: list[Inr]) -> tuple[bool, bool]:
    """The rows of the table, by the number of draws in the window."""
    latest = window[-1].value
    m, lowest = median([i.value for i in earlier]), min(i.value for i in earlier)
    if len(window) == 2:
        return rise(m, latest), False
    points = [(i.at, i.value) for i in window]
    ends, tau = theil_sen_ends(points), tau_b(points)
    line = bool(
        ends
        and ends[0] > 0
        and tau is not None
        and at_least(tau, 0.6)
        and rise(*ends)
        and rise(lowest, latest)
    )
    if len(window) == 3 and line:
        a, z = ends
        return True, at_least(z / a, 1.25) and at_least(z - a, 0.3)
    return rise(m, latest) or line, line


def _nested(window: list[Inr], all_548: Sequence[Inr]) -> bool:
    """An acute or subacute window of 2 or 3 INRs is held against all earlier ones of 548 days."""
    latest = window[-1]
    start = latest.at - timedelta(days=LOOK_BACK)
    before = [i.value for i in all_548 if start <= i.at < latest.at]
    return len(before) + 1 <= len(window) or rise(median(before), latest.value)
