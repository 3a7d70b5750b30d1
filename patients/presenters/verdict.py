"""How soon to act, the verdict in one sentence, what held it back, and what the rise of INR is attributed to."""

from dataclasses import dataclass
from datetime import datetime

from interpretation.evidence import Evidence
from interpretation.record.records import Report
from interpretation.rule.confounders import Confounder
from interpretation.rule.reasons import Reason

# These ask for an attribution even where nothing is recorded for or against the liver.
ATTRIBUTED = ("established", "not_interpretable")


@dataclass(frozen=True)
class VerdictCard:
    # How soon, by its key and in words; "" for whoever has died.
    level: str
    urgency: str
    act: str
    # "critical on 19 May", of the last 30 days.
    worse_before: str
    grade: str
    base_grade: str
    headline: str
    sentence: str
    # INR now, bilirubin and the likeliest treatable cause, where the sentence does not say them.
    beside: str
    why: str
    caps: tuple[Reason, ...]
    escalations: tuple[Reason, ...]
    baseline_at: datetime | None
    attribution: str
    shows_attribution: bool
    # For the liver first, then against it.
    evidence: tuple[Evidence, ...]
    confounded_by: tuple[Confounder, ...]


def verdict_card(report: Report, worse_before: str = "") -> VerdictCard:
    found, urgent = report.dissociation, report.urgency
    is_due = not (report.monitoring and report.monitoring.paused)
    recorded = found.evidence or found.caps or found.escalations
    return VerdictCard(
        level=urgent.level if is_due else "",
        urgency=urgent.name if is_due else "",
        act=urgent.act if is_due else "",
        worse_before=worse_before,
        grade=found.grade,
        base_grade=found.base_grade,
        headline=found.headline,
        sentence=found.sentence,
        beside=report.summary.partition(found.sentence.removeprefix(f"{found.headline}: "))[2].strip(),
        why=found.why,
        caps=found.caps,
        escalations=found.escalations,
        baseline_at=found.baseline_at,
        attribution=found.attribution,
        shows_attribution=bool(recorded) or found.grade in ATTRIBUTED,
        evidence=tuple(one for side in ("for", "against") for one in found.evidence if one.side == side),
        confounded_by=found.confounded_by,
    )
