"""What every action on a patient's record shares: who writes, the lock, refusals, versions, the summary."""

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory
from django.utils import timezone

from accounts.models import User
from patients.actions.assess import assess
from patients.actions.errors import Refused, Stale, refusing
from patients.models import Patient


@contextmanager
def writing(*, by: User, patient: Patient) -> Iterator[None]:
    """One transaction in `by`'s name. Two people who write one patient's record take turns."""
    with pghistory.context(user=by.pk), refusing():
        locked = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        if locked.withdrawn_at:
            raise Refused("The patient was withdrawn in the meantime. Nothing was stored.")
        yield
        assess([patient.pk])


def change(row, *, version: int, fields: dict) -> bool:
    """Stores the fields on a row that `writing` has locked; False where they already are what they should be.

    Raises Stale when the row is no longer at the version that the editor saw.
    """
    row.refresh_from_db()
    if row.withdrawn_at:
        raise Refused(f"This was withdrawn in the meantime: {row.withdrawn_reason}")
    unknown = fields.keys() - {field.name for field in row._meta.concrete_fields if field.editable}
    if unknown:
        raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    if not changed:
        return False
    check_version(row, version)
    for name in changed:
        setattr(row, name, fields[name])
    row.version += 1
    row.save(update_fields=[*changed, "version"])
    return True


def check_version(row, version: int) -> None:
    if row.version != version:
        by, at = last_change(row)
        raise Stale(by=by, at=at)


def last_change(row) -> tuple[User | None, object]:
    """Who changed the row last and when, as the history holds it."""
    last = row.history.select_related("pgh_context").order_by("-pgh_id").first()
    if last is None:
        return None, None
    about = last.pgh_context.metadata if last.pgh_context else {}
    return User.objects.filter(pk=about.get("user")).first(), last.pgh_created_at


def withdraw(row, *, by: User, reason: str) -> None:
    """Marks a row that `writing` has locked as withdrawn."""
    row.refresh_from_db()
    if row.withdrawn_at:
        raise Refused("This is withdrawn already.")
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("A withdrawal needs a reason.", "reason")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = timezone.now(), by, reason
    row.version += 1
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason", "version"])
