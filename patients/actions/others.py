"""Results that are kept as they were sent: into the record with their file, and out of it again."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from patients.actions.bulk import people_of, storing
from patients.actions.copying import copy_rows
from patients.actions.days import slot_of
from patients.models import Draw, OtherResult, Result


@dataclass
class NewOther:
    """`counts`, `corrects`, `replaces` and the reasons are as in `bulk.NewResult`."""

    mrn: str
    taken_at: datetime
    laboratory: str
    test: str
    name: str
    code: str
    value: str
    unit: str
    range: str
    method: str
    status: str
    verified_at: datetime | None
    comment: str
    order_key: str
    counts: bool = True
    corrects: bool = False
    why: str = ""
    lost_as: str = Result.Status.SUPERSEDED
    replaces: int | None = None
    old_why: str = ""
    declared: bool = False
    hour_known: bool = True
    ordinal: int = 0


@dataclass
class OtherWithdrawal:
    """A stored one that the laboratory takes back."""

    mrn: str
    pk: int
    why: str


def store_others(*, upload, by: User, new: list[NewOther], gone: list[OtherWithdrawal]) -> list[dict]:
    """Gives back how the rows were whose place is taken. No patient is assessed: nothing here is read."""
    with storing(upload, by):
        people = people_of(upload.clinic_id, {item.mrn for item in (*new, *gone)})
        superseded = {item.replaces: _why(item, upload) for item in new if item.replaces}
        before = _retire(superseded, Result.Status.SUPERSEDED)
        before += _retire({item.pk: item.why for item in gone}, Result.Status.WITHDRAWN)
        copy_rows(OtherResult, _ROW, (_row(upload.pk, people[item.mrn], item) for item in new))
    return before


def withdraw_others(upload, reason: str) -> None:
    """What the upload brought counts no more."""
    rows = OtherResult.objects.filter(upload=upload).exclude(status=Result.Status.WITHDRAWN)
    rows.update(status=Result.Status.WITHDRAWN, status_reason=reason)


def give_back_other(item: dict) -> None:
    """Unless another one has its place by now. `item`: as `store_others` gave it."""
    row = OtherResult.objects.get(pk=item["pk"])
    names = ("patient", "taken_at", "hour_known", "ordinal", "laboratory", "test", "method")
    same = {name: getattr(row, name) for name in names}
    taken = OtherResult.objects.filter(**same, status__in=Result.COUNTING)
    if row.status == item["became"] and not taken.exists():
        OtherResult.objects.filter(pk=row.pk).update(**item["fields"])


def move_others(draw: Draw, was: tuple) -> None:
    """What was kept as sent of a draw goes with it to another time or laboratory. `was`: its `days.slot_of`."""
    if was != slot_of(draw):
        before, now = (dict(zip(_SLOT, slot, strict=True)) for slot in (was, slot_of(draw)))
        OtherResult.objects.filter(patient=draw.patient, **before).update(**now)


def _why(item: NewOther, upload) -> str:
    return f"{item.old_why} ({upload.file})" if item.old_why else f"Corrected by upload {upload.file}"


def _retire(reasons: dict[int, str], status: str) -> list[dict]:
    rows = OtherResult.objects.filter(pk__in=reasons, status__in=Result.COUNTING) if reasons else ()
    before = []
    for row in rows:
        was = {"status": row.status, "status_reason": row.status_reason}
        before.append({"kind": "other", "pk": row.pk, "fields": was, "became": status})
        OtherResult.objects.filter(pk=row.pk).update(status=status, status_reason=reasons[row.pk][:300])
    return before


_SLOT = ("taken_at", "hour_known", "laboratory")
_AS_SENT = (
    "taken_at", "laboratory", "test", "name", "code", "value", "unit", "range", "method", "verified_at",
    "comment", "order_key", "hour_known", "ordinal",
)  # fmt: skip
_ROW = ("upload_id", "patient_id", "status", "status_reason", *_AS_SENT)


def _row(upload: int, patient: int, item: NewOther) -> tuple:
    status, why = item.status, ""
    if not item.counts:
        status, why = item.lost_as, item.why[:300]
    elif item.corrects and not item.declared:
        status = Result.Status.CORRECTED
    return upload, patient, str(status), why, *(getattr(item, name) for name in _AS_SENT)
