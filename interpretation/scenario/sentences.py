"""Which sentence of scenario.toml says it, filled from the record."""

from collections.abc import Callable, Iterator

from interpretation.rule.comparison import TOLERANCE

from ..knowledge import load
from ..words import listed, lower_first, value
from . import words
from .congestion import condition
from .picture import LIMITS, Picture
from .rules import answered_vitamin_k, change_took, highest_inr, is_past_peak, is_suppressed, jaundiced

LIMITS.read_by(__name__, "congestion_inr alf_inr")
load("scenario").read_by(__name__, "sentence overlay subtype")


def key_of(p: Picture, kind: str, outcome: str, overlay: str) -> str:
    """The name of the sentence: one a course and outcome."""
    if kind == "post_acute":
        return _acute_key(p, outcome)
    if kind == "progressive_cld":
        return _chronic_key(p, outcome)
    if kind == "undetermined":
        return _undetermined_key(p, overlay)
    return kind


def _undetermined_key(p: Picture, overlay: str) -> str:
    """Congestion alone explains a mildly raised INR only."""
    if not p.graded:
        return "unread"
    mild = p.inr <= LIMITS.congestion_inr + TOLERANCE
    return "congestion" if overlay and mild else "undetermined"


def sentence(p: Picture, key: str, named: tuple[str, ...]) -> str:
    """The sentence of this key; only the values that it asks for are looked up."""
    text: str = load("scenario")["sentence"][key]["words"]
    return text.format(**{name: VALUES[name](p, named) for name in VALUES if f"{{{name}}}" in text})


def overlay_words(p: Picture) -> str:
    return str(load("scenario")["overlay"]["congestion"]["words"]).format(condition=condition(p))


def _acute_key(p: Picture, outcome: str) -> str:
    if not p.read_after_peak:
        return "acute_unread"
    if outcome == "recovering":
        return "recovering"
    if p.now.halved:
        return "too_fast"
    if not outcome:
        return (
            "acute_vitamin_k" if answered_vitamin_k(p) else "past_peak" if is_past_peak(p) else "not_raised"
        )
    if p.found.inr_state == "non_recovering":
        return "not_recovering"
    if p.found.transaminase_state not in ("falling", "probably_falling"):
        return "failing_since" if p.fallen_since_peak else "failing_enzymes"
    return "failing" if p.reaches(p.inr, LIMITS.alf_inr) else "failing_early"


def _chronic_key(p: Picture, outcome: str) -> str:
    if answered_vitamin_k(p):
        return "vitamin_k"
    if outcome == "not_shown":
        return "not_shown"
    if p.found.inr_state != "rise":
        return "other_markers"
    return "burnt_out" if p.found.transaminase_state == "quiet" else "progressing"


def _subtype(p: Picture, named: tuple[str, ...]) -> str:
    key = named[0] if len(named) == 1 else "undetermined"
    return str(load("scenario")["subtype"][key]["name"])


def _reason(p: Picture) -> str:
    """Why the verdict reads no change, or none after the peak."""
    if p.graded and not p.read_after_peak:
        return "no INR is recorded with or after the peak."
    text = p.found.reasons[0].text if p.found.reasons else "No two draws can be compared."
    return text if is_suppressed(p) else lower_first(text)


def _markers(p: Picture) -> Iterator[str]:
    for key, label, way in (("albumin", "albumin fell", -1), ("bilirubin_total", "bilirubin rose", 1)):
        moved = p.moved(key)
        if moved and moved[0] == way:
            first, last = (value(draw.by_analyte[key]) for draw in moved[1])
            unit = "g/L" if key == "albumin" else "µmol/L"
            yield f"{label} {first} → {last} {unit}"


def _signs(p: Picture) -> Iterator[str]:
    """What besides the INR makes it acute on chronic."""
    failing = {failure.organ for failure in p.failures}
    bilirubin, _ = p.value("bilirubin_total")
    if bilirubin and jaundiced(p) and "liver" not in failing:
        yield f"bilirubin {value(bilirubin)} µmol/L"
    yield from (failure.words for failure in p.failures)
    for kind, event in p.new_complications.items():
        yield f"new {words.complication(p, kind, event)}"


def _fallen(p: Picture) -> str:
    """Only asked for where an enzyme has fallen."""
    if p.fallen_since_peak is None:
        raise ValueError("No enzyme has fallen since its peak.")
    enzyme, first, last = p.fallen_since_peak
    return f"{enzyme} has fallen {value(first)} → {value(last)} U/L"


def _took(p: Picture) -> str:
    took = change_took(p)
    return "" if took is None else f" The change took {words.time_words(took)}."


VALUES: dict[str, Callable[[Picture, tuple[str, ...]], str]] = {
    "fallen": lambda p, named: _fallen(p),
    "disease": lambda p, named: words.diseases(p),
    "inr": lambda p, named: words.inr_movement(p),
    "span": lambda p, named: words.window(p),
    "latest": lambda p, named: words.latest_inr(p),
    "highest": lambda p, named: value(highest_inr(p)),
    "peak": lambda p, named: f"{p.injury.enzyme} {words.peak_words(p, p.injury)}",
    "subtype": _subtype,
    "reason": lambda p, named: _reason(p),
    "markers": lambda p, named: listed(list(_markers(p))),
    "signs": lambda p, named: listed(list(_signs(p))),
    "took": lambda p, named: _took(p),
}
