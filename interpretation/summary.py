"""The top sentence: how severe and when to act, the pattern, INR now, bilirubin, the likeliest treatable cause.

[clinical.md 4.4 c]
"""

from collections.abc import Iterator, Sequence

from interpretation.causes import Cause
from interpretation.knowledge import limits, load
from interpretation.orders import short_name
from interpretation.record.measured import MeasuredValue
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.variation import beyond
from interpretation.urgency import Urgency, UrgencyFacts
from interpretation.words import day, lower_first
from interpretation.words import value as value_text

LIMITS = limits("dissociation").read_by(__name__, "jaundice_bilirubin band_upper_normal")
load("urgency").read_by(__name__, "top")


def summary(
    found: Dissociation, urgency: Urgency, facts: UrgencyFacts, causes: Sequence[Cause]
) -> dict[str, str]:
    """Its sentences by what they are about, most urgent first: "verdict", "inr", "bilirubin", "cause"; what
    the pattern says already is not said again."""
    return dict(_parts(found, urgency, facts, causes))


def _parts(
    found: Dissociation, urgency: Urgency, facts: UrgencyFacts, causes: Sequence[Cause]
) -> Iterator[tuple[str, str]]:
    words = load("urgency")["top"]
    verdict = found.sentence.removeprefix(f"{found.headline}: ")
    headline = found.headline if urgency.level == "routine" else lower_first(found.headline)
    if found.headline.startswith("INR"):
        headline = found.headline
    if urgency.level != "routine":
        headline = words["act"]["text"].format(level=urgency.name, headline=headline)
    yield "verdict", f"{headline}: {verdict}"
    value = facts.now.value
    if value and not _is_told(value, verdict) and _is_news(found, urgency, value):
        yield "inr", _inr(value, urgency, facts)
    if course := " ".join(_bilirubin(found, facts)):
        yield "bilirubin", course
    cause = _likeliest(causes) if value and value.above(LIMITS.band_upper_normal) else None
    if cause:
        yield "cause", words["cause"]["text"].format(cause=lower_first(short_name(cause)))


def _is_told(value: MeasuredValue, verdict: str) -> bool:
    return value.amount in verdict and day(value.at) in verdict


def _inr(value: MeasuredValue, urgency: Urgency, facts: UrgencyFacts) -> str:
    words, steady = load("urgency")["top"], "steady" if facts.now.windows else "single"
    course = words["masked" if facts.now.is_masked else urgency.course or steady]["text"]
    course = course.format(reference=facts.now.reference)
    return str(words["inr"]["text"].format(inr=value.amount, day=day(value.at), course=course))


def _is_news(found: Dissociation, urgency: Urgency, value: MeasuredValue) -> bool:
    """The INR now is another than the one the verdict names, or goes where the verdict does not say."""
    if found.grade == "not_interpretable":
        return False
    if found.latest_at is None or found.baseline_at is None:
        return found.inr_to is None or value.at != found.latest_at
    later = value.at > found.latest_at
    return later or (urgency.course == "rising" and found.inr_state == "no_rise")


def _bilirubin(found: Dissociation, facts: UrgencyFacts) -> Iterator[str]:
    value, before = facts.bilirubin, facts.bilirubin_before
    if value is None or not value.at_least(LIMITS.jaundice_bilirubin):
        return
    named = any(reason.code == "jaundice" for reason in found.escalations)
    words = load("urgency")["top"]
    amount = value_text(value.result)
    if before is not None and beyond("bilirubin_total", before, value.number):
        rose = value.number > before
        key = ("bilirubin_from" if named else "bilirubin_up") if rose else "bilirubin_down"
        yield words[key]["text"].format(bilirubin=amount, before=facts.before_in_words)
    elif not named:
        yield words["bilirubin"]["text"].format(bilirubin=amount, day=day(value.at))


def _likeliest(causes: Sequence[Cause]) -> Cause | None:
    """The first that is open, has something for it and nothing against; causes come in that order."""
    sides = ((cause, {evidence.side for evidence in cause.evidence}) for cause in causes)
    return next((cause for cause, side in sides if cause.verdict != "excluded" and side == {"for"}), None)
