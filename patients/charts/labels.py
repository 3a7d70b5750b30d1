"""Named lines and words, placed so that they do not lie on each other."""

from interpretation.knowledge import limits
from interpretation.words import number as written

from .axes import FONT
from .data import ChartData
from .values import number

LIMITS = limits("dissociation").read_by(
    __name__,
    "band_upper_normal band_acute_failure band_cirrhosis band_fibrosis band_mortality "
    "band_coagulation_failure critical_inr_child",
)


def _line(value: float, words: str, turn: int) -> tuple[float, str, int]:
    return value, f"{written(value, 1)} {words}", turn


# INR lines: value, words, which to name first where there is no room for all. [clinical.md 4.2]
ALWAYS = _line(LIMITS.band_upper_normal, "upper normal", 4)
ACUTE = _line(LIMITS.band_acute_failure, "acute failure", 1)
CIRRHOSIS = _line(LIMITS.band_cirrhosis, "cirrhosis", 1)
FIBROSIS = _line(LIMITS.band_fibrosis, "adv. fibrosis", 1)
MORTALITY = _line(LIMITS.band_mortality, "hospital cohort", 3)
CHILD = _line(LIMITS.critical_inr_child, "critical, child", 2)
COAGULATION = _line(LIMITS.band_coagulation_failure, "coag. failure", 2)


def inr_lines(data: ChartData) -> list[tuple[float, str, int]]:
    """The named lines for this patient: that of the stage of the liver, of coagulation only where near it; of a
    child the limit of the rule instead of that of adults in hospital. [clinical.md 4.2, 4.4 h]"""
    found = [ALWAYS, _own(data.diagnoses), CHILD if data.is_child else MORTALITY]
    if any(point.value > MORTALITY[0] for point in data.points("INR")):
        found.append(COAGULATION)
    return sorted(found)


def _own(diagnoses: frozenset[str]) -> tuple[float, str, int]:
    if "cirrhosis" in diagnoses:
        return CIRRHOSIS
    return FIBROSIS if "advanced_fibrosis" in diagnoses else ACUTE


def labelled_lines(
    lines: list[tuple[float, str, int]],
    span: tuple[float, float],
    gap: float,
    axis_name: str,
    x: float = 1.005,
) -> tuple[list[dict], list[dict]]:
    """Shapes for the lines inside the span and annotations for those that there is room to name."""
    inside = [entry for entry in lines if span[0] <= entry[0] <= span[1]]
    shapes = [level(value, axis_name, "var(--inr)", opacity=0.5) for value, _, _ in inside]
    named = room_for(inside, gap)
    return shapes, [label(text, y, axis_name, x) for y, text in named]


def room_for(lines: list[tuple[float, str, int]], gap: float, reach: float = 0.75) -> list[tuple[float, str]]:
    """Positions for as many labels as fit, the most important first, none further than `reach` gaps away."""
    chosen: list[tuple[float, str, int]] = []
    for entry in sorted(lines, key=lambda entry: entry[2]):
        attempt = sorted([*chosen, entry])
        placed = spread([value for value, _, _ in attempt], gap)
        if all(abs(y - e[0]) <= reach * gap for y, e in zip(placed, attempt, strict=True)):
            chosen = attempt
    placed = spread([value for value, _, _ in chosen], gap)
    return [(number(y), entry[1]) for y, entry in zip(placed, chosen, strict=True)]


def spread(wanted: list[float], gap: float) -> list[float]:
    """Ascending positions at least `gap` apart, each as near as may be to where it was wanted."""
    clusters: list[list[float]] = []
    for value in wanted:
        clusters.append([value])
        while len(clusters) > 1 and _bottom(clusters[-1], gap) < _top(clusters[-2], gap) + gap:
            last = clusters.pop()
            clusters[-1] += last
    return [_bottom(cluster, gap) + i * gap for cluster in clusters for i in range(len(cluster))]


def _bottom(cluster: list[float], gap: float) -> float:
    return sum(cluster) / len(cluster) - gap * (len(cluster) - 1) / 2


def _top(cluster: list[float], gap: float) -> float:
    return _bottom(cluster, gap) + gap * (len(cluster) - 1)


def level(value: float, axis_name: str, colour: str, opacity: float = 1.0) -> dict:
    """A dotted line across the whole width."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": axis_name,
        "y0": number(value),
        "y1": number(value),
        "line": {"color": colour, "width": 1, "dash": "dot"},
        "opacity": opacity,
    }


def label(text: str, y: float, axis_name: str, x: float = 1.005, **more) -> dict:
    return {
        "text": text,
        "xref": "paper",
        "x": x,
        "xanchor": "left",
        "yref": axis_name,
        "y": y,
        "showarrow": False,
        "font": {"size": FONT, "color": "var(--ink-soft)"},
        **more,
    }


def words_in(text: str, axis_name: str) -> dict:
    """A sentence in the middle of an empty panel."""
    return {
        "text": text,
        "xref": "paper",
        "x": 0.5,
        "yref": f"{axis_name} domain",
        "y": 0.5,
        "showarrow": False,
        "font": {"size": FONT + 1, "color": "var(--ink-soft)"},
    }
