"""How soon to act, the verdict in one sentence, what held it back, and what the rise of INR is attributed to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from interpretation.evidence import Evidence
from interpretation.record.records import Report
from interpretation.rule.confounders import Confounder
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN
from interpretation.rule.reasons import Reason
from interpretation.urgency import PRESSING
from interpretation.words import ATTRIBUTIONS, listed, lower_first
from patients.words import grade_word

# These ask for an attribution even where nothing is recorded for or against the liver.
ATTRIBUTED = ("established", "not_interpretable")


# Reasons of an urgency that only say the pattern again.
OF_PATTERN = frozenset({"critical", "established", "possible"})


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
    # Two chips: how severe ("" at routine), and the pattern with its attribution; which of them is filled.
    severity: str
    pattern: str
    fills: str
    # Class of the colour, the words beside it say the same.
    tone: str
    # Why so severe, why no more than that, the likeliest other cause: one line.
    line: tuple[str, ...]
    # INR now, bilirubin and the likeliest treatable cause in sentences, where there are no figures beside.
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


def verdict_card(report: Report, worse_before: str = "", slow_rise: str = "") -> VerdictCard:
    """`slow_rise`: what climbs over years, in words, which no window of the rule shows."""
    found, urgent = report.dissociation, report.urgency
    is_due = not (report.monitoring and report.monitoring.paused)
    level = urgent.level if is_due else ""
    said = _top(report, is_due)
    recorded = found.evidence or found.caps or found.escalations
    attributed = bool(recorded) or found.grade in ATTRIBUTED
    return VerdictCard(
        level=level,
        urgency=urgent.name if is_due else "",
        act=urgent.act if is_due else "",
        worse_before=worse_before,
        grade=found.grade,
        base_grade=found.base_grade,
        headline=found.headline,
        sentence=found.sentence,
        severity=_severity(found.grade, level, urgent.name),
        pattern=_pattern(found, attributed),
        fills=_fills(found.grade, level),
        tone=_tone(found.grade, level),
        line=(*filter(None, [slow_rise]), *_line(report, level, said)),
        beside=" ".join(said[part] for part in ("inr", "bilirubin", "cause") if part in said),
        why=found.why,
        caps=found.caps,
        escalations=found.escalations,
        baseline_at=found.baseline_at,
        attribution=found.attribution,
        shows_attribution=attributed,
        evidence=tuple(one for side in ("for", "against") for one in found.evidence if one.side == side),
        confounded_by=found.confounded_by,
    )


def _top(report: Report, is_due: bool) -> dict[str, str]:
    """What the top sentence says; after death there is nothing left to exclude."""
    return {part: text for part, text in report.top.items() if is_due or part != "cause"}


def _severity(grade: str, level: str, name: str) -> str:
    """ "Critical · today", "24 to 48 h"; nothing where nothing presses."""
    if grade == "critical":
        return f"Critical · {lower_first(name)}" if level else "Critical"
    return "" if level in ("", "routine") else name


def _fills(grade: str, level: str) -> str:
    """Only what drives the page is filled; nothing, where nothing does."""
    if grade == "critical" or level in PRESSING:
        return "severity"
    return "" if grade in ("none", "not_assessable") else "pattern"


def _tone(grade: str, level: str) -> str:
    if grade == "critical" or grade == "not_interpretable":
        return grade
    return f"level-{level}" if level in PRESSING else grade


def _pattern(found: Dissociation, attributed: bool) -> str:
    """ "Established · a hepatic cause is supported"; of no pattern the headline, which says what confounds."""
    shown = found.grade in PATTERN
    words = grade_word(found.base_grade) if shown else found.headline
    if not attributed or (found.attribution == "confounded" and not shown):
        return words
    return f"{words} · {ATTRIBUTIONS[found.attribution]}"


def _line(report: Report, level: str, top: dict[str, str]) -> Iterator[str]:
    found, urgent = report.dissociation, report.urgency
    if unsaid := _unsaid(found):
        yield f"Critical because of {listed(unsaid)}"
    elif level not in ("", "routine"):
        said = next((r.text for r in urgent.reasons if r.code not in OF_PATTERN), "")
        if said:
            yield f"{urgent.name}: {said}"
    if found.caps:
        held = "; ".join(lower_first(cap.text.rstrip(".")) for cap in found.caps)
        yield f"Pattern held at {lower_first(grade_word(found.base_grade))}: {held}"
    elif found.grade not in PATTERN:
        yield from (r.text.rstrip(".") for r in found.reasons[:2] if not _is_said(r.text, found))
    yield from (top[part].rstrip(".") for part in ("inr", "cause") if part in top)


def _unsaid(found: Dissociation) -> list[str]:
    """What makes it critical beyond the sentence; that INR is high only where nothing else does: it stands in
    the sentence, in the numeral and on the chart."""
    unsaid = [reason for reason in found.escalations if not _is_said(reason.text, found)]
    beyond = [reason for reason in unsaid if reason.code != "inr"]
    only = unsaid if len(found.escalations) == 1 else beyond
    return [reason.text for reason in only]


def _is_said(text: str, found: Dissociation) -> bool:
    """The sentence above says it already, each of its parts or more than it."""
    sentence = found.sentence.removeprefix(found.headline).lstrip(":. ").rstrip(".").casefold()
    parts = text.rstrip(".").casefold().split(" and ")
    return all(part in sentence for part in parts) or sentence in text.casefold()
