"""The close of a meeting, its record, one discussion as it was frozen, and addenda."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import log_access, log_accesses
from accounts.permissions import Can, may
from meetings.access import item_of, meeting_for, require_closer
from meetings.actions.closing import (
    TEXT_LENGTH,
    add_addendum,
    close_meeting,
    is_discussed,
    is_doubtful,
    likely_end,
)
from meetings.attendance import attendance_of
from meetings.beside import in_lines
from meetings.forms import HeldForm
from meetings.models import AgendaItem, Discussion, Meeting
from meetings.views.attendance import attendance_fields, store_attendance
from meetings.words import in_words, judged_since
from patients.actions.errors import Refused
from patients.review.signed_report import frozen_context

RECORD, DISCUSSION = "meeting-record", "meeting-discussion"


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, meeting) -> HttpResponse:
    """Asks who was there and when it began and ended, says what will be frozen; then closes."""
    found = meeting_for(request.user, meeting)
    require_closer(request.user, found)
    if found.state != Meeting.State.IN_PROGRESS:
        return redirect("meetings:detail", found.uuid)
    now = timezone.now()
    times = {"held_from": found.started_at, "held_until": likely_end(found, now)}
    form = HeldForm(request.POST or None, clinic=found.clinic, initial=times)
    error = _close(request, found, form, now) if request.method == "POST" else ""
    if request.method == "POST" and not error:
        messages.success(request, "The meeting is closed.")
        return redirect("meetings:detail", found.uuid)
    context = _closing(found) | attendance_fields(request, found) | {"form": form, "error": error}
    on_it = [item.patient for item in (*context["discussed"], *context["left"])]
    log_accesses(user=request.user, patients=on_it, page="meeting-close")
    return render(request, "meetings/close.html", context, status=422 if error else 200)


def _close(request: HttpRequest, meeting: Meeting, form: HeldForm, now: datetime) -> str:
    """What stands in the way, "" where it is closed. Attendance stays stored where the close is refused."""
    if not form.is_valid():
        return form.sentence
    if "version" in request.POST and (error := store_attendance(request, meeting)):
        return error
    try:
        close_meeting(meeting=meeting, by=request.user, held=form.held(), now=now)
    except Refused as refused:
        return refused.sentence
    return ""


def _closing(meeting: Meeting) -> dict:
    items = list(meeting.items.filter(state=AgendaItem.State.TAKEN).select_related("patient"))
    discussed = [item for item in items if is_discussed(item)]
    return {
        "meeting": meeting,
        "discussed": discussed,
        "left": [item for item in items if item not in discussed],
        "doubtful": [item for item in discussed if is_doubtful(item)],
    }


def record(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """A closed meeting: who was there, what was decided on whom, what was added later."""
    items = list(meeting.items.select_related("patient", "discussion").defer("discussion__basis"))
    addenda = list(meeting.addenda.select_related("by"))
    shown = [Frozen(item, addenda) for item in items if hasattr(item, "discussion")]
    log_accesses(user=request.user, patients=[one.item.patient for one in shown], page=RECORD)
    context = {
        "meeting": meeting,
        "shown": shown,
        "left": [
            item for item in items if not hasattr(item, "discussion") and item.state == AgendaItem.State.TAKEN
        ],
        "attendance": attendance_of(meeting),
        "addenda": [one for one in addenda if one.item_id is None],
        "may_add": may(request.user, Can.DECIDE, meeting.clinic),
        "text_length": TEXT_LENGTH,
        "following": Meeting.objects.current().filter(previous=meeting).first(),
        "decides": may(request.user, Can.DECIDE, meeting.clinic),
    }
    return render(request, "meetings/record.html", context)


@dataclass(frozen=True)
class Frozen:
    """One discussion in the record, with what was added to it."""

    item: AgendaItem
    all_addenda: list

    @property
    def discussion(self) -> Discussion:
        return self.item.discussion

    @property
    def addenda(self) -> list:
        return [one for one in self.all_addenda if one.item_id == self.item.pk]

    @property
    def judged(self) -> list[str]:
        return judged_since(self.discussion.content, self.item.meeting.started_at)

    @property
    def beside(self) -> dict[str, str]:
        return in_lines(self.discussion.beside)

    @property
    def actions(self) -> list[dict]:
        return [in_words(action) for action in self.discussion.actions]


@login_required
@require_safe
def discussion(request: HttpRequest, meeting, item) -> HttpResponse:
    """The report as it stood, read from what was frozen: nothing is computed anew."""
    found = meeting_for(request.user, meeting)
    one = item_of(found, item)
    held = Discussion.objects.filter(item=one).select_related("by", "patient__clinic").first()
    if held is None:
        raise Http404
    log_access(user=request.user, patient=one.patient, page=DISCUSSION)
    context = {
        **frozen_context(held, held.patient),
        "meeting": found,
        "item": one,
        "discussion": held,
        "patient": held.patient,
        "agreed": [in_words(action) for action in held.actions],
        "addenda": one.addenda.select_related("by"),
        "may_add": may(request.user, Can.DECIDE, found.clinic),
        "text_length": TEXT_LENGTH,
        "shown_at": held.as_of.astimezone(found.clinic.zone),
    }
    return render(request, "meetings/discussion.html", context)


@login_required
@require_POST
def addendum_add(request: HttpRequest, meeting) -> HttpResponse:
    """To the meeting, or to one discussion of it (`item`)."""
    found = meeting_for(request.user, meeting, Can.DECIDE)
    item = item_of(found, request.POST["item"]) if request.POST.get("item") else None
    try:
        add_addendum(meeting=found, item=item, by=request.user, text=request.POST.get("text", ""))
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, "The addendum is stored, with your name and the time.")
    if item is not None and request.POST.get("from") == "discussion":
        return redirect("meetings:discussion", found.uuid, item.uuid)
    return redirect("meetings:detail", found.uuid)


urls = [
    path("<uuid:meeting>/close/", close, name="close"),
    path("<uuid:meeting>/items/<uuid:item>/frozen/", discussion, name="discussion"),
    path("<uuid:meeting>/addenda/add/", addendum_add, name="addendum-add"),
]
