"""Files: dropped, previewed, stored, discarded, undone, and their rows for a spreadsheet."""

import csv
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.actions import log_accesses
from accounts.models import Clinic
from accounts.permissions import Can, require_any
from patients.actions.errors import Refused
from uploads import actions, blank, cards, mappings
from uploads.formula import harmless
from uploads.identity.questions import people_waiting
from uploads.importers.bulk.packing import united
from uploads.importers.records import FilePart
from uploads.models import IdentityQuestion, Job, Message, Sender, Upload, UploadRow
from uploads.profiles import known_senders
from uploads.staging import jobs
from uploads.staging.file_store import left_over, nameless
from uploads.staging.progress import STAGES, is_held
from uploads.staging.rejected_rows import returned
from uploads.staging.waiting import names_waiting
from uploads.told import to_look_at

from .batch import batch_of, message_of

LISTED = 50
# So many times as large an archive is once it is unpacked.
_PACKED = 20
_HELD = (Message.State.RECEIVED, Message.State.WAITING, Message.State.REFUSED)
_READ_AGAIN = Exists(Upload.objects.filter(replays=OuterRef("pk")).exclude(state=Upload.State.UNDONE))
_HEAVY = ("upload__digests", "upload__before", "upload__unknown")
# Names of looks in the access log.
SEEN, DOWNLOADED, RETURNED = "upload-preview", "upload-rows", "upload-to-correct"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def upload_list(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.UPLOAD)
    if request.method == "POST":
        return _receive(request, clinics)
    return _list_page(request, clinics)


@require_GET
@login_required
def preview(request: HttpRequest, batch: UUID) -> HttpResponse:
    uploads = batch_of(request.user, batch)
    job = Job.objects.filter(batch=batch).select_related("by").first()
    if job and job.state in Job.LIVE:
        return render(request, "uploads/busy.html", _busy(job, uploads))
    waiting = _in_state(uploads, Upload.State.PREVIEWED)
    unmapped = _in_state(uploads, Upload.State.UNMAPPED)
    stored = _in_state(uploads, Upload.State.STORED)
    message = message_of(uploads)
    holding = [upload for upload in stored if upload.holds_rows]
    asked = uploads if message and message.state == Message.State.WAITING else [*waiting, *unmapped, *holding]
    shown, questions = cards.cards_of(uploads), mappings.questions_of(asked)
    people = cards.shown_people(shown, {mrn for asked in questions for _, mrn in asked.name.examples})
    log_accesses(user=request.user, patients=people, page=SEEN)
    context = {
        "clinic": uploads[0].clinic,
        "batch": batch,
        "job": job,
        "queued": _in_state(uploads, Upload.State.QUEUED),
        "cards": shown,
        "waiting": waiting,
        "unmapped": unmapped,
        "held": holding,
        "questions": questions,
        "asks_tests": any(asked.is_test for asked in questions),
        "sender": uploads[0].sender,
        "stored": stored,
        **_would_store(waiting),
        "asks_stored": any(card["asks"] for card in shown if card["upload"] in stored),
        "message": message,
        **cards.written_on(stored),
    }
    return render(request, "uploads/preview.html", context)


def _in_state(uploads: list[Upload], state: str) -> list[Upload]:
    return [upload for upload in uploads if upload.state == state]


def _would_store(waiting: list[Upload]) -> dict[str, Any]:
    """How many rows would be stored, and of what kind."""
    held = UploadRow.objects.filter(upload__in=waiting) if waiting else UploadRow.objects.none()
    settled = held.filter(outcome=UploadRow.Outcome.CHANGED, settled=True).count()
    return {
        "new": sum(upload.new for upload in waiting),
        "changed": sum(upload.changed for upload in waiting) - settled,
        "settled": settled,
        "kept_waiting": _kept_waiting(waiting),
        "flagged": held.filter(flagged=True).count(),
        "asks": held.filter(asks=True).count(),
    }


@require_POST
@login_required
def store(request: HttpRequest, batch: UUID) -> HttpResponse:
    uploads = batch_of(request.user, batch)
    asked = {name: name in request.POST for name in ("apply_changes", "accept_questions")}
    try:
        if actions.is_many(sum(upload.read for upload in uploads)):
            jobs.start(batch=batch, task=Job.Task.STORE, by=request.user, **asked)
        else:
            done = actions.confirm(batch=batch, by=request.user, **asked)
            tell = messages.warning if done.moved_on else messages.success
            tell(request, jobs.stored_words(done))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("uploads:preview", batch)


@require_GET
@login_required
def progress(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The part of the page that shows how far a worker is; when it has ended, the whole page is asked for."""
    uploads = batch_of(request.user, batch)
    job = Job.objects.filter(batch=batch, state__in=Job.LIVE).select_related("by").first()
    if job is None:
        return HttpResponseClientRedirect(reverse("uploads:preview", args=[batch]))
    return render(request, "uploads/_progress.html", _busy(job, uploads))


@require_POST
@login_required
def cancel(request: HttpRequest, batch: UUID) -> HttpResponse:
    batch_of(request.user, batch)
    try:
        jobs.cancel(batch=batch)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("uploads:preview", batch)


@require_POST
@login_required
def again(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Begins anew what a worker did not finish."""
    batch_of(request.user, batch)
    try:
        jobs.again(batch=batch, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("uploads:preview", batch)


@require_GET
@login_required
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty file with one row of an invented person, to fill in."""
    require_any(request.user, Can.UPLOAD)
    if kind not in blank.FILES:
        raise Http404
    response = HttpResponse("\ufeff" + blank.csv_of(kind), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return response


@require_POST
@login_required
def discard(request: HttpRequest, batch: UUID) -> HttpResponse:
    batch_of(request.user, batch)
    try:
        actions.discard(batch=batch, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("uploads:preview", batch)
    messages.success(request, "Discarded: nothing was stored.")
    return redirect("uploads:list")


@require_GET
@login_required
def rows(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Every row that was not simply stored, with its reason, for a spreadsheet."""
    uploads = batch_of(request.user, batch)
    rows = to_look_at(uploads)
    people = cards.patients_of(uploads[0].clinic_id, rows.values("mrn"))
    log_accesses(user=request.user, patients=people, page=DOWNLOADED)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rows-to-look-at.csv"'
    response["Cache-Control"] = "no-store"
    response.write("\ufeff")
    # All in quotes: where a list separator is the semicolon, a cell must not fall in two.
    writer = csv.writer(response, quoting=csv.QUOTE_ALL)
    writer.writerow(["file", "row", "column", "outcome", "reason", "row as in the file"])
    for row in rows.select_related("upload").order_by("upload_id", "row", "id").iterator():
        outcome = row.get_outcome_display() + (", please look" if row.flagged else "")
        cells = [row.upload.file, row.place or row.row, row.column, outcome, row.reason, row.text]
        writer.writerow([harmless(str(cell)) for cell in cells])
    return response


@require_GET
@login_required
def to_correct(request: HttpRequest, batch: UUID, upload: UUID) -> FileResponse:
    """The rows of one file that were not stored, as its sender wrote them, each with its reason."""
    chosen = next((found for found in batch_of(request.user, batch) if found.uuid == upload), None)
    found = returned(chosen) if chosen else None
    if found is None:
        raise Http404
    people = cards.patients_of(chosen.clinic_id, left_over(chosen).values("mrn"))
    log_accesses(user=request.user, patients=people, page=RETURNED)
    response = FileResponse(found.file, as_attachment=True, filename=found.name, content_type=found.type)
    response["Cache-Control"] = "no-store"
    return response


def _receive(request: HttpRequest, clinics: list[Clinic]) -> HttpResponse:
    clinic = next((c for c in clinics if c.code == request.POST.get("clinic")), None)
    if clinic is None and len(clinics) == 1 and not request.POST.get("clinic"):
        clinic = clinics[0]
    files = request.FILES.getlist("files")
    sentence = _cannot_receive(clinic, files)
    if sentence:
        return _list_page(request, clinics, sentence, status=422)
    contents = united([(file.name, FilePart(file=file.file)) for file in files], nameless)
    given = {"contents": contents, "clinic": clinic, "by": request.user}
    given["sender"] = mappings.clean_sender(request.POST.get("sender", ""))
    if actions.is_large(sum(map(_unpacked_size, files))):
        with transaction.atomic():
            batch = actions.receive(**given)
            jobs.start(batch=batch, task=Job.Task.READ, by=request.user)
    else:
        batch = actions.preview(**given)
    return redirect("uploads:preview", batch)


def _unpacked_size(file) -> int:
    """About: lines of resources are packed to a twentieth."""
    return file.size * _PACKED if file.name.lower().endswith((".zip", ".gz")) else file.size


def _busy(job: Job, uploads: list[Upload]) -> dict:
    """What the page shows of a job: `share` in per cent, None while nobody knows of how much."""
    begun = job.state == Job.State.RUNNING
    return {
        "job": job,
        "batch": job.batch,
        "clinic": uploads[0].clinic,
        "files": [upload.file for upload in uploads],
        "words": STAGES.get(job.stage, "") if begun else "",
        "share": min(100 * job.done // job.total, 100) if job.total and begun else None,
        # Begun, and nobody works on it: its worker is gone.
        "lost": begun and not is_held(job),
    }


def _kept_waiting(uploads: list[Upload]) -> bool:
    """Whether rows of these previews would be kept for a person: of unknown names, or of nobody known.

    Those of a file that is stored already are kept with it.
    """
    same = {"clinic__in": {upload.clinic_id for upload in uploads}, "sha256__in": {u.sha256 for u in uploads}}
    known = set(Upload.objects.filter(state=Upload.State.STORED, **same).values_list("sha256", flat=True))
    uploads = [upload for upload in uploads if upload.sha256 not in known]
    names = any(name.holds_rows for upload in uploads for name in mappings.unknown_of(upload))
    return names or IdentityQuestion.objects.filter(upload__in=uploads, answer=None).exists()


def _cannot_receive(clinic: Clinic | None, files: list) -> str:
    """Sizes are asked before anything is read."""
    if clinic is None:
        return "Choose the clinic to which these files belong."
    if not files:
        return "Choose at least one file."
    limit = settings.MAX_UPLOAD_MB * 1024 * 1024
    for file in files:
        if file.size > limit:
            return actions.too_large(file.name)
    if sum(file.size for file in files) > limit:
        return f"These files are together larger than {settings.MAX_UPLOAD_MB} MB. Upload fewer at a time."
    return ""


def _list_page(
    request: HttpRequest, clinics: list[Clinic], sentence: str = "", status: int = 200
) -> HttpResponse:
    uploads = (
        Upload.objects.filter(clinic__in=clinics)
        .select_related("by", "clinic")
        .defer("before", "unknown", "digests")
    )
    held = Message.objects.filter(sender__clinic__in=clinics).filter(state__in=_HELD)
    context = {
        "uploads": uploads.filter(system=None).annotate(again=_READ_AGAIN)[:LISTED],
        "names_waiting": names_waiting(clinics),
        "people_waiting": people_waiting(clinics),
        "known_senders": known_senders(clinics),
        "senders": Sender.objects.filter(clinic__in=clinics).select_related("clinic"),
        "held": held.select_related("sender__clinic", "upload").defer("raw", *_HEAVY)[:LISTED],
        "held_count": held.count(),
        "own_clinics": clinics,
        "sentence": sentence,
        "limit": settings.MAX_UPLOAD_MB,
        "templates": blank.FILES,
        "origin": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "uploads/list.html", context, status=status)


urls = [
    path("", upload_list, name="list"),
    path("templates/<slug:kind>.csv", template, name="template"),
    path("<uuid:batch>/", preview, name="preview"),
    path("<uuid:batch>/store/", store, name="store"),
    path("<uuid:batch>/progress/", progress, name="progress"),
    path("<uuid:batch>/cancel/", cancel, name="cancel"),
    path("<uuid:batch>/again/", again, name="again"),
    path("<uuid:batch>/discard/", discard, name="discard"),
    path("<uuid:batch>/<uuid:upload>/to-correct/", to_correct, name="to-correct"),
    path("<uuid:batch>/rows.csv", rows, name="rows"),
]
