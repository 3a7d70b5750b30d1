"""What the rule does, measured on simulated patients: `/knowledge/characteristics/`."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from interpretation.characteristics import LIMITS
from patients.presenters.characteristics import HEADINGS, measured


@login_required
@require_safe
def characteristics(request):
    context = {
        "measured": measured(),
        "headings": HEADINGS.values(),
        "limits": {limit.name: limit.value for limit in LIMITS},
    }
    return render(request, "patients/characteristics.html", context)


urls = [path("knowledge/characteristics/", characteristics, name="knowledge-characteristics")]
