"""The hospital's own sign-in. What is asked and answered there is allauth's."""

from allauth.socialaccount.providers.openid_connect.urls import urlpatterns as openid_connect
from allauth.socialaccount.views import login_cancelled
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.permissions import clinics_of


@require_GET
@login_required
def waiting(request: HttpRequest) -> HttpResponse:
    """Who works in no clinic yet sees this, and nothing else."""
    if clinics_of(request.user):
        return redirect("patients:worklist")
    return render(request, "accounts/waiting.html")


urls = [path("waiting/", waiting, name="waiting")]
# Under the names by which allauth finds them.
named_by_allauth = [
    *openid_connect,
    path("oidc-cancelled/", login_cancelled, name="socialaccount_login_cancelled"),
]
