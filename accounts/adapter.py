import time
from math import ceil
from typing import Any, Never

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from .actions import choose_password, user_named
from .sign_ins import Attempts
from .signing_in.log import What, log
from .signing_in.provider import claims_of, follow_claims

NO_MAIL = "Nothing is sent by e-mail here. Ask the clinic administrator for a new password."
PASSWORDS_OFF = "Passwords are switched off here. Use the hospital’s sign-in."
NO_PASSWORD = "You sign in by the hospital’s sign-in and have no password here."
INCOMPLETE = "Enter your sign-in name and your password."
TOO_MANY = "Too many attempts. Wait {wait}, then try again."
FACTOR_STAGE, PASSWORD_STAGE = (
    f"accounts.signing_in.stages.{name}Stage" for name in ("Factor", "NewPassword")
)


class AccountAdapter(DefaultAccountAdapter):
    """Staff are added by a clinic administrator; nobody signs up, and nothing is sent by e-mail."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The name and the password do not go together. Check both.",
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    def clean_email(self, email) -> Never:
        raise ValidationError(NO_MAIL)

    def send_mail(self, template_prefix, email, context) -> None:
        """Nothing leaves the hospital by mail."""

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        if not user.has_usable_password():
            raise PermissionDenied(NO_PASSWORD)
        choose_password(user=user, password=password)

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **more: Any) -> HttpResponse | None:
        how = more.get("signal_kwargs") or {}
        came = how.get("sociallogin")
        if came is None and not settings.LOCAL_PASSWORDS and "record_system" not in how:
            messages.error(request, PASSWORDS_OFF)
            return redirect("account_login")
        if came and settings.OIDC_GROUPS:
            follow_claims(user=user, claims=claims_of(came))
            user.refresh_from_db()
        return super().pre_login(request, user, **more)

    def authenticate(self, request: HttpRequest, **credentials: str) -> AbstractBaseUser | None:
        if not settings.LOCAL_PASSWORDS:
            raise ValidationError(PASSWORDS_OFF, "passwords_off")
        attempts = Attempts(credentials.get("username", ""), self.get_client_ip(request))
        with attempts.one_by_one():
            wait = attempts.wait()
            user = None if wait else super().authenticate(request, **credentials)
            if user:
                attempts.succeeded()
            elif not wait:
                attempts.failed()
        # After the transaction, which an error would take back.
        self._log_refusal(request, credentials.get("username", ""), user, wait)
        if wait:
            raise too_many(wait)
        return user

    def _log_refusal(self, request: HttpRequest, name: str, user: AbstractBaseUser | None, wait: int) -> None:
        if user is None:
            log(What.TOO_MANY if wait else What.REFUSED, user=user_named(name, exactly=True), request=request)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            log(What.SIGNED_OUT, user=request.user, request=request)
        super().logout(request)

    def get_login_stages(self) -> list[str]:
        """The second factor before the choice of a password: who was given one by mistake changes nothing."""
        return [FACTOR_STAGE, PASSWORD_STAGE]

    def is_reauthentication_required(self, *, app: str, **more: object) -> bool:
        """Not of who has signed in just now, nor of who has no password here."""
        return context.request.user.has_usable_password() and not _signed_in_just_now(context.request)

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict]:
        """By the password only."""
        if not user.is_authenticated or not user.has_usable_password():
            return []
        return [{"id": "reauthenticate", "url": reverse("account_reauthenticate")}]

    def ajax_response(self, request, response, redirect_to=None, form=None, data=None) -> HttpResponse:
        """To signing in within a page: who is signed in now, or why nobody is. What was typed is not sent back."""
        person = str(request.user.pk) if request.user.is_authenticated else None
        errors = _errors(form) if form else []
        told = {"person": person, "location": redirect_to, "errors": errors}
        return JsonResponse(told, status=400 if errors else 200)


def too_many(wait: int) -> ValidationError:
    return ValidationError(TOO_MANY.format(wait=_minutes(wait)), "too_many_login_attempts")


def _signed_in_just_now(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < REAUTHENTICATION_TIMEOUT


def _minutes(seconds: int) -> str:
    minutes = ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def _errors(form) -> list[str]:
    return form.non_field_errors() or [INCOMPLETE] if form.errors else []
