"""A pair of axes on a sheet, in pixels."""

import math
from dataclasses import dataclass
from datetime import datetime

from .axes import axis, hover_format
from .data import ChartData
from .sheet import ChartSheet, stroke
from .ticks import time_ticks
from .values import number, stamp


@dataclass(frozen=True)
class AxesPanel:
    """One pair of axes: pixels from the top of the plot, values at its lower and upper edge."""

    axis: str
    top: float
    height: float
    low: float
    high: float
    log: bool = False

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def pixel(self, value: float) -> float:
        share = ((math.log10(value) if self.log else value) - self.low) / (self.high - self.low)
        return self.bottom - share * self.height

    @property
    def layout_name(self) -> str:
        return self.axis.replace("y", "yaxis")

    def lay(self, sheet: ChartSheet, ticks: list[tuple[float, str]], **more) -> None:
        """Its axis, with ticks that the server's drawing and Plotly's share, and its lower edge."""
        sheet.axes[self.layout_name] = axis(
            type="log" if self.log else "linear",
            range=[number(self.low), number(self.high)],
            domain=sheet.domain(self.top, self.height),
            tickvals=[number(value) for value, _ in ticks],
            ticktext=[text for _, text in ticks],
            ticklabelstandoff=5,
            showline=False,
            **more,
        ) | {"gridcolor": "var(--grid)"}
        edge = sheet.share(self.bottom)
        sheet.shapes.append(stroke((0, 1), (edge, edge), "var(--edge)"))


def time_ticked(data: ChartData, span: tuple[datetime, datetime], anchor: str) -> dict:
    """The same ticks in the server's drawing and in Plotly's."""
    ticks = time_ticks(*(moment.replace(tzinfo=None) for moment in span))
    return axis(
        type="date",
        anchor=anchor,
        range=[stamp(span[0]), stamp(span[1])],
        tickvals=[stamp(at) for at, _ in ticks],
        ticktext=[text for _, text in ticks],
        ticks="outside",
        ticklen=4,
        tickcolor="var(--edge)",
        showline=True,
        # Where a draw has no hour the axis says days, and each value its own hour.
        hoverformat=hover_format(data),
        showspikes=True,
        spikemode="across",
        spikethickness=1,
        spikecolor="var(--ink-soft)",
        spikedash="solid",
        spikesnap="cursor",
    ) | {"gridcolor": "var(--grid)", "linecolor": "var(--edge)"}
