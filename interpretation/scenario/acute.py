"""Features of a course after acute injury, of what caused it, and the answer of the kinetic aid."""

from collections.abc import Iterator
from datetime import timedelta

from interpretation.rule.comparison import DAY

from ..knowledge import load
from ..words import day, listed, lower_first, number, upper_first, value
from . import subtype, words
from .features import Feature, failures, falling_low_or_normal, no_limit, say
from .kinetics import Decay
from .picture import LIMITS, SHARED, Picture
from .rules import acute_liver_failure, highest_inr

LIMITS.read_by(
    __name__,
    "post_acute_peak progressive_bilirubin inr_peak_days albumin_days low_albumin low_platelets ischaemic_AST "
    "ischaemic_fall ischaemic_fall_hours alf_inr lag_hours ldh_ratio",
)
load("scenario").read_by(__name__, "subtype disease missing")

SHARED.read_by(__name__, "pairing_hours")

COURSE = "post_acute"


def post_acute(p: Picture, outcome: str, decays: tuple[Decay, ...]) -> Iterator[Feature]:
    peak = p.injury
    if p.disease:
        yield say(COURSE, "prior_known", disease=words.diseases(p), since=words.known_since(p))
    else:
        yield say(COURSE, "prior")
    if p.at > peak.at:
        yield say(COURSE, "time", (peak.draw,), ago=words.time_words(p.at - peak.at))
    yield _peak(p)
    if not p.read_after_peak:
        # Tests of the time before the injury do not tell what it did.
        return
    yield from _ratio(p)
    yield from _definition(p)
    lag = list(no_lag(p, decays))
    yield from lag or _inr(p, outcome)
    yield from _bilirubin(p)
    yield from _albumin(p)
    early = (p.at - p.injury.at).total_seconds() / DAY <= LIMITS.albumin_days
    # Consumption is not supported by a fall that stays in the usual range.
    yield from falling_low_or_normal(
        p, COURSE, "platelets", LIMITS.low_platelets, early and _low_platelets(p)
    )
    if p.failures:
        yield say(COURSE, "organs", failures=lower_first(failures(p)))


def _peak(p: Picture) -> Feature:
    peak = p.injury
    if not p.knows_limit(peak.result):
        return no_limit(p, peak)
    key = "peak" if peak.times >= LIMITS.post_acute_peak - 1e-9 else "peak_subacute"
    return say(COURSE, key, (peak.draw,), enzyme=peak.enzyme, peak=words.peak_words(p, peak))


def _low_platelets(p: Picture) -> bool:
    result, _ = p.value("platelets")
    return result is not None and result.value <= LIMITS.low_platelets


def _ratio(p: Picture) -> Iterator[Feature]:
    first, now = p.ratio(p.injury.at), p.ratio(p.at)
    if not now or p.at <= p.injury.at:
        return
    late = (p.at - p.injury.at).total_seconds() / DAY > LIMITS.inr_peak_days
    if first and now[0] < 1 and now[0] < first[0]:
        values = {"first": number(first[0], 2), "ratio": number(now[0], 2)}
        yield say(COURSE, "ratio_crossed", (first[1], now[1]), **values)
    elif late and now[0] > 1:
        days = number(LIMITS.inr_peak_days)
        yield say(COURSE, "ratio_late", (now[1],), ratio=number(now[0], 2), days=days)


def _definition(p: Picture) -> Iterator[Feature]:
    found = acute_liver_failure(p)
    if not found:
        return
    event, draws = p.encephalopathy, p.found.draws[-1:]
    grade = f" grade {event.grade}" if event and event.grade else ""
    latest = words.latest_inr(p)
    if found == "failure" and p.is_child:
        with_it = f" with encephalopathy{grade}" if event else ""
        yield say(COURSE, "alf_child", draws, latest=latest, with_encephalopathy=with_it)
    elif found == "failure":
        yield say(COURSE, "alf", draws, latest=latest, grade=grade)
    else:
        yield say(COURSE, "severe_injury", draws, latest=latest)


def _inr(p: Picture, outcome: str) -> Iterator[Feature]:
    if not outcome:
        return
    draws, after = p.found.draws, p.at - p.injury.at
    if outcome == "recovering":
        values = {"highest": value(highest_inr(p)), "latest": words.latest_inr(p)}
        yield say(COURSE, "inr_fell", draws, **values)
    elif p.found.inr_state == "non_recovering":
        values = {"inr": words.inr_movement(p), "after": words.time_words(after)}
        yield say(COURSE, "inr_stays", draws, **values)
    elif after > timedelta():
        late = after.total_seconds() / DAY > LIMITS.inr_peak_days
        yield say(COURSE, "inr_late" if late else "inr_peaking", draws, after=words.time_words(after))


def no_lag(p: Picture, decays: tuple[Decay, ...]) -> Iterator[Feature]:
    """Only when true: INR rose between its last two readable draws, the last one more than a day after an
    enzyme began to fall at the speed of clearance. [R56, R21]"""
    if p.found.inr_state != "rise" or not p.read_after_peak:
        return
    draws = [d for d in p.case.between(p.found.baseline_at, p.found.latest_at) if d.id in p.found.draws]
    inrs = [(d.taken_at, r, d.id) for d in draws if (r := d.result("INR")) and not r.comparator]
    if len(inrs) < 2 or inrs[-1][1].value <= inrs[-2][1].value:
        return
    for decay in decays:
        hours = (inrs[-1][0] - decay.first_at).total_seconds() / 3600
        if decay.stopped and hours > LIMITS.lag_hours and decay.last_at >= inrs[-2][0]:
            last, before = value(inrs[-1][1]), value(inrs[-2][1])
            values = {"inr": f"{before} → {last}", "hours": number(hours), "enzyme": decay.enzyme}
            yield say(COURSE, "no_lag", (*decay.draws, inrs[-2][2], inrs[-1][2]), **values)
            return


def _bilirubin(p: Picture) -> Iterator[Feature]:
    moved = p.moved("bilirubin_total")
    if not moved or moved[0] == 0:
        return
    first, last = moved[1]
    values = [value(draw.by_analyte["bilirubin_total"]) for draw in (first, last)]
    key = "bilirubin_rising" if moved[0] > 0 else "bilirubin_falling"
    yield say(COURSE, key, (first.id, last.id), first=values[0], value=values[1])


def _albumin(p: Picture) -> Iterator[Feature]:
    """Early only: later a low albumin is what the injury did, or the illness around it."""
    if (p.at - p.injury.at).total_seconds() / DAY <= LIMITS.albumin_days:
        yield from falling_low_or_normal(p, COURSE, "albumin", LIMITS.low_albumin)


# --- what caused it ---


def causes(p: Picture, named: tuple[str, ...]) -> Iterator[Feature]:
    """What the record holds of each possible cause of the injury."""
    fall = subtype.fall_in_72_hours(p)
    yield from _ischaemic(p, fall)
    yield from _dehydrogenase(p)
    yield from _drugs(p)
    yield from _hepatitis(p)
    if fall and {"viral", "autoimmune"} & set(named) and _is_slow(p, fall):
        yield say("subtype", "slow", fall.draws, enzyme=_enzyme(p), fall=fall.words)
    ratio = subtype.injury_ratio(p)
    if ratio:
        pattern = subtype.pattern_words(ratio[0])
        yield say("subtype", "r_factor", (ratio[1],), ratio=number(ratio[0], 1), pattern=pattern)
    if len(named) > 1:
        names = load("scenario")["subtype"]
        yield say("subtype", "several", names=listed([names[key]["name"] for key in named]))


def _ischaemic(p: Picture, fall: subtype.Fall | None) -> Iterator[Feature]:
    circulation, ast = subtype.circulatory_failure(p), p.peaks.get("AST")
    coded = subtype.is_coded(p, "ischaemic")
    if coded:
        yield say("subtype", "ischaemic_coded")
    if circulation and ast and p.knows_limit(ast.result) and ast.times > LIMITS.ischaemic_AST:
        values = {"circulation": listed(circulation), "peak": words.peak_words(p, ast)}
        yield say("subtype", "ischaemic_circulation", (ast.draw,), **values)
    if fall and (coded or circulation or subtype.is_paracetamol(p)):
        fast = fall.share >= LIMITS.ischaemic_fall - 1e-9
        if fast or (_is_slow(p, fall) and (coded or circulation)):
            key = "ischaemic_fast" if fast else "ischaemic_slow"
            yield say("subtype", key, fall.draws, enzyme=_enzyme(p), fall=fall.words)


def _dehydrogenase(p: Picture) -> Iterator[Feature]:
    found = subtype.alt_to_ldh(p)
    if found and found[0] <= LIMITS.ldh_ratio + 1e-9:
        yield say("subtype", "ldh_low", (found[1],), ratio=number(found[0], 2))


def _is_slow(p: Picture, fall: subtype.Fall) -> bool:
    """Less than half within 72 hours: told only when these are over."""
    peak = p.peaks.get("AST") or p.peaks.get("ALT")
    over = p.case.as_of - peak.at >= timedelta(hours=LIMITS.ischaemic_fall_hours)
    return over and not fall.least and fall.share < LIMITS.ischaemic_fall - 1e-9


def _enzyme(p: Picture) -> str:
    return "AST" if "AST" in p.peaks else "ALT"


def _drugs(p: Picture) -> Iterator[Feature]:
    if subtype.is_paracetamol(p):
        taken = subtype.paracetamol_exposures(p)
        when = f"recorded from {day(taken[0].started_at)}" if taken else "poisoning is coded"
        yield say("subtype", "paracetamol", recorded=when)
        bilirubin, draw = p.value("bilirubin_total")
        if bilirubin and draw and bilirubin.value < LIMITS.progressive_bilirubin:
            yield say("subtype", "paracetamol_picture", (draw.id,), value=value(bilirubin))
    if subtype.is_coded(p, "drug_induced"):
        yield say("subtype", "drug_coded")
    others = [e for e in subtype.exposures(p) if e not in subtype.paracetamol_exposures(p)]
    if others:
        names = listed(list(dict.fromkeys(e.label or "a drug without a name" for e in others)))
        yield say("subtype", "drug_exposure", drugs=names)


def _hepatitis(p: Picture) -> Iterator[Feature]:
    names = load("scenario")["disease"]
    for diagnosis in subtype.newly_noted(p, "hepatitis_b", "hepatitis_c"):
        yield say("subtype", "viral", disease=upper_first(names[diagnosis.kind]))
    if subtype.newly_noted(p, "autoimmune_hepatitis"):
        yield say("subtype", "autoimmune")


def missing_tests(p: Picture, kind: str, named: tuple[str, ...]) -> Iterator[str]:
    """What the reading lacks: tests not done within 48 hours of the draw, and what is not recorded."""
    names = load("scenario")["missing"]
    yield from _not_measured(p)
    if p.reaches(p.inr, LIMITS.alf_inr) and not p.has_entry("encephalopathy"):
        yield names["encephalopathy"]
    if kind == "post_acute" and not named and not subtype.circulatory_failure(p):
        yield names["cause"]
    if "drug_induced" in named and not subtype.exposures(p):
        yield names["drug"]
    if kind == "post_acute" and acute_liver_failure(p) == "failure":
        yield names["onset"]
    if kind == "aclf":
        yield names["circulation"]


def _not_measured(p: Picture) -> Iterator[str]:
    names = load("scenario")["missing"]
    lacking = [
        names[key] for key in ("bilirubin_total", "albumin", "platelets", "creatinine") if not p.value(key)[0]
    ]
    if lacking:
        hours = number(SHARED.pairing_hours)
        yield f"{listed(lacking)} within {hours} hours of {day(p.at)}"
    if any(not p.knows_limit(peak.result) for peak in p.peaks.values()):
        yield names["limit"]
    if not p.ratio(p.at):
        yield names["transaminases"]
