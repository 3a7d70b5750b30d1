"""The two numbers of the first screen: the latest and where it came from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from interpretation.record.date_alone import DateAlone
from interpretation.record.records import Case
from patients.report.panel import Panel
from patients.values.display import Units
from patients.words import short_day, short_span

INR, BILIRUBIN, ALBUMIN = "INR", "bilirubin_total", "albumin"
NAMES = {INR: "INR", BILIRUBIN: "Bilirubin", ALBUMIN: "Albumin"}
# From then on a number has a date and no age.
HOURS_TOLD = timedelta(hours=72)


@dataclass(frozen=True)
class KeyFigure:
    """`change`: "▲ +0.4 in 4 d", against the value before of any laboratory; "" where there is none or a
    bound has no number to compare."""

    name: str
    unit: str
    text: str
    age: str
    change: str


def figures(panel: Panel) -> tuple[KeyFigure, ...]:
    """INR and bilirubin; where no INR can be read as liver function bilirubin and albumin."""
    unread = panel.report.dissociation.grade == "not_interpretable"
    keys = (BILIRUBIN, ALBUMIN) if unread else (INR, BILIRUBIN)
    units = Units(panel.patient.clinic.display_units)
    found = (_figure(panel.case, key, units) for key in keys)
    return tuple(figure for figure in found if figure)


def _figure(case: Case, key: str, units: Units) -> KeyFigure | None:
    measured = case.measured(key)
    if not measured:
        return None
    draw, result = measured[-1]
    return KeyFigure(
        name=NAMES[key],
        unit="" if key == INR else units.label(key),
        text=units.text(key, result.value, result.comparator),
        age=_age(draw.taken_at, case.as_of),
        change=_change(key, measured, units) if len(measured) > 1 else "",
    )


def _age(at: datetime, now: datetime) -> str:
    """ "18 h ago", "24 Nov"; of a day without an hour the day."""
    if isinstance(at, DateAlone) or now - at > HOURS_TOLD:
        return short_day(at, now)
    return f"{short_span(now - at)} ago"


def _between(first: datetime, last: datetime) -> str:
    if isinstance(first, DateAlone) or isinstance(last, DateAlone):
        return f"{(last.date() - first.date()).days} d"
    return short_span(last - first)


def _change(key: str, measured: list, units: Units) -> str:
    (before_draw, before), (draw, latest) = measured[-2:]
    if before.comparator or latest.comparator:
        return f"before {units.text(key, before.value, before.comparator)}"
    difference = units.shown(key, latest.value) - units.shown(key, before.value)
    size = units.text(key, abs(latest.value - before.value))
    time = _between(before_draw.taken_at, draw.taken_at)
    if not size.strip("0."):
        return f"unchanged in {time}"
    return f"▲ +{size} in {time}" if difference > 0 else f"▼ −{size} in {time}"
