"""The limits of a data file: the unit each has in the code, and the range that goes with a unit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .shape import Content, NumberShape, Path, Sentence, Shape, TableShape, Word

# The least and the most that makes sense in each unit. [ED]
UNITS = {
    "%": NumberShape(1, 300),
    "FIB-4": NumberShape(0.1, 20),
    "INR": NumberShape(0.1, 20),
    "INR a year": NumberShape(0.01, 10),
    "INRs": NumberShape(1, 100, whole=True),
    "L/L": NumberShape(0.2, 0.8),
    "West Haven grade": NumberShape(1, 4, whole=True),
    "changes": NumberShape(1, 50, whole=True),
    "criteria": NumberShape(1, 5, whole=True),
    "d": NumberShape(0, 3660),
    "dialyses": NumberShape(1, 14, whole=True),
    "draws": NumberShape(2, 1000, whole=True),
    "fraction": NumberShape(0.01, 0.99),
    "g/L": NumberShape(0.1, 300),
    "grade": NumberShape(1, 4, whole=True),
    "h": NumberShape(0, 8760),
    "mg/L FEU per year of age": NumberShape(0.001, 1),
    "mg/dL": NumberShape(0.1, 50),
    "min": NumberShape(0, 1440),
    "mmol/L": NumberShape(0.1, 50),
    "months": NumberShape(1, 60, whole=True),
    "pH": NumberShape(6.5, 8),
    "patients": NumberShape(1, 1_000_000, whole=True),
    "per day": NumberShape(0.01, 10),
    "points": NumberShape(1, 8, whole=True),
    "ratio": NumberShape(0.01, 20),
    "standard deviations": NumberShape(0.1, 6),
    "tau-b": NumberShape(0, 1),
    "times the value before": NumberShape(1, 100),
    "times total bilirubin": NumberShape(0.1, 2),
    "units": NumberShape(1, 100),
    "values": NumberShape(1, 50, whole=True),
    "years": NumberShape(0, 120),
    "µmol/L": NumberShape(1, 2000),
    "× mean normal": NumberShape(0.5, 20),
    "× upper limit": NumberShape(0.1, 200),
    "U/L": NumberShape(1, 1000),
    "×10⁹/L": NumberShape(1, 1000),
}


@dataclass(frozen=True)
class LimitsShape(Shape):
    """`units`: the names of the limits by the unit in which the code reads them.

    A limit that no module asks for is a fault of its own, so other names need nothing here but a known unit.
    """

    units: dict[str, str]

    def faults(self, value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
        if not isinstance(value, dict):
            yield path, "not a table: write [limit.name] with value, unit, words and sources"
            return
        for name, unit in self._unit_of().items():
            if name not in value:
                yield (*path, name), f"missing: the code asks for it, in {unit}"
        for name, limit in value.items():
            yield from self._shape(name, limit).faults(limit, (*path, name))

    def leaves(self, value: Any, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
        for name, limit in value.items():
            yield from self._shape(name, limit).leaves(limit, (*path, name))

    def _unit_of(self) -> dict[str, str]:
        return {name: unit for unit, names in self.units.items() for name in names.split()}

    def _shape(self, name: str, limit: object) -> TableShape:
        written = limit.get("unit") if isinstance(limit, dict) else None
        unit = self._unit_of().get(name, written if written in UNITS else "")
        value = UNITS.get(unit, NumberShape(-1e9, 1e9))
        units = (unit,) if unit else tuple(UNITS)
        return TableShape({"value": value, "unit": Word(units), "words": Sentence()}, sourced=True)


def rising(data: Content, file: str, *chains: str) -> Iterator[str]:
    """Faults of limits that must not fall along a chain of names: "onset_first onset_last"."""
    for chain in chains:
        names = chain.split()
        for low, high in zip(names, names[1:], strict=False):
            lower, upper = data["limit"][low]["value"], data["limit"][high]["value"]
            if lower > upper:
                place = f"{file}.toml: limit.{low}"
                yield f"{place}: {lower:g} is above limit.{high}, {upper:g}: make it {upper:g} or less"
