"""The only code that ends sessions."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User

from .log import What, log


def see(request: HttpRequest) -> None:
    """Its person is at work: once in a while, not with each click."""
    found = UserSession.objects.filter(session_key=request.session.session_key)
    found.update(last_seen_at=timezone.now())


@transaction.atomic
def end_session(request: HttpRequest, *, pk: int) -> bool:
    """One of one's own; False: there is none such (any more)."""
    one = UserSession.objects.filter(user=request.user, pk=pk).first()
    if one is None:
        return False
    one.end()
    log(What.SESSION_ENDED, user=request.user, request=request)
    return True


@transaction.atomic
def end_other_sessions(request: HttpRequest) -> int:
    """All of one's own but this one: how many there were."""
    others = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
    ended = _end(others)
    if ended:
        log(What.SESSIONS_ENDED, user=request.user, request=request)
    return ended


@transaction.atomic
def end_sessions_of(*, user: User, by: User, request: HttpRequest) -> int:
    """Every one of a member of staff, by an administrator: how many there were."""
    ended = _end(UserSession.objects.filter(user=user))
    log(What.SESSIONS_ENDED, user=user, request=request, by=by)
    return ended


def end_over(request: HttpRequest) -> None:
    """The session that has lasted as long as any may."""
    log(What.OVER, user=request.user, request=request)
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    logout(request)


def _end(sessions) -> int:
    found = list(sessions)
    for one in found:
        one.end()
    return len(found)
