"""The step of signing in for who comes with a temporary password."""

from allauth.account.stages import LoginStageController
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions import choose_password
from accounts.forms import NewPasswordForm
from accounts.signing_in.log import What, log
from accounts.signing_in.stages import NewPasswordStage


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password1", "password2")
@never_cache
def new_password(request: HttpRequest) -> HttpResponse:
    stage = LoginStageController.enter(request, NewPasswordStage.key)
    if request.user.is_authenticated or stage is None:
        return redirect("account_login")
    user = stage.login.user
    form = NewPasswordForm(request.POST or None, user=user)
    if form.is_valid():
        choose_password(user=user, password=form.cleaned_data["password1"])
        log(What.PASSWORD_CHOSEN, user=user, request=request)
        messages.success(request, "Your new password is in use.")
        return stage.exit()
    context = {"form": form, "person": user}
    return render(request, "accounts/new_password.html", context, status=422 if form.errors else 200)


urls = [path("new-password/", new_password, name="new-password")]
