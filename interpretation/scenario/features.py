"""What speaks for and against a course: the rows of the table of clinical.md section 5, from the record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from ..knowledge import load
from ..words import at_least, day, listed, lower_first, number, upper_first
from ..words import value as tell
from . import words
from .picture import LIMITS, SHARED, Peak, Picture

LIMITS.read_by(
    __name__,
    "aclf_inr aclf_bilirubin aclf_days aclf_days_longest progressive_days progressive_peak "
    "progressive_inr_year progressive_bilirubin aclf_peak_low aclf_peak_high alcohol_ratio "
    "low_albumin low_platelets ck_high",
)
SHARED.read_by(__name__, "pairing_hours")
load("scenario").read_by(__name__, "feature")

DAYS_OF_YEAR = 365.25


@dataclass
class Feature:
    """One finding: `side` is "for" or "against", `draws` are ids of the draws it rests on."""

    side: str
    text: str
    draws: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    key: str = ""


def say(course: str, key: str, draws: Iterable[str] = (), **values: str) -> Feature:
    """The sentence `key` of a course in scenario.toml, filled with this patient's values."""
    row = load("scenario")["feature"][course][key]
    ids = tuple(dict.fromkeys(draws))
    return Feature(row["side"], row["text"].format(**values), ids, tuple(row["sources"]), f"{course}.{key}")


# --- rows that several courses share ---


def prior(p: Picture, course: str) -> Iterator[Feature]:
    yield say(course, "prior", disease=words.diseases(p), since=words.known_since(p))


def bilirubin(p: Picture, course: str, limit: float) -> Iterator[Feature]:
    result, draw = p.value("bilirubin_total")
    if result and draw:
        key = "bilirubin_high" if p.reaches(result.value, limit) else "bilirubin_low"
        yield say(course, key, (draw.id,), value=tell(result))


def albumin(p: Picture, course: str) -> Iterator[Feature]:
    yield from falling_low_or_normal(p, course, "albumin", LIMITS.low_albumin)


def platelets(p: Picture, course: str) -> Iterator[Feature]:
    yield from falling_low_or_normal(p, course, "platelets", LIMITS.low_platelets)


def no_limit(p: Picture, peak: Peak) -> Feature:
    """In place of a multiple. [clinical.md 4.4 h]"""
    values = {"enzyme": peak.enzyme, "peak": words.peak_words(p, peak)}
    return say("any", "no_limit", (peak.draw,), **values)


def falling_low_or_normal(
    p: Picture, course: str, analyte: str, low: float, early: bool = True
) -> Iterator[Feature]:
    """A fall beyond variation where the course has a sentence for it (and it is `early`); else low or not."""
    result, draw = p.value(analyte)
    if result is None or draw is None:
        return
    moved = p.moved(analyte)
    if early and moved and moved[0] < 0 and f"{analyte}_falling" in load("scenario")["feature"][course]:
        first, last = moved[1]
        values = {"first": tell(first.by_analyte[analyte]), "value": tell(result)}
        yield say(course, f"{analyte}_falling", (first.id, last.id), **values)
    else:
        is_low = result.value < low and not result.comparator.startswith(">")
        yield say(course, f"{analyte}_{'low' if is_low else 'normal'}", (draw.id,), value=tell(result))


def doubts(p: Picture) -> Iterator[Feature]:
    """What else may have moved the INR on which a course rests."""
    causes = list(dict.fromkeys(c.words for c in p.found.confounded_by if c.klass == "soft"))
    if causes:
        yield say("any", "open_causes", p.found.draws[-1:], causes="; ".join(causes))
    yield from _muscle(p)
    if any(cap.code.startswith("contributing:") for cap in p.found.caps):
        yield say("any", "contributing")
    if not p.found.one_series:
        yield say("any", "two_laboratories", p.found.draws)


def _muscle(p: Picture) -> Iterator[Feature]:
    """CK above its limit beside a raised AST. [GK]"""
    peak = p.peaks.get("AST")
    if peak is None or peak.times <= 1:
        return
    result, draw = p.case.nearest("CK", peak.at, timedelta(hours=SHARED.pairing_hours))
    if result is None or draw is None or result.comparator.startswith("<"):
        return
    if result.value > (result.upper_limit or LIMITS.ck_high):
        yield say("any", "muscle", (draw.id, peak.draw), value=tell(result), when=day(draw.taken_at))


# --- progressive chronic liver disease ---


def progressive(p: Picture) -> Iterator[Feature]:
    course = "progressive_cld"
    yield from prior(p, course)
    yield say(course, "time", p.found.draws, span=words.window(p))
    peak = p.compared_peak
    if peak and not p.knows_limit(peak.result):
        yield no_limit(p, peak)
    elif peak:
        low = peak.times < LIMITS.progressive_peak
        values = {"enzyme": peak.enzyme, "peak": words.peak_words(p, peak)}
        yield say(course, "peak_low" if low else "peak_high", (peak.draw,), **values)
    ratio = p.ratio(p.at)
    if ratio and (ratio[0] > 1 or "cirrhosis" in p.kinds):
        key = "ratio_high" if ratio[0] > 1 else "ratio_low"
        yield say(course, key, (ratio[1],), ratio=number(ratio[0], 2))
    yield from _yearly_inr(p)
    yield from bilirubin(p, course, LIMITS.progressive_bilirubin)
    yield from albumin(p, course)
    yield from platelets(p, course)
    if p.recent_complications:
        yield say(course, "clinical_step", signs=words.complications(p, p.recent_complications))
    elif p.complications:
        yield say(course, "clinical_standing", signs=words.complications(p, p.complications))
    else:
        yield say(course, "clinical_gradual")
    if p.failures:
        yield say(course, "organs_failing", failures=failures(p))


def _yearly_inr(p: Picture) -> Iterator[Feature]:
    if p.found.inr_state != "rise":
        yield say("progressive_cld", "inr_flat", p.found.draws)
        return
    rate = (p.inr - p.found.inr_from) / p.window_days * DAYS_OF_YEAR
    # Compared as it is written: 0.33 a year is "about 0.3".
    slow = round(rate, 1) <= LIMITS.progressive_inr_year
    bound = any(p.found.inr_signs)
    told = at_least(number(rate, 1), rate, p.found.inr_signs)
    if not told or bound and slow:
        # How much faster than that, a bound does not tell.
        return
    told = told if bound else f"about {told}"
    yield say("progressive_cld", "inr_slow" if slow else "inr_fast", p.found.draws, rate=told)


def failures(p: Picture) -> str:
    return upper_first(listed([failure.words for failure in p.failures]))


# --- acute-on-chronic liver failure ---


def acute_on_chronic(p: Picture, took: timedelta | None) -> Iterator[Feature]:
    course = "aclf"
    yield from prior(p, course)
    if took is not None:
        short = took.total_seconds() / 86400 <= LIMITS.aclf_days
        yield say(course, "time_short" if short else "time_long", p.found.draws, took=words.time_words(took))
    if p.peak:
        yield _peak_of_aclf(p, p.peak)
    ratio = p.ratio(p.at)
    if ratio:
        alcohol = ratio[0] > LIMITS.alcohol_ratio and "alcohol_related" in p.kinds
        key = "ratio_alcohol" if alcohol else "ratio_high" if ratio[0] > 1 else "ratio_low"
        yield say(course, key, (ratio[1],), ratio=number(ratio[0], 2))
    yield _inr_of_aclf(p)
    yield from bilirubin(p, course, LIMITS.aclf_bilirubin)
    yield from albumin(p, course)
    yield from platelets(p, course)
    decompensated = {k: e for k, e in p.complications.items() if k != "variceal_bleed"}
    if decompensated:
        yield say(course, "clinical", signs=words.complications(p, decompensated))
    else:
        yield say(course, "clinical_none")
    precipitants = list(_precipitants(p))
    if precipitants:
        yield say(course, "precipitant", precipitants=listed(precipitants))
    failing = {"failures": lower_first(failures(p))} if p.failures else {}
    yield say(course, "organs" if p.failures else "organs_none", **failing)


def _inr_of_aclf(p: Picture) -> Feature:
    if not p.graded:
        return say("aclf", "inr_alone", latest=words.latest_inr(p))
    values = {"inr": words.inr_movement(p)}
    if p.found.inr_state == "rise" and p.window_days > LIMITS.aclf_days_longest:
        return say("aclf", "inr_long", p.found.draws, **values, span=words.window(p))
    key = "inr_rising" if p.found.inr_state == "rise" else "inr_flat"
    return say("aclf", key, p.found.draws, **values)


def _peak_of_aclf(p: Picture, peak: Peak) -> Feature:
    if not p.knows_limit(peak.result):
        return no_limit(p, peak)
    within = LIMITS.aclf_peak_low <= peak.times <= LIMITS.aclf_peak_high
    side = "within" if within else "low" if peak.times < LIMITS.aclf_peak_low else "high"
    values = {"enzyme": peak.enzyme, "peak": words.peak_words(p, peak)}
    return say("aclf", f"peak_{side}", (peak.draw,), **values)


def _precipitants(p: Picture) -> Iterator[str]:
    """Infection, bleeding, alcohol and hepatitis B, as far as recorded."""
    if p.recent("infection") or p.recent_diagnosis("sepsis"):
        yield "infection"
    if "variceal_bleed" in p.complications:
        yield "variceal bleeding"
    if "alcohol_related" in p.kinds:
        yield "alcohol (ask about recent drinking)"
    if "hepatitis_b" in p.kinds:
        yield "a flare of hepatitis B"


# --- none of them ---


def why_none(p: Picture) -> Iterator[Feature]:
    """What each rule lacks, so that a reader sees how near the record comes."""
    course = "undetermined"
    if p.disease:
        yield say(course, "known_disease", disease=words.diseases(p))
    elif p.peak and not p.knows_limit(p.peak.result):
        yield no_limit(p, p.peak)
    elif p.peak:
        values = {"enzyme": p.peak.enzyme, "peak": words.peak_words(p, p.peak)}
        yield say(course, "no_peak", (p.peak.draw,), **values)
    else:
        yield say(course, "no_enzymes")
    if not p.disease:
        yield say(course, "no_disease")
    elif p.graded:
        yield _why_not_acute_on_chronic(p)
        if p.window_days < LIMITS.progressive_days:
            yield say(course, "short", p.found.draws, span=words.window(p))


def _why_not_acute_on_chronic(p: Picture) -> Feature:
    draws = p.found.draws[-1:]
    if not p.reaches(p.inr, LIMITS.aclf_inr):
        return say("undetermined", "inr_low", draws, latest=words.latest_inr(p))
    signs = p.failures or p.new_complications
    bilirubin_value, _ = p.value("bilirubin_total")
    if not signs and not (bilirubin_value and p.reaches(bilirubin_value.value, LIMITS.aclf_bilirubin)):
        return say("undetermined", "no_sign")
    return say("undetermined", "no_change", draws)
