"""The close of a meeting, its record, one discussion as it was frozen, and addenda."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import log_access, log_accesses
from accounts.permissions import Can, may
from meetings.access import item_of, meeting_for, require_closer
from meetings.actions.closing import TEXT_LENGTH, add_addendum, close_meeting, is_discussed
from meetings.models import AgendaItem, Discussion, Meeting
from meetings.words import in_words, judged_since
from patients.actions.errors import Refused
from patients.review.signed_report import frozen_context

RECORD, DISCUSSION = "meeting-record", "meeting-discussion"


@login_required
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, meeting) -> HttpResponse:
    """Says what will be frozen and whom nobody got to; then closes."""
    found = meeting_for(request.user, meeting)
    require_closer(request.user, found)
    if found.state != Meeting.State.IN_PROGRESS:
        return redirect("meetings:detail", found.uuid)
    error = ""
    if request.method == "POST":
        try:
            close_meeting(meeting=found, by=request.user)
        except Refused as refused:
            error = refused.sentence
        else:
            messages.success(request, "The meeting is closed.")
            return redirect("meetings:detail", found.uuid)
    items = list(found.items.filter(state=AgendaItem.State.TAKEN).select_related("patient"))
    discussed = [item for item in items if is_discussed(item)]
    context = {
        "meeting": found,
        "discussed": discussed,
        "left": [item for item in items if item not in discussed],
        "error": error,
    }
    return render(request, "meetings/close.html", context, status=422 if error else 200)


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
        "attendees": meeting.attendees.order_by("last_name", "username"),
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
