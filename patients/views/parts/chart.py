"""The chart apart from the patient page: with its table on a page, all its figures at once, as a file."""

import json
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from patients.access import patient_for, patient_for_part
from patients.imprints.memory import Made
from patients.imprints.page import part
from patients.imprints.until import holds_until
from patients.models import Patient
from patients.presenters.chart import chart_card, chart_figures, chart_file
from patients.presenters.options import Options, options_of
from patients.presenters.results import ResultsCard
from patients.presenters.time import time_card
from patients.report.as_of import parse_as_of
from patients.report.panel import Panel, shown_panel


@login_required
@never_cache
@require_GET
def chart(request: HttpRequest, uuid) -> HttpResponse:
    """The chart with its table and everything that a reader has to know of it."""
    patient = patient_for(request.user, uuid, page="chart")
    options, as_of = _asked(request, patient)
    if as_of is None:
        return redirect(_address("chart", patient, replace(options, as_of="")))
    page, here = _panel(patient, options, as_of), _address("chart", patient)
    context = {
        "patient": patient,
        "chart": chart_card(page, options, here),
        "results": ResultsCard(page, options, here),
        "time": time_card(page, options, timezone.now(), here),
        "back": _address("detail", patient, options),
        "grades": _address("ribbon", patient, options),
    }
    return render(request, "patients/chart.html", context)


@login_required
@never_cache
@require_GET
def figures(request: HttpRequest, uuid) -> HttpResponse:
    """Every view, range and scale, for the page that has drawn one of them."""
    patient = patient_for_part(request.user, uuid, page="chart-figures")
    options, as_of = _asked(request, patient)
    if as_of is None:
        return HttpResponse(status=400)

    def make() -> Made:
        page = _panel(patient, options, as_of)
        return json.dumps(chart_figures(page, options), separators=(",", ":")), holds_until(page)

    text = part(patient, options, "figures", timezone.now(), make)
    return HttpResponse(text, content_type="application/json")


@login_required
@never_cache
@require_GET
def drawing(request: HttpRequest, uuid) -> HttpResponse:
    """The chart as an SVG file: nobody's name is in it."""
    patient = patient_for(request.user, uuid, page="chart-drawing")
    options, as_of = _asked(request, patient)
    found = chart_file(_panel(patient, options, as_of), options) if as_of else ""
    if not found:
        return redirect(_address("chart", patient, replace(options, as_of="")))
    answer = HttpResponse(found, content_type="image/svg+xml")
    name = f"alt-ast-inr-{options.view}-{as_of.astimezone(patient.clinic.zone):%Y-%m-%d}.svg"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _panel(patient: Patient, options: Options, as_of: datetime) -> Panel:
    return shown_panel(patient, as_of, options.known_at(as_of))


def _asked(request: HttpRequest, patient: Patient) -> tuple[Options, datetime | None]:
    """No moment where the address has one that cannot be read."""
    options = options_of(request.GET)
    try:
        return options, parse_as_of(options.as_of, patient.clinic.zone, timezone.now())
    except ValueError:
        return options, None


def _address(name: str, patient: Patient, options: Options | None = None) -> str:
    query = options.query() if options else ""
    return reverse(f"patients:{name}", kwargs={"uuid": patient.uuid}) + query


urls = [
    path("patients/<uuid:uuid>/chart/", chart, name="chart"),
    path("patients/<uuid:uuid>/chart/figures/", figures, name="chart-figures"),
    path("patients/<uuid:uuid>/chart/drawing.svg", drawing, name="chart-drawing"),
]
