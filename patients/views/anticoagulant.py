"""Whether a patient takes an anticoagulant, said on a form of its own or where the page asks."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Can
from patients.access import patient_for
from patients.actions.anticoagulant import say_anticoagulant
from patients.forms.anticoagulant import AnticoagulantForm
from patients.views import detail, entry

# Where the page asks: a half-typed draw beside it stays as it is.
ASK = "ask"


@login_required
@require_http_methods(["GET", "POST"])
def anticoagulant_say(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.ENTER, page="anticoagulant-say")
    data = request.POST if request.method == "POST" else None
    place = ASK if request.POST.get("place") == ASK else entry.ENTRY
    form = AnticoagulantForm(data, patient=patient, auto_id=f"{place}-%s")

    def act(data: dict) -> str:
        say_anticoagulant(patient=patient, by=request.user, said=form.words)
        return "What was said of an anticoagulant is stored."

    if request.method == "POST" and _is_said(form) and (sentence := entry.attempt(form, act)):
        if request.htmx and place == ASK:
            return detail.saved(request, patient, place, sentence)
        return entry.stored(request, patient, sentence)
    context = {
        "patient": patient,
        "form": form,
        "title": "Anticoagulant",
        "place": place,
        "address": reverse("patients:anticoagulant-say", args=[uuid]),
    }
    status = entry.REFUSED if form.errors else 200
    return entry.show(request, "anticoagulant_form", context, status=status)


def _is_said(form: AnticoagulantForm) -> bool:
    if form.is_valid() and not form.says_something:
        form.add_error("said", "Choose “none” or “taking”.")
    return not form.errors


urls = [path("patients/<uuid:uuid>/anticoagulant/", anticoagulant_say, name="anticoagulant-say")]
