"""Points, or bins of many, and how many there are of each: as many queries for many patients as for one."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Floor

from patients.models import Assessment

from .drawing import Dot
from .marks import kind_of
from .movements import ORDER, as_then, corner_of, place_of, placed

# Above so many patients the database puts those near one another together.
BINNED = 20_000
# Bins to a doubling of the enzyme, and to 1.0 of INR.
BINS_ACROSS, BINS_UP = 5, 20
WHO = ("off", "pk", "patient__uuid", "grade_rank", "enzyme", "enzyme_signs", "inr_signs")
THEN = ("baseline_at", "enzyme_from", "enzyme_then", "inr_from", "inr_then")
Place = tuple[float, float]


@dataclass
class Counted:
    """What the plane shows: its dots, and how many patients by corner, mark and reason of not being there.

    `ids`: of each corner in the order of the list; None where the patients are binned.
    """

    dots: list[Dot] = field(default_factory=list)
    corners: Counter = field(default_factory=Counter)
    kinds: Counter = field(default_factory=Counter)
    reasons: Counter = field(default_factory=Counter)
    ids: dict[str, list[int]] | None = None

    @property
    def binned(self) -> bool:
        return self.ids is None

    @property
    def shown(self) -> int:
        return self.kinds.total()

    @property
    def total(self) -> int:
        return self.shown + self.reasons.total()

    def add(self, dot: Dot, corner: str) -> None:
        self.dots.append(dot)
        self.corners[corner] += dot.count
        self.kinds[dot.kind] += dot.count


def count(rows: QuerySet[Assessment], until: datetime | None = None) -> Counted:
    """Now, or at the end of a month; so many that they are binned stand where they are now."""
    if rows[: BINNED + 1].count() > BINNED:
        return _bins(placed(rows))
    counted = Counted(ids=defaultdict(list))
    for row, off, corner, place in _then(rows, until) if until else _now(rows):
        if off:
            counted.reasons[off] += 1
            continue
        bound = bool(row.enzyme_signs or row.inr_signs)
        counted.add(Dot(kind_of(row.grade_rank), *place, row.enzyme, row.patient__uuid, bound), corner)
        counted.ids[corner].append(row.pk)
        counted.ids["all"].append(row.pk)
    return counted


def _now(rows: QuerySet[Assessment]) -> Iterable[tuple[Any, str, str, Place]]:
    """Each row, why it is not drawn, its corner and its place."""
    for row in placed(rows).order_by(*ORDER).values_list(*WHO, "corner", "x", "y", named=True):
        yield row, row.off, row.corner, (row.x, row.y)


def _then(rows: QuerySet[Assessment], until: datetime) -> Iterable[tuple[Any, str, str, Place]]:
    """The same at the end of a month."""
    for row in as_then(rows, until).order_by(*ORDER).values_list(*WHO, *THEN, named=True):
        off = row.off or ("later" if row.baseline_at > until else "")
        place = None if off else place_of(row.enzyme_from, row.enzyme_then, row.inr_from, row.inr_then)
        if place:
            yield row, "", corner_of(row.enzyme, *place), place
        else:
            yield row, off or "no_change", "", (0.0, 0.0)


def _bins(rows: QuerySet[Assessment]) -> Counted:
    """A dot in the middle of each bin."""
    bins = {"across": Floor(F("x") * BINS_ACROSS), "up": Floor(F("y") * BINS_UP + 0.5)}
    grouped = rows.values("off", "corner", "grade_rank", **bins).annotate(number=Count("pk")).order_by()
    counted = Counted()
    keys = ("off", "corner", "grade_rank", "across", "up", "number")
    for off, corner, rank, across, up, number in grouped.values_list(*keys):
        if off:
            counted.reasons[off] += number
        else:
            place = (across + 0.5) / BINS_ACROSS, up / BINS_UP
            counted.add(Dot(kind_of(rank), *place, count=number), corner)
    return counted
