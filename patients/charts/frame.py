"""What surrounds the curves: the shaded window, margins, legend and hover."""

from .axes import FONT
from .data import ChartData
from .values import stamp

TONES = {
    "critical": "var(--critical)",
    "established": "var(--established)",
    "possible": "var(--possible)",
    "not_interpretable": "var(--unreadable)",
}


def window_shape(data: ChartData) -> list[dict]:
    """The dissociation window, from the baseline draw to the latest, behind everything."""
    if data.window is None:
        return []
    return [
        {
            "type": "rect",
            "xref": "x",
            "x0": stamp(data.window[0]),
            "x1": stamp(data.window[1]),
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "fillcolor": TONES.get(data.grade, "var(--none)"),
            "opacity": 0.07,
            "line": {"width": 0},
            "layer": "below",
        }
    ]


def layout(height: int, right: int, **more) -> dict:
    return {
        "height": height,
        "margin": {"l": 62, "r": right, "t": 30, "b": 44},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": FONT, "color": "var(--ink)"},
        "legend": {
            "orientation": "h",
            "traceorder": "normal",
            "x": 0,
            "y": 1.01,
            "yanchor": "bottom",
            "font": {"size": FONT},
        },
        "hoverlabel": {
            "bgcolor": "var(--surface)",
            "bordercolor": "var(--edge)",
            "font": {"color": "var(--ink)", "size": FONT},
            "align": "left",
        },
        "dragmode": False,
        **more,
    }
