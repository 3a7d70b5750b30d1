"""Which organs fail by the EASL-CLIF limits, of those this record can answer for. [R23, clinical.md 7.6]

Circulation and respiration need blood pressure and oxygenation, which are not held here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeGuard

from .knowledge import limits
from .record.records import Event
from .words import inr as level
from .words import number, sign

NEW = limits("urgency").read_by(
    __name__, "new_days near_liver_failure near_kidney_failure near_coagulation_failure"
)
LIMITS = limits("scenario").read_by(
    __name__, "liver_failure kidney_failure brain_failure coagulation_failure"
)
TOLERANCE = 1e-9


@dataclass(frozen=True)
class OrganFailure:
    """One failing organ: `organ` is "liver", "kidney", "brain" or "coagulation"; `words` has its value."""

    organ: str
    words: str


def organ_failures(
    bilirubin: float | None = None,
    creatinine: float | None = None,
    inr: float | None = None,
    encephalopathy: int | None = None,
    dialysis: bool = False,
    comparators: Mapping[str, str] = MappingProxyType({}),
) -> tuple[OrganFailure, ...]:
    """The failing organs; None is not measured and fails nothing. Bilirubin, creatinine in µmol/L. [R23]

    `comparators`: those of values that are bounds, by the names of this function.
    """
    found = []

    def shown(name: str, value: float) -> str:
        return f"{name} {sign(comparators.get(name, ''))}{number(value)} µmol/L"

    if _reaches(bilirubin, LIMITS.liver_failure):
        found.append(OrganFailure("liver", f"liver failure ({shown('bilirubin', bilirubin)})"))
    if dialysis:
        found.append(OrganFailure("kidney", "kidney failure (dialysis)"))
    elif _reaches(creatinine, LIMITS.kidney_failure):
        found.append(OrganFailure("kidney", f"kidney failure ({shown('creatinine', creatinine)})"))
    if _reaches(encephalopathy, LIMITS.brain_failure):
        found.append(OrganFailure("brain", f"brain failure (encephalopathy grade {encephalopathy})"))
    if _reaches(inr, LIMITS.coagulation_failure):
        found.append(
            OrganFailure("coagulation", f"coagulation failure (INR {level(inr, comparators.get('inr', ''))})")
        )
    return tuple(found)


# When, how much, and the comparator of a bound.
Series = Sequence[tuple[datetime, float, str]]


def new_failures(
    *,
    bilirubin: Series,
    creatinine: Series,
    inr: Series,
    encephalopathy: Sequence[Event],
    dialysis: Sequence[Event],
    last_at: datetime | None,
    bedside_inr: Series = (),
) -> tuple[OrganFailure, ...]:
    """The organ failures that began in the last 28 days: older results neither fail nor come within one
    reference change of the limit. Series in time order, bilirubin and creatinine in µmol/L; events are those
    that count as new. An INR of the bedside is an older result too, but ends no failure. [clinical.md 4.4 c]"""
    grades = [e.grade or 0 for e in encephalopathy]
    signs = {"bilirubin": bilirubin, "creatinine": creatinine, "inr": inr}
    return organ_failures(
        _began(bilirubin, LIMITS.liver_failure, NEW.near_liver_failure, last_at),
        _began(creatinine, LIMITS.kidney_failure, NEW.near_kidney_failure, last_at),
        _began(inr, LIMITS.coagulation_failure, NEW.near_coagulation_failure, last_at, bedside_inr),
        max(grades, default=None),
        bool(dialysis),
        {name: series[-1][2] for name, series in signs.items() if series},
    )


def _began(
    series: Series, limit: float, near: float, last_at: datetime | None, others: Series = ()
) -> float | None:
    """The latest value where it fails and its failing began lately from well below; None otherwise."""
    if not series or not _reaches(series[-1][1], limit):
        return None
    at, latest, _ = series[-1]
    if last_at is not None and last_at - at > timedelta(days=NEW.new_days):
        return None
    onset = (
        next((place for place in range(len(series) - 1, -1, -1) if series[place][1] < limit - TOLERANCE), -1)
        + 1
    )
    began = series[onset][0]
    older = [value for at, value, _ in (*series[:onset], *others) if at < began]
    lately = at - began <= timedelta(days=NEW.new_days)
    return latest if lately and not any(value >= near - TOLERANCE for value in older) else None


def _reaches(value: float | None, limit: float) -> TypeGuard[float]:
    return value is not None and value >= limit - TOLERANCE
