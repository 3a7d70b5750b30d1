"""What allauth and Django tell of signing in, for the log."""

from allauth.account import signals as account
from django.contrib.auth import signals as auth
from django.http import HttpRequest

from accounts.models import User

from .log import What, log
from .sessions import begin


def connect() -> None:
    auth.user_logged_in.connect(on_begun)
    account.user_logged_in.connect(on_signed_in)


def on_begun(request: HttpRequest, **more: object) -> None:
    begin(request.session)


def on_signed_in(request: HttpRequest, user: User, **more: object) -> None:
    log(What.SIGNED_IN, user=user, request=request)
