"""Is this value a surprise beside the one before it? What no course explains is marked; a slip of unit waits.

A true 5.1 must not wait for a morning: so a value is stored, graded and marked. Only one that a known unit
or decimal factor brings beside the last one, while it is out of range as it stands, is asked about first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interpretation import knowledge
from interpretation.record import analytes
from interpretation.record.analytes import Analyte
from interpretation.record.spelling import fold_unit, unit_label
from interpretation.words import day

LIMITS = knowledge.limits("surprise").read_by(__name__, "near near_beyond wait_days wait_fold")
KNOWN = knowledge.load("surprise").read_by(__name__, "sentence jump")
JUMPS: dict[str, dict[str, Any]] = KNOWN["jump"]
DECIMAL_FACTORS = (10, 100, 1000)


@dataclass(frozen=True)
class Surprise:
    """`waits`: a slip of unit or decimal point, asked before it is stored. Else stored and marked.

    `text` is what the mark or the question says. `unit`: the unit that was probably meant, "" if none.
    """

    waits: bool
    text: str
    unit: str = ""


@dataclass(frozen=True)
class Earlier:
    """The last value of the same test, canonical, as far as known; `shown` as it was reported."""

    value: float
    at: datetime
    shown: str


def surprise(
    *, key: str, value: float, unit: str, shown: str, at: datetime, earlier: Earlier | None
) -> Surprise | None:
    """A value (canonical; sent in `unit`, reported as `shown`) beside the last one before it, or None.

    Zero and values without an earlier one surprise nobody here. [clinical.md 4.4 i, ED]
    """
    if earlier is None or value <= 0 or earlier.value <= 0:
        return None
    days = abs((at - earlier.at).total_seconds()) / 86400
    ratio = fold(value, earlier.value)
    if days > LIMITS.wait_days:
        return None
    analyte = analytes.get(key)
    words = {"name": analyte.name, "before": earlier.shown, "day": day(earlier.at), "now": shown}
    if ratio >= LIMITS.wait_fold and (slip := _slip(analyte, value, unit, earlier.value)):
        sentence = "waits_unit" if slip[0] else "waits_decimal"
        return Surprise(True, _say(sentence, **words, meant=slip[1]), slip[0])
    jump = JUMPS.get(key)
    if jump is None or ratio < jump["fold"] or days > jump["days"]:
        return None
    return Surprise(False, _say("marked", **words))


def least_fold(key: str) -> float:
    """Values of this analyte whose ratio is smaller never surprise, whatever lies between them."""
    jump = JUMPS.get(key)
    return min(float(LIMITS.wait_fold), float(jump["fold"])) if jump else float(LIMITS.wait_fold)


def could_be(*, key: str, value: float, unit: str, other: str, at: datetime, earlier: Earlier | None) -> bool:
    """Whether a value (canonical; sent in `unit`) may have been meant in `other`: it is then near the one
    before it, or none before it tells."""
    if earlier is None or value <= 0 or earlier.value <= 0:
        return True
    if abs((at - earlier.at).total_seconds()) / 86400 > LIMITS.wait_days:
        return True
    analyte = analytes.get(key)
    number = value / (analyte.factor(unit) or 1)
    return _may_be(analyte, value, number * (analyte.factor(other) or 1), earlier.value)


def question(name: str, earlier: Earlier, shown: str) -> str:
    """What a form asks of a typed value before it is saved."""
    return _say("asked", name=name, before=earlier.shown, day=day(earlier.at), now=shown)


def _slip(analyte: Analyte, value: float, unit: str, before: float) -> tuple[str, str] | None:
    """(unit, the value in it) or ("", the value with its point moved), where that is near the last one."""
    if not _out_of_range(analyte, value):
        return None
    factor = analyte.factor(unit) or 1
    number = value / factor
    for other, by in analyte.units.items():
        if (
            fold_unit(other) != fold_unit(unit)
            and by != factor
            and _may_be(analyte, value, number * by, before)
        ):
            return other, f"{number:.6g} {unit_label(other)}"
    if (JUMPS.get(analyte.key) or {}).get("decimals"):
        for by in DECIMAL_FACTORS:
            for moved in (number / by, number * by):
                if _near(moved * factor, before):
                    return "", f"{moved:.6g} {unit_label(unit)}".strip()
    return None


def _may_be(analyte: Analyte, value: float, meant: float, before: float) -> bool:
    """Whether `meant` fits the last value: near it, or plausible and not far off where `value` is neither."""
    if _near(meant, before):
        return True
    beyond = not _is_plausible(analyte, value) and _is_plausible(analyte, meant)
    return beyond and fold(meant, before) <= LIMITS.near_beyond * (1 + analytes.GRACE)


def _is_plausible(analyte: Analyte, value: float) -> bool:
    """Accepted without a question."""
    low, high = analyte.soft_low, analyte.soft_high
    return (low is None or value >= low) and (high is None or value <= high)


def _out_of_range(analyte: Analyte, value: float) -> bool:
    """Below what is usual, or above what is accepted without a question."""
    low = max(analyte.soft_low or 0, analyte.lower() or 0)
    return value < low or (analyte.soft_high is not None and value > analyte.soft_high)


def _near(value: float, before: float) -> bool:
    return fold(value, before) <= LIMITS.near * (1 + analytes.GRACE)


def fold(one: float, other: float) -> float:
    """How many times the smaller one the larger one is; 1 where one of them is zero."""
    return max(one / other, other / one) if one > 0 and other > 0 else 1


def _say(sentence: str, **words: str) -> str:
    return str(KNOWN["sentence"][sentence]["text"]).format(**words)
