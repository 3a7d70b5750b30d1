"""The page on which a clinic chooses the tests that are kept as they are sent."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.permissions import Can, require_any
from patients.actions.errors import Refused
from uploads import kept


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def kept_tests(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.KEEP_TESTS)
    if request.method == "POST":
        return _keep(request, clinics)
    context = {"rows": kept.standing(clinics), "groups": kept.offered(), "own_clinics": clinics}
    return render(request, "uploads/kept.html", context)


def _keep(request: HttpRequest, clinics) -> HttpResponse:
    code = request.POST.get("clinic", clinics[0].code)
    clinic = next((clinic for clinic in clinics if clinic.code == code), None)
    if clinic is None:
        raise Http404
    try:
        made = kept.keep(clinic=clinic, by=request.user, keys=request.POST.getlist("test"))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        names = ", ".join(mapping.shown for mapping in made)
        messages.success(request, f"Kept from now on: {names}." if names else "These were kept already.")
    return redirect("uploads:kept")


urls = [path("kept/", kept_tests, name="kept")]
