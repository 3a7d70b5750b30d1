"""The hospital's own sign-in. What is asked and answered there is allauth's."""

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.openid_connect.views import callback, login
from allauth.socialaccount.views import login_cancelled
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET
from requests import RequestException

from accounts.permissions import memberships_of


@require_GET
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the hospital's sign-in; where it does not answer, or not as one does, a page says so."""
    try:
        return login(request, provider_id)
    except (RequestException, KeyError, ValueError) as error:
        provider = get_adapter().get_provider(request, provider_id)
        return render_authentication_error(request, provider, exception=error)


@require_GET
@login_required
def waiting(request: HttpRequest) -> HttpResponse:
    """Who works in no clinic yet sees this, and nothing else."""
    if memberships_of(request.user):
        return redirect("patients:worklist")
    return render(request, "accounts/waiting.html")


urls = [path("waiting/", waiting, name="waiting")]
# Under the names by which allauth finds them.
named_by_allauth = [
    path("oidc/<slug:provider_id>/login/", begin, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", callback, name="openid_connect_callback"),
    path("oidc-cancelled/", login_cancelled, name="socialaccount_login_cancelled"),
]
