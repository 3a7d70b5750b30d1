"""How fast an enzyme falls, against the fastest it can fall once release has stopped. [R21, clinical.md 5]"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from interpretation.record.records import Result
from interpretation.rule.comparison import DAY, TOLERANCE, upper_limit
from interpretation.rule.variation import beyond

from ..knowledge import limits, load
from ..words import number, value

LIMITS = limits("scenario").read_by(
    __name__, "stopped_ALT stopped_AST half_life_ALT half_life_AST limb_peak limb_days limb_least_days"
)
load("scenario").read_by(__name__, "kinetics")
Point = tuple[datetime, Result, str]


@dataclass(frozen=True)
class Decay:
    """The last falling limb of one enzyme: `rate` is k = ln(first / last) per day, `half_life` in hours.

    `stopped`: the fall is as fast as clearance allows, so release has practically stopped.
    """

    enzyme: str
    first: float
    last: float
    first_at: datetime
    last_at: datetime
    rate: float
    half_life: float
    stopped: bool
    text: str
    sources: tuple[str, ...]
    draws: tuple[str, ...]


def decay(enzyme: str, points: Sequence[Point], sex: str = "") -> Decay | None:
    """The decay over the last falling limb; None where there is none, or where it would mislead.

    `points` in time order. The limb ends where the enzyme reaches its limit, since near its own level it no
    longer falls by clearance; it looks back two weeks at most, is longer than half a day and more than noise.
    """
    limb = _last_falling_limb(points, sex)
    if len(limb) < 2:
        return None
    (first_at, first, _), (last_at, last, _) = limb[0], limb[-1]
    days = (last_at - first_at).total_seconds() / DAY
    if days < LIMITS.limb_least_days - TOLERANCE or first.comparator or last.comparator:
        return None
    low = first.value < LIMITS.limb_peak * upper_limit(first, sex) - TOLERANCE
    if low or not beyond(enzyme, first.value, last.value):
        return None
    rate = math.log(first.value / last.value) / days
    return _decay(enzyme, limb, rate)


def _last_falling_limb(points: Sequence[Point], sex: str) -> list[Point]:
    # From the latest back, and no further than the limb reaches.
    above = (p for p in reversed(points) if p[1].value > upper_limit(p[1], sex) + TOLERANCE)
    last = next(above, None)
    # Once it has come down to its limit for good, the limb before that is over.
    if last is None or last is not points[-1]:
        return []
    limb = [last]
    for point in above:
        days = (last[0] - point[0]).total_seconds() / DAY
        if point[1].value <= limb[-1][1].value or days > LIMITS.limb_days + TOLERANCE:
            break
        limb.append(point)
    return limb[::-1]


def _decay(enzyme: str, limb: list[Point], rate: float) -> Decay:
    (first_at, first, _), (last_at, last, _) = limb[0], limb[-1]
    limit = getattr(LIMITS, f"stopped_{enzyme}")
    stopped = rate >= limit - TOLERANCE
    half_life = math.log(2) / rate * 24
    words = load("scenario")["kinetics"]
    text = words["stopped" if stopped else "slower"].format(
        enzyme=enzyme,
        first=value(first),
        last=value(last),
        rate=number(rate, 2),
        limit=number(limit, 1),
        half_life=_hours(half_life),
        shortest=number(getattr(LIMITS, f"half_life_{enzyme}")),
    )
    draws = tuple(dict.fromkeys(draw for _, _, draw in limb))
    return Decay(
        enzyme, first.value, last.value, first_at, last_at, rate, half_life, stopped, text,
        tuple(words["sources"]), draws,
    )  # fmt: skip


def _hours(hours: float) -> str:
    return f"{number(hours)} hours" if hours < 96 else f"{number(hours / 24)} days"


def release(decays: Sequence[Decay]) -> str:
    """What the decays say together: one enzyme at the speed of clearance is enough. "" without any. [R21]"""
    if not decays:
        return ""
    stopped = any(decay.stopped for decay in decays)
    return str(load("scenario")["kinetics"]["release_stopped" if stopped else "release_goes_on"])
