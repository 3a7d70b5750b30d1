"""Factors used up, lost or diluted: consumption, illness, transfusion. [clinical.md 6.1, 6.2, 7.8]"""

from collections.abc import Iterator
from datetime import timedelta

from interpretation.causes.facts.register import facts
from interpretation.causes.recorded import Recorded, coded, diagnoses, entries, events
from interpretation.evidence import Evidence, speaks_against, speaks_for
from interpretation.factors import SOURCES, fibrinogen_change
from interpretation.knowledge import limits
from interpretation.record.measured import MeasuredValue, change
from interpretation.rule.soft_confounders import isth_points
from interpretation.rule.variation import beyond
from interpretation.words import day, listed, number, share

OWN = limits("causes").read_by(__name__, "dimer_none dimer_strong dic_platelets halved halved_days")
# The product's own word.
OURS = ("ED",)
SHARED = limits("dissociation").read_by(
    __name__,
    "soft_days haemodilution_hours haemodilution_units haemodilution_haemoglobin "
    "haemodilution_albumin fibrinogen_consumed fibrinogen_fall dic_points dic_hours",
    cites="R20 R27 ED GK",
)


@facts("dic")
def dic(record: Recorded) -> Iterator[Evidence]:
    """A trigger, the ISTH score, the factor pattern, the course of platelets and fibrinogen. [R27, R28]"""
    yield from entries(diagnoses(record, ("sepsis", "hcc")), "R27")
    yield from entries(coded(record, "consumption", SHARED.soft_days), "R27", "GK")
    yield from entries(events(record, ("infection", "pregnancy"), SHARED.soft_days), "R27")
    yield from _score(record)
    yield from _pattern(record)
    yield from _fibrinogen(record)
    yield from _platelets(record)
    yield from _dimer(record)


@facts("systemic")
def systemic(record: Recorded) -> Iterator[Evidence]:
    yield from entries(diagnoses(record, ("sepsis",)), "GK")
    yield from entries(coded(record, "systemic"), "GK")
    crp = record.near("crp")
    if crp and crp.is_within_limit(record.case):
        text = f"{crp.words} is within its limit, which speaks against sepsis"
        yield speaks_against("crp_normal", text, ("GK",), crp)


@facts("haemodilution")
def haemodilution(record: Recorded) -> Iterator[Evidence]:
    """What carries no clotting factors. Not plasma: it brings them, and lowers INR for a while."""
    days = SHARED.haemodilution_hours / 24
    given = events(record, ("red_cells", "albumin_infusion", "plasma_exchange"), days)
    yield from entries(given, "GK")
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
        yield speaks_for("fell_together", f"{text}: both fell within a day", OURS, *values)
    elif not any(fell):
        text = f"{text}: neither fell enough for dilution"
        yield speaks_against("stable", text, ("GK", "ED"), *values)


def _halved(record: Recorded) -> Iterator[Evidence]:
    """Three markers of different origin halved at once, and no bleed that would explain it. [ED]"""
    falls = [_fall(record, analyte, OWN.halved_days) for analyte in ("ALP", "albumin", "platelets")]
    pairs = [pair for pair in falls if pair and _share(*pair) >= OWN.halved - 1e-9]
    first = record.inr_at - timedelta(days=OWN.halved_days)
    bled = any(e.kind == "variceal_bleed" and e.started_at >= first for e in record.events)
    if len(pairs) < len(falls) or bled:
        return
    text = f"{listed([change(*pair) for pair in pairs])}: all three halved, with no loss of blood recorded"
    yield speaks_for("halved_together", text, OURS, *(value for pair in pairs for value in pair))


def _platelets(record: Recorded) -> Iterator[Evidence]:
    """A fall beyond variation; one that stays in the usual range is no consumption."""
    platelets = record.lately("platelets")
    highest = max(platelets, key=lambda v: (v.number, v.at), default=None)
    if highest is None or not _fell(highest, platelets[-1]) or platelets[-1].above(OWN.dic_platelets):
        return
    if beyond("platelets", highest.number, platelets[-1].number):
        text = f"{change(highest, platelets[-1])}: a fall beyond expected variation"
        yield speaks_for("platelets_falling", text, ("R27", "R20"), highest, platelets[-1])


def _score(record: Recorded) -> Iterator[Evidence]:
    """The latest ISTH score whose four tests lie together; read with its associated disorder only. [R27]"""
    window = timedelta(hours=SHARED.dic_hours)
    for dimer in reversed(record.lately("d_dimer")):
        points = isth_points(record.case, dimer.draw, window)
        if points is None:
            continue
        text = f"ISTH score {points} ({day(dimer.at)}), limit {SHARED.dic_points:.0f}"
        if points < SHARED.dic_points:
            yield speaks_against("isth_score", f"{text}: repeat in 1-2 days", ("R27",), dimer)
        elif _cirrhosis(record):
            text += "; cirrhosis alone can score 4-5, so its trend counts"
            yield speaks_for("isth_score", text, ("R27",), dimer)
        else:
            yield speaks_for("isth_score", text, ("R27",), dimer)
        return


def _pattern(record: Recorded) -> Iterator[Evidence]:
    """Factor VIII is consumed with the others, or kept: the one factor the liver does not make alone."""
    found = record.factors
    if found.pattern == "consumption":
        text = f"{found.words}: factor VIII is low with factor V, as in consumption"
        yield speaks_for("factor_pattern", text, SOURCES, *found.values)
    elif found.viii and found.viii_low:
        yield speaks_for("factor_viii_low", f"{found.viii.words} is low", SOURCES, found.viii)
    elif found.viii and found.viii_kept:
        text = f"{found.viii.words} is kept; consumption lowers it"
        yield speaks_against("factor_viii_kept", text, SOURCES, found.viii)


def _fibrinogen(record: Recorded) -> Iterator[Evidence]:
    """A fall by 30 % speaks for consumption, a level that stayed speaks against. [R28, ED]"""
    found = record.factors
    first, last = found.fibrinogen_before, found.fibrinogen
    if first and last and found.fibrinogen_fell:
        text = f"{fibrinogen_change(found)}: down by {share(_share(first, last))}"
        yield speaks_for("fibrinogen_falling", text, SOURCES, first, last)
    elif last and last.below(SHARED.fibrinogen_consumed):
        text = f"{last.words} is below {number(SHARED.fibrinogen_consumed, 1)} g/L"
        yield speaks_for("fibrinogen_low", text, SOURCES, last)
    elif first and last and last.at_least(SHARED.fibrinogen_consumed):
        yield speaks_against(
            "fibrinogen_stable",
            f"{fibrinogen_change(found)}: no fall by {share(SHARED.fibrinogen_fall)}",
            SOURCES,
            first,
            last,
        )


def _dimer(record: Recorded) -> Iterator[Evidence]:
    dimer = record.near("d_dimer")
    multiple = dimer.multiple(record.case) if dimer else None
    if dimer is None or multiple is None:
        return
    text = f"{dimer.words}, {dimer.times(multiple, 1)} times its limit"
    if multiple > OWN.dimer_strong + 1e-9 and dimer.result.comparator[:1] != "<":
        yield speaks_for("dimer_strong", text, ("R27",), dimer)
    elif multiple < OWN.dimer_none - 1e-9 and dimer.result.comparator[:1] != ">":
        yield speaks_against("dimer_not_raised", f"{text}: no increase in the ISTH score", ("R27",), dimer)


def _massive(record: Recorded) -> Iterator[Evidence]:
    """Ten red cell units within a day: massive transfusion. [GK]"""
    first = record.inr_at - timedelta(hours=SHARED.haemodilution_hours)
    units = [e for e in record.events if e.kind == "red_cells" and first <= e.started_at <= record.inr_at]
    if len(units) >= SHARED.haemodilution_units:
        text = f"{len(units)} red cell units within 24 hours before {day(record.inr_at)}"
        yield from entries([text], "GK")


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
