"""Whether a clinic is silent: switched by its administrator, each time with a reason that is kept."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions import SILENT_WHY_LENGTH, switch_silent
from accounts.errors import StaffChangeRefused
from accounts.history import silencings
from accounts.permissions import Can, require_any


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def silence(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.MANAGE_STAFF)
    refused: dict[str, str] = {}
    if request.method == "POST":
        clinic = next((own for own in clinics if own.code == request.POST.get("clinic")), None)
        if clinic is None:
            raise Http404
        silent, why = request.POST.get("silent") == "yes", request.POST.get("why", "")
        try:
            switch_silent(clinic=clinic, silent=silent, why=why, by=request.user)
        except StaffChangeRefused as error:
            refused = {"clinic": clinic.code, "sentence": str(error), "why": why}
        else:
            said = "is silent: it shows no readings" if silent else "shows readings"
            messages.success(request, f"{clinic} {said} from now on.")
            return redirect("accounts:silence")
    rows = [(clinic, silencings(clinic)) for clinic in clinics]
    context = {"rows": rows, "refused": refused, "why_length": SILENT_WHY_LENGTH}
    return render(request, "accounts/silence.html", context, status=422 if refused else 200)


urls = [path("silence/", silence, name="silence")]
