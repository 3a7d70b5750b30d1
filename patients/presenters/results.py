"""The results: draws newest first, one column a test in clinical order, as read in this clinic."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from accounts.models import User
from interpretation.record.analytes import ANALYTES
from interpretation.record.records import is_point_of_care
from patients.models import Draw, Result
from patients.presenters.other_results import OtherResults, other_results
from patients.report.panel import Panel, drawn_at
from patients.values.display import Units

from .marked import is_marked
from .options import Options

ALWAYS = ("ALT", "AST", "INR", "bilirubin_total", "albumin", "platelets", "creatinine")
FIRST = 12
# Of a patient in whom nothing moves.
FIRST_QUIET = 5
OUTSIDE = {"high": "▲", "low": "▼"}


@dataclass(frozen=True)
class ResultColumn:
    key: str
    short: str
    name: str
    unit: str


@dataclass(frozen=True)
class ResultCell:
    """One value and what it replaced. `side` is "high", "low" or ""."""

    text: str = ""
    side: str = ""
    title: str = ""
    note: str = ""
    old: tuple[tuple[str, str], ...] = ()

    @property
    def arrow(self) -> str:
        return OUTSIDE.get(self.side, "")


@dataclass(frozen=True)
class Line:
    id: str
    at: datetime
    cells: tuple[ResultCell, ...]
    source: str
    note: str
    in_window: bool


@dataclass(frozen=True)
class Grid:
    columns: tuple[ResultColumn, ...]
    lines: tuple[Line, ...]
    count: int
    sources: tuple[str, ...]

    @property
    def hidden(self) -> int:
        return self.count - len(self.lines)


@dataclass(frozen=True)
class WithdrawnDraw:
    at: datetime
    source: str
    reason: str
    by: User
    on: datetime


@dataclass(frozen=True)
class ResultsCard:
    """Put together as far as it is shown. Times are the clinic's. A link is "" where it would lead here."""

    panel: Panel
    options: Options
    address: str

    @cached_property
    def grid(self) -> Grid:
        return grid_for(self.panel, self.options.draws == "all")

    @cached_property
    def count(self) -> int:
        return len(_standing(self.panel))

    @cached_property
    def others(self) -> OtherResults | None:
        """Kept as sent, not interpreted; None where there are none."""
        return other_results(self.panel, self.options.draws == "all")

    @cached_property
    def withdrawn(self) -> tuple[WithdrawnDraw, ...]:
        return tuple(_withdrawn(self.panel))

    @property
    def marked(self) -> bool:
        """Whether rows are marked as those of the verdict."""
        return bool(self.panel.report.dissociation.draws)

    @property
    def all_link(self) -> str:
        return self.address + self.options.query(draws="all") if self.grid.hidden else ""

    @property
    def few_link(self) -> str:
        return self.address + self.options.query(draws="") if self.options.draws else ""

    @property
    def few(self) -> int:
        return first_of(self.panel)

    @property
    def several_sources(self) -> bool:
        return len(self.grid.sources) > 1


@dataclass(frozen=True)
class DrawLinks:
    """Where a sentence leads that rests on draws: their times by id, rows on this page, the page with all."""

    times: dict[str, datetime]
    shown: frozenset[str]
    elsewhere: str


def draw_links(panel: Panel, grid: Grid | None, options: Options, address: str) -> DrawLinks:
    """`grid` is the one on the page, None where there is none."""
    return DrawLinks(
        times={draw.id: draw.taken_at for draw in panel.case.draws},
        shown=frozenset(line.id for line in grid.lines) if grid else frozenset(),
        elsewhere=address + options.query(draws="all", tab="results"),
    )


def _withdrawn(panel: Panel) -> Iterator[WithdrawnDraw]:
    """Newest first."""
    zone = panel.patient.clinic.zone
    for draw in reversed(panel.rows.draws):
        if draw.withdrawn_at is not None and draw.taken_at <= panel.as_of:
            at, on = drawn_at(draw, zone), draw.withdrawn_at.astimezone(zone)
            yield WithdrawnDraw(at, draw.laboratory, draw.withdrawn_reason, draw.withdrawn_by, on)


def grid_for(panel: Panel, everything: bool) -> Grid:
    units = Units(panel.patient.clinic.display_units)
    draws = sorted(_standing(panel), key=lambda d: (d.taken_at, d.id), reverse=True)
    shown = draws if everything else draws[: first_of(panel)]
    measured = {r.analyte for d in draws for r in panel.rows.results.get(d.id, ())}
    keys = [*ALWAYS, *(key for key in ANALYTES if key in measured and key not in ALWAYS)]
    sources = tuple(sorted({source_of(d) for d in draws} - {""}))
    window = set(panel.report.dissociation.draws)
    return Grid(
        columns=tuple(ResultColumn(k, ANALYTES[k].short, ANALYTES[k].name, units.label(k)) for k in keys),
        lines=tuple(_line(d, panel, keys, units, str(d.uuid) in window) for d in shown),
        count=len(draws),
        sources=sources,
    )


def _standing(panel: Panel) -> list[Draw]:
    return [d for d in panel.rows.draws if d.withdrawn_at is None and d.taken_at <= panel.as_of]


def first_of(panel: Panel) -> int:
    """How many draws are shown before one asks for all."""
    return FIRST_QUIET if panel.report.dissociation.grade == "none" else FIRST


def source_of(draw) -> str:
    return " · ".join(part for part in (draw.laboratory, draw.method.replace("_", " ")) if part)


def _line(draw, panel: Panel, keys: list[str], units: Units, in_window: bool) -> Line:
    by_key: dict[str, list[Result]] = {}
    for result in panel.rows.results.get(draw.id, ()):
        by_key.setdefault(result.analyte, []).append(result)
    zone = panel.patient.clinic.zone
    cells = tuple(_cell(by_key[key], units) if key in by_key else NOT_DONE for key in keys)
    return Line(str(draw.uuid), drawn_at(draw, zone), cells, source_of(draw), draw.note, in_window)


NOT_DONE = ResultCell()


def _cell(results: list[Result], units: Units) -> ResultCell:
    counted = [result for result in results if result.status in Result.COUNTING]
    old = tuple((_text(r, units), _why_old(r)) for r in results if r not in counted)
    if not counted:
        return ResultCell(old=old)
    counting, *beside = sorted(counted, key=lambda result: (is_point_of_care(result.method), -result.value))
    notes = [_note(counting), *(f"{_text(r, units)} {r.method.replace('_', ' ')}".strip() for r in beside)]
    note = " · ".join(filter(None, notes))
    return ResultCell(_text(counting, units), side_of(counting), _title(counting), note, old)


def _text(result: Result, units: Units) -> str:
    return units.text(result.analyte, result.value, result.comparator)


def side_of(result: Result) -> str:
    """Outside the limits sent with the result. A `<5` is never high, a `>5` never low."""
    high, low = result.upper_limit, result.lower_limit
    if high is not None and result.value > high and not result.comparator.startswith("<"):
        return "high"
    if low is not None and result.value < low and not result.comparator.startswith(">"):
        return "low"
    return ""


def _title(result: Result) -> str:
    """As the laboratory wrote it."""
    words = f"reported {result.reported_value} {result.reported_unit}".strip()
    if result.reported_range:
        words += f", range {result.reported_range}"
    words += f", {result.method.replace('_', ' ')}" if result.method else ""
    words += f". {result.unconfirmed}" if is_marked(result) else ""
    return words + (f". {result.comment}" if result.comment else "")


def _note(result: Result) -> str:
    if is_marked(result):
        return "unconfirmed"
    if result.status == Result.Status.FINAL:
        return ""
    return "prelim." if result.status == Result.Status.PRELIMINARY else "corr."


def _why_old(result: Result) -> str:
    status = Result.Status(result.status).label.lower()
    words = f"{status}: {result.reported_value} {result.reported_unit}".strip()
    return f"{words}, {result.status_reason}" if result.status_reason else words
