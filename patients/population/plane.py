"""The plane's geometry: from a change to a place in the drawing. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

WIDTH, HEIGHT = 760, 556
LEFT, RIGHT, TOP, BOTTOM = 52.0, 750.0, 14.0, 512.0
# Doublings to either side that are always shown; farther than so many stands at the edge.
LEAST_REACH, MOST_REACH = 4.2, 10.2
# The INR's own part of the axis, and how high a band beyond a break is.
LOWEST, HIGHEST, BAND = -1.0, 1.2, 72.0
# Points nearer than this meet; they are set apart by at most the rounding of INR.
NEAR, ROUNDING = 7.0, 0.05
STEPS = (0.0, 0.4, -0.4, 0.8, -0.8, 1.0, -1.0, 0.2, -0.2, 0.6, -0.6)
Knot = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """A straight line between each two knots (value, place); what lies beyond the last ones stands there."""

    knots: tuple[Knot, ...]

    def place(self, value: float) -> float:
        (least, first), (most, last) = self.knots[0], self.knots[-1]
        if value <= least:
            return first
        if value >= most:
            return last
        (a, at), (b, to) = next((one, two) for one, two in pairwise(self.knots) if value <= two[0])
        return at + (to - at) * (value - a) / (b - a)

    @property
    def breaks(self) -> tuple[Knot, ...]:
        """Where the scale changes."""
        return self.knots[1:-1]


def across(values: Iterable[float]) -> Scale:
    """Of the logarithm to base 2; each side reaches as far as its farthest point."""
    values = list(values)
    left = min(MOST_REACH, max([LEAST_REACH, *(0.2 - value for value in values)]))
    right = min(MOST_REACH, max([LEAST_REACH, *(0.2 + value for value in values)]))
    return Scale(((-left, LEFT), (right, RIGHT)))


def upright(values: Iterable[float]) -> Scale:
    """Of the change of INR; beyond a break it is drawn narrower, so that one extreme does not crowd the rest."""
    values = list(values)
    most, least = max(values, default=0.0), min(values, default=0.0)
    knots = [(LOWEST, BOTTOM), (HIGHEST, TOP)]
    if least < LOWEST:
        knots = [(float(math.floor(least)), BOTTOM), (LOWEST, BOTTOM - BAND), *knots[1:]]
    if most > HIGHEST:
        knots = [*knots[:-1], (HIGHEST, TOP + BAND), (float(math.ceil(most)), TOP)]
    return Scale(tuple(knots))


def doublings(scale: Scale) -> list[int]:
    """The ticks across, in doublings: each one, every other where there are many."""
    low, high = math.ceil(scale.knots[0][0]), math.floor(scale.knots[-1][0])
    step = 2 if high - low > 11 else 1
    return [tick for tick in range(low, high + 1) if tick % step == 0]


def doubling_words(doubling: int) -> str:
    """ "÷ 4", "same", "× 2"."""
    if doubling == 0:
        return "same"
    return f"{'×' if doubling > 0 else '÷'} {2 ** abs(doubling):,}"


def inr_ticks(scale: Scale) -> list[float]:
    """Each half within the breaks; beyond them the end of the band."""
    inner = [tick / 2 for tick in range(-2, 3)]
    low, high = scale.knots[0][0], scale.knots[-1][0]
    return [*([low] if low < LOWEST else []), *inner, *([high] if high > HIGHEST else [])]


def set_apart(
    points: Iterable[tuple[float, float]], across: Scale, upright: Scale
) -> list[tuple[float, float]]:
    """The places of points; those that meet are moved up or down by at most the rounding of INR.

    The first stays where it is; after as many as there are steps they lie on one another again.
    """
    met: dict[tuple[int, int], int] = {}
    apart = []
    for x, y in points:
        at = across.place(x)
        cell = round(at / NEAR), round(upright.place(y) / NEAR)
        count = met.get(cell, 0)
        met[cell] = count + 1
        apart.append((at, upright.place(y + STEPS[count % len(STEPS)] * ROUNDING)))
    return apart
