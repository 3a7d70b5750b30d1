"""What a file brought, out of the record again: nothing is deleted, and what it corrected is given back."""

import pghistory
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from patients.actions.anticoagulant import give_back_said
from patients.actions.assess import assess, assess_once
from patients.actions.bulk import MODELS, check_at_once, lock_patients
from patients.actions.errors import Refused, refusing
from patients.actions.others import give_back_other, withdraw_others
from patients.actions.undo.blockers import Later, built_on, by_person
from patients.models import Diagnosis, Draw, Event, OtherResult, Patient, Result


class BuiltOn(Refused):
    """Others have built on what the file brought; `later` names it."""

    def __init__(self, later: list[Later]) -> None:
        self.later = later
        first, people = later[0], len({one.patient for one in later})
        of = "one patient" if people == 1 else f"{people:,} patients"
        said = f"People have worked since on what this file brought, for {of}: {first.what}"
        said += f" by {first.by}." if first.by else "."
        super().__init__(f"{said} {first.remedy or 'Look who did what, and confirm.'}")


def undo(*, upload, by: User, reason: str = "", anyway: bool = False) -> None:
    """Withdraws what the upload brought, gives back what it corrected; refused where others built on it.

    `anyway`: a person has seen which results were corrected or signed off since. What was corrected by hand
    stays, and signed reports stay as they are.
    """
    reason = (reason or f"Upload {upload.file} undone")[:300]
    with assess_once(), pghistory.context(user=by.pk, upload=str(upload.uuid)), refusing():
        check_at_once()
        ids = touched(upload)
        lock_patients(pk__in=ids)
        _refuse_if_built_on(upload, ids, anyway)
        _withdraw_results(upload, by, reason)
        withdraw_others(upload, reason)
        mark = {"withdrawn_at": timezone.now(), "withdrawn_by": by, "withdrawn_reason": reason}
        for model in (Diagnosis, Event, Patient):
            rows = model.objects.filter(upload=upload).current()
            rows.update(**mark, version=F("version") + 1)
        _give_back(upload)
        assess(ids)


def touched(upload) -> set[int]:
    """The patients on whose record the upload wrote."""
    found = set(Patient.objects.filter(upload=upload).values_list("pk", flat=True))
    others = OtherResult.objects.filter(Q(upload=upload) | Q(pk__in=_changed_others(upload)))
    found |= set(others.values_list("patient_id", flat=True))
    # Plain numbers, a query each: a join of rows just written is planned as if the tables were empty.
    draws = set(Result.objects.filter(upload=upload).values_list("draw_id", flat=True))
    for model in (Diagnosis, Event):
        found |= set(model.objects.filter(upload=upload).values_list("patient_id", flat=True))
    changed: dict[str, list[int]] = {}
    for item in upload.before:
        changed.setdefault(item["kind"], []).append(item["pk"])
    found |= {*changed.get("patient", ()), *changed.get("anticoagulant", ())}
    for kind in ("diagnosis", "event", "draw"):
        rows = MODELS[kind].objects.filter(pk__in=changed.get(kind, ()))
        found |= set(rows.values_list("patient_id", flat=True))
    taken = Result.objects.filter(pk__in=changed.get("result", ()))
    draws |= set(taken.values_list("draw_id", flat=True))
    return found | set(Draw.objects.filter(pk__in=draws).values_list("patient_id", flat=True))


def _changed_others(upload) -> list[int]:
    return [item["pk"] for item in upload.before if item["kind"] == "other"]


def _refuse_if_built_on(upload, ids: set[int], anyway: bool) -> None:
    """Nobody's later work is taken away with the file, and nobody's signature goes by unseen."""
    later = built_on([upload], ids)
    blocking = [one for one in later if one.remedy]
    if blocking:
        raise BuiltOn(blocking)
    if later and not anyway:
        raise BuiltOn(later)


def _withdraw_results(upload, by: User, reason: str) -> None:
    # What a person has corrected is that person's now, as if it had been typed.
    own = Result.objects.filter(**by_person(upload))
    mine = set(own.values_list("draw_id", flat=True))
    own.update(upload=None)
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
    Draw.objects.current().filter(upload=upload).exclude(pk__in=kept | mine).update(
        withdrawn_at=timezone.now(), withdrawn_by=by, withdrawn_reason=reason
    )


def _give_back(upload) -> None:
    for item in reversed(upload.before):
        if item["kind"] == "anticoagulant":
            give_back_said(item)
            continue
        rows = MODELS[item["kind"]].objects.filter(pk=item["pk"])
        if item["kind"] == "other":
            give_back_other(item)
            continue
        if item["kind"] != "result":
            rows.update(**item["fields"], version=F("version") + 1)
            continue
        row = rows.get()
        taken = Result.objects.filter(draw=row.draw_id, analyte=row.analyte, status__in=Result.COUNTING)
        if row.status == item.get("became", Result.Status.SUPERSEDED) and not taken.exists():
            rows.update(**item["fields"])
