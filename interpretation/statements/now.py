"""What to do now: review, decompensation, missing tests, repeats. Never plasma. [clinical.md 1, 8.3, 9]"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from interpretation.record.records import Case, Statement
from interpretation.rule.confounders import active
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN

from ..anticoagulant import is_asked
from ..monitoring import Checklist
from ..scenario import Scenario
from ..urgency import PRESSING, Urgency
from ..words import day, inr, span, value
from .decompensation import decompensation
from .saying import LIMITS, PanelSection, bad_sample, is_improving

PANEL = PanelSection(__name__, "now")

LIMITS.read_by(
    __name__,
    "acute_lookback_days subacute_lookback_days pairing_hours band_upper_normal",
)


# Beside the first reason these say something of their own.
NOT_IN_THE_FIRST = frozenset({"organ_failure", "aclf"})
# Levels of urgency that leave weeks.
UNHURRIED = ("4_weeks", "routine")
# Measured beside the pattern: name and unit.
BESIDE = {"albumin": "g/L", "platelets": "×10⁹/L"}


@dataclass(frozen=True)
class Today:
    """What the sentences are chosen from."""

    case: Case
    found: Dissociation
    urgency: Urgency
    monitoring: Checklist
    scenario: Scenario

    @property
    def has_pattern(self) -> bool:
        return self.found.grade in PATTERN

    @property
    def cannot_be_judged(self) -> bool:
        """Too little is measured; soon after a transplant nothing more would help."""
        return self.found.grade == "not_assessable" and self.found.reasons[0].code != "transplant"

    @property
    def cannot_be_read(self) -> bool:
        return self.found.grade == "not_interpretable"

    @property
    def answered_vitamin_k(self) -> bool:
        return self.found.vitamin_k is not None and self.found.vitamin_k.kind == "responder"

    @property
    def has_risen_alone(self) -> bool:
        """INR up without falling enzymes: not this pattern. [ED]"""
        return self.found.grade == "none" and self.found.inr_state == "rise"

    @property
    def methods_differ(self) -> bool:
        return any(cap.code == "method" for cap in self.found.caps)


def now(
    case: Case, d: Dissociation, urgency: Urgency, monitoring: Checklist, scenario: Scenario
) -> Iterator[Statement]:
    """What to do, in the order in which it is done; for somebody who has died nothing."""
    if case.died_on is not None and case.died_on <= case.as_of.date():
        yield PANEL.own("died", d.draws, day=day(case.died_on))
        return
    today = Today(case, d, urgency, monitoring, scenario)
    for said in IN_ORDER:
        yield from said(today)


def _anticoagulant(today: Today) -> Iterator[Statement]:
    """Before an INR is read at all, whether a drug explains it."""
    if is_asked(today.case):
        yield PANEL.general("anticoagulant", (today.case.measured("INR")[-1][0].id,))


def _when(today: Today) -> Iterator[Statement]:
    """How soon, and why. One sentence for every grade."""
    urgency = today.urgency
    if urgency.level == "routine":
        return
    # The first reason, and what it does not say already; all stand behind the level on the page.
    said = [r for place, r in enumerate(urgency.reasons) if not place or r.code in NOT_IN_THE_FIRST]
    why = "; ".join(reason.text for reason in said)
    sources = dict.fromkeys(source for reason in said for source in reason.sources)
    draws = dict.fromkeys(draw for reason in said for draw in reason.draws)
    yield Statement("urgency", f"{urgency.act}: {why}.", tuple(sources), tuple(draws), "now")


def _old(today: Today) -> Iterator[Statement]:
    """A pattern of long ago calls for new draws before anything else."""
    d = today.found
    if today.urgency.was or not today.has_pattern or d.latest_at is None:
        return
    days = LIMITS.acute_lookback_days if d.regime == "acute" else LIMITS.subacute_lookback_days
    age = today.case.as_of - d.latest_at
    if age > timedelta(days=days):
        yield PANEL.own("old_draws", d.draws[-1:], age=span(age), day=day(d.latest_at))


def _acute_injury(today: Today) -> Iterator[Statement]:
    """A fresh acute injury needs watching whatever the INR can tell. [R25, GK]"""
    scenario = today.scenario
    peak = scenario.peak if scenario.kind == "post_acute" and today.found.grade != "critical" else None
    if peak is None or today.case.as_of - peak.at > timedelta(days=LIMITS.acute_lookback_days):
        return
    enzyme = f"{peak.enzyme} {value(peak.result)} U/L on {day(peak.at)}"
    if scenario.outcome == "recovering":
        yield _recovering(today.found, enzyme, peak.draw)
    else:
        key = "acute_injury.pressing" if today.urgency.level in PRESSING else "acute_injury.repeat"
        yield PANEL.own(key, (peak.draw,), peak=enzyme)


def _recovering(d: Dissociation, peak: str, draw: str) -> Statement:
    if d.inr_to is not None and d.inr_to <= LIMITS.band_upper_normal + 1e-9:
        return PANEL.own("acute_recovering.normal", (draw,), peak=peak, inr=inr(d.inr_to, d.inr_signs[1]))
    return PANEL.own("acute_recovering.falling", (draw,), peak=peak)


def _precipitant(today: Today) -> Iterator[Statement]:
    if today.scenario.kind == "aclf":
        yield PANEL.general("precipitant")


def _by_grade(today: Today) -> Iterator[Statement]:
    """By the first that holds of what was found."""
    said = next((said for holds, said in BY_GRADE if holds(today)), None)
    if said:
        yield from said(today)


def _method(today: Today) -> Iterator[Statement]:
    for cap in today.found.caps:
        if cap.code == "method":
            yield Statement("method", cap.text, cap.sources, cap.draws, "now")


def _repeat(today: Today) -> Iterator[Statement]:
    repeat = today.monitoring.repeat
    if repeat and not today.monitoring.paused:
        yield Statement("repeat", repeat.words, tuple(repeat.sources), today.found.draws, "now")


def _pregnancy(today: Today) -> Iterator[Statement]:
    if any(e.kind == "pregnancy" and active(e, today.case.as_of) for e in today.case.events):
        yield PANEL.own("pregnancy")


IN_ORDER: tuple[Callable[[Today], Iterator[Statement]], ...] = (
    _anticoagulant,
    _when,
    _old,
    _acute_injury,
    _precipitant,
    _by_grade,
    _method,
    _repeat,
    _pregnancy,
)


# --- by what was found ---


def _pattern(today: Today) -> Iterator[Statement]:
    """The dissociation is there: who looks at it, and for what."""
    d = today.found
    if today.urgency.level not in UNHURRIED:
        yield PANEL.general("hepatology", d.draws)
    yield _look_for(today.case)
    yield PANEL.general("albumin_platelets", text=_albumin_platelets(today.case, d))
    if not today.methods_differ:
        yield PANEL.general("confirm")
    yield PANEL.general("no_plasma")
    if d.grade != "possible" and d.attribution != "confounded" and not is_improving(d):
        yield PANEL.general("transplant")


def _measure(today: Today) -> Iterator[Statement]:
    yield PANEL.own("measure", today.found.draws)


def _restore(today: Today) -> Iterator[Statement]:
    """What makes the INR readable again."""
    yield PANEL.own("restore.sample" if bad_sample(today.found) else "restore.drug")


def _after_vitamin_k(today: Today) -> Iterator[Statement]:
    d = today.found
    yield PANEL.own("repeat_after_vitamin_k", d.draws)
    if any(reason.code == "not_recovered" for reason in d.reasons):
        yield PANEL.own("review_despite_vitamin_k", d.draws)


def _rise_alone(today: Today) -> Iterator[Statement]:
    d = today.found
    if d.inr_to is not None and d.latest_at is not None:
        yield PANEL.own("explain_rise", d.draws, inr=inr(d.inr_to, d.inr_signs[1]), day=day(d.latest_at))
        yield _look_for(today.case)


BY_GRADE: tuple[tuple[Callable[[Today], bool], Callable[[Today], Iterator[Statement]]], ...] = (
    (lambda today: today.has_pattern, _pattern),
    (lambda today: today.cannot_be_judged, _measure),
    (lambda today: today.cannot_be_read, _restore),
    (lambda today: today.answered_vitamin_k, _after_vitamin_k),
    (lambda today: today.has_risen_alone, _rise_alone),
)


def _look_for(case: Case) -> Statement:
    text = decompensation(case, PANEL.general_text("decompensation"))
    return PANEL.general("decompensation", text=text)


def _albumin_platelets(case: Case, d: Dissociation) -> str:
    """What is known of the two, so that nobody is asked to measure what came with the draw itself."""
    found = {name: next(reversed(case.measured(name)), None) for name in BESIDE}
    near = timedelta(hours=LIMITS.pairing_hours)
    beside = [
        last is not None and d.latest_at is not None and abs(last[0].taken_at - d.latest_at) <= near
        for last in found.values()
    ]
    known = "; ".join(
        f"{name} {value(last[1])} {BESIDE[name]} on {day(last[0].taken_at)}"
        if last
        else f"{name} never measured"
        for name, last in found.items()
    )
    if all(beside):
        return PANEL.own_text("albumin_platelets.beside", known=known)
    key = "albumin_platelets.last" if any(found.values()) else "albumin_platelets.never"
    return PANEL.own_text(key, general=PANEL.general_text("albumin_platelets"), known=known)
