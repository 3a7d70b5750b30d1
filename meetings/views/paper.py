"""Agenda and minutes of a meeting for the printer."""

from datetime import datetime, tzinfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.actions import log_accesses
from meetings import paper
from meetings.access import meeting_for
from meetings.attendance import attendance_of
from meetings.models import Meeting

AGENDA, MINUTES = "meeting-paper-agenda", "meeting-paper-minutes"


@login_required
@never_cache
@require_safe
def agenda(request: HttpRequest, meeting) -> HttpResponse:
    """Of a closed meeting the record stands in the minutes: its agenda would show today's numbers."""
    found = meeting_for(request.user, meeting)
    if found.state == Meeting.State.CLOSED:
        return redirect("meetings:paper-minutes", found.uuid)
    now = timezone.now()
    entries = paper.agenda(found, now)
    log_accesses(user=request.user, patients=[entry.item.patient for entry in entries], page=AGENDA)
    context = _about(found) | {"entries": entries}
    return render(request, "meetings/paper_agenda.html", context)


@login_required
@never_cache
@require_safe
def minutes(request: HttpRequest, meeting) -> HttpResponse:
    found = meeting_for(request.user, meeting)
    context = paper.minutes(found)
    shown = [one.item.patient for one in context["written"]] + [item.patient for item in context["left"]]
    log_accesses(user=request.user, patients=shown, page=MINUTES)
    return render(request, "meetings/paper_minutes.html", _about(found) | context)


def _about(meeting: Meeting) -> dict:
    zone = meeting.clinic.zone
    return {
        "meeting": meeting,
        "starts_at": meeting.starts_at.astimezone(zone),
        "closed_at": _local(meeting.closed_at, zone),
        "printed_at": timezone.now().astimezone(zone),
        "attendance": attendance_of(meeting),
        "held_from": _local(meeting.held_from or meeting.started_at, zone),
        "held_until": _local(meeting.held_until or meeting.closed_at, zone),
    }


def _local(at: datetime | None, zone: tzinfo) -> datetime | None:
    return at.astimezone(zone) if at else None


urls = [
    path("<uuid:meeting>/paper/agenda/", agenda, name="paper-agenda"),
    path("<uuid:meeting>/paper/minutes/", minutes, name="paper-minutes"),
]
