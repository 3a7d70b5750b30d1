"""Who came: entered on a page of its own while the meeting is open, and beside its close."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.permissions import Can
from meetings.access import meeting_for
from meetings.actions.attendance import (
    GUESTS_LENGTH,
    SPECIALITY_LENGTH,
    AttendanceSaid,
    record_attendance,
)
from meetings.attendance import SPECIALITIES, attendance_of, rows_of
from meetings.models import Attendance, Meeting
from patients.actions.errors import Refused, Stale

MEANWHILE = (
    "{by} changed this meeting after you opened it. Nothing was overwritten: what you typed is still here. "
    "Stored now is: {stored}. Compare, then store yours again."
)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def attendance(request: HttpRequest, meeting) -> HttpResponse:
    found = meeting_for(request.user, meeting, Can.DECIDE)
    if not found.is_open:
        return redirect("meetings:detail", found.uuid)
    error = ""
    if request.method == "POST":
        error = store_attendance(request, found)
        if not error:
            messages.success(request, "The attendance is stored.")
            return redirect("meetings:detail", found.uuid)
    context = {"meeting": found, "error": error, **attendance_fields(request, found)}
    return render(request, "meetings/attendance.html", context, status=422 if error else 200)


def store_attendance(request: HttpRequest, meeting: Meeting) -> str:
    """Stores what was posted; a sentence where that was refused, "" else."""
    version = request.POST.get("version", "")
    try:
        record_attendance(
            meeting=meeting,
            by=request.user,
            version=int(version) if version.isdecimal() and len(version) < 10 else 0,
            said=_said(request, meeting),
            guests=request.POST.get("guests", ""),
        )
    except Refused as refused:
        return refused.sentence
    except Stale:
        return _meanwhile(meeting)
    return ""


def _said(request: HttpRequest, meeting: Meeting) -> dict[int, AttendanceSaid]:
    """What the form says; `rest` answers for everybody who is not marked."""
    rest = Attendance.Attended.PRESENT if "rest" in request.POST else ""
    return {
        one.user_id: AttendanceSaid(
            request.POST.get(f"attended-{one.user_id}") or rest,
            request.POST.get(f"speciality-{one.user_id}", ""),
        )
        for one in rows_of(meeting)
        if f"speciality-{one.user_id}" in request.POST
    }


def _meanwhile(meeting: Meeting) -> str:
    last = meeting.history.order_by("-pgh_id").select_related("pgh_context").first()
    by = last.pgh_context.metadata.get("user") if last and last.pgh_context else None
    named = next((str(one.user) for one in rows_of(meeting) if one.user_id == by), "Somebody else")
    stored = "; ".join(
        f"{one.user} {one.get_attended_display().lower() or 'not said'}" for one in rows_of(meeting)
    )
    return MEANWHILE.format(by=named, stored=stored)


def attendance_fields(request: HttpRequest, meeting: Meeting) -> dict:
    """The rows of the form as they stand, or as they were typed."""
    rows = rows_of(meeting)
    for one in rows:
        one.attended = request.POST.get(f"attended-{one.user_id}", one.attended)
        one.speciality = request.POST.get(f"speciality-{one.user_id}", one.speciality)
    meeting.refresh_from_db(fields=["version", "guests"])
    return {
        "rows": rows,
        "rest": "rest" in request.POST,
        "choices": Attendance.Attended.choices,
        "guests": request.POST.get("guests", meeting.guests),
        "guests_length": GUESTS_LENGTH,
        "speciality_length": SPECIALITY_LENGTH,
        "specialities": SPECIALITIES,
        "attendance": attendance_of(meeting),
    }


urls = [path("<uuid:meeting>/attendance/", attendance, name="attendance")]
