"""A second, slow reading of the dissociation rule, written from clinical.md section 4 alone.

It exists to disagree with the product: nothing here is shared with `interpretation.rule.dissociation` and its
parts, only the records. Where the text leaves a choice, the comment says which reading was taken.
"""

from collections import namedtuple
from datetime import datetime, time, timedelta

EPS = 1e-9
GRADES = ("not_assessable", "not_interpretable", "none", "possible", "established", "critical")
# regime, look-back and minimum gap in days, hours within which INR and enzymes make one paired draw
REGIMES = (("acute", 14, 0.5, 6), ("subacute", 90, 3, 48), ("chronic", 548, 28, 48))
FALL = {"ALT": (0.50, 0.375), "AST": (0.40, 0.275)}
OPPOSED_RISE = {"ALT": 0.60, "AST": 0.38}
OTHER = {"ALT": "AST", "AST": "ALT"}
MASKING_HOURS = {"plasma": 24, "rfviia": 24, "pcc": 72, "plasma_exchange": 72}
CHRONIC_DISEASE = {
    *("cirrhosis", "advanced_fibrosis", "chronic_liver_disease", "hepatitis_b", "hepatitis_c"),
    *("alcohol_related", "masld", "autoimmune_hepatitis", "pbc", "psc", "wilson", "portal_hypertension"),
}
SOFT_DIAGNOSES = {
    *("cholestasis", "malnutrition", "sepsis", "fontan", "right_heart_failure"),
    *("lupus_anticoagulant", "factor_deficiency"),
}
SOFT_EVENT_DAYS = {"nil_by_mouth": 14, "nac": 2, "tigecycline": 14}
BILIRUBIN = 85.5

Pair = namedtuple("Pair", "at inr_at values limits inr laboratory method enzyme_laboratory")
Finding = namedtuple(
    "Finding",
    "grade base regime enzyme baseline_at latest_at transaminase_state inr_state",
    defaults=[None] * 6,
)


def at_least(a, b):
    return a >= b - EPS


def at_most(a, b):
    return a <= b + EPS


def above(a, b):
    return a > b + EPS


def days(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() / 86400


def kendall_tau_b(xs, ys):
    """Tau-b by counting every pair; None where one side never changes."""
    score = x_pairs = y_pairs = 0
    for k in range(len(xs)):
        for m in range(k):
            dx, dy = sign(xs[k] - xs[m]), sign(ys[k] - ys[m])
            score += dx * dy
            x_pairs += dx != 0
            y_pairs += dy != 0
    return score / (x_pairs * y_pairs) ** 0.5 if x_pairs and y_pairs else None


def sign(x):
    return 0 if abs(x) <= EPS else (1 if x > 0 else -1)


# --- Inputs: paired draws ---------------------------------------------------------------------------------


def paired_draws(draws, hours):
    """INR with ALT or AST: of one draw, else the closest couples within `hours`, each draw once."""
    whole, lone_inrs, lone_enzymes = [], [], []
    for draw in sorted(draws, key=lambda d: (d.taken_at, d.id)):
        has_inr = draw.result("INR") is not None
        has_enzyme = draw.result("ALT") is not None or draw.result("AST") is not None
        if has_inr and has_enzyme:
            whole.append(pair_of(draw, draw))
        elif has_inr:
            lone_inrs.append(draw)
        elif has_enzyme:
            lone_enzymes.append(draw)
    couples = sorted(
        (abs(days(e.taken_at, i.taken_at)), i.taken_at, e.taken_at) for i in lone_inrs for e in lone_enzymes
    )
    for apart, inr_at, enzyme_at in couples:
        inr = next((d for d in lone_inrs if d.taken_at == inr_at), None)
        enzymes = next((d for d in lone_enzymes if d.taken_at == enzyme_at), None)
        if inr and enzymes and apart * 24 <= hours + EPS:
            whole.append(pair_of(inr, enzymes))
            lone_inrs.remove(inr)
            lone_enzymes.remove(enzymes)
    return merged(sorted(whole, key=lambda p: p.at))


def pair_of(inr_draw, enzyme_draw):
    found = [r for r in enzyme_draw.results if r.analyte in ("ALT", "AST")]
    inr = inr_draw.result("INR")
    return Pair(
        # A pair is complete, and so dated, when its later half is taken.
        max(inr_draw.taken_at, enzyme_draw.taken_at),
        inr_draw.taken_at,
        {r.analyte: r.value for r in found},
        {r.analyte: r.upper_limit for r in found},
        inr.value,
        inr_draw.laboratory,
        inr.method or inr_draw.method,
        enzyme_draw.laboratory,
    )


def merged(pairs):
    """Repeats less than 4 h apart are one draw: the later one speaks."""
    kept = []
    for pair in pairs:
        if kept and days(pair.at, kept[-1].at) * 24 < 4 - EPS:
            kept.pop()
        kept.append(pair)
    return kept


# --- Confounders ------------------------------------------------------------------------------------------


def is_hard(case, pair) -> bool:
    for event in case.events:
        if event.kind == "bad_sample" and event.started_at == pair.inr_at:
            return True
        reach = hard_reach_days(event)
        if reach is None or event.started_at > pair.inr_at:
            continue
        if event.ended_at is None or days(pair.inr_at, event.ended_at) <= reach + EPS:
            return True
    return False


def hard_reach_days(event):
    """Days after the end of a drug during which it still counts, or None for other events."""
    if event.kind == "direct_thrombin_inhibitor":
        return 1
    if event.kind == "doac":
        return 2 if event.stop_confirmed else 30
    if event.kind == "vka":
        drug = event.label.lower()
        by_name = {"warfarin": 7, "acenocoumarol": 3, "phenprocoumon": 14}
        return by_name.get(drug, 14) if event.stop_confirmed else 60
    return None


def is_masked(case, pair) -> bool:
    for event in case.events:
        hours = MASKING_HOURS.get(event.kind)
        if hours is None or event.started_at > pair.inr_at:
            continue
        if days(pair.inr_at, event.ended_at or event.started_at) * 24 <= hours + EPS:
            return True
    return False


def is_point_of_care(pair) -> bool:
    return pair.method == "point_of_care"


def soft_confounders(case, at):
    found = [d.kind for d in case.diagnoses if d.kind in SOFT_DIAGNOSES and holds_on(d, at)]
    for event in case.events:
        reach = SOFT_EVENT_DAYS.get(event.kind)
        end = event.ended_at or at
        if reach is not None and event.started_at <= at and days(at, end) <= reach + EPS:
            found.append(event.kind)
    # "antibiotics >= 5 d in 14 d": the courses of 14 days together, an hour counted once.
    courses = [(e.started_at, e.ended_at or at) for e in case.events if e.kind == "antibiotic"]
    hours = (at - timedelta(hours=h + 0.5) for h in range(14 * 24))
    if courses and sum(any(start <= hour <= end for start, end in courses) for hour in hours) >= 5 * 24:
        found.append("antibiotic")
    return found


def holds_on(diagnosis, at) -> bool:
    noted = diagnosis.noted_on is None or diagnosis.noted_on <= at.date()
    return noted and (diagnosis.resolved_on is None or diagnosis.resolved_on >= at.date())


def has_state(case, kind, at) -> bool:
    """Encephalopathy or ascites present at the draw, or noted since (as known at `as_of`)."""
    return any(
        e.kind == kind
        and e.started_at <= case.as_of
        and (e.ended_at is None or e.ended_at >= at)
        and e.grade != 0
        for e in case.events
    )


def hepatic_evidence(case, at, vitamin_k) -> bool:
    """Section 4.2 step 7, of which the generated cases can hold two."""
    return has_state(case, "encephalopathy", at) or vitamin_k == "no_response"


def vitamin_k_reading(case, draws, latest):
    """Section 6.3: the INR before the last parenteral dose against the latest, 12 to 72 h after it."""
    doses = [e for e in case.events if e.kind == "vitamin_k" and e.route == "iv"]
    doses = [e for e in doses if 0.5 - EPS <= days(latest.at, e.started_at) <= 3 + EPS]
    if not doses:
        return None
    dose = max(doses, key=lambda e: e.started_at)
    # "INR at baseline" is one of the days before the dose, not of last year; seven days are my choice.
    before = [p for p in draws if p.at <= dose.started_at and days(dose.started_at, p.at) <= 7 + EPS]
    if not before:
        return None
    old, new = before[-1].inr, latest.inr
    fall = 1 - new / old
    # "INR fall >= 30% or to <= 1.5" is read as a fall, in patients whose INR was above 1.5; one of less
    # than 10% is no response by the same paragraph.
    if at_least(fall, 0.30) or (above(old, 1.5) and at_most(new, 1.5) and at_least(fall, 0.10)):
        return "responder"
    if at_least(fall, 0.10):
        return "mixed"
    return "no_response"


# --- The rule ---------------------------------------------------------------------------------------------


def assess(case) -> Finding:
    draws = [d for d in case.draws if d.taken_at <= case.as_of]
    transplants = [e.started_at for e in case.events if e.kind == "transplant" and e.started_at <= case.as_of]
    if transplants:
        draws = [d for d in draws if d.taken_at > max(transplants)]
        latest = max((p.at for p in paired_draws(draws, 48)), default=case.as_of)
        if days(latest, max(transplants)) < 14 - EPS:
            return Finding("not_assessable", "not_assessable")
    if len(paired_draws(draws, 48)) < 2:
        return Finding("not_assessable", "not_assessable")
    findings = [f for f in (assess_regime(case, draws, regime) for regime in REGIMES) if f]
    return worst(findings) or Finding("not_assessable", "not_assessable")


def worst(findings):
    """The worst grade, then the worst base, then the clearer states; then the first (acute, ALT)."""

    def rank(finding):
        clear = finding.transaminase_state in ("falling", "quiet")
        return (
            GRADES.index(finding.grade),
            GRADES.index(finding.base),
            clear,
            finding.inr_state == "rise",
        )

    return max(findings, key=rank, default=None)


def assess_regime(case, draws, regime):
    pairs = paired_draws(draws, regime[3])
    if not pairs:
        return None
    hard_latest = is_hard(case, pairs[-1])
    clean = [p for p in pairs if not is_hard(case, p)]
    # A point-of-care INR is another method (it caps) and never the endpoint; without it there is no change.
    laboratory = [p for p in clean if not is_point_of_care(p)]
    findings = []
    if laboratory:
        mixed = [p for p in clean if p.at < laboratory[-1].at] + [laboratory[-1]]
        found = [grade_on_unmasked(case, draws, series, regime) for series in (laboratory, mixed)]
        findings = [f for f in found if f]
    finding = worst(findings)
    if hard_latest and (finding is None or finding.grade in ("none", "not_assessable")):
        return Finding("not_interpretable", "not_interpretable", regime[0])
    return finding


def grade_on_unmasked(case, draws, clean, regime):
    unmasked = [p for p in clean if not is_masked(case, p)]
    latest = clean[-1]
    if not is_masked(case, latest):
        return compare_all(case, draws, unmasked, latest, regime)
    # A masked draw is never a baseline: its INR may be falsely low.
    still = compare_all(case, draws, [*unmasked, latest], latest, regime)
    if still and still.inr_state == "rise" and still.base in ("possible", "established"):
        return still
    before = None
    if unmasked and not is_point_of_care(unmasked[-1]):
        before = compare_all(case, draws, unmasked, unmasked[-1], regime)
    if before is None or before.grade == "none":
        return Finding("not_assessable", "not_assessable", regime[0])
    return before


def compare_all(case, draws, pairs, latest, regime):
    name, look_back, gap, _ = regime
    window = [p for p in pairs if p.at <= latest.at and days(latest.at, p.at) <= look_back + EPS]
    early = [p for p in window if days(latest.at, p.at) >= gap - EPS]
    if not early:
        return None
    reading = None if is_masked(case, latest) else vitamin_k_reading(case, window, latest)
    if quiet(draws, latest, look_back):
        lowest = min(p.inr for p in early)
        first = next(p for p in early if abs(p.inr - lowest) <= EPS)
        return grade_pair(case, window, first, latest, None, "quiet", name, reading)
    findings = []
    for enzyme in ("ALT", "AST"):
        have = [p for p in early if enzyme in p.values]
        if enzyme not in latest.values or not have:
            continue
        highest = max(p.values[enzyme] for p in have)
        first = next(p for p in have if abs(p.values[enzyme] - highest) <= EPS)
        state = transaminase_state(first, latest, enzyme)
        findings.append(grade_pair(case, window, first, latest, enzyme, state, name, reading))
    return worst(findings)


def quiet(draws, latest, look_back) -> bool:
    """Every ALT and AST in the window, paired with an INR or not."""
    inside = [d for d in draws if d.taken_at <= latest.at and days(latest.at, d.taken_at) <= look_back + EPS]
    results = [d.result(e) for d in inside for e in ("ALT", "AST") if d.result(e)]
    return all(at_most(r.value, r.upper_limit) for r in results)


def transaminase_state(first, latest, enzyme):
    a, b = first.values[enzyme], latest.values[enzyme]
    other = OTHER[enzyme]
    entry = at_least(a, 1.5 * first.limits[enzyme]) or (
        above(a, first.limits[enzyme]) and at_most(b, latest.limits[enzyme])
    )
    fall = 1 - b / a if a else 0
    full, probable = FALL[enzyme]
    if not entry or not at_least(fall, probable):
        return "not_falling"
    if other in first.values and other in latest.values and first.values[other] > 0:
        rise = latest.values[other] / first.values[other] - 1
        if at_least(rise, OPPOSED_RISE[other]) and above(latest.values[other], latest.limits[other]):
            return "opposed"
    return "falling" if at_least(fall, full) else "probably_falling"


def series(pair):
    return (pair.laboratory, pair.method, pair.enzyme_laboratory)


def inr_state(first, latest, enzyme, state, regime):
    ratio, rise = latest.inr / first.inr, latest.inr - first.inr
    if at_least(ratio, 1.15) and at_least(rise, 0.2) and at_least(latest.inr, 1.3):
        return "rise"
    if (
        regime != "chronic"
        and state == "falling"
        and at_least(first.values[enzyme], 5 * first.limits[enzyme])
        and days(latest.at, first.at) >= 1 - EPS
        and at_least(first.inr, 1.5)
        and at_least(latest.inr, 1.5)
        and above(ratio, 0.89)
    ):
        return "non_recovering"
    return "no_rise"


def grade_pair(case, window, first, latest, enzyme, state, regime, vitamin_k):
    inr = inr_state(first, latest, enzyme, state, regime)
    base = base_grade(case, window, first, latest, enzyme, state, inr, regime, vitamin_k)
    grade = base
    if base != "none" and is_critical(case, window, first, latest, inr, regime):
        grade = "critical"
    if vitamin_k == "responder":
        base = grade = "none"
    return Finding(grade, base, regime, enzyme, first.at, latest.at, state, inr)


def base_grade(case, window, first, latest, enzyme, state, inr, regime, vitamin_k):
    if state == "quiet":
        if inr != "rise":
            return "none"
    elif state not in ("falling", "probably_falling") or inr == "no_rise":
        return "none"
    between = [p for p in window if first.at <= p.at <= latest.at]
    holding = [p for p in between if not enzyme or enzyme in p.values]
    inr_tau = kendall_tau_b([p.at.timestamp() for p in between], [p.inr for p in between])
    gate = len(holding) >= 3 and inr_tau is not None and at_least(inr_tau, 0.6)
    if enzyme:
        tau = kendall_tau_b([p.at.timestamp() for p in holding], [p.values[enzyme] for p in holding])
        gate = gate and tau is not None and at_most(tau, -0.6)
    one_series = len({series(p) for p in between}) == 1
    soft = soft_confounders(case, latest.at)
    clear = not soft or hepatic_evidence(case, latest.at, vitamin_k)
    if not (gate and inr == "rise" and one_series and clear and vitamin_k != "mixed"):
        return "possible"
    if state == "quiet":
        chronic = any(d.kind in CHRONIC_DISEASE and holds_on(d, latest.at) for d in case.diagnoses)
        return "established" if chronic else "possible"
    if state != "falling":
        return "possible"
    if regime == "acute":
        # The enzyme peak is the highest value of the window, whether or not it may be a baseline.
        peak = max((p for p in window if enzyme in p.values), key=lambda p: p.values[enzyme])
        if not at_least(latest.inr, 1.5) or days(latest.at, peak.at) < 1 - EPS:
            return "possible"
    return "established"


def is_critical(case, window, first, latest, inr, regime) -> bool:
    ratio = latest.inr / first.inr
    changed = series(first) != series(latest)
    limit = 2.0 if is_child(case, latest.at) else 2.1
    if inr == "rise" and at_least(latest.inr, limit) and (not changed or at_least(ratio, 1.5)):
        return True
    if not at_least(latest.inr, 1.5):
        return False
    encephalopathy = has_state(case, "encephalopathy", latest.at)
    if encephalopathy:
        return True
    if regime == "acute":
        # "Up 0.5 within 48 h to 1.5" is read as ending at the latest draw.
        recent = [p for p in window if days(latest.at, p.at) <= 2 + EPS]
        if any(at_least(latest.inr - p.inr, 0.5) for p in recent):
            return True
    return has_state(case, "ascites", latest.at) and bilirubin_at(case, latest.at) >= BILIRUBIN - EPS


def bilirubin_at(case, at):
    """The bilirubin nearest to the draw within the 48 h that make a paired draw; 0 without one."""
    near = [
        (abs(days(d.taken_at, at)), d.result("bilirubin_total").value)
        for d in case.draws
        if d.result("bilirubin_total") and abs(days(d.taken_at, at)) <= 2 + EPS
    ]
    return min(near)[1] if near else 0


def is_child(case, at) -> bool:
    if case.birth_date is None:
        return False
    birth = datetime.combine(case.birth_date, time.min, tzinfo=at.tzinfo)
    return (at.year - birth.year) - ((at.month, at.day) < (birth.month, birth.day)) < 18
