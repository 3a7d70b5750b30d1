"""In which order, from which row on.

Keyset paging: a page starts after the sort keys of the last row of the page before, so that the last page
costs what the first one costs and a row that arrives meanwhile shifts nothing. Keys end in the patient, so
ties have one order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.db.models.expressions import OrderBy

from accounts.models import Clinic
from patients.models import Assessment

from .arms import SortOrder
from .being_assessed import BEING_ASSESSED
from .choice import choice_of
from .finding import first_ids
from .folding import words
from .state import SORTS, WorklistState

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
    found = _rows(state, clinics, now, SortOrder(keys, backwards), cursor, size + 1, more)
    if backwards and len(found) <= size:
        # Fewer rows before it than a page holds: that is the first page, shown whole.
        cursor, backwards = None, False
        found = _rows(state, clinics, now, SortOrder(keys, backwards), None, size + 1, more)
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


def _rows(state, clinics, now, order: SortOrder, cursor, limit, more) -> list[Assessment]:
    here = [clinic for clinic in clinics if state.clinic in ("", clinic.code)]
    if not here or (state.q and not words(state.q)):
        return []
    choices = [choice_of(state, one.pk, now.astimezone(one.zone).date()) for one in here]
    chosen = first_ids(choices, order, cursor, limit)
    rows = Assessment.objects.filter(pk__in=chosen, patient__withdrawn_at__isnull=True)
    rows = rows.annotate(being_assessed=BEING_ASSESSED, **more or {})
    rows = rows.select_related("patient", "contact_owner")
    return list(rows.order_by(*_of_page(order))[:limit])


def _of_page(order: SortOrder) -> Iterator[OrderBy]:
    """Rows without a value where the page has them: last, for keys that keep them apart."""
    for key in order.keys:
        empty = {"nulls_first" if order.backwards else "nulls_last": True} if key.apart else {}
        yield F(key.column).desc(**empty) if order.descends(key) else F(key.column).asc(**empty)
