"""The chart of ALT and AST against INR, in the view that was chosen, with what a reader has to know."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from accounts.models import Clinic
from interpretation.words import counted, moment
from patients.access import record_mark
from patients.charts import FIGURES, SCALES, ChartData, chart_data, chart_table
from patients.charts.below.overview import has_overview, overview
from patients.charts.data import ENZYMES, LOWER
from patients.charts.marks import corridor_words
from patients.charts.overlay import NOTICE
from patients.charts.reading.corridor import corridor
from patients.charts.reading.ranges import short, spans, usual, within
from patients.charts.sent.bundle import bundle
from patients.charts.sent.colours import resolved
from patients.charts.sheet import HEIGHT, OVERVIEW
from patients.charts.svg import svg
from patients.charts.table import ChartTableRow
from patients.charts.values import reader
from patients.report.panel import Panel
from patients.values.display import Units

from .options import Options

VIEW_WORDS = {"stacked": "Stacked", "overlay": "Overlay", "trajectory": "Trajectory"}
SCALE_WORDS = {"units": "U/L", "limit": "× limit", "baseline": "× base"}
SCALE_TITLES = {
    "units": "Enzymes in U/L",
    "limit": "Enzymes as multiples of each draw’s upper limit",
    "baseline": "Enzymes as multiples of the baseline draw",
}
# Grades in which the chart shows no pattern, and how high it is then.
QUIET, QUIET_HEIGHT = ("none", "not_assessable"), 300
# Laboratories named before the others are only counted.
NAMED = 4


@dataclass(frozen=True)
class Choice:
    """One way to see the chart; `title` where the word is short for more."""

    word: str
    href: str
    current: bool
    key: str = ""
    title: str = ""


@dataclass(frozen=True)
class ChartCard:
    """`figure` is None where nothing can be drawn. Times are the clinic's."""

    figure: dict | None
    # What it is drawn from, whatever days are shown.
    whole: ChartData
    # The same figure as SVG: the first paint, and the chart where no script runs.
    drawing: str
    # All draws with the days shown as a frame; "" where all are shown anyway.
    overview: str
    # Where all figures come from at once, and the drawing as a file.
    figures_link: str
    file_link: str
    page_link: str
    # Classes of the element that holds it.
    kind: str
    words: str
    notes: tuple[str, ...]
    views: tuple[Choice, ...]
    ranges: tuple[Choice, ...]
    scales: tuple[Choice, ...]
    # What is shown, by the keys of the choices.
    view: str
    range: str
    scale: str
    # Where bilirubin, albumin and platelets fold and unfold; "" where there are none or no place for them.
    fold_link: str
    unfolded: bool
    # The first draw on it, where earlier ones were left out; `first_draw` is the first of all.
    begins: datetime | None = None
    first_draw: datetime | None = None

    @property
    def table(self) -> tuple[ChartTableRow, ...]:
        """Put together only where it is shown."""
        return tuple(chart_table(self.whole))

    @property
    def lower_units(self) -> tuple[str, ...]:
        return tuple(self.whole.units[key] for key in LOWER)


def chart_card(panel: Panel, options: Options, address: str, since: datetime | None = None) -> ChartCard:
    """`since`: earlier draws are left out of it, and all others shown."""
    panel, left_out = _since(panel, since)
    whole = data_of(panel, options)
    days = "all" if since else chosen_range(whole, options)
    scale = options.scale or usual_scale(whole, panel.patient.clinic)
    data, words = within(whole, days), words_of_chart(whole)
    chosen = replace(options, range=days, scale=scale)
    drawn = _drawn(whole, data, chosen, words, alone=since is not None)
    return ChartCard(
        **drawn,
        whole=whole,
        figures_link=_figures_link(whole, panel, options),
        file_link=_link("chart-drawing", panel, chosen),
        page_link=_link("chart", panel, chosen),
        kind=f"{options.view}{' more' if options.panels else ''}",
        words=words,
        notes=(*_notes(data, options.view, scale), *_corridor_notes(data, drawn["figure"], chosen)),
        views=_choices(address, options, "view", VIEW_WORDS, options.view),
        ranges=_choices(address, options, "range", range_words(whole), days),
        scales=_choices(address, options, "scale", SCALE_WORDS, scale, SCALE_TITLES),
        view=options.view,
        range=days,
        scale=scale,
        fold_link=_fold_link(whole, options, address),
        unfolded=bool(options.panels),
        **left_out,
    )


def _since(panel: Panel, since: datetime | None) -> tuple[Panel, dict[str, datetime]]:
    """The panel with the draws since then, and where they and all begin if some were left out."""
    draws = tuple(draw for draw in panel.case.draws if since is None or draw.taken_at >= since)
    if len(draws) == len(panel.case.draws):
        return panel, {}
    left_out = {
        "begins": min(draw.taken_at for draw in draws),
        "first_draw": min(draw.taken_at for draw in panel.case.draws),
    }
    return replace(panel, case=replace(panel.case, draws=draws)), left_out


def _drawn(whole: ChartData, data: ChartData, chosen: Options, words: str, *, alone: bool) -> dict:
    """Figure, drawing and overview; `alone`: without an overview."""
    if not whole.drawn:
        return {"figure": None, "drawing": "", "overview": ""}
    height = HEIGHT if alone else height_of(whole)
    figure = figure_of(data, chosen.view, chosen.scale, chosen.panels, height)
    beside = not alone and has_overview(whole)
    return {
        "figure": figure,
        "drawing": svg(figure, words),
        "overview": overview(whole, f"All draws: {words}") if beside else "",
    }


def _fold_link(data: ChartData, options: Options, address: str) -> str:
    if options.view != "stacked" or not any(data.points(key) for key in LOWER):
        return ""
    return address + options.query(panels="" if options.panels else "more")


def data_of(panel: Panel, options: Options) -> ChartData:
    """What the record has to draw, in the clinic's display units."""
    data = chart_data(panel.case, panel.report.dissociation, Units(panel.patient.clinic.display_units))
    return replace(data, is_past=bool(options.as_of))


def kept(options: Options) -> dict[str, str]:
    """What no view, range or scale changes."""
    return {name: getattr(options, name) for name in ("panels", "as_of", "known")}


def _link(name: str, panel: Panel, options: Options) -> str:
    return reverse(f"patients:{name}", kwargs={"uuid": panel.patient.uuid}) + options.query()


def _figures_link(whole: ChartData, panel: Panel, options: Options) -> str:
    """Another one after every change of what is drawn: a browser that has the figures of before asks again."""
    link = _link("chart-figures", panel, Options(**kept(options)))
    # Of the points their number: the record has another mark when one of them changes, and time only adds to them.
    rest = replace(whole, series={}, as_of=None, diagnoses=frozenset()), sorted(whole.diagnoses)
    numbers = [len(points) for points in whole.series.values()]
    drawn = (record_mark(panel.patient), *rest, numbers)
    mark = hashlib.blake2s(repr(drawn).encode(), digest_size=6).hexdigest()
    return f"{link}{'&' if '?' in link else '?'}drawn={mark}"


def height_of(whole: ChartData) -> float:
    """With the overview under it as high as without; low where no pattern is to be looked at."""
    if whole.grade in QUIET:
        return QUIET_HEIGHT
    return HEIGHT if has_overview(whole) else HEIGHT + OVERVIEW


def figure_of(data: ChartData, view: str, scale: str, panels: str = "", height: float = HEIGHT) -> dict:
    more = {"more": True} if view == "stacked" and panels == "more" else {}
    return FIGURES[view](data, scale, height=height, **more)


def chart_figures(panel: Panel, options: Options) -> dict:
    """Every view, range and scale of the chart, and its draws in words."""
    whole = data_of(panel, options)
    if not whole.drawn:
        return {"figures": {}, "parts": [], "draws": []}
    height = height_of(whole)
    return bundle(
        whole,
        FIGURES,
        SCALES,
        lambda data, view, scale: figure_of(data, view, scale, options.panels, height),
    )


def chart_file(panel: Panel, options: Options) -> str:
    """The drawing as a file: light, with colours of its own, a title and no name; "" where nothing is drawn."""
    whole = data_of(panel, options)
    if not whole.drawn:
        return ""
    data = within(whole, chosen_range(whole, options))
    figure = figure_of(
        data, options.view, options.scale or usual_scale(whole, panel.patient.clinic), options.panels
    )
    return resolved(svg(figure, words_of_chart(whole), as_file=f"as of {moment(panel.case.as_of)}"))


def chosen_range(data: ChartData, options: Options) -> str:
    return options.range if options.range in spans(data) else usual(data)


def usual_scale(data: ChartData, clinic: Clinic) -> str:
    """As the clinic wants it; else U/L as in the verdict, and multiples where upper limits of one enzyme differ."""
    if clinic.chart_scale:
        return clinic.chart_scale
    limits = ({point.upper for point in data.points(key) if point.upper} for key in ENZYMES)
    return "limit" if any(len(found) > 1 for found in limits) else "units"


def range_words(data: ChartData) -> dict[str, str]:
    window = short(data.window[1] - data.window[0]) if data.window else ""
    names = {"window": window, "24": "24 mo", "all": "All"}
    return {key: names[key] for key in spans(data)}


def _choices(
    address: str, options: Options, name: str, words: dict[str, str], chosen: str, titles: dict | None = None
) -> tuple[Choice, ...]:
    return tuple(
        Choice(word, address + options.query(**{name: key}), key == chosen, key, (titles or {}).get(key, ""))
        for key, word in words.items()
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


def _notes(data: ChartData, view: str, scale: str) -> Iterator[str]:
    """What a reader of this chart has to know, in sentences."""
    if view == "overlay":
        yield NOTICE
    yield from _missing_notes(data)
    yield from _source_notes(data)
    yield from _value_notes(data, scale)


def _corridor_notes(data: ChartData, figure: dict | None, chosen: Options) -> Iterator[str]:
    """The words of a corridor that had no room on the chart."""
    if figure is None or chosen.view != "stacked":
        return
    said = {note["text"] for note in figure["layout"]["annotations"]}
    for key in (data.enzyme, "INR"):
        scale = "units" if key == "INR" else chosen.scale
        found = corridor(data, key, reader(scale, data, key))
        if found and (text := corridor_words(key, found, scale, with_ring=key != "INR")) not in said:
            yield f"Grey band of {key}: {text}."


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
