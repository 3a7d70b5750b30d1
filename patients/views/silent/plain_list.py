"""The worklist of silent clinics: who is there, by name, and nothing that was read of anybody."""

from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.actions import log_accesses
from accounts.models import Clinic
from patients.models import Assessment
from patients.presenters.worklist.rows import age_and_sex
from patients.words import DIAGNOSIS_NAMES
from patients.worklist import ALL, WorklistState, page


def plain_list(
    request: HttpRequest, state: WorklistState, ended: bool, clinics: list[Clinic], now: datetime
) -> HttpResponse:
    """Of what the address asks only the search, the clinic and the page count: filters tell of readings."""
    asked = {name: getattr(state, name) for name in ("q", "search", "clinic", "after", "before", "me")}
    state = WorklistState(**asked, show=ALL, sort="name")
    found = page(state, clinics, now)
    log_accesses(user=request.user, patients=[one.patient for one in found.rows], page="worklist")
    by_id = {clinic.pk: clinic for clinic in clinics}
    context = {
        "state": state,
        "searched": state.q,
        "search_ended": ended,
        "rows": [_row(one, by_id[one.clinic_id], now) for one in found.rows],
        "several": len(clinics) > 1,
        "clear_search": replace(state, q="", search="").to(),
        "earlier": state.to(before=found.rows[0].patient.uuid) if found.earlier and found.rows else "",
        "later": state.to(after=found.rows[-1].patient.uuid) if found.later else "",
    }
    return render(request, "patients/plain_list.html", context)


def _row(found: Assessment, clinic: Clinic, now: datetime) -> dict:
    patient, today = found.patient, now.astimezone(clinic.zone).date()
    return {
        "patient": patient,
        "about": age_and_sex(patient, today),
        "clinic": clinic,
        "diagnoses": ", ".join(DIAGNOSIS_NAMES.get(kind, kind) for kind in found.diagnoses),
        "drawn": found.last_draw_at.astimezone(clinic.zone) if found.last_draw_at else None,
    }
