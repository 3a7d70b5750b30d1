"""Messages of other systems that need a person: stored again, or set aside."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.permissions import Can, clinics_of, require
from patients.actions.errors import Refused
from uploads.messages import replay as store_again
from uploads.messages import set_aside as mark_done
from uploads.models import Message

from .batch import batch_of, message_of


@require_POST
@login_required
def replay(request, batch: UUID):
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


@require_POST
@login_required
def set_aside(request, message: UUID):
    found = Message.objects.filter(uuid=message, sender__clinic__in=clinics_of(request.user))
    chosen = found.select_related("sender__clinic").defer("raw").first()
    if chosen is None:
        raise Http404
    require(request.user, Can.UPLOAD, chosen.sender.clinic)
    try:
        mark_done(message=chosen, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Set aside: this message is kept and no longer listed.")
    return redirect("uploads:list")


urls = [
    path("<uuid:batch>/replay/", replay, name="replay"),
    path("messages/<uuid:message>/set-aside/", set_aside, name="set-aside"),
]
