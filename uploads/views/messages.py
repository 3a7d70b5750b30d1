"""Messages of other systems that need a person: seen as they came, stored again, or set aside."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import log_accesses
from accounts.permissions import Can, clinics_of, require
from patients.actions.errors import Refused
from patients.models import Patient
from uploads import cards
from uploads.interfaces.messages import replay as store_again
from uploads.interfaces.messages import set_aside as mark_done
from uploads.models import Message

from .batch import batch_of, message_of

# Name of a look in the access log.
RAW = "upload-message"
GONE = "The bytes of this message were kept for the time that this installation keeps them, and are gone.\n"


@require_POST
@login_required
def replay(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Stores the message behind this upload again, once what held rows back is mended."""
    uploads = batch_of(request.user, batch)
    found = message_of(uploads)
    if found is None:
        messages.error(request, "This message was stored again since: look at the newer upload.")
        return redirect("uploads:preview", batch)
    asked = {name: name in request.POST for name in ("apply_changes", "accept_questions")}
    store_again(message=found, **asked)
    found.refresh_from_db()
    messages.success(request, f"Stored again: {found.get_state_display().lower()}.")
    return redirect("uploads:preview", found.upload.batch)


@require_GET
@login_required
def raw(request: HttpRequest, message: UUID) -> HttpResponse:
    """The message byte for byte, for whoever talks with its sender."""
    chosen = _message(request, message)
    if chosen.upload:
        mrns = chosen.upload.rows.values("mrn")
        people = cards.patients_of(chosen.sender.clinic_id, mrns)
    else:
        about = {pk for pair in chosen.news.values_list("patient", "other") for pk in pair}
        people = Patient.objects.filter(pk__in=about)
    log_accesses(user=request.user, patients=people, page=RAW)
    if not chosen.raw:
        return HttpResponse(GONE, content_type="text/plain; charset=utf-8", status=410)
    response = HttpResponse(bytes(chosen.raw), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="message-{chosen.uuid}.hl7"'
    return response


@require_POST
@login_required
def set_aside(request: HttpRequest, message: UUID) -> HttpResponse:
    chosen = _message(request, message)
    try:
        mark_done(message=chosen, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Set aside: this message is kept and no longer listed.")
    return redirect("uploads:list")


def _message(request, uuid: UUID) -> Message:
    found = Message.objects.filter(uuid=uuid, sender__clinic__in=clinics_of(request.user))
    chosen = found.select_related("sender__clinic", "upload").first()
    if chosen is None:
        raise Http404
    require(request.user, Can.UPLOAD, chosen.sender.clinic)
    return chosen


urls = [
    path("messages/<uuid:message>/raw/", raw, name="message-raw"),
    path("<uuid:batch>/replay/", replay, name="replay"),
    path("messages/<uuid:message>/set-aside/", set_aside, name="set-aside"),
]
