"""Whose results these are: a person decides, and takes a decision back."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.permissions import Can, clinics_of, require, require_any
from patients.actions.errors import Refused
from patients.models import Patient
from uploads.identity import questions
from uploads.models import IdentityDecision, IdentityQuestion
from uploads.views.names import show_waiting

_DECIDED = {
    IdentityDecision.Verdict.PATIENT: "Decided: they are this patient’s, also in files to come.",
    IdentityDecision.Verdict.NOBODY: "Settled: nobody of ours, also in files to come.",
    IdentityDecision.Verdict.NEW: "Accepted as a new patient.",
}


@require_POST
@login_required
def decide(request: HttpRequest, question: UUID) -> HttpResponse:
    """One question of the waiting page answered."""
    found = IdentityQuestion.objects.filter(uuid=question, upload__clinic__in=clinics_of(request.user))
    chosen = found.select_related("upload__clinic", "answer__by").first()
    if chosen is None:
        raise Http404
    require(request.user, Can.UPLOAD, chosen.upload.clinic)
    try:
        verdict, patient = _said(request, chosen)
        given = {"verdict": verdict, "patient": patient, "reason": request.POST.get("reason", "")}
        taken = questions.decide(question=chosen, by=request.user, **given)
    except Refused as refusal:
        typed = {name: request.POST.get(name, "") for name in ("choice", "mrn", "reason")}
        typed |= {"question": chosen.pk, "sentence": f"Nothing was decided. {refusal.sentence}"}
        return show_waiting(request, require_any(request.user, Can.UPLOAD), typed)
    messages.success(request, f"{_DECIDED[verdict]} {taken.words}".strip())
    return redirect("uploads:waiting")


def _said(request, question: IdentityQuestion) -> tuple[str, Patient | None]:
    """The verdict and its patient, who is one of the clinic's."""
    choice = request.POST.get("choice", "")
    if choice in (IdentityDecision.Verdict.NOBODY, IdentityDecision.Verdict.NEW):
        return choice, None
    people = Patient.objects.current().filter(clinic=question.upload.clinic_id)
    if choice == "other":
        mrn = request.POST.get("mrn", "").strip()
        return IdentityDecision.Verdict.PATIENT, people.filter(mrn=mrn).first() if mrn else None
    try:
        return IdentityDecision.Verdict.PATIENT, people.filter(uuid=UUID(choice)).first()
    except ValueError:
        raise Refused("Choose whose these results are.") from None


urls = [
    path("waiting/<uuid:question>/decide/", decide, name="decide"),
]
