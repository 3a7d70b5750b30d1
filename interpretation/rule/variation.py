"""Is this change more than noise? Reference change values from biological and analytical variation.

Log-normal (Fokkema 2006), so that a rise and the fall that undoes it count alike. Coefficients of
variation are in per cent, changes are fractions: +0.6 is a rise by 60%.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from interpretation.knowledge import limits, load

_LIMITS = limits("variation").read_by(__name__, "one_sided_95 one_sided_99 two_sided_95 two_sided_99")
load("variation").read_by(__name__, "cv")
ONE_SIDED_95 = _LIMITS.one_sided_95
ONE_SIDED_99 = _LIMITS.one_sided_99
TWO_SIDED_95 = _LIMITS.two_sided_95
TWO_SIDED_99 = _LIMITS.two_sided_99


@dataclass(frozen=True)
class Variation:
    """What is known of one analyte; None is not known. `two_laboratories` is the total between them."""

    cvi: float | None
    cva: float | None
    total: float | None
    two_laboratories: float | None
    words: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class ReferenceChange:
    """The smallest significant rise (`up`, above zero) and fall (`down`, below zero), as fractions."""

    up: float
    down: float


def total_cv(cva: float, cvi: float) -> float:
    return math.hypot(cva, cvi)


def reference_change(cv_percent: float, z: float) -> ReferenceChange:
    """Log-normal reference change value."""
    reach = _reach(cv_percent, z)
    return ReferenceChange(up=math.expm1(reach), down=math.expm1(-reach))


def classic_reference_change(cv_percent: float, z: float) -> ReferenceChange:
    """Symmetric reference change value (Harris and Yasaka, Fraser): for comparison with older papers."""
    reach = z * math.sqrt(2) * cv_percent / 100
    return ReferenceChange(up=reach, down=-reach)


@cache
def RCV(analyte_key: str, z: float = ONE_SIDED_95, two_laboratories: bool = False) -> ReferenceChange | None:
    """The reference change of an analyte; None where its variation is not known."""
    cv = _cv(analyte_key, two_laboratories)
    return None if cv is None else reference_change(cv, z)


def known_change(
    analyte_key: str, z: float = ONE_SIDED_95, two_laboratories: bool = False
) -> ReferenceChange:
    """The same of a test whose variation is in the data; LookupError of another."""
    change = RCV(analyte_key, z, two_laboratories)
    if change is None:
        raise LookupError(f"The variation of {analyte_key} is not known")
    return change


def beyond(
    analyte_key: str,
    first: float | None,
    second: float | None,
    z: float = ONE_SIDED_95,
    two_laboratories: bool = False,
) -> bool | None:
    """Whether the change, up or down, is more than noise; None where that cannot be said."""
    cv = _cv(analyte_key, two_laboratories)
    if cv is None or first is None or second is None or first <= 0 or second <= 0:
        return None
    return abs(math.log(second / first)) > _reach(cv, z)


def _cv(analyte_key: str, two_laboratories: bool) -> float | None:
    known = VARIATION.get(analyte_key)
    if known is None:
        return None
    return known.two_laboratories if two_laboratories else known.total


@cache
def _reach(cv_percent: float, z: float) -> float:
    """How far noise takes the logarithm of a ratio."""
    sigma = math.sqrt(math.log1p((cv_percent / 100) ** 2))
    return z * math.sqrt(2) * sigma


def _variation(row: dict[str, Any]) -> Variation:
    cvi, cva = row.get("cvi"), row.get("cva")
    computed = total_cv(cva, cvi) if cvi is not None and cva is not None else None
    total = row.get("total", computed)
    return Variation(cvi, cva, total, row.get("two_laboratories"), row["words"], tuple(row["sources"]))


VARIATION: dict[str, Variation] = {key: _variation(row) for key, row in load("variation")["cv"].items()}
