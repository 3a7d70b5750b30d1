"""Overruling a grade, ending that, and how often each rule was overruled."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import log_accesses
from accounts.permissions import Can, clinics_shown, clinics_with, require_any
from patients.access import patient_for
from patients.actions.errors import Refused, Stale
from patients.actions.overrules import end_overrule, overrule
from patients.review.overrule_counts import counted
from patients.views.detail import saved
from patients.views.signoffs import unsigned


@login_required
@require_GET
def overrules(request: HttpRequest) -> HttpResponse:
    """For those who decide and those who administer: per rule, with reasons, without names of patients."""
    clinics = set(clinics_with(request.user, Can.DECIDE)) | set(clinics_with(request.user, Can.MANAGE_STAFF))
    if not clinics:
        require_any(request.user, Can.DECIDE)
    shown = clinics & set(clinics_shown(request.user))
    rules = counted(shown)
    # A reason may tell something about its patient: reading it is a look.
    patients = {row.patient for rule in rules for row in rule.latest}
    log_accesses(user=request.user, patients=sorted(patients, key=lambda p: p.pk), page="overrules")
    context = {"rules": rules, "several": len(clinics) > 1}
    return render(request, "patients/overrules.html", context)


@login_required
@require_POST
def overrule_add(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.DECIDE, page="overrule-add", reading=True)
    typed = {name: request.POST.get(name, "") for name in ("rule", "grade", "reason")}
    try:
        overrule(patient=patient, by=request.user, seen=request.POST.get("seen", ""), **typed)
    except (Stale, Refused) as refusal:
        return unsigned(request, patient, {"form": "overrule", **typed}, refusal)
    return saved(request, patient, "signoff", "Grade overruled, saved")


@login_required
@require_POST
def overrule_end(request: HttpRequest, uuid, item) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.DECIDE, page="overrule-end", reading=True)
    found = get_object_or_404(patient.overrules, uuid=item)
    typed = {"form": "overrule-end", "ended_reason": request.POST.get("ended_reason", "")}
    try:
        end_overrule(overrule=found, by=request.user, reason=typed["ended_reason"])
    except Refused as refusal:
        return unsigned(request, patient, typed, refusal)
    return saved(request, patient, "signoff", "Overrule ended, saved")


urls = [
    path("overrules/", overrules, name="overrules"),
    path("patients/<uuid:uuid>/overrules/add/", overrule_add, name="overrule-add"),
    path("patients/<uuid:uuid>/overrules/<uuid:item>/end/", overrule_end, name="overrule-end"),
]
