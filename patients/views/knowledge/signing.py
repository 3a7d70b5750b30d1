"""One entry of the knowledge and who signed it: `/knowledge/entries/ANCHOR/`, where clinicians sign."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.permissions import Can, clinics_of, clinics_with, require_any
from interpretation import knowledge as known
from interpretation.catalogue import KnowledgeEntry
from interpretation.catalogue.amending import values
from patients.actions.errors import Refused
from patients.actions.written.signatures import REASON_LENGTH, SaidOfEntry, sign_entry
from patients.models import Signature
from patients.presenters.knowledge import digest
from patients.presenters.knowledge.chapters import chapter_title, entry_address
from patients.presenters.knowledge.signed import earlier, standing
from patients.review.behind import signable
from patients.review.signatures import NOBODY, WITHDRAWN, stances_of
from patients.views.knowledge.entries import entry_html

CHOICES = [(key, words) for key, words in (("agree", "Agree"), ("amend", "Amend"), ("dispute", "Dispute"))]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, anchor: str) -> HttpResponse:
    found = signable().get(anchor)
    if found is None:
        raise Http404("No entry of the knowledge has this name, or it is a reference.")
    if request.method != "POST":
        return _show(request, found)
    require_any(request.user, Can.DECIDE)
    said = SaidOfEntry(
        **{name: request.POST.get(name, "") for name in ("stance", "reason", "place", "proposed")}
    )
    try:
        row = sign_entry(entry=found, by=request.user, said=said, seen=request.POST.get("seen", ""))
    except Refused as refusal:
        return _show(request, found, said=said, refusal=refusal, status=422)
    messages.success(request, f"{row.get_stance_display()}, saved")
    return _show(request, found) if request.htmx else redirect("patients:knowledge-entry", anchor)


def _show(request: HttpRequest, found: KnowledgeEntry, status: int = 200, **typed) -> HttpResponse:
    """The page; to htmx the part with the signatures. What was refused stays as it was typed."""
    clinics = clinics_of(request.user)
    stances = stances_of([found]).get(found.anchor, NOBODY)
    mine = next((row for row in stances.standing if row.by_id == request.user.pk), None)
    context = {
        "entry": found,
        "written": entry_html(found),
        "chapter": chapter_title(found.anchor),
        "address": entry_address(found.anchor),
        "standing": standing(stances, clinics),
        "earlier": earlier(stances, found, clinics),
        "mine": mine,
        "said": typed.get("said") or mine or SaidOfEntry(stance=""),
        "proposed": typed["said"].proposed if "said" in typed else _proposed(mine),
        "refusal": typed.get("refusal"),
        "choices": CHOICES,
        "withdrawn": WITHDRAWN,
        # A number is what is most often proposed anew.
        "places": sorted(values(found.content).items(), key=lambda one: not isinstance(one[1], int | float)),
        "reason_length": REASON_LENGTH,
        "may_sign": bool(clinics_with(request.user, Can.DECIDE)),
        "version": known.VERSION,
        "digest": digest(),
    }
    template = "patients/_knowledge_signing.html" if request.htmx else "patients/knowledge_entry.html"
    return render(request, template, context, status=status)


def _proposed(mine: Signature | None) -> str:
    return str(json.loads(mine.proposed)) if mine and mine.proposed else ""


urls = [path("knowledge/entries/<slug:anchor>/", entry, name="knowledge-entry")]
