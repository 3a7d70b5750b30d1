"""Add, edit and withdraw an event: a drug, a blood product, a complication, a procedure, a flag."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Can
from patients.access import patient_for
from patients.actions import people
from patients.forms.people import EventForm
from patients.views import entry

FIELDS = ("kind", "label", "started_at", "ended_at", "stop_confirmed", "grade", "route", "note")


@login_required
@require_http_methods(["GET", "POST"])
def event_add(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="event-add")
    form = EventForm(
        request.POST or None, zone=patient.clinic.zone, initial={"kind": request.GET.get("kind", "")}
    )
    address = reverse("patients:event-add", args=[uuid])
    context = {"patient": patient, "form": form, "title": "Add an event", "address": address}

    def act(data: dict) -> str:
        people.add_event(patient=patient, by=request.user, **{name: data[name] for name in FIELDS})
        return "The event is stored."

    return entry.enter(request, "event_form", context, act)


@login_required
@require_http_methods(["GET", "POST"])
def event_edit(request: HttpRequest, uuid, item) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="event-edit")
    event = get_object_or_404(patient.events.current(), uuid=item)
    initial = {name: getattr(event, name) for name in (*FIELDS, "version")}
    form = EventForm(request.POST or None, zone=patient.clinic.zone, initial=initial)
    context = {
        "patient": patient,
        "form": form,
        "title": "Edit the event",
        "address": reverse("patients:event-edit", args=[uuid, item]),
        "withdraw_address": reverse("patients:event-withdraw", args=[uuid, item]),
    }

    def act(data: dict) -> str:
        fields = {name: data[name] for name in FIELDS}
        people.change_event(event=event, by=request.user, version=data["version"] or 0, **fields)
        return "The event is stored."

    return entry.enter(request, "event_form", context, act, event)


@login_required
@require_http_methods(["GET", "POST"])
def event_withdraw(request: HttpRequest, uuid, item) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="event-withdraw")
    event = get_object_or_404(patient.events.current(), uuid=item)

    def act(data: dict) -> str:
        people.withdraw_event(event=event, by=request.user, reason=data["reason"])
        return "The event is withdrawn."

    address = reverse("patients:event-withdraw", args=[uuid, item])
    return entry.withdraw(request, patient, f"the event {event.get_kind_display()}", act, address)


urls = [
    path("patients/<uuid:uuid>/events/add/", event_add, name="event-add"),
    path("patients/<uuid:uuid>/events/<uuid:item>/", event_edit, name="event-edit"),
    path("patients/<uuid:uuid>/events/<uuid:item>/withdraw/", event_withdraw, name="event-withdraw"),
]
