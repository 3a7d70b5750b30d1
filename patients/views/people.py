"""Add, edit and withdraw a patient; who was merged into one, and undoing that."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions import log_accesses
from accounts.permissions import Can, may, require_any
from patients.access import patient_for
from patients.actions import people
from patients.actions.errors import AlreadyEntered, Refused
from patients.actions.merging import undo_merge
from patients.forms.fields import WithdrawForm
from patients.forms.people import PatientForm
from patients.models import Merge, Patient
from patients.views.entry import REFUSED, about, enter, show

FIELDS = ("mrn", "family_name", "given_name", "birth_date", "sex", "died_on")


@login_required
@require_http_methods(["GET", "POST"])
def patient_add(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.ENTER)
    form = PatientForm(request.POST or None, clinics=clinics, zone=clinics[0].zone)
    context = {"form": form, "title": "Add a patient", "address": reverse("patients:add")}
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in FIELDS}
        try:
            patient = people.add_patient(clinic=form.chosen_clinic(), by=request.user, **fields)
            messages.success(request, "The patient is added. Now enter diagnoses and draws.")
            return redirect("patients:detail", patient.uuid)
        except AlreadyEntered as already:
            messages.info(request, "This patient was already entered; nothing was stored twice.")
            return redirect("patients:detail", already.row.uuid)
        except Refused as refusal:
            form.refuse(refusal.sentence, refusal.field)
            context["in_the_way"] = refusal.row
    return show(request, "patient_form", context, status=REFUSED if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def patient_edit(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="edit")
    zone = patient.clinic.zone
    initial = {name: getattr(patient, name) for name in (*FIELDS, "version")}
    form = PatientForm(request.POST or None, clinics=[patient.clinic], zone=zone, initial=initial)
    address = reverse("patients:edit", args=[uuid])
    context = {"patient": patient, "form": form, "title": "Edit the patient", "address": address}

    def act(data: dict) -> str:
        fields = {name: data[name] for name in FIELDS}
        people.change_patient(patient=patient, by=request.user, version=data["version"] or 0, **fields)
        return "The patient's details are stored."

    return enter(request, "patient_form", context, act, patient)


@login_required
@require_http_methods(["GET", "POST"])
def patient_withdraw(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="withdraw")
    form = WithdrawForm(request.POST or None, zone=patient.clinic.zone)
    if request.method == "POST" and form.is_valid():
        try:
            people.withdraw_patient(patient=patient, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.refuse(refusal.sentence, refusal.field)
        else:
            messages.success(request, "The patient is withdrawn and no longer listed.")
            return redirect("patients:worklist")
    context = {
        "patient": patient,
        "form": form,
        "title": "Withdraw the patient",
        "address": reverse("patients:withdraw", args=[uuid]),
    }
    return show(request, "withdraw_form", context, status=REFUSED if form.errors else 200)


@login_required
@require_GET
def merges(request: HttpRequest, uuid: UUID) -> HttpResponse:
    patient = patient_for(request.user, uuid, page="merges")
    found = list(patient.merged_from.select_related("merged", "by", "undone_by"))
    _look(request, found, "merges")
    numbers = patient.other_numbers.standing().filter(merge=None).select_related("by")
    context = {
        "patient": patient,
        "merges": found,
        "numbers": numbers,
        "may_undo": may(request.user, Can.UPLOAD, patient.clinic),
    }
    return render(request, "patients/merges.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def merge_undo(request: HttpRequest, uuid: UUID, merge: UUID) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.UPLOAD, page="merge-undo")
    found = get_object_or_404(patient.merged_from.select_related("merged"), uuid=merge)
    _look(request, [found], "merge-undo")
    form = WithdrawForm(request.POST or None, zone=patient.clinic.zone)
    context = about(patient, form, f"Undo the merge of {found.merged.mrn}", "merge-undo", merge)

    def act(data: dict) -> str:
        undo_merge(merge=found, by=request.user, reason=data["reason"])
        return f"The merge is undone: MRN {found.merged.mrn} is a patient of its own again."

    return enter(request, "merge_undo_form", context | {"merge": found}, act)


def _look(request: HttpRequest, found: list[Merge], page: str) -> None:
    """Who was merged is named here, too."""
    merged: dict[int, Patient] = {one.merged_id: one.merged for one in found}
    log_accesses(user=request.user, patients=[merged[pk] for pk in sorted(merged)], page=page)


urls = [
    path("patients/add/", patient_add, name="add"),
    path("patients/<uuid:uuid>/edit/", patient_edit, name="edit"),
    path("patients/<uuid:uuid>/withdraw/", patient_withdraw, name="withdraw"),
    path("patients/<uuid:uuid>/merges/", merges, name="merges"),
    path("patients/<uuid:uuid>/merges/<uuid:merge>/undo/", merge_undo, name="merge-undo"),
]
