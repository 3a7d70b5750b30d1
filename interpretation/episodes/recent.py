"""As much of a record as the rule reads at one past moment: its windows end with the last INR.

What lies before them changes nothing, and a long record is not read anew from its first day for each draw.
Whether a part was enough its reading shows: the rule may look back further, from an INR that cannot be read
to the last one that can. Then a longer part is read, in the end the whole.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interpretation.record.records import Case, Draw
from interpretation.rule.pairing import MERGED_WITHIN
from interpretation.rule.reading import PreparedCase

from ..knowledge import limits
from ..report import known

RULE = limits("dissociation").read_by(__name__, "chronic_lookback_days")
# Further than what is read beside a draw lies before it (pairing, confounders, factors, trials of vitamin K:
# 24 days at most, an answer to a dose with its INR before and what confounds that).
BESIDE = timedelta(days=30)
LONGEST = timedelta(days=RULE.chronic_lookback_days)
BEGINNING = float("-inf")
# Windows one after the other: the second holds that of an INR which the first may have to look for.
WINDOWS = (1, 2)


@dataclass(frozen=True)
class RecentPart:
    """A record cut to what was known; from `since` (seconds) on, nothing that was left out is felt."""

    case: Case
    since: float

    @property
    def is_whole(self) -> bool:
        return self.since == BEGINNING

    def is_enough(self, reading: PreparedCase) -> bool:
        """What the rule reads lies where the part is as good as the whole. The course of the INR by itself is
        read of a last INR that can be read: no pair that is compared lies after it."""
        if self.is_whole:
            return True
        last = reading.last_inr
        if last is None or last.seconds < self.since or len(reading.all_pairs) < 2:
            return False
        return reading.oldest >= self.since


def parts(case: Case, at: datetime) -> Iterator[RecentPart]:
    """The record up to this moment: the shortest part that can do, longer ones, and the whole. `case` is cut to
    what was known at a later moment, in time order."""
    draws = case.draws[: bisect_right(case.draws, at, key=_taken_at)]
    for first in _beginnings(draws):
        since = (draws[first - 1].taken_at + BESIDE).timestamp()
        yield RecentPart(known(replace(case, as_of=at, draws=draws[first:])), since)
    yield RecentPart(known(replace(case, as_of=at, draws=draws)), BEGINNING)


def _beginnings(draws: tuple[Draw, ...]) -> list[int]:
    """Places of the draws with which parts begin, the shortest part first; none of a record that is no longer."""
    last = next((d.taken_at for d in reversed(draws) if d.result("INR")), None)
    if last is None:
        return []
    return [first for windows in WINDOWS if (first := _first(draws, last - windows * LONGEST - BESIDE))]


def _first(draws: tuple[Draw, ...], at: datetime) -> int:
    """The place of the first draw from then on; an earlier one where that may repeat the one before it."""
    first = bisect_left(draws, at, key=_taken_at)
    while 0 < first < len(draws) and _seconds(draws[first]) - _seconds(draws[first - 1]) <= MERGED_WITHIN:
        first -= 1
    return first


def _taken_at(draw: Draw) -> datetime:
    return draw.taken_at


def _seconds(draw: Draw) -> float:
    return draw.taken_at.timestamp()
