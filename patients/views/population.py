"""The population page: `/population/`, and the name behind one of its points."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.actions import log_accesses
from accounts.permissions import clinics_shown
from patients.access import patient_for
from patients.actions.assess import assess_expired
from patients.models import Assessment
from patients.population.choices import choices
from patients.population.counting import Counted, count
from patients.population.drawing import plane
from patients.population.listing import listed, name_of, trail
from patients.population.movements import ORDER, as_then, chosen, on_plane, placed
from patients.population.state import PopulationState

# Rows of the list: what stands beside the plane on a laptop.
ROWS = 20


@login_required
@never_cache
@require_safe
def population(request: HttpRequest) -> HttpResponse:
    now, clinics = timezone.now(), clinics_shown(request.user)
    today = now.astimezone(clinics[0].zone).date() if clinics else now.date()
    state = PopulationState.of(request.GET, me=request.user.pk, today=today)
    rows, until = chosen(state.filters, clinics, now), state.until(clinics)
    # Rows that time alone has made untrue are read again, as many as a list holds; a worker reads the rest.
    assess_expired(rows, limit=ROWS)
    counted = count(rows, until)
    until = None if counted.binned else until
    shown, more = _list(state, rows, counted, until)
    trails = [way for one in shown if until and (way := trail(one, until))]
    log_accesses(user=request.user, patients=[one.patient for one in shown], page="population")
    context = {
        "state": state,
        "counted": counted,
        "plane": plane(counted.dots, trails),
        "trails": len(trails),
        "rows": [listed(one, until) for one in shown],
        "later": state.to(start=state.start + ROWS) if more else "",
        "earlier": state.to(start=max(0, state.start - ROWS)) if state.start else "",
        **choices(state, clinics, counted, today),
    }
    # htmx asks for the plane and its list alone; a page taken from its own history is asked for whole.
    part = request.htmx and not request.htmx.history_restore_request
    name = "patients/population/_population.html" if part else "patients/population.html"
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _list(
    state: PopulationState, rows: QuerySet[Assessment], counted: Counted, until: datetime | None
) -> tuple[list[Assessment], bool]:
    """The rows of the chosen corner from the start that the address says, and whether there are more."""
    start, end = state.start, state.start + ROWS
    if counted.ids is None:
        corner = "" if state.corner == "all" else state.corner
        found = list(on_plane(placed(rows), corner).select_related("patient")[start : end + 1])
        return found[:ROWS], len(found) > ROWS
    ids = counted.ids[state.corner]
    shown = Assessment.objects.filter(pk__in=ids[start:end]).select_related("patient").order_by(*ORDER)
    return list(as_then(shown, until) if until else shown), len(ids) > end


@login_required
@never_cache
@require_safe
def population_point(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The name and numbers of one point, for whoever came to it by keyboard: a look at a patient."""
    patient = patient_for(request.user, uuid, page="population-point", reading=True)
    found = on_plane(placed(Assessment.objects.filter(patient=patient))).select_related("patient").first()
    context = {
        "patient": patient,
        "name": name_of(patient),
        "address": reverse("patients:detail", args=[uuid]),
        "row": listed(found) if found else None,
    }
    return render(request, "patients/population/_point.html", context)


urls = [
    path("population/", population, name="population"),
    path("population/<uuid:uuid>/", population_point, name="population-point"),
]
