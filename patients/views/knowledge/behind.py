"""The entries behind one patient's reading, signed or not: `/patients/ID/knowledge/`."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.permissions import clinics_of
from interpretation import knowledge as known
from patients.access import patient_for
from patients.presenters.knowledge import digest
from patients.presenters.knowledge.signatures import rows_behind
from patients.report.panel import panel
from patients.review.behind import entries_behind
from patients.review.signatures import stances_of


@login_required
@never_cache
@require_safe
def behind(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, page="knowledge-behind")
    entries = entries_behind(panel(patient, timezone.now()).report)
    rows = rows_behind(entries, stances_of(entries), clinics_of(request.user))
    context = {
        "patient": patient,
        "open": [row for row in rows if not row.is_signed],
        "signed": [row for row in rows if row.is_signed],
        "total": len(rows),
        "version": known.VERSION,
        "digest": digest(),
    }
    return render(request, "patients/knowledge_behind.html", context)


urls = [path("patients/<uuid:uuid>/knowledge/", behind, name="knowledge-behind")]
