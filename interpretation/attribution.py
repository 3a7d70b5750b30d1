"""Is the raised INR the liver's? An axis beside the grade; urgency never waits for it. [clinical.md 4.2]"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from . import verdict
from .comparison import Comparison
from .confounders import active, day
from .knowledge import limits
from .records import Case, Draw, Event, Result
from .variation import beyond

LIMITS = limits("dissociation")


@dataclass(frozen=True)
class Evidence:
    """One finding for a hepatic cause of the INR, with the draws it rests on."""

    code: str
    text: str
    sources: tuple[str, ...]
    draws: tuple[str, ...] = ()


def hepatic_evidence(case: Case, comparison: Comparison, response) -> tuple[Evidence, ...]:
    """What in the record speaks for failing synthesis; `response` is the answer to vitamin K, or None."""
    found = [_factors(case, comparison.latest.at), _no_response(response), _albumin(case, comparison)]
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
    oldest = since - timedelta(days=LIMITS.episode_days)
    episodes = [
        e
        for e in present(case, "encephalopathy", since)
        if e.grade != 0 and (e.ended_at is not None or e.started_at >= oldest)
    ]
    return max(episodes, key=lambda e: (e.grade or 0, e.started_at), default=None)


def present(case: Case, kind: str, since: datetime) -> list[Event]:
    """Events of a kind that were going on at `since` or have begun after it, as known at `as_of`."""
    reach = case.as_of - since
    return [e for e in case.events if e.kind == kind and active(e, case.as_of, reach)]


def _factors(case: Case, at: datetime) -> Evidence | None:
    """Low factor V (and VII, where measured) with factor VIII kept: the pattern of liver failure."""
    reach = timedelta(days=LIMITS.factor_days)
    v, draw = nearest(case, "factor_v", at, reach)
    viii, _ = nearest(case, "factor_viii", at, reach)
    vii, _ = nearest(case, "factor_vii", at, reach)
    if v is None or viii is None:
        return None
    if v.value >= LIMITS.factor_low or viii.value < LIMITS.factor_viii_kept:
        return None
    if vii is not None and vii.value >= LIMITS.factor_low:
        return None
    text = f"Factor V is low ({v.value:.0f} %) and factor VIII kept ({viii.value:.0f} %)."
    return Evidence("factor_pattern", text, ("R28", "ED"), (draw.id,))


def _no_response(response) -> Evidence | None:
    if response is None or response.kind != "none":
        return None
    text = (
        f"INR did not answer to vitamin K on {day(response.dose_at)}: "
        f"{verdict.inr(response.inr_before)} before, {verdict.inr(response.inr_after)} after. "
        "Factors V and VIII tell liver failure from consumption."
    )
    return Evidence("no_vitamin_k_response", text, ("R29", "ED"))


def _albumin(case: Case, comparison: Comparison) -> Evidence | None:
    """Albumin falling beyond its reference change while bilirubin rises, over the same window."""
    reach = timedelta(hours=LIMITS.pairing_hours)
    first, last = comparison.baseline.at, comparison.latest.at
    albumin = [nearest(case, "albumin", at, reach) for at in (first, last)]
    bilirubin = [nearest(case, "bilirubin_total", at, reach) for at in (first, last)]
    results = [result for result, _ in albumin + bilirubin]
    if None in results:
        return None
    fell = results[1].value < results[0].value and beyond("albumin", results[0].value, results[1].value)
    if not fell or results[3].value <= results[2].value:
        return None
    text = (
        f"Albumin fell {results[0].value:.0f} → {results[1].value:.0f} g/L, beyond expected variation, "
        f"while bilirubin rose {results[2].value:.0f} → {results[3].value:.0f} µmol/L."
    )
    draws = tuple(dict.fromkeys(draw.id for _, draw in albumin + bilirubin))
    return Evidence("albumin_falling", text, ("S7", "ED"), draws)


def nearest(
    case: Case, analyte: str, at: datetime, reach: timedelta
) -> tuple[Result, Draw] | tuple[None, None]:
    """The result closest in time to `at`, no further than `reach`."""
    near = [
        (abs(draw.taken_at - at), draw.taken_at, draw.id, result, draw)
        for draw in case.between(at - reach, at + reach)
        if (result := draw.result(analyte))
    ]
    if not near:
        return None, None
    *_, result, draw = min(near, key=lambda item: item[:3])
    return result, draw
