from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError

from .actions import choose_password

NO_MAIL = "Nothing is sent by e-mail here. Ask the clinic administrator for a new password."
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
