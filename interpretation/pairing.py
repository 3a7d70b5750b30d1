"""Which INR belongs to which ALT and AST: repeats are merged, near samples are paired. [clinical.md 4.2]"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TypeVar

from .knowledge import limits
from .records import POINT_OF_CARE, Draw, Result

LIMITS = limits("dissociation").read_by(__name__, "merge_hours")
ENZYMES = ("ALT", "AST")
HOUR = 3600.0
_seconds = attrgetter("seconds")
MERGED_WITHIN = timedelta(hours=LIMITS.merge_hours)


# Two of these are made for each draw of a record: with slots and not frozen they are quickest made and read.
@dataclass(slots=True, eq=False)
class Sample:
    """Draws of one laboratory and method within a few hours, as one: the later value of each test counts."""

    at: datetime
    seconds: float
    laboratory: str
    results: dict[str, Result]
    inr_method: str
    draws: tuple[str, ...]

    @property
    def enzymes(self) -> bool:
        return "ALT" in self.results or "AST" in self.results


@dataclass(slots=True, eq=False)
class Pair:
    """A paired draw: an INR with the ALT and/or AST that belong to it, at the later of their times."""

    at: datetime
    seconds: float
    inr: Result
    inr_at: datetime
    # All results of the sample that holds the INR, and of the one that holds ALT and AST.
    results: dict[str, Result]
    enzymes: dict[str, Result]
    # Laboratory and method of the INR, laboratory of the enzymes: one series while this stays the same.
    series: tuple[str, str, str]
    draws: tuple[str, ...]

    @property
    def point_of_care(self) -> bool:
        return self.series[1] in POINT_OF_CARE


Drawn = TypeVar("Drawn", Sample, Pair)


def between(drawn: list[Drawn], first: float, last: float = math.inf) -> list[Drawn]:
    """Those from `first` to `last` in seconds, both included; `drawn` are in time order."""
    start = bisect_left(drawn, first, key=_seconds)
    return drawn[start : bisect_right(drawn, last, key=_seconds)]


def after(drawn: list[Drawn], at: float) -> list[Drawn]:
    """Those later than this time in seconds; `drawn` are in time order."""
    return drawn[bisect_right(drawn, at, key=_seconds) :]


def samples(draws: Sequence[Draw]) -> list[Sample]:
    """From draws in time order: repeats of one laboratory and method less than 4 h apart merged."""
    groups: list[list[Draw]] = []
    open_groups: dict[tuple[str, str], list[Draw]] = {}
    for draw in draws:
        key = (draw.laboratory, draw.method)
        group = open_groups.get(key)
        if group and draw.taken_at - group[0].taken_at < MERGED_WITHIN:
            group.append(draw)
        else:
            open_groups[key] = group = [draw]
            groups.append(group)
    found = list(map(_sample, groups))
    if len(found) < len(draws):
        # Of a merged group the last time counts, which may lie after the next group.
        found.sort(key=attrgetter("seconds", "draws"))
    return found


def paired(samples: list[Sample], whole: list[Pair], hours: float) -> list[Pair]:
    """Paired draws in time order: those `whole` in one sample, then the nearest of what is left."""
    if len(whole) == len(samples):
        return whole
    inr_only = [s for s in samples if "INR" in s.results and not s.enzymes]
    enzyme_only = [s for s in samples if s.enzymes and "INR" not in s.results]
    if not inr_only or not enzyme_only:
        return whole
    near = [_pair(inr, enzymes) for inr, enzymes in _nearest(inr_only, enzyme_only, hours * HOUR)]
    return sorted([*whole, *near], key=lambda p: (p.seconds, p.draws))


def paired_whole(samples: list[Sample]) -> list[Pair]:
    """The samples that hold INR and enzymes themselves: paired in every window."""
    return [_pair(s, s) for s in samples if "INR" in s.results and s.enzymes]


def _nearest(left: list[Sample], right: list[Sample], reach: float) -> list[tuple[Sample, Sample]]:
    """Each sample at most once, the closest couples first."""
    times = [s.seconds for s in right]
    couples = []
    for a, sample in enumerate(left):
        first = bisect_left(times, sample.seconds - reach - 1e-6)
        last = bisect_right(times, sample.seconds + reach + 1e-6)
        couples += [(abs(times[b] - sample.seconds), a, b) for b in range(first, last)]
    used_left, used_right, chosen = set(), set(), []
    for _, a, b in sorted(couples):
        if a not in used_left and b not in used_right:
            used_left.add(a)
            used_right.add(b)
            chosen.append((left[a], right[b]))
    return chosen


def _sample(group: list[Draw]) -> Sample:
    last = inr_draw = group[-1]
    results: dict[str, Result] = last.by_analyte
    ids: tuple[str, ...] = (last.id,)
    if len(group) > 1:
        results = {analyte: result for draw in group for analyte, result in draw.by_analyte.items()}
        inr_draw = next((draw for draw in reversed(group) if "INR" in draw.by_analyte), last)
        ids = tuple(draw.id for draw in group)
    inr, at, laboratory = results.get("INR"), last.taken_at, last.laboratory.strip().casefold()
    method = (inr.method or inr_draw.method).strip().lower() if inr else ""
    return Sample(at, at.timestamp(), laboratory, results, method, ids)


def _pair(inr: Sample, enzymes: Sample) -> Pair:
    later = inr if inr.seconds >= enzymes.seconds else enzymes
    series = (inr.laboratory, inr.inr_method, enzymes.laboratory)
    draws = inr.draws if inr is enzymes else inr.draws + enzymes.draws
    results = inr.results
    return Pair(later.at, later.seconds, results["INR"], inr.at, results, enzymes.results, series, draws)
