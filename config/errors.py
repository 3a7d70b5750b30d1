"""Answers to requests that cannot be used at all, and to all while the database does not answer."""

import sys

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error as failed

from patients.outage import is_in_doubt, is_outage

READING = ("GET", "HEAD", "OPTIONS")
# Seconds after which programs may try again.
PAUSE = "5"
GONE = "The database does not answer at the moment."
NOT_SAVED = "Nothing of what you sent was saved."
IN_DOUBT = (
    "The connection was lost while what you sent was being saved: it may be there all the same. Look before you "
    "send it again."
)
AGAIN = "Wait a minute, then load this page again."
SEND_AGAIN = "Wait a minute, then load this page again: what you typed is sent once more."
CALL = "If that goes on for minutes, tell the administrator."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    # A session that could not be kept is a bad request to Django, also where the database was lost.
    if is_outage(exception):
        return _unavailable(request, exception)
    sentence = ""
    if isinstance(exception, TooManyFilesSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        sentence = f"At most {most} files are taken at once. Go back and upload them in several goes."
    return HttpResponseBadRequest(render_to_string("400.html", {"sentence": sentence}))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while the exception is at hand."""
    error = sys.exc_info()[1]
    return _unavailable(request, error) if is_outage(error) else failed(request)


def _unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    saved = "" if request.method in READING else "unknown" if is_in_doubt(error) else "no"
    response = _said(request, saved)
    response["Retry-After"] = PAUSE
    if saved:
        # For the page that sent it without leaving (requests.js).
        response["X-Saved"] = saved
    return response


def _said(request: HttpRequest, saved: str) -> HttpResponse:
    """A page for people; systems that send and read are answered at their own addresses."""
    said = {"no": NOT_SAVED, "unknown": IN_DOUBT}.get(saved, "")
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse({"errors": [f"{GONE} {said}".strip()]}, status=503)
    then = {"": AGAIN, "no": SEND_AGAIN}.get(saved, "")
    sentences = [sentence for sentence in (said, then, CALL) if sentence]
    return HttpResponse(render_to_string("503.html", {"sentences": sentences}), status=503)
