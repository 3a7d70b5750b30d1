"""Two records of one person into one, and apart again: nothing is deleted, and all of it is one transaction.

`rows`: what goes over; `draws`: draws of the same minute become one. What was signed stays where it was signed.
"""

import pghistory
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from patients.actions.assess import assess
from patients.actions.bulk import check_at_once, lock_patients
from patients.actions.errors import Refused, refusing
from patients.models import Merge, OtherNumber, Patient

from . import others
from .draws import bring_over
from .numbers import remember
from .rows import change, give_back, move, move_back

NOT_WITHDRAWN = {"withdrawn_at": None, "withdrawn_by": None, "withdrawn_reason": ""}


def merge(*, survivor: Patient, merged: Patient, by: User, why: str) -> Merge:
    """`merged` goes into `survivor`: its results, events and notes follow, and its number."""
    with pghistory.context(user=by.pk), refusing():
        check_at_once()
        lock_patients(pk__in=[survivor.pk, merged.pk])
        survivor, merged = _as_they_are(survivor, merged)
        made = Merge.objects.create(survivor=survivor, merged=merged, by=by, why=why[:300])
        numbers = list(merged.other_numbers.standing())
        _withdraw(merged, by, f"Merged into {survivor.mrn}")
        made.before = [*_take_words(survivor, merged), *bring_over(made, by)]
        made.moved = move(made)
        made.moved["patients.OtherNumber"] = [number.pk for number in numbers]
        OtherNumber.objects.filter(pk__in=made.moved["patients.OtherNumber"]).update(patient=survivor)
        remember(patient=survivor, mrn=merged.mrn, by=by, merge=made)
        made.save(update_fields=["moved", "before"])
        for follow in others.followers:
            follow.merged(made, by)
        assess([survivor.pk, merged.pk])
    return made


def undo_merge(*, merge: Merge, by: User, reason: str) -> Merge:
    """Everything is where it was; what came in since under a number of the merged one goes to that one, too."""
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("Say why the merge is undone.", "reason")
    with pghistory.context(user=by.pk), refusing():
        check_at_once()
        lock_patients(pk__in=[merge.survivor_id, merge.merged_id])
        merge = (
            Merge.objects.select_for_update(of=("self",))
            .select_related("survivor", "merged")
            .get(pk=merge.pk)
        )
        _refuse_undoing(merge)
        Merge.objects.filter(pk=merge.pk).update(undone_at=Now(), undone_by=by, undone_reason=reason[:300])
        merge.numbers.standing().update(ended_at=timezone.now(), ended_by=by)
        Patient.objects.filter(pk=merge.merged_id).update(**NOT_WITHDRAWN, version=F("version") + 1)
        move_back(merge)
        give_back(merge)
        OtherNumber.objects.filter(pk__in=merge.moved["patients.OtherNumber"]).update(patient=merge.merged)
        for follow in others.followers:
            follow.undone(merge, by)
        assess([merge.survivor_id, merge.merged_id])
        merge.refresh_from_db()
    return merge


def _as_they_are(survivor: Patient, merged: Patient) -> tuple[Patient, Patient]:
    """Read again once they are held."""
    now = Patient.objects.select_related("clinic").in_bulk([survivor.pk, merged.pk])
    survivor, merged = now[survivor.pk], now[merged.pk]
    if survivor.pk == merged.pk:
        raise Refused("Both numbers are this patient’s already.")
    if survivor.clinic_id != merged.clinic_id:
        raise Refused("Patients of two clinics are not merged.")
    for patient in (survivor, merged):
        if patient.withdrawn_at:
            raise Refused("One of the two was merged or withdrawn in the meantime. Nothing was merged.")
    return survivor, merged


def _refuse_undoing(merge: Merge) -> None:
    if merge.undone_at:
        raise Refused("This merge is undone already.")
    if merge.survivor.withdrawn_at:
        raise Refused("The patient was merged into another one since, or withdrawn: undo that first.")


def _withdraw(patient: Patient, by: User, reason: str) -> None:
    mark = {"withdrawn_at": timezone.now(), "withdrawn_by": by, "withdrawn_reason": reason}
    Patient.objects.filter(pk=patient.pk).update(**mark, version=F("version") + 1)


def _take_words(survivor: Patient, merged: Patient) -> list[dict]:
    """What is known of the merged one alone: a death, an anticoagulant, reasons that others gave."""
    fields = {}
    if survivor.died_on is None and merged.died_on:
        fields["died_on"] = merged.died_on
    if not survivor.anticoagulant and merged.anticoagulant:
        names = ("anticoagulant", "anticoagulant_said_by_id", "anticoagulant_said_at")
        fields |= {name: getattr(merged, name) for name in names}
    if more := [one for one in merged.said_elsewhere if one not in survivor.said_elsewhere]:
        fields["said_elsewhere"] = [*survivor.said_elsewhere, *more]
    # Also where nothing of it changes: whoever has the page open is told that it moved on.
    return [change(survivor, **fields)]
