"""Signing a review off, and the report as it was signed."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import Can
from patients.access import merged_into, patient_for
from patients.actions.errors import Refused, Stale
from patients.actions.signoffs import sign_off
from patients.models import Patient, SignOff
from patients.review.concurrent_changes import ConcurrentChange, changes_since
from patients.review.signed_report import frozen_context
from patients.views.detail import again, saved


@login_required
@never_cache
@require_GET
def signoff(request: HttpRequest, uuid, item) -> HttpResponse:
    """The frozen report: nothing on it is computed anew."""
    patient = patient_for(request.user, uuid, page="signoff", reading=True)
    # Also what was signed of whom was merged into this patient.
    rows = SignOff.objects.filter(patient__in=[patient, *merged_into(patient)]).select_related(
        "by", "overrule__by"
    )
    signed = get_object_or_404(rows, uuid=item)
    context = frozen_context(signed, patient) | {"patient": patient, "others": rows.defer("report", "basis")}
    return render(request, "patients/signoff.html", context)


@login_required
@require_POST
def signoff_add(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.DECIDE, page="signoff-add", reading=True)
    typed = {"form": "signoff", "note": request.POST.get("note", "")}
    try:
        sign_off(patient=patient, by=request.user, note=typed["note"], seen=request.POST.get("seen", ""))
    except (Stale, Refused) as refusal:
        return unsigned(request, patient, typed, refusal)
    return saved(request, patient, "signoff", "Signed off as reviewed, saved")


def unsigned(request: HttpRequest, patient: Patient, typed: dict, refusal: Stale | Refused) -> HttpResponse:
    """The page as it is now, with what was typed, and what is wrong or what has come in meanwhile."""
    if isinstance(refusal, Stale):
        told = {"stale": True, "changes": _changes(request, patient)}
    else:
        told = {"error": refusal.sentence, "field": refusal.field}
    return again(request, patient, unsigned=typed | told)


def _changes(request: HttpRequest, patient: Patient) -> list[ConcurrentChange]:
    """What was stored since the page was opened, by its own time stamp."""
    try:
        opened = datetime.fromisoformat(request.POST.get("opened", ""))
    except ValueError:
        return []
    return changes_since(patient, opened) if opened.tzinfo else []


urls = [
    path("patients/<uuid:uuid>/reviews/add/", signoff_add, name="signoff-add"),
    path("patients/<uuid:uuid>/reviews/<uuid:item>/", signoff, name="signoff"),
]
