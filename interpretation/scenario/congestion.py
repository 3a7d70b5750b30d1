"""Features of a congested circulation, which overlies any course. [R35, clinical.md 5]"""

from collections.abc import Iterator

from interpretation.record.records import Draw, Result

from ..words import listed, number, value
from . import words
from .features import Feature, bilirubin, say
from .picture import LIMITS, Picture
from .rules import CONGESTION

LIMITS.read_by(
    __name__,
    "progressive_bilirubin low_albumin high_haematocrit congestion_peak congestion_ratio_low "
    "congestion_ratio_high congestion_inr",
)


def congestion(p: Picture) -> Iterator[Feature]:
    course = "congestion"
    yield say(course, "condition", condition=condition(p))
    peak = p.compared_peak
    if peak and p.knows_limit(peak.result):
        low = peak.times <= LIMITS.congestion_peak
        values = {"enzyme": peak.enzyme, "peak": words.peak_words(p, peak)}
        yield say(course, "peak_low" if low else "peak_high", (peak.draw,), **values)
    yield from _cholestatic(p)
    ratio = p.ratio(p.at)
    if ratio and LIMITS.congestion_ratio_low <= ratio[0] <= LIMITS.congestion_ratio_high:
        yield say(course, "ratio", (ratio[1],), ratio=number(ratio[0], 2))
    if p.inr is not None:
        yield _inr_of_congestion(p)
    yield from bilirubin(p, course, LIMITS.progressive_bilirubin)
    result, draw = p.value("albumin")
    if result and draw:
        yield from _albumin_of_congestion(p, result, draw)
    haematocrit, draw = p.value("haematocrit")
    if haematocrit and draw and haematocrit.value > LIMITS.high_haematocrit:
        yield say(course, "haematocrit", (draw.id,), value=value(haematocrit, 2))


def condition(p: Picture) -> str:
    names = {"fontan": "Fontan circulation", "right_heart_failure": "right-heart failure"}
    found = [names[kind] for kind in CONGESTION if kind in p.kinds]
    return listed(found) or "Budd-Chiari syndrome or constrictive pericarditis"


def _inr_of_congestion(p: Picture) -> Feature:
    draws = p.found.draws
    if p.found.inr_state == "rise":
        return say("congestion", "inr_rising", draws, inr=words.inr_movement(p))
    mild = p.inr <= LIMITS.congestion_inr
    return say("congestion", "inr_mild" if mild else "inr_high", draws[-1:], latest=words.latest_inr(p))


def _albumin_of_congestion(p: Picture, result: Result, draw: Draw) -> Iterator[Feature]:
    moved = p.moved("albumin")
    if moved and moved[0] < 0:
        first, last = moved[1]
        values = {"first": value(first.by_analyte["albumin"]), "value": value(result)}
        yield say("congestion", "albumin_falling", (first.id, last.id), **values)
    elif result.value >= LIMITS.low_albumin:
        yield say("congestion", "albumin_normal", (draw.id,), value=value(result))


def _cholestatic(p: Picture) -> Iterator[Feature]:
    """GGT or ALP higher than both transaminases, each in multiples of its own limit."""
    now = [r.value / r.upper_limit for key in ("ALT", "AST") if (r := p.value(key)[0]) and r.upper_limit]
    for key in ("GGT", "ALP"):
        result, draw = p.value(key)
        if result is None or draw is None or not result.upper_limit or not now:
            continue
        times = result.value / result.upper_limit
        if times > 1 and times > max(now):
            yield say(
                "congestion", "cholestatic", (draw.id,), name=key, times=words.times(times, result.comparator)
            )
            return
