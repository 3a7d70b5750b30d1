from allauth.account.stages import LoginStage
from django.shortcuts import redirect


class NewPasswordStage(LoginStage):
    """Who comes with a temporary password chooses an own one before being signed in."""

    key = "new_password"
    urlname = "accounts:new-password"

    def handle(self):
        if not self.login.user.password_is_temporary:
            return None, True
        return redirect(self.urlname), True
