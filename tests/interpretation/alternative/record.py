"""The JSON case of design.md section 7 as values in canonical units, each with its own time (4.4 a)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from tests.interpretation.alternative.exposures import (
    MASKING_HOURS,
    Span,
    exposure_starts,
    hard_spans,
    masking_spans,
)
from tests.interpretation.alternative.limits import above

Json = dict[str, Any]
DAY = timedelta(days=1)
HALF_AN_HOUR = timedelta(minutes=30)
FOUR_HOURS = timedelta(hours=4)
# Clinical.md 2.1: the factor to the canonical unit.
FACTORS = {
    "enzyme": {"ukat/l": 60, "nkat/l": 0.06},
    "bilirubin_total": {"mg/dl": 17.104, "mg/l": 1.7104},
    "creatinine": {"mg/dl": 88.40, "mmol/l": 1000},
    "albumin": {"g/dl": 10},
    "haematocrit": {"%": 0.01},
}


class Value(NamedTuple):
    analyte: str
    at: datetime
    hour_known: bool
    value: float
    limit: float | None
    laboratory: str
    method: str
    draw: int

    @property
    def series(self) -> tuple[str, str]:
        return self.laboratory, self.method

    @property
    def minute(self) -> datetime:
        return self.at.replace(second=0, microsecond=0)


class Inr(NamedTuple):
    """An INR with its confounders: `hard` and `masked` say why it is not read as it stands."""

    result: Value
    hard: str
    masked: bool

    at = property(lambda self: self.result.at)
    value = property(lambda self: self.result.value)
    series = property(lambda self: self.result.series)
    hour_known = property(lambda self: self.result.hour_known)

    @property
    def point_of_care(self) -> bool:
        return self.result.method == "point_of_care"


class Record(NamedTuple):
    as_of: datetime
    born: date | None
    events: list[Json]
    diagnoses: list[Json]
    values: dict[str, list[Value]]
    inrs: list[Inr]
    bad_inrs: list[Value]
    transplant: datetime | None

    def of(self, analyte: str) -> list[Value]:
        return self.values.get(analyte, [])

    def events_of(self, *kinds: str) -> list[Json]:
        return [e for e in self.events if e["kind"] in kinds]

    def age_below(self, years: int, at: datetime) -> bool:
        if self.born is None:
            return False
        birthday_passed = (at.month, at.day) >= (self.born.month, self.born.day)
        return at.year - self.born.year - (not birthday_passed) < years

    def has_diagnosis(self, kinds: Iterable[str], at: datetime, after_days: int = 0) -> list[str]:
        """Diagnoses noted by a day and not resolved before it (or up to `after_days` before it)."""
        return [d["kind"] for d in self.diagnoses if d["kind"] in kinds and _held(d, at, after_days)]


def _held(diagnosis: Json, at: datetime, after_days: int) -> bool:
    noted, resolved = diagnosis.get("noted_on"), diagnosis.get("resolved_on")
    if noted and date.fromisoformat(noted[:10]) > at.date():
        return False
    if not resolved and noted and diagnosis["kind"] == "sepsis":
        resolved = noted
    return not resolved or date.fromisoformat(resolved[:10]) + timedelta(days=after_days) >= at.date()


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)


def read_record(case: Json) -> Record:
    as_of = moment(case["as_of"])
    events = _events(case, as_of)
    transplant = max((e["start"] for e in events if e["kind"] == "transplant"), default=None)
    draws = [d for d in case.get("draws", []) if _counts(moment(d["taken_at"]), as_of, transplant)]
    raw = [v for k, d in enumerate(draws) for v in _values(k, d)]
    good, bad_inrs = _without_bad_samples(raw, events)
    values = _counted(good, exposure_starts(events))
    born = case.get("birth_date")
    return Record(
        as_of,
        date.fromisoformat(born) if born else None,
        events,
        case.get("diagnoses", []),
        values,
        _inrs(values.get("INR", []), events),
        bad_inrs,
        transplant,
    )


def _counts(taken_at: datetime, as_of: datetime, transplant: datetime | None) -> bool:
    """4.2, edge cases: all series start anew at a transplant."""
    return taken_at <= as_of and (transplant is None or taken_at > transplant)


def _events(case: Json, as_of: datetime) -> list[Json]:
    found = []
    for event in case.get("events", []):
        start, end = moment(event["started_at"]), event.get("ended_at")
        if start <= as_of:
            found.append({**event, "start": start, "end": moment(end) if end else None})
    return found


def _values(number: int, draw: Json) -> list[Value]:
    """A draw's results; 4.4 i: ALT and AST of 0 are not graded; bounds stand for their value."""
    text = draw["taken_at"]
    found = []
    for result in draw.get("results", []):
        analyte, number_text = result["analyte"], str(result["value"]).lstrip("<>= ")
        factor = _factor(analyte, result.get("unit", ""))
        limit = result.get("upper_limit")
        method = result.get("method") or draw.get("method", "")
        value = float(number_text) * factor
        if value > 0 or analyte not in ("ALT", "AST"):
            limit = None if limit is None else limit * factor
            place = (draw.get("laboratory", ""), method, number)
            found.append(Value(analyte, moment(text), len(text) > 10, value, limit, *place))
    return found


def _factor(analyte: str, unit: str) -> float:
    family = "enzyme" if analyte in ("ALT", "AST", "ALP") else analyte
    return FACTORS.get(family, {}).get(unit.lower().replace("µ", "u").replace("μ", "u"), 1)


def _without_bad_samples(raw: list[Value], events: list[Json]) -> tuple[list[Value], list[Value]]:
    """4.4 a, first point: flagged samples leave whole; a haematocrit > 0.55 takes the INR near it."""
    flags = [e["start"].replace(second=0, microsecond=0) for e in events if e["kind"] == "bad_sample"]
    minutes = {v.minute for v in raw if v.hour_known}
    good = [v for v in raw if not _flagged(v, flags, minutes)]
    good = [v for v in good if v.analyte != "INR" or not _too_thick(v, good)]
    bad = (v for v in raw if v.analyte == "INR" and v not in good)
    return good, sorted(bad, key=lambda v: v.at)


def _too_thick(inr: Value, values: list[Value]) -> bool:
    return any(v.analyte == "haematocrit" and above(v.value, 0.55) and _near(inr, v) for v in values)


def _flagged(value: Value, flags: list[datetime], minutes: set[datetime]) -> bool:
    if value.hour_known:
        near = (f for f in flags if f not in minutes)
        return value.minute in flags or any(abs(value.at - f) <= HALF_AN_HOUR for f in near)
    return any(f.date() == value.at.date() and f not in minutes for f in flags)


def _near(inr: Value, haematocrit: Value) -> bool:
    if inr.hour_known and haematocrit.hour_known:
        return abs(inr.at - haematocrit.at) <= FOUR_HOURS
    return inr.at.date() == haematocrit.at.date()


def _counted(values: list[Value], breaks: list[datetime]) -> dict[str, list[Value]]:
    """4.4 a, second point: of each group of repeats the last counts."""
    by_series: dict[tuple[str, ...], list[Value]] = {}
    for value in values:
        by_series.setdefault((value.analyte, *value.series), []).append(value)
    found: dict[str, list[Value]] = {}
    for (analyte, *_), series in by_series.items():
        known = _highest([v for v in series if v.hour_known])
        dated = _highest([v for v in series if not v.hour_known])
        found.setdefault(analyte, []).extend([*_last_of_groups(known, breaks), *dated])
    return {analyte: sorted(kept, key=_in_time) for analyte, kept in found.items()}


def _highest(series: list[Value]) -> list[Value]:
    """Two values of one minute, or of one day where the hour is not known: the higher counts."""
    places: dict[datetime, list[Value]] = {}
    for value in series:
        places.setdefault(value.minute, []).append(value)
    return [max(places[at], key=lambda v: v.value) for at in sorted(places)]


def _last_of_groups(values: list[Value], breaks: list[datetime]) -> list[Value]:
    kept: list[Value] = []
    first = None
    for value in values:
        apart = first is None or value.at - first.at > FOUR_HOURS
        if apart or any(first.minute < b <= value.minute for b in breaks):
            first = value
            kept.append(value)
        else:
            kept[-1] = value
    return kept


def _in_time(value: Value) -> tuple[datetime, float]:
    return value.at, value.value


def _inrs(values: list[Value], events: list[Json]) -> list[Inr]:
    """4.4 d: a drug cannot make a raised INR look normal, so 1.2 or less is readable under it."""
    hard, masking = hard_spans(events), masking_spans(events)
    given = {e["start"].date(): e["kind"] for e in events if e["kind"] in (*MASKING_HOURS, "vitamin_k")}
    return [
        Inr(
            v,
            (_cover(v, hard) if above(v.value, 1.2) else "") or _of_its_day(v, given),
            bool(_cover(v, masking)),
        )
        for v in values
    ]


def _of_its_day(value: Value, given: dict[date, str]) -> str:
    """4.4 a: what is given on the day of a value of unknown hour could lie before it."""
    return "" if value.hour_known else given.get(value.at.date(), "")


def _cover(value: Value, spans: list[Span]) -> str:
    """The kind of exposure the value stands under; a value of unknown hour may stand anywhere in its day."""
    latest = value.minute if value.hour_known else value.at + DAY - timedelta(minutes=1)
    return next((s.kind for s in spans if s.start <= latest and (not s.end or value.at <= s.end)), "")
