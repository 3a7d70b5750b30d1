"""Numbers from one unit to another. An unknown unit is an error with a sentence, never a guess."""

from interpretation.record.analytes import get
from interpretation.record.spelling import fold_unit, unit_label
from interpretation.words import listed

__all__ = ["UnknownUnit", "convert", "d_dimer_type", "from_canonical", "unit_label", "units_for"]


class UnknownUnit(ValueError):
    """The unit is not one of this analyte's. The message is for the person who typed or sent it."""


def convert(analyte_key: str, value: float, unit: str) -> float:
    """A number in `unit` as a number in the analyte's canonical unit."""
    return value * _factor(analyte_key, unit)


def from_canonical(analyte_key: str, value: float, unit: str) -> float:
    """A canonical number as a number in `unit`."""
    return value / _factor(analyte_key, unit)


def units_for(analyte_key: str) -> tuple[str, ...]:
    """The units a form offers: canonical, conventional, then others. `convert` accepts each of them."""
    return get(analyte_key).choices


def d_dimer_type(unit: str) -> str:
    """ "FEU" or "DDU" where the unit says so. "unknown": use only the ratio to the upper limit."""
    folded = fold_unit(unit)
    return next((kind for kind in ("FEU", "DDU") if kind.casefold() in folded), "unknown")


def _factor(analyte_key: str, unit: str) -> float:
    analyte = get(analyte_key)
    factor = analyte.factor(unit)
    if factor is None:
        raise UnknownUnit(f"{analyte.name}: {_complaint(unit)} {_advice(analyte.choices)}")
    return factor


def _complaint(unit: str) -> str:
    return f"unit '{unit.strip()}' is not known." if unit.strip() else "the unit is missing."


def _advice(choices: tuple[str, ...]) -> str:
    labels = [unit_label(unit) for unit in choices]
    if labels == [""]:
        return "Leave the unit empty."
    return f"Use {listed(labels, ' or ')}."
