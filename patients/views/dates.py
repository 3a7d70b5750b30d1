"""How a day or a time that somebody types is read; of no patient, and nothing is stored."""

from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from patients.forms.said import KINDS, read_back


@login_required
@require_POST
def date_check(request: HttpRequest) -> HttpResponse:
    """`field`, `kind` and `zone` come in the address; what is typed does not."""
    kind, zone = request.GET.get("kind"), request.GET.get("zone")
    if kind not in KINDS or zone not in available_timezones():
        return HttpResponseBadRequest("This is no field of a form.")
    said, error = read_back(kind, request.GET.get("field", ""), request.POST, ZoneInfo(zone))
    return render(request, "patients/_date_said.html", {"said": said, "error": error})


urls = [path("dates/check/", date_check, name="date-check")]
