"""Lasting conditions: congestion, inhibitors, a factor that was never there. [clinical.md 6.1, 6.2]"""

from collections.abc import Iterator

from interpretation.causes.facts.register import facts
from interpretation.causes.recorded import Recorded, coded, diagnoses, entries, finding
from interpretation.evidence import Evidence
from interpretation.factors import listed
from interpretation.knowledge import limits
from interpretation.record import analytes
from interpretation.record.measured import MeasuredValue, change
from interpretation.record.records import Draw
from interpretation.rule.comparison import DAY
from interpretation.rule.pairing import ENZYMES
from interpretation.rule.trend import kendall_tau_b
from interpretation.rule.variation import beyond
from interpretation.words import day, days, inr, lower_first, number

OWN = limits("causes").read_by(__name__, "mild_inr inhibitor_aptt inhibitor_inr lifelong_days lifelong_inrs")
SHARED = limits("dissociation").read_by(
    __name__, "merge_hours rise_ratio trend_draws trend_tau band_upper_normal"
)


@facts("congestion")
def congestion(record: Recorded) -> Iterator[Evidence]:
    """A condition of the heart or veins, and whether results look like it; without one they are not read.

    Congestion gives a mild and stable INR with ALP and GGT first. [R35]
    """
    found = diagnoses(record, ("fontan", "right_heart_failure", "heart_failure"))
    found += coded(record, "congestion")
    yield from entries(found, "congestion", "conditions")
    if found:
        yield from _mild_and_stable(record)
        yield from _cholestatic_lead(record)
        yield from _rises_while_albumin_falls(record)


@facts("inhibitor")
def inhibitor(record: Recorded) -> Iterator[Evidence]:
    """aPTT long out of proportion to INR. [GK, ED]"""
    yield from entries(diagnoses(record, ("lupus_anticoagulant",)), "inhibitor", "diagnoses")
    yield from entries(coded(record, "inhibitor"), "inhibitor", "codes")
    aptt = record.near("aptt", SHARED.merge_hours)
    ratio = aptt_ratio(aptt) if aptt else None
    if not (aptt and ratio and record.inr):
        return
    if ratio > OWN.inhibitor_aptt + 1e-9 and record.inr.below(OWN.inhibitor_inr):
        words = {"aptt": aptt.words, "times": aptt.times(ratio, 1), "inr": record.inr.amount}
        yield finding("inhibitor", "aptt_long", aptt, record.inr, **words)


@facts("factor_vii_deficiency")
def factor_vii_deficiency(record: Recorded) -> Iterator[Evidence]:
    """INR raised in every record with a sound liver; any earlier normal INR excludes it. [GK, ED]"""
    cause = "factor_vii_deficiency"
    yield from entries(diagnoses(record, ("factor_deficiency",)), cause, "diagnoses")
    yield from entries(coded(record, "factor_vii_deficiency"), cause, "codes")
    yield from _isolated(record)
    normal = next(filter(_normal, record.inr_draws), None)
    if normal:
        value = MeasuredValue(normal, normal.by_analyte["INR"])
        yield finding(cause, "normal_inr", value, inr=value.amount, day=day(value.at))
    elif len(record.inr_draws) >= OWN.lifelong_inrs:
        yield from _always_raised(record)


def aptt_ratio(aptt: MeasuredValue) -> float | None:
    """aPTT over the mean of its normal range; a bound "<" tells none."""
    low, high = aptt.result.lower_limit, aptt.result.upper_limit
    if not (low and high):
        low, high = analytes.get("aptt").lower(), analytes.get("aptt").upper()
    if not (low and high) or aptt.result.comparator[:1] == "<":
        return None
    return 2 * aptt.number / (low + high)


def _normal(draw: Draw) -> bool:
    result = draw.by_analyte["INR"]
    return result.value <= SHARED.band_upper_normal + 1e-9 and result.comparator[:1] != ">"


def _always_raised(record: Recorded) -> Iterator[Evidence]:
    """Every INR since the first record is raised, beside a liver that shows nothing else."""
    inrs = [MeasuredValue(draw, draw.by_analyte["INR"]) for draw in record.inr_draws]
    sound = _sound_liver(record)
    span = (inrs[-1].at - inrs[0].at).total_seconds() / DAY
    if span < OWN.lifelong_days:
        return
    if sound and all(value.above(SHARED.band_upper_normal) for value in inrs):
        words = {
            "count": len(inrs),
            "days": days(inrs[0].at, inrs[-1].at),
            "tests": lower_first(listed(sound)),
        }
        yield finding("factor_vii_deficiency", "always_raised", inrs[0], inrs[-1], *sound, **words)


def _mild_and_stable(record: Recorded) -> Iterator[Evidence]:
    """At least three INRs of 18 months, raised, never above 1.5, within their own variation. [R35, ED]"""
    values = [value for value in record.inrs if value.exact and value.number > 0]
    if len(values) < SHARED.trend_draws:
        return
    lowest = min(values, key=lambda v: (v.number, v.at))
    highest = max(values, key=lambda v: (v.number, v.at))
    stable = highest.number / lowest.number < SHARED.rise_ratio - 1e-9
    if stable and highest.above(SHARED.band_upper_normal) and highest.at_most(OWN.mild_inr):
        spread = inr(lowest.number)
        spread += f" to {inr(highest.number)}" if highest.number > lowest.number else ""
        words = {"spread": spread, "count": len(values), "days": days(values[0].at, values[-1].at)}
        yield finding("congestion", "mild_stable", values[0], values[-1], **words)


def _cholestatic_lead(record: Recorded) -> Iterator[Evidence]:
    """ALP or GGT above its limit and further above it than ALT. [GK]"""
    near = {key: value for key in ("ALT", "ALP", "GGT") if (value := record.near(key)) and value.exact}
    times = {key: times for key, value in near.items() if (times := value.multiple(record.case)) is not None}
    led = max((key for key in ("ALP", "GGT") if times.get(key)), key=lambda key: times[key], default=None)
    if led and "ALT" in times and times[led] > max(1, times["ALT"]) + 1e-9:
        both = near[led], near["ALT"]
        words = {"enzymes": listed(both), "led": led, "times": number(times[led], 1)}
        yield finding("congestion", "cholestatic_lead", *both, **words)


def _rises_while_albumin_falls(record: Recorded) -> Iterator[Evidence]:
    """A steady rise of INR with albumin falling beyond expected variation: not congestion's way. [R35]"""
    values = [value for value in record.series if not value.result.comparator]
    if len(values) < SHARED.trend_draws:
        return
    # The first of the lowest: values are in time order.
    lowest = min(values, key=lambda value: value.result.value)
    rising = values[values.index(lowest) :]
    last = rising[-1]
    rise = lowest.number > 0 and last.number / lowest.number >= SHARED.rise_ratio - 1e-9
    if not rise or len(rising) < SHARED.trend_draws:
        return
    albumin = record.measured.between("albumin", lowest.at, last.at)
    if len(albumin) < 2 or not (albumin[0].exact and albumin[-1].exact):
        return
    first, latest = albumin[0], albumin[-1]
    if latest.number >= first.number or not beyond("albumin", first.number, latest.number):
        return
    tau = kendall_tau_b(list(enumerate(value.number for value in rising)))
    if tau is not None and tau >= SHARED.trend_tau - 1e-9:
        words = {"inr": change(lowest, last), "albumin": lower_first(change(first, latest))}
        yield finding("congestion", "rising", lowest, last, first, latest, **words)


def _isolated(record: Recorded) -> Iterator[Evidence]:
    """Factor VII low with V and VIII kept and a normal aPTT. [clinical.md 6.1]"""
    found, aptt = record.factors, record.near("aptt")
    if not (found.v and found.vii and found.viii and aptt):
        return
    alone = found.v_kept and found.vii_low and not found.viii_low
    if alone and aptt.is_within_limit(record.case):
        values = (found.v, found.vii, found.viii, aptt)
        yield finding("factor_vii_deficiency", "isolated", *values, factors=listed(values))


def _sound_liver(record: Recorded) -> tuple[MeasuredValue, ...]:
    """The latest ALT or AST and albumin, where all that were measured are normal."""
    enzymes = [value for key in ENZYMES if (value := record.near(key))]
    albumin = record.near("albumin")
    if not enzymes or albumin is None:
        return ()
    low = albumin.result.lower_limit or analytes.get("albumin").lower(record.case.sex)
    if low is None or albumin.below(low):
        return ()
    normal = all(value.is_within_limit(record.case) for value in enzymes)
    return (*enzymes, albumin) if normal else ()
