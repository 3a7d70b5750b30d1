"""Signing in as seen from the office: the log, and the sessions of a member of staff."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.looks import people_of
from accounts.permissions import Can, require_any
from accounts.signing_in.actions import end_sessions_of
from accounts.signing_in.log import lines_of
from accounts.signing_in.sessions import sessions_of

from .staff import member_for


@require_GET
@login_required
def sign_ins(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.READ_AUDIT)
    person = request.GET.get("person", "")
    lines, more = lines_of(clinics, person=person, before=_before(request))
    older = reverse("accounts:sign-ins") + "?" + urlencode({"person": person, "before": more or ""})
    context = {"lines": lines, "people": people_of(clinics), "person": person, "older": more and older}
    context["zone"] = clinics[0].time_zone
    return render(request, "accounts/sign_ins.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def staff_sessions(request: HttpRequest, clinic: str, username: str) -> HttpResponse:
    member = member_for(request.user, clinic, username)
    if request.method == "POST":
        ended = end_sessions_of(user=member.user, by=request.user, request=request)
        messages.success(request, f"{member.user}: {ended} session{'' if ended == 1 else 's'} ended.")
        return redirect("accounts:staff-edit", clinic, username)
    context = {"member": member, "sessions": sessions_of(member.user, request.session.session_key)}
    return render(request, "accounts/staff_sessions.html", context)


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    if text and not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise Http404
    return int(text) if text else None


urls = [
    path("sign-ins/", sign_ins, name="sign-ins"),
    path("<slug:clinic>/<str:username>/sessions/", staff_sessions, name="staff-sessions"),
]
