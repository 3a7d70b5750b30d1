"""What the rule does, measured on simulated patients: `/knowledge/characteristics/`."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from interpretation.knowledge import limits
from patients.report.characteristics import HEADINGS, measured


@login_required
@require_safe
def characteristics(request: HttpRequest) -> HttpResponse:
    context = {
        "measured": measured(),
        "headings": HEADINGS.values(),
        "limits": {limit.name: limit.value for limit in limits("characteristics")},
    }
    return render(request, "patients/characteristics.html", context)


urls = [path("knowledge/characteristics/", characteristics, name="knowledge-characteristics")]
