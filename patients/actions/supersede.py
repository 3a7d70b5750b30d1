"""Stored results out of the count when files bring later versions: superseded or withdrawn, never deleted.

Each gives back what `patients.actions.undo` needs: how a row was and what it became.
"""

from collections import defaultdict

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from patients.models import Draw, Result


def supersede(upload, placed: list) -> list[dict]:
    """The stored results whose place is taken. `placed`: (primary key of the draw, NewResult).

    What the laboratory declares replaced stays so, even where the file goes on to replace the replacement.
    """
    taking = [(draw, item) for draw, item in placed if item.corrects and (item.counts or item.declared)]
    takers = {(draw, item.reading.analyte, item.reading.method): item for draw, item in taking}
    named = {item.replaces: item for _, item in taking if item.replaces}
    rows = Result.objects.filter(
        Q(draw_id__in={pk for pk, _, _ in takers}) | Q(pk__in=named), status__in=Result.COUNTING
    )
    old: dict[str, list[Result]] = defaultdict(list)
    for row in rows:
        if taker := named.get(row.pk) or takers.get((row.draw_id, row.analyte, row.method)):
            old[_why(taker.old_why, upload)].append(row)
    return [found for why, rows in old.items() for found in _retire(rows, Result.Status.SUPERSEDED, why)]


def withdraw(gone: list) -> list[dict]:
    """Results that still count when the laboratory takes them back. `gone`: Withdrawal."""
    why = {item.pk: item.why for item in gone}
    rows = list(Result.objects.filter(pk__in=why, status__in=Result.COUNTING))
    return [found for row in rows for found in _retire([row], Result.Status.WITHDRAWN, why[row.pk])]


def withdraw_empty(upload, by: User, retired: list[int], others: set[int]) -> list[dict]:
    """Draws of these results, and `others`, in which nothing counts: a draw without a result is none.

    A draw that this very upload made has no earlier state to go back to.
    """
    # Plain lists of numbers, a query each: a join of new rows is planned as if the tables were empty.
    ids = others | set(Result.objects.filter(pk__in=retired).values_list("draw_id", flat=True))
    counting = Result.objects.filter(draw_id__in=ids, status__in=Result.COUNTING)
    ids -= set(counting.values_list("draw_id", flat=True))
    empty = list(Draw.objects.current().filter(pk__in=ids)) if ids else []
    mark = {"withdrawn_at": timezone.now(), "withdrawn_by": by, "withdrawn_reason": Draw.EMPTY}
    Draw.objects.filter(pk__in=[draw.pk for draw in empty]).update(**mark, version=F("version") + 1)
    back = {"withdrawn_at": None, "withdrawn_by": None, "withdrawn_reason": ""}
    return [
        {"kind": "draw", "pk": draw.pk, "version": draw.version + 1, "fields": back}
        for draw in empty
        if draw.upload_id != upload.pk
    ]


def _why(words: str, upload) -> str:
    return f"{words} ({upload.file})" if words else f"Corrected by upload {upload.file}"


def _retire(rows: list[Result], status: str, reason: str) -> list[dict]:
    """Takes these results out of the count; gives back how they were and what they became."""
    Result.objects.filter(pk__in=[row.pk for row in rows]).update(status=status, status_reason=reason[:300])
    return [
        {
            "kind": "result",
            "pk": row.pk,
            "fields": {"status": row.status, "status_reason": row.status_reason},
            "became": status,
        }
        for row in rows
    ]
