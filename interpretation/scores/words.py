"""Names, verbs and numbers of scores as they stand in a sentence."""

from functools import cache

from interpretation.record import analytes
from interpretation.scores.spec import WORDS, InputSpec
from interpretation.words import figures, number, sign

PLURAL = ("platelets", "white_cells", "vasopressors")


@cache
def name_of(name: str) -> str:
    """ "sodium", "bilirubin", "INR": within a sentence."""
    if name in WORDS["fact"]:
        return str(WORDS["fact"][name])
    words = analytes.get(name).name.split(",")[0]
    return words[0].lower() + words[1:] if words[1:2].islower() and not words.startswith("PaO") else words


SINGULAR_VERBS, PLURAL_VERBS = {"were": "was", "is": "is"}, {"were": "were", "is": "are"}
_PLURAL_NAMES = frozenset(map(name_of, PLURAL))


def be(names: list[str]) -> dict[str, str]:
    """The verbs of a sentence about these."""
    return PLURAL_VERBS if len(names) > 1 or names[0] in _PLURAL_NAMES else SINGULAR_VERBS


def canonical(name: str, value: float, comparator: str = "") -> str:
    """ "<5 µmol/L", "2.6": a result in its canonical unit."""
    analyte = analytes.get(name)
    return f"{sign(comparator)}{figures(value, analyte.decimals, 3)} {analyte.unit_label}".strip()


def read_as(spec: InputSpec, value: float) -> str:
    """ "1.0 mg/dL": a value as the formula reads it."""
    return f"{number(value, 1)} {spec.used_unit}".strip()
