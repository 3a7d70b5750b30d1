"""One's own sign-in: the password, the second factor, the open sessions."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import memberships_of
from accounts.signing_in.actions import end_other_sessions, end_session
from accounts.signing_in.factors import by_provider, factors_of, must_have
from accounts.signing_in.sessions import sessions_of


@require_GET
@login_required
def own(request: HttpRequest) -> HttpResponse:
    sessions = sessions_of(request.user, request.session.session_key)
    context = {"sessions": sessions, **factors_of(request.user), "required": must_have(request.user)}
    context["endings"] = [one for one in memberships_of(request.user) if one.ends_on]
    context["by_provider"] = by_provider(request, request.user)
    return render(request, "accounts/own.html", context)


@require_POST
@login_required
def session_end(request: HttpRequest) -> HttpResponse:
    """One of one's own sessions, or all others."""
    which = request.POST.get("session", "")
    if which == "others":
        ended = end_other_sessions(request)
        messages.success(request, f"Ended: {ended} other session{'' if ended == 1 else 's'}.")
    elif not (which.isascii() and which.isdecimal() and len(which) < 18):
        raise Http404
    elif end_session(request, pk=int(which)):
        messages.success(request, "The session has ended.")
    else:
        messages.info(request, "That session had ended already.")
    return redirect("accounts:own")


urls = [
    path("sign-in/", own, name="own"),
    path("sign-in/sessions/end/", session_end, name="session-end"),
]
