"""Sessions: who is at work stays signed in, and nobody is answered in another's place."""

import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from .permissions import memberships_of
from .signing_in.actions import end_over, see
from .signing_in.factors import by_provider, lacks_one
from .signing_in.sessions import is_over

RENEWED_AT = "renewed_at"


class First(NamedTuple):
    """What comes before everything else: its page, what is open beside it, and why the rest is refused."""

    page: str
    open: frozenset[str]
    refuses: str


SET_UP = First(
    "accounts:second-factor",
    frozenset(
        {
            "accounts:second-factor",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_view_recovery_codes",
            "account_reauthenticate",
            "account_logout",
        }
    ),
    "Your clinic asks for a second factor. Set one up in another window, then try again.",
)
WAIT = First(
    "accounts:waiting",
    frozenset({"accounts:waiting", "account_logout"}),
    "You work in no clinic here yet. Ask the administrator of your clinic to add you.",
)


class EndLongSession:
    """Nobody stays signed in longer than a day's work: the person signs in again, in place."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and is_over(request.session):
            end_over(request)
        return self.get_response(request)


class RenewSession:
    """Keeps whoever is at work signed in, with one write in a while instead of one a request.

    A window that asks by itself whether something is new (X-Poll) is nobody at work.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        at_work = request.user.is_authenticated and "X-Poll" not in request.headers
        if at_work and _is_due(request.session.get(RENEWED_AT, 0)):
            if RENEWED_AT in request.session:
                see(request)
            request.session[RENEWED_AT] = int(time.time())
        return self.get_response(request)


class AnswerSamePerson:
    """A part of a page is for the person for whom the page was made (X-Person), and for nobody else.

    Signed out, that is 401, and the page asks to sign in again in its place: no sign-in page inside a card. Has
    somebody else signed in meanwhile, it is 409: what one person typed is never stored in another's name. A form
    sent without scripts is taken to the sign-in and from there back to its page, which says that it was not stored.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        made_for = request.headers.get("X-Person")
        if made_for and made_for != str(request.user.pk):
            return _ended("another" if request.user.is_authenticated else "nobody")
        response = self.get_response(request)
        if not _asks_to_sign_in(response):
            return response
        if "HX-Request" in request.headers:
            return _ended("nobody")
        return response if request.method in ("GET", "HEAD") else _to_sign_in(request)


class LeadFirst:
    """Who works in no clinic waits; who must have a second factor and has none sets one up. Nothing else is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        first = _first(request) if request.user.is_authenticated else None
        if first is None:
            return None
        request.is_locked = True
        if request.resolver_match.view_name in first.open:
            return None
        if request.method in ("GET", "HEAD") and "HX-Request" not in request.headers:
            return redirect(first.page)
        raise PermissionDenied(first.refuses)


def _first(request: HttpRequest) -> First | None:
    if lacks_one(request):
        return SET_UP
    waits = by_provider(request, request.user) and not memberships_of(request.user)
    return WAIT if waits and not request.user.is_superuser else None


def _asks_to_sign_in(response: HttpResponse) -> bool:
    """Sent away from an address that only who is signed in may ask."""
    if response.status_code != 302:
        return False
    address = urlsplit(response.url)
    return address.path == reverse(settings.LOGIN_URL) and address.query.startswith("next=")


def _ended(now: str) -> HttpResponse:
    """To a page of somebody who is no longer the one that is signed in."""
    return HttpResponse(status=401 if now == "nobody" else 409, headers={"X-Session": now})


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The address of a form answers no GET: after the sign-in its page is shown."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    page = came_from._replace(scheme="", netloc="", fragment="").geturl()
    if came_from.netloc != request.get_host() or not url_has_allowed_host_and_scheme(page, None):
        page = "/"
    return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': page, 'unsaved': 1})}")


def _is_due(renewed_at: int) -> bool:
    return time.time() - renewed_at > settings.SESSION_COOKIE_AGE / 60
