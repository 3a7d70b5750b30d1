"""What to do now: review, decompensation, missing tests, repeats. Never plasma. [clinical.md 1, 8.3, 9]"""

from collections.abc import Iterator
from datetime import timedelta

from .. import knowledge
from ..attribution import present
from ..confounders import active, day
from ..dissociation import Dissociation
from ..grading import PATTERN
from ..records import Case, Statement
from ..verdict import inr, number
from .saying import LIMITS, bad_sample, say


def now(case: Case, d: Dissociation, monitoring) -> Iterator[Statement]:
    if d.grade in PATTERN:
        today = (
            "Hepatology review today: treat this as possible liver failure." if d.grade == "critical" else ""
        )
        yield say("S25", "now", d.draws, today)
        yield say("S26", "now", text=_decompensation(case))
        yield say("S27", "now", text=_albumin_platelets(case))
        if not any(cap.code == "method" for cap in d.caps):
            yield say("X_confirm", "now")
        yield say("S28", "now")
        yield say("S29", "now")
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


def _rise_alone(case: Case, d: Dissociation) -> Iterator[Statement]:
    """INR up without falling enzymes: not this pattern, and in acute injury more urgent than it. [ED]"""
    acute = d.inr_to >= LIMITS.critical_inr_complicated - 1e-9 and d.regime == "acute"
    when = "today" if acute else "within two weeks"
    repeat = "in 6-12 hours" if acute else "within two weeks"
    text = (
        f"INR {inr(d.inr_to)} ({day(d.latest_at)}) has risen without falling enzymes: failing synthesis, or "
        f"another cause. Hepatology review {when}; repeat ALT, AST and INR {repeat}."
    )
    yield Statement("explain_rise", text, ("S16", "S24", "ED"), d.draws, "now")
    yield say("S26", "now", text=_decompensation(case))


def _decompensation(case: Case) -> str:
    names = {"ascites": "ascites", "encephalopathy": "encephalopathy", "variceal_bleed": "variceal bleeding"}
    since = case.as_of - timedelta(days=LIMITS.subacute_lookback_days)
    recorded = [
        f"{name} ({day(max(e.started_at for e in events))})"
        for kind, name in names.items()
        if (events := [e for e in present(case, kind, since) if e.grade != 0])
    ]
    missing = [name for kind, name in names.items() if not any(name in words for words in recorded)]
    text = knowledge.statement("S26").text
    if recorded:
        text += f" Recorded: {', '.join(recorded)}."
    return f"{text} Not recorded in the last 90 days: {', '.join(missing)}." if missing else text


def _albumin_platelets(case: Case) -> str:
    words = []
    for key, name, unit in (("albumin", "albumin", "g/L"), ("platelets", "platelets", "×10⁹/L")):
        last, value = next(reversed(case.measured(key)), (None, None))
        words.append(
            f"{name} {value.comparator}{number(value.value)} {unit} on {day(last.taken_at)}"
            if last
            else f"{name} never measured"
        )
    return f"{knowledge.statement('S27').text} Last: {'; '.join(words)}."
