"""What to do now: review, decompensation, missing tests, repeats. Never plasma. [clinical.md 1, 8.3, 9]"""

from collections.abc import Iterator
from datetime import timedelta

from interpretation.record.records import Case, Statement
from interpretation.rule.confounders import active
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN

from .. import knowledge
from ..anticoagulant import is_asked
from ..monitoring import Checklist
from ..scenario import Scenario
from ..urgency import PRESSING, Urgency
from ..words import day, inr, span, value
from .decompensation import decompensation
from .saying import LIMITS, bad_sample, is_improving, say, says

says(
    __name__,
    now="X_ask_anticoagulant S25 S26 S27 X_confirm X_precipitant S28 S29",
    cites="S16 S24 R25 R50 GK ED",
)

LIMITS.read_by(
    __name__,
    "acute_lookback_days subacute_lookback_days pairing_hours band_upper_normal",
)


# Beside the first reason these say something of their own.
NOT_IN_THE_FIRST = frozenset({"organ_failure", "aclf"})
# The product's own word.
OURS = ("ED",)


def now(
    case: Case, d: Dissociation, urgency: Urgency, monitoring: Checklist, scenario: Scenario
) -> Iterator[Statement]:
    if case.died_on is not None and case.died_on <= case.as_of.date():
        text = f"Died {day(case.died_on)}: nothing is left to do. What is read here are the draws before."
        yield Statement("died", text, OURS, d.draws, "now")
        return
    yield from _anticoagulant(case)
    yield from _when(urgency)
    yield from _old(case, d, urgency)
    yield from _acute_injury(case, d, urgency, scenario)
    if scenario.kind == "aclf":
        yield say("X_precipitant", "now")
    if d.grade in PATTERN:
        yield from _pattern(case, d, urgency)
    elif d.grade == "not_assessable" and d.reasons[0].code != "transplant":
        text = (
            "To judge the pattern, measure ALT, AST and INR in one sample, at least twice in one laboratory "
            "and 12 hours or more apart."
        )
        yield Statement("measure", text, ("ED",), d.draws, "now")
    elif d.grade == "not_interpretable":
        text = (
            "Take a new, fully filled citrate tube and repeat INR together with ALT and AST."
            if bad_sample(d)
            else "Find out whether the drug is still taken. Record a confirmed stop, or exclude the cause; "
            "then repeat ALT, AST and INR in one laboratory."
        )
        yield Statement("restore", text, ("ED",), (), "now")
    elif d.vitamin_k and d.vitamin_k.kind == "responder":
        text = "Repeat ALT, AST and INR within 24-48 hours, and again in a week, to see that INR stays down."
        yield Statement("repeat_after_vitamin_k", text, ("ED",), d.draws, "now")
        if any(reason.code == "not_recovered" for reason in d.reasons):
            text = "Keep hepatology review and the search for the cause of the liver injury going."
            yield Statement("review_despite_vitamin_k", text, ("S25", "ED"), d.draws, "now")
    elif d.grade == "none" and d.inr_state == "rise":
        yield from _rise_alone(case, d)
    for cap in d.caps:
        if cap.code == "method":
            yield Statement("method", cap.text, cap.sources, cap.draws, "now")
    repeat = getattr(monitoring, "repeat", None)
    if repeat and not getattr(monitoring, "paused", ""):
        yield Statement("repeat", repeat.words, tuple(repeat.sources), d.draws, "now")
    if any(e.kind == "pregnancy" and active(e, case.as_of) for e in case.events):
        text = (
            "Pregnant: urgent obstetric advice; normal ranges differ (fibrinogen 4-6 g/L, INR slightly low)."
        )
        yield Statement("pregnancy", text, ("R50", "GK"), (), "now")


def _pattern(case: Case, d: Dissociation, urgency: Urgency) -> Iterator[Statement]:
    """The dissociation is there: who looks at it, and for what."""
    if urgency.level not in ("4_weeks", "routine"):
        yield say("S25", "now", d.draws)
    yield _look_for(case)
    yield say("S27", "now", text=_albumin_platelets(case, d))
    if not any(cap.code == "method" for cap in d.caps):
        yield say("X_confirm", "now")
    yield say("S28", "now")
    if d.grade != "possible" and d.attribution != "confounded" and not is_improving(d):
        yield say("S29", "now")


def _look_for(case: Case) -> Statement:
    known = knowledge.statement("S26")
    return say(known.id, "now", text=decompensation(case, known.text))


def _anticoagulant(case: Case) -> Iterator[Statement]:
    """Before an INR is read at all, whether a drug explains it."""
    if is_asked(case):
        yield say("X_ask_anticoagulant", "now", (case.measured("INR")[-1][0].id,))


def _when(urgency: Urgency) -> Iterator[Statement]:
    """How soon, and why. One sentence for every grade."""
    if urgency.level == "routine":
        return
    # The first reason, and what it does not say already; all stand behind the level on the page.
    said = [r for place, r in enumerate(urgency.reasons) if not place or r.code in NOT_IN_THE_FIRST]
    why = "; ".join(reason.text for reason in said)
    sources = dict.fromkeys(source for reason in said for source in reason.sources)
    draws = dict.fromkeys(draw for reason in said for draw in reason.draws)
    yield Statement("urgency", f"{urgency.act}: {why}.", tuple(sources), tuple(draws), "now")


def _old(case: Case, d: Dissociation, urgency: Urgency) -> Iterator[Statement]:
    """A pattern of long ago calls for new draws before anything else."""
    if urgency.was or d.grade not in PATTERN or d.latest_at is None:
        return
    days = LIMITS.acute_lookback_days if d.regime == "acute" else LIMITS.subacute_lookback_days
    if case.as_of - d.latest_at <= timedelta(days=days):
        return
    text = (
        f"The last draw of this pattern is {span(case.as_of - d.latest_at)} old ({day(d.latest_at)}): repeat "
        "ALT, AST and INR first, and read what follows as of that day."
    )
    yield Statement("old_draws", text, OURS, d.draws[-1:], "now")


def _acute_injury(case: Case, d: Dissociation, urgency: Urgency, scenario: Scenario) -> Iterator[Statement]:
    """A fresh acute injury needs watching whatever the INR can tell. [R25, GK]"""
    peak = scenario.peak if scenario.kind == "post_acute" and d.grade != "critical" else None
    if peak is None or case.as_of - peak.at > timedelta(days=LIMITS.acute_lookback_days):
        return
    enzyme = f"{peak.enzyme} {value(peak.result)} U/L on {day(peak.at)}"
    if scenario.outcome == "recovering":
        normal = d.inr_to <= LIMITS.band_upper_normal + 1e-9
        now_is = f"INR normal again ({inr(d.inr_to, d.inr_signs[1])})" if normal else "INR coming down"
        until = "until the enzymes are normal too" if normal else "until INR is normal"
        text = f"Acute liver injury ({enzyme}), {now_is}: go on with ALT, AST, INR and bilirubin {until}."
        yield Statement("acute_recovering", text, ("R25", "ED"), (peak.draw,), "now")
        return
    text = (
        f"Acute liver injury ({enzyme}): look for encephalopathy, which decides whether it is acute liver "
        "failure."
    )
    if urgency.level not in PRESSING:
        text += " Repeat ALT, AST, INR, bilirubin and creatinine in 24-48 hours."
    yield Statement("acute_injury", text, ("R25", "ED"), (peak.draw,), "now")


def _rise_alone(case: Case, d: Dissociation) -> Iterator[Statement]:
    """INR up without falling enzymes: not this pattern. [ED]"""
    text = (
        f"INR {inr(d.inr_to, d.inr_signs[1])} ({day(d.latest_at)}) has risen without the fall of both "
        "enzymes from a raised level that makes this pattern: failing synthesis, or another cause."
    )
    yield Statement("explain_rise", text, ("S16", "S24", "ED"), d.draws, "now")
    yield _look_for(case)


def _albumin_platelets(case: Case, d: Dissociation) -> str:
    """What is known of the two, so that nobody is asked to measure what came with the draw itself."""
    words, beside = [], 0
    for key, name, unit in (("albumin", "albumin", "g/L"), ("platelets", "platelets", "×10⁹/L")):
        last, found = next(reversed(case.measured(key)), (None, None))
        beside += bool(last) and abs(last.taken_at - d.latest_at) <= timedelta(hours=LIMITS.pairing_hours)
        words.append(
            f"{name} {value(found)} {unit} on {day(last.taken_at)}" if last else f"{name} never measured"
        )
    if beside == len(words):
        known = "; ".join(words)
        return f"Albumin and platelets are known beside this draw: {known}. Repeat them with the next INR."
    if all(text.endswith("never measured") for text in words):
        return f"{knowledge.statement('S27').text} Neither has ever been measured."
    return f"{knowledge.statement('S27').text} Last: {'; '.join(words)}."
