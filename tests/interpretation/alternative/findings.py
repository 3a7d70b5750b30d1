"""What stands beside the INR at a draw: other results, events, soft confounders, evidence (4.2, 4.4 f)."""

from datetime import datetime, timedelta
from typing import Any

from tests.interpretation.alternative.limits import (
    ALBUMIN_FALL,
    BILIRUBIN_FALL,
    above,
    at_least,
    below,
)
from tests.interpretation.alternative.record import Record, Value
from tests.interpretation.alternative.statistics import days

SOFT_DIAGNOSES = (
    *("cholestasis", "malnutrition", "sepsis", "fontan", "right_heart_failure"),
    *("lupus_anticoagulant", "factor_deficiency"),
)
SOFT_EVENT_DAYS = {"nil_by_mouth": 14, "nac": 2, "tigecycline": 14}
TWO_DAYS = timedelta(hours=48)


def beside(record: Record, analyte: str, at: datetime) -> Value | None:
    """The result nearest to a draw within the 48 h that make a paired draw; of two as near, the later."""
    near = [v for v in record.of(analyte) if _apart(v, at) <= TWO_DAYS]
    return min(near, key=lambda v: (_apart(v, at), -v.at.timestamp()), default=None)


def _apart(value: Value, at: datetime) -> timedelta:
    if not value.hour_known and value.at.date() == at.date():
        return timedelta()
    return abs(value.at - at)


def has_event(record: Record, kind: str, at: datetime) -> bool:
    """Present at the draw, or noted since; grade 0 says that it is absent."""
    return any(e.get("grade") != 0 and _lasts(e, at) for e in record.events_of(kind))


def _lasts(event: dict[str, Any], at: datetime) -> bool:
    """An encephalopathy whose end nobody recorded counts for 90 days."""
    if event["end"]:
        return event["end"] >= at
    return event["kind"] != "encephalopathy" or event["start"] >= at - timedelta(days=90)


def soft_confounders(record: Record, at: datetime) -> list[str]:
    """4.2, class soft: 14 days unless stated."""
    found = record.has_diagnosis(SOFT_DIAGNOSES, at, after_days=14)
    for kind, reach in SOFT_EVENT_DAYS.items():
        events = record.events_of(kind)
        if any(e["start"] <= at <= (e["end"] or at) + timedelta(days=reach) for e in events):
            found.append(kind)
    if at_least(_antibiotic_days(record, at), 5):
        found.append("antibiotic")
    return found


def _antibiotic_days(record: Record, at: datetime) -> float:
    """Days of the 14 before the draw on which an antibiotic was given, overlapping courses counted once."""
    opened, total = at - timedelta(days=14), 0.0
    for event in sorted(record.events_of("antibiotic"), key=lambda e: e["start"]):
        start, end = max(event["start"], opened), min(event["end"] or at, at)
        if end > start:
            total, opened = total + days(end, start), end
    return total


def hepatic_evidence(record: Record, since: datetime, at: datetime, non_responder: bool) -> list[str]:
    """4.2 step 7, hepatic supported."""
    found = ["non_responder"] if non_responder else []
    if has_event(record, "encephalopathy", at):
        found.append("encephalopathy")
    if _low_factor_v(record, at):
        found.append("low_factor_v")
    if albumin_fell(record, since, at) and _bilirubin_rose(record, since, at):
        found.append("albumin_falling_bilirubin_rising")
    return found


def _low_factor_v(record: Record, at: datetime) -> bool:
    v, viii = beside(record, "factor_v", at), beside(record, "factor_viii", at)
    return bool(v and viii and below(v.value, 50) and at_least(viii.value, 100))


def albumin_fell(record: Record, since: datetime, at: datetime) -> bool:
    """Beyond its reference change; 4.4 f: over less than 14 days it is no evidence either way."""
    first, last = beside(record, "albumin", since), beside(record, "albumin", at)
    if not first or not last or days(last.at, first.at) < 14:
        return False
    return above(1 - last.value / first.value, ALBUMIN_FALL)


def _bilirubin_rose(record: Record, since: datetime, at: datetime) -> bool:
    first, last = (beside(record, "bilirubin_total", when) for when in (since, at))
    return bool(first and last and above(last.value, first.value))


def bilirubin_is_improving(record: Record, since: datetime, at: datetime) -> bool:
    """4.4 f: caps at possible."""
    first, last = (beside(record, "bilirubin_total", when) for when in (since, at))
    fell = bool(first and last and above(1 - last.value / first.value, BILIRUBIN_FALL))
    worse = albumin_fell(record, since, at) or has_event(record, "encephalopathy", at)
    return fell and not worse
