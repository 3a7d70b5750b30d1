"""Is the raised INR the liver's? An axis beside the grade; urgency never waits for it. [clinical.md 4.2]"""

from datetime import datetime, timedelta

from interpretation.evidence import Evidence, draws_of
from interpretation.factors import Factors, factors_of, fibrinogen_change
from interpretation.knowledge import limits, load, sentences
from interpretation.record.records import Case, Draw, Event, Result
from interpretation.rule.comparison import Comparison
from interpretation.rule.confounders import active
from interpretation.rule.variation import beyond
from interpretation.vitamin_k import Trial
from interpretation.words import day, value

LIMITS = limits("dissociation").read_by(__name__, "pairing_hours episode_days albumin_days")
load("reasons").read_by(__name__, "evidence")
FINDINGS = sentences("reasons", "evidence")


def attribution(evidence: tuple[Evidence, ...], confounded: bool) -> str:
    """Step 7: "hepatic_supported" needs a finding for the liver and none against it. [ED]"""
    sides = {found.side for found in evidence}
    if confounded:
        return "confounded"
    return "hepatic_supported" if sides == {"for"} else "undetermined"


def hepatic_evidence(case: Case, comparison: Comparison, trial: Trial | None) -> tuple[Evidence, ...]:
    """What in the record speaks for failing synthesis and against it; `trial` of vitamin K, or None."""
    found = [_factors(factors_of(case, comparison.latest.at)), _answer(trial), _albumin(case, comparison)]
    episode = encephalopathy(case, comparison.latest.at)
    if episode:
        grade = f" grade {episode.grade}" if episode.grade else ""
        found.append(_finding("encephalopathy", grade=grade, day=day(episode.started_at)))
    return tuple(evidence for evidence in found if evidence)


def _finding(key: str, draws: tuple[str, ...] = (), /, **words: str) -> Evidence:
    """A sentence of reasons.toml for the liver or against it."""
    said = FINDINGS[key]
    return Evidence(said.code, said.text.format(**words), said.sources, draws, said.side)


def encephalopathy(case: Case, since: datetime) -> Event | None:
    """The highest grade of encephalopathy present at the draw or noted since; grade 0 is its absence.

    An episode whose end nobody recorded counts for 90 days, not for ever.
    """
    recorded = present(case, "encephalopathy", since)
    if not recorded:
        return None
    oldest = since - timedelta(days=LIMITS.episode_days)
    episodes = [e for e in recorded if e.grade != 0 and (e.ended_at is not None or e.started_at >= oldest)]
    return max(episodes, key=lambda e: (e.grade or 0, e.started_at), default=None)


def present(case: Case, kind: str, since: datetime) -> list[Event]:
    """Events of a kind that were going on at `since` or have begun after it, as known at `as_of`."""
    reach = case.as_of - since
    return [e for e in case.events if e.kind == kind and active(e, case.as_of, reach)]


def _factors(found: Factors) -> Evidence | None:
    """The pattern of clotting factors: that of liver failure, or one of two that speak against it."""
    draws = draws_of(found.values)
    if found.pattern == "hepatic" and found.v and found.viii:
        levels = {"v": found.v.amount, "viii": found.viii.amount, "day": day(found.v.at)}
        return _finding("factor_pattern", draws, **levels)
    if found.pattern == "vitamin_k":
        return _finding("vitamin_k_pattern", draws, factors=found.words)
    if found.pattern == "consumption":
        fell = f" {fibrinogen_change(found)}." if found.fibrinogen_fell else ""
        return _finding("consumption_pattern", draws, factors=found.words, fibrinogen=fell)
    return None


def _answer(trial: Trial | None) -> Evidence | None:
    """The answer of the INR to vitamin K. [clinical.md 6.3, 4.4 e]"""
    response = trial.response if trial else None
    if trial is None or response is None:
        return None
    said = {"day": day(response.dose_at), "inrs": f"{response.before} before, {response.after} after"}
    if response.kind == "non_responder":
        return _finding("no_vitamin_k_response", **said)
    answer = trial.mixed or "Vitamin K deficiency was the main part of the cause."
    return _finding(f"vitamin_k_{response.kind}", **said, answer=answer)


def _albumin(case: Case, comparison: Comparison) -> Evidence | None:
    """Albumin falling beyond its reference change while bilirubin rises, over the same window."""
    first, last = comparison.baseline.at, comparison.latest.at
    if last - first < timedelta(days=LIMITS.albumin_days):
        return None
    albumin, bilirubin = (_ends(case, key, first, last) for key in ("albumin", "bilirubin_total"))
    if len(albumin) < 2 or len(bilirubin) < 2:
        return None
    before, after = (result.value for result, _ in albumin)
    if not (after < before and beyond("albumin", before, after)):
        return None
    if bilirubin[1][0].value <= bilirubin[0][0].value:
        return None
    draws = tuple(dict.fromkeys(draw.id for _, draw in albumin + bilirubin))
    return _finding("albumin_falling", draws, albumin=_course(albumin), bilirubin=_course(bilirubin))


def _ends(case: Case, analyte: str, first: datetime, last: datetime) -> list[tuple[Result, Draw]]:
    """The results beside these two times; fewer than two where one is not there."""
    reach = timedelta(hours=LIMITS.pairing_hours)
    found = (case.nearest(analyte, at, reach) for at in (first, last))
    return [(result, draw) for result, draw in found if result is not None and draw is not None]


def _course(ends: list[tuple[Result, Draw]]) -> str:
    return " → ".join(value(result) for result, _ in ends)
