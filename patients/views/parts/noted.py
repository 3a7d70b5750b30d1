"""Beside the things to do: asked for, done, looked for, open again. Nothing is sent from here."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.permissions import Can
from interpretation.orders import orders
from patients.access import patient_for
from patients.actions.errors import Refused
from patients.actions.noted import note_order
from patients.models import NotedOrder
from patients.presenters.screen.orders import awaited_until
from patients.report.panel import panel
from patients.views.detail import again, saved

GONE = "This is no longer among the things to do: the record has changed. Nothing was noted."


@login_required
@require_POST
def order_note(request: HttpRequest, uuid, order: str) -> HttpResponse:
    patient = patient_for(request.user, uuid, capability=Can.DECIDE, page="order-note", reading=True)
    said, item = request.POST.get("said", ""), request.POST.get("item", "")
    shown = panel(patient, timezone.now())
    found = next((one for one in orders(shown.case, shown.report) if one.key == order), None)
    try:
        if found is None:
            raise Refused(GONE)
        until = awaited_until(found, shown.case.as_of) if said == "asked" else None
        note_order(patient=patient, by=request.user, order=order, said=said, item=item, until=until)
    except Refused as refused:
        return again(request, patient, refused={"orders": refused.sentence})
    word = NotedOrder.Said(said).label.lower()
    return saved(request, patient, "orders", f"{found.text}: {word}, noted")


urls = [path("patients/<uuid:uuid>/orders/<slug:order>/", order_note, name="order-note")]
