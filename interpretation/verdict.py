"""The verdict in words: one sentence with its numbers, and one line that says why it may be believed."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

# Reasons that belong into the verdict itself: without them its two draws would mislead.
NOT_TO_BE_MISSED = frozenset({"later_rise", "past_peak", "answered_before", "new_rise", "opposed"})
TOO_LARGE_TO_WRITE_OUT, NEAR_A_HALF = 1e15, 0.02
# Not strftime's: that follows the language of the machine.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
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
ATTRIBUTIONS = {
    "hepatic_supported": "a hepatic cause is supported",
    "undetermined": "cause undetermined",
    "confounded": "INR confounded",
}


def number(value: float, decimals: int = 0) -> str:
    """A number as clinicians write it: half-up, real minus sign, no trailing point."""
    if abs(value) >= TOO_LARGE_TO_WRITE_OUT:
        return f"{value:.1e}"
    text = f"{value:.{decimals}f}"
    # Formatting takes the binary number, and a half to the even digit: near one, the written number counts.
    if abs(abs(value) * 10**decimals % 1 - 0.5) < NEAR_A_HALF:
        step = Decimal(1).scaleb(-decimals)
        text = f"{Decimal(repr(value)).quantize(step, rounding=ROUND_HALF_UP):f}"
    return text.replace("-", "−")


def inr(value: float) -> str:
    """INR to one decimal, to two where it was reported so."""
    return number(value, 1 if abs(value * 10 - round(value * 10)) < 1e-6 else 2)


def enzyme(value: float) -> str:
    return number(value, 0 if value >= 10 or value == int(value) else 1)


def percent(change: float | None) -> str:
    """ "+63 %", "−80 %", "±0 %"."""
    if change is None:
        return ""
    text = number(change)
    return "±0 %" if text.strip("−") == "0" else f"{'' if text.startswith('−') else '+'}{text} %"


def share(fraction: float) -> str:
    """A fraction without its sign: "37 %"."""
    return f"{number(fraction * 100)} %"


def day(moment: datetime | date) -> str:
    """ "3 May 2025"."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def _day_of_month(moment: datetime | date) -> str:
    return f"{moment.day} {MONTHS[moment.month - 1]}"


def moment(at: datetime) -> str:
    """ "3 May 2025, 07:10"."""
    return f"{day(at)}, {at:%H:%M}"


def days(first: datetime, last: datetime) -> str:
    """ "3 May to 5 Jun 2025"; hours where both lie on one day."""
    if first.date() == last.date():
        return f"{day(last)}, {first:%H:%M} to {last:%H:%M}"
    start = _day_of_month(first) if first.year == last.year else day(first)
    return f"{start} to {day(last)}"


def span(time: timedelta) -> str:
    """ "54 hours", "10 days", "18 months"."""
    hours = time.total_seconds() / 3600
    if hours < 72:
        count, unit = hours, "hour"
    elif hours < 120 * 24:
        count, unit = hours / 24, "day"
    else:
        count, unit = hours / 24 / 30.4375, "month"
    text = number(count)
    return f"{text} {unit}{'' if text == '1' else 's'}"


def sentence(d) -> str:
    """The verdict of a Dissociation in one sentence, numbers included."""
    headline = d.headline
    if d.grade in ("not_interpretable", "not_assessable"):
        return f"{headline}: {_lower_first(d.reasons[0].text)}"
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
    parts.append(f"{draws} paired draw{'' if draws == 1 else 's'}, {place}")
    if d.grade != "none":
        parts.append(_trend(d.trend))
        parts.append(ATTRIBUTIONS[d.attribution])
    return _upper_first(" · ".join(part for part in parts if part))


def headline(d) -> str:
    """ "No dissociation" would reassure where INR rises without falling enzymes, or vitamin K lowered it."""
    if any(reason.code == "not_recovered" for reason in d.reasons):
        return NOT_RECOVERED
    if _responded(d):
        return RESPONSIVE
    return RISING if d.grade == "none" and d.inr_state == "rise" else HEADLINES[d.grade]


def _responded(d) -> bool:
    return d.grade == "none" and bool(d.vitamin_k) and d.vitamin_k.kind == "responder"


def _movement(d) -> str:
    over = f" in {span(d.latest_at - d.baseline_at)}"
    levels, inrs = _enzyme_levels(d), _inr_levels(d)
    if d.grade == "none" and d.inr_state == "rise":
        return f"INR rose {inrs}{over} while {d.enzyme} went {levels}"
    if d.grade == "none":
        return f"{d.enzyme} {levels}, INR {inrs}{over}"
    if d.transaminase_state == "normal_throughout":
        within = f"{d.enzyme} stayed within its limit ({levels})" if d.enzyme else "ALT and AST stayed normal"
        return f"INR rose {inrs}{over} while {within}"
    if d.inr_state == "non_recovering":
        return f"{d.enzyme} fell {levels} while INR has not recovered, {inrs},{over}"
    return f"{d.enzyme} fell {levels} while INR rose {inrs}{over}"


def _enzyme_levels(d) -> str:
    if d.enzyme_from is None:
        return ""
    first, last = d.enzyme_signs
    levels = f"{first}{enzyme(d.enzyme_from)} → {last}{enzyme(d.enzyme_to)} U/L"
    if d.transaminase_state == "normal_throughout":
        return levels
    return f"{levels}{_change(d.enzyme_change_pct, d.enzyme_signs)}"


def _inr_levels(d) -> str:
    first, last = d.inr_signs
    change = _change(d.inr_change_pct, d.inr_signs)
    return f"{first}{inr(d.inr_from)} → {last}{inr(d.inr_to)}{change}"


def _change(change: float | None, signs: tuple[str, str]) -> str:
    """ " (−80 %)"; with a bound (< or >) at least so much, or no number where it cannot be told."""
    if change is None:
        return ""
    first, last = (sign[:1] for sign in signs)
    if not first and not last:
        return f" ({percent(change)})"
    beyond = (
        (first in ("", ">") and last in ("", "<"))
        if change < 0
        else (first in ("", "<") and last in ("", ">"))
    )
    return f" (at least {percent(change)})" if beyond else ""


def _complication(d) -> str:
    texts = {r.code: r.text for r in d.escalations}
    parts = [texts["encephalopathy"]] if "encephalopathy" in texts else []
    # "bilirubin 308 µmol/L and ascites"; an encephalopathy is not said twice.
    jaundice = texts["jaundice"].split(" and ") if "jaundice" in texts else []
    parts += [part for part in jaundice if not (parts and part == "encephalopathy")]
    *first, last = parts or [""]
    return f", with {', '.join(first)}{' and ' if first else ''}{last}" if parts else ""


def _since(d) -> str:
    """What the two compared draws do not show, and must not be missed."""
    texts = [reason.text for reason in d.reasons if reason.code in NOT_TO_BE_MISSED]
    return "".join(f" {text}" for text in texts)


def _trend(trend) -> str:
    if trend is None or trend.n < 3 or trend.tau_inr is None:
        return ""
    taus = [f"INR {number(trend.tau_inr, 2)}"]
    if trend.tau_enzyme is not None:
        taus.insert(0, f"enzyme {number(trend.tau_enzyme, 2)}")
    return f"consistency from draw to draw (Kendall τ, −1 to 1): {', '.join(taus)}"


def _lower_first(text: str) -> str:
    acronym = text[:2].isupper() or text[:3] == "INR"
    return text if acronym else text[:1].lower() + text[1:].rstrip(".") + "."


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
