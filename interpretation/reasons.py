"""Why a grade is what it is, in sentences: which draws were read, which left out, what is missing."""

from dataclasses import dataclass

from . import confounders, verdict
from .comparison import Comparison
from .pairing import Pair, Sample
from .reading import Reading


@dataclass(frozen=True)
class Reason:
    """Why a grade is what it is: `code` for machines, `text` for people, with sources and draws."""

    code: str
    text: str
    sources: tuple[str, ...] = ("ED",)
    draws: tuple[str, ...] = ()


def why_not_assessable(reading: Reading) -> list[Reason]:
    samples, pairs = reading.samples, reading.all_pairs
    if reading.just_transplanted:
        day = confounders.day(reading.transplanted_at)
        return [Reason("transplant", f"Liver transplant on {day}: no grading for 14 days.")]
    if not samples:
        since = (
            f" since the transplant on {confounders.day(reading.transplanted_at)}"
            if reading.transplanted_at
            else ""
        )
        return [Reason("no_draws", f"No draws are recorded{since}.")]
    if not any("INR" in s.results for s in samples):
        return [Reason("no_inr", "No INR is recorded: the pattern cannot be judged.", draws=_ids(samples))]
    if not any(s.enzymes for s in samples):
        last = [s for s in samples if "INR" in s.results][-1]
        text = (
            "Neither ALT nor AST is recorded: the pattern cannot be judged. The latest INR is "
            f"{verdict.inr(last.results['INR'].value)} ({confounders.day(last.at)})."
        )
        return [Reason("no_enzymes", text, draws=last.draws)]
    if not pairs:
        return [Reason("no_pairs", "No INR lies within 48 hours of an ALT or AST.", draws=_ids(samples))]
    reasons = _excluded_draws(reading, pairs)
    if len(pairs) == 1:
        only = pairs[0]
        text = (
            f"Only one paired draw of INR with ALT or AST in 18 months (INR {verdict.inr(only.inr.value)} on "
            f"{confounders.day(only.at)}): two are needed."
        )
        return [Reason("one_draw", text, draws=pairs[0].draws), *reasons]
    if all(p.point_of_care for p in pairs):
        text = "INR was measured at the point of care only: a laboratory INR is needed."
        return [Reason("point_of_care", text, ("R49",), drawn(pairs)), *reasons]
    if reading.masking(reading.latest):
        words = "; ".join(dict.fromkeys(c.words for c in reading.masking(reading.latest)))
        text = f"The latest INR may be falsely low ({words}), and too few draws before it can be compared."
        return [Reason("masked", text, draws=reading.latest.draws), *reasons]
    if sum(reading.is_readable(p) and not reading.masking(p) for p in pairs) < 2:
        return [Reason("too_few", "Fewer than two paired draws can be read.", draws=drawn(pairs)), *reasons]
    text = "No two readable draws lie far enough apart to be compared (12 hours at least)."
    return [Reason("too_close", text, draws=drawn(pairs)), *reasons]


def graded_on(reading: Reading, comparison: Comparison) -> tuple[Reason, ...]:
    """Which draws were left out, and that the grade does not rest on the newest results."""
    reasons = _excluded_draws(reading, reading.all_pairs)
    newest = reading.all_pairs[-1]
    when = confounders.day(comparison.latest.at)
    if newest.seconds > comparison.latest.seconds and reading.masking(newest) and not reading.hard(newest):
        words = "; ".join(dict.fromkeys(c.words for c in reading.masking(newest)))
        text = (
            f"Graded on the last draw before blood products, {when}: the later INR "
            f"{verdict.inr(newest.inr.value)} may be falsely low ({words})."
        )
        reasons.append(Reason("before_masking", text, draws=newest.draws))
    elif reading.masking(comparison.latest):
        reasons.append(Reason("masked_rise", "INR rose although blood products may hide part of the rise."))
    later = [s for s in reading.samples if s.seconds > comparison.latest.seconds + 1]
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
            f"The latest INR, {verdict.inr(last.results['INR'].value)} on {confounders.day(last.at)}, has no "
            f"ALT or AST near it: graded on the last paired draw, {when}."
        )
        reasons.append(Reason("later_inr_alone", text, draws=last.draws))
    return tuple(reasons)


def _excluded_draws(reading: Reading, pairs: list[Pair]) -> list[Reason]:
    return [*_unreadable(reading, pairs), *_masked(reading, pairs)]


def _masked(reading: Reading, pairs: list[Pair]) -> list[Reason]:
    """Earlier draws under blood products: no baseline, since their INR may be falsely low."""
    left_out = [p for p in pairs[:-1] if reading.masking(p) and not reading.hard(p)]
    if not left_out:
        return []
    products = dict.fromkeys(c.words.split(" on ")[0] for p in left_out for c in reading.masking(p))
    count = f"{len(left_out)} earlier paired draw{'s' if len(left_out) > 1 else ''}"
    text = f"{count} not compared because the INR may be falsely low after {', '.join(products)}."
    return [Reason("masked_left_out", text, ("ED",), drawn(left_out))]


def _unreadable(reading: Reading, pairs: list[Pair]) -> list[Reason]:
    left_out = [p for p in pairs if reading.hard(p)]
    if not left_out:
        return []
    words = dict.fromkeys(c.words for p in left_out for c in reading.hard(p))
    some = list(words)[-3:]
    more = f" and {len(words) - 3} more" if len(words) > 3 else ""
    count = f"{len(left_out)} paired draw{'s' if len(left_out) > 1 else ''}"
    text = f"{count} left out because the INR cannot be read: {'; '.join(some)}{more}."
    return [Reason("draws_left_out", text, ("S24", "ED"), drawn(left_out))]


def why_absent(comparison: Comparison) -> list[Reason]:
    reasons = []
    if comparison.transaminase_state == "opposed":
        other = "AST" if comparison.enzyme == "ALT" else "ALT"
        text = (
            f"{comparison.enzyme} fell but {other} rose: look for alcohol, ischaemia, muscle injury "
            "or haemolysis."
        )
        reasons.append(Reason("opposed", text))
    elif comparison.transaminase_state == "not_falling":
        text = "ALT and AST have not fallen from a raised level beyond expected variation."
        reasons.append(Reason("not_falling", text))
    if comparison.inr_state == "rise":
        text = (
            "INR has risen beyond expected variation without that fall: it is not this pattern, but the rise "
            "needs its own explanation."
        )
        reasons.append(Reason("rise_without_fall", text, ("S16", "S24", "ED"), comparison.latest.draws))
    if comparison.inr_state == "no_rise":
        reasons.append(Reason("no_rise", "INR has not risen beyond expected variation."))
    return reasons


def drawn(pairs) -> tuple[str, ...]:
    return tuple(dict.fromkeys(draw for pair in pairs for draw in pair.draws))


def _ids(samples: list[Sample]) -> tuple[str, ...]:
    return tuple(draw for sample in samples for draw in sample.draws)
