"""Pattern and gravity of an acute injury, read at its onset. [clinical.md 7.5]"""

import math
from collections.abc import Iterator
from datetime import timedelta

from interpretation.record.records import Draw
from interpretation.rule.confounders import active
from interpretation.scores.evaluate import anchored, remarks, score
from interpretation.scores.given import Given
from interpretation.scores.spec import LIMITS, TOLERANCE
from interpretation.scores.values import DAY, Values
from interpretation.words import value

LIMITS.read_by(__name__, "drug_days hys_enzyme hys_bilirubin hys_cholestasis dilin_inr")

CRITERIA = 3
DRUG = timedelta(days=LIMITS.drug_days)


@score("r_factor")
def r_factor(*, ALT: float, ALP: float) -> float:
    """R factor; ALT and ALP as multiples of their upper limits, or of a raised baseline. [R40]"""
    return ALT / ALP if ALP else math.inf


@score("hys_law")
def hys_law(*, ALT: float, AST: float | None, bilirubin_total: float, ALP: float) -> int:
    """How many of the three criteria are met, all as multiples of their upper limits. [R40]"""
    enzyme = max(ALT, AST) if AST is not None else ALT
    return (
        int(enzyme >= LIMITS.hys_enzyme - TOLERANCE)
        + int(bilirubin_total >= LIMITS.hys_bilirubin - TOLERANCE)
        + int(LIMITS.hys_cholestasis - TOLERANCE > ALP)
    )


@anchored("r_factor")
def _at_onset(values: Values, draw: Draw) -> Draw | None:
    return values.onset("ALT", draw)


@anchored("hys_law")
def _at_onset_or_now(values: Values, draw: Draw) -> Draw:
    """Without an injury the answer is no, at the latest draw."""
    return values.onset("ALT", draw) or values.onset("AST", draw) or draw


@remarks("r_factor")
def _r_factor(given: Given, raw: float) -> Iterator[str]:
    yield given.spec.remarks["onset"]
    for name in ("ALT", "ALP"):
        earlier = given.values.before(name, given.at)
        if earlier and earlier[-1][1] > 1 and given.values.baseline(name, given.at) is None:
            yield given.spec.remarks["no_baseline"].format(name=name)


@remarks("hys_law")
def _hys_law(given: Given, raw: float) -> Iterator[str]:
    if not given.values.onset("ALT", given.draw) and not given.values.onset("AST", given.draw):
        yield given.spec.remarks["none"]
        return
    if raw < CRITERIA:
        return
    if not _drug(given):
        yield given.spec.remarks["no_drug"]
    found = given.values.near("INR", given.at, DAY)
    if found and not given.values.hard(found[1]) and found[0].value >= LIMITS.dilin_inr - TOLERANCE:
        yield given.spec.remarks["severity"].format(inr=value(found[0]))


def _drug(given: Given) -> bool:
    """Whether the record holds a drug that may have done it."""
    drugs = (e for e in given.values.events if e.kind == "hepatotoxic_drug")
    diagnosis = given.values.diagnosis(("drug_induced",), (given.at + DRUG).date())
    return diagnosis is not None or any(active(e, given.at, DRUG) for e in drugs)
