"""The figures as dictionaries for Plotly. Each bar has a pattern too: no kind is told by colour alone."""

from collections.abc import Callable

from patients.charts.axes import axis
from patients.charts.frame import TONES, layout

from .in_use import percent, unread
from .reading import CLASSES, PASSED, WAITING, Figures, classed, month_word, share

PATTERN = ("critical", "established", "possible")
HATCH = {"critical": "x", "established": "/", "possible": "."}
HEIGHT, ROW = 280, 30
SHOWN_CAUSES = 12
FEW = 6


def grades_chart(figures: Figures) -> dict | None:
    """The three grades of the pattern; the table has the others."""
    months = [month_word(month) for month in figures.months]
    counts = {grade: [month.grades.get(grade, 0) for month in figures.months] for grade in PATTERN}
    bars = [_bars(grade.capitalize(), TONES[grade], HATCH[grade], months, counts[grade]) for grade in PATTERN]
    most = max((sum(column) for column in zip(*counts.values(), strict=True)), default=0)
    return _upright(bars, _counts("patients", most), barmode="stack") if months else None


def waits_chart(figures: Figures) -> dict | None:
    counts = [sum(column) for column in zip(*(classed(m.waits) for m in figures.months), strict=True)]
    rest = [sum(m.waiting for m in figures.months), sum(m.passed for m in figures.months)]
    if not any((*counts, *rest)):
        return None
    names = [*(words for _, words in CLASSES), WAITING, PASSED]
    bars = _bars("dissociations", "var(--accent)", "", names, [*counts, *rest])
    return _upright([bars | {"showlegend": False}], _counts("dissociations", max(*counts, *rest)))


def overdue_chart(figures: Figures) -> dict | None:
    counted = [month for month in figures.months if month.followed]
    if not counted:
        return None
    shares = {month_word(month): int(share(month)) for month in counted}
    return _shares("overdue", shares, "% of those followed")


def unread_chart(figures: Figures) -> dict | None:
    counted = {month_word(month): unread(month) for month in figures.months if unread(month)[1]}
    shares = {month: int(percent(*numbers)) for month, numbers in counted.items()}
    return _shares("not interpretable", shares, "% of those with a grade") if shares else None


def _shares(name: str, shares: dict[str, int], title: str) -> dict:
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(shares),
        "y": list(shares.values()),
        "showlegend": False,
        "line": {"color": "var(--critical)", "width": 2.4},
        "marker": {"size": 8, "color": "var(--critical)"},
        "hovertemplate": "%{x}: %{y} %<extra></extra>",
    }
    return _upright([line], axis(title, range=[0, 100], nticks=6))


def notices_chart(figures: Figures) -> dict | None:
    months = [month_word(one) for one in figures.notices]
    raised = [one.raised for one in figures.notices]
    bars = _bars("Raised", "var(--accent)", "", months, raised)
    return _upright([bars | {"showlegend": False}], _counts("notices", max(raised))) if months else None


def causes_chart(figures: Figures) -> dict | None:
    shown = figures.causes[:SHOWN_CAUSES][::-1]
    if not shown:
        return None
    names = [name.split(" (")[0].split(",")[0] for name, _, _ in shown]
    bars = [
        _bars("Contributes", "var(--inr)", "/", [row[1] for row in shown], names, flat=True),
        _bars("Excluded", "var(--none)", "", [row[2] for row in shown], names, flat=True),
    ]
    figure = layout(90 + ROW * len(shown), 20, barmode="stack", hovermode="closest")
    figure["margin"] |= {"l": 220}
    figure |= {
        "xaxis": _counts("patients", max(sum(row[1:]) for row in shown)),
        "yaxis": axis(automargin=True, type="category"),
    }
    return {"data": bars, "layout": figure}


def _bars(name: str, colour: str, hatch: str, x: list, y: list, *, flat: bool = False) -> dict:
    value = "%{x}" if flat else "%{y}"
    return {
        "type": "bar",
        "name": name,
        "orientation": "h" if flat else "v",
        "x": x,
        "y": y,
        "marker": {"color": colour, "pattern": {"shape": hatch, "fillmode": "overlay", "size": 6}},
        "hovertemplate": f"{value} {name.lower()}<extra></extra>",
    }


def _counts(title: str, most: int) -> dict:
    """An axis of whole numbers from 0; of few, a tick each."""
    ticks = {"dtick": 1} if most <= FEW else {"nticks": 6}
    return axis(title, range=[0, max(most, 1) * 1.08], tickformat=",d", **ticks)


def _upright(traces: list[dict], y_axis: dict, **more) -> dict:
    figure = layout(HEIGHT, 20, hovermode="closest", **more)
    figure |= {
        "xaxis": axis(type="category", automargin=True, nticks=14),
        "yaxis": y_axis,
    }
    return {"data": traces, "layout": figure}


CHARTS: dict[str, Callable[[Figures], dict | None]] = {
    "grades": grades_chart,
    "waits": waits_chart,
    "overdue": overdue_chart,
    "causes": causes_chart,
    "notices": notices_chart,
    "unread": unread_chart,
}
