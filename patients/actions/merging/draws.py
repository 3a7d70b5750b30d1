"""Draws that both records have: of one minute and laboratory they become one, and what differs is for a person."""

from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from interpretation.record import analytes
from patients.models import Draw, Merge, Result

from .rows import change

SAME = "The same result stands in the record with which this one was merged."
OTHER = "Another result stands in the record with which this one was merged: {value}."
ASKED = "Under the number merged into this one: {value}"
FOLDED = "One draw with that of the record with which this one was merged."
# A total and its part are looked at together: a draw that has one of them takes none from another draw.
TOGETHER = ("bilirubin_total", "bilirubin_direct", "bilirubin_conjugated")


def bring_over(merge: Merge, by: User) -> list[dict]:
    """Makes room for the draws of the merged one; what was changed for it, and how it was."""
    there = {_slot(draw): draw for draw in _current(merge.survivor_id)}
    before = []
    for draw in _current(merge.merged_id):
        own = there.get(_slot(draw))
        if own is not None:
            before += _folded(own, draw, by) if draw.hour_known else _beside(draw, merge)
    return before


def _current(patient: int) -> list[Draw]:
    return list(Draw.objects.current().filter(patient=patient).order_by("pk"))


def _slot(draw: Draw) -> tuple:
    return _minute(draw.taken_at), draw.laboratory, draw.hour_known, draw.ordinal


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _beside(draw: Draw, merge: Merge) -> list[dict]:
    """Of a day without an hour nobody knows whether two draws are one: both stay, the later one behind."""
    same_day = Draw.objects.current().filter(
        patient__in=[merge.survivor_id, merge.merged_id],
        taken_at=draw.taken_at,
        laboratory=draw.laboratory,
        hour_known=False,
    )
    last = same_day.aggregate(last=Max("ordinal"))["last"]
    return [change(draw, ordinal=last + 1)]


def _folded(own: Draw, draw: Draw, by: User) -> list[dict]:
    """What `own` lacks goes there; the draw that is then empty is withdrawn."""
    there = {(one.analyte, one.method): one for one in own.results.filter(status__in=Result.COUNTING)}
    whole = not any(key in TOGETHER for key, _ in there)
    before = []
    for result in draw.results.filter(status__in=Result.COUNTING):
        mine = there.get((result.analyte, result.method))
        if mine is not None:
            before += _compared(mine, result)
        elif whole or result.analyte not in TOGETHER:
            before.append(change(result, draw_id=own.pk))
        else:
            before += _apart(own, result)
    mark = {"withdrawn_at": timezone.now(), "withdrawn_by_id": by.pk, "withdrawn_reason": FOLDED}
    return [*before, change(draw, **mark)]


def _compared(mine: Result, result: Result) -> list[dict]:
    gone = {"status": Result.Status.SUPERSEDED.value}
    if (mine.value, mine.comparator) == (result.value, result.comparator):
        return [change(result, **gone, status_reason=SAME)]
    asked = {"unconfirmed": ASKED.format(value=_shown(result)), "confirmed_at": None}
    return [
        change(result, **gone, status_reason=OTHER.format(value=_shown(mine))),
        change(mine, **asked, confirmed_by_id=None),
    ]


def _apart(own: Draw, result: Result) -> list[dict]:
    """Another part of a bilirubin than the draw has: it is not judged here which of them belong together."""
    marked = own.results.filter(status__in=Result.COUNTING, analyte__in=TOGETHER).first()
    words = ASKED.format(value=f"{analytes.get(result.analyte).name} {_shown(result)}")
    return [
        change(result, status=Result.Status.SUPERSEDED.value, status_reason=OTHER.format(value="bilirubin")),
        change(marked, unconfirmed=words, confirmed_at=None, confirmed_by_id=None),
    ]


def _shown(result: Result) -> str:
    """As it was reported; a unit in braces is none."""
    unit = "" if result.reported_unit.startswith("{") else result.reported_unit
    return f"{result.reported_value} {unit}".strip()
