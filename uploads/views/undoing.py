"""Stored files taken back: first who has built on them since, then the undo itself."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.actions import log_accesses
from patients.actions.errors import Refused
from patients.actions.undo import touched
from patients.actions.undo.blockers import Later, built_on
from patients.models import Patient
from uploads import actions
from uploads.models import Job, Upload
from uploads.staging import jobs

from .batch import batch_of

# So many patients are named, and so much of what was done to each.
NAMED, EACH = 20, 4
# Name of a look in the access log.
SEEN = "upload-undo"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def undo(request: HttpRequest, batch: UUID) -> HttpResponse:
    """All stored files of the batch, or the one named by `file`."""
    uploads = [u for u in batch_of(request.user, batch) if u.state == Upload.State.STORED]
    chosen = request.POST.get("file") or request.GET.get("file") or ""
    uploads = [upload for upload in uploads if chosen in ("", str(upload.uuid))]
    if not uploads:
        messages.error(request, "Nothing to undo here: it is undone already, or was never stored.")
        return redirect("uploads:preview", batch)
    if request.method != "POST":
        return _page(request, batch, uploads, chosen)
    anyway = "anyway" in request.POST
    try:
        if actions.is_many(sum(upload.read for upload in uploads)):
            files = [str(upload.uuid) for upload in uploads]
            jobs.start(batch=batch, task=Job.Task.UNDO, by=request.user, files=files, anyway=anyway)
        else:
            actions.undo(uploads=uploads, by=request.user, anyway=anyway)
            messages.success(request, "Undone: what these files brought is withdrawn.")
    except Refused as refusal:
        return _page(request, batch, uploads, chosen, f"Nothing was undone. {refusal.sentence}")
    return redirect("uploads:preview", batch)


def _page(request, batch: UUID, uploads: list[Upload], chosen: str, sentence: str = "") -> HttpResponse:
    later = built_on(uploads, set().union(*map(touched, uploads)))
    blocking = [one for one in later if one.remedy]
    people, more = _named(blocking or later)
    log_accesses(user=request.user, patients=[patient for patient, *_ in people], page=SEEN)
    context = {
        "uploads": uploads,
        "batch": batch,
        "chosen": chosen,
        "clinic": uploads[0].clinic,
        "people": people,
        "more": more,
        "blocked": bool(blocking),
        "sentence": sentence,
    }
    return render(request, "uploads/undo.html", context, status=409 if sentence else 200)


def _named(later: list[Later]) -> tuple[list[tuple[Patient, list[Later], int]], int]:
    """The first patients by name with what was done to each, newest first, and how many more there are."""
    of: dict[int, list[Later]] = {}
    for one in later:
        of.setdefault(one.patient, []).append(one)
    rows = Patient.objects.filter(pk__in=of).order_by("family_name", "given_name", "mrn")
    found = []
    for patient in rows[:NAMED]:
        done = sorted(of[patient.pk], key=lambda one: one.at.timestamp() if one.at else 0, reverse=True)
        found.append((patient, done[:EACH], max(len(done) - EACH, 0)))
    return found, max(len(of) - NAMED, 0)


urls = [path("<uuid:batch>/undo/", undo, name="undo")]
