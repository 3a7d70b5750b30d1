"""4.2 steps 1 to 6 with 4.4 a, b, d, e and f: the grade and what it rests on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.interpretation.alternative.course import Course, inr_course
from tests.interpretation.alternative.findings import (
    beside,
    bilirubin_is_improving,
    has_event,
    hepatic_evidence,
    soft_confounders,
)
from tests.interpretation.alternative.limits import (
    CHRONIC,
    ENZYMES,
    EPS,
    FALL,
    JAUNDICE,
    LOOK_BACK,
    OTHER,
    PROBABLE_FALL,
    REGIMES,
    RISE,
    above,
    at_least,
    at_most,
    rise,
)
from tests.interpretation.alternative.pairs import Pair, paired_draws
from tests.interpretation.alternative.record import Inr, Record, Value
from tests.interpretation.alternative.statistics import days, median, tau_b
from tests.interpretation.alternative.vitamin_k import Trial, trial_bearing_on

GRADES = ("not_assessable", "not_interpretable", "none", "possible", "established", "critical")
PATTERN = ("possible", "established", "critical")


class Reading(NamedTuple):
    """One comparison: an enzyme's fall, or quiet enzymes, within one window."""

    grade: str
    base: str
    regime: str = ""
    enzyme: str = ""
    baseline_at: datetime | None = None
    latest_at: datetime | None = None
    transaminase_state: str = ""
    inr_state: str = ""
    inr_from: float = 0
    inr_to: float = 0
    critical_for: tuple[str, ...] = ()
    caps: tuple[str, ...] = ()


class Graded(NamedTuple):
    worst: Reading
    readings: tuple[Reading, ...] = ()


class Window(NamedTuple):
    """4.2 step 1: the paired draws of one regime up to *j*, and every ALT and AST until the window closes."""

    record: Record
    regime: str
    look_back: float
    gap: float
    pairs: list[Pair]
    enzymes: dict[str, list[Value]]
    all_548: list[Inr]

    @property
    def latest(self) -> Pair:
        return self.pairs[-1]

    @property
    def early(self) -> list[Pair]:
        return [p for p in self.pairs if days(self.latest.at, p.at) >= self.gap - EPS]


def grade(record: Record) -> Graded:
    """4.2 step 6 over the worst of all windows."""
    everything = paired_draws(record, record.inrs, "chronic", 48)
    if _transplanted_lately(record, everything) or len(everything) < 2:
        return Graded(Reading("not_assessable", "not_assessable"))
    readings = [r for regime in REGIMES for r in _of_regime(record, regime, everything)]
    found = max(readings, key=_severity, default=Reading("not_assessable", "not_assessable"))
    if found.grade in PATTERN:
        return Graded(found, tuple(readings))
    return Graded(_without_pattern(record, found, everything), tuple(readings))


def _transplanted_lately(record: Record, everything: list[Pair]) -> bool:
    """4.2, edge cases: no grade for 14 days."""
    latest = everything[-1].at if everything else record.as_of
    return record.transplant is not None and latest - record.transplant < timedelta(days=14)


def _severity(reading: Reading) -> tuple[object, ...]:
    """The worst grade, then base; then the clearer states; the first of equals (acute, ALT) is kept."""
    clear = reading.transaminase_state in ("falling", "quiet")
    return GRADES.index(reading.grade), GRADES.index(reading.base), clear, reading.inr_state == "rise"


def _without_pattern(record: Record, found: Reading, everything: list[Pair]) -> Reading:
    """4.2: under a hard confounder not interpretable; a masked latest draw is never "none"."""
    laboratory = [i for i in record.inrs if not i.point_of_care]
    bad = [v for v in record.bad_inrs if v.method != "point_of_care" and _lately(everything, v.at)]
    bad_later = bad and (not laboratory or bad[-1].at - laboratory[-1].at > timedelta(hours=4))
    if bad_later or (laboratory and laboratory[-1].hard):
        return Reading("not_interpretable", "not_interpretable")
    latest = [p for p in everything if not p.inr.point_of_care][-1:]
    if latest and latest[0].inr.masked:
        return Reading("not_assessable", "not_assessable")
    return found


def _lately(everything: list[Pair], at: datetime) -> bool:
    """Within 548 days of the latest paired draw: what is older says nothing of it."""
    return bool(everything) and days(everything[-1].at, at) <= LOOK_BACK + EPS


def _of_regime(record: Record, regime: str, everything: list[Pair]) -> list[Reading]:
    """A point-of-care INR is never *j*; earlier ones are read both as part of the series and left out."""
    hours = REGIMES[regime][2]
    clean = paired_draws(record, [i for i in record.inrs if not i.hard], regime, hours)
    laboratory = [p for p in clean if not p.inr.point_of_care]
    if not laboratory or days(everything[-1].at, laboratory[-1].at) > LOOK_BACK + EPS:
        return []
    if regime == "acute" and _is_over(record, laboratory[-1]):
        return []
    mixed = [*(p for p in clean if p.at < laboratory[-1].at), laboratory[-1]]
    series = [laboratory] if mixed == laboratory else [laboratory, mixed]
    return [r for pairs in series for r in _on_unmasked(record, regime, pairs)]


def _is_over(record: Record, latest: Pair) -> bool:
    """An acute course that ended more than 14 days before the latest draw that can be read."""
    readable = [i for i in record.inrs if not i.hard and not i.point_of_care]
    return days(paired_draws(record, readable, "chronic", 48)[-1].at, latest.at) > 14 + EPS


def _on_unmasked(record: Record, regime: str, pairs: list[Pair]) -> list[Reading]:
    """4.2, masking: an INR that still rises keeps its finding; the last unmasked draw is graded too."""
    unmasked = [p for p in pairs if not p.inr.masked]
    latest = pairs[-1]
    if not latest.inr.masked:
        return _compare(record, regime, unmasked)
    still = _compare(record, regime, [*unmasked, latest])
    kept = [r for r in still if r.grade in PATTERN and r.inr_state == "rise"]
    while unmasked and unmasked[-1].inr.point_of_care:
        unmasked.pop()
    if not unmasked or days(latest.at, unmasked[-1].at) > LOOK_BACK + EPS:
        return kept
    return kept + _compare(record, regime, unmasked)


def _compare(record: Record, regime: str, pairs: list[Pair]) -> list[Reading]:
    window = _window(record, regime, pairs)
    if not window.early:
        return []
    trial = trial_bearing_on(record, window.latest.at)
    readings = [_falling(window, e, trial) for e in ENZYMES]
    if is_quiet(window):
        readings.append(_quiet(window, trial))
    return [r for r in readings if r]


def _window(record: Record, regime: str, pairs: list[Pair]) -> Window:
    look_back, gap, _ = REGIMES[regime]
    start = pairs[-1].at - timedelta(days=look_back)
    enzymes = {e: _within(record.of(e), start, pairs[-1].closes, regime) for e in ENZYMES}
    inside = [p for p in pairs if start <= p.at]
    return Window(record, regime, look_back, gap, inside, enzymes, _all_548(record, pairs))


def _within(values: list[Value], start: datetime, end: datetime, regime: str) -> list[Value]:
    return [v for v in values if start <= v.at <= end and (v.hour_known or regime != "acute")]


def _all_548(record: Record, pairs: list[Pair]) -> list[Inr]:
    """The paired INRs that nested windows are held against: of the same series of draws."""
    readable = [i for i in record.inrs if not i.hard and not i.masked]
    if not any(p.inr.point_of_care for p in pairs):
        readable = [i for i in readable if not i.point_of_care]
    return [p.inr for p in paired_draws(record, readable, "chronic", 48)]


# --- Falling enzymes --------------------------------------------------------------------------------------


def _falling(window: Window, enzyme: str, trial: Trial | None) -> Reading | None:
    """4.2 step 2: *i* is the earliest draw with the highest value that is the minimum gap before *j*."""
    latest = window.latest
    have = [p for p in window.early if enzyme in p.enzymes]
    if enzyme not in latest.enzymes or not have:
        return None
    highest = max(p.enzymes[enzyme].value for p in have)
    first = next(p for p in have if at_least(p.enzymes[enzyme].value, highest))
    state = transaminase_state(first, latest, enzyme)
    inr = inr_state(first, latest, enzyme, state, window.regime)
    pattern = state in ("falling", "probably_falling") and inr != "no_rise"
    caps = _falling_caps(window, first, enzyme, state, inr, trial) if pattern else ()
    changed = first.inr.series != latest.inr.series
    held = changed and not at_least(latest.inr.value / first.inr.value, 1.5)
    critical = _critical_for(window, inr == "rise" and not held) if pattern else ()
    base = "none" if not pattern else ("possible" if caps else "established")
    return _reading(window, base, critical, caps, trial)._replace(
        enzyme=enzyme,
        baseline_at=first.at,
        transaminase_state=state,
        inr_state=inr,
        inr_from=first.inr.value,
    )


def transaminase_state(first: Pair, latest: Pair, enzyme: str) -> str:
    """4.2 step 3."""
    a, b = first.enzymes[enzyme], latest.enzymes[enzyme]
    entry = _times(a, 1.5) or (_over_limit(a) and not _over_limit(b))
    fall = 1 - b.value / a.value
    if not (entry and at_least(fall, PROBABLE_FALL[enzyme])):
        return "not_falling"
    other = OTHER[enzyme]
    if other in first.enzymes and other in latest.enzymes:
        c, d = first.enzymes[other], latest.enzymes[other]
        if at_least(d.value / c.value - 1, RISE[other]) and _over_limit(d):
            return "opposed"
    return "falling" if at_least(fall, FALL[enzyme]) else "probably_falling"


def inr_state(first: Pair, latest: Pair, enzyme: str, state: str, regime: str) -> str:
    """4.2 step 4."""
    i, j = first.inr.value, latest.inr.value
    if rise(i, j):
        return "rise"
    standing = at_least(i, 1.5) and at_least(j, 1.5) and above(j / i, 0.89)
    long_enough = days(latest.at, first.at) >= 1 - EPS
    high = state == "falling" and _times(first.enzymes[enzyme], 5)
    return "non_recovering" if regime != "chronic" and high and long_enough and standing else "no_rise"


def _falling_caps(
    window: Window, first: Pair, enzyme: str, state: str, inr: str, trial: Trial | None
) -> tuple[str, ...]:
    """4.2 step 6, what "established" lacks."""
    latest = window.latest
    between = [p for p in window.pairs if first.at <= p.at <= latest.at]
    places = {(s.inr.series, s.enzymes[enzyme].laboratory) for s in between if enzyme in s.enzymes}
    places |= {(s.inr.series, first.enzymes[enzyme].laboratory) for s in between if enzyme not in s.enzymes}
    found = {
        "probably_falling": state != "falling",
        "non_recovering": inr != "rise",
        "trend": not _trend_gate(between, enzyme),
        "series": len(places) > 1,
        "early": window.regime == "acute" and not _past_the_peak(window, enzyme),
    }
    return (*(cap for cap, holds in found.items() if holds), *_common_caps(window, first.at, trial))


def _trend_gate(between: list[Pair], enzyme: str) -> bool:
    """4.2 step 5 over distinct results at their own times (4.4 a)."""
    enzymes = sorted({p.enzymes[enzyme] for p in between if enzyme in p.enzymes}, key=lambda v: v.at)
    inrs = [(p.at, p.inr.value) for p in between]
    if len(enzymes) < 3 or len(inrs) < 3:
        return False
    falls, rises = tau_b([(v.at, v.value) for v in enzymes]), tau_b(inrs)
    return falls is not None and rises is not None and at_most(falls, -0.6) and at_least(rises, 0.6)


def _past_the_peak(window: Window, enzyme: str) -> bool:
    """Acute: INR_j >= 1.5 and at least 24 h after the enzyme's peak of the window."""
    peak = max(window.enzymes[enzyme], key=lambda v: (v.value, -v.at.timestamp()))
    return at_least(window.latest.inr.value, 1.5) and days(window.latest.at, peak.at) >= 1 - EPS


# --- Quiet enzymes ----------------------------------------------------------------------------------------


def is_quiet(window: Window) -> bool:
    """4.4 b: everything below 1.5 x its limit, and no enzyme up at *j* beyond its reference change."""
    if any(_times(v, 1.5) for values in window.enzymes.values() for v in values):
        return False
    return not any(_risen(v, window.enzymes[e]) for e, v in window.latest.enzymes.items())


def _risen(value: Value, values: Sequence[Value]) -> bool:
    earlier = [v.value for v in values if v.at < value.at]
    if not earlier or not _over_limit(value):
        return False
    return above(value.value / median(earlier) - 1, RISE[value.analyte])


def _quiet(window: Window, trial: Trial | None) -> Reading | None:
    """4.4 b: the table over the paired INRs of the window."""
    course = inr_course(
        [p.inr for p in window.pairs], window.regime, window.look_back, window.gap, window.all_548
    )
    if course is None:
        return None
    first = course.earlier[0].at
    caps = _quiet_caps(window, course, trial) if course.possible else ()
    held = course.changed_series and not at_least(window.latest.inr.value / course.m, 1.5)
    critical = _critical_for(window, not held) if course.possible else ()
    base = "none" if not course.possible else ("possible" if caps else "established")
    return _reading(window, base, critical, caps, trial)._replace(
        baseline_at=first,
        transaminase_state="quiet",
        inr_state="rise" if course.possible else "no_rise",
        inr_from=course.m,
    )


def _quiet_caps(window: Window, course: Course, trial: Trial | None) -> tuple[str, ...]:
    found = {
        "column": not course.established,
        "no_chronic_disease": not window.record.has_diagnosis(CHRONIC, window.record.as_of),
        "series": not course.one_series,
    }
    caps = (cap for cap, holds in found.items() if holds)
    return (*caps, *_common_caps(window, course.earlier[0].at, trial))


# --- Both -------------------------------------------------------------------------------------------------


def _common_caps(window: Window, since: datetime, trial: Trial | None) -> tuple[str, ...]:
    """4.2 soft confounders, 4.4 e (partial, rebound) and f."""
    record, at = window.record, window.latest.at
    kind = trial.kind if trial else ""
    evidence = hepatic_evidence(record, since, at, kind == "non_responder")
    found = {
        "soft": bool(soft_confounders(record, at)) and not evidence,
        "vitamin_k": kind in ("partial", "rebound"),
        "bilirubin_improving": bilirubin_is_improving(record, since, at),
    }
    return tuple(cap for cap, holds in found.items() if holds)


def _critical_for(window: Window, rises: bool) -> tuple[str, ...]:
    """4.2 step 6, critical; `rises` is false where a change of laboratory holds the limit of INR back."""
    record, latest = window.record, window.latest
    inr, at = latest.inr.value, latest.at
    child = record.age_below(18, at)
    raised = at_least(inr, 1.5)
    encephalopathy = raised and has_event(record, "encephalopathy", at)
    bilirubin = beside(record, "bilirubin_total", at)
    jaundiced = raised and bilirubin is not None and at_least(bilirubin.value, JAUNDICE)
    found = {
        "inr_limit": rises and at_least(inr, 2.0 if child else 2.1),
        "encephalopathy": encephalopathy,
        "fast": raised and window.regime == "acute" and _up_within_48_h(window.pairs),
        "jaundice": jaundiced and (encephalopathy or has_event(record, "ascites", at)),
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _up_within_48_h(pairs: list[Pair]) -> bool:
    latest = pairs[-1]
    recent = [p for p in pairs if days(latest.at, p.at) <= 2 + EPS and not p.inr.masked]
    return any(at_least(latest.inr.value - p.inr.value, 0.5) for p in recent)


def _reading(
    window: Window, base: str, critical: tuple[str, ...], caps: tuple[str, ...], trial: Trial | None
) -> Reading:
    """4.4 e: a response withdraws the grade, except critical for encephalopathy or jaundice."""
    if trial and trial.kind == "responder" and base != "none":
        critical = tuple(c for c in critical if c in ("encephalopathy", "jaundice"))
        base = "possible" if critical else "none"
        caps = (*caps, "responder")
    return Reading(
        "critical" if critical else base,
        base,
        regime=window.regime,
        latest_at=window.latest.at,
        inr_to=window.latest.inr.value,
        critical_for=critical,
        caps=caps,
    )


def _times(value: Value, factor: float) -> bool:
    return value.limit is not None and at_least(value.value, factor * value.limit)


def _over_limit(value: Value) -> bool:
    return value.limit is not None and above(value.value, value.limit)
