"""The sheet that a figure is laid out on: its size, its margins, words and lines placed in pixels.

The server's SVG and Plotly draw the same sheet, so both know no place but these.
"""

from dataclasses import dataclass, field

from .axes import FONT
from .values import number

# Of the card of a laptop; wider ones enlarge the whole.
WIDTH, LEFT, RIGHT = 768, 44, 128
TOP, BOTTOM = 24, 22
PLOT = WIDTH - LEFT - RIGHT
# With the strip of grades, the overview and a line of notes it is as high as the patient's first row.
HEIGHT, OVERVIEW = 434, 53
# Lines of text at the right edge stand so far apart.
LINE = 14.5
# One letter, in the widest of the fonts that are used.
LETTER = 7.1
# Dots of a line.
DOT = "2px,3px"


@dataclass
class ChartSheet:
    """`height` is the whole figure's; places are pixels from the top of the plot."""

    height: float = HEIGHT
    data: list[dict] = field(default_factory=list)
    shapes: list[dict] = field(default_factory=list)
    notes: list[dict] = field(default_factory=list)
    axes: dict[str, dict] = field(default_factory=dict)

    @property
    def plot(self) -> float:
        return self.height - TOP - BOTTOM

    def share(self, pixels: float) -> float:
        return round(1 - pixels / self.plot, 5)

    def domain(self, top: float, height: float) -> list[float]:
        return [max(self.share(top + height), 0), min(self.share(top), 1)]

    def say(self, text: str, top: float, **more) -> None:
        """Words at the left edge of the plot unless `x` or `xref` says otherwise."""
        self.notes.append(words(text, x=0, yref="paper", y=self.share(top)) | more)

    def end_labels(self, placed: list[tuple[float, str, str, int]], xshift: float = 8) -> None:
        """At the right edge: place, words, colour, weight."""
        for top, text, colour, weight in placed:
            self.say(text, top, x=1, xshift=xshift, font=font(colour, weight))

    def figure(self, **layout) -> dict:
        return {
            "data": self.data,
            "layout": {
                "height": number(self.height),
                "margin": {"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM},
                "paper_bgcolor": "rgba(0,0,0,0)",
                "plot_bgcolor": "rgba(0,0,0,0)",
                "font": {"family": "system-ui, sans-serif", "size": FONT, "color": "var(--ink)"},
                "showlegend": False,
                "hoverlabel": {
                    "bgcolor": "var(--surface)",
                    "bordercolor": "var(--edge)",
                    "font": {"color": "var(--ink)", "size": FONT},
                    "align": "left",
                },
                "dragmode": False,
                "shapes": self.shapes,
                "annotations": self.notes,
                **self.axes,
                **layout,
            },
        }


def font(colour: str = "var(--ink-soft)", weight: int = 400, halo: str = "") -> dict:
    """`halo` is the colour behind the letters, so that lines do not strike them through."""
    found = {"size": FONT, "color": colour} | ({"weight": weight} if weight != 400 else {})
    return found | ({"shadow": ", ".join([f"0 0 2px {halo}"] * 3)} if halo else {})


def words(text: str, **more) -> dict:
    return {
        "text": text,
        "xref": "paper",
        "xanchor": "left",
        "yanchor": "middle",
        "showarrow": False,
        "borderpad": 0,
        "borderwidth": 0,
        "font": font(),
        **more,
    }


def rect(x: tuple, y: tuple, fill: str, *, yref: str = "paper", xref: str = "x") -> dict:
    return {
        "type": "rect",
        "xref": xref,
        "x0": x[0],
        "x1": x[1],
        "yref": yref,
        "y0": y[0],
        "y1": y[1],
        "fillcolor": fill,
        "line": {"width": 0},
        "layer": "below",
    }


def stroke(x: tuple, y: tuple, colour: str, **more) -> dict:
    """A line from corner to corner; across the whole width unless `xref` is given."""
    dash, width = more.pop("dash", ""), more.pop("width", 1)
    return {
        "type": "line",
        "xref": "paper",
        "x0": x[0],
        "x1": x[1],
        "yref": "paper",
        "y0": y[0],
        "y1": y[1],
        "line": {"color": colour, "width": width} | ({"dash": dash} if dash else {}),
        "layer": "below",
        **more,
    }
