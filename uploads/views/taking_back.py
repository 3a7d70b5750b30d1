"""A meaning of a name, or a decision whose rows those are, taken back under Mappings."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.permissions import Can, clinics_of, require
from patients.actions.errors import Refused
from uploads import kept
from uploads.models import IdentityDecision, Mapping, StandingAnswer
from uploads.withdrawing import take_back


@require_POST
@login_required
def mapping_undo(request: HttpRequest, mapping: UUID) -> HttpResponse:
    chosen = _chosen(request, Mapping, mapping)
    if kept.is_chosen(chosen):
        words = f"{chosen.shown} is left out again in what comes. What was stored stays stored."
        return _take_back(request, chosen, words, "uploads:kept")
    return _take_back(request, chosen, f"“{chosen.shown or 'no unit'}” is unknown again in files to come.")


@require_POST
@login_required
def decision_undo(request: HttpRequest, whose_id: UUID) -> HttpResponse:
    chosen = _chosen(request, IdentityDecision, whose_id)
    return _take_back(request, chosen, "it is asked again in files to come. What was stored stays stored.")


def _chosen(request, model: type[StandingAnswer], uuid: UUID) -> StandingAnswer:
    """Of a clinic of this person, who may upload there, or choose the tests that are kept."""
    found = model.objects.filter(uuid=uuid, clinic__in=clinics_of(request.user))
    chosen = found.select_related("clinic").first()
    if chosen is None:
        raise Http404
    listed = isinstance(chosen, Mapping) and kept.is_chosen(chosen)
    require(request.user, Can.KEEP_TESTS if listed else Can.UPLOAD, chosen.clinic)
    return chosen


def _take_back(
    request: HttpRequest, chosen: StandingAnswer, words: str, page: str = "uploads:mappings"
) -> HttpResponse:
    try:
        take_back(answer=chosen, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"Undone: {words}")
    return redirect(page)


urls = [
    path("mappings/<uuid:mapping>/undo/", mapping_undo, name="mapping-undo"),
    path("decisions/<uuid:whose_id>/undo/", decision_undo, name="decision-undo"),
]
