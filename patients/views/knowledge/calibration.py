"""Grade and urgency in public cohorts: `/knowledge/calibration/`."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from patients.report import calibration as measured


@login_required
@require_safe
def calibration(request: HttpRequest) -> HttpResponse:
    context = {"measured": measured.calibration(), "horizons": measured.HORIZONS}
    return render(request, "patients/calibration.html", context)


urls = [path("knowledge/calibration/", calibration, name="knowledge-calibration")]
