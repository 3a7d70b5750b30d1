"""Whether the record is still what a page shows, asked by a window that somebody comes back to."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from patients.access import patient_for_part, record_mark


@login_required
@never_cache
@require_GET
def mark(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for_part(request.user, uuid, page="mark")
    return HttpResponse(record_mark(patient), content_type="text/plain")


urls = [path("patients/<uuid:uuid>/mark/", mark, name="mark")]
