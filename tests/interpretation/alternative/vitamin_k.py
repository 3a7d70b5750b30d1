"""4.4 e: trials of parenteral vitamin K."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.interpretation.alternative.exposures import HARD, MASKING_HOURS
from tests.interpretation.alternative.limits import ENZYMES, above, at_least, at_most, below, rise
from tests.interpretation.alternative.record import Inr, Record

WEEK = timedelta(days=7)


class Trial(NamedTuple):
    """`kind`: responder, partial, non_responder, rebound or not_readable."""

    kind: str
    dose: datetime
    baseline: Inr
    answer: Inr

    def bears_on(self, at: datetime) -> bool:
        """From 12 h after the dose to 7 days after the answer."""
        return self.dose + timedelta(hours=12) <= at <= self.answer.at + WEEK


def trial_bearing_on(record: Record, at: datetime) -> Trial | None:
    bearing = [t for t in trials(record) if t.bears_on(at)]
    return max(bearing, key=lambda t: t.dose, default=None)


def trials(record: Record) -> list[Trial]:
    found = [_trial(record, dose) for dose in _first_doses(record)]
    return [t for t in found if t]


def _first_doses(record: Record) -> list[datetime]:
    """Doses at most 72 h apart are one trial, counted from the first."""
    doses = sorted(e["start"] for e in record.events_of("vitamin_k") if _is_a_test(record, e))
    return [d for k, d in enumerate(doses) if k == 0 or d - doses[k - 1] > timedelta(hours=72)]


def _is_a_test(record: Record, dose: dict[str, Any]) -> bool:
    """Parenteral, as one whose route nobody recorded; the subcutaneous dose is no test in cholestasis (6.3)."""
    cholestatic = record.has_diagnosis(("cholestasis", "pbc", "psc"), record.as_of)
    return dose.get("route") != "oral" and not (dose.get("route") == "sc" and cholestatic)


def _trial(record: Record, dose: datetime) -> Trial | None:
    readable = [i for i in record.inrs if not i.hard and not i.point_of_care]
    before = [i for i in readable if not i.masked and dose - WEEK <= i.at <= dose]
    if not before:
        return None
    baseline = before[-1]
    answer = _answer([i for i in readable if i.series == baseline.series and i.hour_known], dose)
    if answer is None:
        return None
    return Trial(_kind(record, readable, dose, baseline, answer), dose, baseline, answer)


def _answer(inrs: list[Inr], dose: datetime) -> Inr | None:
    """The lowest INR 12 to 48 h after the dose, else the last one until 72 h."""
    early = [i for i in inrs if timedelta(hours=12) <= i.at - dose <= timedelta(hours=48)]
    if early:
        return min(early, key=lambda i: i.value)
    late = [i for i in inrs if timedelta(hours=48) < i.at - dose <= timedelta(hours=72)]
    return late[-1] if late else None


def _kind(record: Record, readable: list[Inr], dose: datetime, baseline: Inr, answer: Inr) -> str:
    if _product_between(record, baseline, answer) or _already_recovering(record, readable, dose):
        return "not_readable"
    fall = 1 - answer.value / baseline.value
    if below(fall, 0.10):
        return "non_responder"
    if any(_rebounds(record, answer, i) for i in readable):
        return "rebound"
    to_1_5 = above(baseline.value, 1.5) and at_most(answer.value, 1.5) and at_least(fall, 0.20)
    return "responder" if at_least(fall, 0.30) or to_1_5 else "partial"


def _product_between(record: Record, baseline: Inr, answer: Inr) -> bool:
    starts = (e["start"] for e in record.events_of(*MASKING_HOURS))
    return answer.masked or any(baseline.at < start <= answer.at for start in starts)


def _already_recovering(record: Record, readable: list[Inr], dose: datetime) -> bool:
    """A peak >= 10 x limit in the 7 days before the dose, INR already 10% below its highest of those days."""
    week = [v for e in ENZYMES for v in record.of(e) if dose - WEEK <= v.at <= dose]
    inrs = [i.value for i in readable if dose - WEEK <= i.at <= dose and not i.masked]
    peak = any(v.limit and at_least(v.value, 10 * v.limit) for v in week)
    return peak and bool(inrs) and at_most(inrs[-1], 0.9 * max(inrs))


def _rebounds(record: Record, answer: Inr, later: Inr) -> bool:
    if not (answer.at < later.at <= answer.at + WEEK and rise(answer.value, later.value)):
        return False
    given = record.events_of(*HARD, *MASKING_HOURS)
    return not any(answer.at < e["start"] <= later.at for e in given)
