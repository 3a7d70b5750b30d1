"""Then and now: what a patient's numbers were when discussed (or at the baseline) beside what they are today.

Pure: two bases (`patients.review.snapshot`) in, lines for a table out. Nothing is judged here; the verdict does that.
"""

from dataclasses import dataclass
from datetime import datetime

from interpretation.record.analytes import ANALYTES
from interpretation.words import percent
from patients.review.changes_since import new_since
from patients.values.display import Units

SHOWN = ("INR", "ALT", "AST", "albumin", "platelets", "bilirubin_total")


@dataclass(frozen=True)
class ThenAndNowValue:
    text: str
    number: float
    bound: bool
    at: datetime


@dataclass(frozen=True)
class ThenAndNowLine:
    """One test: its last value then and now, and the change where there is a newer result to compare."""

    name: str
    unit: str
    then: ThenAndNowValue | None
    now: ThenAndNowValue | None

    @property
    def is_new(self) -> bool:
        return self.now is not None and (self.then is None or self.now.at > self.then.at)

    @property
    def change(self) -> str:
        """ "+42 %"; "" where a bound (<5) or a zero leaves nothing to divide by."""
        if not self.is_new or self.then is None or self.then.bound or self.now.bound or not self.then.number:
            return ""
        return percent(100 * (self.now.number / self.then.number - 1))


@dataclass(frozen=True)
class ThenAndNow:
    lines: list[ThenAndNowLine]
    sentences: tuple[str, ...]
    worse: bool


def compared(then: dict, now: dict, units: Units) -> ThenAndNow:
    since = new_since(then, now)
    return ThenAndNow(lines(then.get("draws", {}), now["draws"], units), since.sentences, since.worse)


def lines(then: dict, now: dict, units: Units) -> list[ThenAndNowLine]:
    """`then` and `now`: the draws of a basis. Tests that were never done are left out."""
    pairs = [(key, _last(then, key, units), _last(now, key, units)) for key in SHOWN]
    return [
        ThenAndNowLine(ANALYTES[key].short, units.label(key), before, after)
        for key, before, after in pairs
        if before or after
    ]


def until(draws: dict, moment: datetime) -> dict:
    """The draws taken by that moment."""
    return {id: draw for id, draw in draws.items() if datetime.fromisoformat(draw["at"]) <= moment}


def _last(draws: dict, key: str, units: Units) -> ThenAndNowValue | None:
    having = [draw for draw in draws.values() if key in draw["results"]]
    if not having:
        return None
    draw = max(having, key=lambda draw: datetime.fromisoformat(draw["at"]))
    comparator, number = draw["results"][key][:2]
    text = units.text(key, number, comparator)
    return ThenAndNowValue(text, number, bool(comparator), datetime.fromisoformat(draw["at"]))
