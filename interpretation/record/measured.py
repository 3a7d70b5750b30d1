"""Results of a record with the draw they come from: found by time, compared with care, put into words.

A bound is never more than it says: "<50" is below 50 and nothing else, ">5" is above 5. Numbers are in
the analyte's canonical unit.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from interpretation import words
from interpretation.record import analytes
from interpretation.record.records import Case, Draw, Result

TOLERANCE = 1e-9
# As they stand in a sentence; any other analyte is called by its own name.
NAMES = {
    "bilirubin_total": "Bilirubin",
    "bilirubin_direct": "Direct bilirubin",
    "bilirubin_conjugated": "Conjugated bilirubin",
}


class MeasuredValue(NamedTuple):
    """One result and its draw."""

    draw: Draw
    result: Result

    @property
    def at(self) -> datetime:
        return self.draw.taken_at

    @property
    def number(self) -> float:
        return self.result.value

    @property
    def exact(self) -> bool:
        """A number and not a bound: only these can be said to have fallen or risen."""
        return not self.result.comparator

    @property
    def series(self) -> tuple[str, str]:
        """Laboratory and method: values of one series can be compared."""
        laboratory, method = self.as_written
        return laboratory.casefold(), method.casefold()

    @property
    def as_written(self) -> tuple[str, str]:
        return self.draw.laboratory, self.result.method or self.draw.method

    @property
    def amount(self) -> str:
        """ "62 %", "<5 U/L", "1.9"."""
        analyte = analytes.get(self.result.analyte)
        plain = words.inr(self.number) if analyte.key == "INR" else _decimals(self.number, analyte.decimals)
        return f"{words.sign(self.result.comparator)}{plain} {analyte.unit_label}".strip()

    @property
    def words(self) -> str:
        """ "Factor V 62 % (3 May 2025)"."""
        return f"{name(self.result.analyte)} {self.amount} ({words.day(self.at)})"

    def below(self, limit: float) -> bool:
        if self.result.comparator[:1] == ">":
            return False
        bound = self.result.comparator == "<" and self.number <= limit + TOLERANCE
        return bound or self.number < limit - TOLERANCE

    def at_least(self, limit: float) -> bool:
        return self.result.comparator[:1] != "<" and self.number >= limit - TOLERANCE

    def above(self, limit: float) -> bool:
        if self.result.comparator[:1] == "<":
            return False
        bound = self.result.comparator == ">" and self.number >= limit - TOLERANCE
        return bound or self.number > limit + TOLERANCE

    def at_most(self, limit: float) -> bool:
        return self.result.comparator[:1] != ">" and self.number <= limit + TOLERANCE

    def upper_limit(self, case: Case) -> float | None:
        """The laboratory's limit; where it sent none or zero the usual one, of a child only a child's."""
        own = self.result.upper_limit
        return own or analytes.usual_upper_limit(self.result.analyte, case.sex, case.age(self.at))

    def is_within_limit(self, case: Case) -> bool:
        """At most its upper limit; where there is none, this cannot be said."""
        limit = self.upper_limit(case)
        return limit is not None and self.at_most(limit)

    def is_above_limit(self, case: Case) -> bool:
        """Above its upper limit; where there is none, this cannot be said."""
        limit = self.upper_limit(case)
        return limit is not None and self.above(limit)

    def multiple(self, case: Case) -> float | None:
        """Multiples of the upper limit."""
        limit = self.upper_limit(case)
        return self.number / limit if limit else None

    def times(self, multiple: float, decimals: int = 0) -> str:
        """A multiple of this value, with its comparator: "3.2", ">8.0"."""
        return f"{words.sign(self.result.comparator)}{words.number(multiple, decimals)}"


class Measured:
    """The results of a case from `first` to `last`, found by analyte and time.

    Most questions are about a few days of a long record: each reads only the draws of its days.
    """

    def __init__(self, case: Case, first: datetime, last: datetime) -> None:
        self._case, self.first, self.last = case, first, last

    def between(self, analyte: str, first: datetime, last: datetime) -> list[MeasuredValue]:
        """In time order; both ends included."""
        draws = self._case.between(max(first, self.first), min(last, self.last))
        found = [(draw, draw.by_analyte[analyte]) for draw in draws if analyte in draw.by_analyte]
        return [MeasuredValue(draw, result) for draw, result in found if result.value is not None]

    def nearest(self, analyte: str, at: datetime, reach: timedelta) -> MeasuredValue | None:
        """The value closest in time to `at`, no further than `reach`; of two as close, the earlier."""
        near = self.between(analyte, at - reach, at + reach)
        if len(near) < 2:
            return near[0] if near else None
        return min(near, key=lambda value: (abs(value.at - at), value.at, value.draw.id))

    def latest(self, analyte: str) -> MeasuredValue | None:
        found = self._case.measured_between(analyte, self.first, self.last)
        return next((MeasuredValue(*pair) for pair in reversed(found) if pair[1].value is not None), None)


def name(analyte: str) -> str:
    return NAMES.get(analyte) or analytes.get(analyte).name


def change(first: MeasuredValue, last: MeasuredValue) -> str:
    """ "Bilirubin 210 → 260 µmol/L (3 May to 5 May 2025)"."""
    unit = analytes.get(last.result.analyte).unit_label
    before = first.amount.removesuffix(unit).rstrip() if unit else first.amount
    return f"{name(last.result.analyte)} {before} → {last.amount} ({words.days(first.at, last.at)})"


def _decimals(number: float, decimals: int) -> str:
    """As many decimals as the analyte is reported with, more where a small number would vanish."""
    return words.number(number, decimals if number >= 1 or decimals >= 1 or number == 0 else 1)
