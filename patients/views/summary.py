"""The one-page summary of a patient, for paper."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from patients.access import patient_for
from patients.presenters.options import options_of
from patients.presenters.paper.summary import summary_context
from patients.report.as_of import parse_as_of
from patients.report.panel import panel


@login_required
@never_cache
@require_GET
def summary(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, page="summary", reading=True)
    options, now = options_of(request.GET), timezone.now()
    try:
        as_of = parse_as_of(options.as_of, patient.clinic.zone, now)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    context = summary_context(panel(patient, as_of)) | {
        "back": reverse("patients:detail", args=[uuid]) + options.query(),
        "printed_at": now.astimezone(patient.clinic.zone),
    }
    return render(request, "patients/summary.html", context)


urls = [path("patients/<uuid:uuid>/summary/", summary, name="summary")]
