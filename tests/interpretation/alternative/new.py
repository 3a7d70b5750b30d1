"""4.4 c and g: what is new, organ failures, post-acute injury."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.interpretation.alternative.limits import (
    CHRONIC,
    ENZYMES,
    JAUNDICE,
    RISE,
    above,
    at_least,
    at_most,
    below,
)
from tests.interpretation.alternative.record import Inr, Record, Value
from tests.interpretation.alternative.statistics import median

MONTH = timedelta(days=28)
HALF_YEAR = timedelta(weeks=26)
LIVER_FAILURE, KIDNEY_FAILURE = 12 * 17.104, 2 * 88.40
CHOLESTATIC = ("cholestasis", "pbc", "psc")


def _since_transplant(record: Record, kind: str) -> list[dict[str, Any]]:
    """4.2: a transplant starts everything anew; grade 0 says that it is absent."""
    events = [e for e in record.events_of(kind) if e.get("grade") != 0]
    return [e for e in events if record.transplant is None or e["start"] > record.transplant]


def is_new(record: Record, kind: str, least_grade: int = 0) -> bool:
    """4.4 c, *New*: started or worse within 28 days, no same event active in the 28 days before."""
    events, now = _since_transplant(record, kind), record.as_of
    if least_grade:
        events = [e for e in events if (e.get("grade") or 0) >= least_grade]
    return any(e["start"] >= now - MONTH and _is_first_or_worse(e, events) for e in events)


def _is_first_or_worse(event: dict[str, Any], events: list[dict[str, Any]]) -> bool:
    before = [
        e
        for e in events
        if e["start"] < event["start"] and (not e["end"] or e["end"] >= event["start"] - MONTH)
    ]
    # An entry without a grade is not known to be worse, and nothing is known to be worse than one.
    return all((event.get("grade") or 0) > (e.get("grade") or 4) for e in before)


def encephalopathy_counts(record: Record) -> bool:
    """New, or recorded in the last 7 days: an entry that starts or ends in them."""
    week = record.as_of - timedelta(days=7)
    recorded = any(
        e["start"] >= week or (e["end"] and e["end"] >= week)
        for e in _since_transplant(record, "encephalopathy")
    )
    return recorded or is_new(record, "encephalopathy")


def new_organ_failures(record: Record, inrs: list[Inr], now: datetime) -> list[str]:
    """EASL-CLIF (7.6), each new: no older failure, no older value within a reference change of its limit."""
    found = []
    if _newly_above(_numbers(record.of("bilirubin_total")), LIVER_FAILURE, RISE["bilirubin_total"], now):
        found.append("liver")
    creatinine = _numbers(record.of("creatinine"))
    if _newly_above(creatinine, KIDNEY_FAILURE, RISE["creatinine"], now) or is_new(record, "dialysis"):
        found.append("kidney")
    if is_new(record, "encephalopathy", least_grade=3):
        found.append("brain")
    laboratory = [(i.at, i.value) for i in inrs if not i.point_of_care]
    bedside = [(i.at, i.value) for i in inrs if i.point_of_care]
    if _newly_above(laboratory, 2.5, 2.5 / 2.2 - 1, now, bedside):
        found.append("coagulation")
    return found


def _numbers(values: list[Value]) -> list[tuple[datetime, float]]:
    return [(v.at, v.value) for v in values]


def _newly_above(
    points: Sequence[tuple[datetime, float]],
    limit: float,
    change: float,
    now: datetime,
    others: Sequence[tuple[datetime, float]] = (),
) -> bool:
    """The run of failing values up to the latest began within 28 days, from well below the limit; `others`
    are older values too, but end no run."""
    if not points or points[-1][0] < now - MONTH or below(points[-1][1], limit):
        return False
    fails = [at_least(value, limit) for _, value in points]
    began = points[next((k + 1 for k in reversed(range(len(points))) if not fails[k]), 0)][0]
    older = [value for at, value in (*points, *others) if at < began]
    return began >= points[-1][0] - MONTH and all(below(v, limit / (1 + change)) for v in older)


def latest_bilirubin(record: Record, now: datetime) -> Value | None:
    """The latest, from 28 days before the latest result on."""
    values = record.of("bilirubin_total")
    return values[-1] if values and values[-1].at >= now - MONTH else None


def bilirubin_up(record: Record, now: datetime) -> bool:
    """Beyond its reference change above the median of its values of the 28 days before."""
    last, before = bilirubin_of_28_days(record, now)
    return bool(before) and above(last / median(before) - 1, RISE["bilirubin_total"])


def bilirubin_of_28_days(record: Record, now: datetime) -> tuple[float, list[float]]:
    """The latest, if of the last 28 days, and those of the 28 days before it."""
    values = record.of("bilirubin_total")
    if not values or values[-1].at < now - MONTH:
        return 0, []
    last = values[-1]
    return last.value, [v.value for v in values if last.at - MONTH <= v.at < last.at]


def peaks(record: Record, factor: float, since: datetime) -> list[Value]:
    values = (v for e in ENZYMES for v in record.of(e))
    return [v for v in values if v.at >= since and v.limit and at_least(v.value, factor * v.limit)]


def is_chronic(record: Record) -> bool:
    return bool(record.has_diagnosis(CHRONIC, record.as_of))


def is_aclf_by_decompensation(record: Record, inr: float, jaundiced: bool) -> bool:
    """4.4 g, first: known chronic liver disease, INR >= 1.5, bilirubin >= 85.5, new ascites or brain."""
    new = is_new(record, "ascites") or is_new(record, "encephalopathy")
    return is_chronic(record) and at_least(inr, 1.5) and jaundiced and new


def is_post_acute(record: Record, inr: float, now: datetime, jaundiced: bool) -> bool:
    """4.4 g, second: a peak >= 10 x limit within 26 weeks, or subacute failure."""
    if _of_this_liver(record, ("cirrhosis", "advanced_fibrosis")):
        return False
    if peaks(record, 10, now - HALF_YEAR):
        return True
    subacute = at_least(inr, 1.5) and jaundiced and bool(peaks(record, 2, now - HALF_YEAR))
    return subacute and (encephalopathy_counts(record) or not _cholestatic(record, now))


def _of_this_liver(record: Record, kinds: tuple[str, ...]) -> bool:
    """What was noted until a transplant (or on a day that is not known) was of the liver that is gone."""
    if record.transplant is None:
        return bool(record.has_diagnosis(kinds, record.as_of))
    day = record.transplant.date().isoformat()
    later = [d for d in record.diagnoses if (d.get("noted_on") or "")[:10] > day]
    return bool(record._replace(diagnoses=later).has_diagnosis(kinds, record.as_of))


def _cholestatic(record: Record, now: datetime) -> bool:
    """Recorded, or ALP >= 1.5 x limit with R <= 2 (7.5) at the latest ALP with an ALT beside it."""
    if _of_this_liver(record, CHOLESTATIC):
        return True
    both = [
        (alp, abs(v.at - alp.at), v)
        for alp in record.of("ALP")
        for v in record.of("ALT")
        if alp.at >= now - HALF_YEAR and alp.limit and v.limit and abs(v.at - alp.at) <= timedelta(hours=48)
    ]
    if not both:
        return False
    alp, _, alt = min(both, key=lambda row: (-row[0].at.timestamp(), row[1]))
    raised = at_least(alp.value, 1.5 * alp.limit)
    return raised and at_most((alt.value / alt.limit) / (alp.value / alp.limit), 2)


def is_jaundiced(bilirubin: Value | None) -> bool:
    return bilirubin is not None and at_least(bilirubin.value, JAUNDICE)
