"""Factors used up, lost or diluted: consumption, illness, transfusion. [clinical.md 6.1, 6.2, 7.8]"""

from collections.abc import Iterator
from datetime import timedelta

from interpretation.causes.facts.register import facts
from interpretation.causes.recorded import Recorded, coded, diagnoses, entries, events, finding
from interpretation.evidence import Evidence
from interpretation.factors import fibrinogen_change
from interpretation.knowledge import limits
from interpretation.record.measured import MeasuredValue, change
from interpretation.rule.soft_confounders import isth_points
from interpretation.rule.variation import beyond
from interpretation.words import day, listed, number, share

OWN = limits("causes").read_by(__name__, "dimer_none dimer_strong dic_platelets halved halved_days")
SHARED = limits("dissociation").read_by(
    __name__,
    "soft_days haemodilution_hours haemodilution_units haemodilution_haemoglobin "
    "haemodilution_albumin fibrinogen_consumed fibrinogen_fall dic_points dic_hours",
)


@facts("dic")
def dic(record: Recorded) -> Iterator[Evidence]:
    """A trigger, the ISTH score, the factor pattern, the course of platelets and fibrinogen. [R27, R28]"""
    yield from entries(diagnoses(record, ("sepsis", "hcc")), "dic", "diagnoses")
    yield from entries(coded(record, "consumption", SHARED.soft_days), "dic", "codes")
    yield from entries(events(record, ("infection", "pregnancy"), SHARED.soft_days), "dic", "events")
    yield from _score(record)
    yield from _pattern(record)
    yield from _fibrinogen(record)
    yield from _platelets(record)
    yield from _dimer(record)


@facts("systemic")
def systemic(record: Recorded) -> Iterator[Evidence]:
    yield from entries(diagnoses(record, ("sepsis",)), "systemic", "diagnoses")
    yield from entries(coded(record, "systemic"), "systemic", "codes")
    crp = record.near("crp")
    if crp and crp.is_within_limit(record.case):
        yield finding("systemic", "crp_normal", crp, crp=crp.words)


@facts("haemodilution")
def haemodilution(record: Recorded) -> Iterator[Evidence]:
    """What carries no clotting factors. Not plasma: it brings them, and lowers INR for a while."""
    days = SHARED.haemodilution_hours / 24
    given = events(record, ("red_cells", "albumin_infusion", "plasma_exchange"), days)
    yield from entries(given, "haemodilution", "events")
    yield from _massive(record)
    yield from _fell_within_a_day(record)
    yield from _halved(record)


def _fell_within_a_day(record: Recorded) -> Iterator[Evidence]:
    days = SHARED.haemodilution_hours / 24
    both = [_fall(record, analyte, days) for analyte in ("haemoglobin", "albumin")]
    falls = [fall for fall in both if fall]
    if len(falls) < len(both):
        return
    text = listed([change(first, last) for first, last in falls])
    values = [value for pair in falls for value in pair]
    limits_ = (SHARED.haemodilution_haemoglobin, SHARED.haemodilution_albumin)
    fell = [_share(*pair) >= limit - 1e-9 for pair, limit in zip(falls, limits_, strict=True)]
    if all(fell):
        yield finding("haemodilution", "fell_together", *values, changes=text)
    elif not any(fell):
        yield finding("haemodilution", "stable", *values, changes=text)


def _halved(record: Recorded) -> Iterator[Evidence]:
    """Three markers of different origin halved at once, and no bleed that would explain it. [ED]"""
    falls = [_fall(record, analyte, OWN.halved_days) for analyte in ("ALP", "albumin", "platelets")]
    pairs = [pair for pair in falls if pair and _share(*pair) >= OWN.halved - 1e-9]
    first = record.inr_at - timedelta(days=OWN.halved_days)
    bled = any(e.kind == "variceal_bleed" and e.started_at >= first for e in record.events)
    if len(pairs) < len(falls) or bled:
        return
    changes = listed([change(*pair) for pair in pairs])
    values = (value for pair in pairs for value in pair)
    yield finding("haemodilution", "halved_together", *values, changes=changes)


def _platelets(record: Recorded) -> Iterator[Evidence]:
    """A fall beyond variation; one that stays in the usual range is no consumption."""
    platelets = record.lately("platelets")
    highest = max(platelets, key=lambda v: (v.number, v.at), default=None)
    if highest is None or not _fell(highest, platelets[-1]) or platelets[-1].above(OWN.dic_platelets):
        return
    if beyond("platelets", highest.number, platelets[-1].number):
        fall = change(highest, platelets[-1])
        yield finding("dic", "platelets_falling", highest, platelets[-1], change=fall)


def _score(record: Recorded) -> Iterator[Evidence]:
    """The latest ISTH score whose four tests lie together; read with its associated disorder only. [R27]"""
    window = timedelta(hours=SHARED.dic_hours)
    for dimer in reversed(record.lately("d_dimer")):
        points = isth_points(record.case, dimer.draw, window)
        if points is None:
            continue
        reached = "cirrhosis" if _cirrhosis(record) else "reached"
        key = "isth_score.low" if points < SHARED.dic_points else f"isth_score.{reached}"
        limit = number(SHARED.dic_points)
        yield finding("dic", key, dimer, points=points, day=day(dimer.at), limit=limit)
        return


def _pattern(record: Recorded) -> Iterator[Evidence]:
    """Factor VIII is consumed with the others, or kept: the one factor the liver does not make alone."""
    found = record.factors
    if found.pattern == "consumption":
        yield finding("dic", "factor_pattern", *found.values, factors=found.words)
    elif found.viii and found.viii_low:
        yield finding("dic", "factor_viii_low", found.viii, factor=found.viii.words)
    elif found.viii and found.viii_kept:
        yield finding("dic", "factor_viii_kept", found.viii, factor=found.viii.words)


def _fibrinogen(record: Recorded) -> Iterator[Evidence]:
    """A fall by 30 % speaks for consumption, a level that stayed speaks against. [R28, ED]"""
    found = record.factors
    first, last = found.fibrinogen_before, found.fibrinogen
    if first and last and found.fibrinogen_fell:
        words = {"change": fibrinogen_change(found), "share": share(_share(first, last))}
        yield finding("dic", "fibrinogen_falling", first, last, **words)
    elif last and last.below(SHARED.fibrinogen_consumed):
        limit = number(SHARED.fibrinogen_consumed, 1)
        yield finding("dic", "fibrinogen_low", last, fibrinogen=last.words, limit=limit)
    elif first and last and last.at_least(SHARED.fibrinogen_consumed):
        words = {"change": fibrinogen_change(found), "share": share(SHARED.fibrinogen_fall)}
        yield finding("dic", "fibrinogen_stable", first, last, **words)


def _dimer(record: Recorded) -> Iterator[Evidence]:
    dimer = record.near("d_dimer")
    multiple = dimer.multiple(record.case) if dimer else None
    if dimer is None or multiple is None:
        return
    words = {"dimer": dimer.words, "times": dimer.times(multiple, 1)}
    if multiple > OWN.dimer_strong + 1e-9 and dimer.result.comparator[:1] != "<":
        yield finding("dic", "dimer_strong", dimer, **words)
    elif multiple < OWN.dimer_none - 1e-9 and dimer.result.comparator[:1] != ">":
        yield finding("dic", "dimer_not_raised", dimer, **words)


def _massive(record: Recorded) -> Iterator[Evidence]:
    """Ten red cell units within a day: massive transfusion. [GK]"""
    first = record.inr_at - timedelta(hours=SHARED.haemodilution_hours)
    units = [e for e in record.events if e.kind == "red_cells" and first <= e.started_at <= record.inr_at]
    if len(units) >= SHARED.haemodilution_units:
        text = f"{len(units)} red cell units within 24 hours before {day(record.inr_at)}"
        yield from entries([text], "haemodilution", "massive")


def _fall(record: Recorded, analyte: str, days: float) -> tuple[MeasuredValue, MeasuredValue] | None:
    """The last value of these days before the latest INR and the highest before it in them."""
    values = record.lately(analyte, days)
    if len(values) < 2:
        return None
    return max(values[:-1], key=lambda v: (v.number, v.at)), values[-1]


def _fell(first: MeasuredValue, last: MeasuredValue) -> bool:
    return first.exact and last.exact and 0 < last.number < first.number


def _share(first: MeasuredValue, last: MeasuredValue) -> float:
    """The fall as a fraction; bounds tell none."""
    return 1 - last.number / first.number if first.exact and last.exact and first.number > 0 else 0.0


def _cirrhosis(record: Recorded) -> bool:
    return any(diagnosis.kind == "cirrhosis" for diagnosis in record.diagnoses)
