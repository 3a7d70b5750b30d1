"""Each request has an id: in each line of the log that it causes, in its answer and on the page of an error."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# What a proxy makes; nothing that could be a name with its date of birth, or a second line of the log.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,63}", re.ASCII)
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Of the request that this thread answers or has answered last; "" where it has answered none."""
    return _current.get()


def begin(given: str = "") -> None:
    """Stays until the thread's next one: Django logs a refusal when all middleware is through."""
    _current.set(given if _PLAIN.fullmatch(given) else uuid4().hex)


class NameRequest:
    """Takes over the proxy's id where its word is believed, else makes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "") if settings.BEHIND_PROXY else ""
        begin(given)
        response = self.get_response(request)
        response[HEADER] = current()
        return response


def on_page(request: HttpRequest) -> dict[str, str]:
    """For the pages of errors."""
    return {"request_id": current()}
