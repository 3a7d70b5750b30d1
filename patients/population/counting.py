"""Points, or bins of many, and how many there are of each: as many queries for many patients as for one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Floor

from patients.models import Assessment

from .drawing import Dot
from .marks import kind_of

# Above so many patients the database puts those near one another together.
BINNED = 20_000
# Bins to a doubling of the enzyme, and to 1.0 of INR.
BINS_ACROSS, BINS_UP = 5, 20
ORDER = ("urgency_rank", "grade_rank", "-latest_at", "patient")
POINT = ("x", "y", "enzyme", "enzyme_signs", "inr_signs", "patient__uuid")


@dataclass
class Counted:
    """What the plane shows: its dots, and how many patients by corner, mark and reason of not being there."""

    dots: list[Dot] = field(default_factory=list)
    corners: Counter = field(default_factory=Counter)
    kinds: Counter = field(default_factory=Counter)
    reasons: Counter = field(default_factory=Counter)
    binned: bool = False

    @property
    def shown(self) -> int:
        return self.kinds.total()

    @property
    def total(self) -> int:
        return self.shown + self.reasons.total()


def count(rows: QuerySet[Assessment], placed: QuerySet[Assessment]) -> Counted:
    """`placed` are `rows` with their places."""
    if rows[: BINNED + 1].count() > BINNED:
        return _counted(_bins(placed), binned=True)
    return _counted(_points(placed), binned=False)


def _counted(found: Iterable[tuple[str, str, Dot | None, int]], *, binned: bool) -> Counted:
    counted = Counted(binned=binned)
    for off, corner, dot, number in found:
        if dot is None:
            counted.reasons[off] += number
            continue
        counted.dots.append(dot)
        counted.corners[corner] += number
        counted.kinds[dot.kind] += number
    return counted


def _points(placed: QuerySet[Assessment]) -> Iterable[tuple[str, str, Dot | None, int]]:
    for off, corner, rank, *point in placed.order_by(*ORDER).values_list(
        "off", "corner", "grade_rank", *POINT
    ):
        yield off, corner, None if off else _dot(rank, *point), 1


def _dot(rank: int, x: float, y: float, enzyme: str, enzyme_signs: str, inr_signs: str, uuid) -> Dot:
    return Dot(kind_of(rank), x, y, enzyme, uuid, bound=bool(enzyme_signs or inr_signs))


def _bins(placed: QuerySet[Assessment]) -> Iterable[tuple[str, str, Dot | None, int]]:
    bins = {"across": Floor(F("x") * BINS_ACROSS), "up": Floor(F("y") * BINS_UP + 0.5)}
    grouped = placed.values("off", "corner", "grade_rank", **bins).annotate(number=Count("pk")).order_by()
    keys = ("off", "corner", "grade_rank", "across", "up", "number")
    for off, corner, rank, across, up, number in grouped.values_list(*keys):
        yield off, corner, None if off else _bin(rank, across, up, number), number


def _bin(rank: int, across: float, up: float, number: int) -> Dot:
    """In the middle of its bin."""
    return Dot(kind_of(rank), (across + 0.5) / BINS_ACROSS, up / BINS_UP, count=number)
