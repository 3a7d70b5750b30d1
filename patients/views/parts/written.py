"""Concerns raised and closed, notes written, added to and struck out: forms within the tab of notes."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.permissions import Can, people_who
from patients.access import patient_for
from patients.actions.written import concerns, notes
from patients.forms.written import ConcernForm, EndForm, NoteForm
from patients.views import entry

# Where the forms stand on the patient page.
PLACE = "written"


@login_required
@require_http_methods(["GET", "POST"])
def concern_add(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="concern-add")
    form = ConcernForm(
        request.POST or None,
        zone=patient.clinic.zone,
        owners=people_who(Can.ENTER, patient.clinic),
        me=request.user,
        initial={"owner": str(request.user.pk)},
    )
    form.fields["starts_on"].initial = form.today
    context = entry.about(patient, form, "Raise a concern", "concern-add")

    def act(data: dict) -> str:
        fields = {name: data[name] for name in ("reason", "owner", "starts_on")}
        concerns.raise_concern(patient=patient, by=request.user, **fields)
        return "The concern stands."

    return entry.enter(request, "written_form", context, act, place=PLACE)


@login_required
@require_http_methods(["GET", "POST"])
def concern_close(request: HttpRequest, uuid, item) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="concern-close")
    found = get_object_or_404(patient.concerns.select_related("owner"), uuid=item)
    form = EndForm(request.POST or None, zone=patient.clinic.zone, label="Closed because")
    context = entry.about(patient, form, "Close the concern", "concern-close", item)
    context |= {"said": f"{found.reason} ({found.owner}).", "store": "Close"}

    def act(data: dict) -> str:
        concerns.close_concern(concern=found, by=request.user, reason=data["reason"])
        return "The concern is closed."

    return entry.enter(request, "written_form", context, act, place=PLACE)


@login_required
@require_http_methods(["GET", "POST"])
def note_add(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="note-add")
    form = NoteForm(request.POST or None, zone=patient.clinic.zone)
    context = entry.about(patient, form, "Write a note", "note-add")

    def act(data: dict) -> str:
        notes.write_note(patient=patient, by=request.user, text=data["text"])
        return "The note is stored."

    return entry.enter(request, "written_form", context, act, place=PLACE)


@login_required
@require_http_methods(["GET", "POST"])
def note_addendum(request: HttpRequest, uuid, item) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="note-addendum")
    found = get_object_or_404(patient.free_notes.filter(addendum_to=None), uuid=item)
    form = NoteForm(request.POST or None, zone=patient.clinic.zone)
    form.fields["text"].label = "Addendum"
    context = entry.about(patient, form, "Add to the note", "note-addendum", item) | {"said": found.text}

    def act(data: dict) -> str:
        notes.write_note(patient=patient, by=request.user, text=data["text"], addendum_to=found)
        return "The addendum is stored."

    return entry.enter(request, "written_form", context, act, place=PLACE)


@login_required
@require_http_methods(["GET", "POST"])
def note_strike(request: HttpRequest, uuid, item) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="note-strike")
    found = get_object_or_404(patient.free_notes, uuid=item)
    form = EndForm(request.POST or None, zone=patient.clinic.zone, label="Struck out because")
    context = entry.about(patient, form, "Strike the note out", "note-strike", item)
    context |= {"said": found.text, "store": "Strike out"}

    def act(data: dict) -> str:
        notes.strike_note(note=found, by=request.user, reason=data["reason"])
        return "The note is struck out."

    return entry.enter(request, "written_form", context, act, place=PLACE)


urls = [
    path("patients/<uuid:uuid>/concerns/add/", concern_add, name="concern-add"),
    path("patients/<uuid:uuid>/concerns/<uuid:item>/close/", concern_close, name="concern-close"),
    path("patients/<uuid:uuid>/notes/add/", note_add, name="note-add"),
    path("patients/<uuid:uuid>/notes/<uuid:item>/addendum/", note_addendum, name="note-addendum"),
    path("patients/<uuid:uuid>/notes/<uuid:item>/strike/", note_strike, name="note-strike"),
]
