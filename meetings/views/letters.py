"""A letter to the referrer: written from what was judged, kept as it was sent, printed."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Can, clinics_of
from meetings.actions.letters import NOTHING_JUDGED, RECIPIENT_LENGTH, keep_letter
from meetings.letters import basis_of_letter, first_text, numbers
from meetings.models import Letter
from meetings.models.letters import TEXT_LENGTH
from patients.access import current_of, patient_for
from patients.actions.errors import Refused
from patients.models import Patient
from patients.review.changes_since import new_since
from patients.review.signing import present_for
from patients.review.snapshot import taken_at
from patients.values.display import Units

LISTED = 20


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, uuid) -> HttpResponse:
    patient = patient_for(request.user, uuid, Can.DECIDE, page="letter-write", reading=True)
    refused = None
    if request.method == "POST":
        names = ("recipient", "text", "basis", "seen")
        given = {name: request.POST.get(name, "") for name in names}
        try:
            letter = keep_letter(patient=patient, by=request.user, accept="accept" in request.POST, **given)
        except Refused as error:
            refused = error
        else:
            messages.success(request, "The letter is kept as it stands here. Print it now.")
            return redirect("meetings:letter", letter.uuid)
    return _form(request, patient, refused)


def _form(request: HttpRequest, patient: Patient, refused: Refused | None) -> HttpResponse:
    """What was typed stays; what is new is shown again each time."""
    basis = basis_of_letter(patient)
    context = {
        "patient": patient,
        "basis": basis,
        "refused": refused,
        "nothing": NOTHING_JUDGED,
        "text_length": TEXT_LENGTH,
        "recipient_length": RECIPIENT_LENGTH,
        "letters": patient.letters.order_by("-at", "-id")[:LISTED],
    }
    if basis is not None:
        present = present_for(patient, timezone.now())
        since = basis.since(present.basis)
        context |= {
            "newer": since.sentences if since.changed else (),
            "seen": present.fingerprint,
            "recipient": request.POST.get("recipient", ""),
            "text": request.POST.get("text") or first_text(basis, patient, str(request.user)),
            "numbers": dated(numbers(basis, Units(patient.clinic.display_units))),
        }
    return render(request, "meetings/letter_write.html", context, status=422 if refused else 200)


@login_required
@never_cache
@require_safe
def letter(request: HttpRequest, letter) -> HttpResponse:
    """The sheet, read from what was kept; on the screen also what has arrived since."""
    rows = Letter.objects.filter(clinic__in=clinics_of(request.user))
    found = get_object_or_404(rows.select_related("patient", "discussion", "sign_off"), uuid=letter)
    patient = patient_for(request.user, current_of(found.patient).uuid, page="letter", reading=True)
    zone = patient.clinic.zone
    held = found.discussion or found.sign_off
    since = new_since(held.basis, present_for(patient, timezone.now()).basis)
    born = found.content["born"]
    context = {
        "letter": found,
        "content": found.content,
        "born": date.fromisoformat(born) if born else None,
        "numbers": dated(found.content["numbers"]),
        "sent_at": found.at.astimezone(zone),
        "later": [one for one in since.sentences if one not in found.newer] if since.changed else [],
        "patient": patient,
    }
    return render(request, "meetings/letter.html", context)


def dated(numbers: dict) -> dict:
    """The times of the lines as times again: they were kept as text in the clinic's zone."""
    lines = [{**line, "at": taken_at(line)} for line in numbers["lines"]]
    return {**numbers, "lines": lines}


urls = [
    path("patients/<uuid:uuid>/letters/write/", write, name="letter-write"),
    path("letters/<uuid:letter>/", letter, name="letter"),
]
