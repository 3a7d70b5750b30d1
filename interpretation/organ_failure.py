"""Which organs fail by the EASL-CLIF limits, of those this record can answer for. [R23, clinical.md 7.6]

Circulation and respiration need blood pressure and oxygenation, which are not held here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeGuard

from .knowledge import limits
from .words import inr as level
from .words import number, sign

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


def _reaches(value: float | None, limit: float) -> TypeGuard[float]:
    return value is not None and value >= limit - TOLERANCE
