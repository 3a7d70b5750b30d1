"""What would change the reading: a page of its own and, to htmx, part of the patient page.

The rule is asked some dozens of times for it, which would hold up the page it stands on.
"""

from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from interpretation.changes import what_would_change
from patients.access import patient_for, patient_for_part
from patients.presenters.options import options_of
from patients.presenters.results import draw_links, grid_for
from patients.report.as_of import parse_as_of
from patients.report.panel import panel


@login_required
@never_cache
@require_GET
def changes(request: HttpRequest, uuid) -> HttpResponse:
    fragment = bool(request.htmx) and not request.htmx.history_restore_request
    find = patient_for_part if fragment else patient_for
    patient = find(request.user, uuid, page="changes")
    options = options_of(request.GET)
    try:
        as_of = parse_as_of(options.as_of, patient.clinic.zone, timezone.now())
    except ValueError:
        here = reverse("patients:changes", args=[uuid])
        return redirect(here + replace(options, as_of="").query())
    found = panel(patient, as_of, options.known_at(as_of))
    back = reverse("patients:detail", args=[uuid])
    context = {
        "patient": patient,
        "verdict": found.report.dissociation,
        "changes": what_would_change(found.case, found.report),
        "as_of": found.case.as_of,
        "known": found.known_at is not None,
        "back": back + options.query(),
        # Asked by htmx, it stands on the page that has the table of results.
        "draw_links": draw_links(
            found, grid_for(found, options.draws == "all") if fragment else None, options, back
        ),
    }
    response = render(request, "patients/_changes.html" if fragment else "patients/changes.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


urls = [path("patients/<uuid:uuid>/changes/", changes, name="changes")]
