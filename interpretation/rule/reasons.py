"""Why a grade is what it is, in sentences: which draws were read, which left out, what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from interpretation import words
from interpretation.knowledge import limits
from interpretation.record.records import Result
from interpretation.rule import confounders
from interpretation.rule.comparison import DAY, TOLERANCE, Comparison, upper_limit
from interpretation.rule.pairing import ENZYMES, Pair, Sample, between
from interpretation.rule.reading import PreparedCase
from interpretation.rule.variation import ONE_SIDED_99, RCV, beyond

LIMITS = limits("dissociation").read_by(
    __name__,
    "chronic_lookback_days new_rise_multiple band_upper_normal rise_ratio rise_difference rise_floor",
    cites="S16 S24 S3 R14 R16 R18 R32 R49 ED",
)


@dataclass(frozen=True)
class Reason:
    """Why a grade is what it is: `code` for machines, `text` for people, with sources and draws."""

    code: str
    text: str
    sources: tuple[str, ...] = ("ED",)
    draws: tuple[str, ...] = ()


def why_not_assessable(reading: PreparedCase) -> list[Reason]:
    samples, pairs = reading.samples, reading.all_pairs
    if reading.just_transplanted:
        day = words.day(reading.transplanted_at)
        return [Reason("transplant", f"Liver transplant on {day}: no grading for 14 days.")]
    if not samples:
        since = (
            f" since the transplant on {words.day(reading.transplanted_at)}"
            if reading.transplanted_at
            else ""
        )
        return [Reason("no_draws", f"No draws are recorded{since}.")]
    if not any("INR" in s.results for s in samples):
        return [Reason("no_inr", "No INR is recorded, so the pattern cannot be judged.", draws=_ids(samples))]
    if not any(s.enzymes for s in samples):
        last = [s for s in samples if "INR" in s.results][-1]
        text = (
            "Neither ALT nor AST is recorded, so the pattern cannot be judged. The latest INR is "
            f"{words.value(last.results['INR'])} ({words.day(last.at)})."
        )
        return [Reason("no_enzymes", text, draws=last.draws)]
    if not pairs:
        return [Reason("no_pairs", "No INR lies within 48 hours of an ALT or AST.", draws=_ids(samples))]
    reasons = [*_excluded_draws(reading, pairs), *_alone(reading)]
    if len(pairs) == 1:
        return [_only_one(reading, pairs[0]), *reasons]
    if all(p.point_of_care for p in pairs):
        text = "INR was measured at the point of care only: a laboratory INR is needed."
        return [Reason("point_of_care", text, ("R49",), drawn(pairs)), *reasons]
    if reading.masking(reading.newest):
        why = "; ".join(dict.fromkeys(c.words for c in reading.masking(reading.newest)))
        text = f"The latest INR may be falsely low ({why}), and too few draws before it can be compared."
        return [Reason("masked", text, draws=reading.newest.draws), *reasons]
    if sum(reading.is_readable(p) and not reading.masking(p) for p in pairs) < 2:
        return [Reason("too_few", "Fewer than two paired draws can be read.", draws=drawn(pairs)), *reasons]
    text = "No two readable draws lie far enough apart to be compared (12 hours at least)."
    return [Reason("too_close", text, draws=drawn(pairs)), *reasons]


def _only_one(reading: PreparedCase, only: Pair) -> Reason:
    """One paired draw is none to compare it with; one older than every window is no reading of today."""
    level = f"INR {words.value(only.inr)} on {words.day(only.at)}"
    since = (reading.case.as_of - only.at).total_seconds() / DAY
    if since <= LIMITS.chronic_lookback_days:
        text = f"Only one paired draw of INR with ALT or AST in 18 months ({level}); two are needed."
    else:
        text = (
            "No paired draw of INR with ALT or AST in the last 18 months, and two are needed. "
            f"The last one is older ({level})."
        )
    return Reason("one_draw", text, draws=only.draws)


def _alone(reading: PreparedCase) -> list[Reason]:
    """An INR later than every paired draw, and why it would not be read either."""
    newest = reading.all_pairs[-1]
    later = [s for s in reading.later(newest) if "INR" in s.results]
    if not later:
        return []
    last = later[-1]
    text = (
        f"The latest INR, {words.value(last.results['INR'])} on {words.day(last.at)}, has no "
        "ALT or AST near it."
    )
    drugs = reading.hard(last)
    if drugs:
        text += f" Nor would it stand for the liver ({'; '.join(dict.fromkeys(c.words for c in drugs))})."
    return [Reason("later_inr_alone", text, draws=last.draws)]


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
    text = (
        f"INR {words.value(latest.inr)} is not raised although on {words.listed(drugs)}, which can only "
        "raise it."
    )
    return [Reason("normal_under_drug", text, ("R18", "ED"), latest.draws)]


def graded_on(reading: PreparedCase, comparison: Comparison) -> tuple[Reason, ...]:
    """Which draws were left out, and that the grade does not rest on the newest results."""
    reasons = [
        *later_rise(reading, comparison),
        *past_peak(reading, comparison),
    ]
    reasons += _excluded_draws(reading, reading.all_pairs)
    newest = reading.all_pairs[-1]
    when = words.day(comparison.latest.at)
    if newest.seconds > comparison.latest.seconds and reading.masking(newest) and not reading.hard(newest):
        why = "; ".join(dict.fromkeys(c.words for c in reading.masking(newest)))
        text = (
            f"Graded on the last draw before blood products, {when}: the later INR "
            f"{words.value(newest.inr)} may be falsely low ({why})."
        )
        reasons.append(Reason("before_masking", text, draws=newest.draws))
    elif reading.masking(comparison.latest):
        reasons.append(Reason("masked_rise", "INR rose although blood products may hide part of the rise."))
    later = reading.later(comparison.latest)
    if (
        any(s.enzymes and "INR" not in s.results for s in later)
        and newest.seconds <= comparison.latest.seconds
    ):
        text = f"Later ALT or AST have no INR with them: graded on the last paired draw, {when}."
        reasons.append(Reason("later_without_inr", text, draws=_ids(later)))
    alone = [s for s in later if "INR" in s.results and s.seconds > newest.seconds]
    if alone:
        last = alone[-1]
        text = (
            f"The latest INR, {words.value(last.results['INR'])} on {words.day(last.at)}, has no "
            f"ALT or AST near it: graded on the last paired draw, {when}."
        )
        reasons.append(Reason("later_inr_alone", text, draws=last.draws))
    return tuple(reasons)


def _excluded_draws(reading: PreparedCase, pairs: list[Pair]) -> list[Reason]:
    return [*_bad(reading), *_unreadable(reading, pairs), *_masked(reading, pairs)]


def _bad(reading: PreparedCase) -> list[Reason]:
    """INRs of samples that are no good: they leave before anything is compared."""
    left_out = reading.bad_inrs
    if not left_out:
        return []
    causes = list(dict.fromkeys(c.words for s in left_out for c in reading.hard(s)))[-3:]
    last = left_out[-1]
    count = words.counted(len(left_out), "INR")
    text = (
        f"{count} left out ({'; '.join(causes)}); the last was {words.value(last.results['INR'])} on "
        f"{words.day(last.at)}."
    )
    return [Reason("bad_samples", text, ("R32", "ED"), drawn(left_out))]


def _masked(reading: PreparedCase, pairs: list[Pair]) -> list[Reason]:
    """Earlier draws under blood products: no baseline, since their INR may be falsely low."""
    left_out = reading.masked(pairs[:-1])
    if not left_out:
        return []
    products = dict.fromkeys(c.words.split(" on ")[0] for p in left_out for c in reading.masking(p))
    count = f"{len(left_out)} earlier paired draw{'s' if len(left_out) > 1 else ''}"
    top = max(left_out, key=lambda p: (p.inr.value, p.seconds))
    which = "the highest of them" if len(left_out) > 1 else "it"
    text = (
        f"{count} not compared because the INR may be falsely low after {', '.join(products)}; {which} was "
        f"{words.value(top.inr)} on {words.day(top.at)}."
    )
    return [Reason("masked_left_out", text, ("ED",), drawn(left_out))]


def _unreadable(reading: PreparedCase, pairs: list[Pair]) -> list[Reason]:
    left_out = reading.unreadable(pairs)
    if not left_out:
        return []
    causes = dict.fromkeys(c.words for p in left_out for c in reading.hard(p))
    some = list(causes)[-3:]
    more = f" and {len(causes) - 3} more" if len(causes) > 3 else ""
    count = f"{len(left_out)} paired draw{'s' if len(left_out) > 1 else ''}"
    text = f"{count} left out because the INR cannot be read: {'; '.join(some)}{more}."
    return [Reason("draws_left_out", text, ("S24", "ED"), drawn(left_out))]


def why_absent(comparison: Comparison) -> list[Reason]:
    reasons = []
    if comparison.transaminase_state == "opposed":
        other = "AST" if comparison.enzyme == "ALT" else "ALT"
        text = (
            f"{comparison.enzyme} fell but {other} rose, {_levels(comparison, other)}: look for alcohol, "
            "ischaemia, muscle injury or haemolysis."
        )
        reasons.append(Reason("opposed", text, draws=drawn((comparison.baseline, comparison.latest))))
    elif comparison.transaminase_state == "not_falling":
        text = "ALT and AST have not fallen from a raised level beyond expected variation."
        reasons += [Reason("not_falling", text), *_new_rise(comparison)]
    elif comparison.transaminase_state in ("falling", "probably_falling"):
        reasons += _new_rise(comparison)
    if comparison.inr_state == "rise":
        text = (
            "INR has risen beyond expected variation without that fall: it is not this pattern, but the rise "
            "needs its own explanation."
        )
        reasons.append(Reason("rise_without_fall", text, ("S16", "S24", "ED"), comparison.latest.draws))
    if comparison.inr_state == "no_rise":
        reasons.append(Reason("no_rise", _no_rise(comparison)))
    return reasons


def _no_rise(comparison: Comparison) -> str:
    """A change beyond the one-sided band of the chart may still be less than the rule calls a rise."""
    first, last = comparison.baseline.inr.value, comparison.latest.inr.value
    since = words.day(comparison.baseline.at)
    if comparison.course is None and last > first and beyond("INR", first, last):
        return (
            f"INR has risen less since {since} than counts as a rise: "
            f"{(LIMITS.rise_ratio - 1):.0%}, {LIMITS.rise_difference:g} and to {LIMITS.rise_floor:g} at least."
        ).replace("%", " %")
    return f"INR has not risen beyond expected variation since {since}."


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
    if top is None or latest.inr.value > top.results["INR"].value * (1 + RCV("INR").down) + TOLERANCE:
        return []
    if reading.hard(top):
        return []
    text = (
        f"INR was {words.value(top.results['INR'])} at its highest of these days "
        f"({words.day(top.at)}) and has come down beyond expected variation since."
    )
    return [Reason("past_peak", text, ("R16", "ED"), (*top.draws, *latest.draws))]


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
    text = (
        f"Since that draw the enzymes have risen: {levels}. That is a new injury of the liver (or muscle), "
        "not the fall that is graded."
    )
    return [Reason("later_rise", text, ("S3", "ED"), drawn(s for *_, s in risen))]


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
    falls = words.listed([text for text, _ in found])
    verb = "From their lowest {} have" if len(found) > 1 else "From its lowest {} has"
    text = f"{verb.format(falls)} risen beyond expected variation: look for a new injury."
    # Where the compared draws show the rise themselves the verdict need not say it twice.
    code = "risen" if all(low is comparison.baseline for _, low in found) else "new_rise"
    return [Reason(code, text, ("R14", "ED"), drawn((*(low for _, low in found), comparison.latest)))]


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
