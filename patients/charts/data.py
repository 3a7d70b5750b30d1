"""What the figures are drawn from: points of each series, the lane of drugs and events, the window."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from interpretation.knowledge import limits
from interpretation.record import analytes
from interpretation.record.date_alone import DateAlone
from interpretation.record.records import ANTICOAGULANTS, BLOOD_PRODUCTS, OTHER_DRUGS, Case, Event
from interpretation.words import age
from patients.values.display import Units

from ..words import EVENT_NAMES

LIMITS = limits("dissociation").read_by(__name__, "adult_age")
ENZYMES = ("ALT", "AST")
LOWER = ("bilirubin_total", "albumin", "platelets")
# A line through a longer gap would invent data. [clinical.md 9, 17]
LONGEST_GAP = timedelta(days=548)
MARKER_SHAPES = {"ALT": "circle", "AST": "square", "INR": "diamond"}

DRUGS = {*ANTICOAGULANTS, *OTHER_DRUGS}
PRODUCTS = {"vitamin_k", *BLOOD_PRODUCTS}
# Marks that their own words name best.
OWN_WORDS = {"procedure", "infection"}


class Point(NamedTuple):
    """One value in display units. `begins`: nothing connects it with the point before it."""

    at: datetime
    value: float
    text: str
    comparator: str = ""
    lower: float | None = None
    upper: float | None = None
    # The upper limit is the product's own, because the laboratory sent none.
    assumed: bool = False
    source: str = ""
    begins: bool = False
    draw: str = ""
    # As the median of a month: of how many draws.
    months: int = 0

    @property
    def multiple(self) -> float | None:
        """Multiples of the upper limit."""
        return self.value / self.upper if self.upper else None


@dataclass(frozen=True)
class Lane:
    """One bar or mark of the event lane; `end` None is a single moment."""

    row: str
    kind: str
    label: str
    start: datetime
    end: datetime | None = None
    going_on: bool = False
    # What the cursor shows, where that is more than the label.
    words: str = ""


@dataclass(frozen=True)
class ChartData:
    series: dict[str, tuple[Point, ...]]
    lanes: tuple[Lane, ...]
    as_of: datetime
    units: dict[str, str]
    enzyme: str = "ALT"
    grade: str = "none"
    window: tuple[datetime, datetime] | None = None
    diagnoses: frozenset[str] = frozenset()
    transplants: tuple[datetime, ...] = ()
    # The days that are shown; None: all.
    span: tuple[datetime, datetime] | None = None
    # How the window was compared: one laboratory and method; quiet enzymes, then INR with the median `inr_from`.
    one_series: bool = True
    quiet: bool = False
    inr_from: float | None = None
    # From when INR cannot be read (an anticoagulant, say).
    unread_from: datetime | None = None

    # Under 18 years at the latest draw.
    is_child: bool = False
    # Not now: the line of the page's moment says so.
    is_past: bool = False

    def points(self, key: str) -> tuple[Point, ...]:
        return self.series.get(key, ())

    def with_series(self, series: dict[str, tuple[Point, ...]]) -> "ChartData":
        return replace(self, series=series)

    @cached_property
    def has_days_alone(self) -> bool:
        """Whether the hour of a draw is not known."""
        return any(isinstance(point.at, DateAlone) for points in self.series.values() for point in points)

    @cached_property
    def times(self) -> list[datetime]:
        """When each of its values was drawn, the first first."""
        return sorted(point.at for points in self.series.values() for point in points)

    @property
    def drawn(self) -> bool:
        return any(self.points(key) for key in (*ENZYMES, "INR"))


def chart_data(case: Case, dissociation, units: Units) -> ChartData:
    """`units` are the clinic's display units."""
    transplants = tuple(e.started_at for e in case.events if e.kind == "transplant" and _known(e, case))
    draws = sorted((d for d in case.draws if d.taken_at <= case.as_of), key=lambda d: (d.taken_at, d.id))
    keys = (*ENZYMES, "INR", *LOWER)
    window = _window(dissociation)
    lanes = tuple(_lanes(case))
    return ChartData(
        series={key: tuple(_with_breaks(_points(key, draws, case, units), transplants)) for key in keys},
        lanes=lanes,
        as_of=case.as_of,
        units={key: units.label(key) for key in keys},
        enzyme=getattr(dissociation, "enzyme", "") or _measured_enzyme(draws),
        grade=getattr(dissociation, "grade", "none"),
        window=window,
        diagnoses=frozenset(d.kind for d in case.diagnoses if _stands(d, case.as_of.date())),
        transplants=transplants,
        one_series=getattr(dissociation, "one_series", True),
        quiet=getattr(dissociation, "transaminase_state", "") == "quiet",
        inr_from=getattr(dissociation, "inr_from", None),
        unread_from=_unread_from(dissociation, lanes),
        is_child=_is_child(case, getattr(dissociation, "latest_at", None) or case.as_of),
    )


def _unread_from(dissociation, lanes: tuple[Lane, ...]) -> datetime | None:
    """When what keeps INR from being read began, where that is an event."""
    if getattr(dissociation, "grade", "") != "not_interpretable":
        return None
    kinds = {reason.key for reason in getattr(dissociation, "confounded_by", ())}
    return max((lane.start for lane in lanes if lane.kind in kinds), default=None)


def _window(dissociation) -> tuple[datetime, datetime] | None:
    ends = getattr(dissociation, "baseline_at", None), getattr(dissociation, "latest_at", None)
    return ends if all(ends) and ends[0] < ends[1] else None


def _measured_enzyme(draws) -> str:
    return "ALT" if any(d.result("ALT") for d in draws) or not any(d.result("AST") for d in draws) else "AST"


def _stands(diagnosis, today: date) -> bool:
    noted = diagnosis.noted_on is None or diagnosis.noted_on <= today
    return noted and (diagnosis.resolved_on is None or diagnosis.resolved_on > today)


def _known(event: Event, case: Case) -> bool:
    return event.started_at <= case.as_of


def _points(key: str, draws, case: Case, units: Units) -> Iterable[Point]:
    for draw in draws:
        result = draw.result(key)
        if result is None:
            continue
        upper, assumed = result.upper_limit, False
        if upper is None and key in ENZYMES:
            upper = analytes.default_upper_limit(key, case.sex, _age(case, draw.taken_at))
            assumed = upper is not None
        yield Point(
            at=draw.taken_at,
            value=units.shown(key, result.value),
            text=units.text(key, result.value, result.comparator),
            comparator=result.comparator,
            lower=_shown(units, key, result.lower_limit),
            upper=_shown(units, key, upper),
            assumed=assumed,
            source=_source(draw.laboratory, result.method or draw.method),
            draw=draw.id,
        )


def _shown(units: Units, key: str, value: float | None) -> float | None:
    return None if value is None else units.shown(key, value)


def _age(case: Case, moment: datetime) -> int | None:
    return None if case.birth_date is None else age(case.birth_date, moment)


def _is_child(case: Case, at: datetime) -> bool:
    years = _age(case, at)
    return years is not None and years < LIMITS.adult_age


def _source(laboratory: str, method: str) -> str:
    return " · ".join(part for part in (laboratory.strip(), method.strip().replace("_", " ")) if part)


def _with_breaks(points: Iterable[Point], transplants: tuple[datetime, ...]) -> Iterable[Point]:
    """Marks where the line breaks: long gap, other laboratory or method, new liver."""
    last, source = None, ""
    for point in points:
        begins = last is not None and (
            point.at - last.at > LONGEST_GAP
            or bool(source and point.source and point.source.casefold() != source.casefold())
            or any(last.at < moment <= point.at for moment in transplants)
        )
        yield point._replace(begins=True) if begins else point
        last, source = point, point.source or source


def _lanes(case: Case) -> list[Lane]:
    """Drugs as bars (courses of one drug that follow each other as one), products and events as marks."""
    lanes: list[Lane] = []
    running: dict[tuple[str, str], int] = {}
    for event in sorted(case.events, key=lambda e: e.started_at):
        if event.started_at > case.as_of or event.kind == "note":
            continue
        lane = _lane(event, case.as_of)
        key = (lane.kind, lane.label.casefold())
        before = lanes[running[key]] if key in running else None
        if before is not None and before.end and lane.end and _follows(before, lane):
            merged = max(before.end, lane.end)
            lanes[running[key]] = Lane(
                lane.row, lane.kind, before.label, before.start, merged, before.going_on or lane.going_on
            )
        else:
            running[key] = len(lanes)
            lanes.append(lane)
    return lanes


def _follows(before: Lane, lane: Lane) -> bool:
    return lane.start <= before.end + timedelta(days=1)


def _lane(event: Event, as_of: datetime) -> Lane:
    label = event.label.strip() or EVENT_NAMES[event.kind]
    if event.kind in DRUGS:
        going_on = event.ended_at is None or event.ended_at > as_of
        return Lane(
            "drugs", event.kind, label, event.started_at, min(event.ended_at or as_of, as_of), going_on
        )
    row = "products" if event.kind in PRODUCTS else "events"
    name = label if event.kind in OWN_WORDS else EVENT_NAMES[event.kind]
    if event.kind == "encephalopathy" and event.grade is not None:
        name = f"{name} {event.grade}"
    words = name if label.casefold() in name.casefold() else f"{name}: {label}"
    return Lane(row, event.kind, name, event.started_at, words=words)
