"""Answers to requests that cannot be used at all, and to all while the database does not answer."""

import sys
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from config.operating import request_ids
from patients.outage import is_in_doubt, is_passing, is_stopped

READING = ("GET", "HEAD", "OPTIONS")
# Seconds after which programs may try again.
PAUSE = "5"
NOT_SAVED = "Nothing of what you sent was saved."


class Words(NamedTuple):
    """`in_doubt`: to whoever sent something, where it is not known what became of it."""

    title: str
    told: str
    in_doubt: str


GONE = Words(
    "The database does not answer",
    "The database does not answer at the moment.",
    "The connection was lost while what you sent was being saved: it may be there all the same. Look before you "
    "send it again.",
)
STOPPED = Words(
    "That took too long",
    "That took too long and was stopped, so that it holds up nobody else.",
    "What was being saved when it was stopped was not; what had been saved before is there. Look before you send "
    "it again.",
)
AGAIN = "Wait a minute, then load this page again."
SEND_AGAIN = "Wait a minute, then load this page again: what you typed is sent once more."
NO_ROOM = 507
TYPED_IS_SAVED = "Pages can be read, and what is typed is still saved."
NOTHING_IS_SAVED = "Pages can be read; nothing is saved until there is room."
TELL = "Tell the administrator: whoever runs this system has to make room."
CALL = "If that goes on for minutes, tell the administrator."


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    # A session that could not be kept is a bad request to Django, also where the database was lost.
    if is_passing(exception):
        return _unavailable(request, exception)
    sentence = ""
    if isinstance(exception, TooManyFilesSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        sentence = f"At most {most} files are taken at once. Go back and upload them in several goes."
    return _page("400.html", 400, sentence=sentence)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while the exception is at hand."""
    error = sys.exc_info()[1]
    return _unavailable(request, error) if is_passing(error) else _page("500.html", 500)


def too_large(sentence: str) -> HttpResponse:
    """To a body that was not read."""
    return _page("413.html", 413, sentence=sentence)


def no_room(request: HttpRequest, *, takes_some: bool) -> HttpResponse:
    """While the disk is nearly full. `takes_some`: what is typed is still saved."""
    told = "The disk is nearly full: no more files are taken." if takes_some else "The disk is full."
    if _asks_for_json(request):
        response = JsonResponse({"errors": [f"{told} {NOT_SAVED}"]}, status=NO_ROOM)
    else:
        others = TYPED_IS_SAVED if takes_some else NOTHING_IS_SAVED
        sentences = [told, NOT_SAVED, others, TELL]
        response = _page("503.html", NO_ROOM, title="No room", sentences=sentences)
    response["X-Saved"] = "no"
    return response


def not_now() -> HttpResponse:
    """To a body that was not read, while the database does not answer."""
    return _later(_page("503.html", 503, title=GONE.title, sentences=[NOT_SAVED, SEND_AGAIN, CALL]))


def _unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    words = STOPPED if is_stopped(error) else GONE
    # What was stopped is rolled back; a page may have saved something else before.
    unknown = words is STOPPED or is_in_doubt(error)
    saved = "" if request.method in READING else "unknown" if unknown else "no"
    response = _later(_said(request, words, saved))
    if saved:
        # For the page that sent it without leaving (requests.js).
        response["X-Saved"] = saved
    return response


def _later(response: HttpResponse) -> HttpResponse:
    response["Retry-After"] = PAUSE
    return response


def _said(request: HttpRequest, words: Words, saved: str) -> HttpResponse:
    """A page for people; systems that send and read are answered at their own addresses."""
    said = {"no": NOT_SAVED, "unknown": words.in_doubt}.get(saved, "")
    if _asks_for_json(request):
        return JsonResponse({"errors": [f"{words.told} {said}".strip()]}, status=503)
    then = {"": AGAIN, "no": SEND_AGAIN}.get(saved, "")
    first = words.told if words is STOPPED else ""
    sentences = [sentence for sentence in (first, said, then, CALL) if sentence]
    return _page("503.html", 503, title=words.title, sentences=sentences)


def _asks_for_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _page(template: str, status: int, **words: object) -> HttpResponse:
    """Without a context processor: they ask the database, which may be what failed."""
    html = render_to_string(template, {"request_id": request_ids.current(), **words})
    return HttpResponse(html, status=status)
