"""The dissociation: transaminases improve while the INR rises. The rule of clinical.md 4.2, step by step.

Pure: the case's `as_of` is the clock. Whoever reads the case has cut it to what was known then
(`report.known`). Every limit is named in dissociation.toml with its source.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interpretation import words
from interpretation.evidence import Evidence
from interpretation.record.records import Case, Result
from interpretation.rule import confounders, verdict
from interpretation.rule.attribution import attribution
from interpretation.rule.comparison import REGIMES, trend_of
from interpretation.rule.grading import Candidate, Finding, candidates_of, worst
from interpretation.rule.reading import PreparedCase
from interpretation.rule.reasons import (
    Reason,
    after_the_hard,
    drawn,
    graded_on,
    why_absent,
    why_not_assessable,
)
from interpretation.rule.recovery import not_recovered
from interpretation.rule.trend import Trend
from interpretation.usage import USAGE
from interpretation.vitamin_k import Response, already_falling

USAGE.cites(__name__, ("S24", "R29", "ED"))


@dataclass(frozen=True)
class Dissociation:
    """The grade with all it rests on. Enzymes in U/L, changes in percent, draws by id in time order."""

    grade: str
    base_grade: str
    regime: str = ""
    enzyme: str = ""
    baseline_at: datetime | None = None
    latest_at: datetime | None = None
    enzyme_from: float | None = None
    enzyme_to: float | None = None
    enzyme_change_pct: float | None = None
    # Comparators ("<", ">") of the first and last value; then the value is the bound.
    enzyme_signs: tuple[str, str] = ("", "")
    inr_signs: tuple[str, str] = ("", "")
    inr_from: float | None = None
    inr_to: float | None = None
    inr_change_pct: float | None = None
    transaminase_state: str = ""
    inr_state: str = ""
    draws: tuple[str, ...] = ()
    trend: Trend | None = None
    # What was found and decided, in order; what holds "established" back; what makes it critical.
    reasons: tuple[Reason, ...] = ()
    caps: tuple[Reason, ...] = ()
    escalations: tuple[Reason, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    attribution: str = "undetermined"
    confounded_by: tuple[confounders.Confounder, ...] = ()
    vitamin_k: Response | None = None
    one_series: bool = True
    paired_draws: int = 0

    @property
    def headline(self) -> str:
        return verdict.headline(self)

    @property
    def sentence(self) -> str:
        return verdict.sentence(self)

    @property
    def why(self) -> str:
        return verdict.why(self)


def assess(case: Case) -> Dissociation:
    """Grade the case. The worst of three windows and two enzymes counts, and is named."""
    reading = PreparedCase(case)
    if not reading.latest or len(reading.all_pairs) < 2 or reading.just_transplanted:
        return _not_assessable(reading)
    candidates = [candidate for regime in REGIMES for candidate in candidates_of(reading, regime)]
    best = worst(reading, candidates)
    response = reading.vitamin_k(best.comparison.latest if best else reading.latest)
    if best and best.comparison.pattern:
        if response and response.kind == "responder":
            return _withdrawn(reading, best, response)
        return _dissociation(reading, best, response)
    if reading.hard(reading.latest):
        return _not_interpretable(reading, best)
    if best is None:
        return _not_assessable(reading)
    if reading.masking(reading.latest):
        return _masked(reading, best)
    return _absent(reading, _nearest_to_pattern(candidates), response)


def _dissociation(reading: PreparedCase, finding: Finding, response: Response | None) -> Dissociation:
    evidence = reading.evidence(finding.comparison)
    contributing = any(cap.code.startswith("contributing:") for cap in finding.caps)
    return _described(
        reading,
        finding,
        reasons=graded_on(reading, finding.comparison),
        evidence=evidence,
        attribution=attribution(evidence, contributing),
        vitamin_k=response,
    )


def _withdrawn(reading: PreparedCase, finding: Finding, response: Response) -> Dissociation:
    text = (
        f"Vitamin K-responsive: INR fell {response.levels}{response.change} after vitamin K on "
        f"{words.day(response.dose_at)}. This points to vitamin K deficiency as the main cause."
    )
    text += already_falling(reading.case, response.dose_at, response.inr_before, finding.comparison.latest)
    reason = Reason("vitamin_k_responsive", text, ("R29", "ED"))
    still_ill = not_recovered(reading.case, response, finding.comparison.latest)
    # The answer itself is said above: not twice.
    others = [
        r for r in graded_on(reading, finding.comparison) if r.code not in ("past_peak", "answered_before")
    ]
    return _described(
        reading,
        Finding(finding.comparison, "none", "none"),
        reasons=(reason, *((still_ill,) if still_ill else ()), *others),
        evidence=reading.evidence(finding.comparison),
        attribution="confounded",
        vitamin_k=response,
    )


def _absent(reading: PreparedCase, finding: Finding, response: Response | None) -> Dissociation:
    if response and response.kind == "responder":
        return _withdrawn(reading, finding, response)
    reasons = [*graded_on(reading, finding.comparison), *why_absent(finding.comparison)]
    return _described(reading, finding, reasons=tuple(reasons), vitamin_k=response)


def _not_interpretable(reading: PreparedCase, finding: Finding | None) -> Dissociation:
    latest = reading.newest
    inr_at, level, why = latest.inr_at, latest.inr, reading.hard(latest)
    # The latest ALT may be paired with an INR older than one that was drawn with an ALT before it.
    own = [s for s in reading.samples if "INR" in s.results and inr_at < s.at <= latest.at]
    drugs = confounders.hard(reading.case, own[-1].at, own[-1].results) if own else []
    if drugs:
        inr_at, level, why = own[-1].at, own[-1].results["INR"], drugs
    after = after_the_hard(reading, level, why)
    # An INR without enzymes may have come later: then this one is not the latest.
    is_last = not any(reason.code == "later_inr_alone" for reason in after)
    text = (
        f"The latest INR{'' if is_last else ' with ALT or AST'}, {words.value(level)} on "
        f"{words.day(inr_at)}, cannot be read as liver function "
        f"({'; '.join(dict.fromkeys(c.words for c in why))})."
    )
    reasons = [Reason("hard_confounder", text, ("S24", "ED"), latest.draws), *after]
    if finding:
        reasons.append(Reason("clean_draws", "The earlier draws that can be read do not show the pattern."))
    return _overview(reading, "not_interpretable", reasons, tuple(why), "confounded")


def _masked(reading: PreparedCase, finding: Finding) -> Dissociation:
    found = tuple(reading.masking(reading.newest))
    why = "; ".join(dict.fromkeys(c.words for c in found))
    text = f"The latest INR may be falsely low: {why}. The draws before it do not show the pattern."
    reason = Reason("masked", text, ("ED",), reading.newest.draws)
    return _overview(reading, "not_assessable", [reason], found)


def _not_assessable(reading: PreparedCase) -> Dissociation:
    return _overview(reading, "not_assessable", why_not_assessable(reading), ())


def _overview(
    reading: PreparedCase,
    grade: str,
    reasons: Iterable[Reason],
    found: tuple[confounders.Confounder, ...],
    attribution: str = "undetermined",
) -> Dissociation:
    latest = reading.latest
    return Dissociation(
        grade=grade,
        base_grade=grade,
        latest_at=latest.at if latest else None,
        inr_to=latest.inr.value if latest else None,
        inr_signs=_signs(None, latest.inr if latest else None),
        draws=latest.draws if latest else (),
        reasons=tuple(reasons),
        confounded_by=found,
        attribution=attribution,
        paired_draws=len(reading.all_pairs),
    )


def _described(reading: PreparedCase, finding: Finding, **rest: Any) -> Dissociation:
    c = finding.comparison
    first, last = c.baseline.enzymes.get(c.enzyme), c.latest.enzymes.get(c.enzyme)
    return Dissociation(
        grade=finding.grade,
        base_grade=finding.base_grade,
        regime=c.regime,
        enzyme=c.enzyme,
        baseline_at=c.baseline.at,
        latest_at=c.latest.at,
        enzyme_from=first.value if first else None,
        enzyme_to=last.value if last else None,
        enzyme_change_pct=_change(first, last),
        enzyme_signs=_signs(first, last),
        inr_signs=_signs(c.baseline.inr, c.latest.inr),
        inr_from=c.baseline.inr.value,
        inr_to=c.latest.inr.value,
        inr_change_pct=_change(c.baseline.inr, c.latest.inr),
        transaminase_state=c.transaminase_state,
        inr_state=c.inr_state,
        draws=drawn(c.between),
        trend=trend_of(c),
        caps=finding.caps,
        escalations=finding.escalations,
        confounded_by=tuple(reading.soft(c.latest)),
        one_series=c.one_series,
        paired_draws=len(reading.all_pairs),
        **rest,
    )


def _nearest_to_pattern(candidates: list[Candidate]) -> Finding:
    """Of those without the pattern, the one worth showing: most conditions met, longest window."""

    def rank(candidate: Candidate) -> tuple[int, int, bool]:
        c = candidate.comparison
        met = (c.inr_state == "rise") + (c.transaminase_state in ("falling", "opposed", "normal_throughout"))
        return (met, REGIMES.index(c.regime), c.enzyme == "ALT")

    return Finding(max(candidates, key=rank).comparison, "none", "none")


def _change(first: Result | None, last: Result | None) -> float | None:
    if first is None or last is None or first.value == 0:
        return None
    return (last.value / first.value - 1) * 100


def _signs(first: Result | None, last: Result | None) -> tuple[str, str]:
    return (first.comparator if first else "", last.comparator if last else "")
