"""What people have done since with what files brought: it decides whether the files can be undone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps

from accounts.models import User
from patients.actions.bulk import MODELS
from patients.models import (
    CauseReview,
    Contact,
    Diagnosis,
    Draw,
    Event,
    LeftOut,
    NotedOrder,
    OtherResult,
    Overrule,
    Patient,
    Result,
    SignOff,
)

# What to do first; "" where the files can be undone all the same.
WITHDRAW = "Withdraw that first."
FOR_GOOD = "This patient can no longer be taken out with the file."
CHANGED_AGAIN = "It can no longer be undone with the file: correct it by hand."


@dataclass(frozen=True)
class Later:
    """Something done to a patient after the file was stored. `remedy`: what must happen before an undo."""

    patient: int
    what: str
    by: str
    at: datetime | None
    remedy: str = ""


def built_on(uploads: list, touched: set[int]) -> list[Later]:
    """In the order: what stands in the way, then what an undo leaves as it is. `touched`: the patients on
    whose record the uploads wrote."""
    brought = Patient.objects.filter(upload__in=uploads).current()
    ids = set(brought.values_list("pk", flat=True))
    found = [*_on_patients(uploads, ids), *_changed(uploads)]
    return found + [*_corrected(uploads), *_signed(uploads, touched - ids)]


def by_person(upload) -> dict:
    """The filter of results which the upload brought and a person has corrected since."""
    return {"upload": upload, "status": Result.Status.CORRECTED, "status_reason__gt": ""}


def _on_patients(uploads, ids: set[int]) -> Iterator[Later]:
    """Of patients who came with the files, whatever did not."""
    for model, what in ((Draw, "draw"), (Diagnosis, "diagnosis"), (Event, "event")):
        rows = model.objects.current().filter(patient_id__in=ids).exclude(upload__in=uploads)
        for row in rows.select_related("entered_by", "upload"):
            file = row.upload.file if row.upload else ""
            words = f"{what} from {file}" if file else f"{what} entered by hand"
            remedy = f"Undo {file} first." if file else WITHDRAW
            yield Later(row.patient_id, words, str(row.entered_by or ""), row.entered_at, remedy)
    kept = OtherResult.objects.filter(patient_id__in=ids, status__in=Result.COUNTING)
    for row in kept.exclude(upload__in=uploads).select_related("upload__by"):
        file = row.upload.file
        words, remedy = f"result kept as sent from {file}", f"Undo {file} first."
        yield Later(row.patient_id, words, str(row.upload.by), row.upload.stored_at, remedy)
    judged = (
        (CauseReview.objects.all(), "cause judged", FOR_GOOD),
        (NotedOrder.objects.all(), "something to do noted", FOR_GOOD),
        (SignOff.objects.defer("report", "basis"), "report signed off", FOR_GOOD),
        (Overrule.objects.all(), "grade overruled", FOR_GOOD),
        (Contact.objects.current(), "contacted", WITHDRAW),
        (LeftOut.objects.standing(), "left out of the list", WITHDRAW),
    )
    for rows, what, remedy in judged:
        for row in rows.filter(patient_id__in=ids).select_related("by"):
            yield Later(row.patient_id, what, str(row.by), row.at, remedy)


def _changed(uploads) -> Iterator[Later]:
    """What the files brought or changed and others changed again."""
    owners = {"patient": "pk", "diagnosis": "patient_id", "event": "patient_id", "draw": "patient_id"}
    for model, what in ((Patient, "patient"), (Diagnosis, "diagnosis"), (Event, "event")):
        rows = model.objects.current().filter(upload__in=uploads, version__gt=1)
        yield from _with_who(what, rows.values_list("pk", owners[what]), WITHDRAW)
    for upload in uploads:
        versions = {
            (item["kind"], item["pk"]): item["version"] for item in upload.before if "version" in item
        }
        for kind in {kind for kind, _ in versions}:
            pks = [pk for own, pk in versions if own == kind]
            rows = MODELS[kind].objects.filter(pk__in=pks).values_list("pk", owners[kind], "version")
            moved = [(pk, owner) for pk, owner, version in rows if version != versions[kind, pk]]
            yield from _with_who(kind, moved, CHANGED_AGAIN)


def _corrected(uploads) -> Iterator[Later]:
    for upload in uploads:
        rows = Result.objects.filter(**by_person(upload)).values_list("pk", "draw__patient_id")
        yield from _with_who("result", rows, "", "result corrected")


def _signed(uploads, others: set[int]) -> Iterator[Later]:
    """Reports of patients who were here before, signed off after the first of the files was stored."""
    since = min((upload.stored_at for upload in uploads if upload.stored_at), default=None)
    if since is None:
        return
    for row in (
        SignOff.objects.filter(patient_id__in=others, at__gt=since)
        .select_related("by")
        .defer("report", "basis")
    ):
        yield Later(row.patient_id, "report signed off", str(row.by), row.at)


def _with_who(kind: str, rows, remedy: str, what: str = "") -> Iterator[Later]:
    """Who changed these rows last, from the history that the database keeps."""
    owners = dict(rows)
    if not owners:
        return
    history = apps.get_model("patients", f"{MODELS[kind].__name__}History")
    last = history.objects.filter(pgh_obj_id__in=owners).order_by("pgh_obj_id", "-pgh_id")
    last = last.distinct("pgh_obj_id").values_list(
        "pgh_obj_id", "pgh_created_at", "pgh_context__metadata__user"
    )
    changes = list(last)
    names = {user.pk: str(user) for user in User.objects.filter(pk__in={who for *_, who in changes} - {None})}
    told = {pk: (at, names.get(who, "")) for pk, at, who in changes}
    for pk, owner in owners.items():
        at, by = told.get(pk, (None, ""))
        yield Later(owner, what or f"{kind} changed", by, at, remedy)
