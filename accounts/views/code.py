"""One-time codes: an administrator prints one, and the person uses it at the sign-in."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.errors import StaffChangeRefused
from accounts.forms import CodeForm, IssueForm
from accounts.models import OneTimeCode
from accounts.signing_in.codes import issue_code

from .staff import member_for

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@login_required
@never_cache
def staff_code(request: HttpRequest, clinic: str, username: str) -> HttpResponse:
    """Shown once, on a sheet to print: the answer itself is the only place where the code stands."""
    member = member_for(request.user, clinic, username)
    form = IssueForm(request.POST or None)
    if form.is_valid():
        try:
            resets = form.cleaned_data["resets"]
            issued, code = issue_code(membership=member, resets=resets, by=request.user, request=request)
        except StaffChangeRefused as refused:
            form.add_error(None, str(refused))
        else:
            shown = {"member": member, "issued": issued, "code": code}
            return render(request, "accounts/code_sheet.html", shown)
    context = {"member": member, "form": form}
    return render(request, "accounts/staff_code.html", context, status=422 if form.errors else 200)


@form_page
@sensitive_post_parameters("code")
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """For whoever was given one; nobody is signed in yet."""
    if request.user.is_authenticated:
        return redirect("accounts:own")
    if not settings.LOCAL_PASSWORDS:
        return redirect("account_login")
    form = CodeForm(request.POST or None, request=request)
    if form.is_valid():
        return _go_on(request, form.used)
    return render(request, "accounts/code.html", {"form": form}, status=422 if form.errors else 200)


def _go_on(request: HttpRequest, used: OneTimeCode) -> HttpResponse:
    """To a new password, past the second factor where that was not reset; else to the sign-in."""
    if not used.resets_password:
        messages.success(request, "Your second factor is reset. Sign in with your password.")
        return redirect("account_login")
    record_authentication(request, used.user, method="code")
    return perform_login(request, Login(user=used.user))


urls = [
    path("code/", code, name="code"),
    path("<slug:clinic>/<str:username>/code/", staff_code, name="staff-code"),
]
