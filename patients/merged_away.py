"""The address of a patient who was merged into another one leads to that one."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from .access import MergedAway

STORED_NOTHING = (
    "This record was merged into the one shown here meanwhile. Nothing was stored: enter it here."
)


class LeadToSurvivor:
    """What is only looked at is looked at there; what was sent is stored nowhere, and said so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, MergedAway):
            return None
        page = reverse("patients:detail", args=[error.survivor.uuid])
        if request.method not in ("GET", "HEAD"):
            messages.error(request, STORED_NOTHING)
        elif not request.htmx:
            uuid = request.resolver_match.kwargs.get("uuid", "")
            page = request.get_full_path().replace(str(uuid), str(error.survivor.uuid)) if uuid else page
        if request.htmx:
            return HttpResponse(headers={"HX-Redirect": page})
        return redirect(page)
