"""The limits of a data file: the unit each has in the code, and the range that goes with a unit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .shape import Content, Number, Path, Sentence, Shape, Table, Word

# The least and the most that makes sense in each unit. [ED]
UNITS = {
    "%": Number(1, 300),
    "FIB-4": Number(0.1, 20),
    "INR": Number(0.1, 20),
    "INR a year": Number(0.01, 10),
    "INRs": Number(1, 100, whole=True),
    "L/L": Number(0.2, 0.8),
    "West Haven grade": Number(1, 4, whole=True),
    "changes": Number(1, 50, whole=True),
    "criteria": Number(1, 5, whole=True),
    "d": Number(0, 3660),
    "dialyses": Number(1, 14, whole=True),
    "draws": Number(2, 1000, whole=True),
    "fraction": Number(0.01, 0.99),
    "g/L": Number(0.1, 300),
    "grade": Number(1, 4, whole=True),
    "h": Number(0, 8760),
    "mg/L FEU per year of age": Number(0.001, 1),
    "mg/dL": Number(0.1, 50),
    "min": Number(0, 1440),
    "mmol/L": Number(0.1, 50),
    "months": Number(1, 60, whole=True),
    "pH": Number(6.5, 8),
    "per day": Number(0.01, 10),
    "points": Number(1, 8, whole=True),
    "ratio": Number(0.01, 20),
    "standard deviations": Number(0.1, 6),
    "tau-b": Number(0, 1),
    "times the value before": Number(1, 100),
    "times total bilirubin": Number(0.1, 2),
    "units": Number(1, 100),
    "values": Number(1, 50, whole=True),
    "years": Number(0, 120),
    "µmol/L": Number(1, 2000),
    "× mean normal": Number(0.5, 20),
    "× upper limit": Number(0.1, 200),
    "×10⁹/L": Number(1, 1000),
}


@dataclass(frozen=True)
class Limits(Shape):
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

    def _shape(self, name: str, limit: object) -> Table:
        written = limit.get("unit") if isinstance(limit, dict) else None
        unit = self._unit_of().get(name, written if written in UNITS else "")
        value = UNITS.get(unit, Number(-1e9, 1e9))
        units = (unit,) if unit else tuple(UNITS)
        return Table({"value": value, "unit": Word(units), "words": Sentence()}, sourced=True)


def rising(data: Content, file: str, *chains: str) -> Iterator[str]:
    """Faults of limits that must not fall along a chain of names: "onset_first onset_last"."""
    for chain in chains:
        names = chain.split()
        for low, high in zip(names, names[1:], strict=False):
            lower, upper = data["limit"][low]["value"], data["limit"][high]["value"]
            if lower > upper:
                place = f"{file}.toml: limit.{low}"
                yield f"{place}: {lower:g} is above limit.{high}, {upper:g}: make it {upper:g} or less"
