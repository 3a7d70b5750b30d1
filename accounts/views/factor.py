"""The second factor: asked while signing in, set up, taken away. What is asked and answered is allauth's."""

from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.recovery_codes.views import generate_recovery_codes, view_recovery_codes
from allauth.mfa.totp.views import activate_totp, deactivate_totp
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from allauth.mfa.webauthn.views import LoginWebAuthnView, add_webauthn, remove_webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET
from django.views.generic.base import RedirectView

from accounts.signing_in.factors import has_one
from accounts.signing_in.forms import NO_PASSKEY
from accounts.signing_in.log import What, log


class WithinPage:
    """Also answers a page that signs in again in its place: who is signed in now, or why nobody is."""

    def answered(self, response: HttpResponse, form: Form | None = None) -> HttpResponse:
        if self.request.headers.get("X-Requested-With") != "XMLHttpRequest":
            return response
        errors = [error for of_field in form.errors.values() for error in of_field] if form else []
        person = str(self.request.user.pk) if self.request.user.is_authenticated else None
        told = {"person": person, "location": getattr(response, "url", None), "errors": errors}
        return JsonResponse(told, status=400 if errors else 200)


class Factor(WithinPage, AuthenticateView):
    def form_valid(self, form: Form) -> HttpResponse:
        return self.answered(super().form_valid(form))

    def form_invalid(self, form: Form) -> HttpResponse:
        if "code" not in form.fields:
            log(What.FACTOR_REFUSED, user=self.stage.login.user, request=self.request, detail="passkey")
        return self.answered(super().form_invalid(form), form)


class Passkey(WithinPage, LoginWebAuthnView):
    """In place of name and password: the key knows whose it is, and asks for finger, face or PIN."""

    def form_valid(self, form: Form) -> HttpResponse:
        authenticator = form.cleaned_data["credential"]
        login = Login(user=authenticator.user, redirect_url=get_next_redirect_url(self.request))
        return self.answered(perform_passwordless_login(self.request, authenticator, login))

    def form_invalid(self, form: Form) -> HttpResponse:
        log(What.FACTOR_REFUSED, user=None, request=self.request, detail="passkey")
        messages.error(self.request, NO_PASSKEY)
        return self.answered(redirect("account_login"), form)


@require_GET
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """The first page of who must have one and has none."""
    if has_one(request.user):
        return redirect("accounts:own")
    return render(request, "accounts/second_factor.html")


to_own = RedirectView.as_view(pattern_name="accounts:own")
urls = [path("sign-in/second-factor/", second_factor, name="second-factor")]
# Under the names by which allauth finds them.
named_by_allauth = [
    path("", to_own, name="mfa_index"),
    path("authenticate/", Factor.as_view(), name="mfa_authenticate"),
    path("app/", activate_totp, name="mfa_activate_totp"),
    path("app/remove/", deactivate_totp, name="mfa_deactivate_totp"),
    path("recovery-codes/", view_recovery_codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/renew/", generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("passkeys/", to_own, name="mfa_list_webauthn"),
    path("passkeys/sign-in/", Passkey.as_view(), name="mfa_login_webauthn"),
    path("passkeys/add/", add_webauthn, name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/remove/", remove_webauthn, name="mfa_remove_webauthn"),
]
