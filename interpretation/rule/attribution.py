"""Is the raised INR the liver's? An axis beside the grade; urgency never waits for it. [clinical.md 4.2]"""

from datetime import datetime, timedelta

from interpretation.evidence import Evidence, speaks_against, speaks_for
from interpretation.factors import SOURCES, Factors, factors_of, fibrinogen_change
from interpretation.knowledge import limits
from interpretation.record.records import Case, Event
from interpretation.rule.comparison import Comparison
from interpretation.rule.confounders import active
from interpretation.rule.variation import beyond
from interpretation.vitamin_k import Trial
from interpretation.words import day, value

LIMITS = limits("dissociation").read_by(
    __name__, "pairing_hours episode_days albumin_days", cites="S26 S7 R29 ED"
)


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
        text = f"Encephalopathy{grade} since {day(episode.started_at)}."
        found.append(Evidence("encephalopathy", text, ("S26", "ED")))
    return tuple(evidence for evidence in found if evidence)


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
    if found.pattern == "hepatic" and found.v and found.viii:
        text = (
            f"Factor V is low ({found.v.amount}) and factor VIII kept ({found.viii.amount}), "
            f"{day(found.v.at)}: the pattern of liver failure."
        )
        return speaks_for("factor_pattern", text, SOURCES, *found.values)
    if found.pattern == "vitamin_k":
        text = (
            f"{found.words}: factor V is kept while factor VII is low, the pattern of a lack of vitamin K or "
            "of its antagonists, not of liver failure."
        )
        return speaks_against("vitamin_k_pattern", text, SOURCES, *found.values)
    if found.pattern == "consumption":
        fell = f" {fibrinogen_change(found)}." if found.fibrinogen_fell else ""
        text = f"{found.words}: factor VIII is low too, the pattern of consumption.{fell}"
        return speaks_against("consumption_pattern", text, SOURCES, *found.values)
    return None


def _answer(trial: Trial | None) -> Evidence | None:
    """The answer of the INR to vitamin K. [clinical.md 6.3, 4.4 e]"""
    response = trial.response if trial else None
    if trial is None or response is None:
        return None
    inrs = f"{response.before} before, {response.after} after"
    if response.kind == "non_responder":
        text = (
            f"INR did not answer to vitamin K on {day(response.dose_at)}: {inrs}. "
            "Factors V and VIII tell liver failure from consumption."
        )
        return speaks_for("no_vitamin_k_response", text, ("R29", "ED"))
    verdict = trial.mixed or "Vitamin K deficiency was the main part of the cause."
    text = f"INR fell after vitamin K on {day(response.dose_at)}: {inrs}. {verdict}"
    return speaks_against(f"vitamin_k_{response.kind}", text, ("R29", "ED"))


def _albumin(case: Case, comparison: Comparison) -> Evidence | None:
    """Albumin falling beyond its reference change while bilirubin rises, over the same window."""
    reach = timedelta(hours=LIMITS.pairing_hours)
    first, last = comparison.baseline.at, comparison.latest.at
    if last - first < timedelta(days=LIMITS.albumin_days):
        return None
    albumin = [case.nearest("albumin", at, reach) for at in (first, last)]
    bilirubin = [case.nearest("bilirubin_total", at, reach) for at in (first, last)]
    results = [result for result, _ in albumin + bilirubin]
    if None in results:
        return None
    fell = results[1].value < results[0].value and beyond("albumin", results[0].value, results[1].value)
    if not fell or results[3].value <= results[2].value:
        return None
    levels = [value(result) for result in results]
    text = (
        f"Albumin fell {levels[0]} → {levels[1]} g/L, beyond expected variation, "
        f"while bilirubin rose {levels[2]} → {levels[3]} µmol/L."
    )
    draws = tuple(dict.fromkeys(draw.id for _, draw in albumin + bilirubin))
    return Evidence("albumin_falling", text, ("S7", "ED"), draws)
