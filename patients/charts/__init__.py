"""Records to figure dictionaries for Plotly: pure functions, no database, no request.

A colour is written as the name of a CSS variable, `var(--alt)`; static/js/charts.js puts in what it is on
that screen or on paper.
"""

from .data import ChartData, Lane, Point, chart_data
from .overlay import overlay_figure
from .stacked import stacked_figure
from .table import chart_table
from .trajectory import trajectory_figure

FIGURES = {"stacked": stacked_figure, "overlay": overlay_figure, "trajectory": trajectory_figure}
SCALES = ("units", "limit", "baseline")

__all__ = [
    "FIGURES",
    "SCALES",
    "ChartData",
    "Lane",
    "Point",
    "chart_data",
    "chart_table",
    "overlay_figure",
    "stacked_figure",
    "trajectory_figure",
]
