"""The dissociation: transaminases improve while the INR rises. The rule of clinical.md 4.2 and 4.4, step by step.

Pure: the case's `as_of` is the clock. Whoever reads the case has cut it to what was known then
(`report.known`). Every limit is named in dissociation.toml with its source.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interpretation import words
from interpretation.evidence import Evidence
from interpretation.knowledge import load
from interpretation.record.measured import MeasuredValue
from interpretation.record.records import Case, Result
from interpretation.rule import confounders, verdict
from interpretation.rule.attribution import attribution
from interpretation.rule.comparison import REGIMES, trend_of
from interpretation.rule.grading import Candidate, Finding, candidates_of, worst
from interpretation.rule.pairing import Pair, Sample
from interpretation.rule.reading import PreparedCase
from interpretation.rule.reasons import (
    Reason,
    although_on,
    drawn,
    graded_on,
    in_the_way,
    reason,
    why_absent,
    why_not_assessable,
)
from interpretation.rule.recovery import not_recovered
from interpretation.rule.trend import Trend
from interpretation.vitamin_k import Response, Trial

load("reasons").read_by(__name__, "answer not_assessable")


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
    # With quiet enzymes: how many earlier INRs `inr_from` is the median of.
    earlier_inrs: int = 0
    within_limit: bool = False
    # INR rises by its own course, whatever the compared draws show (`urgency`): then "none" must not reassure.
    inr_rises: bool = False

    @property
    def headline(self) -> str:
        return verdict.headline(self)

    @property
    def sentence(self) -> str:
        return verdict.sentence(self)

    @property
    def why(self) -> str:
        return verdict.why(self)


# An answer to vitamin K does not take these away: the patient is as ill as before.
STANDING = frozenset({"encephalopathy", "jaundice"})


def assess(case: Case) -> Dissociation:
    """Grade the case. The worst of three windows and two enzymes counts, and is named."""
    return graded(PreparedCase(case))


def graded(reading: PreparedCase) -> Dissociation:
    """The grade of a case made ready."""
    if not reading.latest or reading.pair_count < 2 or reading.just_transplanted:
        return _not_assessable(reading)
    reading.candidates = [candidate for regime in REGIMES for candidate in candidates_of(reading, regime)]
    best = worst(reading, reading.candidates)
    return _judged(reading, best, reading.vitamin_k(best.comparison.latest if best else reading.latest))


def _judged(reading: PreparedCase, best: Finding | None, response: Trial | None) -> Dissociation:
    """Of the worst comparison and the answer to vitamin K that bears on it."""
    shown = best if best and best.comparison.pattern else None
    answer = response if response and response.kind == "responder" else None
    if shown and (standing := _standing(shown, answer)) is not None:
        return (
            _answered(reading, shown, answer, standing) if answer else _dissociation(reading, shown, response)
        )
    if said := _unread(reading, best):
        return said
    if shown and answer:
        return _withdrawn(reading, shown, answer)
    return _absent(reading, _nearest_to_pattern(reading.candidates), response)


def _standing(shown: Finding, answer: Trial | None) -> tuple[Reason, ...] | None:
    """What keeps a pattern in spite of an answer to vitamin K; None where the answer takes it away."""
    kept = tuple(reason for reason in shown.escalations if reason.code in STANDING)
    return kept if kept or answer is None else None


def _unread(reading: PreparedCase, best: Finding | None) -> Dissociation | None:
    """Why the latest INR says nothing, where no pattern is shown."""
    if reading.last_inr and reading.hard(reading.last_inr):
        return _not_interpretable(reading, reading.last_inr, best)
    if best is None:
        return _not_assessable(reading)
    last = reading.last_laboratory
    return _masked(reading, last) if last and reading.masking(last) else None


def is_withdrawn(reading: PreparedCase, candidate: Candidate) -> bool:
    """An answer to vitamin K takes it away."""
    trial = reading.vitamin_k(candidate.comparison.latest)
    if trial is None or trial.kind != "responder":
        return False
    return not any(reason.code in STANDING for reason in candidate.escalations)


def _answered(
    reading: PreparedCase, finding: Finding, trial: Trial, standing: tuple[Reason, ...]
) -> Dissociation:
    """Critical for encephalopathy or jaundice stands, with base possible. [clinical.md 4.4 e]"""
    caps = (*finding.caps, _responsive(trial))
    kept = Finding(finding.comparison, "critical", "possible", caps, standing)
    return _dissociation(reading, kept, trial)


def _dissociation(reading: PreparedCase, finding: Finding, trial: Trial | None) -> Dissociation:
    evidence = reading.evidence(finding.comparison)
    contributing = any(cap.code.startswith("contributing:") for cap in finding.caps)
    return _described(
        reading,
        finding,
        reasons=graded_on(reading, finding.comparison),
        evidence=evidence,
        attribution=attribution(evidence, contributing),
        vitamin_k=trial.response if trial else None,
    )


def _responsive(trial: Trial) -> Reason:
    found = trial.response
    if found is None:
        raise ValueError(f"A trial that is {trial.state} has no answer.")
    said = {"levels": found.levels, "change": found.change, "day": words.day(found.dose_at)}
    return reason("answer", "vitamin_k_responsive", trial.draws, **said, came_down=trial.came_down)


def _withdrawn(reading: PreparedCase, finding: Finding, trial: Trial) -> Dissociation:
    still_ill = not_recovered(reading.case, trial.response, finding.comparison.latest)
    # The answer itself is said above: not twice.
    others = [r for r in graded_on(reading, finding.comparison) if r.code != "past_peak"]
    return _described(
        reading,
        Finding(finding.comparison, "none", "none"),
        reasons=(_responsive(trial), *((still_ill,) if still_ill else ()), *others),
        evidence=reading.evidence(finding.comparison),
        attribution="confounded",
        vitamin_k=trial.response,
    )


def _absent(reading: PreparedCase, finding: Finding, trial: Trial | None) -> Dissociation:
    if trial and trial.kind == "responder":
        return _withdrawn(reading, finding, trial)
    reasons = [*graded_on(reading, finding.comparison), *why_absent(finding.comparison)]
    reasons += although_on(reading, finding.comparison)
    response = trial.response if trial else None
    return _described(reading, finding, reasons=tuple(reasons), vitamin_k=response)


def _not_interpretable(reading: PreparedCase, last: Sample, finding: Finding | None) -> Dissociation:
    why = reading.hard(last)
    level = MeasuredValue(last.draw, last.results["INR"]).amount
    said = {"inr": level, "day": words.day(last.at), "why": in_the_way(why)}
    reasons = [reason("not_assessable", "hard_confounder", last.draws, **said)]
    if finding:
        reasons.append(reason("not_assessable", "clean_draws"))
    return _overview(reading, "not_interpretable", reasons, tuple(why), "confounded")


def _masked(reading: PreparedCase, last: Pair) -> Dissociation:
    found = tuple(reading.masking(last))
    why = reason("not_assessable", "masked.before", last.draws, why=in_the_way(found))
    return _overview(reading, "not_assessable", [why], found)


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
        inr_signs=(c.reference_sign, c.latest.inr.comparator),
        inr_from=c.inr_from,
        inr_to=c.latest.inr.value,
        inr_change_pct=(c.latest.inr.value / c.inr_from - 1) * 100 if c.inr_from else None,
        within_limit=c.within_limit,
        earlier_inrs=c.course.earlier if c.course else 0,
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

    def rank(candidate: Candidate) -> tuple[int, int, bool, bool]:
        c = candidate.comparison
        met = (c.inr_state == "rise") + (c.transaminase_state in ("falling", "opposed", "quiet"))
        return (met, REGIMES.index(c.regime), c.course is None, c.enzyme == "ALT")

    return Finding(max(candidates, key=rank).comparison, "none", "none")


def _change(first: Result | None, last: Result | None) -> float | None:
    if first is None or last is None or first.value == 0:
        return None
    return (last.value / first.value - 1) * 100


def _signs(first: Result | None, last: Result | None) -> tuple[str, str]:
    return (first.comparator if first else "", last.comparator if last else "")
