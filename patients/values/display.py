"""Numbers as they are written on the page: in the clinic's units, with as many figures as matter."""

from functools import cache

from interpretation.record import analytes
from interpretation.record.units import from_canonical, unit_label
from interpretation.words import figures, inr, sign


class Units:
    """The display units of a clinic: "si" or "conventional"."""

    def __init__(self, system: str) -> None:
        self.system = system

    def unit(self, key: str) -> str:
        return _unit(key, self.system)[0]

    def label(self, key: str) -> str:
        return unit_label(self.unit(key))

    def shown(self, key: str, value: float) -> float:
        return round(value / _unit(key, self.system)[1], 6)

    def text(self, key: str, value: float, comparator: str = "") -> str:
        if key == "INR":
            return inr(value, comparator)
        decimals = _unit(key, self.system)[2]
        return sign(comparator) + figures(self.shown(key, value), decimals, 4)


@cache
def _unit(key: str, system: str) -> tuple[str, float, int]:
    """Unit, what one of it is in canonical units, and decimals."""
    analyte = analytes.get(key)
    if system == "conventional" and analyte.conventional_unit:
        unit = analyte.conventional_unit
        return unit, 1 / from_canonical(key, 1, unit), analyte.conventional_decimals
    return analyte.unit, 1, analyte.decimals
