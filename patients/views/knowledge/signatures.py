"""Who stands behind the knowledge: `/knowledge/signatures/`, and the amendments as a patch."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.permissions import Can, clinics_of, clinics_with
from interpretation import knowledge as known
from patients.presenters.knowledge import digest
from patients.presenters.knowledge.signatures import LISTS, entry_rows, shown_basis, signed_counts
from patients.presenters.knowledge.signed import who
from patients.review.amendments import patch
from patients.review.signatures import every_stance


@login_required
@never_cache
@require_safe
def signatures(request: HttpRequest) -> HttpResponse:
    listed = request.GET.get("list", "")
    listed = listed if listed in LISTS else "open"
    stances = every_stance()
    counts = signed_counts(stances)
    context = {
        "counts": counts,
        "lists": [(key, name, counts.by[key]) for key, name in LISTS.items()],
        "listed": listed,
        "title": LISTS[listed],
        "found": entry_rows(stances, listed, request.GET.get("page", ""), clinics_of(request.user)),
        "basis": shown_basis(),
        "may_sign": bool(clinics_with(request.user, Can.DECIDE)),
        "version": known.VERSION,
        "digest": digest(),
    }
    return render(request, "patients/knowledge_signatures.html", context)


@login_required
@never_cache
@require_safe
def amendments(request: HttpRequest) -> HttpResponse:
    """For whoever keeps the data files; empty where nobody proposes anything."""
    clinics = clinics_of(request.user)
    text = patch(lambda row: who(row, clinics))
    response = HttpResponse(text, content_type="text/x-patch; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="amendments.patch"'
    return response


urls = [
    path("knowledge/signatures/", signatures, name="knowledge-signatures"),
    path("knowledge/signatures/amendments.patch", amendments, name="knowledge-amendments"),
]
