"""The chart of the stage: drawn on the server, few and large words, its axes legible from the back of a room."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.safestring import SafeString

from patients.charts import chart_data, stacked_figure
from patients.charts.svg import svg
from patients.presenters.chart import words_of_chart
from patients.report.panel import Panel
from patients.values.display import Units

# What the chart shows before the days of the verdict, at least.
BEFORE = timedelta(days=365)
# Width and height in the drawing's own pixels. It fills its card, so its words, which have a fixed size in it,
# come out the larger the narrower it is drawn.
LEADING, WATCHING = (520, 300), (540, 290)


@dataclass(frozen=True)
class StageChart:
    """`drawing` is "" where nothing can be drawn; `begins` where earlier draws were left out."""

    drawing: SafeString | str
    begins: datetime | None
    first_draw: datetime | None


def stage_chart(page: Panel, watching: bool) -> StageChart:
    since, everything = _since(page), page.case.draws
    draws = tuple(draw for draw in everything if since is None or draw.taken_at >= since)
    cut = len(draws) < len(everything)
    case = replace(page.case, draws=draws) if cut else page.case
    data = chart_data(case, page.report.dissociation, Units(page.patient.clinic.display_units))
    width, height = WATCHING if watching else LEADING
    figure = stacked_figure(data, "units", height=height) if data.drawn else None
    words = words_of_chart(data).removesuffix(" The table below holds every value.")
    return StageChart(
        drawing=svg(figure, words, width) if figure else "",
        begins=min(draw.taken_at for draw in draws) if cut else None,
        first_draw=min(draw.taken_at for draw in everything) if cut else None,
    )


def _since(page: Panel) -> datetime | None:
    """A year before the days of the verdict, or three times as long as they last: on an axis of many years
    they would be a sliver."""
    baseline = page.report.dissociation.baseline_at
    if baseline is None:
        return None
    latest = max(draw.taken_at for draw in page.case.draws)
    return baseline - max(BEFORE, 3 * (latest - baseline))
