"""Steps 1 and 6 of the rule: the windows, what holds "established" back, what makes it critical.

[clinical.md 4.2]
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from interpretation import words
from interpretation.knowledge import limits, load
from interpretation.record.records import Case, Draw, Event, Result
from interpretation.rule.attribution import encephalopathy, present
from interpretation.rule.comparison import DAY, TOLERANCE, Comparison, compare
from interpretation.rule.course import InrCourse
from interpretation.rule.pairing import HOUR, Pair, between
from interpretation.rule.reading import PreparedCase
from interpretation.rule.reasons import Reason, drawn, reason
from interpretation.vitamin_k import Trial

LIMITS = limits("dissociation").read_by(
    __name__,
    "chronic_lookback_days pairing_hours falling_ALT falling_AST trend_draws trend_tau "
    "established_acute_inr established_acute_hours critical_inr critical_inr_child "
    "critical_inr_complicated critical_step critical_step_hours critical_bilirubin critical_method_ratio "
    "bilirubin_down albumin_down albumin_days entry_without_limit",
)
load("causes").read_by(__name__, "cause")
load("reasons").read_by(__name__, "cap escalation")
REACH = LIMITS.chronic_lookback_days * DAY + 1e-3
GRADES = ("critical", "established", "possible", "not_interpretable", "none", "not_assessable")
# The grades in which the dissociation is there, the worst first.
PATTERN = GRADES[:3]
# What is compared to find the worst: grade, grade without what escalates it, clearness, a true rise.
Severity = tuple[int, int, int, bool]
CLEARNESS = {"falling": 3, "quiet": 2, "probably_falling": 1}


@dataclass(frozen=True)
class Finding:
    """One comparison, graded."""

    comparison: Comparison
    grade: str
    base_grade: str
    caps: tuple[Reason, ...] = ()
    escalations: tuple[Reason, ...] = ()

    @property
    def severity(self) -> Severity:
        return severity(self.comparison, self.grade, self.base_grade)


@dataclass
class Candidate:
    """A comparison with what would make it critical; what holds it back has not been asked yet."""

    comparison: Comparison
    escalations: tuple[Reason, ...] = ()

    @property
    def most(self) -> Severity:
        """Its severity if nothing holds it back: no finding of it is worse."""
        if not self.comparison.pattern:
            return severity(self.comparison, "none", "none")
        return severity(self.comparison, "critical" if self.escalations else "established", "established")


def severity(comparison: Comparison, grade: str, base_grade: str) -> Severity:
    """Worse is greater; a clean fall and a true rise come before their weaker forms."""
    return (
        -GRADES.index(grade),
        -GRADES.index(base_grade),
        CLEARNESS.get(comparison.transaminase_state, 0),
        comparison.inr_state == "rise",
    )


def worst(reading: PreparedCase, candidates: list[Candidate]) -> Finding | None:
    """The worst finding, of equals the first; what holds back one that cannot be worse is never asked."""
    ranked = sorted(((c.most, -place, c) for place, c in enumerate(candidates)), reverse=True)
    best: Finding | None = None
    reached: tuple[Severity, int] | tuple[()] = ()
    for most, place, candidate in ranked:
        if best and reached >= (most, place):
            break
        finding = _finding(reading, candidate)
        if best is None or (finding.severity, place) > reached:
            best, reached = finding, (finding.severity, place)
    return best


def candidates_of(reading: PreparedCase, regime: str) -> list[Candidate]:
    """The comparisons of one window: of plasma INRs alone, then with point-of-care ones as earlier draws."""
    readable = reading.readable(regime)
    laboratory = reading.laboratory(readable)
    if not laboratory or not reading.is_current(laboratory[-1]) or reading.is_over(regime, laboratory[-1]):
        return []
    found = _series(reading, regime, laboratory)
    until = laboratory[-1].seconds
    earlier = [p for p in readable if p.seconds < until] if len(readable) > len(laboratory) else []
    if len(earlier) >= len(laboratory):
        found += _series(reading, regime, [*earlier, laboratory[-1]])
    return found


def _series(reading: PreparedCase, regime: str, pairs: list[Pair]) -> list[Candidate]:
    """Grade the last draw; when blood products may hide its INR, the last one before them."""
    unmasked = reading.unmasked(pairs)
    latest = pairs[-1]
    if not reading.masking(latest):
        return _compared(reading, regime, unmasked, latest)
    kept = [
        f
        for f in _compared(reading, regime, [*unmasked, latest], latest)
        if f.comparison.pattern and f.comparison.inr_state == "rise"
    ]
    if not unmasked or unmasked[-1].point_of_care:
        return kept
    # A masked INR that rises all the same is kept; the last one before the products may have been worse.
    before = _compared(reading, regime, unmasked, unmasked[-1])
    return kept + [f for f in before if not kept or f.comparison.pattern]


def _compared(reading: PreparedCase, regime: str, pairs: list[Pair], latest: Pair) -> list[Candidate]:
    quiet = reading.quiet(regime, latest)
    compared = compare(
        regime,
        pairs,
        latest,
        quiet=quiet,
        year=_year(reading, pairs, latest) if quiet and regime != "chronic" else None,
        sex=reading.case.sex,
        child=reading.is_child(latest.at),
    )
    return [Candidate(c, _escalations(reading, c, pairs) if c.pattern else ()) for c in compared]


def _year(reading: PreparedCase, compared: list[Pair], latest: Pair) -> list[Pair]:
    """The readable paired draws of the 548 days up to this one; of any method where those compared are."""
    pairs = reading.unmasked(reading.readable("chronic"))
    if not any(pair.point_of_care for pair in compared):
        pairs = reading.laboratory(pairs)
    earlier = [p for p in pairs if latest.seconds - REACH <= p.seconds < latest.seconds]
    return [*earlier, latest]


def _finding(reading: PreparedCase, candidate: Candidate) -> Finding:
    comparison, escalations = candidate.comparison, candidate.escalations
    if not comparison.pattern:
        return Finding(comparison, "none", "none")
    caps = _caps(reading, comparison, reading.vitamin_k(comparison.latest))
    base = "possible" if caps else "established"
    return Finding(comparison, "critical" if escalations else base, base, caps, escalations)


def _caps(reading: PreparedCase, comparison: Comparison, trial: Trial | None) -> tuple[Reason, ...]:
    """What holds "established" back. Step 6."""
    caps = _pattern_caps(reading, comparison) + _trend_caps(comparison)
    if not comparison.one_series:
        caps.append(_mixed(comparison))
    if trial and trial.kind in ("partial", "rebound"):
        caps.append(reason("cap", f"vitamin_k_{trial.kind}", trial.draws, answer=trial.mixed))
    caps += filter(None, [_improving(reading.case, comparison)])
    if not any(found.side == "for" for found in reading.evidence(comparison)):
        caps += [
            replace(reason("cap", "soft", cause=c.words), code=f"soft:{c.key}", sources=c.sources)
            for c in reading.soft(comparison.latest)
        ]
    return tuple(caps + _contributing(reading.case))


def _mixed(comparison: Comparison) -> Reason:
    """A repeat in the laboratory of the baseline does not lift the cap while another laboratory's draw lies
    between (clinical.md 4.2: all draws from i to j), but what that laboratory alone shows is said."""
    draws = drawn(comparison.between)
    if comparison.baseline.series != comparison.latest.series:
        return reason("cap", "method.ends", draws)
    own = [p for p in comparison.between if p.series == comparison.latest.series]
    inrs = " → ".join(words.value(p.inr) for p in (own[0], own[-1]))
    return reason("cap", "method.between", draws, inrs=inrs, count=len(own))


def _pattern_caps(reading: PreparedCase, comparison: Comparison) -> list[Reason]:
    if comparison.course:
        known = reading.case.liver_diseases(reading.case.as_of.date())
        return [] if known else [reason("cap", "no_chronic_liver_disease")]
    caps = []
    if comparison.without_limit:
        level = words.number(LIMITS.entry_without_limit)
        caps.append(reason("cap", "no_limit", enzyme=comparison.enzyme, level=level))
    if comparison.transaminase_state == "probably_falling":
        least = words.share(getattr(LIMITS, f"falling_{comparison.enzyme}"))
        caps.append(reason("cap", "probably_falling", enzyme=comparison.enzyme, least=least))
    if comparison.inr_state == "non_recovering":
        caps.append(reason("cap", "non_recovering"))
    return caps + _acute_caps(reading, comparison) if comparison.regime == "acute" else caps


def _acute_caps(reading: PreparedCase, comparison: Comparison) -> list[Reason]:
    caps = []
    if comparison.latest.inr.value < LIMITS.established_acute_inr - TOLERANCE:
        now, least = words.value(comparison.latest.inr), words.inr(LIMITS.established_acute_inr)
        caps.append(reason("cap", "acute_inr", inr=now, least=least))
    since_peak = comparison.latest.seconds - reading.peak_seconds("acute", comparison)
    if since_peak < LIMITS.established_acute_hours * HOUR - 1e-3:
        caps.append(reason("cap", "acute_early"))
    return caps


def _trend_caps(comparison: Comparison) -> list[Reason]:
    if comparison.course:
        return _course_caps(comparison, comparison.course)
    if comparison.n < LIMITS.trend_draws:
        count = words.counted(comparison.n, "paired draw")
        return [reason("cap", "trend_draws", count=count, least=LIMITS.trend_draws)]
    gate = LIMITS.trend_tau - TOLERANCE
    enzyme, inr = comparison.tau_enzyme, comparison.tau_inr
    caps = []
    if enzyme is None or enzyme > -gate:
        caps.append(reason("cap", "trend_enzyme", enzyme=comparison.enzyme, tau=_tau(enzyme, -1)))
    if inr is None or inr < gate:
        caps.append(reason("cap", "trend_inr", tau=_tau(inr, 1)))
    return caps


def _course_caps(comparison: Comparison, course: InrCourse) -> list[Reason]:
    """Quiet enzymes: the column "established" of the table. [clinical.md 4.4 b]"""
    if course.consistent:
        return []
    if course.draws < LIMITS.trend_draws:
        return [reason("cap", "one_earlier")]
    if course.line is None:
        return [reason("cap", "trend_inr", tau=_tau(course.tau, 1))]
    return [reason("cap", "three_draws", drawn(comparison.between))]


def _improving(case: Case, comparison: Comparison) -> Reason | None:
    """Bilirubin falls beyond its reference change while albumin holds: against failing. [clinical.md 4.4 f]"""
    first, last = comparison.baseline.at, comparison.latest.at
    if encephalopathy(case, last):
        return None
    reach = timedelta(hours=LIMITS.pairing_hours)
    bilirubin = [case.nearest("bilirubin_total", at, reach) for at in (first, last)]
    if not _fell(bilirubin, LIMITS.bilirubin_down):
        return None
    albumin = [case.nearest("albumin", at, reach) for at in (first, last)]
    long_enough = last - first >= timedelta(days=LIMITS.albumin_days)
    if long_enough and _fell(albumin, LIMITS.albumin_down):
        return None
    levels = " → ".join(words.value(result) for result, _ in bilirubin if result)
    return reason("cap", "improving", tuple(draw.id for _, draw in bilirubin if draw), levels=levels)


def _fell(found: list[tuple[Result, Draw] | tuple[None, None]], down: float) -> bool:
    """Beyond this share, from the first to the last; a bound counts by its number."""
    (first, first_draw), (last, last_draw) = found
    if first is None or last is None or first_draw is last_draw or first.value <= 0:
        return False
    return last.value < first.value * (1 - down) - TOLERANCE


def _tau(tau: float | None, sign: int) -> str:
    if tau is None:
        return ""
    return f" (Kendall τ {words.number(tau, 2)}, needed {words.number(sign * LIMITS.trend_tau, 2)})"


def _contributing(case: Case) -> list[Reason]:
    judged = [r.cause for r in case.latest_reviews.values() if r.verdict == "contributing"]
    return [
        replace(reason("cap", "contributing", cause=cause_name(cause)), code=f"contributing:{cause}")
        for cause in judged
    ]


def cause_name(key: str) -> str:
    cause = load("causes")["cause"].get(key)
    return cause["name"] if cause else key.replace("_", " ")


def _escalations(reading: PreparedCase, comparison: Comparison, pairs: list[Pair]) -> tuple[Reason, ...]:
    """What makes a possible or established finding critical; `pairs` are those compared. Step 6."""
    case, latest = reading.case, comparison.latest
    inr = latest.inr.value + TOLERANCE
    child = reading.is_child(latest.at)
    found = [_inr_limit(comparison, child), _step(reading, comparison, pairs)]
    if inr >= LIMITS.critical_inr_complicated:
        episode = encephalopathy(case, latest.at)
        if episode:
            grade = f" grade {episode.grade}" if episode.grade else ""
            found.append(reason("escalation", "encephalopathy", grade=grade))
        found.append(_jaundice(case, latest, episode))
    return tuple(reason for reason in found if reason)


def _inr_limit(comparison: Comparison, child: bool) -> Reason | None:
    limit = LIMITS.critical_inr_child if child else LIMITS.critical_inr
    ratio = comparison.inr_ratio or 0.0
    enough = comparison.comparable_ends or ratio >= LIMITS.critical_method_ratio - TOLERANCE
    if comparison.inr_state == "rise" and comparison.latest.inr.value >= limit - TOLERANCE and enough:
        key = "inr.child" if child else "inr.adult"
        return reason("escalation", key, comparison.latest.draws, limit=f"{limit:.1f}")
    return None


def _step(reading: PreparedCase, comparison: Comparison, pairs: list[Pair]) -> Reason | None:
    """Acute window: INR up by half a unit within two days."""
    latest = comparison.latest
    if comparison.regime != "acute" or latest.inr.value < LIMITS.critical_inr_complicated - TOLERANCE:
        return None
    first = latest.seconds - LIMITS.critical_step_hours * HOUR - 1e-3
    for earlier in between(pairs, first, latest.seconds):
        if earlier.seconds < latest.seconds:
            step = latest.inr.value - earlier.inr.value
            if step >= LIMITS.critical_step - TOLERANCE and not reading.masking(earlier):
                signs = earlier.inr.comparator, latest.inr.comparator
                size = words.at_least(f"{step:.1f}", step, signs)
                key = "inr_step.by" if size else "inr_step.some"
                return reason("escalation", key, earlier.draws + latest.draws, step=size)
    return None


def _jaundice(case: Case, latest: Pair, episode: Event | None) -> Reason | None:
    ascites = [e for e in present(case, "ascites", latest.at) if e.grade != 0]
    if not (ascites or episode):
        return None
    bilirubin, draw = case.nearest("bilirubin_total", latest.at, timedelta(hours=LIMITS.pairing_hours))
    if bilirubin is None or draw is None or bilirubin.value < LIMITS.critical_bilirubin - TOLERANCE:
        return None
    sign = "ascites" if ascites else "encephalopathy"
    return reason("escalation", "jaundice", (draw.id,), bilirubin=words.value(bilirubin), sign=sign)
