"""The page on which an administrator decides of the clinic."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Clinic
from accounts.permissions import Can, clinics_of, require, require_any
from patients.actions.errors import Refused, Stale
from patients.clinic.changes import LABELS, changes_of
from patients.clinic.changing import SETTINGS, change_clinic
from patients.clinic.form import ClinicForm
from patients.views.entry import take_newer


@require_GET
@login_required
def clinic_first(request: HttpRequest) -> HttpResponse:
    """To the page of the only one, or of the first."""
    return redirect("patients:clinic-settings", require_any(request.user, Can.MANAGE_CLINIC)[0].code)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def clinic_settings(request: HttpRequest, clinic: str) -> HttpResponse:
    chosen = _chosen(request, clinic)
    initial = {name: getattr(chosen, name) for name in (*SETTINGS, "version")}
    form = ClinicForm(request.POST or None, zone=chosen.zone, initial=initial)
    context = {"clinic": chosen, "form": form, "managed": require_any(request.user, Can.MANAGE_CLINIC)}
    if request.method == "POST" and form.is_valid():
        try:
            return _stored(request, chosen, form.cleaned_data)
        except Stale as stale:
            context |= {"stale": stale, "differences": take_newer(form, chosen)}
        except Refused as refusal:
            form.refuse(refusal.sentence, refusal.field)
    context["changes"] = changes_of(chosen)
    return render(request, "patients/clinic.html", context, status=422 if request.method == "POST" else 200)


def _stored(request: HttpRequest, clinic: Clinic, data: dict) -> HttpResponse:
    fields = {name: data[name] for name in SETTINGS}
    changed = change_clinic(clinic=clinic, by=request.user, version=data["version"] or 0, **fields)
    names = ", ".join(LABELS[name].lower() for name in changed)
    messages.success(request, f"Stored: {names}." if changed else "Nothing was different: all is as it was.")
    return redirect("patients:clinic-settings", clinic.code)


def _chosen(request: HttpRequest, code: str) -> Clinic:
    """For an administrator of it: else 404 (another clinic) or 403."""
    chosen = next((clinic for clinic in clinics_of(request.user) if clinic.code == code), None)
    if chosen is None:
        raise Http404
    require(request.user, Can.MANAGE_CLINIC, chosen)
    return chosen


urls = [
    path("clinic/", clinic_first, name="clinic"),
    path("clinic/<slug:clinic>/", clinic_settings, name="clinic-settings"),
]
