"""The mark of each place in the worklist: a shape of its own, beside its colour and its word."""

from functools import cache

from patients.words import GRADE_WORDS
from patients.worklist import PLACES

# Who stands on the plane, the worst last, so that none lies under a milder one.
DRAWN = ("none", "rising", "possible", "established", "critical")
WORDS = GRADE_WORDS | {"rising": "INR rising", "none": "No dissociation"}
RADIUS = 6.5


def kind_of(grade_rank: int) -> str:
    """A place of the worklist as a mark."""
    place = PLACES[grade_rank]
    return place if place in DRAWN else "none"


def path(kind: str, x: float, y: float, radius: float = RADIUS) -> str:
    """The `d` of the mark; begins with "M" and the middle, so that a script finds it there."""
    return f"M{n(x)} {n(y)}{_outline(kind, radius)}"


@cache
def _outline(kind: str, radius: float) -> str:
    """The same for thousands of points."""
    return OUTLINES[kind](radius)


def _critical(r: float) -> str:
    """An octagon with an exclamation mark cut out."""
    side, cut = 0.8 * r, 0.57 * r
    octagon = f"m{n(-side / 2)} {n(-r)}h{n(side)}l{n(cut)} {n(cut)}v{n(side)}l{n(-cut)} {n(cut)}h{n(-side)}"
    octagon += f"l{n(-cut)} {n(-cut)}v{n(-side)}z"
    w = 0.24 * r
    bar = f"m{n(side / 2 - w / 2)} {n(0.42 * r)}v{n(0.8 * r)}h{n(w)}v{n(-0.8 * r)}z"
    return octagon + bar + f"m0 {n(1.05 * r)}v{n(0.24 * r)}h{n(w)}v{n(-0.24 * r)}z"


def _triangle(r: float) -> str:
    return f"m0 {n(-r)}l{n(1.08 * r)} {n(1.85 * r)}h{n(-2.16 * r)}z"


def _circle(r: float) -> str:
    r *= 0.55
    return f"m{n(-r)} 0a{n(r)} {n(r)} 0 1 0 {n(2 * r)} 0a{n(r)} {n(r)} 0 1 0 {n(-2 * r)} 0z"


def _square(r: float) -> str:
    side = 1.3 * r
    return f"m{n(-side / 2)} {n(-side / 2)}h{n(side)}v{n(side)}h{n(-side)}z"


OUTLINES = {
    "critical": _critical,
    "established": _triangle,
    "possible": _triangle,
    "rising": _square,
    "none": _circle,
}


def n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
