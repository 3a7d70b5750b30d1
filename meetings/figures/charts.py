"""The figures as dictionaries for Plotly. Each bar has a pattern too: no kind is told by colour alone."""

from collections.abc import Callable

from patients import words
from patients.charts.axes import axis
from patients.charts.frame import TONES, layout

from .reading import CLASSES, PASSED, WAITING, Figures, classed, in_time, month_word, share, unread_share

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
    names = [*(within for _, within in CLASSES), WAITING, PASSED]
    bars = _bars("dissociations", "var(--accent)", "", names, [*counts, *rest])
    return _upright([bars | {"showlegend": False}], _counts("dissociations", max(*counts, *rest)))


def overdue_chart(figures: Figures) -> dict | None:
    counted = [month for month in figures.months if month.followed]
    if not counted:
        return None
    shares = [int(share(month)) for month in counted]
    return _shares("overdue", [month_word(month) for month in counted], shares, "% of those followed")


def unread_chart(figures: Figures) -> dict | None:
    read = [month for month in figures.months if unread_share(month)]
    shares = [int(unread_share(month)) for month in read]
    return _shares(
        "not interpretable", [month_word(month) for month in read], shares, "% of those with a draw"
    )


def notices_chart(figures: Figures) -> dict | None:
    read = [one for one in figures.notices if in_time(one)]
    shares = [int(in_time(one)) for one in read]
    return _shares("taken in time", [words.month(one.month) for one in read], shares, "% of notices")


def overrules_chart(figures: Figures) -> dict | None:
    months: dict[str, int] = {}
    for one in figures.overrules:
        months[words.month(one.month)] = months.get(words.month(one.month), 0) + one.overruled
    if not months:
        return None
    bars = _bars("overruled", "var(--accent)", "", list(months), list(months.values()))
    return _upright([bars | {"showlegend": False}], _counts("grades overruled", max(months.values())))


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


def _shares(name: str, months: list[str], shares: list[int], title: str) -> dict | None:
    """A line of per cent; None where there is no month."""
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": months,
        "y": shares,
        "showlegend": False,
        "line": {"color": "var(--critical)", "width": 2.4},
        "marker": {"size": 8, "color": "var(--critical)"},
        "hovertemplate": "%{x}: %{y} %<extra></extra>",
    }
    return _upright([line], axis(title, range=[0, 100], nticks=6)) if months else None


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
    "unread": unread_chart,
    "overdue": overdue_chart,
    "notices": notices_chart,
    "overrules": overrules_chart,
    "causes": causes_chart,
}
