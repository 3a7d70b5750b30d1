from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse

from .actions import choose_password

NO_MAIL = "Nothing is sent by e-mail here. Ask the clinic administrator for a new password."
INCOMPLETE = "Enter your sign-in name and your password."
STAGE = "accounts.stages.NewPasswordStage"


class AccountAdapter(DefaultAccountAdapter):
    """Staff are added by a clinic administrator; nobody signs up, and nothing is sent by e-mail."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The name and the password do not go together. Check both.",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request):
        return False

    def clean_email(self, email):
        raise ValidationError(NO_MAIL)

    def send_mail(self, template_prefix, email, context):
        """Nothing leaves the hospital by mail."""

    def set_password(self, user, password):
        choose_password(user=user, password=password)

    def get_login_stages(self):
        return [STAGE, *super().get_login_stages()]

    def ajax_response(self, request, response, redirect_to=None, form=None, data=None) -> HttpResponse:
        """To signing in within a page: who is signed in now, or why nobody is. What was typed is not sent back."""
        person = str(request.user.pk) if request.user.is_authenticated else None
        errors = _errors(form) if form else []
        told = {"person": person, "location": redirect_to, "errors": errors}
        return JsonResponse(told, status=400 if errors else 200)


def _errors(form) -> list[str]:
    return form.non_field_errors() or [INCOMPLETE] if form.errors else []
