"""The grade at each past draw and the episodes: a page of its own and, to htmx, part of the patient page."""

from dataclasses import replace
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from patients.access import patient_for, patient_for_part
from patients.imprints.memory import Made
from patients.imprints.page import part
from patients.imprints.until import holds_until
from patients.models import Patient
from patients.presenters.options import Options, options_of
from patients.presenters.ribbon import ribbon_context
from patients.report.as_of import parse_as_of
from patients.report.panel import Panel, panel


@login_required
@never_cache
@require_GET
def ribbon(request: HttpRequest, uuid) -> HttpResponse:
    fragment = bool(request.htmx) and not request.htmx.history_restore_request
    find = patient_for_part if fragment else patient_for
    patient = find(request.user, uuid, page="ribbon", reading=True)
    options, now = options_of(request.GET), timezone.now()
    try:
        as_of = parse_as_of(options.as_of, patient.clinic.zone, now)
    except ValueError:
        return redirect(_address("ribbon", patient, replace(options, as_of="")))

    def context() -> tuple[dict, datetime]:
        page = panel(patient, as_of, options.known_at(as_of))
        return _context(page, options, now, fragment), holds_until(page)

    def make() -> Made:
        shown, until = context()
        return render_to_string("patients/_strips.html", shown), until

    if fragment:
        response = HttpResponse(part(patient, options, "ribbon", now, make))
    else:
        response = render(request, "patients/ribbon.html", context()[0])
    patch_vary_headers(response, ["HX-Request"])
    return response


def _context(page: Panel, options: Options, now: datetime, fragment: bool) -> dict:
    patient = page.patient

    def page_of(moment: str) -> str:
        return _address("detail", patient, replace(options, as_of=moment))

    return ribbon_context(page, now, options.view, page_of) | {
        "patient": patient,
        "options": options,
        "fragment": fragment,
        "heading": "h3" if fragment else "h2",
        "here": _address("ribbon", patient, options),
        "back": _address("detail", patient, options),
        "now_link": page_of(""),
    }


def _address(name: str, patient: Patient, options: Options) -> str:
    return reverse(f"patients:{name}", kwargs={"uuid": patient.uuid}) + options.query()


urls = [path("patients/<uuid:uuid>/ribbon/", ribbon, name="ribbon")]
