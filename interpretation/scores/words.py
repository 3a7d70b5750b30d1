"""Names, numbers and lists as they stand in a sentence."""

from functools import cache

from interpretation import analytes, verdict
from interpretation.scores.spec import WORDS, InputSpec

PLURAL = ("platelets", "white_cells", "vasopressors")


@cache
def name_of(name: str) -> str:
    """ "sodium", "bilirubin", "INR": within a sentence."""
    if name in WORDS["fact"]:
        return str(WORDS["fact"][name])
    words = analytes.get(name).name.split(",")[0]
    return words[0].lower() + words[1:] if words[1:2].islower() and not words.startswith("PaO") else words


def first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def listed(names: list[str]) -> str:
    """ "sodium, creatinine and INR"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


SINGULAR_VERBS, PLURAL_VERBS = {"were": "was", "is": "is"}, {"were": "were", "is": "are"}
_PLURAL_NAMES = frozenset(map(name_of, PLURAL))


def be(names: list[str]) -> dict[str, str]:
    """The verbs of a sentence about these."""
    return PLURAL_VERBS if len(names) > 1 or names[0] in _PLURAL_NAMES else SINGULAR_VERBS


def canonical(name: str, value: float, comparator: str = "") -> str:
    """ "< 5 µmol/L", "2.6": a result in its canonical unit."""
    analyte = analytes.get(name)
    decimals = analyte.decimals
    while decimals < 3 and abs(round(value, decimals) - value) > 0.01 * abs(value):
        decimals += 1
    sign = f"{comparator} " if comparator else ""
    return f"{sign}{verdict.number(value, decimals)} {analyte.unit_label}".strip()


def read_as(spec: InputSpec, value: float) -> str:
    """ "1.0 mg/dL": a value as the formula reads it."""
    return f"{verdict.number(value, 1)} {spec.used_unit}".strip()
