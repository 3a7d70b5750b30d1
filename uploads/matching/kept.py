"""Results that are not interpreted and kept as they were sent, as the record holds them."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from patients.actions.others import NewOther
from patients.models import OtherResult
from uploads.models import Upload


@dataclass
class KnownOther:
    """One of a patient, minute, laboratory, test and method. `told`: value, unit and range as sent."""

    told: tuple[str, str, str]
    counts: bool
    status: str
    pk: int | None = None
    verified_at: datetime | None = None
    order: str = ""
    file: int | None = None
    row: str = ""
    record: NewOther | None = None
    # Nobody types these.
    by_person: bool = False
    # As in `KnownResult`.
    ordinal: int = 0

    @property
    def shown(self) -> str:
        return " ".join(filter(None, self.told[:2]))


OthersByKey = dict[tuple, list[KnownOther]]


def stored_others(
    ids: list[int], times: list[datetime], orders: set[str], slot: Callable[[datetime, bool], object]
) -> tuple[OthersByKey, OthersByKey]:
    """(by MRN, `slot`, laboratory, test and method; by MRN, order and test) of these patients."""
    near = Q(taken_at__gte=min(times), taken_at__lt=max(times) + timedelta(minutes=1))
    if orders:
        near |= Q(order_key__in=orders)
    rows = OtherResult.objects.filter(near, patient_id__in=ids).exclude(upload__state=Upload.State.UNDONE)
    places, named = defaultdict(list), defaultdict(list)
    for row in rows.select_related("patient").order_by("pk"):
        told = row.value, row.unit, row.range
        known = KnownOther(told, row.counts, row.status, row.pk, row.verified_at, row.order_key)
        known.ordinal, at = row.ordinal, slot(row.taken_at, row.hour_known)
        places[row.patient.mrn, at, row.laboratory, row.test, row.method].append(known)
        if row.order_key:
            named[row.patient.mrn, row.order_key, row.test].append(known)
    return places, named
