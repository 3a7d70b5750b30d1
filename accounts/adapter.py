from math import ceil

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse

from .actions import choose_password, user_named
from .sign_ins import Attempts
from .signing_in.log import What, log

NO_MAIL = "Nothing is sent by e-mail here. Ask the clinic administrator for a new password."
INCOMPLETE = "Enter your sign-in name and your password."
TOO_MANY = "Too many attempts. Wait {wait}, then try again."
STAGE = "accounts.stages.NewPasswordStage"


class AccountAdapter(DefaultAccountAdapter):
    """Staff are added by a clinic administrator; nobody signs up, and nothing is sent by e-mail."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The name and the password do not go together. Check both.",
    }

    def is_open_for_signup(self, request):
        return False

    def clean_email(self, email):
        raise ValidationError(NO_MAIL)

    def send_mail(self, template_prefix, email, context):
        """Nothing leaves the hospital by mail."""

    def set_password(self, user, password):
        choose_password(user=user, password=password)

    def authenticate(self, request: HttpRequest, **credentials: str) -> AbstractBaseUser | None:
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
            raise ValidationError(TOO_MANY.format(wait=_minutes(wait)), "too_many_login_attempts")
        return user

    def _log_refusal(self, request: HttpRequest, name: str, user: AbstractBaseUser | None, wait: int) -> None:
        if user is None:
            log(What.TOO_MANY if wait else What.REFUSED, user=user_named(name, exactly=True), request=request)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            log(What.SIGNED_OUT, user=request.user, request=request)
        super().logout(request)

    def get_login_stages(self):
        return [STAGE, *super().get_login_stages()]

    def ajax_response(self, request, response, redirect_to=None, form=None, data=None) -> HttpResponse:
        """To signing in within a page: who is signed in now, or why nobody is. What was typed is not sent back."""
        person = str(request.user.pk) if request.user.is_authenticated else None
        errors = _errors(form) if form else []
        told = {"person": person, "location": redirect_to, "errors": errors}
        return JsonResponse(told, status=400 if errors else 200)


def _minutes(seconds: int) -> str:
    minutes = ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def _errors(form) -> list[str]:
    return form.non_field_errors() or [INCOMPLETE] if form.errors else []
