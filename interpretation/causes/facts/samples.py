"""The tube, the device and the laboratory: causes that are no illness at all. [clinical.md 6.2]"""

from collections.abc import Iterator
from datetime import timedelta

from interpretation.causes.facts.register import facts
from interpretation.causes.recorded import (
    LOOK_BACK,
    Recorded,
    call,
    coded,
    entries,
    events,
    finding,
    finding_in,
    label_parts,
    named,
)
from interpretation.evidence import Evidence
from interpretation.knowledge import limits
from interpretation.record.measured import MeasuredValue, change
from interpretation.record.records import Draw, Event
from interpretation.rule.variation import beyond
from interpretation.words import day, days, listed, number, percent

from .lasting import aptt_ratio

OWN = limits("causes").read_by(
    __name__,
    "dialysis bad_sample jump jump_hours haemoglobin_citrate heparin_aptt heparin_inr interference_bilirubin",
)
SHARED = limits("dissociation").read_by(__name__, "merge_hours band_upper_normal haematocrit_citrate")
KINDS = ("heparin", "haematocrit", "interference")


@facts("laboratory_change")
def laboratory_change(record: Recorded) -> Iterator[Evidence]:
    """A change of laboratory or method between INRs that follow each other, or that there was none."""
    measured = record.case.measured_between("INR", record.inr_at - LOOK_BACK, record.inr_at)
    draws = [draw for draw, _ in measured]
    written = {(draw.laboratory, result.method or draw.method) for draw, result in measured}
    if len({(laboratory.casefold(), method.casefold()) for laboratory, method in written}) > 1:
        yield from _change(draws)
    elif len(draws) > 1 and draws[-1].laboratory:
        first, last = draws[0], draws[-1]
        key = "one_laboratory.two" if len(draws) == 2 else "one_laboratory.more"
        words = {
            "count": len(draws),
            "days": days(first.taken_at, last.taken_at),
            "laboratory": last.laboratory,
        }
        yield finding_in("laboratory_change", key, (first.id, last.id), **words)


@facts("sample_underfilled")
def underfilled(record: Recorded) -> Iterator[Evidence]:
    """A flagged tube, or an INR that jumped while all else stayed; a second sample that agrees. [R32, ED]"""
    yield from entries(_flags(record, "unsuitable"), "sample_underfilled", "flags")
    last, before = record.inr, _day_before(record)
    if last is None or before is None or not before.exact or not last.exact or before.number <= 0:
        return
    if last.number / before.number - 1 >= OWN.jump - 1e-9:
        yield from _jump(record, before, last)
    elif last.above(SHARED.band_upper_normal) and beyond("INR", before.number, last.number) is False:
        yield finding("sample_underfilled", "repeated", before, last, change=change(before, last))


def _jump(record: Recorded, before: MeasuredValue, last: MeasuredValue) -> Iterator[Evidence]:
    """An INR that rose alone: bilirubin and platelets stayed, as far as measured."""
    flat = [_flat(record, before, last, analyte) for analyte in ("bilirubin_total", "platelets")]
    held = [pair for pair in flat if isinstance(pair, tuple)]
    if held and False not in flat:
        words = {
            "change": change(before, last),
            "percent": percent((last.number / before.number - 1) * 100),
            "beside": listed([change(*pair) for pair in held]),
        }
        values = (value for pair in held for value in pair)
        yield finding("sample_underfilled", "jump", before, last, *values, **words)


@facts("sample_haematocrit")
def haematocrit(record: Recorded) -> Iterator[Evidence]:
    """Too many red cells for the citrate of the tube. [R32]"""
    result = record.near("haematocrit")
    if result and result.above(SHARED.haematocrit_citrate):
        words = {"amount": result.amount, "day": day(result.at)}
        yield finding("sample_haematocrit", "haematocrit.high", result, **words)
    elif result and result.at_most(SHARED.haematocrit_citrate):
        limit = number(SHARED.haematocrit_citrate, 2)
        yield finding(
            "sample_haematocrit", "haematocrit.not_high", result, haematocrit=result.words, limit=limit
        )
    haemoglobin = record.near("haemoglobin")
    if haemoglobin and haemoglobin.above(OWN.haemoglobin_citrate):
        words = {"haemoglobin": haemoglobin.words, "limit": number(OWN.haemoglobin_citrate)}
        yield finding("sample_haematocrit", "haemoglobin", haemoglobin, **words)
    yield from entries(coded(record, "high_haematocrit"), "sample_haematocrit", "codes")
    yield from entries(_flags(record, "haematocrit"), "sample_haematocrit", "flags")


@facts("heparin")
def heparin(record: Recorded) -> Iterator[Evidence]:
    """Heparin in the tube lengthens aPTT far more than PT. [GK]"""
    yield from entries(_flags(record, "heparin"), "heparin", "flags")
    yield from entries(events(record, ("dialysis",), OWN.dialysis), "heparin", "dialysis")
    aptt = record.near("aptt", SHARED.merge_hours)
    ratio = aptt_ratio(aptt) if aptt else None
    if aptt is None or ratio is None or record.inr is None:
        return
    if ratio > OWN.heparin_aptt + 1e-9 and record.inr.below(OWN.heparin_inr):
        words = {"aptt": aptt.words, "times": aptt.times(ratio, 1), "inr": record.inr.amount}
        yield finding("heparin", "aptt_long", aptt, record.inr, **words)
    elif aptt.is_within_limit(record.case):
        yield finding("heparin", "aptt_normal", aptt, aptt=aptt.words)


@facts("analytical")
def interference(record: Recorded) -> Iterator[Evidence]:
    """A sample too icteric, lipaemic or haemolysed for an optical clot detector. [GK]"""
    yield from entries(_flags(record, "interference"), "analytical", "flags")
    bilirubin = record.near("bilirubin_total")
    limit = number(OWN.interference_bilirubin)
    if bilirubin and bilirubin.above(OWN.interference_bilirubin):
        yield finding("analytical", "icterus", bilirubin, bilirubin=bilirubin.words, limit=limit)
    elif bilirubin and bilirubin.at_most(OWN.interference_bilirubin):
        yield finding("analytical", "no_icterus", bilirubin, bilirubin=bilirubin.words, limit=limit)


def _change(draws: list[Draw]) -> Iterator[Evidence]:
    """The latest change; a laboratory that nobody recorded is not a known change."""
    for before, after in zip(reversed(draws[:-1]), reversed(draws[1:]), strict=True):
        for old, new in zip(_series(before), _series(after), strict=True):
            if old and new and old.casefold() != new.casefold():
                words = {"old": old, "before": day(before.taken_at), "new": new, "after": day(after.taken_at)}
                yield finding_in("laboratory_change", "laboratory", (before.id, after.id), **words)
                return


def _series(draw: Draw) -> tuple[str, str]:
    result = draw.result("INR")
    method = (result.method if result else "") or draw.method
    return draw.laboratory, method.replace("_", " ") or "a method not recorded"


def _day_before(record: Recorded) -> MeasuredValue | None:
    """The INR before the latest one, within a day, of the same laboratory and method."""
    if record.inr is None:
        return None
    first = record.inr_at - timedelta(hours=OWN.jump_hours)
    earlier = record.measured.between("INR", first, record.inr_at)
    series = record.inr.series
    return next((v for v in reversed(earlier) if v.at < record.inr_at and v.series == series), None)


def _flat(
    record: Recorded, before: MeasuredValue, after: MeasuredValue, analyte: str
) -> tuple[MeasuredValue, MeasuredValue] | bool | None:
    """Its values beside both INRs where they agree; False where they moved, None where not measured."""
    reach = timedelta(hours=SHARED.merge_hours)
    first, last = (record.measured.nearest(analyte, v.at, reach) for v in (before, after))
    if first is None or last is None or first.at == last.at:
        return None
    moved = beyond(analyte, first.number, last.number)
    return False if moved or moved is None else (first, last)


def _flags(record: Recorded, wanted: str) -> list[str]:
    """Flagged samples sorted by their label; what no label claims counts as an unsuitable tube."""
    earliest = record.inr_at - timedelta(days=OWN.bad_sample)
    return [
        _flag_words(event, record)
        for event in record.events
        if event.kind == "bad_sample" and event.started_at >= earliest and _kind(event.label) == wanted
    ]


def _kind(label: str) -> str:
    return next((kind for kind in KINDS if named(label, label_parts(kind))), "unsuitable")


def _flag_words(event: Event, record: Recorded) -> str:
    label = f" ({event.label.strip()})" if event.label.strip() else ""
    after = " (after the latest INR)" if record.has_inr and event.started_at > record.inr_at else ""
    return f"{call('bad_sample')}{label} {day(event.started_at)}{after}"
