"""What injured the liver, as far as the record says: the subtypes of post-acute injury. [clinical.md 5]"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.record.records import Diagnosis, Event, Result
from interpretation.rule.comparison import TOLERANCE, upper_limit
from interpretation.rule.confounders import active
from interpretation.rule.soft_confounders import ACUTE_DIAGNOSES

from ..knowledge import limits, load
from ..words import share
from .picture import LIMITS, SHARED, Picture

LIMITS.read_by(
    __name__,
    "ischaemic_AST ischaemic_fall ischaemic_fall_hours drug_exposure_days r_hepatocellular r_cholestatic "
    "ldh_hours",
)
SHARED.read_by(__name__, "soft_days")
load("causes").read_by(__name__, "labels")

ONSET = limits("scores").read_by(__name__, "onset_multiple").onset_multiple - TOLERANCE


@dataclass(frozen=True)
class Fall:
    """The share that was lost, with the draws that show it; `least`: from a bound, so at least so much."""

    share: float
    draws: tuple[str, ...]
    least: bool

    @property
    def words(self) -> str:
        return f"{'at least ' if self.least else ''}{share(self.share)}"


CIRCULATORY = {
    "heart_failure": "heart failure",
    "right_heart_failure": "right-heart failure",
    "fontan": "Fontan circulation",
    "sepsis": "sepsis",
}


def named_subtypes(p: Picture) -> tuple[str, ...]:
    """Every subtype with a cause in the record; paracetamol is the drug where both are named."""
    named = [key for key, test in SUBTYPES.items() if test(p)]
    if "paracetamol" in named and "drug_induced" in named:
        named.remove("drug_induced")
    return tuple(named)


def circulatory_failure(p: Picture) -> list[str]:
    """Heart failure and the like that stand at the peak; sepsis only where it is of those two weeks."""
    found = {d.kind for d in standing(p) if d.kind in CIRCULATORY and d.kind not in ACUTE_DIAGNOSES}
    reach = timedelta(days=SHARED.soft_days)
    for d in p.case.diagnoses:
        near = d.noted_on is None or abs(d.noted_on - p.injury.at.date()) <= reach
        if d.kind in ACUTE_DIAGNOSES and near:
            found.add(d.kind)
    return [words for kind, words in CIRCULATORY.items() if kind in found]


def standing(p: Picture) -> list[Diagnosis]:
    """Diagnoses not resolved before the peak."""
    day = p.injury.at.date()
    return [d for d in p.case.diagnoses if d.resolved_on is None or d.resolved_on >= day]


def fall_in_72_hours(p: Picture) -> Fall | None:
    """The greatest share that AST (else ALT) lost within 72 hours of its peak; None where not measured."""
    peak = p.peaks.get("AST") or p.peaks.get("ALT")
    if peak is None or peak.result.value <= 0:
        return None
    last = peak.at + timedelta(hours=LIMITS.ischaemic_fall_hours)
    later = [
        (r.value, draw, r.comparator)
        for at, r, draw in p.series[peak.enzyme]
        if peak.at < at <= last and r.comparator[:1] != ">"
    ]
    if not later:
        return None
    lowest, draw, comparator = min(later)
    least = bool(comparator or peak.result.comparator)
    return Fall(1 - lowest / peak.result.value, (peak.draw, draw), least)


def paracetamol_exposures(p: Picture) -> list[Event]:
    labels = load("causes")["labels"]["paracetamol"]
    return [e for e in exposures(p) if any(part in e.label.casefold() for part in labels)]


def exposures(p: Picture) -> list[Event]:
    """Hepatotoxic drugs taken in the 90 days before the peak."""
    reach = timedelta(days=LIMITS.drug_exposure_days)
    return [e for e in p.case.events if e.kind == "hepatotoxic_drug" and active(e, p.injury.at, reach)]


def _ischaemic(p: Picture) -> bool:
    """Coded, or failure of circulation with a high AST (Ghent) that halves within 72 hours. [R53, GK]"""
    if is_coded(p, "ischaemic"):
        return True
    ast, fall = p.peaks.get("AST"), fall_in_72_hours(p)
    high = ast is not None and p.knows_limit(ast.result) and ast.times > LIMITS.ischaemic_AST + TOLERANCE
    fast = fall is not None and fall.share >= LIMITS.ischaemic_fall - TOLERANCE
    return bool(circulatory_failure(p)) and high and fast


def is_paracetamol(p: Picture) -> bool:
    return p.has_code("paracetamol") or bool(paracetamol_exposures(p))


def _drug_induced(p: Picture) -> bool:
    return is_coded(p, "drug_induced") or len(exposures(p)) > len(paracetamol_exposures(p))


def is_coded(p: Picture, kind: str) -> bool:
    return any(d.kind == kind for d in standing(p))


def newly_noted(p: Picture, *kinds: str) -> list[Diagnosis]:
    """Noted with the injury or after it: known before, it would be chronic disease."""
    day = p.injury.at.date()
    return [d for d in standing(p) if d.kind in kinds and d.noted_on is not None and d.noted_on >= day]


SUBTYPES: dict[str, Callable[[Picture], bool]] = {
    "ischaemic": _ischaemic,
    "paracetamol": is_paracetamol,
    "drug_induced": _drug_induced,
    "viral": lambda p: bool(newly_noted(p, "hepatitis_b", "hepatitis_c")),
    "autoimmune": lambda p: bool(newly_noted(p, "autoimmune_hepatitis")),
}


def alt_to_ldh(p: Picture) -> tuple[float, str] | None:
    """ALT/LDH, both in U/L, of the draw nearest to the peak of ALT that holds both, with its id. [GK]"""
    peak, reach = p.peaks.get("ALT"), timedelta(hours=LIMITS.ldh_hours)
    if peak is None:
        return None
    found = [
        (abs(d.taken_at - peak.at), d.taken_at, alt.value / ldh.value, d.id)
        for d in p.case.between(peak.at - reach, peak.at + reach)
        if (alt := d.result("ALT")) and (ldh := d.result("LDH")) and ldh.value > 0
        if not (alt.comparator or ldh.comparator)
    ]
    return min(found)[2:] if found else None


def injury_ratio(p: Picture) -> tuple[float, str] | None:
    """R = (ALT / limit) / (ALP / limit) at the onset of injury, with its draw. [R40, clinical.md 7.5]"""
    onset = _onset(p)
    if onset is None:
        return None
    at, alt, draw = onset
    alp = next((r for d in p.case.between(at, at) if d.id == draw and (r := d.result("ALP"))), None)
    if alp is None or alp.comparator or alt.comparator or alp.value <= 0:
        return None
    if not (p.knows_limit(alp) and p.knows_limit(alt)):
        return None
    limit = upper_limit(alp, p.case.sex)
    times = alp.value / limit if limit else 0.0
    ratio = p.times(alt) / times if times else math.inf
    return (ratio, draw) if math.isfinite(ratio) else None


def _onset(p: Picture) -> tuple[datetime, Result, str] | None:
    """The first ALT of the run at 3 × its limit or more that holds the peak, as the score has it."""
    peak, found = p.peaks.get("ALT"), None
    earlier = [point for point in p.series["ALT"] if peak and point[0] <= peak.at]
    for point in reversed(earlier):
        if p.times(point[1]) < ONSET:
            break
        found = point
    return found


def pattern_words(ratio: float) -> str:
    if ratio >= LIMITS.r_hepatocellular - TOLERANCE:
        return "hepatocellular"
    return "cholestatic" if ratio <= LIMITS.r_cholestatic + TOLERANCE else "mixed"
