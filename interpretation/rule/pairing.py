"""Which ALT and AST belong to which INR. Each result keeps its own time; of repeats the last counts.

[clinical.md 4.4 a]
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter, sub
from typing import NamedTuple, TypeVar

from interpretation.knowledge import limits
from interpretation.record.records import POINT_OF_CARE, Draw, Result

LIMITS = limits("dissociation").read_by(__name__, "merge_hours acute_pairing_hours pairing_hours")
ENZYMES = ("ALT", "AST")
COUNTED = (*ENZYMES, "INR")
READ = frozenset(COUNTED)
HOUR = 3600.0
MERGED_WITHIN = LIMITS.merge_hours * HOUR + 1e-3
_seconds, _hour_known = attrgetter("seconds"), attrgetter("hour_known")


# Two of these are made for each draw of a record: with slots and not frozen they are quickest made and read.
@dataclass(slots=True, eq=False)
class Sample:
    """A draw with those of its ALT, AST and INR that count; one a method where it holds two INRs."""

    draw: Draw
    seconds: float
    laboratory: str
    results: dict[str, Result]
    inr_method: str = ""

    @property
    def at(self) -> datetime:
        return self.draw.taken_at

    @property
    def hour_known(self) -> bool:
        return self.draw.hour_known

    @property
    def day(self) -> date:
        return self.draw.taken_at.date()

    @property
    def draws(self) -> tuple[str, ...]:
        return (self.draw.id,)

    @property
    def enzymes(self) -> bool:
        return "ALT" in self.results or "AST" in self.results

    @property
    def point_of_care(self) -> bool:
        return self.inr_method in POINT_OF_CARE

    @property
    def inr_series(self) -> tuple[str, str]:
        """Laboratory and method of the INR."""
        return self.laboratory, self.inr_method


@dataclass(slots=True, eq=False)
class Pair:
    """A paired draw: an INR, whose time it has, with the ALT and AST nearest to it."""

    sample: Sample
    seconds: float
    inr: Result
    enzymes: dict[str, Result]
    # The draws that hold ALT and AST: one may serve several INRs.
    enzyme_samples: dict[str, Sample]
    # The later of the INR and its enzymes, in seconds: there a window that ends here closes.
    closes: float
    # Laboratory and method of the INR, laboratory of the enzymes: one series while this stays the same.
    series: tuple[str, str, str]
    draws: tuple[str, ...] = field(default=())
    # INR, ALT and AST come from one draw whose hour is known: paired so in every window.
    is_whole: bool = False

    @property
    def at(self) -> datetime:
        return self.sample.draw.taken_at

    @property
    def point_of_care(self) -> bool:
        return self.series[1] in POINT_OF_CARE


Drawn = TypeVar("Drawn", Sample, Pair)


class _Place(NamedTuple):
    """Where one counted value stands: its draw by number, the result, laboratory and method."""

    draw: int
    result: Result
    laboratory: str
    method: str


@dataclass(slots=True)
class _Group:
    """Repeats of one analyte, laboratory and method: the last counts, of one minute the higher."""

    first: float
    minute: int
    counts: _Place


def between(drawn: list[Drawn], first: float, last: float = math.inf) -> list[Drawn]:
    """Those from `first` to `last` in seconds, both included; `drawn` are in time order."""
    start = bisect_left(drawn, first, key=_seconds)
    return drawn[start : bisect_right(drawn, last, key=_seconds)]


def after(drawn: list[Drawn], at: float) -> list[Drawn]:
    """Those later than this time in seconds; `drawn` are in time order."""
    return drawn[bisect_right(drawn, at, key=_seconds) :]


def samples(draws: Sequence[Draw], exposures: Sequence[int] = ()) -> list[Sample]:
    """The counted ALT, AST and INR of draws in time order.

    `exposures`: the minutes (since the epoch) at which something was given that moves an INR, in order; one
    that starts between two repeats makes two draws of them.
    """
    times = [draw.taken_at.timestamp() for draw in draws]
    if _stand_apart(draws, times):
        return [s for draw, at in zip(draws, times, strict=True) for s in draw.alone or _alone(draw, at)]
    groups = _grouped(draws, exposures)
    found = [sample for number in sorted(groups) for sample in _samples(draws[number], groups[number])]
    # Of two of one time, or of one day whose hours are not known, the higher INR stands last.
    return sorted(found, key=_in_time)


def _alone(draw: Draw, at: float) -> Iterable[Sample]:
    """The samples of a draw that repeats no other."""
    held = draw.by_analyte
    if len(held) < len(draw.results):
        return _samples(draw, _counted(draw))
    results = {key: held[key] for key in COUNTED if key in held}
    if [result for result in results.values() if result.value <= 0]:
        results = {key: result for key, result in results.items() if _is_graded(result)}
    if results:
        method = _method(draw, results["INR"]) if "INR" in results else ""
        draw.alone.append(Sample(draw, at, _laboratory(draw), results, method))
    return draw.alone


def _stand_apart(draws: Sequence[Draw], times: Sequence[float]) -> bool:
    """Nothing repeats anything: the usual record of a clinic."""
    far_apart = all(map(MERGED_WITHIN.__lt__, map(sub, times[1:], times)))
    return far_apart and all(map(_hour_known, draws))


def _grouped(draws: Sequence[Draw], exposures: Sequence[int]) -> dict[int, list[_Place]]:
    """What counts of each group of repeats, by the number of its draw."""
    counted: dict[int, list[_Place]] = {}
    open_groups: dict[tuple[str, str, str, date | None], _Group] = {}
    for number, draw in enumerate(draws):
        for result in draw.results:
            if result.analyte in READ and _is_graded(result):
                _into_groups(_place(number, draw, result), draw, open_groups, counted, exposures)
    for group in open_groups.values():
        counted.setdefault(group.counts.draw, []).append(group.counts)
    return counted


def _in_time(sample: Sample) -> tuple[float, float]:
    inr = sample.results.get("INR")
    return sample.seconds, inr.value if inr else 0.0


def counted(
    measured: Sequence[tuple[Draw, Result]], exposures: Sequence[int] = ()
) -> list[tuple[Draw, Result]]:
    """Of the results of one analyte, in time order, those that count."""
    draws = [draw for draw, _ in measured]
    if len(draws) < 2 or _stand_apart(draws, [draw.taken_at.timestamp() for draw in draws]):
        return list(measured)
    found: dict[int, list[_Place]] = {}
    open_groups: dict[tuple[str, str, str, date | None], _Group] = {}
    for number, (draw, result) in enumerate(measured):
        _into_groups(_place(number, draw, result), draw, open_groups, found, exposures)
    kept = {place.draw for places in found.values() for place in places}
    kept |= {group.counts.draw for group in open_groups.values()}
    return [measured[number] for number in sorted(kept)]


def paired(samples: list[Sample], regime: str) -> list[Pair]:
    """Each INR with the ALT and AST nearest to it, within 6 h in the acute window, else within 48 h."""
    acute = regime == "acute"
    reach = (LIMITS.acute_pairing_hours if acute else LIMITS.pairing_hours) * HOUR + 1e-3
    # A draw whose hour is not known takes no part where hours count.
    own = [s for s in samples if s.hour_known] if acute else samples
    measured = {key: [s for s in own if key in s.results] for key in ENZYMES}
    inrs = (s for s in own if "INR" in s.results)
    pairs = (_whole(s) if len(s.results) == len(READ) else _pair(s, measured, reach) for s in inrs)
    return [pair for pair in pairs if pair]


def minute(at: datetime) -> int:
    """The minute of this time, counted since the epoch."""
    return int(at.timestamp() // 60)


def _counted(draw: Draw) -> list[_Place]:
    """Of each analyte and method of one draw the higher."""
    found: dict[tuple[str, str], _Place] = {}
    for result in draw.results:
        if result.analyte in READ and _is_graded(result):
            place = _place(0, draw, result)
            key = (result.analyte, place.method)
            if key not in found or result.value > found[key].result.value:
                found[key] = place
    return list(found.values())


def _is_graded(result: Result) -> bool:
    """An ALT or AST of 0 is a fault of the machine or of the transfer. [clinical.md 4.4 i]"""
    return result.value > 0 or result.analyte == "INR"


def _place(number: int, draw: Draw, result: Result) -> _Place:
    return _Place(number, result, _laboratory(draw), _method(draw, result))


def _laboratory(draw: Draw) -> str:
    return draw.laboratory and draw.laboratory.strip().casefold()


def _method(draw: Draw, result: Result) -> str:
    method = result.method or draw.method
    return method and method.strip().lower()


def _into_groups(
    place: _Place,
    draw: Draw,
    open_groups: dict[tuple[str, str, str, date | None], _Group],
    counted: dict[int, list[_Place]],
    exposures: Sequence[int],
) -> None:
    day = None if draw.hour_known else draw.taken_at.date()
    key = (place.result.analyte, place.laboratory, place.method, day)
    at = draw.taken_at.timestamp()
    this = int(at // 60)
    group = open_groups.get(key)
    if group is None or (day is None and not _goes_on(group, at, this, exposures)):
        if group is not None:
            counted.setdefault(group.counts.draw, []).append(group.counts)
        open_groups[key] = _Group(at, this, place)
        return
    # Of a day whose hours are not known, as of one minute, the higher counts.
    if (day is None and this > group.minute) or place.result.value > group.counts.result.value:
        group.counts = place
    group.minute = this


def _goes_on(group: _Group, at: float, this: int, exposures: Sequence[int]) -> bool:
    given_between = bisect_right(exposures, group.minute) != bisect_right(exposures, this)
    return at - group.first <= MERGED_WITHIN and not given_between


def _samples(draw: Draw, places: list[_Place]) -> Iterable[Sample]:
    """None without ALT, AST and INR; a second INR of the same draw, of another method, is one of its own."""
    if not places:
        return
    inrs = [p for p in places if p.result.analyte == "INR"]
    if len(inrs) > 1:
        inrs.sort(key=lambda p: (p.method in POINT_OF_CARE, p.method))
    results = {p.result.analyte: p.result for p in places if p.result.analyte != "INR"}
    seconds, laboratory = draw.taken_at.timestamp(), places[0].laboratory
    if inrs:
        results["INR"] = inrs[0].result
    yield Sample(draw, seconds, laboratory, results, inrs[0].method if inrs else "")
    for other in inrs[1:]:
        yield Sample(draw, seconds, laboratory, {"INR": other.result}, other.method)


def _pair(inr: Sample, measured: dict[str, list[Sample]], reach: float) -> Pair | None:
    found = {key: _nearest(inr, key, own, reach) for key, own in measured.items()}
    enzymes = {key: sample for key, sample in found.items() if sample}
    if not enzymes:
        return None
    places = sorted({s.laboratory for s in enzymes.values()})
    return Pair(
        sample=inr,
        seconds=inr.seconds,
        inr=inr.results["INR"],
        enzymes={key: s.results[key] for key, s in enzymes.items()},
        enzyme_samples=enzymes,
        closes=max(inr.seconds, *(s.seconds for s in enzymes.values())),
        series=(inr.laboratory, inr.inr_method, "/".join(places)),
        draws=tuple(dict.fromkeys([inr.draw.id, *(s.draw.id for s in enzymes.values())])),
    )


def _whole(inr: Sample) -> Pair:
    results = inr.results
    series = (inr.laboratory, inr.inr_method, inr.laboratory)
    enzymes = {"ALT": results["ALT"], "AST": results["AST"]}
    own = {"ALT": inr, "AST": inr}
    draw = inr.draw
    return Pair(
        inr, inr.seconds, results["INR"], enzymes, own, inr.seconds, series, (draw.id,), draw.hour_known
    )


def _nearest(inr: Sample, key: str, measured: list[Sample], reach: float) -> Sample | None:
    """Of values as near the one of the INR's own laboratory, then the earlier; a draw whose hour is not
    known stands somewhere in its day, and pairs with that day only."""
    if key in inr.results:
        return inr
    near = between(measured, inr.seconds - reach, inr.seconds + reach)
    if not all(s.hour_known for s in near) or not inr.hour_known:
        wide = max(reach, timedelta(days=1).total_seconds())
        near = between(measured, inr.seconds - wide, inr.seconds + wide)
        near = [s for s in near if _may_pair(inr, s, reach)]
    return min(near, key=lambda s: _distance(inr, s), default=None)


def _may_pair(inr: Sample, enzyme: Sample, reach: float) -> bool:
    if inr.hour_known and enzyme.hour_known:
        return abs(inr.seconds - enzyme.seconds) <= reach
    return inr.day == enzyme.day


def _distance(inr: Sample, enzyme: Sample) -> tuple[float, bool, float]:
    return abs(enzyme.seconds - inr.seconds), enzyme.laboratory != inr.laboratory, enzyme.seconds
