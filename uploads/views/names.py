"""Names that are not known: given a meaning, listed, and taken back."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import Can, clinics_of, require, require_any
from patients.actions.errors import Refused
from uploads import actions, jobs, mappings
from uploads.messages import replay_named
from uploads.models import Job, Mapping

from .batch import batch_of, message_of


@require_POST
@login_required
def map_names(request, batch: UUID):
    """Names given a meaning: remembered for this sender. What waits is read again at once, and messages that
    waited for these names are stored."""
    uploads = batch_of(request.user, batch)
    asked, message = mappings.questions_of(uploads), message_of(uploads)
    answers = [(name, request.POST[name.field]) for name in asked if request.POST.get(name.field)]
    clinic, sender = uploads[0].clinic, uploads[0].sender
    try:
        with transaction.atomic():
            made = mappings.learn(clinic=clinic, sender=sender, by=request.user, answers=answers)
            if many := not message and actions.is_large(sum(upload.size for upload in uploads)):
                jobs.start(batch=batch, task=Job.Task.READ, by=request.user)
            elif not message:
                actions.read_again(batch=batch)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("uploads:preview", batch)
    count, left = replay_named(clinic=clinic, named=made)
    messages.success(request, _remembered(len(made), count, left, files=not message, busy=many))
    if message:
        message.refresh_from_db(fields=["upload"])
        batch = message.upload.batch
    return redirect("uploads:preview", batch)


def _remembered(names: int, count: int, left: int, files: bool, busy: bool) -> str:
    said = []
    if names or not files:
        said.append(f"Remembered: {names} name{'' if names == 1 else 's'}.")
    if files:
        said.append("The files are being read again." if busy else "The files were read again.")
    if count:
        said.append(f"{count} message{'' if count == 1 else 's'} that waited for this stored again.")
    if left:
        said.append(f"{left:,} more wait for it: the command “manage.py replay_messages” stores them.")
    return " ".join(said)


@require_GET
@login_required
def mapping_list(request):
    clinics = require_any(request.user, Can.UPLOAD)
    found = Mapping.objects.filter(clinic__in=clinics, undone_at=None).select_related("clinic", "by")
    rows = [(mapping, mappings.meaning_in_words(mapping)) for mapping in found.order_by("clinic", "sender")]
    return render(request, "uploads/mappings.html", {"rows": rows, "own_clinics": clinics})


@require_POST
@login_required
def mapping_undo(request, mapping: UUID):
    found = Mapping.objects.filter(uuid=mapping, clinic__in=clinics_of(request.user)).select_related("clinic")
    chosen = found.first()
    if chosen is None:
        raise Http404
    require(request.user, Can.UPLOAD, chosen.clinic)
    try:
        mappings.undo(mapping=chosen, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"Undone: “{chosen.shown or 'no unit'}” is unknown again in files to come.")
    return redirect("uploads:mappings")


urls = [
    path("mappings/", mapping_list, name="mappings"),
    path("mappings/<uuid:mapping>/undo/", mapping_undo, name="mapping-undo"),
    path("<uuid:batch>/names/", map_names, name="names"),
]
