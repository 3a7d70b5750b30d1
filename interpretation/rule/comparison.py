"""One enzyme and the INR between two paired draws: the states of steps 2 to 5. [clinical.md 4.2, 4.4 b]"""

import math
from dataclasses import dataclass

from interpretation.knowledge import limits
from interpretation.once import once
from interpretation.record.analytes import default_upper_limit
from interpretation.record.records import Result
from interpretation.rule.course import InrCourse, inr_course, rise, sign_of_median
from interpretation.rule.pairing import ENZYMES, Pair
from interpretation.rule.pairing import between as pairs_between
from interpretation.rule.trend import Trend, kendall_tau_b, theil_sen

LIMITS = limits("dissociation").read_by(
    __name__,
    "acute_lookback_days acute_gap_days subacute_lookback_days subacute_gap_days "
    "chronic_lookback_days chronic_gap_days entry_multiple entry_without_limit falling_ALT falling_AST "
    "probably_falling_ALT probably_falling_AST opposed_ALT opposed_AST "
    "non_recovering_multiple non_recovering_hours non_recovering_inr non_recovering_ratio",
)
TOLERANCE = 1e-9
DAY = 86400.0
REGIMES = ("acute", "subacute", "chronic")


@dataclass
class Comparison:
    """Baseline and latest paired draw of one window, for one enzyme.

    `between` are all paired draws from baseline to latest, both included. `enzyme` is "" where no ALT
    or AST can be compared. With quiet enzymes `course` is what the INRs of the window show together; the
    baseline is then its first draw, and the INR is compared with the median of the earlier ones.
    """

    regime: str
    enzyme: str
    baseline: Pair
    latest: Pair
    between: tuple[Pair, ...]
    transaminase_state: str
    inr_state: str
    course: InrCourse | None = None
    # No laboratory limit for a child: the fall was judged from 60 U/L.
    without_limit: bool = False
    # Quiet enzymes: none above its limit, or some just above it.
    within_limit: bool = False

    @once
    def tau_enzyme(self) -> float | None:
        return kendall_tau_b(self.enzyme_points)

    @once
    def enzyme_points(self) -> list[tuple[float, float]]:
        """Each value of the enzyme once, at its own time: one may serve several INRs."""
        own = {id(s): s for p in self.between if (s := p.enzyme_samples.get(self.enzyme))}
        return [(s.seconds, s.results[self.enzyme].value) for s in own.values()]

    @once
    def tau_inr(self) -> float | None:
        return kendall_tau_b([(p.seconds, p.inr.value) for p in self.between])

    @once
    def n(self) -> int:
        """Results that count for the trend gate: INRs with quiet enzymes, else distinct enzyme values."""
        return self.course.draws if self.course else len(self.enzyme_points)

    @property
    def inr_from(self) -> float:
        """What the latest INR is compared with."""
        return self.course.reference if self.course else self.baseline.inr.value

    @property
    def reference_sign(self) -> str:
        """The comparator of `inr_from`."""
        if self.course is None:
            return self.baseline.inr.comparator
        return sign_of_median([pair.inr for pair in self.between[: self.course.earlier]])

    @property
    def inr_ratio(self) -> float | None:
        return self.latest.inr.value / self.inr_from if self.inr_from > 0 else None

    @property
    def days(self) -> float:
        return (self.latest.seconds - self.baseline.seconds) / DAY

    @property
    def one_series(self) -> bool:
        if self.course:
            return len({pair.series[:2] for pair in self.between}) == 1
        return len({pair.series for pair in self.between}) == 1

    @property
    def comparable_ends(self) -> bool:
        """No known change of laboratory or method between the INRs of baseline and latest draw themselves;
        with quiet enzymes among all the earlier INRs that are compared and the latest.

        A laboratory that nobody recorded is not a known change; a method left empty is the usual one.
        """
        if self.course:
            earlier = [p for p in self.between if self.latest.seconds - p.seconds >= gap_of(self.regime)]
            return comparable([pair.series[:2] for pair in (*earlier, self.latest)])
        return comparable([self.baseline.series[:2], self.latest.series[:2]])

    @property
    def pattern(self) -> bool:
        """Transaminases better while the INR is worse: step 6, "possible"."""
        if self.course:
            return self.course.rising
        falling = self.transaminase_state in ("falling", "probably_falling")
        return falling and self.inr_state in ("rise", "non_recovering")


def comparable(series: list[tuple[str, str]]) -> bool:
    """No known change of laboratory or method among these INRs."""
    return len({place for place, _ in series} - {""}) < 2 and len({method for _, method in series}) < 2


def gap_of(regime: str) -> float:
    """The least time between compared draws, in seconds."""
    return float(getattr(LIMITS, f"{regime}_gap_days")) * DAY - 1e-3


def upper_limit(result: Result, sex: str = "") -> float:
    """The laboratory's limit; the default where it sent none or zero."""
    return result.upper_limit or default_upper_limit(result.analyte, sex)


def own_limit(result: Result, sex: str, child: bool) -> float | None:
    """The laboratory's limit; for an adult the default where it sent none: there is none for children."""
    return result.upper_limit or (None if child else default_upper_limit(result.analyte, sex))


def compare(
    regime: str,
    pairs: list[Pair],
    latest: Pair,
    *,
    quiet: str = "",
    year: list[Pair] | None = None,
    sex: str = "",
    child: bool = False,
) -> list[Comparison]:
    """The comparisons of one window that ends at `latest`: one an enzyme that falls or might, and one of the
    INRs alone where the enzymes are quiet. Empty without a baseline draw.

    `pairs` are the readable paired draws in time order; `quiet`: every ALT and AST of the window is near
    normal ("within_limit" or "near_normal"). A window both quiet and falling is
    read both ways. `year`: the paired draws of the 548 days.
    """
    lookback = getattr(LIMITS, f"{regime}_lookback_days") * DAY + 1e-3
    gap = gap_of(regime)
    window = pairs_between(pairs, latest.seconds - lookback, latest.seconds)
    eligible = pairs_between(window, latest.seconds - lookback, latest.seconds - gap)
    if not eligible:
        return []
    found = [_quiet(regime, eligible[0], latest, window, year, quiet == "within_limit")] if quiet else []
    for enzyme in ENZYMES:
        measured = [p for p in eligible if enzyme in p.enzymes]
        if enzyme in latest.enzymes and measured:
            # In time order: of peaks as high, the first.
            levels = [p.enzymes[enzyme].value for p in measured]
            baseline = measured[levels.index(max(levels))]
            state = transaminase_state(enzyme, baseline, latest, sex, child)
            if not quiet or state in ("falling", "probably_falling"):
                found.append(_comparison(regime, enzyme, baseline, window, state, sex, child))
    return found


def _quiet(
    regime: str, first: Pair, latest: Pair, window: list[Pair], year: list[Pair] | None, within_limit: bool
) -> Comparison:
    gap = getattr(LIMITS, f"{regime}_gap_days") * DAY
    points = [(p.seconds, p.inr.value) for p in window if p is not latest]
    points.append((latest.seconds, latest.inr.value))
    year_points = None if year is None else [(p.seconds, p.inr.value) for p in year]
    course = inr_course(points, gap, year_points)
    enzyme = next((e for e in ENZYMES if e in latest.enzymes and e in first.enzymes), "")
    enzyme = enzyme or next((e for e in ENZYMES if e in latest.enzymes), "")
    state = "rise" if course and course.rising else "no_rise"
    between = tuple(pairs_between(window, first.seconds, latest.seconds))
    return Comparison(
        regime, enzyme, first, latest, between, "quiet", state, course, within_limit=within_limit
    )


def transaminase_state(enzyme: str, baseline: Pair, latest: Pair, sex: str = "", child: bool = False) -> str:
    """Step 3. The enzyme's fall from baseline to latest, against its own limits and its reference change."""
    first, last = baseline.enzymes[enzyme], latest.enzymes[enzyme]
    if not _entered(first, last, sex, child) or first.value <= 0:
        return "not_falling"
    fall = 1 - last.value / first.value
    if fall < getattr(LIMITS, f"probably_falling_{enzyme}") - TOLERANCE:
        return "not_falling"
    if _opposed(enzyme, baseline, latest, sex):
        return "opposed"
    return "falling" if fall >= getattr(LIMITS, f"falling_{enzyme}") - TOLERANCE else "probably_falling"


def _entered(first: Result, last: Result, sex: str, child: bool) -> bool:
    """From 1.5 times the limit, or from above the limit to within it; a child's from 60 U/L without one."""
    high, low = own_limit(first, sex, child), own_limit(last, sex, child)
    if high is None:
        return first.value >= LIMITS.entry_without_limit - TOLERANCE
    if first.value >= LIMITS.entry_multiple * high - TOLERANCE:
        return True
    return low is not None and first.value > high + TOLERANCE and last.value <= low + TOLERANCE


def inr_state(
    regime: str, enzyme: str, baseline: Pair, latest: Pair, transaminases: str, sex: str = ""
) -> str:
    """Step 4. Rise, non-recovering, or neither."""
    first, last = baseline.inr.value, latest.inr.value
    if first <= 0:
        return "no_rise"
    if rise(first, last):
        return "rise"
    if regime == "chronic" or transaminases != "falling":
        return "no_rise"
    peak = baseline.enzymes[enzyme]
    stays = (
        peak.value >= LIMITS.non_recovering_multiple * upper_limit(peak, sex) - TOLERANCE
        and latest.seconds - baseline.seconds >= LIMITS.non_recovering_hours * 3600 - 1e-3
        and min(first, last) >= LIMITS.non_recovering_inr - TOLERANCE
        and last / first > LIMITS.non_recovering_ratio + TOLERANCE
    )
    return "non_recovering" if stays else "no_rise"


def _opposed(enzyme: str, baseline: Pair, latest: Pair, sex: str) -> bool:
    other = "AST" if enzyme == "ALT" else "ALT"
    first, last = baseline.enzymes.get(other), latest.enzymes.get(other)
    if first is None or last is None or first.value <= 0:
        return False
    rise = last.value / first.value - 1
    return rise >= getattr(LIMITS, f"opposed_{other}") - TOLERANCE and last.value > upper_limit(last, sex)


def _comparison(
    regime: str,
    enzyme: str,
    baseline: Pair,
    window: list[Pair],
    state: str,
    sex: str,
    child: bool,
) -> Comparison:
    """`window` ends at the latest draw."""
    latest = window[-1]
    between = tuple(pairs_between(window, baseline.seconds, latest.seconds))
    moved = inr_state(regime, enzyme, baseline, latest, state, sex)
    without_limit = own_limit(baseline.enzymes[enzyme], sex, child) is None
    return Comparison(regime, enzyme, baseline, latest, between, state, moved, None, without_limit)


def trend_of(comparison: Comparison) -> Trend:
    """Step 5. Kendall's tau-b as a gate and Theil-Sen slopes as text; bounds (<, >) give no slope."""
    per_days = 1 if comparison.regime == "acute" else 90
    pairs = comparison.between
    inr_slope = theil_sen([(p.seconds / DAY, p.inr.value) for p in pairs if not p.inr.comparator])
    log_slope = theil_sen(_logarithms(comparison))
    return Trend(
        n=comparison.n,
        tau_enzyme=comparison.tau_enzyme,
        tau_inr=comparison.tau_inr,
        enzyme_slope_pct=None if log_slope is None else _percent(log_slope * per_days),
        inr_slope=None if inr_slope is None else inr_slope * per_days,
        per_days=per_days,
    )


def _logarithms(comparison: Comparison) -> list[tuple[float, float]]:
    enzyme = comparison.enzyme
    own = {id(s): s for p in comparison.between if (s := p.enzyme_samples.get(enzyme))}
    return [
        (s.seconds / DAY, math.log(result.value))
        for s in own.values()
        if not (result := s.results[enzyme]).comparator and result.value > 0
    ]


def _percent(log_change: float) -> float:
    """A change on the logarithmic scale as percent; beyond e^20 the number means nothing to a reader."""
    return (math.exp(min(log_change, 20.0)) - 1) * 100
