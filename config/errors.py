"""Answers to requests that cannot be used at all."""

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponseBadRequest
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBadRequest:
    sentence = ""
    if isinstance(exception, TooManyFilesSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        sentence = f"At most {most} files are taken at once. Go back and upload them in several goes."
    return HttpResponseBadRequest(render_to_string("400.html", {"sentence": sentence}))
