"""Which scenario the record fits: the rules of clinical.md section 5 in order, first match wins. [ED]"""

from datetime import timedelta

from interpretation.record.records import Result
from interpretation.rule.comparison import TOLERANCE
from interpretation.rule.variation import RCV

from ..knowledge import limits
from .picture import LIMITS, SHARED, Picture

LIMITS.read_by(
    __name__,
    "post_acute_peak subacute_peak aclf_inr aclf_bilirubin aclf_days_longest progressive_days alf_inr "
    "alf_inr_child",
)

SHARED.read_by(__name__, "pairing_hours band_upper_normal")

CAUSES = limits("causes").read_by(__name__, "cholestatic_alp cholestatic_r")
CHOLESTATIC = frozenset({"cholestasis", "pbc", "psc"})
CONGESTION = ("fontan", "right_heart_failure")


def kind_of(p: Picture) -> str:
    """The kind of course; congestion is an overlay on it, not a kind of its own. [clinical.md 5, 4.4 g]"""
    if is_suppressed(p):
        return "suppressed"
    if p.drawn_at is None:
        return "undetermined"
    if has_new_decompensation(p):
        return "aclf"
    if not p.is_advanced and (reached_acute_injury(p) or is_subacute_failure(p)):
        return "post_acute"
    if p.disease and p.facts.failures:
        return "aclf"
    if p.disease and p.window_days is not None and p.window_days >= LIMITS.progressive_days - TOLERANCE:
        return "progressive_cld"
    return "undetermined"


def is_suppressed(p: Picture) -> bool:
    """Rule 1: a transplant in the last 14 days, by the verdict's own clock."""
    return any(reason.code == "transplant" for reason in p.found.reasons)


def overlay_of(p: Picture) -> str:
    """Rule 2: a circulation that congests the liver."""
    return "congestion" if p.kinds & set(CONGESTION) or p.has_code("congestion") else ""


def has_new_decompensation(p: Picture) -> bool:
    """Known chronic disease, INR and bilirubin of acute-on-chronic failure, ascites or encephalopathy new."""
    new = p.facts.new_ascites or p.facts.new_encephalopathy
    return bool(new and p.disease and p.inr_reaches(LIMITS.aclf_inr) and p.facts.jaundiced)


def reached_acute_injury(p: Picture) -> bool:
    """ALT or AST of ten times its limit or more within 26 weeks."""
    return highest_times(p) >= LIMITS.post_acute_peak - TOLERANCE


def highest_times(p: Picture) -> float:
    """The highest ALT or AST of 26 weeks in multiples of its limit; 0.0 where none is that near to the draw
    that is read: an INR that is left out of the grading (thick blood) may lie long after the last enzymes."""
    return p.facts.highest[0] if p.peak else 0.0


def is_subacute_failure(p: Picture) -> bool:
    """INR and bilirubin of failure after a lower peak, and no cholestasis that explains both."""
    if highest_times(p) < LIMITS.subacute_peak - TOLERANCE:
        return False
    if not (p.inr_reaches(LIMITS.aclf_inr) and p.facts.jaundiced):
        return False
    return bool(p.facts.encephalopathy) or not is_cholestatic(p)


def is_cholestatic(p: Picture) -> bool:
    """By diagnosis, or ALP raised more than ALT: R at most 2 with ALP of 1.5 times its limit."""
    if p.kinds & CHOLESTATIC:
        return True
    alp, alt = p.alp_and_alt
    if alp is None or alt is None or not (p.knows_limit(alp) and p.knows_limit(alt)):
        return False
    times = p.times(alp)
    raised = times >= CAUSES.cholestatic_alp - TOLERANCE
    return raised and p.times(alt) / times <= CAUSES.cholestatic_r + TOLERANCE


def jaundiced(p: Picture) -> bool:
    bilirubin, _ = p.value("bilirubin_total")
    return bilirubin is not None and p.reaches(bilirubin.value, LIMITS.aclf_bilirubin)


def change_took(p: Picture) -> timedelta | None:
    """How long the change of the last 90 days took; None where nothing has changed in them."""
    longest = timedelta(days=LIMITS.aclf_days_longest)
    spans = [p.at - event.started_at for event in p.new_complications.values() if event.started_at < p.at]
    if p.new_complications and not spans:
        spans = [timedelta()]
    if p.found.inr_state in ("rise", "non_recovering") and p.window is not None and p.window <= longest:
        spans.append(p.window)
    if not spans:
        rises = (p.rise_took("bilirubin_total"), p.rise_took("creatinine"))
        spans = [span for span in rises if span is not None]
    return max(spans, default=None)


def outcome_of(p: Picture, kind: str) -> str:
    """After acute injury "failing" or "recovering" by the movement of the INR; in chronic disease
    "progressing" or "not_shown". "" where it cannot be told."""
    if kind == "post_acute":
        return _movement(p)
    if kind == "progressive_cld":
        return "progressing" if _progresses(p) else "not_shown"
    return ""


def _movement(p: Picture) -> str:
    if not p.read_after_peak or answered_vitamin_k(p) or is_past_peak(p) or p.now.halved:
        return ""
    if p.found.inr_state in ("rise", "non_recovering"):
        return "failing"
    highest = highest_inr(p).value
    raised = highest > SHARED.band_upper_normal + TOLERANCE
    normal_now = p.inr <= SHARED.band_upper_normal + TOLERANCE
    variation = RCV("INR", two_laboratories=not p.found.one_series)
    fell = p.inr <= highest * (1 + variation.down) + TOLERANCE
    return "recovering" if raised and (fell or normal_now) and p.inr < highest else ""


def is_past_peak(p: Picture) -> bool:
    """The INR rose over the whole time compared, but has come down from a higher one within it."""
    return p.found.inr_state == "rise" and any(r.code == "past_peak" for r in p.found.reasons)


def highest_inr(p: Picture) -> Result:
    """Of the draws that the verdict compares, which are those whose INR can be read."""
    compared = set(p.found.draws)
    draws = p.case.between(p.found.baseline_at - timedelta(hours=SHARED.pairing_hours), p.found.latest_at)
    inrs = [r for d in draws if d.id in compared and (r := d.result("INR"))]
    first = Result("INR", p.found.inr_from, p.found.inr_signs[0])
    return max([first, *inrs], key=lambda r: r.value)


def _progresses(p: Picture) -> bool:
    """INR has risen; or albumin has fallen and bilirubin risen beyond variation. One alone is often
    inflammation, loss, haemolysis or obstruction."""
    if p.found.inr_state == "rise" and not answered_vitamin_k(p):
        return True
    worse = (("albumin", -1), ("bilirubin_total", 1))
    return all((moved := p.moved(key)) is not None and moved[0] == way for key, way in worse)


def answered_vitamin_k(p: Picture) -> bool:
    return p.found.vitamin_k is not None and p.found.vitamin_k.kind == "responder"


def acute_liver_failure(p: Picture) -> str:
    """ "failure", "severe_injury" or "": the adult definition, or that for children. [R25, R26]

    Who has cirrhosis is excluded by rule 3; the time since the first symptom is not recorded, and 26 weeks
    since the peak stand for it.
    """
    if not p.reaches(p.inr, LIMITS.alf_inr):
        return ""
    if p.encephalopathy is not None:
        return "failure"
    child = p.is_child and p.reaches(p.inr, LIMITS.alf_inr_child)
    return "failure" if child else "severe_injury"
