"""Numbers as they are written on the page: in the clinic's units, with as many figures as matter."""

from functools import cache

from interpretation import analytes
from interpretation.units import from_canonical, unit_label

COMPARATORS = {"<": "<", ">": ">", "<=": "≤", ">=": "≥"}


class Units:
    """The display units of a clinic: "si" or "conventional"."""

    def __init__(self, system: str):
        self.system = system

    def unit(self, key: str) -> str:
        return _unit(key, self.system)[0]

    def label(self, key: str) -> str:
        return unit_label(self.unit(key))

    def shown(self, key: str, value: float) -> float:
        return round(value / _unit(key, self.system)[1], 6)

    def text(self, key: str, value: float, comparator: str = "") -> str:
        decimals = _unit(key, self.system)[2]
        return COMPARATORS.get(comparator, "") + figures(self.shown(key, value), decimals)


@cache
def _unit(key: str, system: str) -> tuple[str, float, int]:
    """Unit, what one of it is in canonical units, and decimals."""
    analyte = analytes.get(key)
    if system == "conventional" and analyte.conventional_unit:
        unit = analyte.conventional_unit
        return unit, 1 / from_canonical(key, 1, unit), analyte.conventional_decimals
    return analyte.unit, 1, analyte.decimals


def figures(value: float, decimals: int) -> str:
    """So many decimals, and more where rounding would change the number by over 1 %: INR 1.25, CRP 0.4."""
    text = f"{value:.{decimals}f}"
    while decimals < 4 and abs(float(text) - value) > 0.01 * abs(value):
        decimals += 1
        text = f"{value:.{decimals}f}"
    return text
