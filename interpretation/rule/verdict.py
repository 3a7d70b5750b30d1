"""The verdict in words: one sentence with its numbers, and one line that says why it may be believed."""

from interpretation.rule.trend import Trend
from interpretation.words import (
    ATTRIBUTIONS,
    bounded_percent,
    counted,
    enzyme,
    inr,
    listed,
    lower_first,
    number,
    span,
    upper_first,
)

# Reasons that belong into the verdict itself: without them its two draws would mislead.
NOT_TO_BE_MISSED = frozenset({"later_rise", "past_peak", "new_rise", "opposed", "normal_under_drug"})
NEAR_NORMAL = "normal or near normal (below 1.5 times the limit)"
RISING = "INR rising, not this pattern"
RESPONSIVE = "Vitamin K-responsive INR"
NOT_RECOVERED = f"{RESPONSIVE}, not a recovery"
HEADLINES = {
    "critical": "Critical dissociation",
    "established": "Established dissociation",
    "possible": "Possible dissociation",
    "not_interpretable": "INR not interpretable",
    "none": "No dissociation",
    "not_assessable": "Not assessable",
}


def sentence(d) -> str:
    """The verdict of a Dissociation in one sentence, numbers included."""
    headline = d.headline
    if d.grade in ("not_interpretable", "not_assessable"):
        return f"{headline}: {lower_first(d.reasons[0].text)}"
    if _responded(d):
        still_ill = "".join(f" {reason.text}" for reason in d.reasons[1:] if reason.code == "not_recovered")
        return f"{headline}: {d.reasons[0].text.removeprefix('Vitamin K-responsive: ')}{still_ill}"
    return f"{headline}: {_movement(d)}{_complication(d)}.{_since(d)}"


def why(d) -> str:
    """Numbers behind the verdict: variation, draws, laboratories, trend, attribution."""
    if d.baseline_at is None:
        return " ".join(reason.text for reason in d.reasons[1:])
    parts = []
    if d.escalations:
        parts.append("critical because of " + "; ".join(reason.text for reason in d.escalations))
    draws = d.trend.n if d.trend else 0
    place = "one laboratory and method" if d.one_series else "different laboratories or methods"
    parts.append(f"{counted(draws, 'paired draw')}, {place}")
    if d.grade != "none":
        parts.append(_trend(d.trend))
        parts.append(ATTRIBUTIONS[d.attribution])
    return upper_first(" · ".join(part for part in parts if part))


def headline(d) -> str:
    """ "No dissociation" would reassure where INR rises without falling enzymes, or vitamin K lowered it."""
    if any(reason.code == "not_recovered" for reason in d.reasons):
        return NOT_RECOVERED
    if _responded(d):
        return RESPONSIVE
    return RISING if d.grade == "none" and (d.inr_rises or d.inr_state == "rise") else HEADLINES[d.grade]


def _responded(d) -> bool:
    return d.grade == "none" and bool(d.vitamin_k) and d.vitamin_k.kind == "responder"


def _movement(d) -> str:
    over = f" in {span(d.latest_at - d.baseline_at)}"
    levels, inrs = _enzyme_levels(d), _inr_levels(d)
    if d.grade == "none" and d.inr_state == "rise":
        return f"INR rose {inrs}{over} while {d.enzyme} went {levels}"
    if d.grade == "none":
        return f"{d.enzyme} {levels}, INR {inrs}{over}"
    if d.transaminase_state == "quiet":
        return f"INR rose {_from_median(d)}{over} while {_quiet_words(d.within_limit)}"
    if d.inr_state == "non_recovering":
        return f"{d.enzyme} fell {levels} while INR has not recovered, {inrs},{over}"
    return f"{d.enzyme} fell {levels} while INR rose {inrs}{over}"


def _enzyme_levels(d) -> str:
    if d.enzyme_from is None:
        return ""
    first, last = d.enzyme_signs
    levels = f"{enzyme(d.enzyme_from, first)} → {enzyme(d.enzyme_to, last)} U/L"
    if d.transaminase_state == "quiet":
        return levels
    return f"{levels}{_change(d.enzyme_change_pct, d.enzyme_signs)}"


def _from_median(d) -> str:
    """ "from 1.3, the median of 4 earlier draws, to 1.7 (+31 %)"."""
    change = _change(d.inr_change_pct, d.inr_signs)
    if d.earlier_inrs < 2:
        return _inr_levels(d)
    first, last = (inr(value, sign) for value, sign in zip((d.inr_from, d.inr_to), d.inr_signs, strict=True))
    return f"from {first}, the median of {d.earlier_inrs} earlier draws, to {last}{change}"


def _quiet_words(within_limit: bool) -> str:
    return f"ALT and AST stayed {'within the limit' if within_limit else NEAR_NORMAL} throughout"


def _inr_levels(d) -> str:
    first, last = d.inr_signs
    change = _change(d.inr_change_pct, d.inr_signs)
    return f"{inr(d.inr_from, first)} → {inr(d.inr_to, last)}{change}"


def _change(change: float | None, signs: tuple[str, str]) -> str:
    """ " (−80 %)"; nothing where bounds do not tell it."""
    text = bounded_percent(change, signs)
    return f" ({text})" if text else ""


def _complication(d) -> str:
    texts = {r.code: r.text for r in d.escalations}
    parts = [texts["encephalopathy"]] if "encephalopathy" in texts else []
    # "bilirubin 308 µmol/L and ascites"; an encephalopathy is not said twice.
    jaundice = texts["jaundice"].split(" and ") if "jaundice" in texts else []
    parts += [part for part in jaundice if not (parts and part == "encephalopathy")]
    return f", with {listed(parts)}" if parts else ""


def _since(d) -> str:
    """What the two compared draws do not show, and must not be missed."""
    texts = [reason.text for reason in d.reasons if reason.code in NOT_TO_BE_MISSED]
    return "".join(f" {text}" for text in texts)


def _trend(trend: Trend | None) -> str:
    if trend is None or trend.n < 3 or trend.tau_inr is None:
        return ""
    taus = [f"INR {number(trend.tau_inr, 2)}"]
    if trend.tau_enzyme is not None:
        taus.insert(0, f"enzyme {number(trend.tau_enzyme, 2)}")
    return f"consistency from draw to draw (Kendall τ, −1 to 1): {', '.join(taus)}"
