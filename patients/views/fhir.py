"""A patient's record as a file of FHIR R4 resources."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from patients.access import patient_for
from patients.fhir import bundle_of, dumps


@login_required
@require_GET
def fhir(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, page="fhir")
    text = dumps(bundle_of(patient, timezone.now()))
    response = HttpResponse(text, content_type="application/fhir+json; charset=utf-8")
    # The name of the file lands in folders and histories: it holds no name and no MRN.
    response["Content-Disposition"] = f'attachment; filename="patient-{patient.uuid}.fhir.json"'
    return response


urls = [path("patients/<uuid:uuid>/fhir", fhir, name="fhir")]
