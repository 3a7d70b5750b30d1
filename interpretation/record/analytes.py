"""Which tests the product knows: names, codes, units, ranges, and what is plausible.

One table (`data/analytes.toml`) and one check for all of them. An unknown name or unit is never guessed.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from interpretation.knowledge import REVIEW, limits, load
from interpretation.record.spelling import fold_name, fold_unit, unit_label

LIMITS = limits("analytes").read_by(
    __name__,
    "direct_above_total direct_near_total d_dimer_age_from d_dimer_per_year adult_from unclottable_inr",
)
load("analytes").read_by(__name__, "analyte")
# What an INR without a number is above where nothing clotted.
UNCLOTTABLE_INR = LIMITS.unclottable_inr
# "G/L" is 10*9/L, "g/L" are grams: read with its capital only.
CASE_MATTERS = {"G/L"}
# Converted numbers are compared with this much grace: 1.1 x 10 is not 11 in binary.
GRACE = 1e-12


@dataclass(frozen=True)
class Slip:
    """A range of canonical values that looks as if the number was really in `unit`."""

    unit: str
    at_least: float = 0
    at_most: float = math.inf
    above: float = 0
    below: float = math.inf
    other: str = ""
    other_above: float = 0

    def fits(self, value: float, context: Mapping[str, float]) -> bool:
        if self.other and (context.get(self.other) is None or context[self.other] <= self.other_above):
            return False
        return self.above < value < self.below and self.at_least <= value <= self.at_most


@dataclass(frozen=True, eq=False)
class Analyte:
    """Values are canonical. A value equal to a hard or soft limit is inside; None means no limit."""

    key: str
    name: str
    short: str
    group: str
    unit: str
    unit_label: str
    decimals: int
    conventional_unit: str | None
    conventional_decimals: int
    loinc: tuple[str, ...]
    loinc_by_unit: Mapping[str, str]
    units: Mapping[str, float]
    choices: tuple[str, ...]
    typical: Mapping[str, tuple[float, float]]
    healthy_upper: Mapping[str, float]
    adult_range: bool
    hard_low: float | None
    hard_high: float | None
    soft_low: float | None
    soft_high: float | None
    high_note: str
    slips: tuple[Slip, ...]
    part_of_total: bool
    derived: bool
    synonyms: tuple[str, ...]
    warned_synonyms: Mapping[str, str]
    methods: Mapping[str, str]
    sources: tuple[str, ...]

    def lower(self, sex: str = "") -> float | None:
        return self.typical.get(sex, self.typical.get("", (None, None)))[0]

    def upper(self, sex: str = "") -> float | None:
        return self.typical.get(sex, self.typical.get("", (None, None)))[1]

    def factor(self, unit: str) -> float | None:
        """What a number in `unit` is multiplied with to be canonical; None where the unit is unknown."""
        if unit.strip() in self.units:
            return self.units[unit.strip()]
        return _folded_units(self).get(fold_unit(unit))


@dataclass(frozen=True)
class Doubt:
    """What is odd about a value: `level` "refuse" (not stored) or "confirm" (a person must say yes)."""

    level: str
    code: str
    text: str
    suggestion_unit: str | None = None


def find(text: str) -> Analyte | None:
    """The analyte of a key, name, synonym or LOINC code, else None. Importers use `find_with_warning`."""
    return find_with_warning(text)[0]


@lru_cache(maxsize=4096)
def find_with_warning(text: str) -> tuple[Analyte | None, str]:
    """As `find`, with a sentence for the person where the name is not quite the same thing ("" if it is)."""
    code = text.strip()
    if re.fullmatch(r"\d{1,6}-\d", code):
        return _BY_CODE.get(code), ""
    folded = fold_name(text)
    return _BY_NAME[folded] if folded in _BY_NAME else _find_parts(text)


def _find_parts(text: str) -> tuple[Analyte | None, str]:
    """ "ALT/SGPT" and "Aspartate aminotransferase (AST)": every part must name the same analyte."""
    parts = [fold_name(part) for part in re.split(r"[()\[\]/]", text)]
    found = {_BY_NAME.get(part, (None, "")) for part in parts if part}
    return found.pop() if len(found) == 1 else (None, "")


def get(key: str) -> Analyte:
    """The analyte of a key, derived ones too."""
    return ANALYTES[key] if key in ANALYTES else DERIVED[key]


def method_of_code(loinc: str) -> str:
    """How a result of this code was measured where that makes it another series, else ""."""
    analyte = _BY_CODE.get(loinc.strip())
    return analyte.methods.get(loinc.strip(), "") if analyte else ""


def code_for(key: str, unit: str, method: str = "") -> str:
    """The LOINC code to write for a number in this unit, measured so."""
    analyte = get(key)
    by_method = {how: code for code, how in analyte.methods.items()}
    return by_method.get(method) or analyte.loinc_by_unit.get(unit) or analyte.loinc[0]


def default_upper_limit(key: str, sex: str, age: float | None = None) -> float | None:
    """The upper limit assumed where the laboratory sent none; None where nothing may be assumed."""
    if key == "d_dimer" and age is not None and age > LIMITS.d_dimer_age_from:
        return age * LIMITS.d_dimer_per_year
    return usual_upper_limit(key, sex, age)


def usual_upper_limit(key: str, sex: str, age: float | None = None) -> float | None:
    """The upper end of the usual range; None for a child where that is an adult's. [clinical.md 4.4 h]"""
    return None if is_adults(key, age) else get(key).upper(sex)


def is_adults(key: str, age: float | None) -> bool:
    """The range known is one of adults and the patient is a child: the laboratory's own is asked for."""
    return get(key).adult_range and age is not None and age < LIMITS.adult_from


def check(
    analyte_key: str,
    value: float,
    comparator: str = "",
    unit: str | None = None,
    context: Mapping[str, float] = MappingProxyType({}),
) -> list[Doubt]:
    """What speaks against storing this value. `value` and `context` (the same draw) are canonical,
    `unit` is the unit as typed (None: canonical). A value with a comparator is judged by its bound."""
    analyte = get(analyte_key)
    if not math.isfinite(value):
        return [Doubt("refuse", "not_a_number", f"{analyte.name}: this is not a number.")]
    concerns = [_range_concern(analyte, value, comparator, unit, context)]
    if analyte.part_of_total and not comparator.startswith("<"):
        concerns.append(_share_concern(analyte, value, context.get("bilirubin_total")))
    return [concern for concern in concerns if concern]


def _range_concern(
    analyte: Analyte, value: float, comparator: str, unit: str | None, context: Mapping[str, float]
) -> Doubt | None:
    hard = _outside(value, analyte.hard_low, analyte.hard_high)
    # "<5" says nothing against a low value: only an impossible bound counts.
    low = None if comparator.startswith("<") else analyte.soft_low
    side = hard or _outside(value, low, analyte.soft_high)
    may_slip = hard or not comparator.startswith("<")
    slip = _suggested_unit(analyte, value, unit, context, side) if may_slip else None
    if not side and not slip:
        return None
    shown = _shown(analyte, value, unit, comparator)
    words = f"{analyte.name} {shown} is unusually {side or 'low'}."
    if slip:
        level = "refuse" if hard else "confirm"
        return Doubt(level, "unit_slip", f"{words} Did you mean {unit_label(slip)}?", slip)
    if hard:
        return Doubt("refuse", f"impossibly_{hard}", _impossible(analyte, shown, unit, hard))
    note = f" {analyte.high_note}" if analyte.high_note and side == "high" else ""
    return Doubt("confirm", f"unusually_{side}", f"{words}{note} Please confirm.")


def _impossible(analyte: Analyte, shown: str, unit: str | None, side: str) -> str:
    """What is accepted at most or at least."""
    bound, where, last = {
        "low": (analyte.hard_low, "below", "lowest"),
        "high": (analyte.hard_high, "above", "highest"),
    }[side]
    if bound is None:
        raise ValueError(f"{analyte.key} has no {last} value, so nothing is {where} it.")
    return f"{analyte.name} {shown} is {where} {_shown(analyte, bound, unit)}, the {last} value accepted."


def _share_concern(analyte: Analyte, value: float, total: float | None) -> Doubt | None:
    """Direct and conjugated bilirubin are parts of total bilirubin."""
    if total is None:
        return None
    word = analyte.name.removeprefix("Bilirubin, ").capitalize()
    if value > total * LIMITS.direct_above_total * (1 + GRACE):
        return Doubt("refuse", "part_above_total", f"{word} bilirubin cannot be above total.")
    if value > total * LIMITS.direct_near_total * (1 + GRACE):
        text = f"{word} bilirubin is nearly all of total bilirubin. Please confirm."
        return Doubt("confirm", "part_near_total", text)
    return None


def _outside(value: float, low: float | None, high: float | None) -> str:
    grace = GRACE * abs(value)
    if low is not None and value < low - grace:
        return "low"
    return "high" if high is not None and value > high + grace else ""


def _suggested_unit(
    analyte: Analyte, value: float, unit: str | None, context: Mapping[str, float], side: str
) -> str | None:
    """The unit probably meant: a known slip, or the canonical one where that number would be ordinary."""
    factor = 1 if unit is None else analyte.factor(unit)
    if factor == 1:
        return next((slip.unit for slip in analyte.slips if slip.fits(value, context)), None)
    if not factor or not side:
        return None
    typed = value / factor
    ordinary = not _outside(typed, analyte.soft_low, analyte.soft_high)
    return analyte.unit if ordinary and not _outside(typed, analyte.hard_low, analyte.hard_high) else None


def _shown(analyte: Analyte, value: float, unit: str | None, comparator: str = "") -> str:
    """The number as it was typed, with its unit."""
    factor = analyte.factor(unit) if unit is not None else None
    label = unit_label(analyte.unit if factor is None else unit)
    return f"{comparator}{value / (factor or 1):.10g} {label}".strip()


@cache
def _folded_units(analyte: Analyte) -> dict[str, float]:
    return {fold_unit(unit): by for unit, by in analyte.units.items() if unit not in CASE_MATTERS}


def _analyte(key: str, row: dict[str, Any]) -> Analyte:
    row = {name: value for name, value in row.items() if name not in REVIEW}
    refuse, confirm = row.pop("refuse"), row.pop("confirm")
    typical = {sex: (low, high) for sex, (low, high) in row.pop("typical").items()}
    return Analyte(
        key=key,
        hard_low=refuse.get("below"),
        hard_high=refuse.get("above"),
        soft_low=confirm.get("below"),
        soft_high=confirm.get("above"),
        typical=typical,
        slips=tuple(Slip(**slip) for slip in row.pop("slips", ())),
        conventional_unit=row.pop("conventional_unit", None),
        conventional_decimals=row.pop("conventional_decimals", row["decimals"]),
        healthy_upper=row.pop("healthy_upper", {}),
        adult_range=row.pop("adult_range", False),
        high_note=row.pop("high_note", ""),
        part_of_total=row.pop("part_of_total", False),
        derived=row.pop("derived", False),
        warned_synonyms=row.pop("warned_synonyms", {}),
        methods=row.pop("methods", {}),
        loinc_by_unit=row.pop("loinc_by_unit", {}),
        **{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()},
    )


def _by_name(analytes: Iterable[Analyte]) -> dict[str, tuple[Analyte | None, str]]:
    """Folded name -> analyte and warning. A name that two analytes claim finds neither."""
    found: dict[str, tuple[Analyte | None, str]] = {}
    for analyte in analytes:
        names = dict.fromkeys((analyte.key, analyte.name, *analyte.synonyms), "") | dict(
            analyte.warned_synonyms
        )
        for name, warning in names.items():
            folded = fold_name(name)
            taken = found.get(folded, (analyte, ""))[0]
            found[folded] = (analyte, warning) if taken is analyte else (None, "")
    return found


_ALL = {key: _analyte(key, row) for key, row in load("analytes")["analyte"].items()}
# In clinical order, as they are entered, stored and shown.
ANALYTES: dict[str, Analyte] = {key: analyte for key, analyte in _ALL.items() if not analyte.derived}
# Recognised in files so that nobody takes them for something else; never entered or stored.
DERIVED: dict[str, Analyte] = {key: analyte for key, analyte in _ALL.items() if analyte.derived}
_BY_CODE = {code: analyte for analyte in _ALL.values() for code in analyte.loinc}
_BY_NAME = _by_name(_ALL.values())
