"""The tests that would settle the open causes, as a sheet to tick and print."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from patients.access import patient_for
from patients.presenters.header import SEXES
from patients.presenters.options import options_of
from patients.report.as_of import parse_as_of
from patients.report.panel import panel
from patients.words import age


@login_required
@never_cache
@require_GET
def requests(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, page="requests", reading=True)
    options = options_of(request.GET)
    try:
        as_of = parse_as_of(options.as_of, patient.clinic.zone, timezone.now())
    except ValueError as error:
        raise BadRequest(str(error)) from None
    shown = panel(patient, as_of)
    context = {
        "patient": patient,
        "report": shown.report,
        "verdict": shown.report.dissociation,
        "list": shown.report.requests,
        "as_of": shown.case.as_of,
        "sex": SEXES.get(patient.sex, "not recorded"),
        "age": age(patient.birth_date, shown.case.as_of.date()),
        "back": reverse("patients:detail", args=[uuid]) + options.query(),
    }
    return render(request, "patients/requests.html", context)


urls = [path("patients/<uuid:uuid>/requests/", requests, name="requests")]
