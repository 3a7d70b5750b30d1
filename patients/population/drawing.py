"""The plane as SVG: regions, axes, the box of expected variation, points or bins, trails."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from interpretation.words import counted, number

from .marks import DRAWN, RADIUS, WORDS, n, path
from .movements import INR_STEP, REACH
from .plane import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Scale,
    across,
    doubling_words,
    doublings,
    inr_ticks,
    set_apart,
    upright,
)

NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Dot:
    """One patient, or so many near one another; `x` in doublings of `enzyme`, `y` the change of INR."""

    kind: str
    x: float
    y: float
    enzyme: str = "ALT"
    uuid: UUID | None = None
    # One of its values is a bound: the point is no more exact than that.
    bound: bool = False
    count: int = 1


@dataclass(frozen=True)
class Trail:
    """The way of one patient in time order, from the baseline on."""

    kind: str
    steps: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Plane:
    """The drawing in its parts, each ready for the page; `box`: where the words of the box stand."""

    ground: SafeString
    trails: SafeString
    points: SafeString
    box: tuple[int, int]


def plane(dots: Sequence[Dot], trails: Iterable[Trail] = ()) -> Plane:
    """The scales reach as far as the points; a trail that leaves them runs along the edge."""
    x, y = across(dot.x for dot in dots), upright(dot.y for dot in dots)
    return Plane(
        ground=_joined(_ground(x, y, {dot.enzyme for dot in dots})),
        trails=_joined(_trail(trail, x, y) for trail in trails),
        points=_joined(_points(dots, x, y)),
        box=(round(x.place(REACH["ALT"])) + 6, round(y.place(-INR_STEP)) + 15),
    )


def _joined(parts: Iterable[str]) -> SafeString:
    """Numbers and words of our own only: nothing in them was typed by anybody."""
    return mark_safe("".join(parts))


# --- points ---


def _points(dots: Sequence[Dot], x: Scale, y: Scale) -> Iterator[str]:
    """Each kind in a group of its own, the worst on top; within it in the order of the list."""
    address = reverse("patients:detail", args=[NOBODY])
    for kind in DRAWN:
        of_kind = [dot for dot in dots if dot.kind == kind]
        if of_kind:
            places = set_apart([(dot.x, dot.y) for dot in of_kind], x, y)
            marks = "".join(_point(dot, *at, address) for dot, at in zip(of_kind, places, strict=True))
            yield f'<g class="{kind}">{marks}</g>'


def _point(dot: Dot, x: float, y: float, address: str) -> str:
    """Without a name: a link to the patient, or a number of patients."""
    bound = ' class="bound"' if dot.bound else ""
    mark = f'<title>{_said(dot)}</title><path d="{path(dot.kind, x, y, _radius(dot.count))}"{bound}/>'
    if dot.uuid is None:
        return f"<g>{mark}</g>"
    return f'<a href="{address.replace(str(NOBODY), str(dot.uuid))}" tabindex="-1">{mark}</a>'


def _radius(count: int) -> float:
    return RADIUS if count == 1 else min(3 * RADIUS, RADIUS * (1 + 0.5 * math.log10(count)))


def _said(dot: Dot) -> str:
    """ "Possible: ALT ÷ 2.6, INR +0.4": the grade as a word, the changes, no name."""
    if dot.uuid is None:
        return f"{WORDS[dot.kind]}: {counted(dot.count, 'patient')}"
    sign, times = ("×", dot.x) if dot.x >= 0 else ("÷", -dot.x)
    about = " (a bound)" if dot.bound else ""
    return f"{WORDS[dot.kind]}: {dot.enzyme} {sign} {2**times:,.1f}, INR {_signed(dot.y)}{about}"


def _signed(change: float) -> str:
    text = number(change, 1)
    return text if change < 0 or text in ("0.0", "−0.0") else f"+{text}"


def _trail(trail: Trail, x: Scale, y: Scale) -> str:
    steps = [f"{n(x.place(a))} {n(y.place(b))}" for a, b in trail.steps]
    return f'<path class="{trail.kind}" d="M{"L".join(steps)}"/>'


# --- what stands behind them ---


def _ground(x: Scale, y: Scale, enzymes: set[str]) -> Iterator[str]:
    yield from _region(x, y)
    yield from _ticks(x, y)
    yield _line("zero", x.place(0), TOP, x.place(0), BOTTOM)
    yield _line("zero", LEFT, y.place(0), RIGHT, y.place(0))
    for enzyme in sorted(enzymes | {"ALT"}):
        yield _box(enzyme, x, y)
    for _, at in y.breaks:
        yield f'<path class="break" d="M{n(LEFT - 7)} {n(at + 5)}l14 -5M{n(LEFT - 7)} {n(at + 9)}l14 -5"/>'


def _region(x: Scale, y: Scale) -> Iterator[str]:
    """Where the rule looks for the pattern: the enzyme beyond its corridor downwards, INR upwards."""
    wide, high = x.place(-REACH["ALT"]) - LEFT, y.place(INR_STEP) - TOP
    yield f'<rect class="region" x="{n(LEFT)}" y="{n(TOP)}" width="{n(wide)}" height="{n(high)}"/>'


def _box(enzyme: str, x: Scale, y: Scale) -> str:
    left, right = x.place(-REACH[enzyme]), x.place(REACH[enzyme])
    top, bottom = y.place(INR_STEP), y.place(-INR_STEP)
    size = f'width="{n(right - left)}" height="{n(bottom - top)}"'
    return f'<rect class="corridor {enzyme.lower()}" x="{n(left)}" y="{n(top)}" {size}/>'


def _ticks(x: Scale, y: Scale) -> Iterator[str]:
    for doubling in doublings(x):
        at = x.place(doubling)
        yield _line("grid", at, TOP, at, BOTTOM)
        yield _text(doubling_words(doubling), at, BOTTOM + 17, "middle")
    for change in inr_ticks(y):
        at = y.place(change)
        yield _line("grid", LEFT, at, RIGHT, at)
        yield _text("0" if change == 0 else _signed(change), LEFT - 9, at + 4, "end")


def _line(name: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{name}" x1="{n(x1)}" y1="{n(y1)}" x2="{n(x2)}" y2="{n(y2)}"/>'


def _text(words: str, x: float, y: float, anchor: str) -> str:
    return f'<text x="{n(x)}" y="{n(y)}" text-anchor="{anchor}">{words}</text>'
