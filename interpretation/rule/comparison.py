"""One enzyme and the INR between two paired draws: the states of steps 2 to 5. [clinical.md 4.2]"""

import math
from dataclasses import dataclass

from interpretation.knowledge import limits
from interpretation.once import once
from interpretation.record.analytes import default_upper_limit
from interpretation.record.records import Result
from interpretation.rule.pairing import ENZYMES, Pair
from interpretation.rule.pairing import between as pairs_between
from interpretation.rule.trend import Trend, kendall_tau_b, theil_sen

LIMITS = limits("dissociation").read_by(
    __name__,
    "acute_lookback_days acute_gap_days subacute_lookback_days subacute_gap_days "
    "chronic_lookback_days chronic_gap_days entry_multiple falling_ALT falling_AST "
    "probably_falling_ALT probably_falling_AST opposed_ALT opposed_AST rise_ratio rise_difference "
    "rise_floor non_recovering_multiple non_recovering_hours non_recovering_inr non_recovering_ratio",
)
TOLERANCE = 1e-9
DAY = 86400.0
REGIMES = ("acute", "subacute", "chronic")


@dataclass
class Comparison:
    """Baseline and latest paired draw of one window, for one enzyme.

    `between` are all paired draws from baseline to latest, both included. `enzyme` is "" where no ALT
    or AST can be compared.
    """

    regime: str
    enzyme: str
    baseline: Pair
    latest: Pair
    between: tuple[Pair, ...]
    transaminase_state: str
    inr_state: str

    @once
    def tau_enzyme(self) -> float | None:
        return kendall_tau_b(
            [(p.seconds, p.enzymes[self.enzyme].value) for p in self.between if self.enzyme in p.enzymes]
        )

    @once
    def tau_inr(self) -> float | None:
        return kendall_tau_b([(p.seconds, p.inr.value) for p in self.between])

    @once
    def n(self) -> int:
        """Paired draws that count for the trend gate."""
        if self.transaminase_state == "normal_throughout":
            return len(self.between)
        return sum([self.enzyme in p.enzymes for p in self.between])

    @property
    def inr_ratio(self) -> float | None:
        first = self.baseline.inr.value
        return self.latest.inr.value / first if first > 0 else None

    @property
    def days(self) -> float:
        return (self.latest.seconds - self.baseline.seconds) / DAY

    @property
    def one_series(self) -> bool:
        return len({pair.series for pair in self.between}) == 1

    @property
    def comparable_ends(self) -> bool:
        """No known change of laboratory or method between baseline and latest draw themselves.

        A laboratory that nobody recorded is not a known change; a method left empty is the usual one.
        """
        (lab, method, enzyme_lab), (last_lab, last_method, last_enzyme_lab) = (
            self.baseline.series,
            self.latest.series,
        )
        labs = ((lab, last_lab), (enzyme_lab, last_enzyme_lab))
        return method == last_method and all(a == b or not a or not b for a, b in labs)

    @property
    def pattern(self) -> bool:
        """Transaminases better while the INR is worse: step 6, "possible"."""
        if self.transaminase_state == "normal_throughout":
            return self.inr_state == "rise"
        falling = self.transaminase_state in ("falling", "probably_falling")
        return falling and self.inr_state in ("rise", "non_recovering")


def upper_limit(result: Result, sex: str = "") -> float:
    """The laboratory's limit; the default where it sent none or zero."""
    return result.upper_limit or default_upper_limit(result.analyte, sex)


def compare(regime: str, pairs: list[Pair], latest: Pair, normal: bool, sex: str = "") -> list[Comparison]:
    """The comparisons of one window that ends at `latest`, one an enzyme; empty without a baseline draw.

    `pairs` are the readable paired draws in time order; `normal`: every ALT and AST of the window is
    within its limit.
    """
    lookback = getattr(LIMITS, f"{regime}_lookback_days") * DAY + 1e-3
    gap = getattr(LIMITS, f"{regime}_gap_days") * DAY - 1e-3
    window = pairs_between(pairs, latest.seconds - lookback, latest.seconds)
    eligible = pairs_between(window, latest.seconds - lookback, latest.seconds - gap)
    if not eligible:
        return []
    if normal:
        enzyme = next((e for e in ENZYMES if e in latest.enzymes), "")
        baseline = min(eligible, key=lambda p: (p.inr.value, p.seconds))
        return [_comparison(regime, enzyme, baseline, latest, window, "normal_throughout")]
    found = []
    for enzyme in ENZYMES:
        measured = [p for p in eligible if enzyme in p.enzymes]
        if enzyme in latest.enzymes and measured:
            # In time order: of peaks as high, the first.
            levels = [p.enzymes[enzyme].value for p in measured]
            baseline = measured[levels.index(max(levels))]
            state = transaminase_state(enzyme, baseline, latest, sex)
            found.append(_comparison(regime, enzyme, baseline, latest, window, state, sex))
    return found


def transaminase_state(enzyme: str, baseline: Pair, latest: Pair, sex: str = "") -> str:
    """Step 3. The enzyme's fall from baseline to latest, against its own limits and its reference change."""
    first, last = baseline.enzymes[enzyme], latest.enzymes[enzyme]
    high, low = upper_limit(first, sex), upper_limit(last, sex)
    entered = first.value >= LIMITS.entry_multiple * high - TOLERANCE or (
        first.value > high + TOLERANCE and last.value <= low + TOLERANCE
    )
    if not entered or first.value <= 0:
        return "not_falling"
    fall = 1 - last.value / first.value
    if fall < getattr(LIMITS, f"probably_falling_{enzyme}") - TOLERANCE:
        return "not_falling"
    if _opposed(enzyme, baseline, latest, sex):
        return "opposed"
    return "falling" if fall >= getattr(LIMITS, f"falling_{enzyme}") - TOLERANCE else "probably_falling"


def inr_state(
    regime: str, enzyme: str, baseline: Pair, latest: Pair, transaminases: str, sex: str = ""
) -> str:
    """Step 4. Rise, non-recovering, or neither."""
    first, last = baseline.inr.value, latest.inr.value
    if first <= 0:
        return "no_rise"
    ratio = last / first
    if (
        ratio >= LIMITS.rise_ratio - TOLERANCE
        and last - first >= LIMITS.rise_difference - TOLERANCE
        and last >= LIMITS.rise_floor - TOLERANCE
    ):
        return "rise"
    if regime == "chronic" or transaminases != "falling":
        return "no_rise"
    peak = baseline.enzymes[enzyme]
    stays = (
        peak.value >= LIMITS.non_recovering_multiple * upper_limit(peak, sex) - TOLERANCE
        and latest.seconds - baseline.seconds >= LIMITS.non_recovering_hours * 3600 - 1e-3
        and min(first, last) >= LIMITS.non_recovering_inr - TOLERANCE
        and ratio > LIMITS.non_recovering_ratio + TOLERANCE
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
    latest: Pair,
    window: list[Pair],
    state: str,
    sex: str = "",
) -> Comparison:
    between = tuple(pairs_between(window, baseline.seconds, latest.seconds))
    rise = inr_state(regime, enzyme, baseline, latest, state, sex)
    return Comparison(regime, enzyme, baseline, latest, between, state, rise)


def trend_of(comparison: Comparison) -> Trend:
    """Step 5. Kendall's tau-b as a gate and Theil-Sen slopes as text; bounds (<, >) give no slope."""
    per_days = 1 if comparison.regime == "acute" else 90
    pairs, enzyme = comparison.between, comparison.enzyme
    inr_slope = theil_sen([(p.seconds / DAY, p.inr.value) for p in pairs if not p.inr.comparator])
    log_slope = theil_sen(
        [
            (p.seconds / DAY, math.log(result.value))
            for p in pairs
            if (result := p.enzymes.get(enzyme)) and not result.comparator and result.value > 0
        ]
    )
    return Trend(
        n=comparison.n,
        tau_enzyme=comparison.tau_enzyme,
        tau_inr=comparison.tau_inr,
        enzyme_slope_pct=None if log_slope is None else _percent(log_slope * per_days),
        inr_slope=None if inr_slope is None else inr_slope * per_days,
        per_days=per_days,
    )


def _percent(log_change: float) -> float:
    """A change on the logarithmic scale as percent; beyond e^20 the number means nothing to a reader."""
    return (math.exp(min(log_change, 20.0)) - 1) * 100
