"""The steps of a sign-in after the password."""

from allauth.account.stages import LoginStage
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from .factors import by_provider


class FactorStage(AuthenticateStage):
    """The own second factor; who comes by the hospital's sign-in has shown one there."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return super()._should_handle(request) and not by_provider(request, self.login.user)


class NewPasswordStage(LoginStage):
    """Who comes with a temporary password chooses an own one before being signed in."""

    key = "new_password"
    urlname = "accounts:new-password"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if not self.login.user.password_is_temporary:
            return None, True
        return redirect(self.urlname), True
