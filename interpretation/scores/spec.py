"""What scores.toml says of each score, loaded strictly: inputs, bounds, points, grades, sentences."""

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from interpretation.knowledge import REVIEW, KnowledgeError, limits, load
from interpretation.record import analytes
from interpretation.words import upper_first

LIMITS = limits("scores")
WORDS = load("scores").read_by(__name__, "score note because fact")
TOLERANCE = 1e-9
FACT_UNITS = {"age": "years", "jaundice_days": "days"}
# Fields of an input that are worked out, not written in the file.
OWN = {"is_fact", "factor", "label", "unit_label", "used_unit"}


@dataclass(frozen=True)
class PointsStep:
    """A condition on a number: one bound, or none (then it always fits). Floats are compared with grace."""

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    grade: str = ""

    def fits(self, value: float) -> bool:
        if self.at_least is not None:
            return value >= self.at_least - TOLERANCE
        if self.above is not None:
            return value > self.above + TOLERANCE
        if self.at_most is not None:
            return value <= self.at_most + TOLERANCE
        return self.below is None or value < self.below - TOLERANCE


@dataclass(frozen=True)
class InputSpec:
    """One input of a formula; see the head of scores.toml. `factor` makes canonical what is in `unit`."""

    name: str
    unit: str = ""
    read: str = "value"
    floor: float | None = None
    cap: float | None = None
    on_dialysis: bool = False
    positive: bool = False
    optional: bool = False
    highest: bool = False
    slow: bool = False
    baseline: bool = False
    sent: bool = False
    unless: str = ""
    is_fact: bool = False
    factor: float = 1.0
    label: str = ""
    unit_label: str = ""
    used_unit: str = ""

    def bounded(self, value: float) -> float:
        """The value within floor and cap."""
        if self.floor is not None and value < self.floor:
            return self.floor
        return self.cap if self.cap is not None and value > self.cap else value


@dataclass(frozen=True)
class Spec:
    """One score of scores.toml."""

    key_name: str
    name: str
    key: str
    window: str
    formula: str
    words: str
    sources: tuple[str, ...]
    inputs: tuple[InputSpec, ...]
    unit: str = ""
    decimals: int = 0
    low: float | None = None
    high: float | None = None
    youngest: int = 0
    under: int = 0
    not_in_pregnancy: bool = False
    not_in_acute_injury: bool = False
    chronic: bool = False
    plotted: bool = True
    alternative: str = ""
    bands: tuple[PointsStep, ...] = ()
    points: dict[str, dict[str, PointsStep]] = field(default_factory=dict)
    remarks: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def uses_inr(self) -> bool:
        return any(given.name == "INR" for given in self.inputs)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(given.name for given in (*self.facts, *self.tests))

    @cached_property
    def facts(self) -> tuple[InputSpec, ...]:
        return tuple(given for given in self.inputs if given.is_fact)

    @cached_property
    def tests(self) -> tuple[InputSpec, ...]:
        return tuple(given for given in self.inputs if not given.is_fact)

    def grade(self, raw: float) -> str:
        return next((band.grade for band in self.bands if band.fits(raw)), "")

    def score_points(self, table: str, value: float) -> int:
        """1, 2 or 3 points for a value."""
        steps = self.points[table]
        if "three" in steps and steps["three"].fits(value):
            return 3
        return 2 if steps["two"].fits(value) else 1


def note(name: str, /, **given: Any) -> str:
    return str(WORDS["note"][name]["text"]).format(**given)


def because(name: str, /, **given: Any) -> str:
    return str(WORDS["because"][name]["text"]).format(**given)


def spec_of(key: str, row: dict[str, Any]) -> Spec:
    """One entry of the file, checked: a word that is not known is a mistake, not a comment."""
    row = {name: value for name, value in row.items() if name not in REVIEW}
    _check_keys(f"score.{key}", row, Spec, {"key_name"})
    points = {
        name: {number: PointsStep(**step) for number, step in table.items()}
        for name, table in row.pop("points", {}).items()
    }
    return Spec(
        key_name=key,
        inputs=tuple(_input(key, given) for given in row.pop("inputs")),
        bands=tuple(PointsStep(**band) for band in row.pop("bands", ())),
        sources=tuple(row.pop("sources")),
        points=points,
        **row,
    )


# Scores that read a test alike share one InputSpec, so that a value is read once for all of them.
_SHARED: dict[InputSpec, InputSpec] = {}


def _input(key: str, row: dict[str, Any]) -> InputSpec:
    made = _new_input(key, row)
    return _SHARED.setdefault(made, made)


def _new_input(key: str, row: dict[str, Any]) -> InputSpec:
    name = row.get("name", "")
    _check_keys(f"score.{key}.inputs.{name}", row, InputSpec, OWN)
    if name in WORDS["fact"]:
        words = WORDS["fact"][name]
        unit = FACT_UNITS.get(name, "")
        label = upper_first(words).partition(" (")[0]
        return InputSpec(is_fact=True, label=label, unit_label=unit, used_unit=unit, **row)
    if name not in analytes.ANALYTES:
        raise KnowledgeError(f"scores.toml: score.{key}: {name!r} is neither a test nor a fact")
    analyte = analytes.get(name)
    factor = analyte.factor(row["unit"]) if "unit" in row else 1.0
    if factor is None:
        raise KnowledgeError(f"scores.toml: score.{key}: {name} has no unit {row['unit']!r}")
    shown = analyte.unit_label
    used = {"multiple": "× upper limit", "excess": f"{shown} over upper limit"}
    return InputSpec(
        factor=factor,
        label=analyte.name,
        unit_label=shown,
        used_unit=used.get(row.get("read", ""), row.get("unit", shown)),
        **row,
    )


def _check_keys(place: str, row: dict[str, Any], kind: type, own: set[str]) -> None:
    unknown = row.keys() - ({f.name for f in fields(kind)} - own)
    if unknown:
        raise KnowledgeError(f"scores.toml: {place}: unknown key {sorted(unknown)[0]!r}")


SPECS: dict[str, Spec] = {key: spec_of(key, row) for key, row in WORDS["score"].items()}
