"""One score over time: its line, the cut-offs of its grades, breaks where it could not be calculated."""

from datetime import datetime

from interpretation.scores import SPECS, Score
from patients.presenters.scores import value_text

from .axes import axis, linear_range, time_axis
from .data import LONGEST_GAP, ChartData, Point
from .frame import layout
from .labels import labelled_lines
from .series import line
from .values import number, values, y_units

HEIGHT = 260
PLOT = HEIGHT - 74


def score_figure(
    key: str, series: tuple[tuple[datetime, Score], ...], as_of: datetime, sources: dict[str, str]
) -> dict | None:
    """None where no point has a value. `sources`: laboratory and method of the INR by draw."""
    data = _data(key, series, as_of, sources)
    points = data.points(key)
    if not points:
        return None
    low, high = linear_range(values(points, y_units))
    shapes, notes = labelled_lines(_cut_offs(key), (low, high), (high - low) * 16 / PLOT, "y")
    trace = line(data, key, "y", name=SPECS[key].name) | {"showlegend": False}
    return {
        "data": [trace],
        "layout": layout(
            HEIGHT,
            132 if notes else 24,
            hovermode="x unified",
            xaxis=time_axis(data, "y"),
            yaxis=axis(SPECS[key].name, range=[number(low), number(high)], nticks=6),
            shapes=shapes,
            annotations=notes,
        ),
    }


def _data(key: str, series, as_of: datetime, sources: dict[str, str]) -> ChartData:
    points: list[Point] = []
    broken = False
    for at, score in series:
        if score.reason:
            broken = True
            continue
        grade = f" ({score.grade})" if score.grade else ""
        source = inr_source(score, sources)
        point = Point(at, score.value, f"{value_text(score)}{grade}", source=source, draw=_draw(score))
        begins = bool(points) and (broken or _parted(points[-1], point))
        points.append(point._replace(begins=True) if begins else point)
        broken = False
    return ChartData({key: tuple(points)}, (), as_of, {key: ""})


def _parted(last: Point, point: Point) -> bool:
    """A gap, or an INR of another laboratory: the same plasma gave MELD 12 to 20. [R7]"""
    return point.at - last.at > LONGEST_GAP or bool(
        last.source and point.source and last.source.casefold() != point.source.casefold()
    )


def inr_source(score: Score, sources: dict[str, str]) -> str:
    inr = next((given for given in score.inputs if given.name == "INR"), None)
    return sources.get(inr.draw, "") if inr else ""


def _draw(score: Score) -> str:
    return score.draws[-1] if score.draws else ""


def _cut_offs(key: str) -> list[tuple[float, str, int]]:
    """Where one grade ends and the next begins."""
    bands = SPECS[key].bands
    found = []
    for place, (band, after) in enumerate(zip(bands, bands[1:], strict=False)):
        bound = band.at_most if band.at_most is not None else band.below
        if not SPECS[key].decimals and band.at_most is not None:
            # Whole numbers: the line lies between the last of one grade and the first of the next.
            bound += 0.5
        # What is above the line: both names would not fit beside the plot.
        found.append((bound, f"↑ {after.grade}", place))
    return found
