"""In which order, from which row on.

Keyset paging: a page starts after the sort keys of the last row of the page before, so that the last page
costs what the first one costs and a row that arrives meanwhile shifts nothing. Keys end in the patient, so
ties have one order. Each clinic and each step of the keys is a search of its own ("arm"), because
PostgreSQL walks an index for an equal start and one inequality, but not for an OR of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from accounts.models import Clinic
from patients.models import Assessment

from .being_assessed import BEING_ASSESSED
from .choosing import matching
from .state import SORTS, Key, WorklistState

PAGE = 50


@dataclass(frozen=True)
class WorklistPage:
    rows: list[Assessment]
    earlier: bool
    later: bool


def page(
    state: WorklistState, clinics: list[Clinic], now: datetime, size: int = PAGE, more: dict | None = None
) -> WorklistPage:
    """The page that the address names; its first page where the named row is gone.

    `more` are expressions that come with each row (`patients.plugins`).
    """
    keys = SORTS[state.sort]
    if state.reverse:
        keys = tuple(key.flipped() for key in keys)
    cursor = _cursor(state, clinics)
    backwards = cursor is not None and state.before is not None
    found = _rows(state, clinics, now, keys, cursor, backwards, size + 1, more)
    if backwards and len(found) <= size:
        # Fewer rows before it than a page holds: that is the first page, shown whole.
        cursor, backwards = None, False
        found = _rows(state, clinics, now, keys, None, False, size + 1, more)
    more, found = len(found) > size, found[:size]
    if backwards:
        return WorklistPage(found[::-1], earlier=more, later=True)
    return WorklistPage(found, earlier=cursor is not None, later=more)


def _cursor(state: WorklistState, clinics: list[Clinic]) -> Assessment | None:
    """The row that the address names: by its public id, so that no name stands in an address."""
    uuid = state.after or state.before
    if uuid is None:
        return None
    return Assessment.objects.filter(patient__uuid=uuid, clinic__in=clinics).first()


def _rows(state, clinics, now, keys, cursor, backwards, limit, more) -> list[Assessment]:
    arms = []
    for clinic in clinics:
        if state.clinic in ("", clinic.code):
            rows = matching(state, clinic, now.astimezone(clinic.zone).date())
            arms += [_in_order(arm, keys, backwards)[:limit] for arm in _arms(rows, keys, cursor, backwards)]
    if not arms:
        return []
    ids = [arm.values_list("pk", flat=True) for arm in arms]
    chosen = list(ids[0].union(*ids[1:], all=True)) if len(ids) > 1 else list(ids[0])
    rows = Assessment.objects.filter(pk__in=chosen, patient__withdrawn_at__isnull=True)
    rows = rows.annotate(being_assessed=BEING_ASSESSED, **more or {}).select_related(
        "patient", "contact_owner"
    )
    return list(_in_order(rows, keys, backwards, last=True)[:limit])


def _arms(rows: QuerySet, keys, cursor: Assessment | None, backwards: bool) -> Iterator[QuerySet]:
    """The rows beyond the cursor, as searches that one walk of an index answers each."""
    if cursor is None:
        yield from _split(rows, keys[0])
        return
    for key in keys:
        value = getattr(cursor, key.column)
        yield from _beyond(rows, key, value, backwards)
        rows = rows.filter(**({f"{key.column}__isnull": True} if value is None else {key.column: value}))


def _split(rows: QuerySet, key: Key) -> Iterator[QuerySet]:
    if not key.apart:
        yield rows
        return
    yield rows.filter(**{f"{key.column}__isnull": False})
    yield rows.filter(**{f"{key.column}__isnull": True})


def _beyond(rows: QuerySet, key: Key, value, backwards: bool) -> Iterator[QuerySet]:
    """The rows whose key lies beyond this value, in the direction of travel."""
    descending = key.descending != backwards
    # Where rows without a value stand on the way: PostgreSQL's own place unless they are kept apart.
    empty_first = backwards if key.apart else descending
    if value is None:
        if empty_first:
            yield rows.filter(**{f"{key.column}__isnull": False})
        return
    yield rows.filter(**{f"{key.column}__{'lt' if descending else 'gt'}": value})
    if not empty_first and Assessment._meta.get_field(key.column).null:
        yield rows.filter(**{f"{key.column}__isnull": True})


def _in_order(rows: QuerySet, keys, backwards: bool, last: bool = False) -> QuerySet:
    """`last`: the order of the page. Else the index's own: the same but for where empty keys stand."""
    order = []
    for key in keys:
        descending = key.descending != backwards
        empty = {"nulls_first" if backwards else "nulls_last": True} if last and key.apart else {}
        order.append(F(key.column).desc(**empty) if descending else F(key.column).asc(**empty))
    return rows.order_by(*order)
