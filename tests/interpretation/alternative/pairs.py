"""4.4 a, third and fourth point: an INR with the ALT and AST nearest to it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from tests.interpretation.alternative.limits import ENZYMES
from tests.interpretation.alternative.record import Inr, Record, Value


class Pair(NamedTuple):
    """A paired draw: its time and its confounders are the INR's."""

    inr: Inr
    enzymes: dict[str, Value]

    @property
    def at(self) -> datetime:
        return self.inr.at

    @property
    def closes(self) -> datetime:
        return max(self.at, *(v.at for v in self.enzymes.values()))


def paired_draws(record: Record, inrs: list[Inr], regime: str, hours: int) -> list[Pair]:
    """In time; a draw whose hour is not known never counts in the acute window."""
    pairs = []
    for inr in inrs:
        if regime == "acute" and not inr.hour_known:
            continue
        found = {e: _nearest(record.of(e), inr, hours, regime) for e in ENZYMES}
        enzymes = {e: v for e, v in found.items() if v}
        if enzymes:
            pairs.append(Pair(inr, enzymes))
    return pairs


def _nearest(values: list[Value], inr: Inr, hours: int, regime: str) -> Value | None:
    distances = [(apart, v) for v in values if (apart := _apart(v, inr, regime)) is not None]
    near = [(apart, v) for apart, v in distances if apart <= timedelta(hours=hours)]
    # Two at one distance: the one of the INR's draw, of its laboratory, then the earlier, then the higher.
    order = [
        (apart, v.draw != inr.result.draw, v.laboratory != inr.result.laboratory, v.at, -v.value, v)
        for apart, v in near
    ]
    return min(order, key=lambda row: row[:5])[5] if order else None


def _apart(value: Value, inr: Inr, regime: str) -> timedelta | None:
    """The distance; where an hour is not known, from the start of its day, and only with that day's results."""
    if value.hour_known and inr.hour_known:
        return abs(value.at - inr.at)
    if regime == "acute" or value.at.date() != inr.at.date():
        return None
    return abs(value.at - inr.at)
