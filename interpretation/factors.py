"""The pattern of clotting factors: which cause of a raised INR it fits. [clinical.md 6.1]"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.record.measured import Measured, MeasuredValue, change
from interpretation.record.records import Case

from . import words
from .knowledge import limits
from .once import once
from .words import day, lower_first

LIMITS = limits("dissociation").read_by(
    __name__,
    "soft_days factor_low factor_viii_kept factor_v_kept fibrinogen_consumed fibrinogen_fall factor_days",
)


@dataclass(frozen=True)
class Factors:
    """Activities in percent nearest to one INR, and fibrinogen in g/L with its highest value before it."""

    v: MeasuredValue | None = None
    vii: MeasuredValue | None = None
    viii: MeasuredValue | None = None
    fibrinogen: MeasuredValue | None = None
    fibrinogen_before: MeasuredValue | None = None

    @property
    def v_low(self) -> bool:
        return self.v is not None and self.v.below(LIMITS.factor_low)

    @property
    def v_kept(self) -> bool:
        return self.v is not None and self.v.at_least(LIMITS.factor_v_kept)

    @property
    def vii_low(self) -> bool:
        return self.vii is not None and self.vii.below(LIMITS.factor_low)

    @property
    def viii_low(self) -> bool:
        return self.viii is not None and self.viii.below(LIMITS.factor_low)

    @property
    def viii_kept(self) -> bool:
        return self.viii is not None and self.viii.at_least(LIMITS.factor_viii_kept)

    @property
    def fibrinogen_fell(self) -> bool:
        first, last = self.fibrinogen_before, self.fibrinogen
        if first is None or last is None or not first.exact or not last.exact or first.number <= 0:
            return False
        return 1 - last.number / first.number >= LIMITS.fibrinogen_fall - 1e-9

    @property
    def fibrinogen_consumed(self) -> bool:
        low = self.fibrinogen is not None and self.fibrinogen.below(LIMITS.fibrinogen_consumed)
        return low or self.fibrinogen_fell

    @once
    def pattern(self) -> str:
        """ "hepatic", "vitamin_k", "consumption" or "" where none fits. Factor VII counts where measured."""
        if self.v_low and self.viii_kept and (self.vii is None or self.vii_low):
            return "hepatic"
        if self.v_kept and self.vii_low:
            return "vitamin_k"
        return "consumption" if self.v_low and self.viii_low and self.fibrinogen_consumed else ""

    @property
    def values(self) -> tuple[MeasuredValue, ...]:
        """What the pattern rests on."""
        used = {
            "hepatic": (self.v, self.vii, self.viii),
            "vitamin_k": (self.v, self.vii),
            "consumption": (self.v, self.viii, self.fibrinogen),
        }
        return tuple(value for value in used.get(self.pattern, ()) if value)

    @property
    def words(self) -> str:
        """ "Factor V 85 % and factor VII 22 % (3 May 2025)"."""
        return listed(self.values)


def factors(measured: Measured, at: datetime) -> Factors:
    """The factors within seven days of an INR. [ED]"""
    reach = timedelta(days=LIMITS.factor_days)
    near = {key: measured.nearest(f"factor_{key}", at, reach) for key in ("v", "vii", "viii")}
    fibrinogen = measured.nearest("fibrinogen", at, reach)
    before = _highest_before(measured, fibrinogen) if fibrinogen else None
    return Factors(**near, fibrinogen=fibrinogen, fibrinogen_before=before)


def factors_of(case: Case, at: datetime) -> Factors:
    """The same for a case: read from what a window around the INR holds."""
    days = timedelta(days=LIMITS.factor_days)
    return factors(Measured(case, at - days - timedelta(days=LIMITS.soft_days), at + days), at)


def fibrinogen_change(found: Factors) -> str:
    if found.fibrinogen_before is None or found.fibrinogen is None:
        return ""
    return change(found.fibrinogen_before, found.fibrinogen)


def listed(values: tuple[MeasuredValue, ...]) -> str:
    """Several values as one phrase, their day once where they share it."""
    if not values:
        return ""
    same = len({value.at.date() for value in values}) == 1
    parts = [value.words if not same else value.words.rpartition(" (")[0] for value in values]
    parts = [parts[0], *map(lower_first, parts[1:])]
    text = words.listed(parts)
    return f"{text} ({day(values[0].at)})" if same else text


def _highest_before(measured: Measured, fibrinogen: MeasuredValue) -> MeasuredValue | None:
    """The highest fibrinogen of the two weeks before, from which a fall is judged."""
    first = fibrinogen.at - timedelta(days=LIMITS.soft_days)
    earlier = [v for v in measured.between("fibrinogen", first, fibrinogen.at) if v.at < fibrinogen.at]
    return max(earlier, key=lambda value: (value.number, value.at), default=None)
