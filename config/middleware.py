"""What holds for every address: text that no database keeps is refused, no answer is kept, changes are announced."""

from collections.abc import Callable
from itertools import chain

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers

from config import errors
from uploads.interfaces import fhir

NUL = "\x00"


class RefuseNul:
    """PostgreSQL keeps no NUL, no keyboard types one and no form shows one: whoever sends one gets a 400."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path or _has_nul(request.GET) or NUL in "".join(request.COOKIES.values()):
            return _refused(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        # Names of files come without: Django takes unprintable signs out of them.
        return _refused(request) if _has_nul(request.POST) else None


class CompressPages(GZipMiddleware):
    """Pages travel compressed, of a length that says nothing of what they hold (BREACH).

    What is sent in pieces, such as a download, is left as it is: it is mostly compressed itself.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return response if response.streaming else super().process_response(request, response)


class KeepNothing:
    """Pages hold patients: no browser and no proxy keeps one, and Back shows none after signing out."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        add_never_cache_headers(response)
        return response


class AnnounceChanges:
    """What a view has to say (messages) reaches a page that htmx changes in part, as it reaches a whole page.

    Not by a poll, nor by an answer to what nobody waits for (`request.is_aside`): its page may be gone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_aside = "X-Poll" in request.headers or getattr(request, "is_aside", False)
        if request.htmx and not is_aside and _is_part(response):
            _announce(request, response)
        return response


def _is_part(response: HttpResponse) -> bool:
    """Swapped into the page: neither an error nor a way to elsewhere."""
    moves = {"HX-Redirect", "HX-Refresh", "HX-Location"} & set(response.headers)
    return response.status_code in (200, 422) and not moves and not response.streaming


def _announce(request: HttpRequest, response: HttpResponse) -> None:
    told = get_messages(request)
    # A whole page has shown them itself.
    if told and not told.used:
        response.write(render_to_string("frame/_said.html", {"messages": told}))


def _has_nul(data) -> bool:
    return any(NUL in text for text in chain(data, *(values for _name, values in data.lists())))


def _refused(request) -> HttpResponse:
    if request.path.startswith("/fhir/"):
        # Programs ask there: they are answered as by the API itself.
        return fhir.outcome(400, "The address holds a sign that no text has (NUL).")
    return errors.bad_request(request)
