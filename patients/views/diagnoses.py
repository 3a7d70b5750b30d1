"""Add, edit and withdraw a diagnosis."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Can
from patients.access import patient_for
from patients.actions import people
from patients.forms.people import DiagnosisForm
from patients.views import entry

FIELDS = ("kind", "noted_on", "resolved_on", "codes", "note")


@login_required
@require_http_methods(["GET", "POST"])
def diagnosis_add(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="diagnosis-add")
    form = DiagnosisForm(request.POST or None, zone=patient.clinic.zone)
    address = reverse("patients:diagnosis-add", args=[uuid])
    context = {"patient": patient, "form": form, "title": "Add a diagnosis", "address": address}

    def act(data: dict) -> str:
        fields = {name: data[name] for name in FIELDS}
        people.add_diagnosis(patient=patient, by=request.user, **fields)
        return "The diagnosis is stored."

    return entry.enter(request, "diagnosis_form", context, act)


@login_required
@require_http_methods(["GET", "POST"])
def diagnosis_edit(request: HttpRequest, uuid, item) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="diagnosis-edit")
    diagnosis = get_object_or_404(patient.diagnoses.current(), uuid=item)
    initial = {name: getattr(diagnosis, name) for name in (*FIELDS, "version")}
    form = DiagnosisForm(request.POST or None, zone=patient.clinic.zone, initial=initial)
    context = {
        "patient": patient,
        "form": form,
        "title": "Edit the diagnosis",
        "address": reverse("patients:diagnosis-edit", args=[uuid, item]),
        "withdraw_address": reverse("patients:diagnosis-withdraw", args=[uuid, item]),
    }

    def act(data: dict) -> str:
        fields = {name: data[name] for name in FIELDS}
        version = data["version"] or 0
        people.change_diagnosis(diagnosis=diagnosis, by=request.user, version=version, **fields)
        return "The diagnosis is stored."

    return entry.enter(request, "diagnosis_form", context, act, diagnosis)


@login_required
@require_http_methods(["GET", "POST"])
def diagnosis_withdraw(request: HttpRequest, uuid, item) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="diagnosis-withdraw")
    diagnosis = get_object_or_404(patient.diagnoses.current(), uuid=item)

    def act(data: dict) -> str:
        people.withdraw_diagnosis(diagnosis=diagnosis, by=request.user, reason=data["reason"])
        return "The diagnosis is withdrawn."

    what = f"the diagnosis {diagnosis.get_kind_display()}"
    address = reverse("patients:diagnosis-withdraw", args=[uuid, item])
    return entry.withdraw(request, patient, what, act, address)


urls = [
    path("patients/<uuid:uuid>/diagnoses/add/", diagnosis_add, name="diagnosis-add"),
    path("patients/<uuid:uuid>/diagnoses/<uuid:item>/", diagnosis_edit, name="diagnosis-edit"),
    path(
        "patients/<uuid:uuid>/diagnoses/<uuid:item>/withdraw/", diagnosis_withdraw, name="diagnosis-withdraw"
    ),
]
