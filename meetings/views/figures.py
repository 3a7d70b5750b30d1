"""The figures of a clinic: charts, each with its table and its CSV. Numbers of patients, never names."""

import csv

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.actions import log_accesses
from accounts.models import Clinic
from accounts.permissions import Can, clinics_shown, may, require_any, require_shown
from meetings.figures.charts import CHARTS
from meetings.figures.reading import Figures, figures_of, tables


@login_required
@never_cache
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.READ)
    clinic = _chosen(request, clinics)
    found, reasons = figures_of(clinic), _tells_reasons(request, clinic)
    if reasons:
        _log_reasons(request, found)
    context = {
        "clinic": clinic,
        "own_clinics": clinics if len(clinics) > 1 else [],
        "parts": _parts(found, reasons),
        "tells_reasons": reasons,
        "figures": found,
        "notice_hours": settings.NOTICE_HOURS,
        "counted_at": found.counted.counted_at.astimezone(clinic.zone) if found.counted else None,
        "since": found.since.astimezone(clinic.zone) if found.since else None,
    }
    return render(request, "meetings/figures.html", context)


@login_required
@never_cache
@require_safe
def figures_csv(request: HttpRequest, figure: str) -> HttpResponse:
    clinic = _chosen(request, require_any(request.user, Can.READ))
    table = tables(figures_of(clinic)).get(figure)
    if table is None:
        raise Http404
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{clinic.code}-{figure}.csv"'
    csv.writer(response).writerows([table.head, *table.rows])
    return response


def _tells_reasons(request: HttpRequest, clinic: Clinic) -> bool:
    """As the page of overrules: for those who decide and those who administer."""
    return may(request.user, Can.DECIDE, clinic) or may(request.user, Can.MANAGE_STAFF, clinic)


def _log_reasons(request: HttpRequest, found: Figures) -> None:
    """A reason may tell something about its patient: reading it is a look."""
    patients = {patient for month in found.overrules for patient in month.patients}
    log_accesses(user=request.user, patients=sorted(patients, key=lambda one: one.pk), page="figures")


def _parts(found: Figures, reasons: bool) -> dict[str, dict]:
    return {
        name: {"table": table, "chart": CHARTS[name](found), "id": f"figure-{name}"}
        for name, table in tables(found, reasons=reasons).items()
    }


def _chosen(request: HttpRequest, clinics: list[Clinic]) -> Clinic:
    """Of the own clinics the one that the address names, else the first that shows readings; another's is not
    there."""
    code = request.GET.get("clinic")
    if not code:
        return clinics_shown(request.user)[0]
    found = next((clinic for clinic in clinics if clinic.code == code), None)
    if found is None:
        raise Http404
    require_shown(found)
    return found


urls = [
    path("figures/", figures, name="figures"),
    path("figures/<slug:figure>.csv", figures_csv, name="figures-csv"),
]
