"""What the product is for, and what could harm a patient through it: `/knowledge/safety/`."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from patients.report.hazards import hazards, intended_use, summary


@login_required
@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    ranked = sorted(hazards(), key=lambda hazard: (-hazard.risk_after, -hazard.risk_before))
    context = {"use": intended_use(), "hazards": hazards(), "ranked": ranked, "summary": summary()}
    return render(request, "patients/safety.html", context)


urls = [path("knowledge/safety/", safety, name="knowledge-safety")]
