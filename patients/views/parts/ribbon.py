"""The grade at each past draw and the episodes: a page of its own and, to htmx, part of the patient page."""

from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from patients.access import patient_for, patient_for_part
from patients.models import Patient
from patients.presenters.options import Options, options_of
from patients.presenters.ribbon import ribbon_context
from patients.report.as_of import parse_as_of


@login_required
@never_cache
@require_GET
def ribbon(request: HttpRequest, uuid) -> HttpResponse:
    fragment = bool(request.htmx) and not request.htmx.history_restore_request
    find = patient_for_part if fragment else patient_for
    patient = find(request.user, uuid, page="ribbon")
    options, now = options_of(request.GET), timezone.now()
    try:
        as_of = parse_as_of(options.as_of, patient.clinic.zone, now)
    except ValueError:
        return redirect(_address("ribbon", patient, replace(options, as_of="")))

    def page_of(moment: str) -> str:
        return _address("detail", patient, replace(options, as_of=moment))

    context = ribbon_context(patient, as_of, now, options.known_at(as_of), options.view, page_of)
    context |= {
        "patient": patient,
        "options": options,
        "fragment": fragment,
        "heading": "h3" if fragment else "h2",
        "here": _address("ribbon", patient, options),
        "back": _address("detail", patient, options),
        "now_link": page_of(""),
    }
    response = render(request, "patients/_strips.html" if fragment else "patients/ribbon.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _address(name: str, patient: Patient, options: Options) -> str:
    return reverse(f"patients:{name}", kwargs={"uuid": patient.uuid}) + options.query()


urls = [path("patients/<uuid:uuid>/ribbon/", ribbon, name="ribbon")]
