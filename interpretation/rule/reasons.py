"""Why a grade is what it is, in sentences: which draws were read, which left out, what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from interpretation import words
from interpretation.knowledge import limits, load, sentences
from interpretation.record.records import Result
from interpretation.rule import confounders
from interpretation.rule.comparison import DAY, TOLERANCE, Comparison, upper_limit
from interpretation.rule.pairing import ENZYMES, Pair, Sample, between
from interpretation.rule.reading import PreparedCase
from interpretation.rule.variation import ONE_SIDED_99, beyond, known_change

LIMITS = limits("dissociation").read_by(
    __name__,
    "chronic_lookback_days new_rise_multiple band_upper_normal rise_ratio rise_difference rise_floor",
)
load("reasons").read_by(__name__, "not_assessable left_out graded_on absent")
SECTIONS = ("not_assessable", "left_out", "graded_on", "absent", "cap", "escalation", "answer")
SAID = {section: sentences("reasons", section) for section in SECTIONS}


@dataclass(frozen=True)
class Reason:
    """Why a grade is what it is: `code` for machines, `text` for people, with sources and draws."""

    code: str
    text: str
    sources: tuple[str, ...]
    draws: tuple[str, ...] = ()


def reason(section: str, key: str, draws: tuple[str, ...] = (), /, **words: object) -> Reason:
    """A sentence of reasons.toml about these draws; "one_draw.old" is one wording of the reason "one_draw"."""
    said = SAID[section][key]
    return Reason(said.code, said.text.format(**words), said.sources, draws)


def why_not_assessable(reading: PreparedCase) -> list[Reason]:
    """What is missing; beside it which draws are there and left out."""
    nothing = _nothing_to_pair(reading)
    if nothing:
        return [nothing]
    others = [*_excluded_draws(reading, reading.all_pairs), *_alone(reading)]
    return [_nothing_to_compare(reading), *others]


def _nothing_to_pair(reading: PreparedCase) -> Reason | None:
    """Why there is no paired draw at all; None where there is one."""
    samples = reading.samples
    transplant = words.day(reading.transplanted_at) if reading.transplanted_at else ""
    if reading.just_transplanted:
        return reason("not_assessable", "transplant", day=transplant)
    if not samples:
        return reason("not_assessable", "no_draws.since" if transplant else "no_draws.ever", day=transplant)
    inrs = [s for s in samples if "INR" in s.results]
    if not inrs:
        return reason("not_assessable", "no_inr", _ids(samples))
    if not any(s.enzymes for s in samples):
        return reason("not_assessable", "no_enzymes", inrs[-1].draws, **_inr_of(inrs[-1]))
    if not reading.all_pairs:
        return reason("not_assessable", "no_pairs", _ids(samples))
    return None


def _nothing_to_compare(reading: PreparedCase) -> Reason:
    """Why no two paired draws can be compared."""
    pairs = reading.all_pairs
    if len(pairs) == 1:
        return _only_one(reading, pairs[0])
    if all(p.point_of_care for p in pairs):
        return reason("not_assessable", "point_of_care", drawn(pairs))
    newest = reading.newest
    if reading.masking(newest):
        why = in_the_way(reading.masking(newest))
        return reason("not_assessable", "masked.few", newest.draws, why=why)
    if sum(reading.is_readable(p) and not reading.masking(p) for p in pairs) < 2:
        return reason("not_assessable", "too_few", drawn(pairs))
    return reason("not_assessable", "too_close", drawn(pairs))


def _only_one(reading: PreparedCase, only: Pair) -> Reason:
    """One paired draw is none to compare it with; one older than every window is no reading of today."""
    since = (reading.case.as_of - only.at).total_seconds() / DAY
    key = "one_draw.recent" if since <= LIMITS.chronic_lookback_days else "one_draw.old"
    return reason("not_assessable", key, only.draws, inr=words.value(only.inr), day=words.day(only.at))


def _alone(reading: PreparedCase) -> list[Reason]:
    """An INR later than every paired draw, and why it would not be read either."""
    newest = reading.all_pairs[-1]
    later = [s for s in reading.later(newest) if "INR" in s.results]
    if not later:
        return []
    last = later[-1]
    drugs = reading.hard(last)
    key = "later_inr_alone.drug" if drugs else "later_inr_alone.plain"
    return [reason("not_assessable", key, last.draws, **_inr_of(last), why=in_the_way(drugs))]


def although_on(reading: PreparedCase, comparison: Comparison) -> list[Reason]:
    """A normal INR under a drug that raises it: it is not raised all the more. [clinical.md 4.4 d]"""
    latest = comparison.latest
    if latest.inr.value > LIMITS.band_upper_normal + TOLERANCE:
        return []
    drugs = dict.fromkeys(
        e.label or confounders.NAMES[e.kind] for e in confounders.raising(reading.case, latest.at)
    )
    if not drugs:
        return []
    said = {"inr": words.value(latest.inr), "drugs": words.listed(drugs)}
    return [reason("graded_on", "normal_under_drug", latest.draws, **said)]


def graded_on(reading: PreparedCase, comparison: Comparison) -> tuple[Reason, ...]:
    """Which draws were left out, and that the grade does not rest on the newest results."""
    return (
        *later_rise(reading, comparison),
        *past_peak(reading, comparison),
        *_excluded_draws(reading, reading.all_pairs),
        *_blood_products(reading, comparison),
        *_unpaired(reading, comparison),
    )


def _blood_products(reading: PreparedCase, comparison: Comparison) -> list[Reason]:
    """They hide the newest INR, or part of the rise."""
    newest = reading.all_pairs[-1]
    masking = reading.masking(newest) if newest.seconds > comparison.latest.seconds else []
    if masking and not reading.hard(newest):
        said = {
            "graded": words.day(comparison.latest.at),
            "inr": words.value(newest.inr),
            "why": in_the_way(masking),
        }
        return [reason("graded_on", "before_masking", newest.draws, **said)]
    return [reason("graded_on", "masked_rise")] if reading.masking(comparison.latest) else []


def _unpaired(reading: PreparedCase, comparison: Comparison) -> list[Reason]:
    """Enzymes without an INR, or an INR without enzymes, later than the draw that is graded."""
    newest, latest = reading.all_pairs[-1], comparison.latest
    later, graded = reading.later(latest), words.day(latest.at)
    found = []
    if newest.seconds <= latest.seconds and any(s.enzymes and "INR" not in s.results for s in later):
        found.append(reason("graded_on", "later_without_inr", _ids(later), graded=graded))
    alone = [s for s in later if "INR" in s.results and s.seconds > newest.seconds]
    if alone:
        said = _inr_of(alone[-1])
        found.append(reason("graded_on", "later_inr_alone", alone[-1].draws, **said, graded=graded))
    return found


def _inr_of(sample: Sample) -> dict[str, str]:
    return {"inr": words.value(sample.results["INR"]), "day": words.day(sample.at)}


def in_the_way(found: Iterable[confounders.Confounder]) -> str:
    """What stands in the way, each once."""
    return "; ".join(dict.fromkeys(c.words for c in found))


def _excluded_draws(reading: PreparedCase, pairs: list[Pair]) -> list[Reason]:
    return [*_bad(reading), *_unreadable(reading, pairs), *_masked(reading, pairs)]


def _bad(reading: PreparedCase) -> list[Reason]:
    """INRs of samples that are no good: they leave before anything is compared."""
    left_out = reading.bad_inrs
    if not left_out:
        return []
    causes = list(dict.fromkeys(c.words for s in left_out for c in reading.hard(s)))[-3:]
    said = {"count": words.counted(len(left_out), "INR"), "why": "; ".join(causes)}
    return [reason("left_out", "bad_samples", drawn(left_out), **said, **_inr_of(left_out[-1]))]


def _masked(reading: PreparedCase, pairs: list[Pair]) -> list[Reason]:
    """Earlier draws under blood products: no baseline, since their INR may be falsely low."""
    left_out = reading.masked(pairs[:-1])
    if not left_out:
        return []
    products = dict.fromkeys(c.words.split(" on ")[0] for p in left_out for c in reading.masking(p))
    top = max(left_out, key=lambda p: (p.inr.value, p.seconds))
    said = {
        "count": words.counted(len(left_out), "earlier paired draw"),
        "why": ", ".join(products),
        "which": "the highest of them" if len(left_out) > 1 else "it",
        "inr": words.value(top.inr),
        "day": words.day(top.at),
    }
    return [reason("left_out", "masked_left_out", drawn(left_out), **said)]


def _unreadable(reading: PreparedCase, pairs: list[Pair]) -> list[Reason]:
    left_out = reading.unreadable(pairs)
    if not left_out:
        return []
    causes = dict.fromkeys(c.words for p in left_out for c in reading.hard(p))
    some = list(causes)[-3:]
    more = f" and {len(causes) - 3} more" if len(causes) > 3 else ""
    said = {"count": words.counted(len(left_out), "paired draw"), "why": "; ".join(some) + more}
    return [reason("left_out", "draws_left_out", drawn(left_out), **said)]


def why_absent(comparison: Comparison) -> list[Reason]:
    """By enzymes, then by INR."""
    return [*_not_fallen(comparison), *_not_risen(comparison)]


def _not_fallen(comparison: Comparison) -> list[Reason]:
    state, enzyme = comparison.transaminase_state, comparison.enzyme
    if state == "opposed":
        other = "AST" if enzyme == "ALT" else "ALT"
        ends = drawn((comparison.baseline, comparison.latest))
        said = {"enzyme": enzyme, "other": other, "levels": _levels(comparison, other)}
        return [reason("absent", "opposed", ends, **said)]
    if state == "not_falling":
        return [reason("absent", "not_falling"), *_new_rise(comparison)]
    return _new_rise(comparison) if state in ("falling", "probably_falling") else []


def _not_risen(comparison: Comparison) -> list[Reason]:
    if comparison.inr_state == "rise":
        return [reason("absent", "rise_without_fall", comparison.latest.draws)]
    return [_no_rise(comparison)] if comparison.inr_state == "no_rise" else []


def _no_rise(comparison: Comparison) -> Reason:
    """A change beyond the one-sided band of the chart may still be less than the rule calls a rise."""
    first, last = comparison.baseline.inr.value, comparison.latest.inr.value
    since = words.day(comparison.baseline.at)
    if comparison.course is None and last > first and beyond("INR", first, last):
        share = f"{(LIMITS.rise_ratio - 1):.0%}".replace("%", " %")
        least = {"share": share, "step": f"{LIMITS.rise_difference:g}", "floor": f"{LIMITS.rise_floor:g}"}
        return reason("absent", "no_rise.little", day=since, **least)
    return reason("absent", "no_rise.none", day=since)


def past_peak(reading: PreparedCase, comparison: Comparison) -> list[Reason]:
    """An INR that has come down from a higher one of the same days, also from one left out as falsely low."""
    first, latest = comparison.baseline, comparison.latest
    if comparison.inr_state == "no_rise" or reading.masking(latest):
        return []
    series = latest.series[:2]
    inrs = [
        s
        for s in between(reading.samples, first.seconds, latest.seconds)
        if "INR" in s.results and s.inr_series == series and s.seconds < latest.seconds
    ]
    top = max(inrs, key=lambda s: (s.results["INR"].value, s.seconds), default=None)
    if (
        top is None
        or latest.inr.value > top.results["INR"].value * (1 + known_change("INR").down) + TOLERANCE
    ):
        return []
    if reading.hard(top):
        return []
    return [reason("graded_on", "past_peak", (*top.draws, *latest.draws), **_inr_of(top))]


def later_rise(reading: PreparedCase, comparison: Comparison) -> list[Reason]:
    """ALT or AST that rose after the draw that is graded: a new injury, which the grade cannot show yet."""
    latest = comparison.latest
    later = reading.later(latest)
    risen = []
    for key in ENZYMES:
        points = [(s.results[key], s) for s in later if key in s.results]
        if key not in latest.enzymes or not points:
            continue
        first, (top, sample) = latest.enzymes[key], max(points, key=lambda p: (p[0].value, -p[1].seconds))
        if _really_rose(key, first.value, top, reading.case.sex):
            risen.append((key, first, top, sample))
    if not risen:
        return []
    levels = words.listed(
        f"{key} {words.value(first)} → {words.value(top)} U/L ({words.day(sample.at)})"
        for key, first, top, sample in risen
    )
    return [reason("graded_on", "later_rise", drawn(s for *_, s in risen), levels=levels)]


def _new_rise(comparison: Comparison) -> list[Reason]:
    """An enzyme well above its lowest value since the baseline: the fall from the peak would hide it."""
    found = []
    for key in ENZYMES:
        points = [p for p in comparison.between if key in p.enzymes]
        if len(points) < 2 or points[-1] is not comparison.latest:
            continue
        low = min(points[:-1], key=lambda p: (p.enzymes[key].value, -p.seconds))
        first, last = low.enzymes[key], comparison.latest.enzymes[key]
        if _really_rose(key, first.value, last):
            span = words.days(low.at, comparison.latest.at)
            found.append((f"{key} {words.value(first)} → {words.value(last)} U/L ({span})", low))
    if not found:
        return []
    # Where the compared draws show the rise themselves the verdict need not say it twice.
    code = "risen" if all(low is comparison.baseline for _, low in found) else "new_rise"
    draws = drawn((*(low for _, low in found), comparison.latest))
    levels = words.listed([text for text, _ in found])
    return [reason("absent", f"{code}.{'both' if len(found) > 1 else 'one'}", draws, levels=levels)]


def _really_rose(key: str, first: float, last: Result, sex: str = "") -> bool:
    """A rise beyond the stricter reference change, as the lowest value was chosen, to a level that is high.
    [R14, R57, ED]"""
    high = last.value >= LIMITS.new_rise_multiple * upper_limit(last, sex) - TOLERANCE
    return high and last.value > first and beyond(key, first, last.value, ONE_SIDED_99) is True


def _levels(comparison: Comparison, enzyme: str) -> str:
    first, last = comparison.baseline.enzymes[enzyme], comparison.latest.enzymes[enzyme]
    return f"{words.value(first)} → {words.value(last)} U/L"


def drawn(pairs: Iterable[Pair | Sample]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([draw for pair in pairs for draw in pair.draws]))


def _ids(samples: list[Sample]) -> tuple[str, ...]:
    return tuple(draw for sample in samples for draw in sample.draws)
