"""What would change the reading: a page of its own and, to htmx, part of the patient page.

The rule is asked some dozens of times for it, which would hold up the page it stands on.
"""

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

from interpretation.changes import what_would_change
from patients.access import patient_for, patient_for_part
from patients.imprints.memory import Made
from patients.imprints.page import part
from patients.imprints.until import holds_until
from patients.presenters.options import Options, options_of
from patients.presenters.results import draw_links, grid_for
from patients.report.as_of import parse_as_of
from patients.report.panel import Panel, panel


@login_required
@never_cache
@require_GET
def changes(request: HttpRequest, uuid) -> HttpResponse:
    fragment = bool(request.htmx) and not request.htmx.history_restore_request
    find = patient_for_part if fragment else patient_for
    patient = find(request.user, uuid, page="changes", reading=True)
    options, now = options_of(request.GET), timezone.now()
    try:
        as_of = parse_as_of(options.as_of, patient.clinic.zone, now)
    except ValueError:
        here = reverse("patients:changes", args=[uuid])
        return redirect(here + replace(options, as_of="").query())

    def context() -> tuple[dict, datetime]:
        found = panel(patient, as_of, options.known_at(as_of))
        return _context(found, options, fragment), holds_until(found)

    def make() -> Made:
        shown, until = context()
        return render_to_string("patients/_changes.html", shown), until

    if fragment:
        response = HttpResponse(part(patient, options, "changes", now, make))
    else:
        response = render(request, "patients/changes.html", context()[0])
    patch_vary_headers(response, ["HX-Request"])
    return response


def _context(found: Panel, options: Options, fragment: bool) -> dict:
    back = reverse("patients:detail", args=[found.patient.uuid])
    # Asked by htmx, it stands on the page that has the table of results.
    grid = grid_for(found, options.draws == "all") if fragment else None
    return {
        "patient": found.patient,
        "verdict": found.report.dissociation,
        "changes": what_would_change(found.case, found.report),
        "as_of": found.case.as_of,
        "known": found.known_at is not None,
        "back": back + options.query(),
        "draw_links": draw_links(found, grid, options, back),
    }


urls = [path("patients/<uuid:uuid>/changes/", changes, name="changes")]
