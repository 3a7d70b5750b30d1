"""Then and now: what a patient's numbers were when discussed (or at the baseline) beside what they are today.

Pure: two bases (`patients.review.snapshot`) in, lines for a table out. Nothing is judged here; the verdict does that.
"""

from dataclasses import dataclass
from datetime import datetime

from interpretation.record.analytes import ANALYTES
from interpretation.words import bounded_percent
from patients.review.changes_since import new_since
from patients.values.display import Units

SHOWN = ("INR", "ALT", "AST", "albumin", "platelets", "bilirubin_total")


@dataclass(frozen=True)
class ThenAndNowValue:
    text: str
    number: float
    comparator: str
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
        """ "+42 %", "at least +42 %" to a bound; "" where a bound or a zero does not tell it."""
        if not self.is_new or self.then is None or not self.then.number:
            return ""
        change = 100 * (self.now.number / self.then.number - 1)
        return bounded_percent(change, (self.then.comparator, self.now.comparator))


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
    return ThenAndNowValue(text, number, comparator, datetime.fromisoformat(draw["at"]))
