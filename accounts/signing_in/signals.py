"""What allauth and Django tell of signing in, for the log."""

from functools import partial

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth
from django.http import HttpRequest

from accounts.models import User

from .factors import WORDS
from .log import What, log
from .sessions import begin

FACTORS = {
    mfa.authenticator_added: What.FACTOR_ADDED,
    mfa.authenticator_removed: What.FACTOR_REMOVED,
    mfa.authenticator_reset: What.CODES_RENEWED,
    mfa.authenticator_used: What.FACTOR_USED,
    mfa.authentication_failed: What.FACTOR_REFUSED,
}


def connect() -> None:
    auth.user_logged_in.connect(on_begun)
    account.user_logged_in.connect(on_signed_in)
    account.password_changed.connect(on_password_changed)
    for signal, what in FACTORS.items():
        signal.connect(partial(on_factor, what), weak=False)


def on_begun(request: HttpRequest, **more: object) -> None:
    begin(request.session)


def on_signed_in(request: HttpRequest, user: User, record_system: str = "", **more: object) -> None:
    """`record_system`: by whose word, where no password was asked for."""
    log(What.SIGNED_IN, user=user, request=request, detail=f"by {record_system}" if record_system else "")


def on_password_changed(request: HttpRequest, user: User, **more: object) -> None:
    log(What.PASSWORD_CHOSEN, user=user, request=request)


def on_factor(
    what: str, *, request: HttpRequest, user: User, authenticator: Authenticator, **more: object
) -> None:
    log(what, user=user, request=request, detail=WORDS[authenticator.type])
