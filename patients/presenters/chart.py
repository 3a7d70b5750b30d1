"""The chart of ALT and AST against INR, in the view that was chosen, with what a reader has to know."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from interpretation.words import counted
from patients.charts import FIGURES, ChartData, chart_data, chart_table
from patients.charts.data import ENZYMES, LOWER
from patients.charts.overlay import NOTICE
from patients.charts.table import ChartTableRow
from patients.report.panel import Panel
from patients.values.display import Units

from .options import Options

VIEW_WORDS = {"stacked": "Stacked", "overlay": "Overlay", "trajectory": "Trajectory"}
SCALE_WORDS = {"limit": "× limit", "units": "U/L"}
# Laboratories named before the others are only counted.
NAMED = 4


@dataclass(frozen=True)
class Choice:
    """One way to see the chart."""

    word: str
    href: str
    current: bool


@dataclass(frozen=True)
class ChartCard:
    """`figure` is None where nothing can be drawn. Times are the clinic's."""

    figure: dict | None
    # Classes of the element that holds it.
    kind: str
    words: str
    notes: tuple[str, ...]
    table: tuple[ChartTableRow, ...]
    lower_units: tuple[str, ...]
    views: tuple[Choice, ...]
    scales: tuple[Choice, ...]
    # Where bilirubin, albumin and platelets fold and unfold; "" where there are none or no place for them.
    fold_link: str
    unfolded: bool
    # The first draw on it, where earlier ones were left out; `first_draw` is the first of all.
    begins: datetime | None = None
    first_draw: datetime | None = None


def chart_card(panel: Panel, options: Options, address: str, since: datetime | None = None) -> ChartCard:
    """`since`: earlier draws are left out of it."""
    left_out = {}
    draws = tuple(draw for draw in panel.case.draws if since is None or draw.taken_at >= since)
    if len(draws) < len(panel.case.draws):
        left_out = {
            "begins": min(draw.taken_at for draw in draws),
            "first_draw": min(draw.taken_at for draw in panel.case.draws),
        }
        panel = replace(panel, case=replace(panel.case, draws=draws))
    data = chart_data(panel.case, panel.report.dissociation, Units(panel.patient.clinic.display_units))
    stacked = options.view == "stacked"
    more = {"more": True} if stacked and options.panels == "more" else {}
    has_lower = any(data.points(key) for key in LOWER)
    return ChartCard(
        figure=FIGURES[options.view](data, options.scale, **more) if data.drawn else None,
        kind=f"{options.view}{' more' if more else ''}",
        words=words_of_chart(data),
        notes=tuple(_notes(data, options)),
        table=tuple(chart_table(data)),
        lower_units=tuple(data.units[key] for key in LOWER),
        views=_choices(address, options, "view", VIEW_WORDS),
        scales=_choices(address, options, "scale", SCALE_WORDS),
        fold_link=address + options.query(panels="" if options.panels else "more")
        if has_lower and stacked
        else "",
        unfolded=bool(options.panels),
        **left_out,
    )


def _choices(address: str, options: Options, name: str, words: dict[str, str]) -> tuple[Choice, ...]:
    chosen = getattr(options, name)
    return tuple(
        Choice(word, address + options.query(**{name: key}), key == chosen) for key, word in words.items()
    )


# --- in words ---


def words_of_chart(data: ChartData) -> str:
    """What someone who cannot see the chart hears of it; the table follows."""
    parts = []
    for key in (*ENZYMES, "INR"):
        points = data.points(key)
        if points:
            unit = f" {data.units[key]}" if data.units[key] else ""
            ends = points[0].text if len(points) == 1 else f"{points[0].text} to {points[-1].text}"
            parts.append(f"{key} {ends}{unit}, {counted(len(points), 'value')}")
    return f"Chart of {'; '.join(parts)}. The table below holds every value." if parts else ""


def _notes(data: ChartData, options: Options) -> Iterator[str]:
    """What a reader of this chart has to know, in sentences."""
    if options.view == "overlay":
        yield NOTICE
    if data.window and options.view != "trajectory":
        yield "Shaded: from the baseline to the latest draw of the verdict."
    yield from _missing_notes(data)
    yield from _source_notes(data)
    yield from _value_notes(data, options.scale)


def _missing_notes(data: ChartData) -> Iterator[str]:
    if len({p.draw for points in data.series.values() for p in points}) == 1:
        yield "One draw so far: a change can be read from the second draw on."
    if data.drawn and not data.points("INR"):
        yield "No INR recorded: without INR the dissociation cannot be judged."
    if data.points("INR") and not any(data.points(key) for key in ENZYMES):
        yield "No ALT or AST recorded: without them the dissociation cannot be judged."


def _source_notes(data: ChartData) -> Iterator[str]:
    keys = (*ENZYMES, "INR")
    sources = list(dict.fromkeys(p.source for key in keys for p in data.points(key) if p.source))
    if len({source.casefold() for source in sources}) > 1:
        names = ", ".join(sources[:NAMED]) + (" and others" if len(sources) > NAMED else "")
        yield (
            f"Results of {len(sources)} laboratories or methods ({names}): "
            "the lines break where they change, because INR differs between them."
        )
    if data.transplants:
        yield "The lines start anew at the transplant."


def _value_notes(data: ChartData, scale: str) -> Iterator[str]:
    enzymes = [(key, point) for key in ENZYMES for point in data.points(key)]
    assumed = sorted({f"{key} {p.upper:g} U/L" for key, p in enzymes if p.assumed})
    if assumed:
        yield f"The laboratory sent no upper limit for some values; assumed: {', '.join(assumed)}."
    if any(p.comparator for points in data.series.values() for p in points):
        yield "Hollow marks: the laboratory gave a bound (< or >), drawn at the bound."
    if any(p.value <= 0 for _, p in enzymes):
        yield "A value of 0 has no place on a logarithmic axis: see the table."
    if scale == "limit" and any(p.upper is None for _, p in enzymes):
        yield "Values without a known upper limit are drawn only in U/L."
