"""What a file brought, out of the record again: nothing is deleted, and what it corrected is given back."""

import pghistory
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from patients.actions.assess import assess, assess_once
from patients.actions.bulk import MODELS, check_at_once, lock_patients
from patients.actions.errors import Refused, refusing
from patients.models import (
    CauseReview,
    Contact,
    Diagnosis,
    Draw,
    Event,
    LeftOut,
    Overrule,
    Patient,
    Result,
    SignOff,
)


def undo(*, upload, by: User, reason: str = "") -> None:
    """Withdraws what the upload brought, gives back what it corrected; refused where others built on it."""
    reason = (reason or f"Upload {upload.file} undone")[:300]
    with assess_once(), pghistory.context(user=by.pk, upload=str(upload.uuid)), refusing():
        brought = Patient.objects.filter(upload=upload).current()
        check_at_once()
        ids = touched(upload)
        lock_patients(pk__in=ids)
        _refuse_if_built_on(upload, brought)
        _withdraw_results(upload, by, reason)
        mark = {"withdrawn_at": timezone.now(), "withdrawn_by": by, "withdrawn_reason": reason}
        for model in (Diagnosis, Event, Patient):
            rows = model.objects.filter(upload=upload).current()
            rows.update(**mark, version=F("version") + 1)
        _give_back(upload)
        assess(ids)


def touched(upload) -> set[int]:
    """The patients on whose record the upload wrote."""
    found = set(Patient.objects.filter(upload=upload).values_list("pk", flat=True))
    # Plain numbers, a query each: a join of rows just written is planned as if the tables were empty.
    draws = set(Result.objects.filter(upload=upload).values_list("draw_id", flat=True))
    for model in (Diagnosis, Event):
        found |= set(model.objects.filter(upload=upload).values_list("patient_id", flat=True))
    changed: dict[str, list[int]] = {}
    for item in upload.before:
        changed.setdefault(item["kind"], []).append(item["pk"])
    found |= set(changed.get("patient", ()))
    for kind in ("diagnosis", "event", "draw"):
        rows = MODELS[kind].objects.filter(pk__in=changed.get(kind, ()))
        found |= set(rows.values_list("patient_id", flat=True))
    taken = Result.objects.filter(pk__in=changed.get("result", ()))
    draws |= set(taken.values_list("draw_id", flat=True))
    return found | set(Draw.objects.filter(pk__in=draws).values_list("patient_id", flat=True))


def _refuse_if_built_on(upload, brought) -> None:
    """Nobody's later work is taken away with the file."""
    ids = list(brought.values_list("pk", flat=True))
    files = set()
    for model in (Draw, Diagnosis, Event):
        rows = model.objects.current().filter(patient_id__in=ids).exclude(upload=upload)
        files |= set(rows.filter(upload__isnull=False).values_list("upload__file", flat=True).distinct())
        if rows.filter(upload__isnull=True).exists():
            raise Refused("Patients of this file have entries made by hand since. Withdraw those first.")
    if files:
        raise Refused(f"Patients of this file have entries from {', '.join(sorted(files))}. Undo that first.")
    if CauseReview.objects.filter(patient_id__in=ids).exists():
        raise Refused("Causes of patients of this file have been judged since. It can no longer be undone.")
    if any(model.objects.filter(patient_id__in=ids).exists() for model in (SignOff, Overrule)):
        raise Refused("Patients of this file have been reviewed since. It can no longer be undone.")
    followed_up = Contact.objects.current(), LeftOut.objects.standing()
    if any(rows.filter(patient_id__in=ids).exists() for rows in followed_up):
        raise Refused("Patients of this file have been contacted or left out since. Withdraw that first.")
    for model, word in ((Patient, "patients"), (Diagnosis, "diagnoses"), (Event, "events")):
        if model.objects.current().filter(upload=upload, version__gt=1).exists():
            raise Refused(f"Some {word} of this file were changed since. Withdraw those by hand first.")
    for item in upload.before:
        if "version" in item and not MODELS[item["kind"]].objects.filter(
            pk=item["pk"], version=item["version"]
        ):
            raise Refused("What this file changed was changed again since. It can no longer be undone.")


def _withdraw_results(upload, by: User, reason: str) -> None:
    rows = Result.objects.filter(upload=upload).exclude(status=Result.Status.WITHDRAWN)
    draws = set(rows.values_list("draw_id", flat=True))
    rows.update(status=Result.Status.WITHDRAWN, status_reason=reason)
    back = [item["pk"] for item in upload.before if item["kind"] == "result"]
    kept = set(
        Result.objects.filter(draw_id__in=draws)
        .exclude(upload=upload)
        .exclude(status=Result.Status.WITHDRAWN)
        .values_list("draw_id", flat=True)
    ) | set(Result.objects.filter(pk__in=back).values_list("draw_id", flat=True))
    Draw.objects.current().filter(pk__in=draws).update(version=F("version") + 1)
    # A draw to which others have added results stays with those.
    Draw.objects.current().filter(upload=upload).exclude(pk__in=kept).update(
        withdrawn_at=timezone.now(), withdrawn_by=by, withdrawn_reason=reason
    )


def _give_back(upload) -> None:
    for item in reversed(upload.before):
        rows = MODELS[item["kind"]].objects.filter(pk=item["pk"])
        if item["kind"] != "result":
            rows.update(**item["fields"], version=F("version") + 1)
            continue
        row = rows.get()
        taken = Result.objects.filter(draw=row.draw_id, analyte=row.analyte, status__in=Result.COUNTING)
        if row.status == item.get("became", Result.Status.SUPERSEDED) and not taken.exists():
            rows.update(**item["fields"])
